"""Batches of serialized SequenceExample messages taken apart: a context as in `examples`, and lists of features, one row per step.

ValueError says which example, list and step does not fit, in TensorFlow's words.
"""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from graphflow.formats import proto

from .examples import DTYPES, KINDS, Dense, Sparse, as_array, feature_columns

Rows = list[np.ndarray[Any, Any]]  # the values of each step of one example


class DenseList(NamedTuple):
    """A list whose steps all have one shape. may_miss: an example without it counts as one of no steps."""

    key: str
    kind: str  # float, int64 or string
    shape: tuple[int, ...]
    may_miss: bool


class Parsed(NamedTuple):
    """Arrays of dense features, (indices, values, shape) of sparse ones. lengths: steps of each dense list in each example."""

    context_dense: list[Any]
    context_sparse: list[tuple[Any, Any, Any]]
    dense: list[Any]
    lengths: list[Any]
    sparse: list[tuple[Any, Any, Any]]


def parse_sequences(serialized: Sequence[bytes], names: Sequence[bytes], context_dense: Sequence[Dense], context_sparse: Sequence[Sparse],
                    dense: Sequence[DenseList], sparse: Sequence[Sparse], single: bool = False) -> Parsed:
    """single: there is one example, and the results lack the batch dimension. names: of the examples, for errors; may be empty."""
    shown = [names[i].decode("utf-8", "replace") if names else "<unknown>" for i in range(len(serialized))]
    examples = [_parsed(data, name) for data, name in zip(serialized, shown, strict=True)]
    labels = [f"Name: {name}, " for name in shown]
    contexts = feature_columns([example.context.feature for example in examples], labels, context_dense, context_sparse, single)
    lists = [example.feature_lists.feature_list for example in examples]
    padded = [_dense_list(feature, lists, labels) for feature in dense]
    values, lengths = [pair[0] for pair in padded], [pair[1] for pair in padded]
    if single:
        values, lengths = [value[0] for value in values], [length[0] for length in lengths]
    return Parsed(*contexts, values, lengths, [_sparse_list(feature, lists, labels, single) for feature in sparse])


def _parsed(data: bytes, name: str) -> Any:
    try:
        return proto.SequenceExample.FromString(data)
    except Exception:
        raise ValueError(f"Invalid protocol message input, example id: {name}") from None


def _rows(lists: Any, key: str, kind: str, label: str) -> Rows | None:
    """The steps of a list, None where the example lacks it."""
    if key not in lists:
        return None
    rows = []
    for step, feature in enumerate(lists[key].feature):
        which = feature.WhichOneof("kind")
        if which is not None and KINDS[which] != kind:
            raise ValueError(f"{label}Feature list: {key}, Index: {step}.  Data types don't match. Expected type: {kind}, "
                             f"found {KINDS[which]}")
        rows.append(as_array([] if which is None else getattr(feature, which).value, kind))
    return rows


def _dense_list(feature: DenseList, lists: list[Any], labels: list[str]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """([examples, steps of the longest, *shape] filled up with zeros or "", steps of each)."""
    found = [_dense_rows(feature, one, label) for one, label in zip(lists, labels, strict=True)]
    lengths = np.array([len(rows) for rows in found], np.int64)
    column = np.zeros((len(found), max(lengths, default=0), *feature.shape), DTYPES[feature.kind])
    if feature.kind == "string":
        column[...] = b""
    for target, rows in zip(column, found, strict=True):
        for step, row in enumerate(rows):
            target[step] = row.reshape(feature.shape)
    return column, lengths


def _dense_rows(feature: DenseList, lists: Any, label: str) -> Rows:
    rows = _rows(lists, feature.key, feature.kind, label)
    if rows is None:
        if not feature.may_miss:
            raise ValueError(f"{label}Feature list '{feature.key}' is required but could not be found.  Did you mean to include it in "
                             "feature_list_dense_missing_assumed_empty or feature_list_dense_defaults? allow_missing=True does so.")
        return []
    size = int(np.prod(feature.shape, dtype=np.int64))
    for step, row in enumerate(rows):
        if row.size != size:
            raise ValueError(f"{label}Key: {feature.key}, Index: {step}.  Number of values != expected.  values size: {row.size} but "
                             f"output shape: {list(feature.shape)}")
    return rows


def _sparse_list(feature: Sparse, lists: list[Any], labels: list[str], single: bool) -> tuple[Any, Any, Any]:
    """(indices [values, 3] of example, step and place, values, [examples, most steps, most values])."""
    found = [_rows(one, feature.key, feature.kind, label) or [] for one, label in zip(lists, labels, strict=True)]
    steps = [(number, step, row) for number, rows in enumerate(found) for step, row in enumerate(rows)]
    places = [(number, step, place) for number, step, row in steps for place in range(row.size)]
    indices = np.array(places, np.int64).reshape(len(places), 3)
    values = np.concatenate([row for _, _, row in steps]) if steps else as_array([], feature.kind)
    shape = np.array([len(found), max(map(len, found), default=0), max((row.size for _, _, row in steps), default=0)], np.int64)
    return (indices[:, 1:], values, shape[1:]) if single else (indices, values, shape)
