"""Writes V1 checkpoints (see `checkpoint_v1`), for programs that ask for the old format."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from . import slice_keys
from .durable import atomic_file
from .element_types import type_number
from .errors import InvalidFileError
from .proto import SavedTensorSlices, to_bytes
from .slices import Slice, parse_spec
from .sstable import TableWriter
from .tensor_proto import proto_from_array

_VERSION = 1
_BFLOAT16 = 14


def write_v1(path: str, names: Sequence[str], specs: Sequence[str], values: Iterable[Any]) -> None:
    """Write tensors, or the slices that their specs tell, to one file. InvalidFileError for types that the format lacks."""
    meta, entries = SavedTensorSlices(), {}
    metas: dict[str, Any] = {}
    for name, spec, value in zip(names, specs, values, strict=True):
        array = np.asarray(value)
        full, part = parse_spec(spec) if spec else (array.shape, Slice.whole(array.ndim))
        if name not in metas:
            metas[name] = _describe(meta.meta.tensor.add(), name, full, array)
        part.to_proto(metas[name].slice.add())
        key = slice_keys.encode(name, part)
        if key in entries:
            raise InvalidFileError(f"{path}: tensor {name} slice {part} is given twice")
        entries[key] = _entry(name, part, array)
    meta.meta.versions.producer = _VERSION
    with atomic_file(path) as file:
        table = TableWriter(file)
        table.add(b"", to_bytes(meta))
        for key in sorted(entries):
            table.add(key, entries[key])
        table.finish()


def _describe(meta: Any, name: str, shape: Sequence[int], array: np.ndarray) -> Any:
    meta.name, meta.type = name, type_number(array.dtype)
    if meta.type == _BFLOAT16:
        raise InvalidFileError(f"tensor {name}: V1 checkpoints cannot hold bfloat16; use write_version=SaverDef.V2")
    meta.shape.SetInParent()
    for size in shape:
        meta.shape.dim.add().size = size
    return meta


def _entry(name: str, part: Slice, array: np.ndarray) -> bytes:
    """The message of one slice: all values, but neither type nor shape."""
    message = SavedTensorSlices()
    message.data.name = name
    message.data.slice.SetInParent()
    part.to_proto(message.data.slice)
    message.data.data.CopyFrom(proto_from_array(array, content=False))
    message.data.data.ClearField("dtype")
    message.data.data.ClearField("tensor_shape")
    return to_bytes(message)
