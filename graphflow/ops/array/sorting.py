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
    values = convert_to_tensor(values, name="values")
    if place is None or values.static is None:
        raise NotImplementedError("sort and argsort need an axis and a rank that are known while building; use set_shape")
    turned = _mirrored(values) if direction == "ASCENDING" else values
    length = F.shape(turned)[int(place)]
    F.rank(turned)
    rank, place = len(values.static), int(place)
    if not -rank <= place < rank:
        raise ValueError(f"axis {place} is out of range for rank {rank}")
    if place % rank == rank - 1:
        found = make(F.TopKV2, turned, length)[which]
    else:
        order = np.arange(rank, dtype=np.int32)
        order[[place % rank, rank - 1]] = rank - 1, place % rank
        swap = constant_op(order, name="transposition")
        found = F.transpose(make(F.TopKV2, F.transpose(turned, swap), length)[which], swap)
    return _mirrored(found) if direction == "ASCENDING" and which == 0 else found


def _mirrored(x: Any) -> Tensor:
    """x in the opposite order, without overflow for integers."""
    if x.dtype.is_unsigned:
        return x.dtype.max - x
    if x.dtype.is_integer:
        return -x - 1
    return F.negative(x)
