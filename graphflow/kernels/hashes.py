"""Hashes of byte strings that TensorFlow's bucket ops are defined by: FarmHash's fingerprint64, MurmurHash64A, SipHash-2-4.

Each for one string, and for an array of them, some thousand at a time. SipHash: J.-P. Aumasson and D. J. Bernstein, "SipHash: a fast
short-input PRF", 2012.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .farmhash import WORD, cut, fingerprint64, fingerprints_of, shift_mix, turn, word
from .packed import CHUNK, Rows, chunks

_FEW = 8        # so many strings are hashed one by one: an array operation costs as much as several on ints
_MURMUR = 0xC6A4A7935BD1E995


def murmur64(s: bytes, seed: int = 0xDECAFCAFFE) -> int:
    """MurmurHash64A with TensorFlow's seed, as an unsigned integer."""
    n = len(s)
    h = (seed ^ n * _MURMUR) & WORD
    for at in range(0, n - 7, 8):
        h = ((h ^ (shift_mix((word(s, at) * _MURMUR) & WORD) * _MURMUR & WORD)) * _MURMUR) & WORD
    if n & 7:
        h = ((h ^ word(s, n & ~7)) * _MURMUR) & WORD
    return shift_mix((shift_mix(h) * _MURMUR) & WORD)


def siphash(s: bytes, key: tuple[int, int]) -> int:
    """SipHash-2-4 under a key of two words, as an unsigned integer."""
    whole, v = len(s) & ~7, _sip_begun(key)
    for at in range(0, whole, 8):
        _sip_word(word(s, at), v)
    _sip_word(word(s, whole) | (len(s) & 0xFF) << 56, v)
    return int(_sip_ended(v))


def _sip_begun(key: tuple[int, int]) -> list[Any]:
    k0, k1 = key[0] & WORD, key[1] & WORD
    return [k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D, k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573]


def _sip_word(eight: Any, v: list[Any]) -> None:
    v[3] = v[3] ^ eight
    _rounds(v, 2)
    v[0] = v[0] ^ eight


def _sip_ended(v: list[Any]) -> Any:
    v[2] = v[2] ^ 0xFF
    _rounds(v, 4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def _rounds(v: list[Any], count: int) -> None:
    a, b, c, d = v
    for _ in range(count):
        a = cut(a + b)
        c = cut(c + d)
        b = turn(b, 51) ^ a
        d = turn(d, 48) ^ c
        a = turn(a, 32)
        c = cut(c + b)
        a = cut(a + d)
        b = turn(b, 47) ^ c
        d = turn(d, 43) ^ a
        c = turn(c, 32)
    v[:] = a, b, c, d


# -- many strings ------------------------------------------------------------------------------------------------------
def fingerprints64(texts: np.ndarray) -> np.ndarray:
    """`fingerprint64` of each string of an array of bytes, as uint64."""
    return _hashed(texts, fingerprint64, fingerprints_of)


def fingerprints64_of_rows(rows: np.ndarray) -> np.ndarray:
    """`fingerprint64` of the bytes of each row of a matrix of numbers, as uint64."""
    data = np.ascontiguousarray(rows).view(np.uint8).reshape(len(rows), -1) if rows.size else np.zeros((len(rows), 0), np.uint8)
    found, length = np.empty(len(data), np.uint64), data.shape[1]
    for first in range(0, len(data), CHUNK):
        part = data[first:first + CHUNK]
        whole = np.zeros(part.size // 8 * 8 + 24, np.uint8)     # what follows the last row may be read
        whole[:part.size] = part.reshape(-1)
        starts = np.arange(len(part)) * length
        found[first:first + CHUNK] = fingerprints_of(Rows(whole.view("<u8"), starts), np.full(len(part), length, np.uint64))
    return found


def murmurs64(texts: np.ndarray) -> np.ndarray:
    """`murmur64` of each string of an array of bytes, as uint64."""
    return _hashed(texts, murmur64, _murmurs)


def siphashes(texts: np.ndarray, key: tuple[int, int]) -> np.ndarray:
    """`siphash` of each string of an array of bytes, as uint64."""
    return _hashed(texts, lambda s: siphash(s, key), lambda rows, n: _siphashes(rows, n, key))


def _hashed(texts: np.ndarray, one: Callable[[bytes], int], many: Callable[[Rows, np.ndarray], np.ndarray]) -> np.ndarray:
    flat = np.asarray(texts, object).reshape(-1)
    if flat.size < _FEW:
        return np.array([one(s) for s in flat.tolist()], np.uint64).reshape(texts.shape)
    found = np.empty(flat.size, np.uint64)
    for first, rows, counts in chunks(flat):
        found[first:first + counts.size] = many(rows, counts.view(np.uint64))
    return found.reshape(texts.shape)


def _by_words(rows: Rows, n: np.ndarray) -> tuple[np.ndarray, Rows, np.ndarray, Iterator[tuple[int, np.ndarray]], np.ndarray]:
    """(order, the strings with the longest first, their lengths, (how many still have it, word) for word after word, the rest's bytes)."""
    order = np.argsort(n)[::-1]
    rows, n = rows.some(order), n[order]
    whole = (n >> 3).astype(np.int64)

    def words() -> Iterator[tuple[int, np.ndarray]]:
        for k in range(int(whole[0])):
            some = int(np.searchsorted(-whole, -k))
            yield some, rows.some(slice(some)).word(8 * k)

    rest = rows.word(n & ~np.uint64(7)) & ((np.uint64(1) << ((n & 7) << 3)) - 1)
    return order, rows, n, words(), rest


def _murmurs(rows: Rows, n: np.ndarray, seed: int = 0xDECAFCAFFE) -> np.ndarray:
    order, rows, n, words, rest = _by_words(rows, n)
    h = seed ^ n * _MURMUR
    for some, eight in words:
        h[:some] = (h[:some] ^ shift_mix(eight * _MURMUR) * _MURMUR) * _MURMUR
    h = np.where(n & 7 != 0, (h ^ rest) * _MURMUR, h)
    found = np.empty(n.shape, np.uint64)
    found[order] = shift_mix(shift_mix(h) * _MURMUR)
    return found


def _siphashes(rows: Rows, n: np.ndarray, key: tuple[int, int]) -> np.ndarray:
    order, rows, n, words, rest = _by_words(rows, n)
    v = [np.full(n.shape, x, np.uint64) for x in _sip_begun(key)]
    for some, eight in words:
        part = [x[:some] for x in v]
        _sip_word(eight, part)
        for x, y in zip(v, part):
            x[:some] = y
    _sip_word(rest | n << 56, v)
    found = np.empty(n.shape, np.uint64)
    found[order] = _sip_ended(v)
    return found
