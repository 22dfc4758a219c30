"""Keys of slices in a table: bytes that sort as (name, rank, start, length, ...) do.

    00 | name, with 00 written as 00 ff and ff as ff 00, then 00 01 | rank as number | per dimension: start, length as signed

    number: one byte that tells how many big-endian bytes follow, none for 0
    signed: -64 <= n < 64 is the byte n xor 0x80; otherwise the fewest bytes L with -2**(7L-1) <= n < 2**(7L-1), as a two's
            complement of L bytes whose L + 1 top bits are replaced by the header: L ones and a zero, all inverted if n < 0

A dimension taken whole is start 0, length -1.
"""
from __future__ import annotations

import re

from .slices import Slice

_ESCAPES = {b"\x00": b"\x00\xff", b"\xff": b"\xff\x00"}
_END = b"\x00\x01"


def encode(name: str | bytes, part: Slice) -> bytes:
    """The key under which a slice of a tensor is stored."""
    name = name.encode() if isinstance(name, str) else name
    escaped = re.sub(rb"[\x00\xff]", lambda found: _ESCAPES[found.group()], name)
    return b"".join((number_bytes(0), escaped, _END, number_bytes(len(part.extents)),
                     *(signed_bytes(n) for extent in part.extents for n in extent)))


def number_bytes(value: int) -> bytes:
    size = (value.bit_length() + 7) // 8
    return bytes((size,)) + value.to_bytes(size, "big")


def signed_bytes(value: int) -> bytes:
    magnitude = value if value >= 0 else ~value
    size = max(1, magnitude.bit_length() // 7 + 1)
    header = (1 << size) - 1 << 7 * size  # `size` ones from the top of size bytes
    coded = magnitude | header
    return (coded if value >= 0 else ~coded & (1 << 8 * size) - 1).to_bytes(size, "big")
