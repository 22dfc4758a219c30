"""MobileNet: depthwise convolutions. A. Howard and others, 2017; M. Sandler and others, 'Inverted residuals', 2018 (V2)."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export
from .network import Network

_BLOCKS = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1))     # filters, stride
_BLOCKS_V2 = ((16, 1, 1), (24, 2, 6), (24, 1, 6), (32, 2, 6), (32, 1, 6), (32, 1, 6), (64, 2, 6), *[(64, 1, 6)] * 3, *[(96, 1, 6)] * 3,
              (160, 2, 6), (160, 1, 6), (160, 1, 6), (320, 1, 6))       # filters, stride, expansion


def _known_rows(input_shape: Any) -> int:
    """The size of the pictures of a file of ImageNet's weights: 224, or the given one where there is such a file."""
    rows = None if input_shape is None else input_shape[0]
    return rows if rows in (128, 160, 192, 224) else 224


@export("keras.applications.MobileNet", "keras.applications.mobilenet.MobileNet")
def MobileNet(input_shape: Any = None, alpha: float = 1.0, depth_multiplier: int = 1, dropout: float = 1e-3, include_top: bool = True,
              weights: Any = "imagenet", input_tensor: Any = None, pooling: str | None = None, classes: int = 1000) -> Any:
    """The first MobileNet, for pictures of 224 x 224. alpha: a factor of all widths. weights: None, a path, or 'imagenet'."""
    layers, size = tf.keras.layers, _known_rows(input_shape)
    file = f"mobilenet_{str(alpha).replace('.', '_')}_{size}_tf{'' if include_top else '_no_top'}.h5"
    net = Network("mobilenet", size, 32, include_top, weights, input_tensor, input_shape, pooling, classes, file)

    def active(x: Any, name: str) -> Any:
        return layers.ReLU(6.0, name=f"{name}_relu")(layers.BatchNormalization(axis=net.axis, name=f"{name}_bn")(x))

    x = layers.ZeroPadding2D(((0, 1), (0, 1)), name="conv1_pad")(net.input)
    x = active(layers.Conv2D(int(32 * alpha), 3, padding="valid", use_bias=False, strides=2, name="conv1")(x), "conv1")
    for number, (filters, stride) in enumerate(_BLOCKS, 1):
        if stride == 2:
            x = layers.ZeroPadding2D(((0, 1), (0, 1)), name=f"conv_pad_{number}")(x)
        x = layers.DepthwiseConv2D(3, padding="same" if stride == 1 else "valid", depth_multiplier=depth_multiplier, strides=stride,
                                   use_bias=False, name=f"conv_dw_{number}")(x)
        x = layers.Conv2D(int(filters * alpha), 1, padding="same", use_bias=False, strides=1,
                          name=f"conv_pw_{number}")(active(x, f"conv_dw_{number}"))
        x = active(x, f"conv_pw_{number}")
    name = f"mobilenet_{alpha:0.2f}_{net.rows}"
    if not include_top:
        return net.model(net.pooled(x), name)
    width = int(1024 * alpha)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Reshape((1, 1, width) if net.axis == 3 else (width, 1, 1), name="reshape_1")(x)
    x = layers.Conv2D(classes, 1, padding="same", name="conv_preds")(layers.Dropout(dropout, name="dropout")(x))
    return net.model(layers.Activation("softmax", name="act_softmax")(layers.Reshape((classes,), name="reshape_2")(x)), name)


def _divisible(value: float, by: int = 8) -> int:
    """The nearest multiple, at least nine tenths of the value."""
    found = max(by, int(value + by / 2) // by * by)
    return found + by if found < 0.9 * value else found


@export("keras.applications.MobileNetV2", "keras.applications.mobilenet_v2.MobileNetV2")
def MobileNetV2(input_shape: Any = None, alpha: float = 1.0, include_top: bool = True, weights: Any = "imagenet", input_tensor: Any = None,
                pooling: str | None = None, classes: int = 1000) -> Any:
    """The second MobileNet, for pictures of 224 x 224. alpha: a factor of all widths. weights: None, a path, or 'imagenet'."""
    layers = tf.keras.layers
    size = 96 if input_shape is not None and input_shape[0] == 96 else _known_rows(input_shape)
    file = f"mobilenet_v2_weights_tf_dim_ordering_tf_kernels_{alpha}_{size}{'' if include_top else '_no_top'}.h5"
    net = Network("mobilenetv2", size, 32, include_top, weights, input_tensor, input_shape, pooling, classes, file)

    def normalized(x: Any, name: str) -> Any:
        return layers.BatchNormalization(axis=net.axis, epsilon=1e-3, momentum=0.999, name=name)(x)

    def padded(x: Any, name: str) -> Any:
        """So that a stride of 2 meets the same pixels as TensorFlow's 'same' does."""
        known = x.static[1:3] if net.axis == 3 else x.static[2:4]
        before = [0 if n is not None and n % 2 == 0 else 1 for n in (known if known[0] is not None else (1, 1))]
        return layers.ZeroPadding2D(((before[0], 1), (before[1], 1)), name=name)(x)

    x = padded(net.input, "Conv1_pad")
    x = layers.Conv2D(_divisible(32 * alpha), 3, strides=2, padding="valid", use_bias=False, name="Conv1")(x)
    x = layers.ReLU(6.0, name="Conv1_relu")(normalized(x, "bn_Conv1"))
    for number, (filters, stride, expansion) in enumerate(_BLOCKS_V2):
        name, given, width = f"block_{number}_" if number else "expanded_conv_", x, _divisible(int(filters * alpha))
        channels = x.static[net.axis]
        if number:
            x = layers.Conv2D(expansion * channels, 1, padding="same", use_bias=False, name=f"{name}expand")(x)
            x = layers.ReLU(6.0, name=f"{name}expand_relu")(normalized(x, f"{name}expand_BN"))
        x = padded(x, f"{name}pad") if stride == 2 else x
        x = layers.DepthwiseConv2D(3, strides=stride, use_bias=False, padding="same" if stride == 1 else "valid",
                                   name=f"{name}depthwise")(x)
        x = layers.ReLU(6.0, name=f"{name}depthwise_relu")(normalized(x, f"{name}depthwise_BN"))
        x = normalized(layers.Conv2D(width, 1, padding="same", use_bias=False, name=f"{name}project")(x), f"{name}project_BN")
        if channels == width and stride == 1:
            x = layers.Add(name=f"{name}add")([given, x])
    x = layers.Conv2D(_divisible(1280 * max(alpha, 1.0)), 1, use_bias=False, name="Conv_1")(x)
    x = layers.ReLU(6.0, name="out_relu")(normalized(x, "Conv_1_bn"))
    if not include_top:
        return net.model(net.pooled(x), f"mobilenetv2_{alpha:0.2f}_{net.rows}")
    x = layers.Dense(classes, activation="softmax", name="Logits")(layers.GlobalAveragePooling2D()(x))
    return net.model(x, f"mobilenetv2_{alpha:0.2f}_{net.rows}")
