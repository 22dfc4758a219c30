"""tensorflow.python.layers.utils: how layers read their arguments."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphflow.core.known import constant_value as _known_value
from graphflow.layers.arguments import choose, format_of, known_flag, padding_of, sizes_of
from graphflow.variables.variable import Variable


def smart_cond(pred: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any], name: str | None = None) -> Any:
    """true_fn() or false_fn() where `pred` (bool, 0, 1 or a tensor) is known now, else a tf.cond of both."""
    if isinstance(pred, Variable):
        pred = pred.value()
    return choose(pred, true_fn, false_fn)


def constant_value(pred: Any) -> Any:
    """The value of a bool, 0, 1 or tensor where it is known now, else None; a variable's never is."""
    if isinstance(pred, Variable):
        return None
    if isinstance(pred, (bool, int)):
        return known_flag(pred)
    return _known_value(pred)


def normalize_tuple(value: Any, n: int, name: str) -> tuple[int, ...]:
    """`value` as `n` positive ints; one number stands for all of them."""
    return sizes_of(value, n, name)


def normalize_data_format(value: str) -> str:
    """'channels_last' or 'channels_first', in small letters; else ValueError."""
    return format_of(value)


def normalize_padding(value: str) -> str:
    """'valid' or 'same', in small letters; else ValueError."""
    return padding_of(value)


def convert_data_format(data_format: str, ndim: int) -> str:
    """The name that convolutions of `ndim` axes have for a layer's data_format: 'channels_last', 4 -> 'NHWC'."""
    names = {3: ("NWC", "NCW"), 4: ("NHWC", "NCHW"), 5: ("NDHWC", "NCDHW")}
    if ndim not in names:
        raise ValueError(f"Input rank not supported: {ndim}; convolutions have 3, 4 or 5 axes")
    return names[ndim][format_of(data_format) == "channels_first"]


def conv_output_length(input_length: int | None, filter_size: int, padding: str, stride: int, dilation: int = 1) -> int | None:
    """How many places a filter has along an axis; None for an unknown length. padding: 'same', 'valid' or 'full'."""
    if input_length is None:
        return None
    reach = filter_size + (filter_size - 1) * (dilation - 1)
    lengths = {"same": input_length, "valid": input_length - reach + 1, "full": input_length + reach - 1}
    return (lengths[padding] + stride - 1) // stride


def deconv_output_length(input_length: int | None, filter_size: int, padding: str, stride: int) -> int | None:
    """How long a transposed convolution makes an axis; None for an unknown length. padding: 'same', 'valid' or 'full'."""
    if input_length is None:
        return None
    change = {"same": 0, "valid": max(filter_size - stride, 0), "full": -(stride + filter_size - 2)}
    return input_length * stride + change[padding]
