"""Snappy blocks, decompressed. Needed only to read tables that other LevelDB writers compressed.

    varint size of the result | elements ...
    element: tag byte, low two bits its kind
      00  literal: length - 1 in the upper six bits; 60..63 there: 1..4 little-endian bytes hold length - 1; then the bytes
      01  copy: length 4 + bits 2-4, offset = bits 5-7 as high bits and one byte
      10  copy: length 1 + upper six bits, offset in two bytes
      11  copy: the same, offset in four bytes
A copy may reach into the bytes that it is writing, which repeats them.
"""
from __future__ import annotations

from . import varint

# Snappy cannot shrink below three bytes (one copy element) per 64, so a larger claim is a lie that need not be tried.
_MAX_RATIO = 64


def decompress(data: bytes, limit: int = 1 << 31) -> bytes:
    """The bytes that `data` stands for; ValueError if it is not valid Snappy or claims more than `limit` bytes."""
    size, position = varint.decode(data, 0)
    if size > limit or size > len(data) * _MAX_RATIO:
        raise ValueError(f"the Snappy block claims {size} bytes, more than {len(data)} compressed bytes can hold")
    out = bytearray()
    while position < len(data):
        kind = data[position] & 3
        if kind == 0:
            start, position = _literal(data, position)
            out += data[start:position]
        else:
            length, offset, position = _copy(data, position, kind)
            _repeat(out, offset, length)
        if len(out) > size:
            raise ValueError(f"the Snappy block holds more than the {size} bytes it claims")
    if len(out) != size:
        raise ValueError(f"the Snappy block claims {size} bytes but holds {len(out)}")
    return bytes(out)


def _literal(data: bytes, position: int) -> tuple[int, int]:
    """(start, end) of the literal whose tag is at `position`."""
    length, position = data[position] >> 2, position + 1
    if length >= 60:
        extra = length - 59
        length = int.from_bytes(_take(data, position, extra), "little")
        position += extra
    end = position + length + 1
    if end > len(data):
        raise ValueError(f"a Snappy literal at byte {position} runs past the block's end")
    return position, end


def _copy(data: bytes, position: int, kind: int) -> tuple[int, int, int]:
    """(length, offset, position after) of the copy element at `position`."""
    tag = data[position]
    if kind == 1:
        return 4 + (tag >> 2 & 7), tag >> 5 << 8 | _take(data, position + 1, 1)[0], position + 2
    width = 2 if kind == 2 else 4
    return 1 + (tag >> 2), int.from_bytes(_take(data, position + 1, width), "little"), position + 1 + width


def _take(data: bytes, position: int, count: int) -> bytes:
    taken = data[position:position + count]
    if len(taken) < count:
        raise ValueError(f"a Snappy element at byte {position} is cut off")
    return taken


def _repeat(out: bytearray, offset: int, length: int) -> None:
    """Append `length` bytes starting `offset` bytes before the end, which may overlap what is appended."""
    if not 0 < offset <= len(out):
        raise ValueError(f"a Snappy copy reaches {offset} bytes back, but only {len(out)} are there")
    piece = out[len(out) - offset:len(out) - offset + length]
    repeats, rest = divmod(length, len(piece))
    out += piece * repeats + piece[:rest]
