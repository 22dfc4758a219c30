"""Standard normal numbers, whole and truncated to two standard deviations.

G. E. P. Box, M. E. Muller, "A note on the generation of random normal deviates", 1958: two uniforms u, v give
sin(2 pi v) r and cos(2 pi v) r with r = sqrt(-2 log u). float16 and bfloat16 are rounded float32 numbers.

float32 numbers equal TensorFlow's bit for bit (see libm.py); float64 ones use numpy's functions and may differ by 2 ulp.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .. import parallel
from .libm import log_float32, sin_cos_float32
from .philox import BLOCKS_PER_OUTPUT, Lanes, Philox, Words
from .uniforms import unit_float32, unit_float64

CUTOFF = 2.0
_SMALLEST_UNIFORM = 1e-7  # keeps the logarithm finite


def box_muller_float32(first: Words, second: Words) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Two words of each pair as two normals."""
    radius = log_float32(np.maximum(unit_float32(first), np.float32(_SMALLEST_UNIFORM)))
    radius *= np.float32(-2.0)
    np.sqrt(radius, out=radius)
    turn = unit_float32(second).astype(np.float64) * (2.0 * np.pi)
    sine, cosine = sin_cos_float32(turn.astype(np.float32))
    sine *= radius
    cosine *= radius
    return sine, cosine


def box_muller_float64(a: Words, b: Words, c: Words, d: Words) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Four words of each block as two normals."""
    radius = np.sqrt(-2.0 * np.log(np.maximum(unit_float64(a, b), _SMALLEST_UNIFORM)))
    turn = unit_float64(c, d) * (2.0 * np.pi)
    return np.sin(turn) * radius, np.cos(turn) * radius


def normal(place: Philox, count: int, dtype: DTypeLike) -> NDArray[Any]:
    """`count` standard normals, dtype float16, bfloat16, float32 or float64."""
    dtype, per_block = _checked(dtype)
    out = np.empty((-(-count // per_block), per_block), dtype)

    def store(part: slice, lanes: Lanes) -> None:
        for column, values in enumerate(_candidates(lanes, per_block)):
            out[part, column] = values
    place.each(len(out), store)
    return out.reshape(-1)[:count]


def truncated_normal(place: Philox, count: int, dtype: DTypeLike) -> NDArray[Any]:
    """`count` standard normals, those beyond two standard deviations drawn again.

    Values come in groups of one block's worth (four, or two float64). A group starts 256 blocks per value after the one
    before it and reads block after block until it is full, so groups do not depend on each other.
    """
    dtype, per_block = _checked(dtype)
    groups = -(-count // per_block)
    out = np.empty((groups, per_block), dtype)
    stride = per_block * BLOCKS_PER_OUTPUT // 4

    def work(piece: range) -> None:
        for first in range(piece.start, piece.stop, _GROUPS_AT_ONCE):
            last = min(first + _GROUPS_AT_ONCE, piece.stop)
            _fill_groups(place.skip(first * stride), out[first:last], stride)
    parallel.run(work, parallel.parts(groups, 2 * count))
    return out.reshape(-1)[:count]


_GROUPS_AT_ONCE = 8192


def _fill_groups(place: Philox, out: NDArray[Any], stride: int) -> None:
    size = out.shape[1]
    groups = np.arange(len(out))
    filled = np.zeros(len(out), np.intp)
    offsets = groups.astype(np.uint64) * np.uint64(stride)
    while len(groups):
        for values in _candidates(place.at(offsets), size):
            take = np.flatnonzero((np.abs(values) < CUTOFF) & (filled < size))
            out[groups[take], filled[take]] = values[take]
            filled[take] += 1
        left = filled < size
        groups, filled, offsets = groups[left], filled[left], offsets[left] + np.uint64(1)


def _candidates(lanes: Lanes, per_block: int) -> tuple[NDArray[Any], ...]:
    a, b, c, d = lanes
    if per_block == 2:
        return box_muller_float64(a, b, c, d)
    return box_muller_float32(a, b) + box_muller_float32(c, d)


def _checked(dtype: DTypeLike) -> tuple[np.dtype[Any], int]:
    dtype = np.dtype(dtype)
    if dtype.name not in ("float16", "bfloat16", "float32", "float64"):
        raise TypeError(f"random floats come as float16, bfloat16, float32 or float64, not {dtype.name}")
    return dtype, 2 if dtype == np.float64 else 4
