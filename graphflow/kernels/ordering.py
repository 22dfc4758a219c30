"""Running sums, positions in sorted order, elements by position along the last axis, bits of another dtype."""
from __future__ import annotations

from typing import Any

import numpy as np

from .nans import has_nan

ACCUMULATE = {"sum": np.add, "prod": np.multiply, "logsumexp": np.logaddexp}


def cumulative(x: np.ndarray, how: str, axis: int, out: np.ndarray | None = None) -> np.ndarray:
    """The running 'sum', 'prod' or 'logsumexp' along an axis, in x's dtype."""
    return ACCUMULATE[how].accumulate(x, axis, x.dtype, out)


def top_positions(x: np.ndarray, k: int) -> np.ndarray:
    """int64 [..., k]: where the k largest along the last axis are, largest first, the lower position first among equals.

    NaN counts as smallest. k <= x.shape[-1].
    """
    width = x.shape[-1]
    if k == 1 and not has_nan(x):
        return np.argmax(x, -1)[..., None]
    if 1 < k and _WIDE <= width < 1 << 31 and 64 * k < width and x.dtype.kind in "fiu" and not has_nan(x):
        rows = x.reshape(-1, width)
        found = np.empty((len(rows), k), np.int64)
        for i, row in enumerate(rows):
            found[i] = _top_of_wide(row, k)
        return found.reshape(*x.shape[:-1], k)
    if x.dtype.itemsize <= 4 and x.dtype.kind in "fiu" and 8 * k < width < 1 << 31:
        return _top_by_key(x, k)
    order = np.flip(np.argsort(np.flip(x, -1), axis=-1, kind="stable"), -1)
    order = width - 1 - order
    if x.dtype.kind == "f":
        missing = np.isnan(np.take_along_axis(x, order, -1))
        if missing.any():
            order = np.take_along_axis(order, np.argsort(missing, axis=-1, kind="stable"), -1)
    return np.ascontiguousarray(order[..., :k])


_WIDE = 1 << 14         # elements of a row from which on parts of it are looked at first


def _top_of_wide(row: np.ndarray, k: int) -> np.ndarray:
    """Of a vector: the k-th largest among the maxima of its parts is no more than the k-th largest of all; few elements are above it."""
    parts = 8 * k
    size = row.size // parts
    maxima = row[: parts * size].reshape(parts, size).max(1)
    some = np.flatnonzero(row >= np.partition(maxima, parts - k)[parts - k])
    values = row[some]
    order = np.flip(np.argsort(np.flip(values), kind="stable"))[:k]
    return some[some.size - 1 - order]


def _top_by_key(x: np.ndarray, k: int) -> np.ndarray:
    """By integers that hold the value's rank above and the reversed position below: no two are equal, so a partition does."""
    if x.dtype.kind == "f":
        bits = (x.astype(np.float32) + np.float32(0)).view(np.int32)         # no -0.0
        ranks = (bits ^ ((bits >> 31) & 0x7FFFFFFF)).astype(np.int64)
        ranks[np.isnan(x)] = -1 << 31
    else:
        ranks = x.astype(np.int64)
    last = x.shape[-1] - 1
    keys = (ranks << 32) + (last - np.arange(last + 1))
    top = np.sort(np.partition(keys, last + 1 - k, -1)[..., last + 1 - k:] if k else keys[..., :0], -1)
    return np.ascontiguousarray(last - (top[..., ::-1] & 0xFFFFFFFF))


def argmax(x: np.ndarray, axis: int) -> np.ndarray:
    """int64: where the first of the greatest along an axis is. NaN never wins; where there is nothing else, 0."""
    return np.asarray(_without_nan(x, -np.inf)).argmax(axis)


def argmin(x: np.ndarray, axis: int) -> np.ndarray:
    """int64: where the first of the least along an axis is. NaN never wins; where there is nothing else, 0."""
    return np.argmin(_without_nan(x, np.inf), axis)


def _without_nan(x: np.ndarray, instead: float) -> np.ndarray:
    """x, or a copy with its NaN replaced."""
    return np.where(np.isnan(x), np.asarray(instead, x.dtype), x) if has_nan(x) else x


def sorted_positions(x: np.ndarray) -> np.ndarray:
    """int64: the order that sorts along the last axis, equal ones in the order they come in."""
    return np.argsort(x, axis=-1, kind="stable")


def stable_order(x: np.ndarray, below: int) -> np.ndarray:
    """As np.argsort(x, kind="stable") for a vector of integers in [0, below): by counting, 16 bits at a time, a third of the time."""
    if below > 1 << 32 or x.size < 1024:
        return np.argsort(x, kind="stable")
    order = np.argsort((x & 0xFFFF).astype(np.uint16), kind="stable")
    return order if below <= 1 << 16 else order[np.argsort((x >> 16).astype(np.uint16)[order], kind="stable")]


def search_rows(rows: np.ndarray, values: np.ndarray, side: str) -> np.ndarray:
    """int64 [n, m]: where values [n, m] would go in sorted rows [n, k], on the 'left' or 'right' of equal ones."""
    found = [np.searchsorted(row, wanted, side) for row, wanted in zip(rows, values)]  # type: ignore[call-overload]
    return np.array(found, np.int64).reshape(values.shape)


def take_along(x: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """x[..., positions[..., i]]: elements along the last axis."""
    return np.take_along_axis(x, positions, -1)


def bitcast(x: Any, old: np.dtype[Any], new: np.dtype[Any]) -> np.ndarray:
    """The same bytes as another dtype: of smaller elements there is one more axis, larger ones take the last axis up."""
    array = np.ascontiguousarray(x, old).reshape(np.shape(x))       # which makes a vector of a scalar
    if old.itemsize == new.itemsize:
        return np.array(array.view(new))
    if old.itemsize > new.itemsize:
        return np.array(array[..., None].view(new))
    return np.array(array.view(new)[..., 0])
