"""Whether an array holds NaN, found quickly: kernels whose plain numpy way mistreats NaN ask before they take a longer one."""
from __future__ import annotations

from typing import Any

import numpy as np

_SMALL = 512       # elements: below, what is quick for many costs more than it saves


def has_nan(x: Any) -> bool:
    """Whether there is a NaN in a numeric array. A sum of squares is NaN only then, and BLAS reads faster than numpy."""
    if x.dtype.kind in "iub":
        return False
    if x.size > _SMALL and x.dtype.kind == "f" and x.dtype.itemsize in (4, 8) and x.flags.c_contiguous:
        flat = x.reshape(-1)
        with np.errstate(over="ignore"):
            return bool(np.isnan(np.dot(flat, flat)))
    return bool(np.isnan(x).any())
