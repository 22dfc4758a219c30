"""Positions in arrays: checked, since numpy counts negative ones from the end where TensorFlow refuses them, and made into row numbers."""
from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...core.shapes import describe
from ...kernels.contract import Namespace


def outside(indices: Any, size: int) -> Any:
    """Flags of the indices outside of [0, size)."""
    return above(indices, size) if indices.dtype.kind == "u" else (indices < 0) | above(indices, size)


def above(indices: Any, size: int) -> Any:
    """Flags of the indices not below `size`."""
    return indices >= size if size <= np.iinfo(indices.dtype).max else np.broadcast_to(np.False_, indices.shape)


def in_range(xp: Namespace, indices: Any, size: int, what: str = "indices") -> Any:
    """The indices; InvalidArgumentError at run with TensorFlow's text for the first one outside [0, size)."""
    xp.check(outside(indices, size), f"{what}{{place}} = {{value}} is not in [0, {size})", indices)
    return indices


def check_depth(depth: int, size: tuple[int, ...]) -> None:
    """ValueError for more coordinates than axes."""
    if depth > len(size):
        raise ValueError(f"index innermost dimension length must be <= params rank; saw: {depth} vs. {len(size)}")


def row_numbers(xp: Namespace, indices: Any, size: tuple[int, ...], what: str = "param shape", policy: str = "") -> Any:
    """(row numbers, flags of those outside of the array): which row each coordinate tuple names once the axes it covers are one.

    indices: [..., k] integers, the first k coordinates in an array of shape `size`. Row numbers: int64 [...]. A tuple outside of the
    array fails the run, saying that it does not index into `what`; with policy "IGNORE" its row is one past the last.
    """
    depth = indices.shape[-1]
    check_depth(depth, size)
    rows: Any = np.broadcast_to(np.int64(0), indices.shape[:-1])
    bad: Any = np.broadcast_to(np.False_, indices.shape[:-1])
    for axis in range(depth):
        column = indices[..., axis]
        bad = bad | outside(column, size[axis])
        rows = rows * size[axis] + xp.astype(column, np.int64)
    if policy == "IGNORE":
        return xp.where(bad, np.int64(math.prod(size[:depth])), rows), bad
    xp.check(bad, f"indices{{place}} = {{value}} does not index into {what} {describe(size)}", indices)
    return rows, bad


def as_rows(xp: Namespace, x: Any, depth: int) -> Any:
    """The first `depth` axes of x made one (none of them: one row)."""
    return xp.reshape(x, (math.prod(x.shape[:depth]), *x.shape[depth:]))


def combined(xp: Namespace, target: Any, indices: Any, updates: Any, how: str, policy: str = "", what: str = "param shape") -> Any:
    """`target` with updates combined in at coordinates; `how` as in `kernels.scatter.scatter_rows`."""
    depth = indices.shape[-1]
    check_depth(depth, target.shape)
    wanted = (*indices.shape[:-1], *target.shape[depth:])
    if updates.shape != wanted:
        raise ValueError(f"updates must have shape {describe(wanted)}, got {describe(updates.shape)}")
    rows, _ = row_numbers(xp, indices, target.shape, what, policy)
    rows, updates = xp.ravel(rows), xp.reshape(updates, (rows.size, *target.shape[depth:]))
    if policy != "IGNORE":
        return xp.scatter_rows(target, rows, updates, how, depth)
    more = xp.broadcast_to(np.zeros((), target.dtype), (1, *target.shape[depth:]))     # the row of what is outside
    return xp.reshape(xp.scatter_rows(xp.concatenate([as_rows(xp, target, depth), more], 0), rows, updates, how, 1)[:-1], target.shape)
