"""Variable-length integers as protobuf, LevelDB and Snappy write them: seven bits a byte, low bits first, high bit = more."""
from __future__ import annotations

from collections.abc import Iterable

_MAX_BYTES = 10


def encode(value: int) -> bytes:
    """The varint of a number in [0, 2**64)."""
    if value < 0x80:
        return bytes((value,))
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def encode_all(values: Iterable[int]) -> bytes:
    return b"".join(map(encode, values))


def decode(data: bytes | memoryview, position: int, end: int | None = None) -> tuple[int, int]:
    """(number, position after it); ValueError when it is cut off before `end`, or longer than 64 bits."""
    end = len(data) if end is None else end
    value = shift = 0
    for at in range(position, min(end, position + _MAX_BYTES)):
        byte = data[at]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            if value >> 64:
                break
            return value, at + 1
        shift += 7
    raise ValueError(f"no varint at byte {position}")
