"""Batches of serialized Example messages taken apart into arrays: dense features, and sparse ones as indices, values and shape.

ValueError says which example and feature does not fit, in TensorFlow's words.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from math import prod
from typing import Any, NamedTuple

import numpy as np

from graphflow.formats import proto

KINDS = {"float_list": "float", "int64_list": "int64", "bytes_list": "string"}
_LISTS = {kind: name for name, kind in KINDS.items()}
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
    examples = _parsed(serialized)
    if names:
        labels = [f"Name: {name.decode('utf-8', 'replace')}, " for name in names]
    else:
        labels = ["" if single else "Name: <unknown>, "] * len(examples)
    return feature_columns(examples, labels, dense, sparse, single)


def feature_columns(
    examples: list[Any], labels: list[str], dense: Sequence[Dense], sparse: Sequence[Sparse], single: bool
) -> tuple[list[np.ndarray[Any, Any]], list[tuple[Any, Any, Any]]]:
    """As `parse_examples`. examples: a map {key: Feature} each; labels: what an error says of each."""
    columns = [_dense_column(feature, examples, labels, single) for feature in dense]
    rows = [_sparse_column(feature, examples, labels, single) for feature in sparse]
    return ([column[0] for column in columns] if single else columns), rows


def _parsed(serialized: Sequence[bytes]) -> list[Any]:
    parse, found = proto.Example.FromString, []
    try:
        for data in serialized:
            found.append(parse(data).features.feature)
    except Exception:
        wrong = serialized[len(found)]
        raise ValueError(f"Could not parse example input, value: '{wrong[:80].decode('utf-8', 'backslashreplace')}'") from None
    return found


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


def _all_values(feature: Dense | Sparse, examples: list[Any], labels: list[str], single: bool) -> list[Any]:
    """`_values` of each example."""
    key, wanted, found = feature.key, _LISTS[feature.kind], []
    for i, features in enumerate(examples):
        one = features.get(key)
        if one is not None and one.WhichOneof("kind") == wanted:
            found.append(getattr(one, wanted).value)
        else:
            found.append(_values(features, key, feature.kind, labels[i], i, single))
    return found


def as_array(values: Any, kind: str) -> np.ndarray[Any, Any]:
    """The values of a feature as a vector."""
    if kind == "string":
        strings = np.empty(len(values), object)
        strings[:] = list(values)
        return strings
    return np.array(values[:], DTYPES[kind])        # of a list: numpy asks a repeated field for each number by its index


def _dense_column(feature: Dense, examples: list[Any], labels: list[str], single: bool) -> np.ndarray[Any, Any]:
    found = _all_values(feature, examples, labels, single)
    if feature.shape[:1] == (None,):
        return _padded(feature, [None if values is None else as_array(values, feature.kind) for values in found], labels, single)
    shape: tuple[int, ...] = feature.shape  # type: ignore[assignment]
    size = prod(shape)
    if all(values is not None and len(values) == size for values in found):
        return as_array(list(chain.from_iterable(found)), feature.kind).reshape(len(found), *shape)
    rows = [None if values is None else as_array(values, feature.kind) for values in found]
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
    stride = prod(inner)
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
    found = [() if values is None else values for values in _all_values(feature, examples, labels, single)]
    counts = np.array([len(values) for values in found], np.int64)
    values = as_array(list(chain.from_iterable(found)), feature.kind)
    places = np.arange(values.size) - np.repeat(np.cumsum(counts) - counts, counts)
    if single:
        return places.reshape(-1, 1), values, counts
    rows = np.repeat(np.arange(counts.size), counts)
    return np.stack([rows, places], axis=1), values, np.array([counts.size, counts.max(initial=0)], np.int64)
