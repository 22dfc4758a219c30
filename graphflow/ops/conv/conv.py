"""Public convolutions of one, two and three spatial axes, and their transposes."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...core import context
from ...core.convert import convert_to_tensor
from ...core.deprecation import either
from ...core.export import export
from ...core.make import make
from ...core.tensor import Tensor
from ..array.axes import expand_dims, squeeze
from ..array.joining import concat
from . import conv_ops as ops


def padding_of(padding: Any, data_format: str | None = None) -> tuple[str, list[int]]:
    """(word, explicit_paddings) from "SAME", "VALID" or a list of (before, after) pairs of all axes."""
    if isinstance(padding, (list, tuple)):
        flat = [int(n) for pair in padding for n in pair]
        if len(flat) != 8:
            raise ValueError(f"When `padding` is a list, it must be a list of size 4 of pairs of integers. Received: padding={padding}")
        channels = flat[2:4] if data_format == "NCHW" else flat[6:8]
        if flat[:2] != [0, 0] or channels != [0, 0]:
            raise ValueError(f"Nonzero explicit padding in the batch or depth dimensions is not supported, got padding={padding}")
        if min(flat) < 0:
            raise ValueError(f"All elements of explicit_paddings must be nonnegative, got padding={padding}")
        return ("VALID", []) if not any(flat) else ("EXPLICIT", flat)
    word = padding.decode() if isinstance(padding, bytes) else padding
    if not isinstance(word, str):
        raise TypeError(f"`padding` must be \"SAME\", \"VALID\" or a list of pairs, not {padding!r}")
    if word not in ("SAME", "VALID"):
        raise ValueError(f"Value for attr 'padding' of \"{padding}\" is not in the list of allowed values: "
                         '"SAME", "VALID", "EXPLICIT"')
    return word, []


def full_list(values: Any, count: int, data_format: str | None, name: str) -> list[int]:
    """One entry per axis from one number, one per spatial axis, or all."""
    values = list(values) if isinstance(values, Sequence) or hasattr(values, "__iter__") else [values]
    values = [int(v) for v in values]
    if len(values) == count + 2:
        return values
    if len(values) not in (1, count):
        raise ValueError(f"{name} should be of length 1, {count} or {count + 2}. Received: {name}={values} of length {len(values)}")
    values = values * count if len(values) == 1 else values
    return [1, 1, *values] if (data_format or "").startswith("NC") else [1, *values, 1]


@export("nn.conv2d", old=["nn.conv2d_v1"])
def conv2d(input: Any, filter: Any = None, strides: Any = None, padding: Any = None, use_cudnn_on_gpu: bool = True,
           data_format: str = "NHWC", dilations: Any = (1, 1, 1, 1), name: str | None = None, filters: Any = None) -> Tensor:
    """Cross-correlation of images [batch, height, width, in] with filters [height, width, in / groups, out].

    strides, dilations: four entries (batch and channels 1), or one, or two. padding: "SAME", "VALID" or [[0, 0], [top, bottom],
    [left, right], [0, 0]]. data_format "NCHW" puts the channels second. Returns [batch, height', width', out].
    """
    filter = either(filter, filters, "filter", "filters")
    word, explicit = padding_of(padding, data_format)
    data_format = data_format or "NHWC"
    return make(ops.Conv2D, input, filter, name=name, strides=full_list(1 if strides is None else strides, 2, data_format, "strides"),
                padding=word, explicit_paddings=explicit, use_cudnn_on_gpu=use_cudnn_on_gpu, data_format=data_format,
                dilations=full_list(1 if dilations is None else dilations, 2, data_format, "dilations"))


@export("nn.conv2d_backprop_filter")
def conv2d_backprop_filter(input: Any, filter_sizes: Any, out_backprop: Any, strides: Any, padding: Any, use_cudnn_on_gpu: bool = True,
                           data_format: str = "NHWC", dilations: Any = (1, 1, 1, 1), name: str | None = None) -> Tensor:
    """Gradient of sum(conv2d(input, filter) * out_backprop) by a filter of shape filter_sizes."""
    word, explicit = padding_of(padding, data_format)
    return make(ops.Conv2DBackpropFilter, input, filter_sizes, out_backprop, name=name, strides=list(strides), padding=word,
                explicit_paddings=explicit, use_cudnn_on_gpu=use_cudnn_on_gpu, data_format=data_format, dilations=list(dilations))


@export("nn.conv2d_backprop_input")
def conv2d_backprop_input(input_sizes: Any, filter: Any = None, out_backprop: Any = None, strides: Any = None, padding: Any = None,
                          use_cudnn_on_gpu: bool = True, data_format: str = "NHWC", dilations: Any = (1, 1, 1, 1),
                          name: str | None = None, filters: Any = None) -> Tensor:
    """Gradient of sum(conv2d(input, filter) * out_backprop) by an input of shape input_sizes."""
    filter = either(filter, filters, "filter", "filters")
    word, explicit = padding_of(padding, data_format)
    return make(ops.Conv2DBackpropInput, input_sizes, filter, out_backprop, name=name,
                strides=full_list(strides, 2, data_format, "strides"), padding=word, explicit_paddings=explicit,
                use_cudnn_on_gpu=use_cudnn_on_gpu, data_format=data_format, dilations=full_list(dilations, 2, data_format, "dilations"))


@export("nn.conv2d_transpose", old=["nn.deconv2d"])
def conv2d_transpose(value: Any = None, filter: Any = None, output_shape: Any = None, strides: Any = None, padding: Any = "SAME",
                     data_format: str = "NHWC", name: str | None = None, input: Any = None, filters: Any = None,
                     dilations: Any = None) -> Tensor:
    """The transpose (gradient by the input) of conv2d: value [batch, height, width, in], filter [height, width, out, in].

    output_shape: shape of the result, a list or a tensor; its conv2d with these strides has value's shape.
    """
    value, filter = either(value, input, "value", "input"), either(filter, filters, "filter", "filters")
    with context.default_graph().name_scope(name or "conv2d_transpose") as scope:
        data_format = data_format or "NHWC"
        word, explicit = padding_of(padding, data_format)
        value = convert_to_tensor(value)
        return make(ops.Conv2DBackpropInput, output_shape, filter, value, name=scope,
                    strides=full_list(strides, 2, data_format, "strides"), padding=word, explicit_paddings=explicit,
                    data_format=data_format, dilations=full_list(1 if dilations is None else dilations, 2, data_format, "dilations"))


@export("nn.conv3d")
def conv3d(input: Any, filter: Any = None, strides: Any = None, padding: Any = None, data_format: str = "NDHWC",
           dilations: Any = (1, 1, 1, 1, 1), name: str | None = None, filters: Any = None) -> Tensor:
    """Cross-correlation of volumes [batch, depth, height, width, in] with filters [depth, height, width, in, out]."""
    filter = either(filter, filters, "filter", "filters")
    return make(ops.Conv3D, input, filter, name=name, strides=list(strides), padding=padding_of(padding)[0],
                data_format=data_format or "NDHWC", dilations=list(dilations or (1,) * 5))


@export("nn.conv3d_backprop_filter", "nn.conv3d_backprop_filter_v2")
def conv3d_backprop_filter(input: Any, filter_sizes: Any, out_backprop: Any, strides: Any, padding: Any, data_format: str = "NDHWC",
                           dilations: Any = (1, 1, 1, 1, 1), name: str | None = None) -> Tensor:
    """Gradient of sum(conv3d(input, filter) * out_backprop) by a filter of shape filter_sizes."""
    return make(ops.Conv3DBackpropFilterV2, input, filter_sizes, out_backprop, name=name, strides=list(strides),
                padding=padding_of(padding)[0], data_format=data_format, dilations=list(dilations))


@export("nn.conv3d_transpose")
def conv3d_transpose(value: Any, filter: Any = None, output_shape: Any = None, strides: Any = None, padding: Any = "SAME",
                     data_format: str = "NDHWC", name: str | None = None, input: Any = None, filters: Any = None,
                     dilations: Any = None) -> Tensor:
    """The transpose (gradient by the input) of conv3d; filter is [depth, height, width, out, in]."""
    value, filter = either(value, input, "value", "input"), either(filter, filters, "filter", "filters")
    with context.default_graph().name_scope(name or "conv3d_transpose") as scope:
        return make(ops.Conv3DBackpropInputV2, output_shape, filter, convert_to_tensor(value), name=scope,
                    strides=full_list(strides, 3, data_format, "strides"), padding=padding_of(padding)[0],
                    data_format=data_format or "NDHWC",
                    dilations=full_list(1 if dilations is None else dilations, 3, data_format, "dilations"))


def _image_format(data_format: str | None) -> tuple[str, int]:
    """(Conv2D's format, the axis to insert) for a format of sequences."""
    if data_format in (None, "NHWC", "NWC"):
        return "NHWC", 1
    if data_format in ("NCHW", "NCW"):
        return "NCHW", 2
    raise ValueError(f"`data_format` must be \"NWC\" or \"NCW\". Received: data_format={data_format}")


def _along_one(values: Any, data_format: str, name: str) -> list[int]:
    """[1, s] for the two axes of an image of height 1, with batch and channels."""
    values = full_list(values, 1, data_format, name)
    return [values[0], values[1], 1, values[2]] if data_format == "NCHW" else [values[0], 1, *values[1:]]


@export("nn.conv1d")
def conv1d(value: Any = None, filters: Any = None, stride: Any = None, padding: Any = None, use_cudnn_on_gpu: bool | None = None,
           data_format: str | None = None, name: str | None = None, input: Any = None, dilations: Any = None) -> Tensor:
    """Cross-correlation of sequences [batch, width, in] with filters [width, in, out], as a conv2d of height 1."""
    value = either(value, input, "value", "input")
    with context.default_graph().name_scope(name or "conv1d") as scope:
        image, axis = _image_format(data_format)
        value = expand_dims(value, axis)
        filters = expand_dims(filters, 0)
        result = conv2d(value, filters, _along_one(1 if stride is None else stride, image, "stride"), padding,
                        True if use_cudnn_on_gpu is None else use_cudnn_on_gpu, image,
                        _along_one(1 if dilations is None else dilations, image, "dilations"), scope)
        return squeeze(result, [axis])


@export("nn.conv1d_transpose")
def conv1d_transpose(input: Any, filters: Any, output_shape: Any, strides: Any, padding: Any = "SAME", data_format: str = "NWC",
                     dilations: Any = None, name: str | None = None) -> Tensor:
    """The transpose of conv1d; filters is [width, out, in], output_shape the three sizes of the result."""
    with context.default_graph().name_scope(name or "conv1d_transpose") as scope:
        image, axis = _image_format(data_format)
        input, filters = expand_dims(input, axis), expand_dims(filters, 0)
        if not isinstance(output_shape, (list, tuple)):
            output_shape = convert_to_tensor(output_shape)
        sizes = concat([output_shape[:axis], [1], output_shape[axis:]], axis=0)
        result = conv2d_transpose(input, filters, sizes, _along_one(strides, image, "strides"), padding, image, scope,
                                  dilations=_along_one(1 if dilations is None else dilations, image, "dilations"))
        return squeeze(result, [axis])
