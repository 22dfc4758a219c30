"""Rows of tables by number: embedding_lookup over one or several partitions, and weighted sums of rows for sparse ids."""
from __future__ import annotations

from typing import Any

from ...core import context
from ...core.constant import constant_op
from ...core.convert import convert_to_tensor
from ...core.dtypes import bool_, int32
from ...core.export import export
from ...core.make import make
from ...core.tensor import Tensor
from ...core.values import SparseTensor
from .. import functions as F
from ..array.axes import expand_dims, rank, size
from ..array.basic import cast, identity, reshape, shape_internal
from ..array.fill import ones, ones_like, zeros_like
from ..array.fill import range as range_
from ..array.indexing import gather
from ..array.joining import concat
from ..array.select import where
from ..array.slice import slice as slice_
from ..array.stacking import stack
from ..array.stitch import ParallelDynamicStitch, dynamic_partition, unique
from ..array.tile import tile
from ..elementwise import binary as two
from ..elementwise.comparison import greater, greater_equal, logical_and
from ..elementwise.division import div_no_nan
from ..elementwise.unary import sqrt
from ..reduce.reduction import reduce_prod
from ..scopes import beside_inputs
from ..segment.segment import segment_sum
from ..segment.sparse_segment import sparse_segment_mean, sparse_segment_sqrt_n, sparse_segment_sum
from ..sparse.construct import sparse_fill_empty_rows, sparse_reshape, sparse_retain


def _clipped(rows: Tensor, ids: Tensor, max_norm: Any) -> Tensor:
    """Rows whose l2 norm is at most max_norm."""
    if max_norm is None:
        return rows
    if ids.static is not None and rows.static is not None:
        axes: Any = list(range(len(ids.static), len(rows.static)))
    else:
        axes = range_(rank(ids), rank(rows))
    return F.clip_by_norm(rows, max_norm, axes=axes)


def _partitions(params: Any) -> list[Any]:
    """The tables: one variable or tensor, a list of them, or a partitioned variable."""
    if hasattr(params, "_graphflow_partitions"):
        return list(params._graphflow_partitions())
    if hasattr(params, "_get_variable_list"):
        return list(params._get_variable_list())
    listed = list(params) if isinstance(params, (list, tuple)) else [params]
    return [each if hasattr(each, "op") else convert_to_tensor(each) for each in listed]


