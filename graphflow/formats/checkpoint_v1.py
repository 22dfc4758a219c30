"""Reads V1 checkpoints, the single-file format before TensorFlow 1.0: a table (see `sstable`) of SavedTensorSlices messages.

    key ""              only `meta`: name, full shape, type and slices of every tensor
    key of a slice      only `data`: the values of that slice in a TensorProto that has no type and no shape of its own

A whole tensor is one slice that takes every dimension whole. Sharded savers wrote one such file per device, named
P-SSSSS-of-NNNNN, and refer to all of them as P-?????-of-NNNNN.
"""
from __future__ import annotations

import glob
import os
from collections.abc import Iterator
from functools import partial
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from . import slice_keys
from .bundle.entries import OUR_VERSION, check_type, checked_shape
from .element_types import numpy_type
from .errors import DataLossError, InvalidFileError, TensorNotFoundError
from .proto import SavedTensorSlices, parse
from .slices import Box, Slice, assemble
from .sstable import TableReader
from .tensor_proto import listed_values


class _Part(NamedTuple):
    """A stored slice: where it lies in the tensor, and the table that holds it under which key."""

    box: Box
    table: TableReader
    key: bytes
    source: str


class _Tensor(NamedTuple):
    type_number: int
    shape: tuple[int, ...]
    parts: list[_Part]


class V1Reader:
    """The tensors of a V1 checkpoint. prefix: its file, or a pattern that several files match.

    FileNotFoundError if nothing matches; DataLossError or InvalidFileError for a damaged file, here or when a tensor is read.
    """

    version = 1

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        paths = v1_files(prefix)
        if not paths:
            raise FileNotFoundError(f"{prefix}: no checkpoint: no such file")
        self._tensors: dict[str, _Tensor] = {}
        self._open: list[BinaryIO] = []
        try:
            for path in paths:
                self._add_file(path)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> V1Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        for file in self._open:
            file.close()
        self._open.clear()

    def __del__(self) -> None:
        if hasattr(self, "_open"):
            self.close()

    def names(self) -> list[str]:
        """Names of all tensors, sorted."""
        return sorted(self._tensors)

    def __contains__(self, name: str) -> bool:
        return name in self._tensors

    def shape(self, name: str) -> tuple[int, ...]:
        """Shape of the full tensor."""
        return self._tensor(name).shape

    def type_number(self, name: str) -> int:
        """Element type as its DataType number."""
        return self._tensor(name).type_number

    def read(self, name: str, part: Slice | None = None) -> np.ndarray:
        """The tensor, or a part of it, as a new array."""
        tensor = self._tensor(name)
        try:
            box = (part or Slice.whole(len(tensor.shape))).resolved(tensor.shape)
        except ValueError as error:
            raise InvalidFileError(f"{self.prefix}: tensor {name}: {error}.") from None
        exact = next((stored for stored in tensor.parts if stored.box == box), None)
        if exact:
            return self._load(exact, tensor, name)
        dtype = numpy_type(tensor.type_number)
        assert dtype is not None
        try:
            return assemble(box, dtype, [(stored.box, partial(self._load, stored, tensor, name)) for stored in tensor.parts])
        except ValueError as error:
            raise DataLossError(f"{self.prefix}: tensor {name} of shape {list(tensor.shape)}: {error}.") from None

    def mapped(self, name: str, verify: bool = True) -> np.ndarray:
        """The tensor; values inside messages cannot be mapped, so it is read. `verify` changes nothing: blocks are always checked."""
        return self.read(name)

    def problems(self) -> Iterator[tuple[str, Exception]]:
        """(name, error) of each tensor that cannot be read."""
        for name in self.names():
            try:
                self.read(name)
            except (DataLossError, InvalidFileError) as error:
                yield name, error

    def _tensor(self, name: str) -> _Tensor:
        if name not in self._tensors:
            raise TensorNotFoundError(f"Key {name} not found in checkpoint {self.prefix}")
        return self._tensors[name]

    def _add_file(self, path: str) -> None:
        file: BinaryIO = open(path, "rb")  # noqa: SIM115 - closed by close()
        self._open.append(file)
        try:
            table = TableReader(file, path)
        except DataLossError as error:
            raise DataLossError(f"{error} Perhaps it is in another format than a checkpoint.") from None
        first = next(table.items(), None)
        if first is None or first[0] != b"":
            raise DataLossError(f"{path}: not a V1 checkpoint: expected an empty first key, found {first and first[0]!r}.")
        message = parse(first[1], SavedTensorSlices, f"{path} (list of tensors)")
        if message.meta.versions.min_consumer > OUR_VERSION or OUR_VERSION in message.meta.versions.bad_consumers:
            raise InvalidFileError(f"{path}: the checkpoint needs a newer reader.")
        for meta in message.meta.tensor:
            self._add_tensor(meta, table, path)

    def _add_tensor(self, meta: Any, table: TableReader, path: str) -> None:
        where = f"{path}: tensor {meta.name}"
        shape = checked_shape(meta.shape, where)
        check_type(meta.type, shape, where)
        tensor = self._tensors.setdefault(meta.name, _Tensor(meta.type, shape, []))
        if tensor.type_number != meta.type or tensor.shape != shape:
            raise InvalidFileError(f"{where} has type {meta.type} and shape {list(shape)}, but in another file of this checkpoint "
                                   f"{tensor.type_number} and {list(tensor.shape)}.")
        for proto in meta.slice:
            part = Slice.from_proto(proto)
            try:
                box = part.resolved(shape)
            except ValueError as error:
                raise DataLossError(f"{where}: {error}.") from None
            tensor.parts.append(_Part(box, table, slice_keys.encode(meta.name, part), path))

    def _load(self, part: _Part, tensor: _Tensor, name: str) -> np.ndarray:
        """The values of one stored slice."""
        where = f"{part.source}: tensor {name}"
        value = part.table.get(part.key)
        if value is None:
            raise DataLossError(f"{where}: its slice at {list(part.box.start)} is listed, but the file has no entry for it.")
        stored = parse(value, SavedTensorSlices, f"{where} (entry)").data
        if stored.name != name:
            raise DataLossError(f"{where}: the entry under its key is that of {stored.name!r}.")
        values = listed_values(stored.data, tensor.type_number, where)
        expected = int(np.prod(part.box.shape, dtype=object))
        if len(values) != expected:
            raise DataLossError(f"{where}: expected {expected} values for shape {list(part.box.shape)}, found {len(values)}.")
        return values.reshape(part.box.shape)


def v1_files(prefix: str) -> list[str]:
    """The files of a V1 checkpoint: the one of that name, or those that match it as a pattern."""
    return [prefix] if os.path.isfile(prefix) else sorted(path for path in glob.glob(prefix) if os.path.isfile(path))
