"""The body of one block: entries with shared key prefixes, then restart points.

    entry:  varint shared | varint fresh | varint value_size | fresh key bytes | value bytes
    end:    4-byte offset of each restart point ... | 4-byte count of them

A key is the first `shared` bytes of the key before it plus the fresh ones. Entry 0 and every 16th after it are restart points
(shared = 0); in the index block every entry is one. A block without entries still lists one restart point, at 0.
"""
from __future__ import annotations

import struct
from collections.abc import Iterator

from graphflow.formats import varint

DATA_RESTART_INTERVAL = 16
INDEX_RESTART_INTERVAL = 1


class BlockBuilder:
    """Collects entries, whose keys must rise, into the bytes of one block."""

    def __init__(self, restart_interval: int) -> None:
        self._interval = restart_interval
        self._parts: list[bytes] = []
        self._body_size = self._count = 0
        self._restarts = [0]
        self._last_key = b""

    def add(self, key: bytes, value: bytes) -> None:
        shared = 0
        if self._count % self._interval:
            shared = _shared(self._last_key, key)
        elif self._count:
            self._restarts.append(self._body_size)
        entry = varint.encode_all((shared, len(key) - shared, len(value))) + key[shared:]
        self._parts += (entry, value)
        self._body_size += len(entry) + len(value)
        self._count += 1
        self._last_key = key

    @property
    def is_empty(self) -> bool:
        return not self._count

    @property
    def size(self) -> int:
        """Bytes of the block if it ended here."""
        return self._body_size + 4 * len(self._restarts) + 4

    def finish(self) -> bytes:
        ends = struct.pack(f"<{len(self._restarts) + 1}I", *self._restarts, len(self._restarts))
        return b"".join((*self._parts, ends))


def _shared(one: bytes, other: bytes) -> int:
    """How many first bytes two keys have in common."""
    for at, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return at
    return min(len(one), len(other))


def read_entries(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(key, value) of each entry in order; ValueError that tells the byte within the block where it is damaged."""
    end = _entries_end(block)
    position, key = 0, b""
    first = True
    while position < end:
        start = position
        shared, position = varint.decode(block, position, end)
        fresh, position = varint.decode(block, position, end)
        size, position = varint.decode(block, position, end)
        if shared > len(key):
            raise ValueError(f"the entry at byte {start} shares {shared} bytes with a key of {len(key)}")
        if fresh + size > end - position:
            raise ValueError(f"the entry at byte {start} claims {fresh} + {size} bytes, but {end - position} are left")
        next_key = key[:shared] + block[position:position + fresh]
        if not first and next_key <= key:
            why = "appears twice" if next_key == key else f"follows {key!r}, so the keys do not rise"
            raise ValueError(f"the key {next_key!r} at byte {start} {why}")
        position += fresh
        yield next_key, block[position:position + size]
        position += size
        key, first = next_key, False


def _entries_end(block: bytes) -> int:
    """Where the entries end and the restart points start."""
    if len(block) < 4:
        raise ValueError(f"it has {len(block)} bytes, too few for a restart count")
    count, = struct.unpack_from("<I", block, len(block) - 4)
    end = len(block) - 4 * (count + 1)
    if end < 0 or not count:
        raise ValueError(f"it claims {count} restart points, which do not fit its {len(block)} bytes")
    return end
