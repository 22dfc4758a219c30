"""Philox4x32-10, the counter-based generator behind every random op.

J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
A 128-bit counter and a 64-bit key give four 32-bit words ("a block"); ten rounds of two 32x32 -> 64 bit products and xors.
Any block can be had without those before it, so a whole array of counters goes through the rounds at once.

    key      = first seed                    (64 bits, the graph's seed in an op)
    counter  = second seed << 64 | position  (the op's seed above, the number of the block below)

A `Philox` is a place in a stream and never changes; a `Stream` is the mutable owner that hands out places, one per run of an op.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .. import parallel

Words = NDArray[np.uint64]  # 32-bit words, each in a 64-bit cell, since the rounds need the whole products
Lanes = tuple[Words, Words, Words, Words]  # the four words of each of many blocks

BLOCKS_AT_ONCE = 16384  # lanes of 128 KB each: the ten rounds stay in the second-level cache
_MASK32, _MASK64, _MASK128 = (1 << 32) - 1, (1 << 64) - 1, (1 << 128) - 1
_MULTIPLIERS = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_KEY_STEPS = 0x9E3779B9, 0xBB67AE85
_FEW = 8  # blocks up to which Python's integers are quicker
_LOW, _SHIFT = np.uint64(_MASK32), np.uint64(32)


def rounds(lanes: tuple[Any, Any, Any, Any], key: int) -> Lanes:
    """The ten rounds. lanes: four uint64 arrays or scalars below 2**32, lowest word first; key: 64 bits."""
    a, b, c, d = lanes
    key_low, key_high = key & _MASK32, key >> 32
    for _ in range(10):
        left, right = a * _MULTIPLIERS[0], c * _MULTIPLIERS[1]
        a, c = right >> _SHIFT, left >> _SHIFT
        a ^= b
        c ^= d
        a ^= np.uint64(key_low)
        c ^= np.uint64(key_high)
        b, d = right, left
        b &= _LOW
        d &= _LOW
        key_low, key_high = (key_low + _KEY_STEPS[0]) & _MASK32, (key_high + _KEY_STEPS[1]) & _MASK32
    return a, b, c, d


def single_block(key: int, counter: int) -> tuple[int, int, int, int]:
    """The four words of one block, in Python's integers: for a few blocks quicker than a hundred numpy calls."""
    a, b, c, d = counter & _MASK32, (counter >> 32) & _MASK32, (counter >> 64) & _MASK32, counter >> 96
    key_low, key_high = key & _MASK32, key >> 32
    for _ in range(10):
        left, right = a * 0xD2511F53, c * 0xCD9E8D57
        a, b, c, d = (right >> 32) ^ b ^ key_low, right & _MASK32, (left >> 32) ^ d ^ key_high, left & _MASK32
        key_low, key_high = (key_low + _KEY_STEPS[0]) & _MASK32, (key_high + _KEY_STEPS[1]) & _MASK32
    return a, b, c, d


class Philox(NamedTuple):
    """A place in a random stream: key (64 bits) and counter (128 bits) of the next block."""

    key: int
    counter: int

    @classmethod
    def from_seeds(cls, low: int, high: int) -> Philox:
        """The start of the stream of two 64-bit seeds (negative ones count modulo 2**64)."""
        return cls(low & _MASK64, (high & _MASK64) << 64)

    def skip(self, blocks: int) -> Philox:
        """The place `blocks` blocks further."""
        return Philox(self.key, (self.counter + blocks) & _MASK128)

    def at(self, offsets: NDArray[np.uint64]) -> Lanes:
        """The four words of each block whose distance from here is given. offsets: uint64, any shape."""
        if offsets.ndim == 1 and len(offsets) <= _FEW:
            blocks = [single_block(self.key, (self.counter + offset) & _MASK128) for offset in offsets.tolist()]
            lanes = np.array(blocks, np.uint64).reshape(-1, 4).T
            return lanes[0], lanes[1], lanes[2], lanes[3]
        start = np.uint64(self.counter & _MASK64)
        low = offsets + start  # wraps at 2**64 as array arithmetic does
        carried = low < start
        if carried.any():
            above = ((self.counter >> 64) + 1) & _MASK64
            high: Any = np.where(carried, np.uint64(above), np.uint64(self.counter >> 64))
        else:
            high = np.uint64(self.counter >> 64)
        return rounds((low & _LOW, low >> _SHIFT, high & _LOW, high >> _SHIFT), self.key)

    def each(self, count: int, task: Callable[[slice, Lanes], None]) -> None:
        """task(which of them, their words) for the next `count` blocks, in pieces of bounded size; big counts on several threads."""
        def work(piece: range) -> None:
            for first in range(piece.start, piece.stop, BLOCKS_AT_ONCE):
                last = min(first + BLOCKS_AT_ONCE, piece.stop)
                task(slice(first, last), self.at(np.arange(first, last, dtype=np.uint64)))
        parallel.run(work, parallel.parts(count, 4 * count))

    def words(self, count: int) -> NDArray[np.uint32]:
        """The next `count` 32-bit words in order."""
        out = np.empty(((count + 3) // 4, 4), np.uint32)

        def store(part: slice, lanes: Lanes) -> None:
            for column, lane in enumerate(lanes):
                out[part, column] = lane
        self.each(len(out), store)
        return out.reshape(-1)[:count]


class Stream:
    """The random stream of one op in one session: each run takes its share and moves on. Safe for threads.

    Two zero seeds mean "no seed": the operating system's entropy takes their place.
    """

    def __init__(self, seed: int = 0, seed2: int = 0) -> None:
        if seed == 0 and seed2 == 0:
            seed, seed2 = fresh_seed(), fresh_seed()
        self._place = Philox.from_seeds(seed, seed2)
        self._lock = threading.Lock()

    def reserve(self, blocks: int) -> Philox:
        """The present place; the next caller starts `blocks` blocks later."""
        with self._lock:
            place = self._place
            self._place = place.skip(blocks)
        return place

    def reserve_words(self, words: int) -> Philox:
        """As `reserve`, for a number of 32-bit words."""
        return self.reserve((words + 3) // 4)

    def reserve_outputs(self, outputs: int) -> Philox:
        """As `reserve`, for a distribution that may reject: 256 blocks are set aside for each value."""
        return self.reserve(outputs * BLOCKS_PER_OUTPUT)


BLOCKS_PER_OUTPUT = 256  # so far apart do TensorFlow's distributions put the values of two runs, rejecting or not


_repeated: Stream | None = None    # where seeds come from after `repeat_from`


def fresh_seed() -> int:
    """64 bits from the operating system, or the next ones of what `repeat_from` began."""
    bits = os.urandom(8) if _repeated is None else _repeated.reserve_words(2).words(2).tobytes()
    return int.from_bytes(bits, "little")


def repeat_from(seed: int) -> None:
    """From now on unseeded streams draw what they drew after an earlier `repeat_from(seed)` in the same order."""
    global _repeated
    _repeated = Stream(seed % 2**64, 1)
