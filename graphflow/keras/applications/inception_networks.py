"""Inception: blocks of branches of several sizes. C. Szegedy and others, 'Rethinking the Inception architecture' (2015: V3)."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export
from .network import Network


def _chain(net: Network, x: Any, *steps: Any) -> Any:
    """Convolutions after each other, each normalised and rectified. A step: (filters, rows, columns), then strides and padding or none."""
    layers = tf.keras.layers
    for filters, rows, columns, *more in steps:
        stride, padding = more or (1, "same")
        x = layers.Conv2D(filters, (rows, columns), strides=stride, padding=padding, use_bias=False)(x)
        x = layers.Activation("relu")(layers.BatchNormalization(axis=net.axis, scale=False)(x))
    return x


def _averaged(net: Network, x: Any, filters: int) -> Any:
    return _chain(net, tf.keras.layers.AveragePooling2D(3, strides=1, padding="same")(x), (filters, 1, 1))


@export("keras.applications.InceptionV3", "keras.applications.inception_v3.InceptionV3")
def InceptionV3(include_top: bool = True, weights: Any = "imagenet", input_tensor: Any = None, input_shape: Any = None,
                pooling: str | None = None, classes: int = 1000) -> Any:
    """The third Inception, for pictures of 299 x 299. weights: None, a path, or 'imagenet' (from ~/.keras/models)."""
    layers = tf.keras.layers
    net = Network("inception_v3", 299, 75, include_top, weights, input_tensor, input_shape, pooling, classes)

    def joined(parts: list[Any], name: str | None = None) -> Any:
        return layers.Concatenate(axis=net.axis, name=name)(parts) if name else layers.Concatenate(axis=net.axis)(parts)

    x = _chain(net, net.input, (32, 3, 3, 2, "valid"), (32, 3, 3, 1, "valid"), (64, 3, 3))
    x = layers.MaxPooling2D(3, strides=2)(x)
    x = _chain(net, x, (80, 1, 1, 1, "valid"), (192, 3, 3, 1, "valid"))
    x = layers.MaxPooling2D(3, strides=2)(x)
    for block, filters in enumerate((32, 64, 64)):
        x = joined([_chain(net, x, (64, 1, 1)), _chain(net, x, (48, 1, 1), (64, 5, 5)),
                    _chain(net, x, (64, 1, 1), (96, 3, 3), (96, 3, 3)), _averaged(net, x, filters)], f"mixed{block}")
    x = joined([_chain(net, x, (384, 3, 3, 2, "valid")), _chain(net, x, (64, 1, 1), (96, 3, 3), (96, 3, 3, 2, "valid")),
                layers.MaxPooling2D(3, strides=2)(x)], "mixed3")
    for block, n in enumerate((128, 160, 160, 192), 4):
        x = joined([_chain(net, x, (192, 1, 1)), _chain(net, x, (n, 1, 1), (n, 1, 7), (192, 7, 1)),
                    _chain(net, x, (n, 1, 1), (n, 7, 1), (n, 1, 7), (n, 7, 1), (192, 1, 7)), _averaged(net, x, 192)], f"mixed{block}")
    x = joined([_chain(net, x, (192, 1, 1), (320, 3, 3, 2, "valid")),
                _chain(net, x, (192, 1, 1), (192, 1, 7), (192, 7, 1), (192, 3, 3, 2, "valid")), layers.MaxPooling2D(3, strides=2)(x)],
               "mixed8")
    for block in (9, 10):
        one, three = _chain(net, x, (320, 1, 1)), _chain(net, x, (384, 1, 1))
        three = joined([_chain(net, three, (384, 1, 3)), _chain(net, three, (384, 3, 1))], f"mixed9_{block - 9}")
        twice = _chain(net, x, (448, 1, 1), (384, 3, 3))
        twice = joined([_chain(net, twice, (384, 1, 3)), _chain(net, twice, (384, 3, 1))])
        x = joined([one, three, twice, _averaged(net, x, 192)], f"mixed{block}")
    return net.model(net.classified(x, "predictions"))
