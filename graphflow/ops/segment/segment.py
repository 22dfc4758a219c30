"""Reductions over segments: rows that share an id. `segment_*` want sorted ids, `unsorted_segment_*` any."""
from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from ...core import context, shapes
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, int16, int32, int64
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, require
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...kernels import segments
from ...kernels.contract import Namespace
from .. import functions as F
from ..array.basic import shape_as_tensor
from ..array.coordinates import above
from ..dtype_sets import NUMERIC, QUANTIZED, REAL
from ..elementwise import binary, unary
from . import segment_grad as gradient

_SORTED = "data: T, segment_ids: Tindices -> output: T"
_SORTED_V2 = "data: T, segment_ids: Tindices, num_segments: Tnumsegments -> output: T"


class _Sorted(Op):
    """Rows whose (sorted) ids are equal are reduced into one; there are as many as the last id says."""
    host = True         # how many rows come out is in the ids
    Tindices: DType = one_of((int32, int64))
    ufunc: ClassVar[Any] = np.add
    empty: ClassVar[Any] = 0

    def infer(self, data: Any, ids: Any, *count: Any) -> Spec:
        require(ids.shape is None or len(ids.shape) == 1, f"Shape must be rank 1 but is rank {len(ids.shape or ())}")
        if data.shape is None:
            return Spec(data.dtype, None)
        require(len(data.shape) >= 1, "Shape must be at least rank 1 but is rank 0")
        rows = None if not count or count[0].value is None else int(count[0].value)
        return Spec(data.dtype, (rows, *data.shape[1:]))

    def kernel(self, xp: Namespace, data: Any, ids: Any, *count: Any) -> Any:
        rows = segments.checked_sorted(ids)
        rows = int(count[0]) if count else rows
        if np.shape(data)[0] != np.size(ids):
            raise ValueError(f"segment_ids should be the same size as dimension 0 of input: {np.size(ids)} and {np.shape(data)[0]}")
        return segments.reduce_rows(self.ufunc, data, ids, rows, self.empty)


class SegmentSum(_Sorted, sig=_SORTED):
    """The sum of each segment."""
    T: DType = one_of(NUMERIC, QUANTIZED)

    def grad(self, op: Operation, dy: Any) -> Any:
        return F.gather(dy, op.inputs[1]), None


