"""Writes tables byte for byte as TensorFlow does: uncompressed, data blocks of about 256 KiB."""
from __future__ import annotations

import io
from collections.abc import Iterable
from typing import BinaryIO

from graphflow.formats.crc import masked_crc32c

from .blocks import DATA_RESTART_INTERVAL, INDEX_RESTART_INTERVAL, BlockBuilder
from .framing import UNCOMPRESSED, Handle, footer_bytes

BLOCK_SIZE = 262144


class TableWriter:
    """Adds entries with rising keys to an open binary file; `finish` completes the table (the file stays open)."""

    def __init__(self, file: BinaryIO, block_size: int = BLOCK_SIZE) -> None:
        self._file, self._block_size = file, block_size
        self._offset = 0
        self._block = BlockBuilder(DATA_RESTART_INTERVAL)
        self._index = BlockBuilder(INDEX_RESTART_INTERVAL)
        self._last_key: bytes | None = None
        self._unlisted: Handle | None = None  # a written block; its index key depends on the key that follows

    def add(self, key: bytes, value: bytes) -> None:
        """Append one entry. ValueError unless `key` is greater than the one before."""
        if self._last_key is not None and key <= self._last_key:
            raise ValueError(f"keys must rise: {key!r} cannot follow {self._last_key!r}")
        if len(key) + len(value) >= 2 * self._block_size:
            self._end_block()
        if self._unlisted:
            self._list_block(separator(self._last_key or b"", key))
        self._block.add(key, value)
        self._last_key = key
        if self._block.size >= self._block_size:
            self._end_block()

    def finish(self) -> None:
        """Write what is left: last data block, an empty metaindex block, the index block, the footer."""
        self._end_block()
        if self._unlisted:
            self._list_block(successor(self._last_key or b""))
        metaindex = self._write_block(BlockBuilder(DATA_RESTART_INTERVAL).finish())
        index = self._write_block(self._index.finish())
        self._file.write(footer_bytes(metaindex, index))

    def _end_block(self) -> None:
        if not self._block.is_empty:
            self._unlisted = self._write_block(self._block.finish())
            self._block = BlockBuilder(DATA_RESTART_INTERVAL)

    def _list_block(self, key: bytes) -> None:
        assert self._unlisted
        self._index.add(key, self._unlisted.to_bytes())
        self._unlisted = None

    def _write_block(self, body: bytes) -> Handle:
        stored = body + bytes((UNCOMPRESSED,))
        self._file.write(stored)
        self._file.write(masked_crc32c(stored).to_bytes(4, "little"))
        handle = Handle(self._offset, len(body))
        self._offset += len(stored) + 4
        return handle


def table_bytes(entries: Iterable[tuple[bytes, bytes]], block_size: int = BLOCK_SIZE) -> bytes:
    """A whole table as bytes, from (key, value) pairs with rising keys."""
    file = io.BytesIO()
    writer = TableWriter(file, block_size)
    for key, value in entries:
        writer.add(key, value)
    writer.finish()
    return file.getvalue()


def separator(last: bytes, following: bytes) -> bytes:
    """A short key k with last <= k < following: cut at the first differing byte, raised by one, if that stays below."""
    for at, (a, b) in enumerate(zip(last, following, strict=False)):
        if a != b:
            return last[:at] + bytes((a + 1,)) if a + 1 < b else last
    return last  # one is a prefix of the other


def successor(last: bytes) -> bytes:
    """A short key k >= last: cut at the first byte that is not 0xFF, raised by one."""
    for at, byte in enumerate(last):
        if byte != 0xFF:
            return last[:at] + bytes((byte + 1,))
    return last
