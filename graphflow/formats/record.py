"""Record files: TFRecord files and event files alike. A file is a row of frames, little-endian, without header or footer:

    8 bytes   length N, unsigned
    4         masked CRC32C of those 8 bytes
    N         payload
    4         masked CRC32C of the payload

A compressed file is that whole stream through gzip or zlib; the reader has to be told.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from graphflow.formats.compressed import InflatingFile
from graphflow.formats.crc import masked_crc32c
from graphflow.formats.errors import DataLossError, FormatError, TruncatedError

_LENGTH = struct.Struct("<Q")
_CRC = struct.Struct("<I")
_HEADER = struct.Struct("<QI")
_CHUNK = 1 << 20

# wbits of zlib for each name that TensorFlow knows
COMPRESSION = {"": 0, "GZIP": 31, "ZLIB": 15}


def frame(payload: bytes) -> bytes:
    """One frame around a payload."""
    length = _LENGTH.pack(len(payload))
    return b"".join((length, _CRC.pack(masked_crc32c(length)), payload, _CRC.pack(masked_crc32c(payload))))


class RecordReader:
    """Reads payloads one after the other.

    offset: where the next frame starts (in the uncompressed stream); count: payloads read so far. Damage raises DataLossError that names
    file, offset and record; a file that ends inside a frame raises TruncatedError and leaves `offset` at that frame's start,
    so that a reader of a live file may call `next_record` again later.
    """

    def __init__(self, path: str | os.PathLike[str], compression: str | None = "", offset: int = 0) -> None:
        self.path = os.fspath(path)
        self.offset = offset
        self.count = 0
        self._plain: BinaryIO = Path(path).open("rb")  # noqa: SIM115 - closed by close()
        bits = compression_bits(compression)
        self._file: Any = InflatingFile(self._plain, bits, self.path) if bits else self._plain
        self._compressed = bool(bits)
        if offset:
            self._file.seek(offset)

    def next_record(self) -> bytes | None:
        """The next payload, or None at the end of the file."""
        start = self.offset
        if not self._compressed:
            self._file.seek(start)
        header = self._file.read(_HEADER.size)
        if not header:
            return None
        if len(header) < _HEADER.size:
            raise self._truncated(start, f"its header of {_HEADER.size} bytes", len(header))
        length, stored = _HEADER.unpack(header)
        self._check("length", header[: _LENGTH.size], stored)
        payload = self._read(length + _CRC.size, start)
        body, tail = payload[:-4], payload[-4:]
        self._check("data", body, _CRC.unpack(tail)[0])
        self.offset = start + _HEADER.size + len(payload)
        self.count += 1
        return body

    def _read(self, size: int, start: int) -> bytes:
        """Exactly `size` bytes. What is claimed is compared with what is left before memory is taken."""
        if not self._compressed:
            left = os.fstat(self._plain.fileno()).st_size - start - _HEADER.size
            if size > left:
                raise self._truncated(start, f"{size} bytes of data and checksum", max(left, 0))
        pieces, missing = [], size
        while missing:
            piece = self._file.read(min(missing, _CHUNK) if self._compressed else missing)
            if not piece:
                raise self._truncated(start, f"{size} bytes of data and checksum", size - missing)
            pieces.append(piece)
            missing -= len(piece)
        return b"".join(pieces)

    def _check(self, what: str, data: bytes, stored: int) -> None:
        found = masked_crc32c(data)
        if found != stored:
            hint = " Is this a record file at all?" if self.count == 0 else ""
            raise DataLossError(
                f"{self.path}: corrupted record at {self.offset}: record {self.count}: the checksum of its {what} is "
                f"{found:#010x}, but {stored:#010x} is stored.{hint}"
            )

    def _truncated(self, start: int, expected: str, left: int) -> TruncatedError:
        return TruncatedError(
            f"{self.path}: truncated record at {start}: record {self.count}: expected {expected}, but the file ends after {left}."
        )

    def __iter__(self) -> Iterator[bytes]:
        while (record := self.next_record()) is not None:
            yield record

    def close(self) -> None:
        self._plain.close()

    def __enter__(self) -> RecordReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def read_records(path: str | os.PathLike[str], compression: str | None = "") -> Iterator[bytes]:
    """The payloads of a record file in order. compression: "", "GZIP" or "ZLIB"."""
    with RecordReader(path, compression) as reader:
        yield from reader


class RecordWriter:
    """Writes payloads to a new file, or after those of an existing one (append=True, uncompressed only)."""

    def __init__(self, path: str | os.PathLike[str], compression: str | None = "", level: int = -1, append: bool = False) -> None:
        self.path = os.fspath(path)
        bits = compression_bits(compression)
        if bits and append:
            raise FormatError(f"{self.path}: records cannot be added to a compressed file")
        self._deflate = zlib.compressobj(level, zlib.DEFLATED, bits) if bits else None
        self._file: BinaryIO = Path(path).open("ab" if append else "wb")  # noqa: SIM115 - closed by close()

    @property
    def closed(self) -> bool:
        return self._file.closed

    def write(self, payload: bytes) -> None:
        """Adds one record."""
        data = frame(payload)
        self._file.write(self._deflate.compress(data) if self._deflate else data)

    def flush(self) -> None:
        """Hands what was written to the operating system. Of a compressed file, up to the last whole block."""
        if self._deflate:
            self._file.write(self._deflate.flush(zlib.Z_SYNC_FLUSH))
        self._file.flush()

    def close(self) -> None:
        """Writes what is left and closes; a second call does nothing."""
        if self._file.closed:
            return
        if self._deflate:
            self._file.write(self._deflate.flush())
        self._file.close()

    def __enter__(self) -> RecordWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def compression_bits(compression: str | None) -> int:
    """zlib's window argument for a compression's name; 0 for none."""
    try:
        return COMPRESSION[compression or ""]
    except KeyError:
        raise ValueError(f"Unknown compression {compression!r}: expected '', 'GZIP' or 'ZLIB'.") from None
