"""Streams made of a pair of seeds that the caller hands in: the stateless_* ops."""

from __future__ import annotations

import numpy as np

from .philox import Philox

_MASK64 = (1 << 64) - 1
_SCRAMBLING_KEY = 0x02461E293EC8F720


def place_from_seed(seed: int, seed2: int) -> Philox:
    """The stream of a stateless op's `seed=[seed, seed2]`.

    The pair, as a counter, goes through one block of Philox under a fixed key, so that seeds close to each other give
    streams far apart: the first two words are the key, the others the high half of the counter.
    """
    scramble = Philox(_SCRAMBLING_KEY, (seed2 & _MASK64) << 64 | (seed & _MASK64))
    a, b, c, d = (int(word[0]) for word in scramble.at(np.zeros(1, np.uint64)))
    return Philox(b << 32 | a, (d << 32 | c) << 64)


def place_from_key_counter(key: int, counter: tuple[int, int]) -> Philox:
    """The stream of the V2 stateless ops' key (64 bits) and counter (two times 64 bits, the low one first)."""
    return Philox(key & _MASK64, (counter[1] & _MASK64) << 64 | (counter[0] & _MASK64))


def key_counter(place: Philox) -> tuple[int, tuple[int, int]]:
    """The inverse of `place_from_key_counter`."""
    return place.key, (place.counter & _MASK64, place.counter >> 64)
