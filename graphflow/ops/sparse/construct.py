"""Making and changing sparse tensors: placeholder, reorder, reshape, transpose, slice, split, concat, retain, eye."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import context, shapes
from ...core.constant import constant_op
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, as_dtype, bool_, float32, int64
from ...core.export import export
from ...core.known import known_value
from ...core.make import make
from ...core.op import Spec, require, require_rank
from ...core.operation import Operation
from ...core.outcomes import Several
from ...core.tensor import Tensor
from ...core.values import IndexedSlices, SparseTensor, static_dense_shape
from ...kernels.contract import Namespace
from .. import functions as F
from ..array.basic import cast, identity, placeholder, reshape, shape_internal
from ..array.indexing import gather
from ..array.passing import placeholder_with_default
from ..array.stitch import list_diff
from ..scopes import control_dependencies
from .base import as_sparse, check_positions, flat_positions, parts, rank_of, unflatten
from .checked import SparseOp


@export("sparse_placeholder", "sparse.placeholder")
def sparse_placeholder(dtype: Any, shape: Any = None, name: str | None = None) -> SparseTensor:
    """A sparse tensor to be fed with a SparseTensorValue (or a triple of positions, values, dense shape).

    shape: what is known of the dense shape. Where it is given it need not be fed.
    """
    under = {part: None if name is None else f"{name}/{part}" for part in ("shape", "shape_default", "values", "indices")}
    if isinstance(shape, Tensor):
        size, known, rank = shape, None, shape.static[0] if shape.static else None
    else:
        known = shapes.as_tuple(shape)
        rank = None if known is None else len(known)
        if known is None:
            size = placeholder(int64, [rank], under["shape"])
        else:
            default = constant_op([-1 if d is None else d for d in known], int64, None, under["shape_default"] or "Const")
            size = placeholder_with_default(default, (rank,), under["shape"])
    values = placeholder(dtype, [None], under["values"])
    result = SparseTensor(placeholder(int64, [None, rank], under["indices"]), values, size)
    if known is not None:
        result.set_shape(known)
    return result


def _with_known_shape(indices: Any, values: Any, like: SparseTensor, size: Any = None) -> SparseTensor:
    """A sparse tensor of the same dense shape, as a constant where it is static."""
    known = like.shape
    if known.is_fully_defined():
        return SparseTensor(indices, values, known.as_list())
    return SparseTensor(indices, values, like.dense_shape if size is None else size)


class SparseReorder(SparseOp, Several,
                    sig="input_indices: int64, input_values: T, input_shape: int64 -> output_indices: int64, output_values: T"):
    """The same sparse tensor with its positions in row-major order."""
    host = True         # positions are sorted as real arrays
    T: DType

    def infer(self, indices: Spec, values: Spec, size: Spec) -> Any:
        return Spec(int64, indices.shape), Spec(self.T, values.shape)

    def kernel(self, xp: Namespace, indices: Any, values: Any, size: Any) -> Any:
        order = np.argsort(flat_positions(indices, size), kind="stable")
        return np.asarray(indices)[order], np.asarray(values)[order]

    def grad(self, op: Operation, _: Any, dy: Any) -> Any:
        order = make(SparseOrder, op.inputs[0], op.inputs[2])
        return None, gather(dy, F.invert_permutation(order)), None


class SparseOrder(SparseOp, sig="indices: int64, shape: int64 -> order: int64", host=True):
    """The permutation that SparseReorder applies. An op of ours, for its gradient."""

    def infer(self, indices: Spec, size: Spec) -> Spec:
        return Spec(int64, None if indices.shape is None else indices.shape[:1])

    def kernel(self, xp: Namespace, indices: Any, size: Any) -> Any:
        return np.argsort(flat_positions(indices, size), kind="stable").astype(np.int64)

    def grad(self, op: Operation, dy: Any) -> Any:
        return None, None


@export("sparse_reorder", "sparse.reorder")
def sparse_reorder(sp_input: Any, name: str | None = None) -> SparseTensor:
    """The same sparse tensor with its positions in row-major order."""
    sp_input = as_sparse(sp_input)
    indices, values = make(SparseReorder, *parts(sp_input), name=name)
    return _with_known_shape(indices, values, sp_input)


class SparseReshape(SparseOp, Several,
                    sig="input_indices: int64, input_shape: int64, new_shape: int64 -> output_indices: int64, output_shape: int64"):
    """Positions and dense shape of the same elements in another dense shape; one size may be -1."""
    host = True         # sizes are values

    def infer(self, indices: Spec, size: Spec, new: Spec) -> Any:
        for spec in (size, new):
            require_rank(spec, 1)
        rank = rank_of(new)
        return Spec(int64, (indices.shape[0] if indices.shape else None, rank)), Spec(int64, (rank,))

    def kernel(self, xp: Namespace, indices: Any, size: Any, new: Any) -> Any:
        wanted, total = [int(d) for d in new], int(np.prod(size, dtype=np.int64))
        if wanted.count(-1) > 1:
            raise ValueError("only one output dimension may be -1")
        if -1 in wanted:
            rest = int(np.prod([d for d in wanted if d != -1], dtype=np.int64))
            if rest == 0 or total % rest:
                raise ValueError(f"Input to reshape is a SparseTensor with {total} dense values, but the requested shape requires a "
                                 f"multiple of {rest}.")
            wanted[wanted.index(-1)] = total // rest
        if int(np.prod(wanted, dtype=np.int64)) != total:
            raise ValueError(f"Input to reshape is a tensor with {total} dense values, but the requested shape has "
                             f"{int(np.prod(wanted, dtype=np.int64))}: {np.ravel(size).tolist()} to {wanted}")
        return unflatten(flat_positions(indices, size), wanted), np.array(wanted, np.int64)

    def grad(self, op: Operation, *dy: Any) -> Any:
        return None, None, None


@export("sparse_reshape", "sparse.reshape")
def sparse_reshape(sp_input: Any, shape: Any, name: str | None = None) -> SparseTensor:
    """The same elements in another dense shape, one size of which may be -1."""
    sp_input = as_sparse(sp_input)
    wanted = cast(shape, int64)
    with context.default_graph().name_scope(name or "SparseReshape") as scope:
        indices, size = make(SparseReshape, sp_input.indices, sp_input.dense_shape, wanted, name=scope)
        given = _known_sizes(wanted)
        if given is not None and given.count(-1) > 1:
            raise ValueError(f"At most one dimension can be inferred (-1). Found: {given}")
        known: Any = None if given is None else [None if d < 0 else d for d in given]
        total = sp_input.shape.num_elements()
        if known is not None and known.count(None) == 1 and total is not None:
            rest = int(np.prod([d for d in known if d is not None], dtype=np.int64))
            known[known.index(None)] = total // rest if rest else None
        if known is not None and None not in known:
            if total is not None and int(np.prod(known, dtype=np.int64)) != total:
                raise ValueError(f"Cannot reshape a tensor with {total} elements to shape {known} ({int(np.prod(known))} elements).")
            size = constant_op(known, int64)
        return SparseTensor(indices, identity(sp_input.values), size)


def _known_sizes(size: Tensor) -> Any:
    value = known_value(size)
    return None if value is None else [int(d) for d in value]


@export("sparse_transpose", "sparse.transpose")
def sparse_transpose(sp_input: Any, perm: Any = None, name: str | None = None) -> SparseTensor:
    """The sparse tensor with its axes permuted (reversed by default), reordered."""
    sp_input = as_sparse(sp_input)
    with context.default_graph().name_scope(name or "SparseTranspose"):
        if perm is None:
            rank = sp_input.shape.rank
            if rank is None:
                raise ValueError("sparse_transpose needs perm for a sparse tensor of unknown rank")
            perm = np.arange(rank - 1, -1, -1)
        moved = F.transpose(gather(F.transpose(sp_input.indices), perm))
        known = sp_input.shape
        order = perm if not isinstance(perm, Tensor) else _known_sizes(perm)
        if known.is_fully_defined() and order is not None:
            size: Any = [known.as_list()[int(p)] for p in order]
        else:
            size = gather(sp_input.dense_shape, perm)
        return sparse_reorder(SparseTensor(moved, sp_input.values, size))
















@export("sparse_retain", "sparse.retain")
def sparse_retain(sp_input: Any, to_retain: Any) -> SparseTensor:
    """The sparse tensor with those values only for which the vector of bools `to_retain` is true."""
    sp_input = as_sparse(sp_input)
    keep = convert_to_tensor(to_retain)
    require(keep.static is None or shapes.compatible(keep.static, sp_input.values.static),
            f"to_retain must have one entry per value: {keep.shape} vs. {sp_input.values.shape}")
    kept = reshape(F.where(keep), [-1])
    return SparseTensor(gather(sp_input.indices, kept), gather(sp_input.values, kept), identity(sp_input.dense_shape))


@export("sparse_reset_shape", "sparse.reset_shape")
def sparse_reset_shape(sp_input: Any, new_shape: Any = None) -> SparseTensor:
    """The same values under another dense shape: new_shape, or the smallest that holds all of them."""
    sp_input = as_sparse(sp_input)
    indices, values = identity(sp_input.indices), identity(sp_input.values)
    identity(sp_input.dense_shape)
    if new_shape is None:
        bound = F.reduce_max(indices, axis=0)
        return SparseTensor(indices, values, F.maximum(constant_op(0, int64), bound + 1))
    wanted = cast(convert_to_tensor(new_shape), int64)
    known, given = static_dense_shape(sp_input), _known_sizes(wanted)
    if known is not None and given is not None:
        if len(given) != len(known) or any(a < b for a, b in zip(given, known)):
            raise ValueError(f"Requested new_shape should have dimension sizes >= sp_input.shape. Found new_shape ({given}), "
                             f"sp_input.shape ({known.tolist()}).")
        return SparseTensor(indices, values, wanted)
    size = sp_input.dense_shape
    with control_dependencies([F.assert_equal(shape_internal(size), shape_internal(wanted), message="the rank of new_shape")]):
        with_rank = identity(wanted)
    with control_dependencies([F.assert_less_equal(size, with_rank, message="new_shape is too small")]):
        return SparseTensor(indices, values, identity(with_rank))


@export("sparse.eye")
def sparse_eye(num_rows: Any, num_columns: Any = None, dtype: Any = float32, name: str | None = None) -> SparseTensor:
    """The identity matrix as a sparse tensor."""
    columns = num_rows if num_columns is None else num_columns
    with context.default_graph().name_scope(name or "eye"):
        n = min(int(num_rows), int(columns))
        where = np.stack([np.arange(n), np.arange(n)], 1)
        return SparseTensor(where, np.ones(n, as_dtype(dtype).np), [int(num_rows), int(columns)])


@export("sparse_mask", "sparse.mask")
def sparse_mask(a: IndexedSlices, mask_indices: Any, name: str | None = None) -> IndexedSlices:
    """The slices of `a` whose rows are not among mask_indices."""
    with context.default_graph().name_scope(name or "sparse_mask") as scope:
        rows, places = list_diff(a.indices, mask_indices)
        return IndexedSlices(gather(a.values, places, name=scope), rows, a.dense_shape)


class SparseFillEmptyRows(SparseOp, Several,
                          sig="indices: int64, values: T, dense_shape: int64, default_value: T -> output_indices: int64, "
                              "output_values: T, empty_row_indicator: bool, reverse_index_map: int64", host=True):
    """A sparse matrix in which rows without values get a default at column 0."""
    T: DType

    def infer(self, indices: Spec, values: Spec, size: Spec, default: Spec) -> Any:
        rank = rank_of(size)
        return (Spec(int64, (None, rank)), Spec(self.T, (None,)), Spec(bool_, (None,)),
                Spec(int64, None if indices.shape is None else indices.shape[:1]))

    def kernel(self, xp: Namespace, indices: Any, values: Any, size: Any, default: Any) -> Any:
        check_positions(indices, size)
        rows = int(size[0])
        empty = np.ones(rows, bool)
        empty[indices[:, 0]] = False
        extra = np.zeros((int(empty.sum()), indices.shape[1]), np.int64)
        extra[:, 0] = np.flatnonzero(empty)
        order = np.argsort(np.concatenate([indices[:, 0], extra[:, 0]]), kind="stable")
        back = np.empty(len(order), np.int64)
        back[order] = np.arange(len(order))
        filled = np.concatenate([values, np.full(len(extra), default, self.T.np)])
        return np.concatenate([indices, extra])[order], filled[order], empty, back[:len(indices)]

    def grad(self, op: Operation, _: Any, dy: Any, *rest: Any) -> Any:
        values, default = make(SparseFillEmptyRowsGrad, op.outputs[3], dy)
        return None, values, None, default


class SparseFillEmptyRowsGrad(Several, sig="reverse_index_map: int64, grad_values: T -> d_values: T, d_default_value: T", host=True):
    """The gradients of SparseFillEmptyRows by the values and the default."""
    T: DType

    def infer(self, back: Spec, dy: Spec) -> Any:
        return Spec(self.T, back.shape), Spec(self.T, ())

    def kernel(self, xp: Namespace, back: Any, dy: Any) -> Any:
        back, dy = np.asarray(back), np.asarray(dy)
        rest = np.ones(len(dy), bool)
        rest[back] = False
        return dy[back], dy[rest].sum(dtype=self.T.np)


@export("sparse_fill_empty_rows", "sparse.fill_empty_rows")
def sparse_fill_empty_rows(sp_input: Any, default_value: Any, name: str | None = None) -> Any:
    """(sparse matrix in which rows without values hold default_value at column 0, vector of bools: which rows were empty)."""
    sp_input = as_sparse(sp_input)
    with context.default_graph().name_scope(name or "SparseFillEmptyRows"):
        default = convert_to_tensor(default_value, sp_input.values.dtype.base_dtype)
        indices, values, empty, _ = make(SparseFillEmptyRows, *parts(sp_input), default)
        return SparseTensor(indices, values, sp_input.dense_shape), empty


@export("sparse_merge", "sparse.merge")
def sparse_merge(sp_ids: Any, sp_values: Any, vocab_size: Any, name: str | None = None, already_sorted: bool = False) -> SparseTensor:
    """The sparse tensor with sp_values at the columns sp_ids (their last axis becomes one of size vocab_size).

    Lists of id tensors and of sizes: an axis for each.
    """
    if isinstance(sp_values, (list, tuple)):
        raise TypeError(f"sp_values has to be a SparseTensor, got {type(sp_values).__name__}")
    if not isinstance(sp_ids, (list, tuple)):
        if isinstance(vocab_size, (list, tuple)):
            raise TypeError(f"vocab_size has to be a Tensor or Python int, as sp_ids is no list. Found {type(vocab_size)}")
        sp_ids, vocab_size = [sp_ids], [vocab_size]
    elif not isinstance(vocab_size, (list, tuple)):
        raise TypeError(f"vocab_size has to be a list of Tensors or Python ints, as sp_ids is one. Found {type(vocab_size)}")
    if len(vocab_size) != len(sp_ids):
        raise ValueError(f"sp_ids and vocab_size have to have equal lengths: {len(sp_ids)} and {len(vocab_size)}")
    ids, values = [as_sparse(one, "sp_ids") for one in sp_ids], as_sparse(sp_values, "sp_values")
    with context.default_graph().name_scope(name or "SparseMerge"):
        columns = [F.expand_dims(one.values if one.values.dtype.base_dtype is int64 else cast(one.values, int64), 1) for one in ids]
        sizes = [cast(size, int64) for size in vocab_size]
        where = F.concat([ids[0].indices[:, :-1], *columns], 1)
        whole = F.concat([ids[0].dense_shape[:-1], sizes], 0)
        result = SparseTensor(where, values.values, whole)
        return result if already_sorted else sparse_reorder(result)


@export("sparse_to_indicator", "sparse.to_indicator")
def sparse_to_indicator(sp_input: Any, vocab_size: Any, name: str | None = None) -> Tensor:
    """Bools: whether each id in [0, vocab_size) is among the ids of a row."""
    sp_input = as_sparse(sp_input)
    with context.default_graph().name_scope(name or "SparseToIndicator") as scope:
        count = F.shape(sp_input.indices)[0]
        true = SparseTensor(sp_input.indices, F.fill(F.expand_dims(count, 0), True), sp_input.dense_shape)
        return F.sparse_tensor_to_dense(sparse_merge(sp_input, true, vocab_size, scope), False, False, scope)

