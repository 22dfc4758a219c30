"""A file that is one gzip or zlib stream, read as the bytes inside it, never more of them in memory than asked for."""

from __future__ import annotations

import zlib
from typing import BinaryIO

from graphflow.formats.errors import DataLossError, TruncatedError

_INPUT = 1 << 16


class InflatingFile:
    """`read` gives uncompressed bytes. What was whole before a cut or damage is handed out first."""

    def __init__(self, file: BinaryIO, bits: int, name: str) -> None:
        self._file, self._bits, self._name = file, bits, name
        self._inflate = zlib.decompressobj(bits)
        self._input = b""

    def read(self, size: int) -> bytes:
        """Up to `size` bytes, fewer only at the end. b"" there; TruncatedError if the stream is cut just here."""
        pieces: list[bytes] = []
        missing = size
        while missing:
            piece = self._more(missing, started=bool(pieces))
            if not piece:
                break
            pieces.append(piece)
            missing -= len(piece)
        return b"".join(pieces)

    def seek(self, offset: int) -> None:
        """Skips forward to an offset of the uncompressed stream; only right after opening."""
        while offset:
            piece = self.read(min(offset, _INPUT))
            if not piece:
                return
            offset -= len(piece)

    def _more(self, limit: int, started: bool) -> bytes:
        while True:
            if self._inflate.eof and not self._next_member():
                return b""
            if not self._input:
                self._input = self._file.read(_INPUT)
            ended = not self._input
            try:
                piece = self._inflate.decompress(self._input, limit)
            except zlib.error as error:
                raise DataLossError(f"{self._name}: inflate failed before byte {self._file.tell()} of the file: {error}") from None
            self._input = self._inflate.unconsumed_tail
            if piece:
                return piece
            if ended and not self._inflate.eof:
                if started or not self._file.tell():
                    return b""
                raise TruncatedError(f"{self._name}: the compressed stream is cut at byte {self._file.tell()} of the file.")

    def _next_member(self) -> bool:
        """gzip files may be several streams one after the other."""
        rest = self._inflate.unused_data or self._file.read(_INPUT)
        if not rest:
            return False
        self._inflate = zlib.decompressobj(self._bits)
        self._input = rest
        return True
