"""Numbers rounded to what integers of some bits could hold, and still floating: quantize_and_dequantize."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import shapes
from ...core.deprecation import warn_once
from ...core.dtypes import DType
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, one_word, require_rank
from ...core.operation import Operation
from ...core.outcomes import Several
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from ..dtype_sets import FLOATING
from .ranges import along, range_sizes


def _rounded(xp: Namespace, x: Any, low: Any, high: Any, bits: Any, *, signed: bool, given: bool, narrow: bool, axis: int, up: bool) -> Any:
    """x rounded to multiples of the step that spans the range: symmetric about 0, the further end decides."""
    kind = x.dtype.type
    if not given:
        axes = tuple(a for a in range(len(x.shape)) if a != axis)
        low, high = (xp.min(x, axes), xp.max(x, axes)) if x.size else (xp.zeros((), x.dtype),) * 2
    xp.check(low > high, "Invalid range: input_min {value} is greater than input_max", low)
    if x.size == 0:
        return x
    low, high = (along(xp, end, len(x.shape), axis if len(end.shape) else -1) for end in (low, high))
    most = 2.0 ** (bits - 1) - 1 if signed else 2.0 ** bits - 1
    least = (-most if narrow else -most - 1) if signed else 0.0 * most
    least, most = (xp.astype(xp.zeros((), x.dtype) + end, x.dtype) for end in (least, most))

    def side(end: Any, integer: Any) -> Any:
        there = end * integer > 0
        return xp.where(there, integer / xp.where(there, end, kind(1)), np.finfo(x.dtype).max)
    from_low, from_high = side(low, least), side(high, most)
    lower = from_low < from_high
    scale = xp.where(lower, from_low, from_high)
    step = xp.where(lower, low / xp.where(lower, least, kind(1)), high / most)
    if given:
        x = xp.maximum(xp.minimum(x, xp.where(lower, most * step, high)), xp.where(lower, low, least * step))
    steps = x * scale
    return (xp.floor(steps + kind(0.5)) if up else xp.rint(steps)) * step


class QuantizeAndDequantizeV2(Op, sig="input: T, input_min: T, input_max: T -> output: T"):
    """Rounded to what integers of num_bits hold; the gradient passes as it is."""
    signed_input: bool = True
    num_bits: int = 8
    range_given: bool = False
    T: DType = one_of(FLOATING)
    round_mode: str = one_word("HALF_TO_EVEN", "HALF_UP", default="HALF_TO_EVEN")
    narrow_range: bool = False
    axis: int = -1

    def infer(self, x: Spec, low: Spec, high: Spec) -> Spec:
        range_sizes(x, (low, high), self.axis)
        return x

    def check(self, *inputs: Spec) -> None:
        if not int(self.signed_input) <= self.num_bits <= 62 + (not self.signed_input) or self.num_bits == 0:
            raise ValueError(f"num_bits is out of range: {self.num_bits} with signed_input {self.signed_input}")

    def kernel(self, xp: Namespace, x: Any, low: Any, high: Any) -> Any:
        return _rounded(xp, x, low, high, self.num_bits, signed=self.signed_input, given=self.range_given, narrow=self.narrow_range,
                        axis=self.axis, up=self.round_mode == "HALF_UP")

    def grad(self, op: Operation, dy: Any) -> Any:
        return dy, None, None


class QuantizeAndDequantizeV4(QuantizeAndDequantizeV2, sig="input: T, input_min: T, input_max: T -> output: T"):
    """As V2; the gradient passes where the input lies in the range."""

    def grad(self, op: Operation, dy: Any) -> Any:
        return tuple(make(QuantizeAndDequantizeV4Grad, dy, *op.inputs, axis=self.axis))


class QuantizeAndDequantizeV4Grad(Several, sig="""gradients: T, input: T, input_min: T, input_max: T ->
                                  input_backprop: T, input_min_backprop: T, input_max_backprop: T"""):
    """The gradient of V4: dy inside of the range; zeros for both ends."""
    T: DType = one_of(FLOATING)
    axis: int = -1
    differentiable = False

    def infer(self, dy: Spec, x: Spec, low: Spec, high: Spec) -> list[Spec]:
        sizes = range_sizes(x, (low, high), self.axis)
        return [Spec(self.T, shapes.merge(dy.shape, x.shape)), Spec(self.T, sizes), Spec(self.T, sizes)]

    def kernel(self, xp: Namespace, dy: Any, x: Any, low: Any, high: Any) -> Any:
        low_here, high_here = (along(xp, end, len(x.shape), self.axis) for end in (low, high))
        inside = xp.where((x >= low_here) & (x <= high_here), dy, dy.dtype.type(0))
        return [inside, xp.zeros_like(low), xp.zeros_like(high)]


class QuantizeAndDequantizeV3(Op, sig="input: T, input_min: T, input_max: T, num_bits: int32 -> output: T"):
    """As V2, with the number of bits in a tensor."""
    signed_input: bool = True
    range_given: bool = True
    T: DType = one_of(FLOATING)
    narrow_range: bool = False
    axis: int = -1

    def infer(self, x: Spec, low: Spec, high: Spec, bits: Spec) -> Spec:
        range_sizes(x, (low, high), self.axis)
        require_rank(bits, 0)
        return x

    def kernel(self, xp: Namespace, x: Any, low: Any, high: Any, bits: Any) -> Any:
        xp.check((bits < 1) | (bits > 62 + (not self.signed_input)), "num_bits is out of range: {value}", bits)
        return _rounded(xp, x, low, high, xp.astype(bits, np.float64), signed=self.signed_input, given=self.range_given,
                        narrow=self.narrow_range, axis=self.axis, up=False)

    def grad(self, op: Operation, dy: Any) -> Any:
        return dy, None, None, None


@export("quantization.quantize_and_dequantize")
def quantize_and_dequantize(input: Any, input_min: Any, input_max: Any, signed_input: bool = True, num_bits: int = 8,
                            range_given: bool = False, round_mode: str = "HALF_TO_EVEN", name: str | None = None,
                            narrow_range: bool = False, axis: int | None = None) -> Tensor:
    """`input` (floating) rounded to what integers of num_bits hold, between input_min and input_max or, unless range_given, between its
    least and greatest value. With axis there is a range for each slice along it. The gradient passes everywhere.
    Deprecated: `tf.quantization.quantize_and_dequantize_v2` keeps the gradient to the range.
    """
    warn_once("tf.quantization.quantize_and_dequantize is deprecated: use tf.quantization.quantize_and_dequantize_v2, whose gradient is 0 "
              "outside of the range")
    return make(QuantizeAndDequantizeV2, input, input_min, input_max, name=name, signed_input=signed_input, num_bits=num_bits,
                range_given=range_given, round_mode=round_mode, narrow_range=narrow_range, axis=-1 if axis is None else axis)


@export("quantization.quantize_and_dequantize_v2")
def quantize_and_dequantize_v2(input: Any, input_min: Any, input_max: Any, signed_input: bool = True, num_bits: int = 8,
                               range_given: bool = False, round_mode: str = "HALF_TO_EVEN", name: str | None = None,
                               narrow_range: bool = False, axis: int | None = None) -> Tensor:
    """As `tf.quantization.quantize_and_dequantize`; the gradient is 0 where `input` lies outside of [input_min, input_max]."""
    return make(QuantizeAndDequantizeV4, input, input_min, input_max, name=name, signed_input=signed_input, num_bits=num_bits,
                range_given=range_given, round_mode=round_mode, narrow_range=narrow_range, axis=-1 if axis is None else axis)
