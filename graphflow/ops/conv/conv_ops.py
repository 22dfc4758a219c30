"""Convolution ops of two and three spatial axes, by input and by filter: each one's gradient is made of the other two."""
from __future__ import annotations

from math import prod
from typing import Any

from ...core.dtypes import DType, int32, int64
from ...core.make import make
from ...core.op import Op, Shape, Spec, one_of, one_word, require
from ...core.operation import Operation
from ...core.shapes import describe
from ...kernels.contract import Namespace
from ..array.axes import shape_n
from ..array.basic import shape_internal
from ..dtype_sets import FLOATING
from .geometry import assemble, channel, check_lists, from_last, output_space, rank_is, spatial, to_last, window_of

_TYPES = (*FLOATING, int32)
_ONES = (1, 1, 1, 1)


class _Flat(Op):
    """The attributes of the ops with two spatial axes."""
    strides: list[int]
    use_cudnn_on_gpu: bool = True
    padding: str = one_word("SAME", "VALID", "EXPLICIT")
    explicit_paddings: list[int] = ()  # type: ignore[assignment]
    data_format: str = one_word("NHWC", "NCHW", default="NHWC")
    dilations: list[int] = _ONES  # type: ignore[assignment]


class _Deep(Op):
    """The attributes of the ops with three spatial axes."""
    strides: list[int]
    padding: str = one_word("SAME", "VALID")
    data_format: str = one_word("NDHWC", "NCDHW", default="NDHWC")
    dilations: list[int] = (1, *_ONES)  # type: ignore[assignment]


class _Conv(Op):
    """Shapes and kernels of the forward op; `axes` counts the spatial axes."""
    data_format: Any
    T: Any
    axes = 2

    def infer(self, x: Spec, filters: Spec) -> Spec:
        total = self.axes + 2
        check_lists(self, total, "strides", "dilations")
        rank_is(x.shape, total)
        rank_is(filters.shape, total)
        sizes: Any = x.shape or (None,) * total
        size: Any = filters.shape or (None,) * total
        depth = channel(sizes, self.data_format)
        if depth is not None and size[-2] is not None:
            require(size[-2] > 0 and depth % size[-2] == 0 and (self.axes == 2 or depth == size[-2]),
                    f"Depth of input ({depth}) is not a multiple of input depth of filter ({size[-2]})"
                    if self.axes == 2 else f"Dimensions must be equal, but are {depth} and {size[-2]}")
            groups = depth // size[-2]
            require(size[-1] is None or size[-1] % groups == 0, f"Depth of output ({size[-1]}) is not a multiple of the number of groups "
                    f"({groups}): the input has {depth} channels, the filter takes {size[-2]}")
        space = output_space(self, spatial(sizes, self.data_format), size[:-2])
        return Spec(self.T, assemble(sizes[0], space, size[-1], self.data_format))

    def kernel(self, xp: Namespace, x: Any, filters: Any) -> Any:
        x = to_last(xp, x, self.data_format)
        y = xp.conv(x, filters, window_of(self, x.shape[1:-1], filters.shape[:-2]))
        return from_last(xp, y, self.data_format)

    def flops(self, inputs: Any, outputs: Any) -> int:
        return 2 * prod(outputs[0]) * prod(inputs[1][:-1])


class _ByInput(Op):
    """Gradient by the input: also the transposed convolution."""
    strides: Any
    data_format: Any
    T: Any

    def infer(self, sizes: Any, filters: Spec, dy: Spec) -> Spec:
        rank = len(self.strides)
        check_lists(self, rank, "strides", "dilations")
        rank_is(filters.shape, rank)
        shape: Shape = sizes.partial if sizes.value is None else tuple(int(n) for n in sizes.value)
        if shape is None:
            shape = (None,) * rank
        if len(shape) == rank - 2:
            shape = assemble(dy.shape[0] if dy.shape else None, shape, filters.shape[-2] if filters.shape else None, self.data_format)
        require(len(shape) == rank, f"input_sizes must have {rank} entries, got {len(shape)}")
        if dy.shape is not None and dy.shape[0] is not None and shape[0] is not None:
            require(dy.shape[0] == shape[0], f"batch sizes of input_sizes and out_backprop must be equal, but are {shape[0]} and "
                    f"{dy.shape[0]}")
        if filters.shape is not None and dy.shape is not None and None not in shape and filters.shape is not None:
            depth, last = channel(dy.shape, self.data_format), filters.shape[-1]
            require(depth is None or last is None or depth == last, f"Dimensions must be equal, but are {depth} and {last}: "
                    "channels of out_backprop and filters")
            space = output_space(self, spatial(shape, self.data_format), filters.shape[:-2])
            given = spatial(dy.shape, self.data_format)
            require(all(a is None or b is None or a == b for a, b in zip(space, given)),
                    f"out_backprop of spatial shape {list(given)} does not fit the output {list(space)} of input_sizes {list(shape)}")
        return Spec(self.T, shape)

    def kernel(self, xp: Namespace, sizes: Any, filters: Any, dy: Any) -> Any:
        shape = tuple(int(n) for n in sizes)
        dy = to_last(xp, dy, self.data_format)
        space = spatial(shape, self.data_format) if len(shape) == len(dy.shape) else shape
        win = window_of(self, space, filters.shape[:-2])
        depth = channel(shape, self.data_format) if len(shape) == len(dy.shape) else filters.shape[-2]
        dx = xp.conv_input_gradient(filters, dy, (dy.shape[0], *space, depth), win)
        return from_last(xp, dx, self.data_format)


