"""Inception-ResNet: C. Szegedy and others, 'Inception-v4, Inception-ResNet and the impact of residual connections', 2016."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export
from .network import Network

_KINDS: dict[str, Any] = {      # of blocks: scale, branches of (filters, size)
    "block35": (0.17, [[(32, 1)], [(32, 1), (32, 3)], [(32, 1), (48, 3), (64, 3)]]),
    "block17": (0.1, [[(192, 1)], [(128, 1), (160, (1, 7)), (192, (7, 1))]]),
    "block8": (0.2, [[(192, 1)], [(192, 1), (224, (1, 3)), (256, (3, 1))]]),
}


def _chain(net: Network, x: Any, *steps: Any, name: str | None = None) -> Any:
    """Convolutions after each other, each normalised and rectified. A step: (filters, size), then strides and padding or none."""
    layers = tf.keras.layers
    for filters, size, *more in steps:
        stride, padding = more or (1, "same")
        x = layers.Conv2D(filters, size, strides=stride, padding=padding, use_bias=False, name=name)(x)
        x = layers.BatchNormalization(axis=net.axis, scale=False, name=name and f"{name}_bn")(x)
        x = layers.Activation("relu", name=name and f"{name}_ac")(x)
    return x


def _residual(net: Network, x: Any, kind: str, number: int, scale: float | None = None, active: bool = True) -> Any:
    layers, name = tf.keras.layers, f"{kind}_{number}"
    usual, branches = _KINDS[kind]
    mixed = layers.Concatenate(axis=net.axis, name=f"{name}_mixed")([_chain(net, x, *steps) for steps in branches])
    up = layers.Conv2D(x.static[net.axis], 1, padding="same", name=f"{name}_conv")(mixed)
    x = layers.Lambda(lambda inputs, scale: inputs[0] + inputs[1] * scale, output_shape=tuple(x.static[1:]),
                      arguments={"scale": usual if scale is None else scale}, name=name)([x, up])
    return layers.Activation("relu", name=f"{name}_ac")(x) if active else x


@export("keras.applications.InceptionResNetV2", "keras.applications.inception_resnet_v2.InceptionResNetV2")
def InceptionResNetV2(include_top: bool = True, weights: Any = "imagenet", input_tensor: Any = None, input_shape: Any = None,
                      pooling: str | None = None, classes: int = 1000) -> Any:
    """The second Inception-ResNet, for pictures of 299 x 299. weights: None, a path, or 'imagenet' (from ~/.keras/models)."""
    layers, valid = tf.keras.layers, (2, "valid")
    net = Network("inception_resnet_v2", 299, 75, include_top, weights, input_tensor, input_shape, pooling, classes)

    def joined(parts: list[Any], name: str) -> Any:
        return layers.Concatenate(axis=net.axis, name=name)(parts)

    x = _chain(net, net.input, (32, 3, *valid), (32, 3, 1, "valid"), (64, 3))
    x = layers.MaxPooling2D(3, strides=2)(x)
    x = _chain(net, x, (80, 1, 1, "valid"), (192, 3, 1, "valid"))
    x = layers.MaxPooling2D(3, strides=2)(x)
    branches = [_chain(net, x, (96, 1)), _chain(net, x, (48, 1), (64, 5)), _chain(net, x, (64, 1), (96, 3), (96, 3))]
    branches.append(_chain(net, layers.AveragePooling2D(3, strides=1, padding="same")(x), (64, 1)))
    x = joined(branches, "mixed_5b")
    for number in range(1, 11):
        x = _residual(net, x, "block35", number)
    x = joined([_chain(net, x, (384, 3, *valid)), _chain(net, x, (256, 1), (256, 3), (384, 3, *valid)),
                layers.MaxPooling2D(3, strides=2, padding="valid")(x)], "mixed_6a")
    for number in range(1, 21):
        x = _residual(net, x, "block17", number)
    x = joined([_chain(net, x, (256, 1), (384, 3, *valid)), _chain(net, x, (256, 1), (288, 3, *valid)),
                _chain(net, x, (256, 1), (288, 3), (320, 3, *valid)), layers.MaxPooling2D(3, strides=2, padding="valid")(x)], "mixed_7a")
    for number in range(1, 10):
        x = _residual(net, x, "block8", number)
    x = _residual(net, x, "block8", 10, scale=1.0, active=False)
    x = _chain(net, x, (1536, 1), name="conv_7b")
    return net.model(net.classified(x, "predictions"))
