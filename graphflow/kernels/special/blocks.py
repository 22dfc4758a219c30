"""Elementwise functions computed in float64, some thousand elements at a time: what lies between input and result stays in cache."""
from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

BLOCK = 1 << 14
Function = Callable[..., Any]


def blocked(short: Function | None = None) -> Callable[[Function], Function]:
    """A function of float64 vectors, for arrays of any shapes that broadcast; the result has the dtype of the first.

    short: another such function for results of up to 4 bytes, good to some 1e-9.
    """
    def decorate(function: Function) -> Function:
        @functools.wraps(function)
        def elementwise(*values: Any) -> Any:
            arrays = [np.asarray(v) for v in values]
            out = np.empty(np.broadcast_shapes(*(a.shape for a in arrays)), arrays[0].dtype)
            one = function if short is None or out.dtype.itemsize > 4 else short
            flat = out.reshape(-1)
            sources = [a.reshape(1) if a.size == 1 else np.broadcast_to(a, out.shape).reshape(-1) for a in arrays]
            with np.errstate(all="ignore"):
                for low in range(0, flat.size, BLOCK):
                    to = flat[low:low + BLOCK]
                    parts = (np.broadcast_to(s, to.shape) if s.size == 1 else s[low:low + BLOCK] for s in sources)
                    to[...] = one(*[np.array(part, np.float64) for part in parts])
            return out
        return elementwise
    return decorate


def polynomial(x: Any, coefficients: tuple[float, ...]) -> Any:
    """Horner's rule, the highest power first; at least two coefficients."""
    total = x * coefficients[0]
    total += coefficients[1]
    for c in coefficients[2:]:
        total *= x
        total += c
    return total


def where_true(flags: Any) -> Any:
    """Positions of the flags that are set; to compute there alone is quicker than to choose between two results."""
    return np.flatnonzero(flags)
