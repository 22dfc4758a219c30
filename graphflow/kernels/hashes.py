"""Hashes of byte strings that TensorFlow's bucket ops are defined by: FarmHash's fingerprint64, MurmurHash64A, SipHash-2-4.

Numbers are Python ints kept to 64 bits by `_M`. FarmHash: G. Pike, 2014 (the "na" variant, stable across versions);
SipHash: J.-P. Aumasson and D. J. Bernstein, "SipHash: a fast short-input PRF", 2012.
"""
from __future__ import annotations

_M = (1 << 64) - 1
_K0, _K1, _K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F


def _word(s: bytes, at: int, size: int = 8) -> int:
    return int.from_bytes(s[at:at + size], "little")


def _turn(x: int, by: int) -> int:
    """x rotated right."""
    return ((x >> by) | (x << (64 - by))) & _M


def _shift_mix(x: int) -> int:
    return x ^ (x >> 47)


def _pair(u: int, v: int, mul: int) -> int:
    """Two words into one, by two rounds of multiply and shift."""
    a = _shift_mix(((u ^ v) * mul) & _M)
    b = _shift_mix(((v ^ a) * mul) & _M)
    return (b * mul) & _M


def _up_to_16(s: bytes) -> int:
    n = len(s)
    if n >= 8:
        mul = (_K2 + n * 2) & _M
        a, b = (_word(s, 0) + _K2) & _M, _word(s, n - 8)
        c = (_turn(b, 37) * mul + a) & _M
        d = ((_turn(a, 25) + b) * mul) & _M
        return _pair(c, d, mul)
    if n >= 4:
        mul = (_K2 + n * 2) & _M
        return _pair((n + (_word(s, 0, 4) << 3)) & _M, _word(s, n - 4, 4), mul)
    if n:
        y = s[0] + (s[n >> 1] << 8)
        z = n + (s[-1] << 2)
        return (_shift_mix((y * _K2 ^ z * _K0) & _M) * _K2) & _M
    return _K2


def _up_to_32(s: bytes) -> int:
    n = len(s)
    mul = (_K2 + n * 2) & _M
    a, b = (_word(s, 0) * _K1) & _M, _word(s, 8)
    c, d = (_word(s, n - 8) * mul) & _M, (_word(s, n - 16) * _K2) & _M
    return _pair((_turn((a + b) & _M, 43) + _turn(c, 30) + d) & _M, (a + _turn((b + _K2) & _M, 18) + c) & _M, mul)


def _up_to_64(s: bytes) -> int:
    n = len(s)
    mul = (_K2 + n * 2) & _M
    a, b = (_word(s, 0) * _K2) & _M, _word(s, 8)
    c, d = (_word(s, n - 8) * mul) & _M, (_word(s, n - 16) * _K2) & _M
    y = (_turn((a + b) & _M, 43) + _turn(c, 30) + d) & _M
    z = _pair(y, (a + _turn((b + _K2) & _M, 18) + c) & _M, mul)
    e, f = (_word(s, 16) * mul) & _M, _word(s, 24)
    g, h = ((y + _word(s, n - 32)) * mul) & _M, ((z + _word(s, n - 24)) * mul) & _M
    return _pair((_turn((e + f) & _M, 43) + _turn(g, 30) + h) & _M, (e + _turn((f + a) & _M, 18) + g) & _M, mul)


def _weak(s: bytes, at: int, a: int, b: int) -> tuple[int, int]:
    """32 bytes and two seeds into two words."""
    w, x, y, z = (_word(s, at + 8 * i) for i in range(4))
    a = (a + w) & _M
    b = _turn((b + a + z) & _M, 21)
    c = a
    a = (a + x + y) & _M
    b = (b + _turn(a, 44)) & _M
    return (a + z) & _M, (b + c) & _M


