"""DenseNet: each layer sees all before it. G. Huang and others, 'Densely connected convolutional networks', 2016."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export
from .network import Network

_GROWTH = 32


def _densenet(name: str, depths: tuple[int, ...], *arguments: Any) -> Any:
    layers = tf.keras.layers
    net = Network(name, 224, 32, *arguments)

    def active(x: Any, name: str, end: str = "_") -> Any:
        x = layers.BatchNormalization(axis=net.axis, epsilon=1.001e-5, name=f"{name}{end}bn")(x)
        return layers.Activation("relu", name=f"{name}{end}relu")(x)

    x = layers.Conv2D(64, 7, strides=2, use_bias=False, name="conv1/conv")(layers.ZeroPadding2D(((3, 3), (3, 3)))(net.input))
    x = layers.ZeroPadding2D(((1, 1), (1, 1)))(active(x, "conv1", "/"))
    x = layers.MaxPooling2D(3, strides=2, name="pool1")(x)
    for stage, depth in enumerate(depths, 2):
        for number in range(1, depth + 1):
            block = f"conv{stage}_block{number}"
            new = layers.Conv2D(4 * _GROWTH, 1, use_bias=False, name=f"{block}_1_conv")(active(x, f"{block}_0"))
            new = layers.Conv2D(_GROWTH, 3, padding="same", use_bias=False, name=f"{block}_2_conv")(active(new, f"{block}_1"))
            x = layers.Concatenate(axis=net.axis, name=f"{block}_concat")([x, new])
        if stage < 5:
            x = layers.Conv2D(x.static[net.axis] // 2, 1, use_bias=False, name=f"pool{stage}_conv")(active(x, f"pool{stage}"))
            x = layers.AveragePooling2D(2, strides=2, name=f"pool{stage}_pool")(x)
    return net.model(net.classified(active(x, "", ""), "fc1000"))


@export("keras.applications.DenseNet121", "keras.applications.densenet.DenseNet121")
def DenseNet121(include_top: bool = True, weights: Any = "imagenet", input_tensor: Any = None, input_shape: Any = None,
                pooling: str | None = None, classes: int = 1000) -> Any:
    """The model of 121 layers, for pictures of 224 x 224. weights: None, a path, or 'imagenet' (from ~/.keras/models)."""
    return _densenet("densenet121", (6, 12, 24, 16), include_top, weights, input_tensor, input_shape, pooling, classes)


@export("keras.applications.DenseNet169", "keras.applications.densenet.DenseNet169")
def DenseNet169(include_top: bool = True, weights: Any = "imagenet", input_tensor: Any = None, input_shape: Any = None,
                pooling: str | None = None, classes: int = 1000) -> Any:
    """The model of 169 layers."""
    return _densenet("densenet169", (6, 12, 32, 32), include_top, weights, input_tensor, input_shape, pooling, classes)


@export("keras.applications.DenseNet201", "keras.applications.densenet.DenseNet201")
def DenseNet201(include_top: bool = True, weights: Any = "imagenet", input_tensor: Any = None, input_shape: Any = None,
                pooling: str | None = None, classes: int = 1000) -> Any:
    """The model of 201 layers."""
    return _densenet("densenet201", (6, 12, 48, 32), include_top, weights, input_tensor, input_shape, pooling, classes)
