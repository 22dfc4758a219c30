"""sort and argsort, made of top_k."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import context
from ...core.constant import constant_op
from ...core.convert import convert_to_tensor
from ...core.export import export
from ...core.known import constant_value
from ...core.make import make
from ...core.tensor import Tensor
from .. import functions as F


@export("argsort")
def argsort(values: Any, axis: int = -1, direction: str = "ASCENDING", stable: bool = False, name: str | None = None) -> Tensor:
    """The int32 indices that put `values` in order along an axis; equal ones keep their order."""
    with context.default_graph().name_scope(name or "argsort"):
        return _sorted(values, axis, direction, 1)


@export("sort")
def sort(values: Any, axis: int = -1, direction: str = "ASCENDING", name: str | None = None) -> Tensor:
    """`values` in order along an axis. direction: "ASCENDING" or "DESCENDING"."""
    with context.default_graph().name_scope(name or "sort"):
        return _sorted(values, axis, direction, 0)


def _sorted(values: Any, axis: Any, direction: str, which: int) -> Tensor:
    """The sorted values (which = 0) or the indices (1), by TopKV2 along the last axis, as TensorFlow does."""
    if direction not in ("ASCENDING", "DESCENDING"):
        raise ValueError(f"Direction should be one of: ASCENDING, DESCENDING. Got {direction}")
    place = constant_value(constant_op(axis, name="axis") if not isinstance(axis, Tensor) else axis)
    if place is None or place.ndim:
        raise ValueError(f"Argument `axis` must be a constant scalar. Received: axis={axis}.")
    values, place = convert_to_tensor(values, name="values"), int(place)
    turned = _mirrored(values) if direction == "ASCENDING" else values
    length = F.shape(turned)[place]
    rank = F.rank(turned)
    swap = _swap(values.static, rank, place)
    if swap is None:
        found = make(F.TopKV2, turned, length)[which]
    else:
        found = F.transpose(make(F.TopKV2, F.transpose(turned, swap), length)[which], swap)
    return _mirrored(found) if direction == "ASCENDING" and which == 0 else found


def _swap(static: Any, rank: Tensor, place: int) -> Tensor | None:
    """The permutation that exchanges an axis and the last one; None where they are the same."""
    if static is None:
        if place == -1:
            return None
        where = rank + place if place < 0 else place
        return F.tensor_scatter_nd_update(F.range(rank), F.stack([[where], [rank - 1]]), F.stack([rank - 1, where]))
    count = len(static)
    if not -count <= place < count:
        raise ValueError(f"axis {place} is out of range for rank {count}")
    if place % count == count - 1:
        return None
    order = np.arange(count, dtype=np.int32)
    order[[place % count, count - 1]] = count - 1, place % count
    return constant_op(order, name="transposition")


def _mirrored(x: Any) -> Tensor:
    """x in the opposite order, without overflow for integers."""
    if x.dtype.is_unsigned:
        return x.dtype.max - x
    if x.dtype.is_integer:
        return -x - 1
    return F.negative(x)