def _assignment(flat: Tensor, params: list[Any], strategy: str) -> tuple[Any, Any]:
    """(partition of each id, row inside it)."""
    many = len(params)
    if strategy == "mod":
        return flat % many, flat // many
    if strategy != "div":
        raise ValueError(f"Unrecognized partition strategy: {strategy}.Must be one of either `mod` or `div`.")
    known: list[Any] = [shape[0] if shape else None for shape in (convert_to_tensor(p).static for p in params)]
    if None not in known:
        total: Any = constant_op(sum(known), flat.dtype.base_dtype)
    else:
        total = sum(shape_internal(p)[0] for p in params)
        total = cast(total, flat.dtype.base_dtype)
    each, extras = total // many, total % many
    parts = two.maximum(flat // (each + 1), (flat - extras) // each)
    rows = where(parts < extras, flat % (each + 1), (flat - extras) % each)
    return parts, rows


@export("nn.embedding_lookup")
@beside_inputs
def embedding_lookup(params: Any, ids: Any, partition_strategy: str = "mod", name: str | None = None, validate_indices: bool = True,
                     max_norm: Any = None) -> Tensor:
    """params[ids]: rows of a table, or of several that partition one ("mod": id i in table i % n; "div": contiguous ranges).

    ids: integers of any shape. Returns shape ids.shape + params.shape[1:]. max_norm: rows longer than it are scaled to it.
    """
    tables = _partitions(params)
    if not tables:
        raise ValueError("Argument `params` should not be empty.")
    graph = context.default_graph()
    with graph.name_scope(name or "embedding_lookup") as scope:
        ids = convert_to_tensor(ids, name="ids")
        if len(tables) == 1:
            table = tables[0]
            with graph.colocate_with(getattr(table, "op", table)):
                rows = _clipped(gather(table, ids, name=scope), ids, max_norm)
            return identity(rows)
        flat = reshape(ids, [-1])
        places = range_(size(flat))
        parts, inside = _assignment(flat, tables, partition_strategy)
        parts = cast(parts, int32)
        wanted = dynamic_partition(inside, parts, len(tables))
        original = dynamic_partition(places, parts, len(tables))
        found = []
        for table, rows_wanted in zip(tables, wanted):
            with graph.colocate_with(getattr(table, "op", table)):
                found.append(gather(table, rows_wanted))
        joined = make(ParallelDynamicStitch, original, found, name=scope)
        element = convert_to_tensor(tables[0]).static
        if element is not None and None not in element[1:]:
            tail: Any = list(element[1:])
        else:
            tail = shape_internal(tables[0])[1:]
        joined = reshape(joined, concat([shape_internal(ids), tail], 0))
        if ids.static is not None and element is not None:
            joined.set_shape((*ids.static, *element[1:]))
        return _clipped(joined, ids, max_norm)


def _column(weights: Tensor, rows: Tensor) -> Tensor:
    """One weight per row, with axes of size 1 so that it multiplies whole rows."""
    if weights.dtype.base_dtype is not rows.dtype.base_dtype:
        weights = cast(weights, rows.dtype.base_dtype)
    ones_shape = expand_dims(rank(rows) - 1, 0)
    shape = shape_internal(weights)
    column = reshape(weights, concat([shape, ones(ones_shape, shape.dtype)], 0))
    if rows.static is not None and weights.static is not None:
        column.set_shape((*weights.static, *([1] * (len(rows.static) - 1))))
    return column


@export("nn.embedding_lookup_sparse")
def embedding_lookup_sparse(params: Any, sp_ids: Any, sp_weights: Any, partition_strategy: str = "mod", name: str | None = None,
                            combiner: str | None = None, max_norm: Any = None, allow_fast_lookup: bool = False) -> Tensor:
    """For each row of sparse ids, the (weighted) "sum", "mean" or "sqrtn" of the table's rows that it names.

    sp_ids: SparseTensor [batch, any] of ids; sp_weights: one of the same places, or None for ones. combiner defaults to "mean".
    """
    combiner = combiner or "mean"
    if combiner not in ("mean", "sqrtn", "sum"):
        raise ValueError(f"`combiner` must be one of 'mean', 'sqrtn' or 'sum', got {combiner}")
    with context.default_graph().name_scope(name or "embedding_lookup_sparse") as scope:
        rows = sp_ids.indices[:, 0]
        ids, places = unique(sp_ids.values)
        found = embedding_lookup(params, ids, partition_strategy, max_norm=max_norm)
        if sp_weights is None:
            combine = {"sum": sparse_segment_sum, "mean": sparse_segment_mean, "sqrtn": sparse_segment_sqrt_n}[combiner]
            return combine(found, places, cast(rows, int32), name=scope)
        rows = cast(rows, int32)
        weighted = gather(found, places)
        column = _column(sp_weights.values, weighted)
        weighted = weighted * column
        total = segment_sum(weighted, rows, name=scope if combiner == "sum" else None)
        if combiner == "sum":
            return total
        norm = segment_sum(column if combiner == "mean" else two.pow_(column, 2), rows)
        return div_no_nan(total, norm if combiner == "mean" else sqrt(norm), name=scope)


@export("nn.safe_embedding_lookup_sparse")
def safe_embedding_lookup_sparse(embedding_weights: Any, sparse_ids: Any, sparse_weights: Any = None, combiner: str = "mean",
                                 default_id: Any = None, name: str | None = None, partition_strategy: str = "div", max_norm: Any = None,
                                 allow_fast_lookup: bool = False) -> Tensor:
    """As embedding_lookup_sparse, for rows that may have no ids: those get the row of `default_id`, zeros without one.

    sparse_ids: SparseTensor [d0, ..., dn]; ids below 0 are left out, and ids of weights not above 0 unless combiner is "sum".
    Returns shape [d0, ..., dn-1] + the shape of a row.
    """
    if embedding_weights is None or (isinstance(embedding_weights, list) and not embedding_weights):
        raise ValueError(f"Missing embedding_weights {embedding_weights}.")
    dtype = None if sparse_weights is None else sparse_weights.dtype
    tables = [convert_to_tensor(w, dtype) for w in _partitions(embedding_weights)]
    with context.default_graph().name_scope(name or "embedding_lookup") as scope:
        shape = sparse_ids.dense_shape
        axes = shape.static[0] if shape.static is not None and shape.static[0] is not None else size(shape)
        leading = reduce_prod(slice_(shape, [0], [axes - 1]))
        ids = sparse_reshape(sparse_ids, [leading, gather(shape, axes - 1)])
        weights = None if sparse_weights is None else SparseTensor(ids.indices, sparse_weights.values, ids.dense_shape)
        ids, weights = _valid(ids, weights, combiner)
        ids, is_empty = sparse_fill_empty_rows(ids, default_id or 0)
        if weights is not None:
            weights, _ = sparse_fill_empty_rows(weights, 1.0)
        result = embedding_lookup_sparse(tables, ids, weights, partition_strategy, None if default_id is None else scope, combiner,
                                         max_norm)
        if default_id is None:
            is_empty = tile(reshape(is_empty, [-1, 1]), stack([1, shape_internal(result)[1]]))
            result = where(is_empty, zeros_like(result), result, name=scope)
        whole = reshape(result, concat([slice_(cast(shape, int32), [0], [axes - 1]), slice_(shape_internal(result), [1], [-1])], 0))
        if isinstance(axes, int) and result.static is not None:
            whole.set_shape((*([None] * (axes - 1)), *result.static[1:]))
        return whole


def _valid(ids: Any, weights: Any, combiner: str) -> tuple[Any, Any]:
    """The ids from 0 on and their weights; those of weights above 0 where the weights divide."""
    valid = greater_equal(ids.values, 0)
    if weights is not None:
        valid = logical_and(valid, ones_like(weights.values, dtype=bool_))
    ids = sparse_retain(ids, valid)
    if weights is not None:
        weights = sparse_retain(weights, valid)
        if combiner != "sum":
            positive = greater(weights.values, 0)
            ids, weights = sparse_retain(ids, positive), sparse_retain(weights, positive)
    return ids, weights
