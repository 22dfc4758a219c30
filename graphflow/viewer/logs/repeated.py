"""Rows of alike events, taken in at once.

A training loop writes the same summary again and again: the same bytes save for the time, the step and the numbers. Once protobuf has
parsed an event of scalars, its bytes with those places blanked are a pattern; records of the same length that follow and agree
with it everywhere else have their numbers read off by numpy. What does not agree goes to protobuf, so nothing rests on a guess.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from graphflow.viewer import wire
from graphflow.viewer.errors import ViewerError
from graphflow.viewer.logs.frames import AROUND, HEADER, TAIL, masked

_SCALAR = ((1, wire.BYTES), (7, wire.BYTES), (2, wire.FOUR))  # tag, node name, simple value
FEWEST = 2  # records in a row that are worth it
Array = np.ndarray[Any, np.dtype[Any]]


class Pattern:
    """An event of scalars. fixed: places of the bytes that must agree; floats, step: places of the others."""

    def __init__(self, raw: bytes, wall: int, step: tuple[int, int], floats: list[int]) -> None:
        self.wall, self.step, self.floats = wall, step, np.array(floats)
        free = np.zeros(len(raw), bool)
        free[wall : wall + 8] = True
        free[step[0] : step[1]] = True
        self.bytes_of_floats = (self.floats[:, None] + np.arange(4)).reshape(-1)
        free[self.bytes_of_floats] = True
        self.fixed = np.flatnonzero(~free)
        self.expected = np.frombuffer(raw, np.uint8)[self.fixed]

    def values(self, rows: Array) -> Array:
        """The numbers in rows of bytes, float32 of shape [rows, floats]."""
        return np.ascontiguousarray(rows[:, self.bytes_of_floats]).view("<f4")

    def walls(self, rows: Array) -> Array:
        return np.ascontiguousarray(rows[:, self.wall : self.wall + 8]).view("<f8")[:, 0]

    def steps(self, rows: Array) -> Array:
        """int64 of shape [rows], from varints of one length."""
        digits = rows[:, self.step[0] : self.step[1]].astype(np.uint64) & 127
        shifts = np.arange(digits.shape[1], dtype=np.uint64) * np.uint64(7)
        return (digits << shifts).sum(1, dtype=np.uint64).astype(np.int64)

    def agree(self, rows: Array) -> int:
        """How many of the first rows agree with the pattern."""
        same = (rows[:, self.fixed] == self.expected).all(1)
        more = rows[:, self.step[0] : self.step[1]] >= 128  # a varint goes on where the top bit is set, and ends where it is not
        same &= more[:, :-1].all(1) & ~more[:, -1]
        return len(rows) if same.all() else int(np.argmin(same))


def pattern_of(raw: bytes, values: list[float], step: int) -> Pattern | None:
    """The pattern of an event of scalars only (simple values), checked against what protobuf found in it; None when it is another."""
    try:
        found = _places(raw)
    except ViewerError:
        return None
    if found is None:
        return None
    pattern = Pattern(raw, *found)
    row = np.frombuffer(raw, np.uint8)[None]
    same = np.array_equal(pattern.values(row)[0], np.array(values, np.float32), equal_nan=True)
    return pattern if same and pattern.steps(row)[0] == step and pattern.agree(row) == 1 else None


def _places(raw: bytes) -> tuple[int, tuple[int, int], list[int]] | None:
    """Places of the wall time, of the step's varint and of the floats."""
    fields = list(wire.fields(raw, 0, len(raw)))
    if [(n, w) for n, w, _, _ in fields] != [(1, wire.EIGHT), (2, wire.VARINT), (5, wire.BYTES)]:
        return None
    wall, start, end = fields[0][2], fields[2][2], fields[2][3]
    at = wall + 9  # behind the tag of the step
    stop = wire.varint(raw, at, len(raw))[1]
    floats = []
    for number, kind, a, b in wire.fields(raw, start, end):
        if number != 1 or kind != wire.BYTES:
            return None
        inner = [(n, w, x) for n, w, x, _ in wire.fields(raw, a, b)]
        if sum(n == 2 for n, _, _ in inner) != 1 or any((n, w) not in _SCALAR for n, w, _ in inner):
            return None
        floats.append(next(x for n, _, x in inner if n == 2))
    return (wall, (at, stop), floats) if floats else None


def alike(data: bytes, at: int, pattern: Pattern) -> tuple[int, Array] | None:
    """(how many records from `at` agree with the pattern, their payloads as rows of bytes), or None when they are too few."""
    length = HEADER.unpack_from(data, at)[0]
    stride = length + AROUND
    head = data[at : at + 12]
    if data[at + stride : at + stride + 12] != head:
        return None
    most = (len(data) - at) // stride
    rows = np.frombuffer(data, np.uint8, most * stride, at).reshape(most, stride)
    same = (rows[:, :12] == np.frombuffer(head, np.uint8)).all(1)
    count = most if same.all() else int(np.argmin(same))
    count = pattern.agree(rows[:count, 12 : 12 + length]) if count >= FEWEST else 0
    view = memoryview(data)
    for i in range(count):
        begin = at + i * stride + 12
        if masked(view[begin : begin + length]) != TAIL.unpack_from(data, begin + length)[0]:
            count = i  # the record that does not fit its checksum is told by the one that reads records singly
            break
    return (count, rows[:count, 12 : 12 + length]) if count >= FEWEST else None
