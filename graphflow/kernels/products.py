"""Matrix products split over our own threads, for programs that hold BLAS to one thread."""
from __future__ import annotations

from typing import Any

import numpy as np

from . import parallel

SPLIT = 200_000       # multiplications below which OpenBLAS uses one thread by itself
_SHORT = 16           # terms of a sum of integers, below which it is not worth turning them into floating numbers
WORTH = 10_000_000    # multiplications below which a second thread costs more than it brings


def matmul(a: np.ndarray, b: np.ndarray, out: np.ndarray | None = None) -> Any:
    """np.matmul; two big matrices are split along the longest of rows, columns and depth, so that BLAS packs least of them twice."""
    if a.ndim != 2 or b.ndim != 2 or a.shape[0] * a.shape[1] * b.shape[1] < WORTH:
        return np.matmul(a, b, out)
    result = np.empty((a.shape[0], b.shape[1]), np.result_type(a, b)) if out is None else out
    rows, depth, columns = *a.shape, b.shape[1]

    def task(piece: range) -> np.ndarray:
        part = slice(piece.start, piece.stop)
        if depth > max(rows, columns):
            return np.matmul(a[:, part], b[part], result if piece.start == 0 else None)
        if rows >= columns:
            return np.matmul(a[part], b, result[part])
        return np.matmul(a, b[:, part], result[:, part])

    parts = parallel.run(task, parallel.parts(max(rows, depth, columns)))
    if depth > max(rows, columns):
        for part in parts[1:]:
            np.add(result, part, out=result)
    return result


def integers(a: np.ndarray, b: np.ndarray, out: np.ndarray | None = None) -> Any:
    """np.matmul of integers, which numpy multiplies one by one: by BLAS where float64 holds every sum exactly. They wrap as numpy's do."""
    if a.ndim < 2 or b.ndim < 2 or not a.size or not b.size or a.shape[-1] < _SHORT:
        return np.matmul(a, b, out)
    most = _largest(a) * _largest(b) * a.shape[-1]
    if most >= 1 << 53:
        return np.matmul(a, b, out)
    found = np.matmul(a.astype(np.float64), b.astype(np.float64)).astype(np.int64)
    if out is None:
        return found.astype(np.result_type(a, b), copy=False)
    np.copyto(out, found, "unsafe")
    return out


def _largest(x: np.ndarray) -> int:
    return max(abs(int(x.min())), abs(int(x.max())))
