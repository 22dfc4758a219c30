"""Reads tables. Every length is checked against the file before memory is taken, every block against its checksum."""
from __future__ import annotations

import os
import threading
from bisect import bisect_left
from collections.abc import Iterator
from typing import BinaryIO

from graphflow.formats import snappy
from graphflow.formats.crc import masked_crc32c
from graphflow.formats.errors import DataLossError

from .blocks import read_entries
from .framing import FOOTER_SIZE, SNAPPY, TRAILER_SIZE, UNCOMPRESSED, Handle, check_handle, read_footer, read_handle

# A block holds one key at least and one value, which a message limits to 2 GiB.
_MAX_UNPACKED = 1 << 31


class TableReader:
    """A table in an open binary file, which stays open and must not change. `name` stands in error messages.

    Only the index is kept in memory; the blocks are read, checked and let go again.
    """

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file, self._name, self._lock = file, name, threading.Lock()
        self._size = file.seek(0, os.SEEK_END)
        if self._size < FOOTER_SIZE:
            raise DataLossError(f"{name}: file is too short to be an sstable: expected a footer of {FOOTER_SIZE} bytes, "
                                f"found {self._size} bytes in all. The file is cut short, or is no checkpoint.")
        file.seek(self._size - FOOTER_SIZE)
        index = read_footer(file.read(FOOTER_SIZE), name, self._size)
        self._last_keys: list[bytes] = []
        self._handles: list[Handle] = []
        for key, value in self._entries(index, "the index block"):
            self._last_keys.append(key)
            self._handles.append(self._handle(key, value))

    def items(self) -> Iterator[tuple[bytes, bytes]]:
        """All entries in order; DataLossError where the table is damaged or its keys do not rise."""
        previous: bytes | None = None
        for number in range(len(self._handles)):
            for key, value in self._block(number):
                if previous is not None and key <= previous:
                    why = "appears twice" if key == previous else f"follows {previous!r}, so the keys do not rise"
                    raise DataLossError(f"{self._name}: the key {key!r} in data block {number} {why}.")
                yield key, value
                previous = key

    def get(self, key: bytes) -> bytes | None:
        """The value of a key, or None. Reads the one block that may hold it."""
        number = bisect_left(self._last_keys, key)
        if number == len(self._handles):
            return None
        return next((value for found, value in self._block(number) if found == key), None)

    def _block(self, number: int) -> Iterator[tuple[bytes, bytes]]:
        """Entries of a data block, whose keys must fit the index."""
        last = self._last_keys[number]
        for key, value in self._entries(self._handles[number], f"data block {number}"):
            if key > last or (number and key <= self._last_keys[number - 1]):
                raise DataLossError(f"{self._name}: the key {key!r} in data block {number} lies outside what the index says of it: "
                                    f"at most {last!r}.")
            yield key, value

    def _handle(self, key: bytes, value: bytes) -> Handle:
        try:
            handle, _ = read_handle(value)
        except ValueError:
            raise DataLossError(f"{self._name}: the index entry {key!r} holds no block handle: {value[:20].hex(' ')}") from None
        check_handle(handle, f"the data block up to key {key!r}", self._name, self._size)
        return handle

    def _entries(self, handle: Handle, what: str) -> Iterator[tuple[bytes, bytes]]:
        try:
            yield from read_entries(self._read(handle, what))
        except ValueError as error:
            raise DataLossError(f"{self._name}: {what} at byte {handle.offset} is damaged: {error}.") from None

    def _read(self, handle: Handle, what: str) -> bytes:
        """The body of a block; `handle` has been checked against the file's size."""
        with self._lock:
            self._file.seek(handle.offset)
            stored = self._file.read(handle.size + TRAILER_SIZE)
        if len(stored) != handle.size + TRAILER_SIZE:
            raise DataLossError(f"{self._name}: {what} at byte {handle.offset} ends early: expected {handle.size + TRAILER_SIZE} "
                                f"bytes, found {len(stored)}. Is the file being written?")
        expected = int.from_bytes(stored[-4:], "little")
        found = masked_crc32c(memoryview(stored)[:-4])
        if found != expected:
            raise DataLossError(f"{self._name}: block checksum mismatch in {what} at byte {handle.offset}: "
                                f"stored {expected:#010x}, computed {found:#010x}.")
        return self._unpack(stored[handle.size], stored[:handle.size], what)

    def _unpack(self, compression: int, body: bytes, what: str) -> bytes:
        if compression == UNCOMPRESSED:
            return body
        if compression == SNAPPY:
            return snappy.decompress(body, _MAX_UNPACKED)
        raise ValueError(f"its compression type is {compression}, expected 0 (none) or 1 (Snappy)")
