"""Sums and reductions of sparse tensors, elementwise extremes, softmax."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import context, dtypes
from ...core.constant import constant_op
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, float32, int64
from ...core.export import export
from ...core.make import make
from ...core.op import Spec, one_of, require
from ...core.operation import Operation
from ...core.outcomes import Several
from ...core.tensor import Tensor
from ...core.values import SparseTensor, SparseTensorValue
from ...kernels.contract import Namespace
from ...kernels.edit_distance import distances
from .. import functions as F
from ..array.basic import reshape
from ..array.indexing import gather_nd
from ..dtype_sets import REAL
from ..reduce.reduction_grad import reduced_shape
from .base import as_sparse, flat_positions, parts, rank_of, sparse_specs, unflatten
from .checked import SparseOp
from .construct import _with_known_shape
from .dense import SparseTensorDenseAdd

_REAL = one_of(REAL)
_SPARSE = "input_indices: int64, input_values: T, input_shape: int64, reduction_axes: int32"


class _Reduce(SparseOp):
    """Base: values added up, or the greatest taken, over axes; places without any value give zero."""
    keep_dims: bool = False
    T: DType
    how = "add"

    def _groups(self, indices: Any, values: Any, size: Any, axes: Any) -> tuple[Any, Any, list[int]]:
        """(row-major numbers of the places that hold something, their values, shape with reduced axes of size 1)."""
        rank = len(size)
        gone = {int(a) % rank for a in np.ravel(axes)} if np.size(axes) else set(range(rank)) if axes is None else set()
        for a in np.ravel(axes):
            if not -rank <= a < rank:
                raise ValueError(f"Invalid reduction dimension {int(a)}, for input with {rank} dimensions.")
        wide = [1 if i in gone else int(d) for i, d in enumerate(size)]
        where = np.array(indices)
        where[:, list(gone)] = 0
        places, at = np.unique(flat_positions(where, wide), return_inverse=True)
        if self.how == "add":
            out = np.zeros(len(places), self.T.np)
            np.add.at(out, at.ravel(), values)
        else:
            out = np.full(len(places), values.min() if len(values) else 0, self.T.np)
            np.maximum.at(out, at.ravel(), values)
        return places, out, wide

    def _final(self, wide: list[int], axes: Any) -> list[int]:
        rank = len(wide)
        gone = {int(a) % rank for a in np.ravel(axes)}
        return wide if self.keep_dims else [d for i, d in enumerate(wide) if i not in gone]


class SparseReduceSum(_Reduce, sig=_SPARSE + " -> output: T", static=("input_shape", "reduction_axes"), host=True):
    """The sum over axes of a sparse tensor, dense."""

    def infer(self, indices: Any, values: Any, size: Any, axes: Any) -> Spec:
        known = size.partial if size.value is None else tuple(int(d) for d in size.value)
        if known is None or axes.value is None:
            return Spec(self.T, None)
        gone = {int(a) % len(known) for a in np.ravel(axes.value)} if known else set()
        if self.keep_dims:
            return Spec(self.T, tuple(1 if i in gone else d for i, d in enumerate(known)))
        return Spec(self.T, tuple(d for i, d in enumerate(known) if i not in gone))

    def kernel(self, xp: Namespace, indices: Any, values: Any, size: Any, axes: Any) -> Any:
        places, found, wide = self._groups(np.asarray(indices), np.asarray(values), np.ravel(size), np.ravel(axes))
        out = np.zeros(int(np.prod(wide, dtype=np.int64)), self.T.np)
        out[places] = found
        return out.reshape(self._final(wide, axes))

    def grad(self, op: Operation, dy: Any) -> Any:
        indices, _, size, axes = op.inputs
        wide = reduced_shape(size, axes)
        return None, gather_nd(reshape(dy, wide), indices // (size // F.cast(wide, int64))), None, None


class SparseReduceMax(SparseReduceSum, sig=_SPARSE + " -> output: T", static=("input_shape", "reduction_axes"), host=True):
    """The greatest value over axes of a sparse tensor (places without a value do not count), dense."""
    T: DType = _REAL
    how = "max"

    def grad(self, op: Operation, dy: Any) -> Any:
        raise LookupError(f"No gradient defined for operation '{op.name}' (op type: {op.type})")


class SparseReduceSumSparse(_Reduce, Several, sig=_SPARSE + " -> output_indices: int64, output_values: T, output_shape: int64", host=True):
    """The sum over axes of a sparse tensor, sparse."""

    def infer(self, indices: Any, values: Any, size: Any, axes: Any) -> Any:
        return sparse_specs(self.T, None)

    def kernel(self, xp: Namespace, indices: Any, values: Any, size: Any, axes: Any) -> Any:
        places, found, wide = self._groups(indices, values, np.ravel(size), np.ravel(axes))
        final = self._final(wide, axes)
        return unflatten(places, final), found, np.array(final, np.int64)


class SparseReduceMaxSparse(SparseReduceSumSparse, host=True,
                            sig=_SPARSE + " -> output_indices: int64, output_values: T, output_shape: int64"):
    """The greatest value over axes of a sparse tensor, sparse."""
    T: DType = _REAL
    how = "max"


def _reduction(cls: Any, sp_input: Any, axis: Any, keepdims: Any, reduction_axes: Any, keep_dims: Any) -> Any:
    sp_input = as_sparse(sp_input)
    axis = reduction_axes if axis is None else axis
    if axis is None:
        rank = sp_input.shape.rank
        if rank is None:
            raise ValueError("the axes must be given for a sparse tensor of unknown rank")
        axis = constant_op(np.arange(rank, dtype=np.int32))
    return make(cls, *parts(sp_input), axis, keep_dims=bool(keepdims if keepdims is not None else keep_dims))


@export("sparse_reduce_sum", "sparse.reduce_sum")
def sparse_reduce_sum(sp_input: Any, axis: Any = None, keepdims: Any = None, reduction_axes: Any = None, keep_dims: Any = None) -> Tensor:
    """The sum over `axis` (all axes by default) as a dense tensor."""
    return _reduction(SparseReduceSum, sp_input, axis, keepdims, reduction_axes, keep_dims)


@export("sparse_reduce_max", "sparse.reduce_max")
def sparse_reduce_max(sp_input: Any, axis: Any = None, keepdims: Any = None, reduction_axes: Any = None, keep_dims: Any = None) -> Tensor:
    """The greatest of the values over `axis` (all axes by default) as a dense tensor."""
    return _reduction(SparseReduceMax, sp_input, axis, keepdims, reduction_axes, keep_dims)


@export("sparse_reduce_sum_sparse", "sparse.reduce_sum_sparse")
def sparse_reduce_sum_sparse(sp_input: Any, axis: Any = None, keepdims: Any = None, reduction_axes: Any = None,
                             keep_dims: Any = None) -> SparseTensor:
    """The sum over `axis` as a sparse tensor."""
    return SparseTensor(*_reduction(SparseReduceSumSparse, sp_input, axis, keepdims, reduction_axes, keep_dims))


@export("sparse_reduce_max_sparse", "sparse.reduce_max_sparse")
def sparse_reduce_max_sparse(sp_input: Any, axis: Any = None, keepdims: Any = None, reduction_axes: Any = None,
                             keep_dims: Any = None) -> SparseTensor:
    """The greatest of the values over `axis` as a sparse tensor."""
    return SparseTensor(*_reduction(SparseReduceMaxSparse, sp_input, axis, keepdims, reduction_axes, keep_dims))


def _pairs(ai: Any, av: Any, bi: Any, bv: Any, size: Any) -> tuple[Any, Any, Any]:
    """(places of either, values of a there, values of b there), zero where one has none."""
    a, b = flat_positions(ai, size), flat_positions(bi, size)
    both = np.concatenate([a, b])
    order = np.argsort(both, kind="stable")             # which is a merge where both are in order
    ordered = both[order]
    new = np.diff(ordered, prepend=-1) != 0
    at = np.empty(both.size, np.int64)
    at[order] = np.cumsum(new) - 1
    places = ordered[new]
    left, right = np.zeros(len(places), av.dtype), np.zeros(len(places), bv.dtype)
    left[at[:a.size]] = av
    right[at[a.size:]] = bv
    return places, left, right


def _same_size(a: Any, b: Any) -> None:
    if np.ravel(a).tolist() != np.ravel(b).tolist():
        raise ValueError(f"Operands' shapes do not match: {np.ravel(a).tolist()} vs. {np.ravel(b).tolist()}")


_TWO = "a_indices: int64, a_values: T, a_shape: int64, b_indices: int64, b_values: T, b_shape: int64"


class SparseAdd(SparseOp, Several, sig=_TWO + ", thresh: Treal -> sum_indices: int64, sum_values: T, sum_shape: int64", host=True):
    """The sum of two sparse tensors; sums below the threshold are left out."""
    T: DType
    Treal: DType = _REAL

    def infer(self, ai: Spec, av: Spec, size: Spec, *rest: Spec) -> Any:
        return sparse_specs(self.T, rank_of(size))

    def kernel(self, xp: Namespace, ai: Any, av: Any, size: Any, bi: Any, bv: Any, other: Any, thresh: Any) -> Any:
        _same_size(size, other)
        room = np.maximum(size, np.concatenate([ai, bi]).max(0, initial=-1) + 1)      # TensorFlow takes positions beyond the shape
        places, left, right = _pairs(ai, av, bi, bv, room)
        total = left + right
        keep = ~(np.abs(total) < thresh)
        return unflatten(places[keep], room), total[keep], np.array(size)

    def grad(self, op: Operation, _: Any, dy: Any, __: Any) -> Any:
        a, b = make(SparseAddGrad, dy, op.inputs[0], op.inputs[3], op.outputs[0])
        return None, a, None, None, b, None, None


class SparseAddGrad(Several,
                    sig="backprop_val_grad: T, a_indices: int64, b_indices: int64, sum_indices: int64 -> a_val_grad: T, b_val_grad: T"):
    """The gradients of SparseAdd by the values of both."""
    differentiable = False
    host = True         # positions are looked up in real arrays
    T: DType

    def infer(self, dy: Spec, a: Spec, b: Spec, total: Spec) -> Any:
        return tuple(Spec(self.T, None if s.shape is None else s.shape[:1]) for s in (a, b))

    def kernel(self, xp: Namespace, dy: Any, a: Any, b: Any, total: Any) -> Any:
        room = np.concatenate([a, b, total]).max(0, initial=0) + 1
        places = flat_positions(total, room)
        order = np.argsort(places, kind="stable")
        return tuple(self._found(np.asarray(dy)[order], places[order], flat_positions(side, room)) for side in (a, b))

    def _found(self, dy: Any, places: Any, wanted: Any) -> Any:
        """dy of the wanted places, 0 where they are none of `places`, which are in order."""
        out = np.zeros(len(wanted), self.T.np)
        if len(places):
            at = np.minimum(np.searchsorted(places, wanted), len(places) - 1)
            there = places[at] == wanted
            out[there] = dy[at[there]]
        return out


@export("sparse_add", "sparse.add")
def sparse_add(a: Any, b: Any, threshold: Any = None, thresh: Any = None) -> Any:
    """The sum of two sparse tensors (sums below the threshold left out), or a dense tensor where one of them is dense."""
    threshold = thresh if threshold is None else threshold
    threshold = 0 if threshold is None else threshold
    sparse = (SparseTensor, SparseTensorValue)
    if not isinstance(a, sparse) and not isinstance(b, sparse):
        raise TypeError("At least one input should be SparseTensor; do you mean to use tf.add()?")
    if isinstance(a, sparse) and isinstance(b, sparse):
        a, b = as_sparse(a), as_sparse(b)
        limit = convert_to_tensor(threshold, a.values.dtype.real_dtype.base_dtype, name="threshold")
        indices, values, size = make(SparseAdd, *parts(a), *parts(b), limit)
        return _with_known_shape(indices, values, a, size)
    if isinstance(b, sparse):
        a, b = b, a
    a = as_sparse(a)
    return make(SparseTensorDenseAdd, *parts(a), b)


class SparseSparseMaximum(SparseOp, Several, sig=_TWO + " -> output_indices: int64, output_values: T", host=True):
    """The greater elementwise, zeros included."""
    T: DType
    how = "maximum"

    def infer(self, ai: Spec, av: Spec, size: Spec, *rest: Spec) -> Any:
        return sparse_specs(self.T, rank_of(size))[:2]

    def kernel(self, xp: Namespace, ai: Any, av: Any, size: Any, bi: Any, bv: Any, other: Any) -> Any:
        _same_size(size, other)
        places, left, right = _pairs(ai, av, bi, bv, size)
        return unflatten(places, size), getattr(np, self.how)(left, right)


class SparseSparseMinimum(SparseSparseMaximum, sig=_TWO + " -> output_indices: int64, output_values: T", host=True):
    """The lesser elementwise, zeros included."""
    how = "minimum"


@export("sparse_maximum", "sparse.maximum")
def sparse_maximum(sp_a: Any, sp_b: Any, name: str | None = None) -> SparseTensor:
    """The greater of two sparse tensors elementwise, where either has a value."""
    a, b = as_sparse(sp_a), as_sparse(sp_b)
    indices, values = make(SparseSparseMaximum, *parts(a), *parts(b), name=name)
    return SparseTensor(indices, values, a.dense_shape)


@export("sparse_minimum", "sparse.minimum")
def sparse_minimum(sp_a: Any, sp_b: Any, name: str | None = None) -> SparseTensor:
    """The lesser of two sparse tensors elementwise, where either has a value."""
    a, b = as_sparse(sp_a), as_sparse(sp_b)
    indices, values = make(SparseSparseMinimum, *parts(a), *parts(b), name=name)
    return SparseTensor(indices, values, a.dense_shape)


class SparseSoftmax(SparseOp, sig="sp_indices: int64, sp_values: T, sp_shape: int64 -> output: T", host=True):
    """Softmax over the values of each row (last axis)."""
    T: DType = one_of(dtypes.float16, float32, dtypes.float64)

    def infer(self, indices: Spec, values: Spec, size: Spec) -> Spec:
        return Spec(self.T, values.shape)

    def check(self, *inputs: Spec) -> None:
        super().check(*inputs)
        size = inputs[2].shape
        require(not size or size[0] is None or size[0] >= 2, f"Input should have rank >= 2, but got: {size and size[0]}")

    def kernel(self, xp: Namespace, indices: Any, values: Any, size: Any) -> Any:
        values = np.asarray(values)
        rows = flat_positions(np.asarray(indices)[:, :-1], np.ravel(size)[:-1])
        _, at = np.unique(rows, return_inverse=True)
        at = at.ravel()
        top = np.full(at.max(initial=-1) + 1, -np.inf, values.dtype)
        np.maximum.at(top, at, values)
        weights = np.exp(values - top[at])
        total = np.zeros_like(top)
        np.add.at(total, at, weights)
        return weights / total[at]

    def grad(self, op: Operation, dy: Any) -> Any:
        indices, _, size = op.inputs
        y = op.outputs[0]
        products = SparseTensor(indices, y * dy, size)
        sums = -sparse_reduce_sum(products, [-1], keepdims=True)
        shifted = make(F.SparseDenseCwiseAdd, indices, dy, size, sums)
        return None, shifted * y, None


@export("sparse_softmax", "sparse.softmax")
def sparse_softmax(sp_input: Any, name: str | None = None) -> SparseTensor:
    """Softmax over the values of each row (last axis); absent values stay absent."""
    sp_input = as_sparse(sp_input)
    with context.default_graph().name_scope(name or "SparseSoftmax"):
        return SparseTensor(sp_input.indices, make(SparseSoftmax, *parts(sp_input)), sp_input.dense_shape)


class EditDistance(SparseOp, sig="hypothesis_indices: int64, hypothesis_values: T, hypothesis_shape: int64, truth_indices: int64, "
                           "truth_values: T, truth_shape: int64 -> output: float32",
                   static={"hypothesis_shape": 1, "truth_shape": 1}, host=True):
    """Levenshtein distances between the sequences along the last axis of two sparse tensors."""
    normalize: bool = True
    T: DType

    def infer(self, hi: Spec, hv: Spec, hs: Any, ti: Spec, tv: Spec, ts: Any) -> Spec:
        ranks = rank_of(hs), rank_of(ts)
        require(None in ranks or ranks[0] == ranks[1],
                f"Num elements of hypothesis_shape does not match truth_shape: {ranks[0]} vs. {ranks[1]}")
        if hs.value is not None and ts.value is not None:
            return Spec(float32, np.maximum(hs.value, ts.value)[:-1])
        rank = ranks[0] or ranks[1]
        return Spec(float32, None if rank is None else (None,) * (rank - 1))

    def kernel(self, xp: Namespace, hi: Any, hv: Any, hs: Any, ti: Any, tv: Any, ts: Any) -> Any:
        if len(hs) != len(ts):
            raise ValueError(f"truth_shape and hypothesis_shape must have the same number of elements, got {len(ts)} vs {len(hs)}")
        shape = tuple(int(max(a, b)) for a, b in zip(hs[:-1], ts[:-1]))
        rows = [np.ravel_multi_index(tuple(i[:, :-1].T), shape) if shape else np.zeros(len(i), np.int64) for i in (hi, ti)]
        found, lengths, wanted = distances(int(np.prod(shape, dtype=np.int64)), rows[0], hv, rows[1], tv)
        if self.normalize:
            with np.errstate(divide="ignore", invalid="ignore"):
                found = np.where((lengths == 0) & (wanted == 0), 0.0, found / wanted)
        return found.astype(np.float32).reshape(shape)

    def grad(self, op: Operation, dy: Any) -> Any:
        return (None,) * 6


@export("edit_distance")
def edit_distance(hypothesis: Any, truth: Any, normalize: bool = True, name: str = "edit_distance") -> Tensor:
    """Levenshtein distance of each pair of sequences (last axis) of two sparse tensors; divided by the length of `truth`."""
    a, b = as_sparse(hypothesis, "Hypothesis"), as_sparse(truth, "Truth")
    return make(EditDistance, *parts(a), *parts(b), name=name, normalize=normalize)
