"""Writing into rows or elements of an array by index, in place. Duplicates combine one after the other, in order."""
from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
COMBINE: dict[str, Any] = {"add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "min": np.minimum, "max": np.maximum}


def scatter_rows(target: Array, indices: Array, updates: Array, how: str) -> Array:
    """target[indices[i]] = (or +=, -=, ...) updates[i]; returns target.

    target: shape [n, ...]. indices: any shape of integers in [0, n). updates: shape indices.shape + target.shape[1:], or a scalar.
    how: 'update', 'add', 'sub', 'mul', 'div', 'min' or 'max'. ValueError for an index out of range or shapes that do not fit.
    """
    wanted = indices.shape + target.shape[1:]
    if updates.shape not in ((), wanted):
        raise ValueError(f"Must have updates.shape = indices.shape + params.shape[1:] or updates.shape = [], got updates.shape "
                         f"{_text(updates.shape)}, indices.shape {_text(indices.shape)}, params.shape {_text(target.shape)}")
    bad = (indices < 0) | (indices >= len(target))
    if bad.any():
        where = tuple(np.argwhere(bad)[0].tolist())
        raise ValueError(f"indices{list(where) if where else ''} = {indices[where]} is not in [0, {len(target)})")
    rows = updates if updates.shape == () else updates.reshape((indices.size, *target.shape[1:]))
    return _combine(target, (indices.ravel(),), rows, how)


def scatter_elements(target: Array, indices: Array, updates: Array, how: str) -> Array:
    """target[tuple(indices[i])] = (or +=, -=, ...) updates[i]; returns target.

    indices: shape [..., k], each row the first k coordinates of what is written. updates: shape indices.shape[:-1] +
    target.shape[k:]. how: as in `scatter_rows`. ValueError for an index out of range or shapes that do not fit.
    """
    depth = indices.shape[-1] if indices.ndim else 0
    if depth > target.ndim:
        raise ValueError(f"The last dimension of indices.shape must be <= params.rank, got "
                         f"{_text(indices.shape)} and {_text(target.shape)}")
    wanted = indices.shape[:-1] + target.shape[depth:]
    if updates.shape != wanted:
        raise ValueError(f"Must have updates.shape = indices.shape[:-1] + params_shape[{depth}:], got updates.shape "
                         f"{_text(updates.shape)}, indices.shape {_text(indices.shape)}, params_shape {_text(target.shape)}")
    flat = indices.reshape((math.prod(indices.shape[:-1]), depth))
    bad = ((flat < 0) | (flat >= np.array(target.shape[:depth], flat.dtype))).any(axis=1)
    if bad.any():
        first = int(np.argmax(bad))
        raise ValueError(f"indices[{first}] = {flat[first].tolist()} does not index into shape {_text(target.shape)}")
    return _combine(target, tuple(flat.T), updates.reshape((len(flat), *target.shape[depth:])), how)


def _combine(target: Array, places: tuple[Array, ...], rows: Array, how: str) -> Array:
    if not places:  # no coordinates: each update is for the whole of target
        for row in rows:
            target[...] = _combined(target, row, how)
    elif how == "update":
        target[places] = rows
    elif _all_different(places, target.shape):
        target[places] = _combined(target[places], rows, how)
    elif how == "div" and target.dtype.kind in "iu":
        for i, place in enumerate(zip(*(p.tolist() for p in places), strict=True)):
            target[place] = _combined(target[place], rows if rows.shape == () else rows[i], how)
    else:
        COMBINE[how].at(target, places, rows)
    return target


def _combined(old: Array, new: Array, how: str) -> Array:
    if how == "update":
        return new
    return _truncated_quotient(old, new) if how == "div" and old.dtype.kind in "iu" else COMBINE[how](old, new)


def _all_different(places: tuple[Array, ...], shape: tuple[int, ...]) -> bool:
    flat = places[0] if len(places) == 1 else np.ravel_multi_index(places, shape[:len(places)])
    return len(np.unique(flat)) == len(flat)


def _truncated_quotient(x: Array, y: Array) -> Array:
    """The integer quotient rounded towards zero; ZeroDivisionError for a zero divisor."""
    if np.any(y == 0):
        raise ZeroDivisionError("Integer division by zero")
    quotient = np.floor_divide(x, y)
    return quotient + ((quotient < 0) & (quotient * y != x))


def _text(shape: tuple[int, ...]) -> str:
    return "[" + ",".join(map(str, shape)) + "]"
