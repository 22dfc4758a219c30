"""Rows of tables by number: embedding_lookup over one or several partitions, and weighted sums of rows for sparse ids."""
from __future__ import annotations

from typing import Any

from ...core import context
from ...core.constant import constant_op
from ...core.convert import convert_to_tensor
from ...core.dtypes import int32
from ...core.export import export
from ...core.make import make
from ...core.tensor import Tensor
from ..array.basic import cast, identity, reshape, shape_internal
from ..array.fill import range as range_
from ..array.indexing import gather
from ..array.joining import concat
from ..array.layout import rank, size
from ..array.select import where
from ..array.stitch import ParallelDynamicStitch, dynamic_partition
from ..math import binary as two


def _clipped(rows: Tensor, ids: Tensor, max_norm: Any) -> Tensor:
    """Rows whose l2 norm is at most max_norm."""
    if max_norm is None:
        return rows
    from ..clip import clip_by_norm
    if ids.static is not None and rows.static is not None:
        axes: Any = list(range(len(ids.static), len(rows.static)))
    else:
        axes = range_(rank(ids), rank(rows))
    return clip_by_norm(rows, max_norm, axes=axes)


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
    known = [convert_to_tensor(p).static for p in params]
    if all(shape is not None and shape[0] is not None for shape in known):
        total: Any = constant_op(sum(shape[0] for shape in known), flat.dtype.base_dtype)  # type: ignore[index,misc]
    else:
        total = sum(shape_internal(p)[0] for p in params)
        total = cast(total, flat.dtype.base_dtype)
    each, extras = total // many, total % many
    parts = two.maximum(flat // (each + 1), (flat - extras) // each)
    rows = where(parts < extras, flat % (each + 1), (flat - extras) % each)
    return parts, rows


@export("nn.embedding_lookup")
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


@export("nn.embedding_lookup_sparse")
def embedding_lookup_sparse(params: Any, sp_ids: Any, sp_weights: Any, partition_strategy: str = "mod", name: str | None = None,
                            combiner: str | None = None, max_norm: Any = None, allow_fast_lookup: bool = False) -> Tensor:
    """For each row of sparse ids, the (weighted) "sum", "mean" or "sqrtn" of the table's rows that it names.

    sp_ids: SparseTensor [batch, any] of ids; sp_weights: one of the same places, or None for ones. combiner defaults to "mean".
    """
    from ..array.layout import expand_dims
    from ..array.stitch import unique
    from ..math.division import div_no_nan
    from ..math.segment import segment_sum
    from ..math.sparse_segment import sparse_segment_mean, sparse_segment_sqrt_n, sparse_segment_sum
    from ..math.unary import sqrt, square
    combiner = combiner or "mean"
    if combiner not in ("mean", "sqrtn", "sum"):
        raise ValueError(f"`combiner` must be one of 'mean', 'sqrtn' or 'sum', got {combiner}")
    with context.default_graph().name_scope(name or "embedding_lookup_sparse") as scope:
        rows = cast(sp_ids.indices[:, 0], int32)
        ids, places = unique(sp_ids.values)
        found = embedding_lookup(params, ids, partition_strategy, max_norm=max_norm)
        if sp_weights is None:
            combine = {"sum": sparse_segment_sum, "mean": sparse_segment_mean, "sqrtn": sparse_segment_sqrt_n}[combiner]
            return combine(found, places, rows, name=scope)  # type: ignore[no-any-return]
        weights = sp_weights.values
        if weights.dtype.base_dtype is not found.dtype.base_dtype:
            weights = cast(weights, found.dtype.base_dtype)
        weighted = gather(found, places)
        column = weights
        for _ in weighted.static[1:] if weighted.static is not None else (1,):
            column = expand_dims(column, -1)
        weighted = weighted * column
        total = segment_sum(weighted, rows, name=scope if combiner == "sum" else None)
        if combiner == "sum":
            return total  # type: ignore[no-any-return]
        norm = segment_sum(column if combiner == "mean" else square(column), rows)
        return div_no_nan(total, norm if combiner == "mean" else sqrt(norm), name=scope)
