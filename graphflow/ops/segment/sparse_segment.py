"""Segment reductions of gathered rows: `data[indices]` is reduced by sorted segment ids without being stored."""
from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from ...core.dtypes import DType, int32
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, require
from ...core.operation import Operation
from ...core.outcomes import Several
from ...core.tensor import Tensor
from ...core.values import IndexedSlices
from ...kernels import segments
from ...kernels.contract import Namespace
from ..array.basic import shape_internal
from ..dtype_sets import FLOATING, INDEX, REAL

_SIG = "data: T, indices: Tidx, segment_ids: Tsegmentids -> output: T"
_SIG_COUNT = "data: T, indices: Tidx, segment_ids: Tsegmentids, num_segments: Tnumsegments -> output: T"
_SIG_GRAD = "grad: T, indices: Tidx, segment_ids: Tsegmentids, output_dim0: int32 -> output: T"
_SIG_GRAD_V2 = "grad: T, indices: Tidx, segment_ids: Tsegmentids, dense_output_dim0: int32 -> output: T, sorted_unique_indices: Tidx"


def _scale(norm: str, ids: Any, count: int, dtype: Any) -> Any:
    """What each segment's sum is multiplied by: 1 / size or 1 / sqrt(size); 1 for empty segments."""
    size = np.maximum(segments.counts(ids, count), 1).astype(np.float64)
    return (1 / (size if norm == "mean" else np.sqrt(size))).astype(dtype)


def _column(values: Any, rank: int) -> Any:
    return values.reshape(-1, *[1] * (rank - 1))


class _SparseSegment(Op):
    host = True         # how many rows come out is in the ids
    static = ()
    Tidx: DType = one_of(INDEX, default=int32)
    Tsegmentids: DType = one_of(INDEX, default=int32)
    sparse_gradient: bool = False
    norm: ClassVar[str] = ""

    def check(self, data: Any, indices: Any, ids: Any, *count: Any) -> None:
        for what, spec in (("indices", indices), ("segment_ids", ids)):
            require(spec.shape is None or len(spec.shape) == 1, f"{what} should be a vector, got shape {list(spec.shape or ())}")
        require(not indices.shape or not ids.shape or indices.shape == ids.shape,
                f"segment_ids and indices should have same size, got {ids.shape} and {indices.shape}")

    def infer(self, data: Any, indices: Any, ids: Any, *count: Any) -> Spec:
        if data.shape is None:
            return Spec(data.dtype, None)
        require(len(data.shape) >= 1, "Shape must be at least rank 1 but is rank 0")
        rows = None if not count or count[0].value is None else int(count[0].value)
        return Spec(data.dtype, (rows, *data.shape[1:]))

    def kernel(self, xp: Namespace, data: Any, indices: Any, ids: Any, *count: Any) -> Any:
        rows = segments.checked_sorted(ids)
        rows = int(count[0]) if count else rows
        bad = (np.asarray(indices) < 0) | (np.asarray(indices) >= len(data))
        if bad.any():
            at = int(np.argmax(bad))
            raise ValueError(f"Bad: indices[{at}] == {indices[at]} out of range [0, {len(data)})")
        sums = xp.segment_reduce(np.asarray(data)[indices], ids, rows, "sum")
        return sums * _column(_scale(self.norm, ids, rows, sums.dtype), sums.ndim) if self.norm else sums

    def grad(self, op: Operation, dy: Any) -> Any:
        data, indices, ids = op.inputs[:3]
        rest = (None,) * (len(op.inputs) - 1)
        if self.sparse_gradient:
            shape = shape_internal(data)
            values, rows = make(_GRADIENTS_V2[self.norm], dy, indices, ids, shape[0])
            return (IndexedSlices(values, rows, shape), *rest)
        return (make(_GRADIENTS[self.norm], dy, indices, ids, shape_internal(data)[0]), *rest)


def _row(name: str, sig: str, norm: str, base: Any, types: Any, doc: str, **more: Any) -> Any:
    notes = {"T": "DType"}
    body: dict[str, Any] = {"__doc__": doc, "__module__": __name__, "norm": norm, "T": one_of(types), "__annotations__": notes}
    if "Tnumsegments" in sig:
        notes["Tnumsegments"] = "DType"
        body.update(Tnumsegments=one_of(INDEX, default=int32), static={"num_segments": 0})
    return type(name, (base,), body, sig=sig)


SparseSegmentSum = _row("SparseSegmentSum", _SIG, "", _SparseSegment, REAL, "The sum of data[indices] by segment.")
SparseSegmentMean = _row("SparseSegmentMean", _SIG, "mean", _SparseSegment, FLOATING, "The mean of data[indices] by segment.")
SparseSegmentSqrtN = _row("SparseSegmentSqrtN", _SIG, "sqrtn", _SparseSegment, FLOATING,
                          "The sum of data[indices] by segment over the square root of the segment's size.")
SparseSegmentSumWithNumSegments = _row("SparseSegmentSumWithNumSegments", _SIG_COUNT, "", _SparseSegment, REAL,
                                       "SparseSegmentSum with a given number of segments.")
SparseSegmentMeanWithNumSegments = _row("SparseSegmentMeanWithNumSegments", _SIG_COUNT, "mean", _SparseSegment, FLOATING,
                                        "SparseSegmentMean with a given number of segments.")
