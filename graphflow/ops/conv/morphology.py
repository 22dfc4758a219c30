"""Grey-scale dilation and erosion of images."""
from __future__ import annotations

from math import prod
from typing import Any

from ...core import context
from ...core.deprecation import either
from ...core.dtypes import DType
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, one_word, require
from ...core.operation import Operation
from ...core.shapes import compatible, describe
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from ...kernels.windows import Window, window
from .. import functions as F
from ..dtype_sets import REAL
from ..elementwise import unary as one
from .conv import padding_of
from .geometry import rank_is


def _window(op: Any, inputs: Any, size: Any) -> Window:
    return window(inputs, size, op.strides[1:3], op.padding, op.rates[1:3])


def _same_depth(x: Any, filters: Any) -> None:
    depth, other = x.shape and x.shape[-1], filters.shape and filters.shape[-1]
    require(depth is None or other is None or depth == other, f"Dimensions must be equal, but are {depth} and {other}: channels of input "
            "and filter")


def _check_gradient(op: Any, x: Any, filters: Any, dy: Any) -> None:
    """dy has the shape of the output."""
    output = Dilation2D.infer(op, x, filters)
    require(compatible(dy.shape, output.shape), f"out_backprop has shape {describe(dy.shape)}, the dilation {describe(output.shape)}")


class Dilation2D(Op, sig="input: T, filter: T -> output: T"):
    """The largest input + filter over each window."""
    T: DType = one_of(REAL)
    strides: list[int]
    rates: list[int]
    padding: str = one_word("SAME", "VALID")

    def infer(self, x: Any, filters: Any) -> Spec:
        rank_is(x.shape, 4)
        rank_is(filters.shape, 3)
        require(len(self.strides) == len(self.rates) == 4, "Dilation2D requires strides and rates of 4 values")
        _same_depth(x, filters)
        if x.shape is None or filters.shape is None or None in (*x.shape[1:3], *filters.shape[:2]):
            return Spec(self.T, (x.shape[0] if x.shape else None, None, None, x.shape[3] if x.shape else None))
        return Spec(self.T, (x.shape[0], *_window(self, x.shape[1:3], filters.shape[:2]).outputs(x.shape[1:3]), x.shape[3]))

    def kernel(self, xp: Namespace, x: Any, filters: Any) -> Any:
        return xp.dilation(x, filters, _window(self, x.shape[1:3], filters.shape[:2]))

    def grad(self, op: Operation, dy: Any) -> Any:
        more: dict[str, Any] = {"strides": self.strides, "rates": self.rates, "padding": self.padding}
        return (make(Dilation2DBackpropInput, *op.inputs, dy, **more), make(Dilation2DBackpropFilter, *op.inputs, dy, **more))

    def flops(self, inputs: Any, outputs: Any) -> int:
        return 2 * prod(outputs[0]) * inputs[1][0] * inputs[1][1]


class Dilation2DBackpropInput(Op, sig="input: T, filter: T, out_backprop: T -> in_backprop: T"):
    """dy at the input place that gave each maximum."""
    T: DType = one_of(REAL)
    strides: list[int]
    rates: list[int]
    padding: str = one_word("SAME", "VALID")

    def infer(self, x: Spec, filters: Spec, dy: Spec) -> Spec:
        return x

    check = _check_gradient

    def kernel(self, xp: Namespace, x: Any, filters: Any, dy: Any) -> Any:
        return xp.dilation_input_gradient(x, filters, dy, _window(self, x.shape[1:3], filters.shape[:2]))


class Dilation2DBackpropFilter(Op, sig="input: T, filter: T, out_backprop: T -> filter_backprop: T"):
    """dy at the filter place that gave each maximum."""
    T: DType = one_of(REAL)
    strides: list[int]
    rates: list[int]
    padding: str = one_word("SAME", "VALID")

    def infer(self, x: Spec, filters: Spec, dy: Spec) -> Spec:
        return filters

    check = _check_gradient

    def kernel(self, xp: Namespace, x: Any, filters: Any, dy: Any) -> Any:
        return xp.dilation_filter_gradient(x, filters, dy, _window(self, x.shape[1:3], filters.shape[:2]))


@export("nn.dilation2d")
def dilation2d(input: Any, filter: Any = None, strides: Any = None, rates: Any = None, padding: Any = None, name: str | None = None,
               filters: Any = None, dilations: Any = None) -> Tensor:
    """The largest input + filter over each window; input [batch, height, width, channels], filter [height, width, channels]."""
    return make(Dilation2D, input, either(filter, filters, "filter", "filters"), name=name, strides=list(strides),
                rates=list(either(rates, dilations, "rates", "dilations")), padding=padding_of(padding)[0])


@export("nn.erosion2d")
def erosion2d(value: Any, kernel: Any, strides: Any, rates: Any, padding: Any, name: str | None = None) -> Tensor:
    """The smallest value - kernel over each window: the dilation of -value by the kernel turned round, negated."""
    with context.default_graph().name_scope(name or "erosion2d") as scope:
        return one.negative(dilation2d(one.negative(value), F.reverse(kernel, [0, 1]), strides, rates, padding), name=scope)
