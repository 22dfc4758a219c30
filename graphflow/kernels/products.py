"""Matrix products split over our own threads, for programs that hold BLAS to one thread."""
from __future__ import annotations

from typing import Any

import numpy as np

from . import parallel

WORTH = 10_000_000    # multiplications below which a second thread costs more than it brings


def matmul(a: np.ndarray, b: np.ndarray, out: np.ndarray | None = None) -> Any:
    """np.matmul; the larger side of the product of two big matrices is split."""
    if a.ndim != 2 or b.ndim != 2 or a.shape[0] * a.shape[1] * b.shape[1] < WORTH:
        return np.matmul(a, b, out)
    if out is None:
        out = np.empty((a.shape[0], b.shape[1]), np.result_type(a, b))
    result, by_rows = out, a.shape[0] >= b.shape[1]

    def task(piece: range) -> None:
        part = slice(piece.start, piece.stop)
        if by_rows:
            np.matmul(a[part], b, out=result[part])
        else:
            np.matmul(a, b[:, part], out=result[:, part])

    parallel.run(task, parallel.parts(max(result.shape)))
    return result