SparseSegmentSqrtNWithNumSegments = _row("SparseSegmentSqrtNWithNumSegments", _SIG_COUNT, "sqrtn", _SparseSegment, FLOATING,
                                         "SparseSegmentSqrtN with a given number of segments.")


class _Gradient(Op):
    """Rows of dy back at the places that `indices` took them from, added up where several came from one place."""
    host = True         # how many rows come out is a value
    static = {"output_dim0": 0}
    Tidx: DType = one_of(INDEX, default=int32)
    Tsegmentids: DType = one_of(INDEX, default=int32)
    norm: ClassVar[str] = ""

    def infer(self, dy: Any, indices: Any, ids: Any, rows: Any) -> Any:
        return Spec(dy.dtype, None if dy.shape is None else (None if rows.value is None else int(rows.value), *dy.shape[1:]))

    def kernel(self, xp: Namespace, dy: Any, indices: Any, ids: Any, rows: Any) -> Any:
        return xp.segment_reduce(self.scaled(dy, ids), indices, int(rows), "sum")

    def scaled(self, dy: Any, ids: Any) -> Any:
        dy = np.asarray(dy)
        if self.norm:
            dy = dy * _column(_scale(self.norm, ids, len(dy), dy.dtype), dy.ndim)
        return dy[ids]

    def grad(self, op: Operation, *dy: Any) -> Any:
        raise LookupError(f"No gradient defined for operation '{op.name}' (op type: {op.type})")


class _SparseGradient(_Gradient, Several):
    """As `_Gradient`, only the rows that something came from, and their sorted indices."""
    static = {"dense_output_dim0": 0}

    def infer(self, dy: Any, indices: Any, ids: Any, rows: Any) -> Any:
        return Spec(dy.dtype, None if dy.shape is None else (None, *dy.shape[1:])), Spec(self.Tidx, (None,))

    def kernel(self, xp: Namespace, dy: Any, indices: Any, ids: Any, rows: Any) -> Any:
        found, places = np.unique(indices, return_inverse=True)
        return xp.segment_reduce(self.scaled(dy, ids), places.ravel(), len(found), "sum"), found


_GRADIENTS = {
    "": _row("SparseSegmentSumGrad", _SIG_GRAD, "", _Gradient, FLOATING, "Gradient of SparseSegmentSum."),
    "mean": _row("SparseSegmentMeanGrad", _SIG_GRAD, "mean", _Gradient, FLOATING, "Gradient of SparseSegmentMean."),
    "sqrtn": _row("SparseSegmentSqrtNGrad", _SIG_GRAD, "sqrtn", _Gradient, FLOATING, "Gradient of SparseSegmentSqrtN."),
}
_GRADIENTS_V2 = {
    "": _row("SparseSegmentSumGradV2", _SIG_GRAD_V2, "", _SparseGradient, FLOATING, "Gradient of SparseSegmentSum, sparse."),
    "mean": _row("SparseSegmentMeanGradV2", _SIG_GRAD_V2, "mean", _SparseGradient, FLOATING, "Gradient of SparseSegmentMean, sparse."),
    "sqrtn": _row("SparseSegmentSqrtNGradV2", _SIG_GRAD_V2, "sqrtn", _SparseGradient, FLOATING, "Gradient of SparseSegmentSqrtN, sparse."),
}


def _reduce(plain: Any, counted: Any, data: Any, indices: Any, segment_ids: Any, name: str | None, num_segments: Any,
            sparse_gradient: bool) -> Tensor:
    if num_segments is None:
        return make(plain, data, indices, segment_ids, name=name, sparse_gradient=sparse_gradient)
    return make(counted, data, indices, segment_ids, num_segments, name=name,
                sparse_gradient=sparse_gradient)


@export("sparse_segment_sum", "sparse.segment_sum")
def sparse_segment_sum(data: Any, indices: Any, segment_ids: Any, name: str | None = None, num_segments: Any = None,
                       sparse_gradient: bool = False) -> Tensor:
    """The sum over rows data[indices[i]] with equal (sorted) segment_ids[i]; sparse_gradient makes data's gradient IndexedSlices."""
    return _reduce(SparseSegmentSum, SparseSegmentSumWithNumSegments, data, indices, segment_ids, name, num_segments, sparse_gradient)


@export("sparse_segment_mean", "sparse.segment_mean")
def sparse_segment_mean(data: Any, indices: Any, segment_ids: Any, name: str | None = None, num_segments: Any = None,
                        sparse_gradient: bool = False) -> Tensor:
    """The mean over rows data[indices[i]] with equal segment_ids[i]; see `tf.sparse_segment_sum`."""
    return _reduce(SparseSegmentMean, SparseSegmentMeanWithNumSegments, data, indices, segment_ids, name, num_segments,
                   sparse_gradient)


@export("sparse_segment_sqrt_n", "sparse.segment_sqrt_n")
def sparse_segment_sqrt_n(data: Any, indices: Any, segment_ids: Any, name: str | None = None, num_segments: Any = None,
                          sparse_gradient: bool = False) -> Tensor:
    """The sum over rows data[indices[i]] with equal segment_ids[i], over the root of their number; see `tf.sparse_segment_sum`."""
    return _reduce(SparseSegmentSqrtN, SparseSegmentSqrtNWithNumSegments, data, indices, segment_ids, name, num_segments,
                   sparse_gradient)
