"""Gradients of segment reductions, node for node as TensorFlow makes them."""
from __future__ import annotations

from typing import Any

from ...core.dtypes import bool_, int32
from ...core.make import make
from ...core.op import load
from ...core.tensor import Tensor
from .. import functions as F
from ..array.basic import cast, shape_internal
from ..array.fill import ones_like, zeros_like
from ..array.indexing import gather
from ..array.select import where_v2
from ..elementwise import binary, comparison, division


def _segment(op_type: str, *inputs: Any) -> Tensor:
    """A segment op by its type; these classes' module imports this one."""
    return make(load(op_type), *inputs)


def mean(op: Any, dy: Any) -> Tensor:
    """dy over the size of the segment, for each row."""
    data, ids = op.inputs
    rank = F.rank(data)
    ids_shape = shape_internal(ids)
    rest = F.ones(F.expand_dims(rank - 1, 0), ids_shape.dtype)
    ones = F.ones(F.concat([ids_shape, rest], 0), dy.dtype.base_dtype)
    return gather(division.divide(dy, _segment("SegmentSum", ones, ids)), ids)


def extreme(op: Any, dy: Any) -> Tensor:
    """dy shared out evenly among the rows' elements that equal the segment's extreme."""
    data, ids = op.inputs
    zeros = zeros_like(data, data.dtype.base_dtype)
    chosen = comparison.equal(data, gather(op.outputs[0], ids))
    number = _segment("SegmentSum", cast(chosen, dy.dtype.base_dtype), ids)
    share = gather(division.divide(dy, number), ids)
    return where_v2(chosen, share, zeros)


def product(op: Any, dy: Any) -> Tensor:
    """dy times the product of the others; right with one zero in a segment, and with several (0)."""
    data, ids = op.inputs
    is_zero = comparison.equal(data, 0)
    zero_count = _segment("SegmentSum", cast(is_zero, int32), ids)
    dy = where_v2(comparison.greater(zero_count, 1), zeros_like(dy), dy)
    safe = where_v2(is_zero, ones_like(data), data)
    safe_product = _segment("SegmentProd", safe, ids)
    whole, without_zero = gather(op.outputs[0], ids), gather(safe_product, ids)
    others = where_v2(is_zero, without_zero, whole / safe)
    return gather(dy, ids) * others


def gather_kept(rows: Any, ids: Any, clipped: Any = None, kept: Any = None) -> tuple[Tensor, Tensor, Tensor]:
    """rows[ids], and zeros for negative ids; also the ids clipped at 0 and the mask of those that are not negative."""
    if clipped is None:
        clipped = binary.maximum(ids, zeros_like(ids))
    found = gather(rows, clipped)
    if kept is None:
        kept = comparison.greater_equal(ids, 0)
        shape = shape_internal(kept)
        trailing = F.ones([F.rank(found) - F.rank(kept)], shape.dtype)
        kept = F.reshape(kept, F.concat([shape, trailing], axis=0)) & ones_like(found, bool_)
    return where_v2(kept, found, zeros_like(found)), clipped, kept


def unsorted_extreme(op: Any, dy: Any) -> Tensor:
    """As `extreme`, for ids in any order."""
    data, ids, count = op.inputs
    found, clipped, kept = gather_kept(op.outputs[0], ids)
    chosen = comparison.logical_and(comparison.equal(data, found), kept)
    number = _segment("UnsortedSegmentSum", cast(chosen, dy.dtype.base_dtype), ids, count)
    share, _, _ = gather_kept(division.divide(dy, number), None, clipped, kept)
    return where_v2(chosen, share, zeros_like(share))


def unsorted_product(op: Any, dy: Any) -> Tensor:
    """As `product`, for ids in any order."""
    data, ids, count = op.inputs
    is_zero = comparison.equal(data, 0)
    zero_count = _segment("UnsortedSegmentSum", cast(is_zero, int32), ids, count)
    dy = where_v2(comparison.greater(zero_count, 1), zeros_like(dy), dy)
    safe_product = _segment("UnsortedSegmentProd", where_v2(is_zero, ones_like(data), data), ids, count)
    clipped = binary.maximum(ids, zeros_like(ids))
    whole, without_zero = gather(op.outputs[0], clipped), gather(safe_product, clipped)
    others = where_v2(is_zero, without_zero, whole / data)
    return gather_kept(dy, ids, clipped)[0] * others
