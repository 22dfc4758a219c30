"""Reductions of rows that share a segment id, by sorting the ids and reducing runs of equal ones."""
from __future__ import annotations

from typing import Any

import numpy as np


def reduce_rows(ufunc: Any, rows: Any, ids: Any, count: int, empty: Any) -> Any:
    """out[k] = ufunc over all rows[i] with ids[i] == k; `empty` where there is none. Negative ids are left out.

    rows: shape ids.shape + rest. Returns shape (count,) + rest. ValueError when an id is not below `count`.
    """
    rows, ids = np.asarray(rows), np.asarray(ids)
    rest = rows.shape[ids.ndim:]
    flat, ids = rows.reshape(ids.size, *rest) if ids.size else rows.reshape(0, *rest), ids.ravel()
    out = np.full((count, *rest), empty, rows.dtype)
    if not ids.size:
        return out
    if ids.max() >= count:
        at = int(np.argmax(ids >= count))
        raise ValueError(f"segment_ids[{at}] = {ids[at]} is out of range [0, {count})")
    if ids.size > 1 and (ids[1:] < ids[:-1]).any():
        order = np.argsort(ids, kind="stable")
        ids, flat = ids[order], flat[order]
    first = int(np.searchsorted(ids, 0))
    ids, flat = ids[first:], flat[first:]
    if ids.size:
        starts = np.flatnonzero(np.concatenate([[True], ids[1:] != ids[:-1]]))
        out[ids[starts]] = ufunc.reduceat(flat, starts, axis=0, dtype=rows.dtype)
    return out


UFUNCS = {"sum": np.add, "prod": np.multiply, "max": np.maximum, "min": np.minimum}


def segment_reduce(rows: Any, ids: Any, count: int, how: str) -> Any:
    """out[k] = 'sum', 'prod', 'max' or 'min' over all rows[i] with ids[i] == k, of none: 0, 1, the least, the greatest number.

    rows: shape ids.shape + rest; ids below `count`, negative ones are left out. Returns shape (count,) + rest.
    """
    dtype = rows.dtype
    empty = {"sum": 0, "prod": 1}.get(how)
    if empty is None:
        empty = _limits(dtype).min if how == "max" else _limits(dtype).max
    return reduce_rows(UFUNCS[how], rows, ids, count, empty)


def _limits(dtype: np.dtype[Any]) -> Any:
    if dtype.kind in "iuf":
        return np.iinfo(dtype) if dtype.kind in "iu" else np.finfo(dtype)
    from ml_dtypes import finfo  # at first use: saves 5 ms; bfloat16 only
    return finfo(dtype)


def counts(ids: Any, count: int) -> Any:
    """How many ids are 0, 1, ..., count - 1."""
    return np.bincount(np.ravel(ids), minlength=count)[:count]


def checked_sorted(ids: Any) -> int:
    """The number of segments of a sorted vector of ids; ValueError when it is not sorted or begins below 0."""
    ids = np.asarray(ids)
    if ids.ndim != 1:
        raise ValueError(f"segment_ids should be a vector, got shape {list(ids.shape)}")
    if not ids.size:
        return 0
    if (ids[1:] < ids[:-1]).any():
        raise ValueError("segment ids are not increasing")
    if ids[0] < 0:
        raise ValueError(f"segment ids must be >= 0, got {ids[0]}")
    return int(ids[-1]) + 1
