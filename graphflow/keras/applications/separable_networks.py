"""Xception: Inception carried to separable convolutions. F. Chollet, 'Xception', 2016."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export
from .network import Network


@export("keras.applications.Xception", "keras.applications.xception.Xception")
def Xception(include_top: bool = True, weights: Any = "imagenet", input_tensor: Any = None, input_shape: Any = None,
             pooling: str | None = None, classes: int = 1000) -> Any:
    """For pictures of 299 x 299. weights: None, a path, or 'imagenet' (from ~/.keras/models)."""
    layers = tf.keras.layers
    net = Network("xception", 299, 71, include_top, weights, input_tensor, input_shape, pooling, classes)

    def normalized(x: Any, name: str | None) -> Any:
        return layers.BatchNormalization(axis=net.axis, name=name and f"{name}_bn")(x)

    def separable(x: Any, filters: int, name: str) -> Any:
        return normalized(layers.SeparableConv2D(filters, 3, padding="same", use_bias=False, name=name)(x), name)

    def active(x: Any, name: str) -> Any:
        return layers.Activation("relu", name=f"{name}_act")(x)

    def shrunk(x: Any, block: int, widths: tuple[int, int], first: bool) -> Any:
        """A block that halves the picture."""
        residual = normalized(layers.Conv2D(widths[1], 1, strides=2, padding="same", use_bias=False)(x), None)
        for number, width in enumerate(widths, 1):
            name = f"block{block}_sepconv{number}"
            x = separable(active(x, name) if number > 1 or not first else x, width, name)
        return layers.add([layers.MaxPooling2D(3, strides=2, padding="same", name=f"block{block}_pool")(x), residual])

    x = net.input
    for number, (filters, stride) in enumerate(((32, 2), (64, 1)), 1):
        name = f"block1_conv{number}"
        x = active(normalized(layers.Conv2D(filters, 3, strides=stride, use_bias=False, name=name)(x), name), name)
    for block, width in ((2, 128), (3, 256), (4, 728)):
        x = shrunk(x, block, (width, width), block == 2)
    for block in range(5, 13):
        residual = x
        for number in (1, 2, 3):
            name = f"block{block}_sepconv{number}"
            x = separable(active(x, name), 728, name)
        x = layers.add([x, residual])
    x = shrunk(x, 13, (728, 1024), False)
    for number, width in ((1, 1536), (2, 2048)):
        name = f"block14_sepconv{number}"
        x = active(separable(x, width, name), name)
    return net.model(net.classified(x, "predictions"))
