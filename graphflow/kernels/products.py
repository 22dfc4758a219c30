"""Matrix products split over our own threads, for programs that hold BLAS to one thread."""
from __future__ import annotations

from typing import Any

import numpy as np

from . import parallel

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
