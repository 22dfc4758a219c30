"""Named tensors in checkpoints, .npz and .safetensors files, read one at a time and written as they come.

npz cannot say bfloat16 or float8: their bits are stored as unsigned integers, and the entry `__dtypes__` (JSON) tells what they
are. Strings become fixed-width bytes, which is exact unless one ends in a zero byte.
"""
from __future__ import annotations

import json
import os
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from graphflow.formats import checkpoints
from graphflow.formats.bundle import BundleWriter
from graphflow.formats.durable import atomic_file
from graphflow.formats.element_types import numpy_type, type_name, type_number
from graphflow.formats.errors import DataLossError, InvalidFileError
from graphflow.formats.object_graph import OBJECT_GRAPH_KEY

Tensors = Iterator[tuple[str, np.ndarray]]
Add = Callable[[str, np.ndarray], None]

TYPES_ENTRY = "__dtypes__"
_SAFETENSORS = {"BOOL": "bool", "U8": "uint8", "I8": "int8", "U16": "uint16", "I16": "int16", "U32": "uint32", "I32": "int32",
                "U64": "uint64", "I64": "int64", "F16": "float16", "BF16": "bfloat16", "F32": "float32", "F64": "float64",
                "C64": "complex64", "F8_E4M3": "float8_e4m3fn", "F8_E5M2": "float8_e5m2"}


def convert(source: str, target: str, only: str | None = None) -> tuple[int, int]:
    """Copy all tensors whose names match; how many, and how many bytes. InvalidFileError or TypeError for what the target cannot hold."""
    count = size = 0
    with writer(target) as add:
        for name, value in tensors(source):
            if name == OBJECT_GRAPH_KEY and is_array_file(target):    # how TensorFlow 2 keeps its objects: no weight
                continue
            if only is None or re.match(only, name):
                add(name, value)
                count, size = count + 1, size + value.nbytes
        if not count:
            raise InvalidFileError(f"{source}: no tensors" + (f" match {only!r}" if only else ""))
    return count, size


def is_array_file(path: str) -> bool:
    return path.endswith((".npz", ".safetensors"))


def tensors(source: str) -> Tensors:
    """(name, value) of each tensor, in the order of names."""
    if source.endswith(".npz"):
        return _from_npz(source)
    if source.endswith(".safetensors"):
        return _from_safetensors(source)
    return _from_checkpoint(source)


@contextmanager
def writer(target: str) -> Iterator[Add]:
    """A function that adds a tensor; the target is there, complete, once the block ends well."""
    if target.endswith(".npz"):
        with atomic_file(target) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
            types: dict[str, str] = {}
            yield lambda name, value: _add_to_npz(archive, types, name, value)
            if types:
                _write_member(archive, TYPES_ENTRY, np.array(json.dumps(types)))
    elif target.endswith(".safetensors"):
        collected: dict[str, Any] = {}
        yield lambda name, value: _add_to_safetensors(collected, name, value)
        _write_safetensors(target, collected)
    else:
        with BundleWriter(target) as bundle:
            yield bundle.add


def _from_checkpoint(prefix: str) -> Tensors:
    with checkpoints.open_checkpoint(prefix) as reader:
        for name in reader.names():
            yield name, reader.mapped(name)


def _from_npz(path: str) -> Tensors:
    try:
        with np.load(path, allow_pickle=False) as archive:
            types = json.loads(str(archive[TYPES_ENTRY])) if TYPES_ENTRY in archive.files else {}
            for name in sorted(archive.files):
                if name != TYPES_ENTRY:
                    value = archive[name]
                    dtype = numpy_type(type_number(types[name])) if name in types else None
                    yield name, value if dtype is None else value.view(dtype)
    except (ValueError, KeyError, EOFError, zipfile.BadZipFile, zipfile.LargeZipFile) as error:
        raise DataLossError(f"{path}: not an npz file of arrays: {error}") from None


def _add_to_npz(archive: zipfile.ZipFile, types: dict[str, str], name: str, value: np.ndarray) -> None:
    if name == TYPES_ENTRY:
        raise InvalidFileError(f"tensor {name}: npz files use this name for the types of the others")
    if value.dtype == object:
        fixed = value.astype("S")
        if fixed.tolist() != value.tolist():
            raise InvalidFileError(f"tensor {name}: npz files cannot hold strings that end in a zero byte")
        value = fixed
    elif value.dtype.kind not in "fciub" or value.dtype.isbuiltin != 1:
        types[name] = type_name(type_number(value.dtype))
        value = value.view(f"u{value.dtype.itemsize}")
    _write_member(archive, name, value)


def _write_member(archive: zipfile.ZipFile, name: str, value: np.ndarray) -> None:
    with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
        np.lib.format.write_array(member, np.asanyarray(value), allow_pickle=False)


def _library() -> Any:
    try:
        import safetensors  # at first use: an optional library
    except ImportError:
        raise ImportError("safetensors files need the package safetensors: pip install 'graphflow-tf1[safetensors]'") from None
    return safetensors


def _from_safetensors(path: str) -> Tensors:
    library = _library()
    with open(path, "rb") as file:
        data = file.read()
    try:
        found = library.deserialize(data)
    except library.SafetensorError as error:
        raise DataLossError(f"{path}: not a safetensors file: {error}") from None
    for name, stored in sorted(found):
        known = _SAFETENSORS.get(stored["dtype"])
        dtype = numpy_type(type_number(known)) if known else None
        if dtype is None:
            raise InvalidFileError(f"{path}: tensor {name} has element type {stored['dtype']}, which a checkpoint cannot hold")
        yield name, np.frombuffer(stored["data"], dtype.newbyteorder("<")).astype(dtype, copy=False).reshape(stored["shape"])


def _add_to_safetensors(collected: dict[str, Any], name: str, value: np.ndarray) -> None:
    kind = type_name(type_number(value.dtype))
    if kind not in _SAFETENSORS.values():
        raise InvalidFileError(f"tensor {name}: safetensors files cannot hold elements of type {kind}; --only leaves tensors out")
    collected[name] = np.ascontiguousarray(value).reshape(value.shape)


def _write_safetensors(target: str, collected: dict[str, Any]) -> None:
    _library()
    from safetensors.numpy import save_file  # at first use: an optional library

    temporary = f"{target}.writing"
    try:
        save_file(collected, temporary)
        os.replace(temporary, target)
    except BaseException:
        if os.path.exists(temporary):
            os.remove(temporary)
        raise
