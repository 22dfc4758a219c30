"""Reductions over leading axes whose rows are short, and over short last axes, where numpy's loop takes an element or two at a time."""
from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

_WIDE = 1024        # elements of a folded row: enough that the loop over rows costs little
_MANY = 4096        # elements, below which nothing is won
_FEW = 16           # columns that are combined one by one
_SHORT = range(17, 513)     # elements of a row that BLAS adds up at several times numpy's speed, and with as small errors
_BLOCK = 1 << 18    # elements of rows that are multiplied at a time
_AT_ONCE = 1 << 18  # elements: BLAS starts threads for more
_LONG = 512         # rows, below which numpy's loop over them takes no longer than two calls


def folds(shape: tuple[int, ...], axes: tuple[int, ...], name: str) -> bool:
    """Whether `folded` is worth calling for a reduction (sum, prod, max or min) of these axes."""
    return _way(shape, axes, name) is not None


def _way(shape: tuple[int, ...], axes: tuple[int, ...], name: str) -> Any:
    """(the function, the shape that it takes), or None where numpy's own loop is as good."""
    size = math.prod(shape)
    if size < _MANY or not axes or axes != tuple(range(axes[0], axes[-1] + 1)):
        return None
    outer, inner = math.prod(shape[:axes[0]]), math.prod(shape[axes[-1] + 1:])
    n = size // (outer * inner)
    if outer == 1 and (inner > 1 or name == "prod") and inner * 2 <= _WIDE and n >= _LONG and size >= 8 * _WIDE:
        return _by_rows, (n, inner)
    if inner == 1 and 2 <= n <= _FEW and outer >= _MANY // 8:
        return _by_columns, (outer, n)
    if inner == 1 and name == "prod" and n > _FEW:
        return _by_halves, (outer, n)
    if inner == 1 and name == "sum" and n in _SHORT and outer > 1:
        return _by_ones, (outer, n)
    return None


def folded(ufunc: np.ufunc) -> Callable[..., Any]:
    """As ufunc.reduce(x, axes, dtype, out, keepdims, ...), with short rows taken many at a time.

    Sums over long last axes stay numpy's, which are pairwise.
    """
    plain: Any = ufunc.reduce
    name = "sum" if ufunc is np.add else "prod" if ufunc is np.multiply else ""

    def reduce(x: Any, axes: tuple[int, ...], dtype: Any = None, out: Any = None, keepdims: bool = False, *initial: Any) -> Any:
        way = None if initial or not x.flags.c_contiguous else _way(x.shape, axes, name)
        if way is None or (way[0] is _by_ones and (x.dtype not in (np.float32, np.float64) or dtype not in (None, x.dtype))):
            return plain(x, axes, dtype, out, keepdims, *initial)
        work, shape = way
        found = work(ufunc, x.reshape(shape), dtype)
        if out is not None:
            np.copyto(out, found.reshape(out.shape))
            return out
        among = range(axes[0], axes[-1] + 1)
        kept = tuple([1 if i in among else d for i, d in enumerate(x.shape) if keepdims or i not in among])
        return found.reshape(kept) if kept else np.reshape(found, ())[()]
    return reduce


def _by_rows(ufunc: np.ufunc, rows: np.ndarray, dtype: Any) -> np.ndarray:
    n, inner = rows.shape
    many = _WIDE // inner
    whole = n - n % many
    part = ufunc.reduce(rows[:whole].reshape(-1, many * inner), 0, dtype)
    found = ufunc.reduce(part.reshape(many, inner), 0, dtype)
    return found if whole == n else ufunc(found, ufunc.reduce(rows[whole:], 0, dtype))


def _by_columns(ufunc: np.ufunc, rows: np.ndarray, dtype: Any) -> np.ndarray:
    found = ufunc(rows[:, 0], rows[:, 1], dtype=dtype)
    for i in range(2, rows.shape[1]):
        ufunc(found, rows[:, i], out=found)
    return found


def _by_halves(ufunc: np.ufunc, rows: np.ndarray, dtype: Any) -> np.ndarray:
    """Products, which numpy makes one after the other: here one half of each row times the other, and so on, some rows at a time."""
    found = np.empty(len(rows), rows.dtype if dtype is None else dtype)
    step = max(1, _BLOCK // rows.shape[1])
    for i in range(0, len(rows), step):
        part = rows[i:i + step]
        while part.shape[1] > 2 * _FEW:
            half, odd = divmod(part.shape[1], 2)
            product = ufunc(part[:, :half], part[:, half:2 * half], dtype=dtype)
            if odd:
                ufunc(product[:, 0], part[:, -1], out=product[:, 0])
            part = product
        ufunc.reduce(part, 1, dtype, found[i:i + step])
    return found


def _by_ones(ufunc: np.ufunc, rows: np.ndarray, dtype: Any) -> np.ndarray:
    """rows @ ones, which has more running sums than numpy's sum, for not too long rows."""
    ones, step = np.ones(rows.shape[1], rows.dtype), max(1, _AT_ONCE // rows.shape[1])
    found = np.empty(len(rows), rows.dtype)
    for i in range(0, len(rows), step):
        np.matmul(rows[i:i + step], ones, out=found[i:i + step])
    return found


def column_products(a: np.ndarray, b: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """The sum over rows of a * b, both [rows, columns] and C-contiguous, multiplied and added in one pass."""
    rows, columns = a.shape
    many = max(1, min(_WIDE // max(1, columns), rows))
    whole = rows - rows % many
    part = np.einsum("nx,nx->x", a[:whole].reshape(-1, many * columns), b[:whole].reshape(-1, many * columns))
    found = np.add.reduce(part.reshape(many, columns), 0, out=out)
    if whole < rows:
        np.add(found, np.einsum("nx,nx->x", a[whole:], b[whole:]), out=found)
    return found
