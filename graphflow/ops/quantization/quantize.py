"""Tensors of small integers with the range that they stand for: quantize, dequantize, concatenate.

The mode says how integers and numbers belong together, T being the integers' type:

    MIN_COMBINED  its whole range is spread evenly over [min, max]
    MIN_FIRST     as that, with both ends moved to whole steps, so that 0 is a value
    SCALED        symmetric: 0 is 0, and the end that is further away is the last integer of its sign
"""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import dtypes
from ...core.dtypes import DType, as_dtype, float32
from ...core.errors import UnimplementedError
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, one_word
from ...core.outcomes import Several
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from ..dtype_sets import QUANTIZED
from .ranges import along, half_away, limits, range_sizes, whole

_FAR = float(np.finfo(np.float32).max)
_MODES = ("MIN_COMBINED", "MIN_FIRST", "SCALED")


def _refuse_slices(mode: str, axis: int, what: str) -> None:
    if mode == "MIN_FIRST" and axis != -1:
        raise UnimplementedError(None, None, f"MIN_FIRST mode is not implemented for {what} with axis != -1: use "
                                       "MIN_COMBINED or SCALED, or one range for all")


class QuantizeV2(Several, sig="""input: float32, min_range: float32, max_range: float32 ->
                 output: T, output_min: float32, output_max: float32"""):
    """Numbers as integers of a quantized type, and the range that these stand for."""
    T: DType = one_of(QUANTIZED)
    mode: str = one_word(*_MODES, default="MIN_COMBINED")
    round_mode: str = one_word("HALF_AWAY_FROM_ZERO", "HALF_TO_EVEN", default="HALF_AWAY_FROM_ZERO")
    narrow_range: bool = False
    axis: int = -1
    ensure_minimum_range: float = 0.01

    def infer(self, x: Spec, low: Spec, high: Spec) -> list[Spec]:
        sizes = range_sizes(x, (low, high), self.axis)
        return [Spec(self.T, x.shape), Spec(float32, sizes), Spec(float32, sizes)]

    def check(self, *inputs: Spec) -> None:
        if self.round_mode == "HALF_TO_EVEN" and self.mode != "SCALED":
            raise ValueError(f"Round mode 'HALF_TO_EVEN' only supported for mode 'SCALED', but mode is '{self.mode}'.")

    def kernel(self, xp: Namespace, x: Any, low: Any, high: Any) -> Any:
        _refuse_slices(self.mode, self.axis, "Quantize")
        xp.check(low > high, "input_max_range must be larger than input_min_range, which is {value}", low)
        low_end = xp.minimum(np.float32(0), low)
        least_width = xp.maximum(np.float32(1), xp.maximum(xp.abs(low), xp.abs(high))) * np.float32(self.ensure_minimum_range)
        high_end = xp.maximum(np.float32(0), xp.maximum(high, low_end + least_width))
        first, last = limits(self.T)
        if self.mode == "SCALED":
            first += self.narrow_range and first < 0
            found, low_end, high_end = self._scaled(xp, x, low_end, high_end, first, last)
        else:
            low_here, high_here = (along(xp, end, len(x.shape), self.axis) for end in (low_end, high_end))
            if self.mode == "MIN_COMBINED":
                steps = (xp.minimum(xp.maximum(x, low_here), high_here) - low_here) * (np.float32(last - first) / (high_here - low_here))
                found = half_away(xp, steps - np.float32((last - first + 1) // 2) if first else steps)
            else:
                found = min_first(xp, x, low_here, high_here, self.T)
        return [as_integers(xp, found, self.T), low_end, high_end]

    def _scaled(self, xp: Namespace, x: Any, low: Any, high: Any, first: int, last: int) -> tuple[Any, Any, Any]:
        def side(end: Any, integer: int) -> Any:
            there = end * np.float32(integer) > 0
            return xp.where(there, np.float32(integer) / xp.where(there, end, np.float32(1)), np.float32(_FAR))
        scale = xp.minimum(side(low, first), side(high, last))
        low, high = np.float32(first) / scale, np.float32(last) / scale
        low_here, high_here, scale = (along(xp, end, len(x.shape), self.axis) for end in (low, high, scale))
        steps = xp.minimum(xp.maximum(x, low_here), high_here) * scale
        return xp.rint(steps) if self.round_mode == "HALF_TO_EVEN" else half_away(xp, steps), low, high


def min_first(xp: Namespace, x: Any, low: Any, high: Any, dtype: DType) -> Any:
    """x as whole numbers that integers of a quantized type hold, in MIN_FIRST mode; still floating."""
    first, last = limits(dtype)
    count = float(last - first + 1)
    scale = xp.astype(count / (xp.astype(high - low, np.float64) * (count / (count - 1.0))), np.float32)
    found = half_away(xp, x * scale) + (np.float32(first) - half_away(xp, low * scale))
    greatest = np.float32(last)
    if int(greatest) > last:
        greatest = np.nextafter(greatest, np.float32(0))
    return xp.minimum(xp.maximum(found, np.float32(first)), greatest)


def as_integers(xp: Namespace, found: Any, dtype: DType) -> Any:
    """Whole floating numbers as a quantized type."""
    first, last = limits(dtype)
    if last == 2**31 - 1:       # float32 has no 2**31 - 1: what rounds to 2**31 becomes the least integer, as on TensorFlow's processors
        found = xp.where(found >= np.float32(2**31), np.float32(-2**31), found)
    found = xp.where(xp.isnan(found), np.float32(first), found)
    return xp.astype(xp.astype(found, whole(dtype)), dtype.np)


class Dequantize(Op, sig="input: T, min_range: float32, max_range: float32 -> output: dtype"):
    """The numbers that quantized integers stand for."""
    T: DType = one_of(QUANTIZED)
    mode: str = one_word(*_MODES, default="MIN_COMBINED")
    narrow_range: bool = False
    axis: int = -1
    dtype: DType = one_of(dtypes.bfloat16, float32, default=float32)

    def infer(self, x: Spec, low: Spec, high: Spec) -> Spec:
        range_sizes(x, (low, high), self.axis)
        return Spec(self.dtype, x.shape)

    def kernel(self, xp: Namespace, x: Any, low: Any, high: Any) -> Any:
        _refuse_slices(self.mode, self.axis, "Dequantize")
        low, high = (along(xp, end, len(x.shape), self.axis) for end in (low, high))
        return xp.astype(numbers(xp, xp.astype(x, whole(self.T)), low, high, self.T, self.mode, self.narrow_range), self.dtype.np)


def numbers(xp: Namespace, x: Any, low: Any, high: Any, dtype: DType, mode: str, narrow: bool = False) -> Any:
    """float32 numbers for integers of a quantized type."""
    first, last = limits(dtype)
    steps = xp.astype(x, np.float32)
    if mode == "SCALED":
        first += narrow and first < 0
        scale = high / np.float32(last)
        if first:
            lower = low / np.float32(first)
            scale = xp.where(lower < scale, scale, lower)
        return steps * scale
    if mode == "MIN_COMBINED":
        half = np.float32((last - first + 1) // 2 if first else 0)
        return (steps + half) * ((high - low) / np.float32(last - first)) + low
    step = (high - low) / np.float32(last - first)
    least = xp.where(low == high, low, half_away(xp, low / step) * step)
    return steps * step + (least - np.float32(first) * step)


@export("quantize", "quantization.quantize")
def quantize(input: Any, min_range: Any, max_range: Any, T: Any, mode: str = "MIN_COMBINED", round_mode: str = "HALF_AWAY_FROM_ZERO",
             name: str | None = None, narrow_range: bool = False, axis: int | None = None, ensure_minimum_range: Any = 0.01) -> Any:
    """(output of type T, output_min, output_max): float32 numbers as integers, and the range that the integers stand for.

    min_range, max_range: scalars; with axis, a vector with a range for each slice along it. T: tf.qint8, quint8, qint16, quint16 or
    qint32. The range is widened to hold 0 and to be at least ensure_minimum_range wide. What is outside becomes the nearest end. mode:
    MIN_COMBINED, MIN_FIRST or SCALED, as the module's docstring says; narrow_range leaves out the least integer in SCALED mode.
    """
    return make(QuantizeV2, input, min_range, max_range, name=name, T=as_dtype(T), mode=mode, round_mode=round_mode,
                narrow_range=narrow_range, axis=-1 if axis is None else axis, ensure_minimum_range=ensure_minimum_range)


@export("quantize_v2")
def quantize_v2(input: Any, min_range: Any, max_range: Any, T: Any, mode: str = "MIN_COMBINED", name: str | None = None,
                round_mode: str = "HALF_AWAY_FROM_ZERO", narrow_range: bool = False, axis: int | None = None,
                ensure_minimum_range: Any = 0.01) -> Any:
    """`tf.quantization.quantize`, with its older order of arguments."""
    return quantize(input, min_range, max_range, T, mode, round_mode, name, narrow_range, axis, ensure_minimum_range)


@export("dequantize", "quantization.dequantize")
def dequantize(input: Any, min_range: Any, max_range: Any, mode: str = "MIN_COMBINED", name: str | None = None, axis: int | None = None,
               narrow_range: bool = False, dtype: Any = float32) -> Tensor:
    """The numbers (float32 or bfloat16) that a quantized tensor stands for; the arguments are those of `tf.quantize`."""
    return make(Dequantize, input, min_range, max_range, name=name, mode=mode, narrow_range=narrow_range,
                axis=-1 if axis is None else axis, dtype=as_dtype(dtype))