class SegmentMean(_Sorted, sig=_SORTED):
    """The mean of each segment, 0 of empty ones."""
    T: DType = one_of(NUMERIC, QUANTIZED)

    def kernel(self, xp: Namespace, data: Any, ids: Any) -> Any:
        sums = super().kernel(xp, data, ids)
        number = np.maximum(segments.counts(ids, len(sums)), 1).reshape(-1, *[1] * (sums.ndim - 1))
        return (sums // number if sums.dtype.kind in "iu" else sums / number).astype(sums.dtype)

    def grad(self, op: Operation, dy: Any) -> Any:
        return gradient.mean(op, dy), None


class SegmentProd(_Sorted, sig=_SORTED):
    """The product of each segment, 1 of empty ones."""
    T: DType = one_of(NUMERIC, QUANTIZED)
    ufunc = np.multiply
    empty = 1

    def grad(self, op: Operation, dy: Any) -> Any:
        return gradient.product(op, dy), None


class SegmentMax(_Sorted, sig=_SORTED):
    """The greatest of each segment, 0 of empty ones."""
    T: DType = one_of(REAL)
    ufunc = np.maximum

    def grad(self, op: Operation, dy: Any) -> Any:
        return gradient.extreme(op, dy), None


class SegmentMin(_Sorted, sig=_SORTED):
    """The least of each segment, 0 of empty ones."""
    T: DType = one_of(REAL)
    ufunc = np.minimum

    def grad(self, op: Operation, dy: Any) -> Any:
        return gradient.extreme(op, dy), None


class _Unsorted(Op):
    """Rows whose ids are equal are reduced into one of `num_segments`; rows with a negative id are left out."""
    static = {"num_segments": 0}
    Tnumsegments: DType = one_of((int32, int64), default=int32)
    how: ClassVar[str] = "sum"

    def infer(self, data: Any, ids: Any, count: Any) -> Spec:
        rows = None if count.value is None else int(count.value)
        require(rows is None or rows >= 0, f"Input num_segments == {rows} must not be negative.")
        if data.shape is None or ids.shape is None:
            return Spec(data.dtype, None)
        lead = data.shape[:len(ids.shape)]
        require(len(data.shape) >= len(ids.shape) and all(a is None or b is None or a == b for a, b in zip(lead, ids.shape)),
                f"data.shape = {shapes.describe(data.shape)} does not start with segment_ids.shape = {shapes.describe(ids.shape)}")
        return Spec(data.dtype, (rows, *data.shape[len(ids.shape):]))

    def kernel(self, xp: Namespace, data: Any, ids: Any, count: Any) -> Any:
        if tuple(data.shape[:len(ids.shape)]) != tuple(ids.shape):
            raise ValueError(f"data.shape = {shapes.describe(data.shape)} does not start with segment_ids.shape = "
                             f"{shapes.describe(ids.shape)}")
        xp.check(above(ids, int(count)), f"segment_ids{{place}} = {{value}} is out of range [0, {int(count)})", ids)
        return xp.segment_reduce(data, ids, int(count), self.how)


class UnsortedSegmentSum(_Unsorted, sig=_SORTED_V2):
    """The sum of each segment."""
    T: DType = one_of(NUMERIC, QUANTIZED)
    Tindices: DType = one_of((int16, int32, int64))

    def grad(self, op: Operation, dy: Any) -> Any:
        return gradient.gather_kept(dy, op.inputs[1])[0], None, None


class UnsortedSegmentProd(_Unsorted, sig=_SORTED_V2):
    """The product of each segment, 1 of empty ones."""
    T: DType = one_of(NUMERIC, QUANTIZED)
    Tindices: DType = one_of((int32, int64))
    how = "prod"

    def grad(self, op: Operation, dy: Any) -> Any:
        return gradient.unsorted_product(op, dy), None, None


class UnsortedSegmentMax(_Unsorted, sig=_SORTED_V2):
    """The greatest of each segment, the least number of empty ones."""
    T: DType = one_of(REAL)
    Tindices: DType = one_of((int32, int64))
    how = "max"

    def grad(self, op: Operation, dy: Any) -> Any:
        return gradient.unsorted_extreme(op, dy), None, None


class UnsortedSegmentMin(_Unsorted, sig=_SORTED_V2):
    """The least of each segment, the greatest number of empty ones."""
    T: DType = one_of(REAL)
    Tindices: DType = one_of((int32, int64))
    how = "min"

    def grad(self, op: Operation, dy: Any) -> Any:
        return gradient.unsorted_extreme(op, dy), None, None


def _sorted_function(cls: Any, function_name: str) -> Any:
    def function(data: Any, segment_ids: Any, name: str | None = None) -> Tensor:
        return make(cls, data, segment_ids, name=name)
    function.__name__ = function.__qualname__ = function_name
    function.__doc__ = (f"{cls.__doc__.rstrip('.')}: row i of `data` belongs to segment segment_ids[i]. The ids are sorted and "
                        "start at 0 or above; there are as many segments as the last id plus 1.")
    return export(function_name, f"math.{function_name}")(function)


def _unsorted_function(cls: Any, function_name: str) -> Any:
    def function(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Tensor:
        return make(cls, data, segment_ids, num_segments, name=name)
    function.__name__ = function.__qualname__ = function_name
    function.__doc__ = (f"{cls.__doc__.rstrip('.')}: row i of `data` belongs to segment segment_ids[i] of num_segments, in any "
                        "order; rows with a negative id are left out.")
    return export(function_name, f"math.{function_name}")(function)


segment_sum = _sorted_function(SegmentSum, "segment_sum")
segment_mean = _sorted_function(SegmentMean, "segment_mean")
segment_prod = _sorted_function(SegmentProd, "segment_prod")
segment_max = _sorted_function(SegmentMax, "segment_max")
segment_min = _sorted_function(SegmentMin, "segment_min")
unsorted_segment_sum = _unsorted_function(UnsortedSegmentSum, "unsorted_segment_sum")
unsorted_segment_prod = _unsorted_function(UnsortedSegmentProd, "unsorted_segment_prod")
unsorted_segment_max = _unsorted_function(UnsortedSegmentMax, "unsorted_segment_max")
unsorted_segment_min = _unsorted_function(UnsortedSegmentMin, "unsorted_segment_min")


def _members(data: Any, ids: Any, count: Any) -> Tensor:
    """How many rows each segment has, at least 1, in a shape that divides the sums."""
    count = convert_to_tensor(count)
    ones = F.ones(shape_as_tensor(ids), data.dtype.base_dtype)
    number = unsorted_segment_sum(ones, ids, count)
    lead = count[None]
    shape = F.concat([lead, F.ones([F.rank(data) - F.rank(ids)], count.dtype)], axis=0)
    return binary.maximum(F.reshape(number, shape), 1)


@export("unsorted_segment_mean", "math.unsorted_segment_mean")
def unsorted_segment_mean(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Tensor:
    """The mean of each segment, 0 of empty ones; arguments as in `tf.unsorted_segment_sum`."""
    with context.default_graph().name_scope(name or "UnsortedSegmentMean"):
        data, ids = convert_to_tensor(data), convert_to_tensor(segment_ids)
        number = _members(data, ids, num_segments)
        return unsorted_segment_sum(data, ids, num_segments) / number


@export("unsorted_segment_sqrt_n", "math.unsorted_segment_sqrt_n")
def unsorted_segment_sqrt_n(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Tensor:
    """The sum of each segment over the square root of its size; arguments as in `tf.unsorted_segment_sum`."""
    with context.default_graph().name_scope(name or "UnsortedSegmentSqrtN"):
        data, ids = convert_to_tensor(data), convert_to_tensor(segment_ids)
        number = _members(data, ids, num_segments)
        return unsorted_segment_sum(data, ids, num_segments) / unary.sqrt(number)


