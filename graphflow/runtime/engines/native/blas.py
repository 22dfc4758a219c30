"""The BLAS library that numpy brings: addresses of its matrix products, to be called from native code."""
from __future__ import annotations

import ctypes
import functools
from pathlib import Path
from typing import NamedTuple

import numpy as np

_NAMES = (("scipy_cblas_{}gemm64_", 64), ("cblas_{}gemm64_", 64), ("scipy_cblas_{}gemm", 32), ("cblas_{}gemm", 32))


class Blas(NamedTuple):
    """Addresses of sgemm and dgemm, and the width of the whole numbers that they take."""
    single: int
    double: int
    bits: int


@functools.lru_cache(maxsize=1)
def found() -> Blas | None:
    """None where numpy's BLAS is not one that lies beside it."""
    home = Path(np.__file__).parent
    for path in sorted([*home.parent.glob("numpy.libs/*openblas*"), *home.glob(".dylibs/*openblas*")]):
        try:
            library = ctypes.CDLL(str(path))
        except OSError:
            continue
        for name, bits in _NAMES:
            functions = [getattr(library, name.format(letter), None) for letter in "sd"]
            if None not in functions:
                single, double = (ctypes.cast(f, ctypes.c_void_p).value or 0 for f in functions)  # type: ignore[arg-type]
                return Blas(single, double, bits)
    return None
