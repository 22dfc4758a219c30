"""Reads byte ranges of the data files, straight into arrays and checking them on the way."""
from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from io import FileIO

import numpy as np

from graphflow.formats import durable
from graphflow.formats.crc import crc32c
from graphflow.formats.errors import DataLossError

# Small enough that the checksum finds the bytes still in the processor's cache.
CHUNK = 1 << 20


class Shards:
    """The data files of a checkpoint, opened when first needed. `locate` gives the path of a shard's file."""

    def __init__(self, locate: Callable[[int], str]) -> None:
        self._locate = locate
        self._open: dict[int, tuple[FileIO, str, int]] = {}
        self._lock = threading.Lock()

    def open(self, count: int) -> None:
        """Opens the first files; one that is missing raises when it is needed."""
        for shard in range(count):
            with suppress(DataLossError):
                self._file(shard)

    def read_into(self, target: np.ndarray, shard: int, offset: int, what: str, crc: int = 0) -> int:
        """Fill a contiguous byte array from a shard; the CRC of the bytes, going on from `crc`. Ask `check_range` first."""
        view, position = memoryview(target), 0  # type: ignore[arg-type]
        with self._lock:
            file, name, _ = self._file(shard)
        while position < len(view):
            with durable.naming(name):
                count = self._read_at(file, offset + position, view[position:position + CHUNK])
            if not count:
                raise DataLossError(f"{name}: {what} ends early, at byte {offset + position}: is the file being written?")
            crc = crc32c(view[position:position + count], crc)
            position += count
        return crc

    def _read_at(self, file: FileIO, offset: int, piece: memoryview) -> int:
        """Read up to a piece's length; several threads may do it at once."""
        if hasattr(os, "preadv"):
            return os.preadv(file.fileno(), [piece], offset)
        with self._lock:
            file.seek(offset)
            return file.readinto(piece) or 0

    def checksum(self, shard: int, offset: int, size: int, what: str) -> int:
        """The CRC of a range that `check_range` accepts, through one small buffer."""
        buffer, crc = np.empty(min(size, CHUNK), np.uint8), 0
        for at in range(0, size, CHUNK):
            piece = buffer[:min(CHUNK, size - at)]
            crc = self.read_into(piece, shard, offset + at, what, crc)
        return crc

    def mapped(self, shard: int, offset: int, size: int, what: str) -> np.ndarray:
        """The bytes of a range as a read-only array that is backed by the file."""
        with self._lock:
            file, name, file_size = self._file(shard)
            self._check_range(name, file_size, offset, size, what)
            with durable.naming(name):
                return np.memmap(file, np.uint8, mode="r", offset=offset, shape=(size,)) if size else np.empty(0, np.uint8)

    def check_range(self, shard: int, offset: int, size: int, what: str) -> None:
        """DataLossError unless the range lies inside the shard's file."""
        with self._lock:
            _, name, file_size = self._file(shard)
        self._check_range(name, file_size, offset, size, what)

    def size(self, shard: int) -> int:
        """Bytes of a shard's file."""
        with self._lock:
            return self._file(shard)[2]

    def name(self, shard: int) -> str:
        return self._locate(shard)

    def close(self) -> None:
        for file, _, _ in self._open.values():
            file.close()
        self._open.clear()

    def __del__(self) -> None:
        if hasattr(self, "_open"):      # else it was interrupted while it was made
            self.close()

    def _file(self, shard: int) -> tuple[FileIO, str, int]:
        if shard not in self._open:
            name = self._locate(shard)
            try:
                file = open(name, "rb", buffering=0)  # noqa: SIM115 - closed by close()
            except FileNotFoundError:
                raise DataLossError(f"{name}: No such file or directory: the index is there, but this data file is missing.") from None
            _read_ahead(file)
            self._open[shard] = file, name, os.fstat(file.fileno()).st_size
        return self._open[shard]

    @staticmethod
    def _check_range(name: str, file_size: int, offset: int, size: int, what: str) -> None:
        if offset + size > file_size:
            raise DataLossError(f"{name}: {what} should lie at bytes {offset} to {offset + size}, but the file has {file_size} bytes: "
                                "it is cut short or damaged.")


def _read_ahead(file: FileIO) -> None:
    """Ask the system to fetch more in advance: from a disk, one thread then reads 1.4 times as fast."""
    if hasattr(os, "posix_fadvise"):
        with suppress(OSError):  # some file systems take no advice
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_SEQUENTIAL)
