"""Memory that numpy gives back and takes again.

Arrays whose shapes only a run tells have no place in a plan's buffers: each step makes them anew. C's allocator returns what lies free at
the end of its heap, and whole larger blocks, to the system at once, so that the next step meets every page of its arrays for the first
time; that can take as long as all arithmetic.
"""
from __future__ import annotations

import ctypes
import functools
import os
import platform

_TRIM, _MMAP = -1, -3            # glibc's M_TRIM_THRESHOLD and M_MMAP_THRESHOLD
_FREE = 64 << 20                 # bytes that may lie free at the end of the heap
_BLOCK = 32 << 20                # larger blocks come from the system, each by itself; the most that glibc allows


@functools.lru_cache(maxsize=1)
def keep() -> bool:
    """Has the C library's allocator keep freed memory, some 64 MB at most at the end of its heap; whether it does (glibc only).

    Whoever set the allocator up by its own variables of the environment is left alone.
    """
    own = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES")
    if platform.libc_ver()[0] != "glibc" or any(name in os.environ for name in own):
        return False
    library = ctypes.CDLL(None)
    return bool(library.mallopt(_MMAP, _BLOCK) and library.mallopt(_TRIM, _FREE))
