"""Reads V2 checkpoints. The index is read when a reader is made, a tensor's bytes when it is asked for.

A tensor is read straight into its array, so reading takes the tensor's own memory and no more; `mapped` takes none.
"""
from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from graphflow.formats import durable, slice_keys
from graphflow.formats.crc import crc32c, mask
from graphflow.formats.element_types import STRING, numpy_type
from graphflow.formats.errors import DataLossError, InvalidFileError, TensorNotFoundError
from graphflow.formats.proto import BundleEntryProto, parse
from graphflow.formats.slices import Box, Slice, assemble
from graphflow.formats.sstable import TableReader

from . import files, strings
from .entries import HEADER_KEY, Entry, checked_entry, checked_header
from .shards import Shards

_BIG = 1
_OPENED = 64        # shards; more are opened when first needed


class BundleReader:
    """The tensors of the checkpoint with a prefix.

    FileNotFoundError if there is no index. Damage raises DataLossError or InvalidFileError: when the reader is made if the index
    is damaged, else when the tensor concerned is asked for. May be used from several threads.
    """

    version = 2

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        with durable.folder_lock(os.path.dirname(prefix), shared=True):
            self._values, self._files = _read_index(prefix)
            self._name = self._files.index
            header = checked_header(self._values.pop(HEADER_KEY, None), self._name)
            self.shards: int = header.num_shards
            self._data = Shards(lambda shard: self._files.data(shard, self.shards))
            self._data.open(min(self.shards, _OPENED))      # these files belong to that index, whatever is saved there meanwhile
        self.byte_order: strings.ByteOrder = "big" if header.endianness == _BIG else "little"
        self._entries: dict[bytes, Entry] = {}

    def __enter__(self) -> BundleReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the data files. Arrays handed out stay valid."""
        self._data.close()

    def names(self) -> list[str]:
        """Names of all tensors, sorted by their bytes; slices are not listed apart."""
        return [_text(key) for key in self._values if not key.startswith(b"\0")]

    def __contains__(self, name: str) -> bool:
        return not name.startswith("\0") and _bytes(name) in self._values

    def shape(self, name: str) -> tuple[int, ...]:
        """Shape of the full tensor."""
        return self.entry(name).shape

    def type_number(self, name: str) -> int:
        """Element type as its DataType number."""
        return self.entry(name).type_number

    def entry(self, name: str) -> Entry:
        """What the index says of a tensor; TensorNotFoundError if it does not know it."""
        return self._entry(_bytes(name), name)

    def places(self, name: str) -> list[Entry]:
        """The entries that hold the bytes of a tensor: its own, or those of its slices."""
        whole = self.entry(name)
        return [entry for _, entry in self._slices(name, whole)] if whole.slices else [whole]

    def read(self, name: str, part: Slice | None = None) -> np.ndarray:
        """The tensor, or a part of it, as a new array. Checksums are verified."""
        entry = self.entry(name)
        if part is None and not entry.slices:
            return self._load(entry, name)
        box = _resolve(part or Slice.whole(len(entry.shape)), entry, name, self._name)
        whole = Box((0,) * len(entry.shape), entry.shape)
        if not entry.slices:
            return self._load(entry, name)[box.within(whole)].copy()
        return self._from_slices(name, entry, box)

    def mapped(self, name: str, verify: bool = True) -> np.ndarray:
        """The tensor as a read-only array backed by the data file; read as usual where that cannot be (strings, slices, ...).

        verify: whether the checksum is computed now, which reads all bytes once but keeps none.
        """
        entry = self.entry(name)
        if entry.slices or entry.type_number == STRING or self.byte_order != sys.byteorder:
            return self.read(name)
        raw = self._data.mapped(entry.shard, entry.offset, entry.size, f"tensor {name}")
        if verify:
            self._check_crc(crc32c(memoryview(raw)), entry, name)  # type: ignore[arg-type]
        return raw.view(_array_type(entry)).reshape(entry.shape)

    def stored_shape(self, name: str, part: Slice | None = None) -> tuple[int, ...] | None:
        """Shape of a tensor or part whose bytes lie together in one file, so that `read_into` can be used; None for others.

        DataLossError where the file is too short for it, so that no memory is taken for what is not there.
        """
        entry = self._stored(name, part)
        if entry is None or entry.type_number == STRING:
            return None
        self._data.check_range(entry.shard, entry.offset, entry.size, f"tensor {name}")
        return entry.shape

    def verify(self, name: str, part: Slice | None = None) -> None:
        """Compute the checksum of a tensor that `stored_shape` knows, keeping none of its bytes."""
        entry = self._stored(name, part)
        assert entry is not None, name
        self._data.check_range(entry.shard, entry.offset, entry.size, f"tensor {name}")
        self._check_crc(self._data.checksum(entry.shard, entry.offset, entry.size, f"tensor {name}"), entry, name)

    def read_into(self, target: np.ndarray, name: str, part: Slice | None = None) -> None:
        """Read a tensor that `stored_shape` knows into a contiguous array of its shape and type. The checksum is verified, afterwards."""
        entry = self._stored(name, part)
        assert entry is not None and target.shape == entry.shape and target.dtype == _array_type(entry), name
        self._data.check_range(entry.shard, entry.offset, entry.size, f"tensor {name}")
        self._load_into(target, entry, name)

    def _stored(self, name: str, part: Slice | None) -> Entry | None:
        """The entry that holds exactly this tensor or part."""
        entry = self.entry(name)
        if part is None:
            return None if entry.slices else entry
        box = _resolve(part, entry, name, self._name)
        if not entry.slices:
            return entry if box.shape == entry.shape else None
        return next((there for place, there in self._slices(name, entry) if place == box), None)

    def problems(self) -> Iterator[tuple[str, Exception]]:
        """(name, error) of each tensor that cannot be read."""
        for name in self.names():
            try:
                self.read(name)
            except (DataLossError, InvalidFileError) as error:
                yield name, error

    def _entry(self, key: bytes, shown: str) -> Entry:
        if key not in self._entries:
            if key not in self._values:
                raise TensorNotFoundError(f"Key {shown} not found in checkpoint {self.prefix}")
            self._entries[key] = checked_entry(self._values[key], shown, self._name, self.shards)
        return self._entries[key]

    def _slices(self, name: str, whole: Entry) -> list[tuple[Box, Entry]]:
        """Where each stored slice of a tensor lies, and its entry."""
        found = []
        for part in whole.slices:
            box = _resolve(part, whole, name, self._name)
            try:
                entry = self._entry(slice_keys.encode(_bytes(name), part), f"{name} slice {part}")
            except TensorNotFoundError:
                raise DataLossError(f"{self._name}: tensor {name} lists the slice {part}, but the index has no entry for it.") from None
            if entry.shape != box.shape or entry.type_number != whole.type_number or entry.slices:
                raise DataLossError(f"{self._name}: tensor {name}: the entry of slice {part} has shape {list(entry.shape)} and type "
                                    f"{entry.type_number}, expected {list(box.shape)} and {whole.type_number}.")
            found.append((box, entry))
        return found

    def _from_slices(self, name: str, whole: Entry, box: Box) -> np.ndarray:
        stored = self._slices(name, whole)
        for _, entry in stored:
            self._data.check_range(entry.shard, entry.offset, entry.size, f"tensor {name}")
        if sum(entry.size for _, entry in stored) > sum(map(self._data.size, {entry.shard for _, entry in stored})):
            raise DataLossError(f"{self._name}: tensor {name}: its slices claim more bytes than the data files hold.")
        exact = next((entry for there, entry in stored if there == box), None)
        if exact:
            return self._load(exact, name)
        dtype = _array_type(whole)
        try:
            return assemble(box, dtype, [(there, partial(self._load, entry, name)) for there, entry in stored])
        except ValueError as error:
            raise DataLossError(f"{self._name}: tensor {name} of shape {list(whole.shape)}: {error}.") from None

    def _load(self, entry: Entry, name: str) -> np.ndarray:
        """The elements of an entry that has bytes of its own."""
        self._data.check_range(entry.shard, entry.offset, entry.size, f"tensor {name}")
        if entry.type_number == STRING:
            return self._load_strings(entry, name)
        array = np.empty(entry.shape, _array_type(entry))
        self._load_into(array, entry, name)
        return array

    def _load_into(self, array: np.ndarray, entry: Entry, name: str) -> None:
        """Fill a contiguous array of the entry's shape and type; the range has been checked."""
        dtype = array.dtype
        raw = array.reshape(-1).view(np.uint8)
        self._check_crc(self._data.read_into(raw, entry.shard, entry.offset, f"tensor {name}"), entry, name)
        if self.byte_order != sys.byteorder and dtype.itemsize > 1:
            array.byteswap(inplace=True)
        if dtype == np.bool_:
            np.not_equal(raw, 0, out=array.reshape(-1))  # any other byte than 0 and 1 would not be a bool to numpy

    def _load_strings(self, entry: Entry, name: str) -> np.ndarray:
        raw = np.empty(entry.size, np.uint8)
        self._data.read_into(raw, entry.shard, entry.offset, f"tensor {name}")
        try:
            elements, crc = strings.decode(memoryview(raw), entry.elements, self.byte_order)  # type: ignore[arg-type]
        except ValueError as error:
            raise DataLossError(f"{self._data.name(entry.shard)}: tensor {name} at byte {entry.offset}: {error}.") from None
        self._check_crc(crc, entry, name)
        array = np.empty(entry.elements, object)
        array[:] = elements
        return array.reshape(entry.shape)

    def _check_crc(self, crc: int, entry: Entry, name: str) -> None:
        if mask(crc) != entry.masked_crc:
            raise DataLossError(f"{self._data.name(entry.shard)}: tensor {name} at bytes {entry.offset} to {entry.offset + entry.size}: "
                                f"Checksum does not match: stored {entry.masked_crc:#010x}, computed {mask(crc):#010x}.")


