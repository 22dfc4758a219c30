"""Convolutions and pooling of tf.keras.backend."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export
from .settings import data_format_of

_FORMS = {1: {"channels_last": "NWC", "channels_first": "NCW"}, 2: {"channels_last": "NHWC", "channels_first": "NCHW"},
          3: {"channels_last": "NDHWC", "channels_first": "NCDHW"}}


def _padding(padding: str) -> str:
    if padding.lower() not in ("same", "valid"):
        raise ValueError(f"Invalid padding: {padding}; it is 'same' or 'valid'")
    return padding.upper()


def _convolved(x: Any, kernel: Any, strides: Any, padding: str, data_format: Any, dilation_rate: Any, rank: int) -> Any:
    return tf.nn.convolution(x, kernel, _padding(padding), strides=list(strides), dilation_rate=list(dilation_rate),
                             data_format=_FORMS[rank][data_format_of(data_format)])


@export("keras.backend.conv1d")
def conv1d(x: Any, kernel: Any, strides: int = 1, padding: str = "valid", data_format: Any = None, dilation_rate: int = 1) -> Any:
    """Convolution of x [batch, length, channels] by kernel [length, channels, filters]; padding: also 'causal'."""
    if padding == "causal":
        left = dilation_rate * (kernel.static[0] - 1)
        first = data_format_of(data_format) == "channels_first"
        x = tf.pad(x, [[0, 0], [0, 0], [left, 0]] if first else [[0, 0], [left, 0], [0, 0]])
        padding = "valid"
    return _convolved(x, kernel, [strides], padding, data_format, [dilation_rate], 1)


@export("keras.backend.conv2d")
def conv2d(x: Any, kernel: Any, strides: Any = (1, 1), padding: str = "valid", data_format: Any = None,
           dilation_rate: Any = (1, 1)) -> Any:
    """Convolution of images by kernel [rows, columns, channels, filters]."""
    return _convolved(x, kernel, strides, padding, data_format, dilation_rate, 2)


@export("keras.backend.conv3d")
def conv3d(x: Any, kernel: Any, strides: Any = (1, 1, 1), padding: str = "valid", data_format: Any = None,
           dilation_rate: Any = (1, 1, 1)) -> Any:
    """Convolution of volumes by kernel [depth, rows, columns, channels, filters]."""
    return _convolved(x, kernel, strides, padding, data_format, dilation_rate, 3)


@export("keras.backend.conv2d_transpose")
def conv2d_transpose(x: Any, kernel: Any, output_shape: Any, strides: Any = (1, 1), padding: str = "valid", data_format: Any = None,
                     dilation_rate: Any = (1, 1)) -> Any:
    """The transpose of a convolution of images; kernel [rows, columns, filters, channels]. NotImplementedError with a dilation."""
    if tuple(dilation_rate) != (1, 1):
        raise NotImplementedError(f"K.conv2d_transpose(dilation_rate={dilation_rate}): use tf.nn.atrous_conv2d_transpose")
    data_format = data_format_of(data_format)
    sizes = list(output_shape) if isinstance(output_shape, (list, tuple)) else output_shape
    if isinstance(sizes, list):
        sizes = tf.stack([tf.shape(x)[0] if sizes[0] is None else sizes[0], *sizes[1:]])
    steps = [1, 1, *strides] if data_format == "channels_first" else [1, *strides, 1]
    return tf.nn.conv2d_transpose(x, kernel, sizes, steps, _padding(padding), _FORMS[2][data_format])


@export("keras.backend.depthwise_conv2d")
def depthwise_conv2d(x: Any, depthwise_kernel: Any, strides: Any = (1, 1), padding: str = "valid", data_format: Any = None,
                     dilation_rate: Any = (1, 1)) -> Any:
    """Each channel of images by filters of its own; depthwise_kernel [rows, columns, channels, multiplier]."""
    data_format = data_format_of(data_format)
    steps = [1, 1, *strides] if data_format == "channels_first" else [1, *strides, 1]
    return tf.nn.depthwise_conv2d(x, depthwise_kernel, steps, _padding(padding), list(dilation_rate), data_format=_FORMS[2][data_format])


@export("keras.backend.separable_conv2d")
def separable_conv2d(x: Any, depthwise_kernel: Any, pointwise_kernel: Any, strides: Any = (1, 1), padding: str = "valid",
                     data_format: Any = None, dilation_rate: Any = (1, 1)) -> Any:
    """The same, followed by a mix of the channels; pointwise_kernel [1, 1, channels * multiplier, filters]."""
    found = depthwise_conv2d(x, depthwise_kernel, strides, padding, data_format, dilation_rate)
    return conv2d(found, pointwise_kernel, data_format=data_format)


def _pooled(x: Any, size: Any, strides: Any, padding: str, data_format: Any, mode: str, rank: int) -> Any:
    if mode not in ("max", "avg"):
        raise ValueError(f"Invalid pooling mode: {mode}; it is 'max' or 'avg'")
    return tf.nn.pool(x, list(size), "MAX" if mode == "max" else "AVG", _padding(padding), strides=list(strides),
                      data_format=_FORMS[rank][data_format_of(data_format)])


@export("keras.backend.pool2d")
def pool2d(x: Any, pool_size: Any, strides: Any = (1, 1), padding: str = "valid", data_format: Any = None, pool_mode: str = "max") -> Any:
    """The maximum, or mean ('avg'), of windows of images."""
    return _pooled(x, pool_size, strides, padding, data_format, pool_mode, 2)


@export("keras.backend.pool3d")
def pool3d(x: Any, pool_size: Any, strides: Any = (1, 1, 1), padding: str = "valid", data_format: Any = None,
           pool_mode: str = "max") -> Any:
    """The maximum, or mean ('avg'), of windows of volumes."""
    return _pooled(x, pool_size, strides, padding, data_format, pool_mode, 3)


@export("keras.backend.batch_normalization")
def batch_normalization(x: Any, mean: Any, var: Any, beta: Any, gamma: Any, axis: int = -1, epsilon: float = 1e-3) -> Any:
    """gamma (x - mean) / sqrt(var + epsilon) + beta; the four are of the channels, on `axis`, or broadcast."""
    rank = len(x.static)
    shape = [1] * rank
    shape[axis] = -1

    def across(v: Any) -> Any:
        return v if v is None or len(v.static) == rank else tf.reshape(v, shape)
    return tf.nn.batch_normalization(x, across(mean), across(var), across(beta), across(gamma), epsilon)
