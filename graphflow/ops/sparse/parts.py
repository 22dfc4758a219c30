"""Parts of sparse tensors: slices, splits, and several put together."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import context
from ...core.constant import constant_op
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, int64
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, require
from ...core.operation import Operation
from ...core.outcomes import Several
from ...core.values import SparseTensor
from ...kernels.contract import Namespace
from .. import functions as F
from .base import as_sparse, flat_positions, parts, rank_of, sparse_specs
from .checked import SparseOp


class SparseSlice(SparseOp, Several, sig="indices: int64, values: T, shape: int64, start: int64, size: int64 -> "
                          "output_indices: int64, output_values: T, output_shape: int64", host=True):
    """The part of a sparse tensor inside a block."""
    T: DType

    def infer(self, indices: Spec, values: Spec, size: Spec, start: Spec, count: Spec) -> Any:
        return sparse_specs(self.T, rank_of(size))

    def kernel(self, xp: Namespace, indices: Any, values: Any, shape: Any, start: Any, size: Any) -> Any:
        inside = np.all((indices >= start) & (indices < start + size), axis=1)
        return indices[inside] - start, values[inside], np.maximum(np.minimum(size, shape - start), 0)

    def grad(self, op: Operation, _: Any, dy: Any, __: Any) -> Any:
        indices, _, _, start, _ = op.inputs
        return None, make(SparseSliceGrad, dy, indices, start, op.outputs[0]), None, None, None


class SparseSliceGrad(Op, sig="backprop_val_grad: T, input_indices: int64, input_start: int64, output_indices: int64 -> val_grad: T"):
    """The gradient of SparseSlice by the values: zero for values outside of the block."""
    host = True         # positions are looked up in real arrays
    T: DType

    def infer(self, dy: Spec, indices: Spec, start: Spec, kept: Spec) -> Spec:
        return Spec(self.T, None if indices.shape is None else indices.shape[:1])

    def kernel(self, xp: Namespace, dy: Any, indices: Any, start: Any, kept: Any) -> Any:
        out = np.zeros(len(indices), self.T.np)
        where = {tuple(p): i for i, p in enumerate((np.asarray(kept) + start).tolist())}
        for i, position in enumerate(np.asarray(indices).tolist()):
            at = where.get(tuple(position))
            if at is not None:
                out[i] = dy[at]
        return out

    def grad(self, op: Operation, dy: Any) -> Any:
        return None, None, None, None


@export("sparse_slice", "sparse.slice")
def sparse_slice(sp_input: Any, start: Any, size: Any, name: str | None = None) -> SparseTensor:
    """The block of `size` from `start` on, cut off at the end of the dense shape."""
    sp_input = as_sparse(sp_input)
    start, size = convert_to_tensor(start, int64), convert_to_tensor(size, int64)
    with context.default_graph().name_scope(name or "SparseSlice") as scope:
        return SparseTensor(*make(SparseSlice, *parts(sp_input), start, size, name=scope))


class SparseSplit(SparseOp, Several, sig="split_dim: int64, indices: int64, values: T, shape: int64 -> "
                          "output_indices: int64*num_split, output_values: T*num_split, output_shape: int64*num_split", host=True):
    """A sparse tensor cut into parts along an axis, the first ones longer by one where it does not go up."""
    least = {"num_split": 1}
    num_split: int
    T: DType

    def infer(self, axis: Spec, indices: Spec, values: Spec, size: Spec) -> Any:
        a, b, c = sparse_specs(self.T, rank_of(size))
        return (a,) * self.num_split + (b,) * self.num_split + (c,) * self.num_split

    def kernel(self, xp: Namespace, axis: Any, indices: Any, values: Any, size: Any) -> Any:
        axis, n = int(axis), self.num_split
        total = int(size[axis])
        if not 1 <= n <= total:
            raise ValueError(f"Input num_split should be between 1 and the splitting dimension size ({total}), got {n}")
        found: list[Any] = []
        start = 0
        for i in range(n):
            length = total // n + (i < total % n)
            inside = (indices[:, axis] >= start) & (indices[:, axis] < start + length)
            where, part = indices[inside].copy(), size.copy()
            where[:, axis] -= start
            part[axis] = length
            found.append((where, values[inside], part))
            start += length
        return tuple(f[k] for k in range(3) for f in found)


@export("sparse_split", "sparse.split")
def sparse_split(keyword_required: Any = None, sp_input: Any = None, num_split: Any = None, axis: Any = None, name: str | None = None,
                 split_dim: Any = None) -> list[SparseTensor]:
    """The sparse tensor cut into num_split parts along `axis`; keyword arguments only."""
    if keyword_required is not None:
        raise ValueError("Keyword arguments are required for this function.")
    if sp_input is None or num_split is None:
        raise ValueError("sp_input and num_split are required")
    axis = split_dim if axis is None else axis
    if axis is None:
        raise ValueError("axis is required")
    sp_input = as_sparse(sp_input)
    found = make(SparseSplit, axis, *parts(sp_input), name=name, num_split=num_split)
    return [SparseTensor(*found[i::num_split]) for i in range(num_split)]


class SparseConcat(Several,
                   sig="indices: int64*, values: T*, shapes: int64* -> output_indices: int64, output_values: T, output_shape: int64"):
    """Sparse tensors one after the other along an axis."""
    least = {"N": 2}
    differentiable = False
    host = True         # how many elements there are, and the sizes, are values
    concat_dim: int
    N: int
    T: DType

    def infer(self, *inputs: Spec) -> Any:
        n = self.N
        rank: Any = None
        for spec in inputs[2 * n:]:
            require(None in (rank, rank_of(spec)) or rank == rank_of(spec), f"Dimensions must be equal, but are {rank} and {rank_of(spec)}")
            rank = rank_of(spec) if rank is None else rank
        require(rank is None or -rank <= self.concat_dim < rank, f"Concat dimension must be in range [{-(rank or 0)}, {rank}), got "
                                                                 f"{self.concat_dim}")
        counts = [spec.shape[0] if spec.shape else None for spec in inputs[:n]]
        return sparse_specs(self.T, rank, None if None in counts else sum(counts))

    def kernel(self, xp: Namespace, *inputs: Any) -> Any:
        n = self.N
        indices, values, sizes = inputs[:n], inputs[n:2 * n], inputs[2 * n:]
        axis = self.concat_dim % len(sizes[0])
        moved, start = [], 0
        for where, size in zip(indices, sizes):
            if [d for i, d in enumerate(size) if i != axis] != [d for i, d in enumerate(sizes[0]) if i != axis]:
                raise ValueError(f"Concat: all sizes but that of axis {axis} must match: {sizes[0].tolist()} vs. {size.tolist()}")
            where = np.array(where)
            where[:, axis] += start
            moved.append(where)
            start += int(size[axis])
        whole = np.array(sizes[0])
        whole[axis] = start
        found = np.concatenate(moved)
        order = np.argsort(flat_positions(found, whole), kind="stable")
        return found[order], np.concatenate(values)[order], whole


@export("sparse_concat", "sparse.concat")
def sparse_concat(axis: Any, sp_inputs: Any, name: str | None = None, expand_nonconcat_dim: bool = False, concat_dim: Any = None,
                  expand_nonconcat_dims: Any = None) -> SparseTensor:
    """The sparse tensors one after the other along `axis`. expand_nonconcat_dim: other sizes may differ and grow to the greatest."""
    axis = concat_dim if axis is None else axis
    expand = expand_nonconcat_dim if expand_nonconcat_dims is None else expand_nonconcat_dims
    inputs = [as_sparse(sp) for sp in sp_inputs]
    if len(inputs) == 1:
        return inputs[0]
    sizes: list[Any] = [sp.dense_shape for sp in inputs]
    if expand:
        greatest = F.reduce_max(F.stack(sizes), 0)
        rank = inputs[0].shape.rank
        if rank is None:
            raise ValueError("sparse_concat with expand_nonconcat_dim needs sparse tensors of known rank")
        own = np.arange(rank) == axis % rank
        sizes = [F.where_v2(own, size, greatest) for size in sizes]
    indices, values, size = make(SparseConcat, [sp.indices for sp in inputs], [sp.values for sp in inputs], sizes, name=name,
                                 concat_dim=int(axis))
    result = SparseTensor(indices, values, size)
    known = [sp.shape for sp in inputs]
    if not expand and all(k.is_fully_defined() for k in known):
        first = known[0].as_list()
        first[axis] = sum(k.as_list()[axis] for k in known)
        return SparseTensor(indices, values, constant_op(first, int64))
    return result
