"""Depthwise convolution ops: every channel with filters of its own; separable and dilated convolutions built on them."""
from __future__ import annotations

from math import prod
from typing import Any

from ...core import context, shapes
from ...core.convert import convert_to_tensor
from ...core.deprecation import either
from ...core.dtypes import DType
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, one_word, require
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from ..array.basic import shape_internal
from ..dtype_sets import FLOATING
from .conv import conv2d, full_list, padding_of
from .geometry import assemble, channel, check_lists, from_last, output_space, rank_is, spatial, to_last, window_of
from .space import with_space_to_batch

_ONES = (1, 1, 1, 1)


def _settings(op: Op) -> dict[str, Any]:
    return {name: getattr(op, name) for name in ("dilations", "strides", "padding", "explicit_paddings", "data_format")}


class _Depthwise(Op):
    """The attributes that the op and its gradients share."""
    T: DType = one_of(FLOATING)
    strides: list[int]
    padding: str = one_word("SAME", "VALID", "EXPLICIT")
    explicit_paddings: list[int] = ()  # type: ignore[assignment]
    data_format: str = one_word("NHWC", "NCHW", default="NHWC")
    dilations: list[int] = _ONES  # type: ignore[assignment]

    def output(self, x: Spec, filters: Spec) -> Spec:
        """What the convolution gives."""
        check_lists(self, 4, "strides", "dilations")
        rank_is(x.shape, 4)
        rank_is(filters.shape, 4)
        sizes: Any = x.shape or (None,) * 4
        size: Any = filters.shape or (None,) * 4
        depth = channel(sizes, self.data_format)
        require(depth is None or size[2] is None or depth == size[2], f"Dimensions must be equal, but are {depth} and {size[2]}")
        depth = size[2] if depth is None else depth
        many = None if depth is None or size[3] is None else depth * size[3]
        return Spec(self.T, assemble(sizes[0], output_space(self, spatial(sizes, self.data_format), size[:2]), many, self.data_format))

    def check_gradient(self, x: Any, filters: Any, dy: Spec) -> None:
        """ValueError unless dy has the shape of the convolution of an x and filters of those shapes, or something is empty."""
        if x is None or filters is None or 0 in (*x, *filters, *(dy.shape or ())) or None in (*x, *filters):
            return
        wanted = self.output(Spec(self.T, tuple(map(int, x))), Spec(self.T, tuple(map(int, filters)))).shape
        require(shapes.compatible(dy.shape, wanted),
                f"Expected out_backprop shape to be {list(wanted or ())}, but got {list(dy.shape or ())}")


class DepthwiseConv2dNative(_Depthwise, sig="input: T, filter: T -> output: T"):
    """Each channel with filters [height, width, channels, multiplier]; output channel c M + m is filter m of channel c."""

    def infer(self, x: Spec, filters: Spec) -> Spec:
        return self.output(x, filters)

    def kernel(self, xp: Namespace, x: Any, filters: Any) -> Any:
        x = to_last(xp, x, self.data_format)
        return from_last(xp, xp.depthwise_conv(x, filters, window_of(self, x.shape[1:-1], filters.shape[:2])), self.data_format)

    def grad(self, op: Operation, dy: Any) -> Any:
        x, filters = op.inputs
        more = _settings(self)
        return (make(DepthwiseConv2dNativeBackpropInput, shape_internal(x), filters, dy, **more),
                make(DepthwiseConv2dNativeBackpropFilter, x, shape_internal(filters), dy, **more))

    def flops(self, inputs: Any, outputs: Any) -> int:
        return 2 * prod(outputs[0]) * inputs[1][0] * inputs[1][1]


class DepthwiseConv2dNativeBackpropInput(_Depthwise, sig="input_sizes: int32, filter: T, out_backprop: T -> output: T",
                                         static={"input_sizes": 1}):
    """Gradient of DepthwiseConv2dNative by its input."""

    def infer(self, sizes: Any, filters: Spec, dy: Spec) -> Spec:
        return Spec(self.T, (sizes.partial if sizes.value is None else tuple(int(n) for n in sizes.value)) or (None,) * 4)

    def check(self, sizes: Any, filters: Spec, dy: Spec) -> None:
        if sizes.value is not None:
            self.check_gradient(sizes.value, filters.shape, dy)

    def kernel(self, xp: Namespace, sizes: Any, filters: Any, dy: Any) -> Any:
        shape = tuple(int(n) for n in sizes)
        space = spatial(shape, self.data_format)
        dx = xp.depthwise_input_gradient(filters, to_last(xp, dy, self.data_format),
                                         (shape[0], *space, channel(shape, self.data_format)), window_of(self, space, filters.shape[:2]))
        return from_last(xp, dx, self.data_format)

    def grad(self, op: Operation, ddx: Any) -> Any:
        _, filters, dy = op.inputs
        more = _settings(self)
        return (None, make(DepthwiseConv2dNativeBackpropFilter, ddx, shape_internal(filters), dy, **more),
                make(DepthwiseConv2dNative, ddx, filters, **more))


