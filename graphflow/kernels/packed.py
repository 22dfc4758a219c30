"""Many byte strings laid end to end, some thousand at a time, so that array operations reach their bytes."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

CHUNK = 8192            # strings at a time: their bytes stay in the processor's cache
_MARK = b"\xff"         # stands in no UTF-8 text
_PADDING = bytes(16)    # so that the word at the last byte can be read


class Rows:
    """Strings in one buffer. words: the buffer as uint64, little-endian; starts: of the strings in it."""
    __slots__ = ("starts", "words")

    def __init__(self, words: np.ndarray, starts: np.ndarray):
        self.words, self.starts = words, starts

    def some(self, index: Any) -> Rows:
        """Those at places in an array or slice."""
        return Rows(self.words, self.starts[index])

    def word(self, at: Any, size: int = 8) -> np.ndarray:
        """`size` bytes of each string from an offset (a number, or one for each) on, as uint64; they may lie in two words."""
        place = self.starts + (at if isinstance(at, int) else at.view(np.int64))
        shift = ((place & 7) << 3).view(np.uint64)
        place >>= 3
        found = self.words.take(place) >> shift
        place += 1
        found |= self.words.take(place) << (64 - shift)       # by 64 gives 0
        return found if size == 8 else found & ((1 << 8 * size) - 1)


def joined(part: list[bytes]) -> tuple[bytes, np.ndarray]:
    """Strings one after the other with a byte between, and their lengths."""
    whole = _MARK.join([*part, _PADDING])
    marks = np.flatnonzero(np.frombuffer(whole, np.uint8) == _MARK[0])
    if len(marks) == len(part):             # no string holds the mark: a third of the time of asking each for its length
        return whole, np.diff(marks, prepend=-1) - 1
    return whole, lengths(part)


def lengths(part: list[bytes]) -> np.ndarray:
    """The number of bytes of each."""
    return np.fromiter(map(len, part), np.int64, len(part))


def lengths_of(texts: np.ndarray) -> np.ndarray:
    """The number of bytes of each string of an array, as int32. Long strings are not copied for that."""
    found = np.empty(texts.size, np.int32)
    flat = texts.reshape(-1)
    for first in range(0, flat.size, CHUNK):
        found[first:first + CHUNK] = lengths(flat[first:first + CHUNK].tolist())
    return found.reshape(texts.shape)


def characters_of(texts: np.ndarray) -> np.ndarray:
    """The number of UTF-8 characters of each string of an array, as int32: of the bytes that begin one."""
    found = np.empty(texts.size, np.int32)
    flat = texts.reshape(-1)
    for first in range(0, flat.size, CHUNK):
        whole, counts = joined(flat[first:first + CHUNK].tolist())
        begun = np.cumsum(np.frombuffer(whole, np.int8) >= -64)         # those that follow are -128 to -65
        ends = np.cumsum(counts + 1) - 1                                # of the strings, each before a byte that counts as begun
        found[first:first + CHUNK] = np.diff(begun[ends], prepend=0) - 1
    return found.reshape(texts.shape)


def split(texts: np.ndarray, marks: bytes, skip_empty: bool) -> tuple[np.ndarray, list[bytes]]:
    """(how many pieces each string of a vector has, all pieces) when split at each byte that is one of `marks` (at least one)."""
    alike = bytes.maketrans(marks, marks[:1] * len(marks))
    counts, pieces = [np.zeros(0, np.int64)], list[bytes]()
    for first in range(0, texts.size, CHUNK):
        part = texts[first:first + CHUNK].tolist()
        whole = marks[:1].join([*part, b""])
        if len(marks) > 1:
            whole = whole.translate(alike)
        ends = np.flatnonzero(np.frombuffer(whole, np.uint8) == marks[0])       # of the pieces
        found = whole[:-1].split(marks[:1])
        last: Any = np.searchsorted(ends, np.cumsum(lengths(part) + 1) - 1)          # piece of each string; then how many up to it
        if skip_empty:
            found = list(filter(None, found))
            last = np.cumsum(np.diff(ends, prepend=-1) > 1)[last]
        else:
            last += 1
        counts.append(np.diff(last, prepend=0))
        pieces += found
    return np.concatenate(counts), pieces


def chunks(texts: np.ndarray) -> Iterator[tuple[int, Rows, np.ndarray]]:
    """(the place of the first, the strings, their lengths) for an array of bytes, in order, some thousand at a time."""
    flat = texts.reshape(-1)
    for first in range(0, flat.size, CHUNK):
        whole, counts = joined(flat[first:first + CHUNK].tolist())
        words = np.frombuffer(whole, "<u8", len(whole) // 8)
        starts = np.cumsum(counts + 1)
        starts -= counts + 1
        yield first, Rows(words, starts), counts
