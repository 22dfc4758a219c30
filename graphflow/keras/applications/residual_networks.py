"""ResNet: blocks that add to what they are given. K. He and others, 'Deep residual learning' (2015) and 'Identity mappings' (2016: V2)."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export
from .network import Network

_EPSILON = 1.001e-5


def _normalized(net: Network, x: Any, name: str, active: bool = True) -> Any:
    x = tf.keras.layers.BatchNormalization(axis=net.axis, epsilon=_EPSILON, name=f"{name}_bn")(x)
    return tf.keras.layers.Activation("relu", name=f"{name}_relu")(x) if active else x


def _block(net: Network, x: Any, width: int, stride: int, first: bool, name: str) -> Any:
    """Normalised after each convolution."""
    layers, shortcut = tf.keras.layers, x
    if first:
        shortcut = layers.Conv2D(4 * width, 1, strides=stride, name=f"{name}_0_conv")(x)
        shortcut = _normalized(net, shortcut, f"{name}_0", active=False)
    x = _normalized(net, layers.Conv2D(width, 1, strides=stride, name=f"{name}_1_conv")(x), f"{name}_1")
    x = _normalized(net, layers.Conv2D(width, 3, padding="same", name=f"{name}_2_conv")(x), f"{name}_2")
    x = _normalized(net, layers.Conv2D(4 * width, 1, name=f"{name}_3_conv")(x), f"{name}_3", active=False)
    return layers.Activation("relu", name=f"{name}_out")(layers.Add(name=f"{name}_add")([shortcut, x]))


def _block_v2(net: Network, x: Any, width: int, stride: int, first: bool, name: str) -> Any:
    """Normalised before each convolution."""
    layers = tf.keras.layers
    ready = _normalized(net, x, f"{name}_preact")
    if first:
        shortcut = layers.Conv2D(4 * width, 1, strides=stride, name=f"{name}_0_conv")(ready)
    else:
        shortcut = layers.MaxPooling2D(1, strides=stride)(x) if stride > 1 else x
    x = _normalized(net, layers.Conv2D(width, 1, strides=1, use_bias=False, name=f"{name}_1_conv")(ready), f"{name}_1")
    x = layers.ZeroPadding2D(((1, 1), (1, 1)), name=f"{name}_2_pad")(x)
    x = _normalized(net, layers.Conv2D(width, 3, strides=stride, use_bias=False, name=f"{name}_2_conv")(x), f"{name}_2")
    return layers.Add(name=f"{name}_out")([shortcut, layers.Conv2D(4 * width, 1, name=f"{name}_3_conv")(x)])


def _resnet(name: str, depths: tuple[int, ...], v2: bool, *arguments: Any) -> Any:
    layers = tf.keras.layers
    net = Network(name, 224, 32, *arguments)
    x = layers.ZeroPadding2D(((3, 3), (3, 3)), name="conv1_pad")(net.input)
    x = layers.Conv2D(64, 7, strides=2, name="conv1_conv")(x)
    if not v2:
        x = _normalized(net, x, "conv1")
    x = layers.MaxPooling2D(3, strides=2, name="pool1_pool")(layers.ZeroPadding2D(((1, 1), (1, 1)), name="pool1_pad")(x))
    for stage, depth in enumerate(depths):
        halves = stage < 3 if v2 else stage > 0      # V2 halves the picture at the end of a stage
        at = depth - 1 if v2 else 0
        for number in range(depth):
            block = _block_v2 if v2 else _block
            x = block(net, x, 64 << stage, 2 if halves and number == at else 1, number == 0, f"conv{stage + 2}_block{number + 1}")
    if v2:
        x = _normalized(net, x, "post")
    return net.model(net.classified(x, "probs"))


@export("keras.applications.ResNet50", "keras.applications.resnet50.ResNet50", "keras.applications.resnet.ResNet50")
def ResNet50(include_top: bool = True, weights: Any = "imagenet", input_tensor: Any = None, input_shape: Any = None,
             pooling: str | None = None, classes: int = 1000) -> Any:
    """The model of 50 layers, for pictures of 224 x 224. weights: None, a path, or 'imagenet' (from ~/.keras/models)."""
    return _resnet("resnet50", (3, 4, 6, 3), False, include_top, weights, input_tensor, input_shape, pooling, classes)


@export("keras.applications.ResNet101", "keras.applications.resnet.ResNet101")
def ResNet101(include_top: bool = True, weights: Any = "imagenet", input_tensor: Any = None, input_shape: Any = None,
              pooling: str | None = None, classes: int = 1000) -> Any:
    """The model of 101 layers."""
    return _resnet("resnet101", (3, 4, 23, 3), False, include_top, weights, input_tensor, input_shape, pooling, classes)


@export("keras.applications.ResNet152", "keras.applications.resnet.ResNet152")
def ResNet152(include_top: bool = True, weights: Any = "imagenet", input_tensor: Any = None, input_shape: Any = None,
              pooling: str | None = None, classes: int = 1000) -> Any:
    """The model of 152 layers."""
    return _resnet("resnet152", (3, 8, 36, 3), False, include_top, weights, input_tensor, input_shape, pooling, classes)


@export("keras.applications.ResNet50V2", "keras.applications.resnet_v2.ResNet50V2")
def ResNet50V2(include_top: bool = True, weights: Any = "imagenet", input_tensor: Any = None, input_shape: Any = None,
               pooling: str | None = None, classes: int = 1000) -> Any:
    """The model of 50 layers that normalises first."""
    return _resnet("resnet50v2", (3, 4, 6, 3), True, include_top, weights, input_tensor, input_shape, pooling, classes)


@export("keras.applications.ResNet101V2", "keras.applications.resnet_v2.ResNet101V2")
def ResNet101V2(include_top: bool = True, weights: Any = "imagenet", input_tensor: Any = None, input_shape: Any = None,
                pooling: str | None = None, classes: int = 1000) -> Any:
    """The model of 101 layers that normalises first."""
    return _resnet("resnet101v2", (3, 4, 23, 3), True, include_top, weights, input_tensor, input_shape, pooling, classes)


@export("keras.applications.ResNet152V2", "keras.applications.resnet_v2.ResNet152V2")
def ResNet152V2(include_top: bool = True, weights: Any = "imagenet", input_tensor: Any = None, input_shape: Any = None,
                pooling: str | None = None, classes: int = 1000) -> Any:
    """The model of 152 layers that normalises first."""
    return _resnet("resnet152v2", (3, 8, 36, 3), True, include_top, weights, input_tensor, input_shape, pooling, classes)
