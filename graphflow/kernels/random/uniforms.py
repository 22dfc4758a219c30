"""Words of a random stream as numbers: uniform floats in [0, 1), integers in a range, all integers.

A float's fraction bits are taken from the low bits of a word, so float16 knows 1024 values and bfloat16 128:

    float16   1 word   bits 0-9        float32   1 word   bits 0-22
    bfloat16  1 word   bits 0-6        float64   2 words  bits 0-19 of the first above all of the second
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .philox import Lanes, Philox, Words

_FRACTION_BITS = {"float16": 10, "bfloat16": 7, "float32": 23}


def unit_float32(word: Words) -> NDArray[np.float32]:
    """A word as float32 in [0, 1)."""
    return (word & np.uint64(0x7FFFFF)).astype(np.float32) * np.float32(2.0**-23)


def unit_float64(high: Words, low: Words) -> NDArray[np.float64]:
    """Two words as float64 in [0, 1)."""
    return (((high & np.uint64(0xFFFFF)) << np.uint64(32)) | low).astype(np.float64) * 2.0**-52


def uniform(place: Philox, count: int, dtype: DTypeLike) -> NDArray[Any]:
    """`count` values in [0, 1), dtype float16, bfloat16, float32 or float64."""
    dtype = np.dtype(dtype)
    if dtype == np.float64:
        pairs = np.empty(((count + 1) // 2, 2), np.float64)

        def store(part: slice, lanes: Lanes) -> None:
            a, b, c, d = lanes
            pairs[part, 0], pairs[part, 1] = unit_float64(a, b), unit_float64(c, d)
        place.each(len(pairs), store)
        return pairs.reshape(-1)[:count]
    bits = _fraction_bits(dtype)
    words = place.words(count)
    words &= np.uint32((1 << bits) - 1)
    values = words.astype(np.float32)
    values *= np.float32(2.0**-bits)  # exact: 23 bits at most
    return values if dtype == np.float32 else values.astype(dtype)


def uniform_int(place: Philox, count: int, low: int, high: int, dtype: DTypeLike) -> NDArray[Any]:
    """`count` integers in [low, high): a word (two for 64 bits, the lower first) modulo the range.

    dtype: int32, int64, uint32 or uint64. The slight bias of the remainder is TensorFlow's.
    """
    dtype = np.dtype(dtype)
    if high <= low:
        raise ValueError(f"Need minval < maxval, got {low} >= {high}")
    words = full_int(place, count, _unsigned(dtype))
    words %= words.dtype.type(high - low)
    words += words.dtype.type(low % (1 << (8 * dtype.itemsize)))  # two's complement: the sum wraps to the right value
    return words.view(dtype)


def full_int(place: Philox, count: int, dtype: DTypeLike) -> NDArray[Any]:
    """`count` integers, all values of the dtype (int32, int64, uint32, uint64) equally likely."""
    dtype = np.dtype(dtype)
    if dtype.itemsize == 4:
        return place.words(count).view(dtype)
    words = place.words(2 * count)
    wide = words[1::2].astype(np.uint64)
    wide <<= np.uint64(32)
    wide |= words[0::2]
    return wide.view(dtype)


def _unsigned(dtype: np.dtype[Any]) -> np.dtype[Any]:
    if dtype.kind not in "iu" or dtype.itemsize not in (4, 8):
        raise TypeError(f"random integers come as int32, int64, uint32 or uint64, not {dtype.name}")
    return np.dtype(f"u{dtype.itemsize}")


def _fraction_bits(dtype: np.dtype[Any]) -> int:
    bits = _FRACTION_BITS.get(dtype.name)
    if bits is None:
        raise TypeError(f"random floats come as float16, bfloat16, float32 or float64, not {dtype.name}")
    return bits