class DepthwiseConv2dNativeBackpropFilter(_Depthwise, sig="input: T, filter_sizes: int32, out_backprop: T -> output: T",
                                          static={"filter_sizes": 1}):
    """Gradient of DepthwiseConv2dNative by its filters."""

    def infer(self, x: Spec, sizes: Any, dy: Spec) -> Spec:
        return Spec(self.T, (sizes.partial if sizes.value is None else tuple(int(n) for n in sizes.value)) or (None,) * 4)

    def check(self, x: Spec, sizes: Any, dy: Spec) -> None:
        if sizes.value is not None:
            self.check_gradient(x.shape, sizes.value, dy)

    def kernel(self, xp: Namespace, x: Any, sizes: Any, dy: Any) -> Any:
        shape = tuple(int(n) for n in sizes)
        x, dy = to_last(xp, x, self.data_format), to_last(xp, dy, self.data_format)
        return xp.depthwise_filter_gradient(x, dy, shape, window_of(self, x.shape[1:-1], shape[:2]))

    def grad(self, op: Operation, ddw: Any) -> Any:
        x, _, dy = op.inputs
        more = _settings(self)
        return (make(DepthwiseConv2dNativeBackpropInput, shape_internal(x), ddw, dy, **more), None,
                make(DepthwiseConv2dNative, x, ddw, **more))


@export("nn.depthwise_conv2d_native")
def depthwise_conv2d_native(input: Any, filter: Any, strides: Any, padding: Any, data_format: str = "NHWC",
                            dilations: Any = (1, 1, 1, 1), name: str | None = None) -> Tensor:
    """Each channel of input with its own filters [height, width, channels, multiplier]."""
    word, explicit = padding_of(padding, data_format)
    return make(DepthwiseConv2dNative, input, filter, name=name, strides=list(strides), padding=word, explicit_paddings=explicit,
                data_format=data_format, dilations=list(dilations))


@export("nn.depthwise_conv2d_native_backprop_input", "nn.depthwise_conv2d_backprop_input")
def depthwise_conv2d_native_backprop_input(input_sizes: Any, filter: Any, out_backprop: Any, strides: Any, padding: Any,
                                           data_format: str = "NHWC", dilations: Any = (1, 1, 1, 1), name: str | None = None) -> Tensor:
    """Gradient of a depthwise convolution by an input of shape input_sizes."""
    word, explicit = padding_of(padding, data_format)
    return make(DepthwiseConv2dNativeBackpropInput, input_sizes, filter, out_backprop, name=name, strides=list(strides), padding=word,
                explicit_paddings=explicit, data_format=data_format, dilations=list(dilations))


@export("nn.depthwise_conv2d_native_backprop_filter", "nn.depthwise_conv2d_backprop_filter")
def depthwise_conv2d_native_backprop_filter(input: Any, filter_sizes: Any, out_backprop: Any, strides: Any, padding: Any,
                                            data_format: str = "NHWC", dilations: Any = (1, 1, 1, 1), name: str | None = None) -> Tensor:
    """Gradient of a depthwise convolution by filters of shape filter_sizes."""
    word, explicit = padding_of(padding, data_format)
    return make(DepthwiseConv2dNativeBackpropFilter, input, filter_sizes, out_backprop, name=name, strides=list(strides), padding=word,
                explicit_paddings=explicit, data_format=data_format, dilations=list(dilations))


def _depthwise(x: Tensor, filters: Any, strides: Any, padding: Any, rate: Any, data_format: str | None, name: str | None) -> Tensor:
    """DepthwiseConv2dNative, dilated by moving the rest of each rate into the batch as TensorFlow does."""
    rate = [1, 1] if rate is None else list(rate)

    def run(input_converted: Tensor, _: Any, padding: Any) -> Tensor:
        word, explicit = padding_of(padding, data_format)
        return make(DepthwiseConv2dNative, input_converted, filters, name=name,
                    strides=list(strides), padding=word, explicit_paddings=explicit, data_format=data_format or "NHWC")

    return with_space_to_batch(x, rate, padding, run, filter_shape=shape_internal(filters), data_format=data_format)


@export("nn.depthwise_conv2d")
def depthwise_conv2d(input: Any, filter: Any, strides: Any, padding: Any, rate: Any = None, name: str | None = None,
                     data_format: str | None = None, dilations: Any = None) -> Tensor:
    """Each channel of input [batch, height, width, channels] with its own filters [height, width, channels, multiplier].

    rate: dilation of height and width (dilations is its TF 2 name). Returns [batch, height', width', channels * multiplier].
    """
    rate = either(rate, dilations, "rate", "dilations")
    with context.default_graph().name_scope(name or "depthwise") as scope:
        x = convert_to_tensor(input, name="tensor_in")
        filters = convert_to_tensor(filter, name="filter_in")
        return _depthwise(x, filters, full_list(strides, 2, data_format, "strides"), padding, rate, data_format, scope)


@export("nn.separable_conv2d")
def separable_conv2d(input: Any, depthwise_filter: Any, pointwise_filter: Any, strides: Any, padding: Any, rate: Any = None,
                     name: str | None = None, data_format: str | None = None, dilations: Any = None) -> Tensor:
    """A depthwise convolution, then one of size 1 that mixes the channels: pointwise_filter [1, 1, channels * multiplier, out]."""
    rate = either(rate, dilations, "rate", "dilations")
    with context.default_graph().name_scope(name or "separable_conv2d") as scope:
        x = convert_to_tensor(input, name="tensor_in")
        depth_filters = convert_to_tensor(depthwise_filter, name="depthwise_filter")
        mixing = convert_to_tensor(pointwise_filter, name="pointwise_filter")
        size = mixing.static
        if size is not None and size[:2] != (1, 1) and None not in size[:2]:
            raise ValueError(f"pointwise_filter must have spatial size 1 by 1, got {size[:2]}")
        between = _depthwise(x, depth_filters, full_list(strides, 2, data_format, "strides"), padding, rate, data_format, "depthwise")
        return conv2d(between, mixing, [1, 1, 1, 1], "VALID", data_format=data_format or "NHWC", name=scope)
