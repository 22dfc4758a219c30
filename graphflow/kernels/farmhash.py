"""FarmHash's 64-bit fingerprint of byte strings (G. Pike, 2014: the "na" variant, stable across versions).

The formulas stand once, for one string and for many at a time. Of one string, `s` is the bytes and numbers are Python's ints; of many,
`s` is `packed.Rows` and numbers are arrays of uint64, which keep to 64 bits by themselves.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .packed import Rows

WORD = (1 << 64) - 1
_K0, _K1, _K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F


def cut(x: Any) -> Any:
    """The lowest 64 bits."""
    return x & WORD if x.__class__ is int else x


def word(s: Any, at: Any, size: int = 8) -> Any:
    """The number in `size` bytes from an offset on."""
    return s.word(at, size) if s.__class__ is Rows else int.from_bytes(s[at:at + size], "little")


def turn(x: Any, by: int) -> Any:
    """x rotated right."""
    return (x >> by) | cut(x << (64 - by))


def shift_mix(x: Any) -> Any:
    """x with its high bits mixed into the low ones."""
    return x ^ (x >> 47)


def _pair(u: Any, v: Any, mul: Any) -> Any:
    """Two words into one, by two rounds of multiply and shift."""
    a = shift_mix(cut((u ^ v) * mul))
    b = shift_mix(cut((v ^ a) * mul))
    return cut(b * mul)


def _up_to_3(s: Any, n: Any) -> Any:
    y = word(s, 0, 1) + (word(s, n >> 1, 1) << 8)
    z = n + (word(s, n - 1, 1) << 2)
    return cut(shift_mix(cut(y * _K2) ^ cut(z * _K0)) * _K2)


def _up_to_7(s: Any, n: Any) -> Any:
    return _pair(cut(n + (word(s, 0, 4) << 3)), word(s, n - 4, 4), cut(_K2 + n * 2))


def _up_to_16(s: Any, n: Any) -> Any:
    mul = cut(_K2 + n * 2)
    a, b = cut(word(s, 0) + _K2), word(s, n - 8)
    c = cut(turn(b, 37) * mul + a)
    d = cut((turn(a, 25) + b) * mul)
    return _pair(c, d, mul)


def _up_to_32(s: Any, n: Any) -> Any:
    mul = cut(_K2 + n * 2)
    a, b = cut(word(s, 0) * _K1), word(s, 8)
    c, d = cut(word(s, n - 8) * mul), cut(word(s, n - 16) * _K2)
    return _pair(cut(turn(cut(a + b), 43) + turn(c, 30) + d), cut(a + turn(cut(b + _K2), 18) + c), mul)


def _up_to_64(s: Any, n: Any) -> Any:
    mul = cut(_K2 + n * 2)
    a, b = cut(word(s, 0) * _K2), word(s, 8)
    c, d = cut(word(s, n - 8) * mul), cut(word(s, n - 16) * _K2)
    y = cut(turn(cut(a + b), 43) + turn(c, 30) + d)
    z = _pair(y, cut(a + turn(cut(b + _K2), 18) + c), mul)
    e, f = cut(word(s, 16) * mul), word(s, 24)
    g, h = cut((y + word(s, n - 32)) * mul), cut((z + word(s, n - 24)) * mul)
    return _pair(cut(turn(cut(e + f), 43) + turn(g, 30) + h), cut(e + turn(cut(f + a), 18) + g), mul)


def _weak(s: Any, at: Any, a: Any, b: Any) -> tuple[Any, Any]:
    """32 bytes and two seeds into two words."""
    w, x, y, z = (word(s, at + 8 * i) for i in range(4))
    a = cut(a + w)
    b = turn(cut(b + a + z), 21)
    c = a
    a = cut(a + x + y)
    b = cut(b + turn(a, 44))
    return cut(a + z), cut(b + c)


def _block(s: Any, at: Any, state: tuple[Any, ...], mul: Any, nine: int) -> tuple[Any, ...]:
    """64 bytes into the state (x, y, z, v, w)."""
    x, y, z, v0, v1, w0, w1 = state
    x = cut(turn(cut(x + y + v0 + word(s, at + 8)), 37) * mul)
    y = cut(turn(cut(y + v1 + word(s, at + 48)), 42) * mul)
    x = x ^ cut(w1 * nine)
    y = cut(y + v0 * nine + word(s, at + 40))
    z = cut(turn(cut(z + w0), 33) * mul)
    v0, v1 = _weak(s, at, cut(v1 * mul), cut(x + w0))
    w0, w1 = _weak(s, at + 32, cut(z + w1), cut(y + word(s, at + 16)))
    return z, y, x, v0, v1, w0, w1


def _begun(s: Any) -> tuple[Any, ...]:
    y = (81 * _K1 + 113) & WORD
    z = (shift_mix((y * _K2 + 113) & WORD) * _K2) & WORD
    x = cut(word(s, 0) + (81 * _K2 & WORD))
    zero = x ^ x
    return x, zero + y, zero + z, zero + 0, zero + 0, zero + 0, zero + 0     # arrays of their own


def _ended(s: Any, n: Any, state: tuple[Any, ...]) -> Any:
    x, y, z, v0, v1, w0, w1 = state
    mul = cut(_K1 + ((z & 0xFF) << 1))
    w0 = cut(w0 + ((n - 1) & 63))
    v0 = cut(v0 + w0)
    w0 = cut(w0 + v0)
    z, y, x, v0, v1, w0, w1 = _block(s, n - 64, (x, y, z, v0, v1, w0, w1), mul, 9)
    return _pair(cut(_pair(v0, w0, mul) + shift_mix(y) * _K0 + x), cut(_pair(v1, w1, mul) + z), mul)


def _long(s: Any, n: Any) -> Any:
    if n.__class__ is int:
        state = _begun(s)
        for at in range(0, (n - 1) // 64 * 64, 64):
            state = _block(s, at, state, _K1, 1)
        return _ended(s, n, state)
    order = np.argsort(n)[::-1]                 # the longest first: those that are still being read come first
    rows, n = s.some(order), n[order]
    blocks = ((n - 1) >> 6).astype(np.int64)
    state = _begun(rows)
    for k in range(int(blocks[0])):
        some = int(np.searchsorted(-blocks, -k))
        for whole, part in zip(state, _block(rows.some(slice(some)), 64 * k, tuple(part[:some] for part in state), _K1, 1)):
            whole[:some] = part
    found = np.empty(n.shape, np.uint64)
    found[order] = _ended(rows, n, state)
    return found


_BY_LENGTH: tuple[Callable[[Any, Any], Any], ...] = (lambda s, n: _K2, _up_to_3, _up_to_7, _up_to_16, _up_to_32, _up_to_64, _long)
_KIND = np.repeat(np.arange(7, dtype=np.uint8), (1, 3, 4, 9, 16, 32, 1))     # of each length, all from 65 on alike


def fingerprint64(s: bytes) -> int:
    """FarmHash's 64-bit fingerprint, as an unsigned integer."""
    n = len(s)
    return int(_BY_LENGTH[_KIND[min(n, 65)]](s, n))


def fingerprints_of(rows: Rows, n: np.ndarray) -> np.ndarray:
    """`fingerprint64` of each of some strings of lengths n (uint64)."""
    kinds = _KIND[np.minimum(n, 65).view(np.int64)]
    found = np.full(n.shape, _K2, np.uint64)
    for kind in range(1, 7):
        places = np.flatnonzero(kinds == kind)
        if places.size == n.size:
            found = _BY_LENGTH[kind](rows, n)
            break
        if places.size:
            found[places] = _BY_LENGTH[kind](rows.some(places), n[places])
    return found
