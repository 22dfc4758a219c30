"""Protocol buffer wire format, read by hand.

The viewer reads event files and graphs without protobuf: its import alone costs more than the time in which the
page must answer, and a graph's attributes are looked at only when a card asks for them.

    message = (tag varint = field number << 3 | wire type, value)*
    wire 0 varint | 1 eight bytes | 2 varint length + bytes | 5 four bytes | 3, 4 group start and end

Every length is checked against the bytes that are there before anything is sliced.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from graphflow.viewer.errors import ViewerError

VARINT, EIGHT, BYTES, GROUP, GROUP_END, FOUR = range(6)
MAX_GROUPS = 100


def varint(buf: bytes, pos: int, end: int) -> tuple[int, int]:
    """(value, next position) of the varint at `pos`; ViewerError when it is cut or longer than ten bytes."""
    value = shift = 0
    while shift < 70:
        if pos >= end:
            raise ViewerError(f"a number is cut off at byte {pos}")
        byte = buf[pos]
        pos += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value & 0xFFFFFFFFFFFFFFFF, pos
        shift += 7
    raise ViewerError(f"a number of more than ten bytes ends at byte {pos}")


def fields(buf: bytes, start: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """(field number, wire type, a, b) of each field in buf[start:end].

    Wire type 2: the value is buf[a:b]. Wire type 0: a is the number. Types 1 and 5: the value is buf[a:b].
    Groups are skipped.
    """
    pos, depth = start, 0
    while pos < end:
        tag, pos = varint(buf, pos, end)
        number, wire = tag >> 3, tag & 7
        if number == 0:
            raise ViewerError(f"field number 0 before byte {pos}")
        if wire == VARINT:
            a, pos = varint(buf, pos, end)
            b = 0
        elif wire == BYTES:
            size, a = varint(buf, pos, end)
            pos = b = a + size
        elif wire in (EIGHT, FOUR):
            a = pos
            pos = b = a + (8 if wire == EIGHT else 4)
        elif wire in (GROUP, GROUP_END):
            depth += 1 if wire == GROUP else -1
            if not 0 <= depth <= MAX_GROUPS:
                raise ViewerError(f"groups are unbalanced or too deep before byte {pos}")
            continue
        else:
            raise ViewerError(f"wire type {wire} does not exist (before byte {pos})")
        if pos > end:
            raise ViewerError(f"a field of {pos - a} bytes at byte {a} runs past the end at byte {end}")
        if not depth:
            yield number, wire, a, b
    if depth:
        raise ViewerError(f"a group is still open at byte {end}")


def text(buf: bytes, a: int, b: int) -> str:
    """buf[a:b] as text; bytes that are not UTF-8 show as replacement characters."""
    return buf[a:b].decode("utf-8", "replace")


def signed(value: int) -> int:
    """An int32 or int64 from its unsigned varint."""
    return value - (1 << 64) if value >= 1 << 63 else value


def double(buf: bytes, a: int) -> float:
    return struct.unpack_from("<d", buf, a)[0]


def single(buf: bytes, a: int) -> float:
    return struct.unpack_from("<f", buf, a)[0]


def packed(buf: bytes, wire: int, a: int, b: int, kind: str) -> list:
    """The numbers of one occurrence of a repeated field, packed or not. kind: 'd', 'f' or 'varint'."""
    if kind == "varint":
        if wire == VARINT:
            return [signed(a)]
        out, pos = [], a
        while pos < b:
            value, pos = varint(buf, pos, b)
            out.append(signed(value))
        return out
    size = 8 if kind == "d" else 4
    return list(struct.unpack_from(f"<{(b - a) // size}{kind}", buf, a))
