"""Writes V2 checkpoints, byte for byte as TensorFlow does, and so that they appear whole or not at all (see `files`).

Tensors go to the data file as they are added, straight from their own memory; only the index is kept until the end.
"""
from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, suppress
from typing import Any, BinaryIO

import numpy as np

from graphflow.formats import durable, slice_keys
from graphflow.formats.crc import crc32c, mask
from graphflow.formats.early_flush import EarlyFlush
from graphflow.formats.element_types import STRING, numpy_type, type_number
from graphflow.formats.proto import BundleEntryProto, BundleHeaderProto, to_bytes
from graphflow.formats.slices import Slice
from graphflow.formats.sstable import TableWriter

from . import files, strings
from .entries import HEADER_KEY, OUR_VERSION
from .shards import CHUNK

_BUFFER = 1 << 20


class BundleWriter:
    """Adds tensors to a new checkpoint, which exists once `finish` returns (or a `with` block ends without an exception).

    prefix: its directory must exist. An older checkpoint of that name stays valid until then.
    progress: called with the number of bytes after each piece that is written.
    """

    def __init__(self, prefix: str, progress: Callable[[int], None] = lambda size: None) -> None:
        self.prefix, self._progress = prefix, progress
        self._token = durable.new_token()
        self._entries: dict[bytes, Any] = {}
        self._offset = 0
        files.settle(prefix)
        self._data_path = durable.temporary_name(files.data_name(prefix, 0, 1), self._token)
        self._file: BinaryIO = open(self._data_path, "wb", buffering=_BUFFER)  # noqa: SIM115 - closed by finish()

        self._early = EarlyFlush(self._file.fileno())

    def __enter__(self) -> BundleWriter:
        return self

    def __exit__(self, kind: Any, *_: object) -> None:
        if kind is None:
            self.finish()
        else:
            self.abandon()

    def add(self, name: str, value: Any) -> None:
        """Append a tensor. ValueError for a name that is there already, TypeError for elements that cannot be stored."""
        self._append(_key(name), np.asarray(value))

    def add_slice(self, name: str, full_shape: Iterable[int], part: Slice, value: Any) -> None:
        """Append a slice of a tensor whose full shape is given; a slice that covers everything is an ordinary tensor."""
        shape, array, key = tuple(full_shape), np.asarray(value), _key(name)
        box = part.resolved(shape)
        if box.shape != array.shape:
            raise ValueError(f"slice {part} of tensor {name} has shape {list(box.shape)}, the value {list(array.shape)}")
        if box.shape == shape:
            self._append(key, array)
            return
        whole = self._entries.get(key) or _entry(array.dtype, shape)
        if tuple(dim.size for dim in whole.shape.dim) != shape or whole.dtype != type_number(array.dtype):
            raise ValueError(f"tensor {name}: its slices disagree about shape or type: {list(shape)} {array.dtype}")
        if key in self._entries and not whole.slices:
            raise ValueError(f"tensor {name} was added whole already")
        self._append(slice_keys.encode(key, part), array)
        part.to_proto(whole.slices.add())
        self._entries[key] = whole

    def finish(self) -> None:
        """Flush the data to the disk, write the index and give both their names."""
        try:
            with self._naming():
                self._early.end()
                durable.flush_to_disk(self._file)
                self._file.close()
            write_index(files.index_name(self.prefix), self._token, self._entries, shards=1)
            files.commit(self.prefix, self._token, shards=1)
            durable.release(self._token)
        except BaseException:
            if files.is_decided(self.prefix, self._token):      # readers find the new files under either name, the next save renames them
                durable.release(self._token)
            else:
                self.abandon()
            raise

    def abandon(self) -> None:
        """Remove what was written so far."""
        with suppress(OSError):
            self._early.end()
        with suppress(OSError):  # what is buffered may not fit on the disk either
            self._file.close()
        durable.remove_if_there(self._data_path)
        durable.remove_if_there(durable.temporary_name(files.index_name(self.prefix), self._token))
        durable.release(self._token)

    def _append(self, key: bytes, array: np.ndarray) -> None:
        if key in self._entries:
            raise ValueError(f"Adding duplicate key: {key.decode('utf-8', 'replace')}")
        entry = _entry(array.dtype, array.shape)
        entry.offset = self._offset
        with self._naming():
            self._store(entry, array)
        self._offset += entry.size
        self._entries[key] = entry

    def _naming(self) -> AbstractContextManager[None]:
        return durable.naming(files.data_name(self.prefix, 0, 1))

    def _store(self, entry: Any, array: np.ndarray) -> None:
        """Writes the elements; what the entry says of their bytes."""
        if entry.dtype == STRING:
            body, crc = strings.encode([_as_bytes(element) for element in array.reshape(-1).tolist()])
            self._file.write(body)
            entry.size = len(body)
        else:
            raw = _little_endian(array, entry.dtype)
            crc = self._write(raw)
            entry.size = raw.size
        entry.crc32c = mask(crc)

    def _write(self, raw: np.ndarray) -> int:
        """Append bytes; their CRC, computed piece by piece while they are in the processor's cache."""
        view, crc = memoryview(raw), 0  # type: ignore[arg-type]
        for at in range(0, len(view), CHUNK):
            piece = view[at:at + CHUNK]
            crc = crc32c(piece, crc)
            self._file.write(piece)
            self._early.wrote(len(piece))
            self._progress(len(piece))
        return crc


def write_index(path: str, token: str, entries: dict[bytes, Any], shards: int) -> None:
    """The index under its temporary name, flushed to the disk."""
    header = BundleHeaderProto(num_shards=shards)
    header.version.producer = OUR_VERSION
    with durable.naming(path), open(durable.temporary_name(path, token), "wb") as file:
        table = TableWriter(file)
        table.add(HEADER_KEY, to_bytes(header))
        for key in sorted(entries):
            table.add(key, to_bytes(entries[key]))
        table.finish()
        durable.flush_to_disk(file)


def _entry(dtype: np.dtype[Any], shape: Iterable[int]) -> Any:
    entry = BundleEntryProto(dtype=type_number(dtype))
    entry.shape.SetInParent()  # a scalar's shape is there, though empty
    for size in shape:
        entry.shape.dim.add().size = size
    return entry


def _little_endian(array: np.ndarray, number: int) -> np.ndarray:
    """The bytes to store; the array's own memory unless byte order or strides forbid it."""
    dtype = numpy_type(number)
    assert dtype is not None
    if array.dtype.names:
        array = array.view(dtype)
    if sys.byteorder == "big":
        dtype = dtype.newbyteorder("<")
    return np.ascontiguousarray(array, dtype).reshape(-1).view(np.uint8)


def _as_bytes(element: Any) -> bytes:
    if isinstance(element, str):
        return element.encode()
    if isinstance(element, bytes):
        return element
    raise TypeError(f"a string tensor's elements must be str or bytes, found {type(element).__name__}: {element!r}")


def _key(name: str) -> bytes:
    key = name.encode("utf-8", "surrogateescape")
    if not key or key.startswith(b"\0"):
        raise ValueError(f"a stored tensor's name cannot be empty or start with a zero byte: {name!r}")
    return key
