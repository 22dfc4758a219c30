"""VGG: blocks of 3 x 3 convolutions. K. Simonyan and A. Zisserman, 'Very deep convolutional networks', 2014."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export
from .network import Network

_WIDTHS = (64, 128, 256, 512, 512)


def _vgg(name: str, depths: tuple[int, ...], include_top: bool, *arguments: Any) -> Any:
    layers = tf.keras.layers
    net = Network(name, 224, 32, include_top, *arguments)
    x = net.input
    for block, (width, depth) in enumerate(zip(_WIDTHS, depths), 1):
        for number in range(1, depth + 1):
            x = layers.Conv2D(width, 3, activation="relu", padding="same", name=f"block{block}_conv{number}")(x)
        x = layers.MaxPooling2D(2, 2, name=f"block{block}_pool")(x)
    if not include_top:
        return net.model(net.pooled(x))
    x = layers.Flatten(name="flatten")(x)
    for number in (1, 2):
        x = layers.Dense(4096, activation="relu", name=f"fc{number}")(x)
    return net.model(layers.Dense(net.classes, activation="softmax", name="predictions")(x))


@export("keras.applications.VGG16", "keras.applications.vgg16.VGG16")
def VGG16(include_top: bool = True, weights: Any = "imagenet", input_tensor: Any = None, input_shape: Any = None,
          pooling: str | None = None, classes: int = 1000) -> Any:
    """The model of 16 layers with weights, for pictures of 224 x 224. weights: None, a path, or 'imagenet' (from ~/.keras/models)."""
    return _vgg("vgg16", (2, 2, 3, 3, 3), include_top, weights, input_tensor, input_shape, pooling, classes)


@export("keras.applications.VGG19", "keras.applications.vgg19.VGG19")
def VGG19(include_top: bool = True, weights: Any = "imagenet", input_tensor: Any = None, input_shape: Any = None,
          pooling: str | None = None, classes: int = 1000) -> Any:
    """The model of 19 layers with weights, for pictures of 224 x 224."""
    return _vgg("vgg19", (2, 2, 4, 4, 4), include_top, weights, input_tensor, input_shape, pooling, classes)
