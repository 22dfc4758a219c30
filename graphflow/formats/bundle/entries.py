"""What the index says of each tensor, checked for sense before anything is read by it."""
from __future__ import annotations

from math import prod
from typing import Any, NamedTuple

import numpy as np

from graphflow.formats.element_types import STRING, is_known, numpy_type, type_name
from graphflow.formats.errors import DataLossError, InvalidFileError
from graphflow.formats.proto import BundleEntryProto, BundleHeaderProto, parse
from graphflow.formats.slices import Slice

HEADER_KEY = b""
OUR_VERSION = 1
OLDEST_PRODUCER = 0
_MAX_BYTES = 1 << 62
MAX_RANK = 64 if int(np.__version__.split(".")[0]) >= 2 else 32


class Entry(NamedTuple):
    """One tensor or slice: element type, shape, and where its bytes are; or, for a tensor in slices, which ones."""

    type_number: int
    shape: tuple[int, ...]
    shard: int
    offset: int
    size: int
    masked_crc: int
    slices: tuple[Slice, ...]

    @property
    def elements(self) -> int:
        return prod(self.shape)


def checked_header(value: bytes | None, name: str) -> Any:
    """The BundleHeaderProto under the empty key; DataLossError when it is missing or of a version that we cannot read."""
    if value is None:
        raise DataLossError(f"{name}: no header: the first key of a checkpoint's index must be empty. Is it another kind of table?")
    header = parse(value, BundleHeaderProto, f"{name} (header)")
    version = header.version
    if version.min_consumer > OUR_VERSION or OUR_VERSION in version.bad_consumers:
        refused = OUR_VERSION in version.bad_consumers
        raise InvalidFileError(f"{name}: " + (f"the checkpoint disallows readers of version {OUR_VERSION}" if refused else
                               f"the checkpoint needs a reader of version {version.min_consumer}, this is {OUR_VERSION}")
                               + ". It was written by a newer program.")
    if version.producer < OLDEST_PRODUCER:
        raise InvalidFileError(f"{name}: written by version {version.producer}, the oldest that can be read is {OLDEST_PRODUCER}.")
    if header.num_shards < 1:
        raise DataLossError(f"{name}: the header claims {header.num_shards} shards, expected at least 1.")
    if header.endianness not in (0, 1):
        raise DataLossError(f"{name}: the header's byte order is {header.endianness}, expected 0 (little) or 1 (big).")
    return header


def checked_entry(value: bytes, tensor: str, name: str, shards: int) -> Entry:
    """The entry of a tensor; DataLossError or InvalidFileError when what it says cannot be."""
    proto = parse(value, BundleEntryProto, f"{name} (entry of {tensor})")
    where = f"{name}: tensor {tensor}"
    shape = checked_shape(proto.shape, where)
    check_type(proto.dtype, shape, where)
    entry = Entry(proto.dtype, shape, proto.shard_id, proto.offset, proto.size, proto.crc32c,
                  tuple(map(Slice.from_proto, proto.slices)))
    if not entry.slices:
        _check_place(entry, where, shards)
    return entry


def checked_shape(proto: Any, where: str) -> tuple[int, ...]:
    """The sizes of a TensorShapeProto, which must be known and such that an array could have them."""
    if proto.unknown_rank:
        raise InvalidFileError(f"{where} has a shape of unknown rank; a stored tensor's shape must be known.")
    shape = tuple(dim.size for dim in proto.dim)
    if len(shape) > MAX_RANK:
        raise InvalidFileError(f"{where} has {len(shape)} dimensions; numpy arrays have at most {MAX_RANK}.")
    if any(size < 0 for size in shape):
        raise InvalidFileError(f"{where} has a negative dimension in its shape {list(shape)}.")
    if prod(size for size in shape if size) > _MAX_BYTES // 16:
        raise InvalidFileError(f"{where} has shape {list(shape)}, more elements than can be addressed.")
    return shape


def check_type(number: int, shape: tuple[int, ...], where: str) -> None:
    """InvalidFileError unless arrays can hold this element type."""
    if not is_known(number):
        raise InvalidFileError(f"{where} has element type {number}, which is none of TensorFlow's (shape {list(shape)}).")
    if numpy_type(number) is None:
        raise InvalidFileError(f"{where} has element type {type_name(number)}, which graphflow cannot read from a checkpoint.")


def _check_place(entry: Entry, where: str, shards: int) -> None:
    if not 0 <= entry.shard < shards:
        raise DataLossError(f"{where} should be in shard {entry.shard}, but the checkpoint has shards 0 to {shards - 1}.")
    if entry.offset < 0 or entry.size < 0:
        raise DataLossError(f"{where} has offset {entry.offset} and size {entry.size}; neither may be negative.")
    if entry.type_number == STRING:
        if entry.size < (entry.elements + 4 if entry.elements else 0):
            raise DataLossError(f"{where}: {entry.elements} strings need at least {entry.elements + 4} bytes, its size is {entry.size}.")
        return
    item = numpy_type(entry.type_number)
    expected = entry.elements * item.itemsize if item is not None else 0
    if entry.size != expected:
        raise DataLossError(f"{where}: Invalid size in bundle entry: {type_name(entry.type_number)} of shape {list(entry.shape)} takes "
                            f"{expected} bytes, its size is {entry.size}.")
