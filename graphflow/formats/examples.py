"""Batches of serialized Example messages taken apart into arrays: dense features, and sparse ones as indices, values and shape.

ValueError says which example and feature does not fit, in TensorFlow's words.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from graphflow.formats import proto

KINDS = {"float_list": "float", "int64_list": "int64", "bytes_list": "string"}
DTYPES: dict[str, Any] = {"float": np.float32, "int64": np.int64, "string": object}


class Dense(NamedTuple):
    """A feature of one shape in all examples. shape: its first size may be None; rows are then filled up with `default`."""

    key: str
    kind: str  # float, int64 or string
    shape: tuple[int | None, ...]
    default: np.ndarray[Any, Any]  # empty: required


class Sparse(NamedTuple):
    """A feature of any number of values."""

    key: str
    kind: str


def parse_examples(
    serialized: Sequence[bytes], names: Sequence[bytes], dense: Sequence[Dense], sparse: Sequence[Sparse], single: bool = False
) -> tuple[list[np.ndarray[Any, Any]], list[tuple[Any, Any, Any]]]:
    """(an array per dense feature, (indices, values, shape) per sparse one).

    single: there is one example, and the results lack the batch dimension. names: of the examples, for errors; may be empty.
    """
    examples = [_parsed(data) for data in serialized]
    labels = ["" if single and not names else f"Name: {names[i].decode('utf-8', 'replace') if names else '<unknown>'}, "
              for i in range(len(examples))]  # fmt: skip
    return feature_columns(examples, labels, dense, sparse, single)


def feature_columns(
    examples: list[Any], labels: list[str], dense: Sequence[Dense], sparse: Sequence[Sparse], single: bool
) -> tuple[list[np.ndarray[Any, Any]], list[tuple[Any, Any, Any]]]:
    """As `parse_examples`. examples: a map {key: Feature} each; labels: what an error says of each."""
    columns = [_dense_column(feature, examples, labels, single) for feature in dense]
    rows = [_sparse_column(feature, examples, labels, single) for feature in sparse]
    return ([column[0] for column in columns] if single else columns), rows


def _parsed(data: bytes) -> Any:
    try:
        return proto.Example.FromString(data).features.feature
    except Exception:
        raise ValueError(f"Could not parse example input, value: '{data[:80].decode('utf-8', 'backslashreplace')}'") from None


def _values(features: Any, key: str, kind: str, label: str, index: int, single: bool) -> Any:
    """The values of a feature, None where the example lacks it."""
    if key not in features:
        return None
    which = features[key].WhichOneof("kind")
    if which is None:
        return None
    if KINDS[which] != kind:
        raise ValueError(f"{label}Key: {key}{'' if single else f', Index: {index}'}.  Data types don't match. Data type: "
                         f"{KINDS[which]} but expected type: {kind}")  # fmt: skip
    return getattr(features[key], which).value


def as_array(values: Any, kind: str) -> np.ndarray[Any, Any]:
    """The values of a feature as a vector."""
    if kind == "string":
        strings = np.empty(len(values), object)
        strings[:] = list(values)
        return strings
    return np.array(values, DTYPES[kind])


def _dense_column(feature: Dense, examples: list[Any], labels: list[str], single: bool) -> np.ndarray[Any, Any]:
    rows = []
    for i, (features, label) in enumerate(zip(examples, labels, strict=True)):
        values = _values(features, feature.key, feature.kind, label, i, single)
        rows.append(None if values is None else as_array(values, feature.kind))
    if feature.shape[:1] == (None,):
        return _padded(feature, rows, labels, single)
    shape: tuple[int, ...] = feature.shape  # type: ignore[assignment]
    size = int(np.prod(shape, dtype=np.int64))
    column = np.empty((len(rows), size), DTYPES[feature.kind])
    for i, (row, label) in enumerate(zip(rows, labels, strict=True)):
        if row is None:
            if not feature.default.size and size:
                raise ValueError(f"{label}Feature: {feature.key} (data type: {feature.kind}) is required but could not be found.")
            row = feature.default.ravel()
        if row.size != size:
            where = "" if single else f", Index: {i}"
            raise ValueError(f"{label}Key: {feature.key}{where}.  Number of {feature.kind} values != expected.  "
                             f"Values size: {row.size} but output shape: {list(shape)}")  # fmt: skip
        column[i] = row
    return column.reshape(len(rows), *shape)


def _padded(feature: Dense, rows: list[Any], labels: list[str], single: bool) -> np.ndarray[Any, Any]:
    """Rows of different lengths, filled up to the longest."""
    inner: tuple[int, ...] = feature.shape[1:]  # type: ignore[assignment]
    stride = int(np.prod(inner, dtype=np.int64))
    counts = []
    for i, (row, label) in enumerate(zip(rows, labels, strict=True)):
        size = 0 if row is None else row.size
        if stride == 0 or size % stride:
            where = "" if single else f", Index: {i}"
            shape = ",".join(str(d) for d in inner)
            raise ValueError(f"{label}Key: {feature.key}{where}.  Number of {feature.kind} values is not a multiple of stride length. "
                             f"Saw {size} values but output shape is: [?,{shape}]")  # fmt: skip
        counts.append(size // stride)
    longest = max(counts, default=0)
    fill = feature.default.ravel()[0] if feature.default.size else b"" if feature.kind == "string" else 0
    column = np.empty((len(rows), longest * stride), DTYPES[feature.kind])
    column[...] = fill
    for target, row in zip(column, rows, strict=True):
        if row is not None:
            target[: row.size] = row
    return column.reshape(len(rows), longest, *inner)


def _sparse_column(feature: Sparse, examples: list[Any], labels: list[str], single: bool) -> tuple[Any, Any, Any]:
    found = []
    for i, (features, label) in enumerate(zip(examples, labels, strict=True)):
        values = _values(features, feature.key, feature.kind, label, i, single)
        found.append(as_array([] if values is None else values, feature.kind))
    counts = [len(values) for values in found]
    values = np.concatenate(found) if found else as_array([], feature.kind)
    places = np.concatenate([np.arange(n) for n in counts]) if counts else np.zeros(0, np.int64)
    if single:
        return places.reshape(-1, 1).astype(np.int64), values, np.array(counts, np.int64)
    rows = np.repeat(np.arange(len(counts)), counts)
    return np.stack([rows, places], axis=1).astype(np.int64), values, np.array([len(counts), max(counts, default=0)], np.int64)
