"""Flushing denormal numbers to zero during a run, as TensorFlow does; the thread's mode is restored afterwards.

The floating-point environment of the C library holds the control register, so `fegetenv`/`fesetenv` switch it: glibc on
x86-64 keeps MXCSR at byte 28 of fenv_t (bits 15 FTZ and 6 DAZ), on AArch64 FPCR at byte 0 (bit 24). Elsewhere nothing is changed.
"""
from __future__ import annotations

import ctypes
import platform
import sys
import threading
from typing import Any

from ..kernels.interrupts import whole

_LAYOUTS = {"x86_64": (28, 0x8040), "aarch64": (0, 1 << 24)}


class _Switch(threading.local):
    def __init__(self) -> None:
        self.before = ctypes.create_string_buffer(64)
        self.inside = ctypes.create_string_buffer(64)
        self.depth = 0


def _library() -> Any:
    if not sys.platform.startswith("linux") or platform.machine() not in _LAYOUTS or platform.libc_ver()[0] != "glibc":
        return None
    try:
        library = ctypes.CDLL("libm.so.6")
        library.fegetenv.argtypes = library.fesetenv.argtypes = [ctypes.c_void_p]
    except (OSError, AttributeError):
        return None
    return library


_libm = _library()
_switch = _Switch()


class flushed:
    """Context manager: denormals count as zero in this thread inside the block."""
    __slots__ = ()

    @whole
    def __enter__(self) -> None:
        if _libm is None:
            return
        state = _switch
        state.depth += 1
        if state.depth > 1:
            return
        _libm.fegetenv(state.before)
        offset, bits = _LAYOUTS[platform.machine()]
        ctypes.memmove(state.inside, state.before, 64)
        word = int.from_bytes(state.inside.raw[offset:offset + 4], sys.byteorder) | bits
        ctypes.memmove(ctypes.addressof(state.inside) + offset, word.to_bytes(4, sys.byteorder), 4)
        _libm.fesetenv(state.inside)

    @whole
    def __exit__(self, *exception: Any) -> None:
        if _libm is None:
            return
        state = _switch
        state.depth -= 1
        if not state.depth:
            _libm.fesetenv(state.before)