def fingerprint64(s: bytes) -> int:
    """FarmHash's 64-bit fingerprint, as an unsigned integer."""
    n = len(s)
    if n <= 16:
        return _up_to_16(s)
    if n <= 32:
        return _up_to_32(s)
    if n <= 64:
        return _up_to_64(s)
    seed = 81
    x, y = seed, (seed * _K1 + 113) & _M
    z = (_shift_mix((y * _K2 + 113) & _M) * _K2) & _M
    v, w = (0, 0), (0, 0)
    x = (x * _K2 + _word(s, 0)) & _M
    end = (n - 1) // 64 * 64
    last = end + ((n - 1) & 63) - 63
    for at in range(0, end, 64):
        x = (_turn((x + y + v[0] + _word(s, at + 8)) & _M, 37) * _K1) & _M
        y = (_turn((y + v[1] + _word(s, at + 48)) & _M, 42) * _K1) & _M
        x ^= w[1]
        y = (y + v[0] + _word(s, at + 40)) & _M
        z = (_turn((z + w[0]) & _M, 33) * _K1) & _M
        v = _weak(s, at, (v[1] * _K1) & _M, (x + w[0]) & _M)
        w = _weak(s, at + 32, (z + w[1]) & _M, (y + _word(s, at + 16)) & _M)
        z, x = x, z
    mul = (_K1 + ((z & 0xFF) << 1)) & _M
    w = ((w[0] + ((n - 1) & 63)) & _M, w[1])
    v = ((v[0] + w[0]) & _M, v[1])
    w = ((w[0] + v[0]) & _M, w[1])
    x = (_turn((x + y + v[0] + _word(s, last + 8)) & _M, 37) * mul) & _M
    y = (_turn((y + v[1] + _word(s, last + 48)) & _M, 42) * mul) & _M
    x ^= (w[1] * 9) & _M
    y = (y + v[0] * 9 + _word(s, last + 40)) & _M
    z = (_turn((z + w[0]) & _M, 33) * mul) & _M
    v = _weak(s, last, (v[1] * mul) & _M, (x + w[0]) & _M)
    w = _weak(s, last + 32, (z + w[1]) & _M, (y + _word(s, last + 16)) & _M)
    z, x = x, z
    return _pair((_pair(v[0], w[0], mul) + _shift_mix(y) * _K0 + z) & _M, (_pair(v[1], w[1], mul) + x) & _M, mul)


def murmur64(s: bytes, seed: int = 0xDECAFCAFFE) -> int:
    """MurmurHash64A with TensorFlow's seed, as an unsigned integer."""
    mul, n = 0xC6A4A7935BD1E995, len(s)
    h = (seed ^ n * mul) & _M
    for at in range(0, n - 7, 8):
        k = (_word(s, at) * mul) & _M
        h = ((h ^ (((k ^ (k >> 47)) * mul) & _M)) * mul) & _M
    if n & 7:
        h = ((h ^ _word(s, n & ~7)) * mul) & _M
    h = (_shift_mix(h) * mul) & _M
    return _shift_mix(h)


def siphash(s: bytes, key: tuple[int, int]) -> int:
    """SipHash-2-4 under a key of two words, as an unsigned integer."""
    k0, k1 = key[0] & _M, key[1] & _M
    v = [k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D, k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573]
    whole = len(s) & ~7
    tail = _word(s, whole) | (len(s) & 0xFF) << 56
    for word in [*(_word(s, at) for at in range(0, whole, 8)), tail]:
        v[3] ^= word
        _rounds(v, 2)
        v[0] ^= word
    v[2] ^= 0xFF
    _rounds(v, 4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def _rounds(v: list[int], count: int) -> None:
    for _ in range(count):
        v[0] = (v[0] + v[1]) & _M
        v[2] = (v[2] + v[3]) & _M
        v[1] = _turn(v[1], 51) ^ v[0]
        v[3] = _turn(v[3], 48) ^ v[2]
        v[0] = _turn(v[0], 32)
        v[2] = (v[2] + v[1]) & _M
        v[0] = (v[0] + v[3]) & _M
        v[1] = _turn(v[1], 47) ^ v[2]
        v[3] = _turn(v[3], 43) ^ v[0]
        v[2] = _turn(v[2], 32)
