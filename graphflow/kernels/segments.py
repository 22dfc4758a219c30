"""Reductions of rows that share a segment id, by sorting the ids and reducing runs of equal ones, or row by row where runs are short."""
from __future__ import annotations

from typing import Any

import numpy as np

from .scatter import combine_rows

_BLOCK = 256        # sorted rows that are multiplied at a time
_SEGMENTS = 8       # at most in a block
_WIDTH = 255        # elements of a row
_SHORT = 8          # rows of a segment, on average, below which reduceat takes longer than to add each where it belongs
_WIDE = 256         # elements of a row from which on a call for each costs less than numpy's loops


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
    if flat[0].size >= _WIDE:
        return _row_by_row(ufunc, flat, ids, out)
    if ufunc is np.add and not empty and ids.size < _SHORT * count and flat[0].size > 1 and flat.dtype in (np.float32, np.float64):
        flat, ids = (flat, ids) if ids.min() >= 0 else (flat[ids >= 0], ids[ids >= 0])
        combine_rows(out, ids, flat, np.add)
        return out
    if ids.size > 1 and (ids[1:] < ids[:-1]).any():
        if not rest and out.dtype.kind in "iuf" and out.dtype.itemsize > 2:
            return _scattered(ufunc, flat, ids, out)
        if count < 1 << 16:     # sixteen bits are sorted by digits, six times as fast
            kept = np.flatnonzero(ids >= 0) if ids.min() < 0 else None
            ids, flat = (ids, flat) if kept is None else (ids[kept], flat[kept])
            order = np.argsort(ids.astype(np.uint16), kind="stable")
        else:
            order = np.argsort(ids, kind="stable")
        ids, flat = ids[order], np.take(flat, order, 0, mode="clip")          # to clip is twice as fast as to look
    first = int(np.searchsorted(ids, 0))
    ids, flat = ids[first:], flat[first:]
    if ufunc is np.add and _multiplies(flat, ids) and not out.any():
        return _by_products(flat, ids, out)
    if ids.size:
        starts = np.flatnonzero(np.concatenate([[True], ids[1:] != ids[:-1]]))
        out[ids[starts]] = ufunc.reduceat(flat, starts, axis=0, dtype=rows.dtype)
    return out


def _row_by_row(ufunc: Any, rows: Any, ids: Any, out: Any) -> Any:
    """The same for wide rows: numpy's reduceat goes down the columns, six times slower."""
    there = set()
    for i, row in zip(ids.tolist(), rows):
        if i in there:
            ufunc(out[i], row, out=out[i, ...])
        elif i >= 0:
            there.add(i)
            out[i] = row
    return out


def _multiplies(rows: Any, ids: Any) -> bool:
    """Whether `_by_products` is quicker for these sorted ids: many short rows of finite numbers, few segments in a block."""
    width = rows[0].size if len(rows) else 0
    if len(rows) < 8 * _BLOCK or not 1 < width <= _WIDTH or rows.dtype not in (np.float32, np.float64):
        return False
    blocks = ids[:len(ids) - len(ids) % _BLOCK].reshape(-1, _BLOCK)
    flat = np.ascontiguousarray(rows).reshape(-1)
    return int((blocks[:, -1] - blocks[:, 0]).max()) < _SEGMENTS and bool(np.isfinite(np.dot(flat, flat)))


def _by_products(rows: Any, ids: Any, out: Any) -> Any:
    """Sums of sorted rows: in blocks, the matrix that tells which row belongs to which segment times the rows.

    numpy adds rows up column by column, an element after the other. Nothing may be infinite, since others are multiplied by 0.
    """
    whole = len(ids) - len(ids) % _BLOCK
    blocks = ids[:whole].reshape(-1, _BLOCK)
    near = blocks[:, :1] + np.arange(int((blocks[:, -1] - blocks[:, 0]).max()) + 1)         # [blocks, segments]
    member = np.equal(blocks[:, None, :], near[:, :, None]).astype(rows.dtype)
    sums = np.matmul(member, rows[:whole].reshape(len(blocks), _BLOCK, -1)).reshape(near.size, -1)
    if whole < len(ids):
        there = np.unique(ids[whole:])
        member = np.equal(ids[None, whole:], there[:, None]).astype(rows.dtype)
        near = np.concatenate([near.reshape(-1), there])
        sums = np.concatenate([sums, member @ rows[whole:].reshape(len(ids) - whole, -1)])
    near = np.minimum(near.reshape(-1), len(out) - 1)                  # beyond the last segment there is nothing to add
    width = sums.shape[1]
    places = (near[:, None] * width + np.arange(width)).reshape(-1)
    np.add.at(out.reshape(-1), places, sums.reshape(-1))
    return out


def _scattered(ufunc: Any, values: Any, ids: Any, out: Any) -> Any:
    """The same for numbers in any order, each combined in its place: numpy's loops for that need no sorting."""
    if ids.min() < 0:
        kept = ids >= 0
        values, ids = values[kept], ids[kept]
    if ufunc is np.add and out.dtype.kind == "f" and not out.any():
        np.copyto(out, np.bincount(ids, values, len(out)), "same_kind")
        return out
    start = ufunc.identity
    if start is None:        # of maximum and minimum
        low, high = (-np.inf, np.inf) if out.dtype.kind == "f" else (np.iinfo(out.dtype).min, np.iinfo(out.dtype).max)
        start = low if ufunc is np.maximum else high
    found = np.full(len(out), start, out.dtype)
    ufunc.at(found, ids, values)
    alone = found == start             # nothing came there, or nothing but this number
    if alone.any():
        alone[ids] = False
        np.copyto(found, out, where=alone)
    return found


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
    count = int(ids[-1]) + 1
    if count <= 0:
        raise ValueError(f"segment ids must be >= 0, got {ids[-1]} at the end")
    falls = ids[1:] < ids[:-1]
    outside = (ids < 0) | (ids >= count)
    if outside.any() or falls.any():
        fall = int(np.argmax(falls)) if falls.any() else len(ids)
        at = int(np.argmax(outside)) if outside.any() else len(ids)
        if fall < len(ids) and ids[fall] == ids[min(at, fall)]:     # the run of equal ids that is followed by a lower one comes first
            raise ValueError(f"segment ids are not increasing: segment_ids[{fall + 1}] = {ids[fall + 1]} follows {ids[fall]}")
        raise ValueError(f"Segment id {ids[at]} out of range [0, {count}), possibly because 'segment_ids' input is not sorted.")
    return count
