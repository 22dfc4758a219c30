"""The distinct values of a vector in order of first appearance."""
from __future__ import annotations

from typing import Any

import numpy as np

from .nans import has_nan
from .ordering import stable_order

_SPARE = 4      # so many times the length of the vector may the numbers lie apart for a table of them
_TABLE = 1 << 15        # or so far: a table of which few places are touched, in memory that is not cleared


def codes(x: np.ndarray) -> np.ndarray:
    """Numbers from 0 on that are equal where the elements of a vector are: strings, or what else Python compares."""
    return entries(x)[1]


def entries(x: np.ndarray) -> tuple[Any, np.ndarray]:
    """As `distinct`, for a vector of anything or the rows of an array."""
    if x.ndim == 1 and x.dtype.kind in "biuf":
        return distinct(x)
    if x.ndim == 1:
        keys = x.tolist()
    else:
        keys = [tuple(row.ravel().tolist()) if x.dtype == object else row.tobytes() for row in x]
    number = {key: i for i, key in enumerate(dict.fromkeys(keys))}
    positions = np.fromiter(map(number.__getitem__, keys), np.int64, len(keys))
    highest = np.maximum.accumulate(positions)
    return np.flatnonzero(np.diff(highest, prepend=-1)), positions


def distinct(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(where each distinct value stands first, ascending; the index of each element's value among them) for numbers.

    Numbers are the same where they compare equal: 0.0 and -0.0 are, no two NaN are.
    """
    n = x.size
    if n == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    if x.dtype.kind in "biu":
        low = int(x.min())
        span = int(x.max()) - low + 1
        if span <= max(_SPARE * n, _TABLE if n > 64 else 1024):
            return _by_table(x.astype(np.int64) - low if low < 1 << 62 else (x - x.dtype.type(low)).astype(np.int64), span)
    if x.dtype.itemsize <= 4 and (x.dtype.kind != "f" or not has_nan(x)):       # equal numbers have equal bits: any order of these will do
        order = stable_order(_bits(x) if x.dtype.kind == "f" else x.astype(np.int64) - low, 1 << 32)
    else:
        order = np.argsort(x, kind="stable")
    values = x[order]
    new = np.concatenate([[True], values[1:] != values[:-1]])
    return _numbered(order, new)


def _bits(x: np.ndarray) -> np.ndarray:
    """The bits of floats, those of 0.0 for -0.0."""
    bits = np.ascontiguousarray(x).view(f"u{x.dtype.itemsize}")
    return np.where(bits == 1 << 8 * x.dtype.itemsize - 1, bits.dtype.type(0), bits)


def _by_table(x: np.ndarray, span: int) -> tuple[np.ndarray, np.ndarray]:
    """For integers in [0, span)."""
    first = np.empty(span, np.int64)
    first[x[::-1]] = np.arange(x.size - 1, -1, -1)          # of several assignments the last stands
    places = np.flatnonzero(first[x] == np.arange(x.size))
    first[x[places]] = np.arange(places.size)
    return places, first[x]


def _numbered(order: np.ndarray, new: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """order: sorts the elements, equal ones as they came; new: flags where, in that order, a value begins."""
    firsts = order[new]
    by_appearance = stable_order(firsts, order.size)
    numbers = np.empty(firsts.size, np.int64)
    numbers[by_appearance] = np.arange(firsts.size)
    found = np.empty(order.size, np.int64)
    found[order] = numbers[np.cumsum(new) - 1]
    return firsts[by_appearance], found
