"""Writing into rows of an array by index. Duplicates combine one after the other, in order.

numpy's `ufunc.at` is quick for vectors only, so rows go to it as vectors of elements, some at a time; where no index repeats, plain
indexing is quicker still.
"""
from __future__ import annotations

import math
from typing import Any

import numpy as np

Array = np.ndarray
COMBINE: dict[str, Any] = {"add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "min": np.minimum, "max": np.maximum}
_AT_ONCE = 1 << 18     # elements


def scatter_rows(target: Array, indices: Array, updates: Array, how: str, depth: int = 1, out: Array | None = None) -> Array:
    """target with rows[indices[i]] = (or +=, -=, ...) updates[i], in `out` (which may be target itself) or a new array.

    rows: target with its first `depth` axes made one, shape [n, ...]. indices: shape [m], integers in [0, n). updates: shape
    [m, ...], or a scalar. how: 'update', 'add', 'sub', 'mul', 'div', 'min' or 'max'. Integers are divided towards zero; of several
    'update' the last one counts.
    """
    if out is None or not out.flags.c_contiguous:
        whole = np.array(target, order="C")
    else:
        whole = out
        if out is not target:
            np.copyto(out, target)
    rows = whole.reshape(math.prod(whole.shape[:depth]), *whole.shape[depth:])
    if how == "update":
        rows[indices] = updates
    elif _all_different(indices):
        rows[indices] = _combined(rows[indices], updates, how)
    elif how == "div" and rows.dtype.kind in "iu":
        for i, place in enumerate(indices.tolist()):
            rows[place] = _combined(rows[place], updates if np.shape(updates) == () else updates[i], how)
    else:
        combine_rows(rows, indices, np.broadcast_to(updates, (len(indices), *rows.shape[1:])), COMBINE[how])
    if out is not None and whole is not out:
        np.copyto(out, whole)
        return out
    return whole


def write_slice(target: Array, value: Array, index: Any, out: Array | None = None) -> Array:
    """target with target[index] = value, in `out` (which may be target itself) or a new array. index: ints, slices, None, Ellipsis."""
    if out is None:
        out = np.array(target, order="C")
    elif out is not target:
        np.copyto(out, target)
    index = getattr(index, "value", index)           # a plan keeps indices as `plan.kernels.Index`
    if out[index].size:                              # into nothing TensorFlow takes a value of any shape
        out[index] = value
    return out


def combine_rows(out: Array, indices: Array, updates: Array, ufunc: Any) -> None:
    """out[indices[i]] = ufunc(out[indices[i]], updates[i]), one after the other. out: shape [n, ...], laid out row by row."""
    width = math.prod(out.shape[1:])
    if width == 1 or out.dtype.kind not in "iuf":
        ufunc.at(out, indices, updates)
        return
    elements, step = out.reshape(-1), max(1, _AT_ONCE // max(1, width))
    inner = np.arange(width)
    for start in range(0, len(indices), step):
        places = np.multiply(indices[start:start + step, None], width, dtype=np.int64) + inner
        ufunc.at(elements, places.reshape(-1), np.ascontiguousarray(updates[start:start + step]).reshape(-1))


def _combined(old: Array, new: Array, how: str) -> Array:
    return _truncated_quotient(old, new) if how == "div" and old.dtype.kind in "iu" else COMBINE[how](old, new)


def _all_different(indices: Array) -> bool:
    if len(indices) < 2:
        return True
    ordered = np.sort(indices)
    return bool((ordered[1:] != ordered[:-1]).all())


def _truncated_quotient(x: Array, y: Array) -> Array:
    """The integer quotient rounded towards zero."""
    quotient = np.floor_divide(x, y)
    return quotient + ((quotient < 0) & (quotient * y != x))
