"""Concatenation of quantized tensors, whose ranges may differ."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core.dtypes import DType, float32
from ...core.export import export
from ...core.make import make
from ...core.op import Spec, one_of, require_rank
from ...core.outcomes import Several
from ...kernels.contract import Namespace
from ..array.joining import joined
from ..dtype_sets import QUANTIZED
from .quantize import as_integers, min_first, numbers
from .ranges import limits, whole


class QuantizedConcat(Several, sig="""concat_dim: int32, values: T*, input_mins: float32*, input_maxes: float32* ->
                      output: T, output_min: float32, output_max: float32""", static={"concat_dim": 0}):
    """The parts one after the other, in a range that holds all of theirs; parts with another range are quantized anew."""
    least = {"N": 2}
    N: int
    T: DType = one_of(QUANTIZED)

    def infer(self, axis: Any, *parts: Any) -> list[Spec]:
        for end in parts[self.N:]:
            require_rank(end, 0)
        return [joined(parts[:self.N], axis.value, self.T), Spec(float32, ()), Spec(float32, ())]

    def kernel(self, xp: Namespace, axis: Any, *parts: Any) -> Any:
        values, lows, highs = parts[:self.N], parts[self.N:2 * self.N], parts[2 * self.N:]
        low, high = np.float32(0), highs[0]
        for end in lows:
            low = xp.minimum(low, end)
        for end in highs[1:]:
            high = xp.maximum(high, end)
        if limits(self.T)[0] < 0:       # signed: the same on both sides of zero
            high = xp.maximum(-low, xp.maximum(high, -high))
            low = -high
        found = []
        for x, low_here, high_here in zip(values, lows, highs):
            same = (low_here == low) & (high_here == high)
            moved = as_integers(xp, min_first(xp, numbers(xp, xp.astype(x, whole(self.T)), low_here, high_here, self.T, "MIN_FIRST"),
                                              low, high, self.T), self.T)
            found.append(xp.where(same, xp.astype(x, whole(self.T)), xp.astype(moved, whole(self.T))))
        return [xp.astype(xp.concatenate(found, int(np.ravel(axis)[0])), self.T.np), low, high]


@export("quantized_concat", "quantization.quantized_concat")
def quantized_concat(concat_dim: Any, values: Any, input_mins: Any, input_maxes: Any, name: str | None = None) -> Any:
    """(output, output_min, output_max): quantized tensors of one type one after the other along concat_dim.

    input_mins, input_maxes: lists of scalars, the range of each tensor. The result's range holds all of them and 0.
    """
    values, input_mins, input_maxes = list(values), list(input_mins), list(input_maxes)
    for argument, ends in (("input_mins", input_mins), ("input_maxes", input_maxes)):
        if len(ends) != len(values):
            raise ValueError(f"List argument '{argument}' to 'quantized_concat' Op with length {len(ends)} must match length {len(values)} "
                             "of argument 'values'.")
    return make(QuantizedConcat, concat_dim, values, input_mins, input_maxes, name=name)