class _ByFilter(Op):
    """Gradient by the filter."""
    strides: Any
    T: Any
    data_format: Any

    def infer(self, x: Spec, sizes: Any, dy: Spec) -> Spec:
        check_lists(self, len(self.strides), "strides", "dilations")
        return Spec(self.T, (sizes.partial if sizes.value is None else tuple(int(n) for n in sizes.value)) or (None,) * len(self.strides))

    def check(self, x: Spec, sizes: Any, dy: Spec) -> None:
        for spec in (x, dy):
            rank_is(spec.shape, len(self.strides))
        require(not x.shape or not dy.shape or x.shape[0] == dy.shape[0],
                f"input and out_backprop must have the same batch size, got {describe(x.shape)} and {describe(dy.shape)}")

    def kernel(self, xp: Namespace, x: Any, sizes: Any, dy: Any) -> Any:
        shape = tuple(int(n) for n in sizes)
        x, dy = to_last(xp, x, self.data_format), to_last(xp, dy, self.data_format)
        return xp.conv_filter_gradient(x, dy, shape, window_of(self, x.shape[1:-1], shape[:-2]))


def _settings(op: Op) -> dict[str, Any]:
    """The attributes that a convolution and its gradients share."""
    names = ("dilations", "strides", "padding", "explicit_paddings", "use_cudnn_on_gpu", "data_format")
    return {name: getattr(op, name) for name in names if hasattr(op, name)}


class Conv2D(_Conv, _Flat, sig="input: T, filter: T -> output: T"):
    """Two-dimensional cross-correlation with a bank of filters [height, width, in, out]."""
    T: DType = one_of(_TYPES)

    def grad(self, op: Operation, dy: Any) -> Any:
        x, filters = op.inputs
        x_shape, filter_shape = shape_n([x, filters])
        more = _settings(self)
        return make(Conv2DBackpropInput, x_shape, filters, dy, **more), make(Conv2DBackpropFilter, x, filter_shape, dy, **more)


class Conv2DBackpropInput(_ByInput, _Flat, sig="input_sizes: int32, filter: T, out_backprop: T -> output: T", static={"input_sizes": 1}):
    """Gradient of Conv2D by its input."""
    T: DType = one_of(_TYPES)

    def grad(self, op: Operation, ddx: Any) -> Any:
        _, filters, dy = op.inputs
        more = _settings(self)
        return None, make(Conv2DBackpropFilter, ddx, shape_internal(filters), dy, **more), make(Conv2D, ddx, filters, **more)

    def flops(self, inputs: Any, outputs: Any) -> int:
        return 2 * prod(inputs[2]) * prod(inputs[1][:-1])


class Conv2DBackpropFilter(_ByFilter, _Flat, sig="input: T, filter_sizes: int32, out_backprop: T -> output: T", static={"filter_sizes": 1}):
    """Gradient of Conv2D by its filters."""
    T: DType = one_of(FLOATING)

    def grad(self, op: Operation, ddw: Any) -> Any:
        x, _, dy = op.inputs
        more = _settings(self)
        return make(Conv2DBackpropInput, shape_internal(x), ddw, dy, **more), None, make(Conv2D, x, ddw, **more)

    def flops(self, inputs: Any, outputs: Any) -> int:
        return 2 * prod(inputs[2]) * prod(outputs[0][:-1])


class Conv3D(_Conv, _Deep, sig="input: T, filter: T -> output: T"):
    """Three-dimensional cross-correlation with a bank of filters [depth, height, width, in, out]."""
    axes = 3
    T: DType = one_of(FLOATING)

    def grad(self, op: Operation, dy: Any) -> Any:
        x, filters = op.inputs
        x_shape, filter_shape = shape_n([x, filters])
        more = _settings(self)
        return make(Conv3DBackpropInputV2, x_shape, filters, dy, **more), make(Conv3DBackpropFilterV2, x, filter_shape, dy, **more)


class Conv3DBackpropInputV2(_ByInput, _Deep, sig="input_sizes: Tshape, filter: T, out_backprop: T -> output: T", static={"input_sizes": 1}):
    """Gradient of Conv3D by its input."""
    T: DType = one_of(FLOATING)
    Tshape: DType = one_of(int32, int64, default=int32)

    def grad(self, op: Operation, ddx: Any) -> Any:
        _, filters, dy = op.inputs
        more = _settings(self)
        return None, make(Conv3DBackpropFilterV2, ddx, shape_internal(filters), dy, **more), make(Conv3D, ddx, filters, **more)


class Conv3DBackpropFilterV2(_ByFilter, _Deep, sig="input: T, filter_sizes: int32, out_backprop: T -> output: T",
                             static={"filter_sizes": 1}):
    """Gradient of Conv3D by its filters."""
    T: DType = one_of(FLOATING)

    def grad(self, op: Operation, ddw: Any) -> Any:
        x, _, dy = op.inputs
        more = _settings(self)
        return make(Conv3DBackpropInputV2, shape_internal(x), ddw, dy, **more), None, make(Conv3D, x, ddw, **more)
