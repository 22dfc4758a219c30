"""Datasets of what files hold: lines, TFRecords, records of one length."""
from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from ...core import errors
from ...formats.errors import FormatError
from ...formats.local_path import local_path
from ...formats.record import RecordReader
from .base import DatasetOp, Element, Next, Run, number, text


class _OfFiles(DatasetOp):
    metadata: str = ""

    def records(self, name: str, *settings: Any) -> Iterator[bytes]:
        """What a file holds, in order."""
        raise NotImplementedError

    def start(self, run: Run, filenames: Any, *settings: Any) -> Next:
        names = iter(np.asarray(filenames, object).ravel().tolist())
        records: Iterator[bytes] | None = None

        def following() -> Element:
            nonlocal records
            while True:
                if records is None:
                    records = self.records(local_path(text(next(names))), *settings)
                try:
                    record = next(records, None)
                except OSError as error:
                    records = None
                    raise errors.of_file_error(error) from error
                except (FormatError, EOFError, zlib.error) as error:
                    records = None
                    raise errors.DataLossError(None, None, str(error)) from error
                if record is not None:
                    out = np.empty((), object)
                    out[()] = record
                    return (out,)
                records = None
        return following


def opened(name: str, compression: Any) -> Any:
    """A file's bytes, decompressed."""
    kind = text(compression)
    if kind == "GZIP":
        return gzip.open(name, "rb")
    if kind == "ZLIB":
        return _Inflated(name)
    if kind:
        raise errors.InvalidArgumentError(None, None, f"Unsupported compression_type: {kind}. It is one of \"\", \"ZLIB\" and \"GZIP\".")
    return open(name, "rb")


class _Inflated:
    """A file of zlib's format, read as bytes or lines."""

    def __init__(self, name: str):
        with open(name, "rb") as file:
            self._lines = iter(zlib.decompress(file.read()).splitlines(keepends=True))

    def __enter__(self) -> _Inflated:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __iter__(self) -> Iterator[bytes]:
        return self._lines

    def read(self) -> bytes:
        return b"".join(self._lines)


class TextLineDataset(_OfFiles, sig="filenames: string, compression_type: string, buffer_size: int64 -> handle: variant", stateful=True):
    """The lines of text files, without their ends."""

    def records(self, name: str, *settings: Any) -> Iterator[bytes]:
        with opened(name, settings[0]) as file:
            for line in file:
                yield line.removesuffix(b"\n").removesuffix(b"\r") if line.endswith(b"\n") else line


class TFRecordDataset(_OfFiles, sig="filenames: string, compression_type: string, buffer_size: int64 -> handle: variant", stateful=True):
    """The records of TFRecord files."""

    def records(self, name: str, *settings: Any) -> Iterator[bytes]:
        with RecordReader(name, text(settings[0])) as reader:
            yield from reader


class FixedLengthRecordDataset(_OfFiles, sig="filenames: string, header_bytes: int64, record_bytes: int64, footer_bytes: int64, "
                                             "buffer_size: int64 -> handle: variant", stateful=True):
    """Records of one length, after a header and before a footer; InvalidArgumentError where the rest is no whole number of them."""

    def records(self, name: str, *settings: Any) -> Iterator[bytes]:
        header, width, footer = (number(v) for v in settings[:3])
        with opened(name, settings[4] if len(settings) > 4 else "") as file:
            data = file.read()
        body = len(data) - header - footer
        if body < 0 or body % width:
            raise errors.InvalidArgumentError(None, None, (
                f"Excepted \"{name}\" body to be a multiple of {width}: it has {len(data)} bytes, header {header}, footer {footer}"))
        for start in range(header, header + body, width):
            yield data[start:start + width]


class FixedLengthRecordDatasetV2(FixedLengthRecordDataset, sig="filenames: string, header_bytes: int64, record_bytes: int64, "
                                                               "footer_bytes: int64, buffer_size: int64, compression_type: string "
                                                               "-> handle: variant", stateful=True):
    """FixedLengthRecordDataset of files that may be compressed."""
