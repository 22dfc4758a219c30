"""The records of an event file that is being written: a slice of them at each call.

    8 bytes   length N, unsigned
    4         masked CRC32C of those 8 bytes
    N         payload
    4         masked CRC32C of the payload

A record whose data does not fit its checksum is passed over, as its length is sound; a length that does not fit its own checksum
ends the reading, as nothing says where the next record begins. A file that ends inside a record is still being written.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import crc32c

HEADER = struct.Struct("<QI")
TAIL = struct.Struct("<I")
AROUND = HEADER.size + TAIL.size


def masked(data: bytes | memoryview) -> int:
    """The checksum as it is stored (formats/crc.py says why it is masked); without the look-up of the library at each call."""
    crc = crc32c.crc32c(data)
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


class BrokenLength(Exception):
    """The length of a record does not fit its checksum."""


def slice_of(path: Path, offset: int, most: int, size: int) -> bytes:
    """About `most` bytes from `offset`, or the whole record there when it is longer; size: bytes of the file."""
    with path.open("rb") as file:
        file.seek(offset)
        data = file.read(min(most, size - offset))
        if len(data) >= HEADER.size:
            length, stored = HEADER.unpack_from(data)
            whole = length + AROUND
            if len(data) < whole <= size - offset and masked(data[:8]) == stored:
                data += file.read(whole - len(data))
    return data


def frames(data: bytes, bad: Callable[[int, int, str], None], at: int = 0) -> Iterator[tuple[int, int, int]]:
    """(start, payload's start, payload's end) of each whole record in data from `at`, where one begins.

    bad(start, end, why): told of a record that is passed over. BrokenLength where a length cannot be trusted.
    """
    size, last = len(data), b""
    view = memoryview(data)
    while size - at >= HEADER.size:
        head = data[at : at + 12]
        length, stored = HEADER.unpack(head)
        if head != last:
            found = masked(view[at : at + 8])
            if found != stored:
                raise BrokenLength(f"the checksum of its length is {found:#010x}, but {stored:#010x} is stored")
            last = head
        begin = at + 12
        end = begin + length
        if end + 4 > size:
            return
        found = masked(view[begin:end])
        if found != TAIL.unpack_from(data, end)[0]:
            bad(at, end + 4, f"the checksum of its data is {found:#010x}, but {TAIL.unpack_from(data, end)[0]:#010x} is stored")
        else:
            yield at, begin, end
        at = end + 4


def head_of(path: Path, count: int) -> bytes:
    """The first bytes of a file."""
    with path.open("rb") as file:
        return file.read(count)


def record_at(path: Path, offset: int) -> bytes:
    """The payload of the record that starts at an offset; OSError or ValueError when there is none any more."""
    size = path.stat().st_size
    data = slice_of(path, offset, 1 << 16, size)
    for start, begin, end in frames(data, lambda *_: None):
        if start:
            break
        return data[begin:end]
    raise ValueError(f"{path.name}: the record at byte {offset} is not there any more")
