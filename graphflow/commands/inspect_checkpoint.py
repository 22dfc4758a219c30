"""What `graphflow inspect` tells of a checkpoint."""
from __future__ import annotations

import os
from contextlib import suppress
from math import prod
from typing import Any

import numpy as np

from graphflow.commands.columns import size_text, table
from graphflow.formats import checkpoints
from graphflow.formats.bundle import BundleReader
from graphflow.formats.checkpoint_fit import near_names
from graphflow.formats.element_types import STRING, numpy_type, type_name
from graphflow.formats.errors import FormatError, TensorNotFoundError
from graphflow.formats.object_graph import object_keys

_SHOWN_STRINGS = 3
_LONGEST_NAME = 80


def examine(prefix: str, statistics: bool, verify: bool, tensor: str | None = None) -> dict[str, Any]:
    """Names, shapes, types and sizes; statistics on request. verify: read all data, which finds damage."""
    with checkpoints.open_checkpoint(prefix) as reader:
        if tensor is not None and tensor not in reader:
            raise TensorNotFoundError(f"Key {tensor} not found in checkpoint {prefix}{near_names(tensor, reader.names())}")
        found: dict[str, Any] = {
            "kind": "checkpoint", "path": prefix, "version": reader.version, "shards": getattr(reader, "shards", 1),
            "byte_order": getattr(reader, "byte_order", "little"), "tensors": [], "problems": [],
            "files": {os.path.basename(file): os.path.getsize(file) for file in checkpoints.checkpoint_files(prefix)}}
        for name in reader.names() if tensor is None else [tensor]:
            try:
                found["tensors"].append(_tensor(reader, name, statistics, verify, tensor is not None))
            except FormatError as error:
                if str(error) not in found["problems"]:
                    found["problems"].append(str(error))
                with suppress(FormatError):  # what the index says of it
                    found["tensors"].append({**_tensor(reader, name, False, False, False), "damaged": True})
        found["parameters"] = sum(prod(item["shape"]) for item in found["tensors"])
        found["bytes"] = sum(item["bytes"] for item in found["tensors"])
        try:
            found["objects"] = object_keys(reader)
        except FormatError as error:
            found["problems"].append(str(error))
    return found


def _tensor(reader: Any, name: str, statistics: bool, verify: bool, values: bool) -> dict[str, Any]:
    number, shape = reader.type_number(name), reader.shape(name)
    dtype = numpy_type(number)
    entries = reader.places(name) if isinstance(reader, BundleReader) else []
    size = sum(entry.size for entry in entries) if entries else prod(shape) * (0 if dtype is None else dtype.itemsize)
    found: dict[str, Any] = {"name": name, "dtype": type_name(number), "shape": list(shape), "bytes": size}
    if len(entries) > 1:
        found["slices"] = len(entries)
    if verify or statistics or values:
        array = reader.mapped(name, verify)
        if number == STRING and not entries:
            found["bytes"] = sum(map(len, array.reshape(-1).tolist()))
        if statistics:
            found["statistics"] = _statistics(array, number)
        if values:
            found["values"] = _plain(array)
    return found


def _statistics(array: np.ndarray, number: int) -> dict[str, Any]:
    """Minimum, maximum, mean, standard deviation, zeros and values that are not finite; of strings their lengths."""
    if not array.size:
        return {}
    if number == STRING:
        lengths = [len(item) for item in array.reshape(-1).tolist()]
        return {"shortest": min(lengths), "longest": max(lengths),
                "first": [item.decode("utf-8", "replace")[:60] for item in array.reshape(-1)[:_SHOWN_STRINGS].tolist()]}
    if array.dtype.kind == "c":
        array = np.abs(array)
    with np.errstate(all="ignore"):
        return _moments(array)


def _moments(array: np.ndarray) -> dict[str, Any]:
    numbers = array if array.dtype.kind in "fiub" and array.dtype.isnative else array.astype(np.float32)
    wide = np.float64 if numbers.dtype.kind != "f" or numbers.dtype.itemsize < 8 else numbers.dtype
    finite = np.isfinite(numbers) if numbers.dtype.kind == "f" else None
    bad = 0 if finite is None else int(numbers.size - np.count_nonzero(finite))
    if bad and finite is not None:
        numbers = numbers[finite]
    if not numbers.size:
        return {"not_finite": bad}
    found = {"min": float(numbers.min()), "max": float(numbers.max()), "mean": float(numbers.mean(dtype=wide)),
             "deviation": float(numbers.std(dtype=wide)), "zeros": int(numbers.size - np.count_nonzero(numbers))}
    return {**found, "not_finite": bad} if bad else found


def _plain(array: np.ndarray) -> Any:
    """Values as JSON can hold them."""
    if array.dtype == object:
        flat = [item.decode("utf-8", "replace") for item in array.reshape(-1).tolist()]
        return np.array(flat, object).reshape(array.shape).tolist()
    if array.dtype.kind == "c":
        return np.stack([array.real, array.imag], -1).tolist()
    return (array if array.dtype.kind in "fiub" else array.astype(np.float32)).tolist()


def lines(found: dict[str, Any]) -> list[str]:
    """The text form."""
    shards = "" if found["shards"] == 1 else f", {found['shards']} shards"
    order = ", big-endian" if found["byte_order"] == "big" else ""
    rows = [_row(item) for item in found["tensors"]]
    text = [f"checkpoint {found['path']} (V{found['version']}{shards}{order})"]
    text += [f"  {name}  {size_text(size)}" for name, size in sorted(found["files"].items())]
    if found.get("kept"):
        text.append(f"  the state file keeps {len(found['kept'])}: {', '.join(os.path.basename(path) for path in found['kept'])}")
    text += ["", *table(rows, numbers=(3,)), "",
             f"{len(rows)} tensors, {found['parameters']:,} elements, {size_text(found['bytes'])}"]
    if found.get("objects"):
        text += ["", "object-based; variables by name:", *table([(f"  {name}", key) for name, key in found["objects"].items()])]
    text += [f"{item['name']} = {item['values']}" for item in found["tensors"] if "values" in item]
    return text


def _row(item: dict[str, Any]) -> tuple[str, ...]:
    slices = f"  in {item['slices']} slices" if "slices" in item else ""
    damaged = "  DAMAGED" if item.get("damaged") else ""
    statistics = "  ".join(f"{key} {_short(value)}" for key, value in item.get("statistics", {}).items())
    shape = "[" + ", ".join(map(str, item["shape"])) + "]"
    name = item["name"].encode("utf-8", "backslashreplace").decode()
    if len(name) > _LONGEST_NAME:
        name = name[:_LONGEST_NAME - 1] + "…"
    return name, item["dtype"], shape, size_text(item["bytes"]), (statistics + slices + damaged).strip()


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
