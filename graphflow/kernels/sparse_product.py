"""The product of a matrix that is given by its elements and a dense one."""
from __future__ import annotations

import numpy as np

from .segments import reduce_rows

_MOST = 1 << 24         # elements of a matrix that is written out
_SPARSE = 50            # of its elements for each that is given, up to which the product of written out matrices is quicker


def sparse_product(rows: np.ndarray, columns: np.ndarray, values: np.ndarray, b: np.ndarray, count: int) -> np.ndarray:
    """[count, width]: the sum of values[i] b[columns[i]] over all i with rows[i] == row; several elements of one place add up.

    A matrix that is not too sparse is written out and multiplied by BLAS, if nothing in b would make more of its zeros.
    """
    size = count * len(b)
    if values.dtype in (np.float32, np.float64) and 0 < size <= min(_MOST, _SPARSE * len(rows)) and b.shape[1] > 1 and _finite(b):
        dense = np.zeros(size, values.dtype)
        np.add.at(dense, rows.astype(np.int64) * len(b) + columns, values)
        return dense.reshape(count, len(b)) @ b
    return np.asarray(reduce_rows(np.add, values[:, None] * np.take(b, columns, 0), rows, count, 0))


def _finite(x: np.ndarray) -> bool:
    flat = np.ascontiguousarray(x).reshape(-1)
    return bool(np.isfinite(np.dot(flat, flat)))