def raw_entries(prefix: str) -> tuple[int, dict[bytes, Any]]:
    """Number of shards and the BundleEntryProto of every key, slices included, of a checkpoint."""
    values, found = _read_index(prefix)
    shards = checked_header(values.pop(HEADER_KEY, None), found.index).num_shards
    return shards, {key: parse(value, BundleEntryProto, f"{found.index} (entry of {_text(key)})") for key, value in values.items()}


def _read_index(prefix: str) -> tuple[dict[bytes, bytes], files.Files]:
    """All entries of the index. A save that ends meanwhile renames its pending index, so look again then."""
    while True:
        found = files.find(prefix)
        if found is None:
            raise FileNotFoundError(f"{prefix}: no checkpoint: there is no {files.index_name(prefix)}")
        try:
            with durable.naming(found.index), open(found.index, "rb") as file:
                return dict(TableReader(file, found.index).items()), found
        except FileNotFoundError:
            if found.token is None:
                raise


def _resolve(part: Slice, entry: Entry, name: str, source: str) -> Box:
    try:
        return part.resolved(entry.shape)
    except ValueError as error:
        raise InvalidFileError(f"{source}: tensor {name}: {error}.") from None


def _array_type(entry: Entry) -> np.dtype[Any]:
    dtype = numpy_type(entry.type_number)
    assert dtype is not None, "checked_entry lets no other type pass"
    return dtype


def _text(key: bytes) -> str:
    return key.decode("utf-8", "surrogateescape")


def _bytes(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")
