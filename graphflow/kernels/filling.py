"""Arrays that are one number but for a few places, and bands of matrices."""
from __future__ import annotations

import math
from typing import Any

import numpy as np

_ROWS = 64       # of a matrix at a time: the edges of a band are looked at element by element, the rest is copied in one piece


def one_hot(indices: np.ndarray, on: np.ndarray, off: np.ndarray, depth: int, axis: int, out: np.ndarray | None = None) -> np.ndarray:
    """`on` at each index along a new axis of size depth, `off` elsewhere; an index out of range gives no `on`."""
    shape = (*indices.shape[:axis], depth, *indices.shape[axis:])
    found = np.empty(shape, on.dtype) if out is None or not out.flags.c_contiguous else out
    found[...] = off
    if found.size:
        inner = math.prod(shape[axis + 1:])
        index = indices.reshape(-1, inner).astype(np.int64)
        places = index * inner
        places += np.arange(len(places))[:, None] * (depth * inner) + np.arange(inner)
        if index.min() < 0 or index.max() >= depth:
            places = places[(index >= 0) & (index < depth)]
        found.reshape(-1)[places.reshape(-1)] = on
    if out is not None and found is not out:
        out[...] = found
        return out
    return found


def band_part(x: np.ndarray, lower: Any, upper: Any, out: np.ndarray | None = None) -> np.ndarray:
    """Matrices with zeros outside of `lower` sub- and `upper` superdiagonals; a negative number keeps that whole triangle."""
    rows, columns = x.shape[-2:]
    below, above = (whole if number < 0 else min(int(number), whole) for number, whole in ((lower, rows), (upper, columns)))
    found = np.empty(x.shape, x.dtype) if out is None else out
    for first in range(0, rows, _ROWS):
        last = min(first + _ROWS, rows)                                        # in these rows: begin, all, end, some in between
        begin, end = max(0, first - below), min(columns, last + above)
        whole, stop = max(begin, last - 1 - below), min(end, first + above + 1)
        target, source = found[..., first:last, :], x[..., first:last, :]
        target[..., :begin] = 0
        target[..., end:] = 0
        edges = ((begin, whole), (stop, end)) if whole < stop else ((begin, end),)
        if whole < stop:
            target[..., whole:stop] = source[..., whole:stop]
        for a, b in edges:
            if a < b:
                distance = np.arange(first, last)[:, None] - np.arange(a, b)
                target[..., a:b] = np.where((distance <= below) & (-distance <= above), source[..., a:b], x.dtype.type(0))
    return found
