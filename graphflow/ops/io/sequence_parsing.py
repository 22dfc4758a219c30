"""Serialized SequenceExamples taken apart: `tf.io.parse_sequence_example` and kin."""
from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from graphflow.core import shapes
from graphflow.core.convert import convert_to_tensor
from graphflow.core.dtypes import DType, as_dtype, int64, string
from graphflow.core.errors import InvalidArgumentError
from graphflow.core.export import export
from graphflow.core.make import make_op
from graphflow.core.op import Shape, Spec
from graphflow.core.values import SparseTensor
from graphflow.formats.sequence_examples import DenseList, Parsed, parse_sequences
from graphflow.ops.scopes import name_scope

from ...core.outcomes import Several
from ...kernels.contract import Namespace
from .parsing import (
    _NAMES,
    FixedLenFeature,
    FixedLenSequenceFeature,
    VarLenFeature,
    _default,
    _dense_features,
    _sparse_features,
    _specs,
    _strings,
    _vector,
)

# ---- ops ---------------------------------------------------------------------------------------------------------------


class _Keys(NamedTuple):
    """The features that one node asks for."""

    context_sparse: list[bytes]
    context_dense: list[bytes]
    sparse: list[bytes]
    dense: list[bytes]
    may_miss: list[bool]


class _ParseSequences(Several):
    """What the three op types have in common; they differ in where the keys stand, and in what they give out."""

    Ncontext_sparse: int = 0
    Nfeature_list_sparse: int = 0
    Nfeature_list_dense: int = 0
    context_sparse_types: list[DType] = ()  # type: ignore[assignment]
    Tcontext_dense: list[DType] = ()  # type: ignore[assignment]
    feature_list_dense_types: list[DType] = ()  # type: ignore[assignment]
    context_dense_shapes: list[Shape] = ()  # type: ignore[assignment]
    feature_list_sparse_types: list[DType] = ()  # type: ignore[assignment]
    feature_list_dense_shapes: list[Shape] = ()  # type: ignore[assignment]

    def context_specs(self, serialized: Spec) -> tuple[Spec, ...]:
        return _specs(serialized, self.Tcontext_dense, self.context_dense_shapes, self.context_sparse_types)

    def list_specs(self, serialized: Spec) -> tuple[Spec, ...]:
        """Indices, values, shapes, dense values."""
        batch, types = serialized.shape, self.feature_list_sparse_types
        rank, count = None if batch is None else len(batch) + 2, len(types)
        dense = [Spec(t, None if batch is None or s is None else (*batch, None, *s))
                 for t, s in zip(self.feature_list_dense_types, self.feature_list_dense_shapes, strict=True)]
        return (*[Spec(int64, (None, rank))] * count, *[Spec(t, (None,)) for t in types], *[Spec(int64, (rank,))] * count, *dense)

    def parse(self, serialized: Any, names: Any, keys: _Keys, defaults: Any) -> Parsed:
        lists = [DenseList(key.decode(), _NAMES[t.name], tuple(shape), missing)  # type: ignore[arg-type]
                 for key, t, shape, missing in zip(keys.dense, self.feature_list_dense_types, self.feature_list_dense_shapes,
                                                   keys.may_miss, strict=True)]
        try:
            return parse_sequences(
                _strings(serialized), _strings(names),
                _dense_features(keys.context_dense, self.Tcontext_dense, self.context_dense_shapes, defaults),
                _sparse_features(keys.context_sparse, self.context_sparse_types),
                lists, _sparse_features(keys.sparse, self.feature_list_sparse_types), np.ndim(serialized) == 0)
        except ValueError as error:
            raise InvalidArgumentError(None, None, str(error)) from None


def _outputs(found: Parsed) -> tuple[Any, ...]:
    """In the order of the outputs; without lengths."""
    return (*_columns(found.context_sparse), *found.context_dense, *_columns(found.sparse), *found.dense)


def _columns(sparse: list[tuple[Any, Any, Any]]) -> list[Any]:
    return [part[at] for at in range(3) for part in sparse]


_CONTEXT = ("context_sparse_indices: int64*Ncontext_sparse, context_sparse_values: [context_sparse_types], "
            "context_sparse_shapes: int64*Ncontext_sparse, context_dense_values: [Tcontext_dense], ")
_LISTS = ("feature_list_sparse_indices: int64*Nfeature_list_sparse, feature_list_sparse_values: [feature_list_sparse_types], "
          "feature_list_sparse_shapes: int64*Nfeature_list_sparse, feature_list_dense_values: [feature_list_dense_types]")
_LENGTHS = ", feature_list_dense_lengths: int64*Nfeature_list_dense"


class ParseSequenceExampleV2(
    _ParseSequences,
    sig="serialized: string, debug_name: string, context_sparse_keys: string, context_dense_keys: string, context_ragged_keys: string, "
    "feature_list_sparse_keys: string, feature_list_dense_keys: string, feature_list_ragged_keys: string, "
    f"feature_list_dense_missing_assumed_empty: bool, context_dense_defaults: [Tcontext_dense] -> {_CONTEXT}"
    "context_ragged_values: [context_ragged_value_types], context_ragged_row_splits: [context_ragged_split_types], "
    f"{_LISTS}{_LENGTHS}, feature_list_ragged_values: [feature_list_ragged_value_types], "
    "feature_list_ragged_outer_splits: [feature_list_ragged_split_types], "
    "feature_list_ragged_inner_splits: [feature_list_ragged_split_types]",
    host=True,
):
    """SequenceExamples taken apart, a batch [n] or one []."""

    context_ragged_value_types: list[DType] = ()  # type: ignore[assignment]
    context_ragged_split_types: list[DType] = ()  # type: ignore[assignment]
    feature_list_ragged_value_types: list[DType] = ()  # type: ignore[assignment]
    feature_list_ragged_split_types: list[DType] = ()  # type: ignore[assignment]

    def infer(self, serialized: Spec, *rest: Spec) -> tuple[Spec, ...]:
        if self.context_ragged_value_types or self.feature_list_ragged_value_types:
            raise NotImplementedError("tf.io.RaggedFeature: ragged tensors are not part of graphflow; use tf.VarLenFeature")
        lengths = (Spec(int64, serialized.shape),) * self.Nfeature_list_dense
        return (*self.context_specs(serialized), *self.list_specs(serialized), *lengths)

    def kernel(self, xp: Namespace, serialized: Any, names: Any, context_sparse: Any, context_dense: Any, context_ragged: Any, sparse: Any,
               dense: Any, ragged: Any, may_miss: Any, *defaults: Any) -> Any:
        keys = _Keys(_strings(context_sparse), _strings(context_dense), _strings(sparse), _strings(dense), np.asarray(may_miss).tolist())
        found = self.parse(serialized, names, keys, defaults)
        return (*_outputs(found), *found.lengths)


class ParseSequenceExample(
    _ParseSequences,
    sig=f"serialized: string, debug_name: string, context_dense_defaults: [Tcontext_dense] -> {_CONTEXT}{_LISTS}{_LENGTHS}",
    host=True,
):
    """The form of ParseSequenceExampleV2 in older graphs, for batches."""

    feature_list_dense_missing_assumed_empty: list[str]
    context_sparse_keys: list[str]
    context_dense_keys: list[str]
    feature_list_sparse_keys: list[str]
    feature_list_dense_keys: list[str]
    Ncontext_dense: int = 0

    def infer(self, serialized: Spec, *rest: Spec) -> tuple[Spec, ...]:
        lengths = (Spec(int64, serialized.shape),) * self.Nfeature_list_dense
        return (*self.context_specs(serialized), *self.list_specs(serialized), *lengths)

    def kernel(self, xp: Namespace, serialized: Any, names: Any, *defaults: Any) -> Any:
        missing = set(self.feature_list_dense_missing_assumed_empty)
        keys = _Keys(_encoded(self.context_sparse_keys), _encoded(self.context_dense_keys), _encoded(self.feature_list_sparse_keys),
                     _encoded(self.feature_list_dense_keys), [key in missing for key in self.feature_list_dense_keys])
        found = self.parse(serialized, names, keys, defaults)
        return (*_outputs(found), *found.lengths)


class ParseSingleSequenceExample(
    _ParseSequences,
    sig="serialized: string, feature_list_dense_missing_assumed_empty: string, context_sparse_keys: string*Ncontext_sparse, "
    "context_dense_keys: string*Ncontext_dense, feature_list_sparse_keys: string*Nfeature_list_sparse, "
    "feature_list_dense_keys: string*Nfeature_list_dense, context_dense_defaults: [Tcontext_dense], debug_name: string "
    f"-> {_CONTEXT}{_LISTS}",
    host=True,
):
    """One SequenceExample taken apart."""

    Ncontext_dense: int = 0

    def infer(self, serialized: Spec, *rest: Spec) -> tuple[Spec, ...]:
        return (*self.context_specs(Spec(string, ())), *self.list_specs(Spec(string, ())))

    def kernel(self, xp: Namespace, serialized: Any, missing: Any, *rest: Any) -> Any:
        counts = (self.Ncontext_sparse, self.Ncontext_dense, self.Nfeature_list_sparse, self.Nfeature_list_dense)
        ends = np.cumsum(counts).tolist()
        context_sparse, context_dense, sparse, dense = (
            [_strings(key)[0] for key in rest[end - count : end]] for count, end in zip(counts, ends, strict=True))
        empty = set(_strings(missing))
        keys = _Keys(context_sparse, context_dense, sparse, dense, [key in empty for key in dense])
        names = [name for name in _strings(rest[-1]) if name]
        return _outputs(self.parse(serialized, names, keys, rest[ends[-1] : -1]))


def _encoded(keys: Any) -> list[bytes]:
    return [key.encode() if isinstance(key, str) else key for key in keys]


# ---- public functions --------------------------------------------------------------------------------------------------


@export("io.parse_sequence_example")
def parse_sequence_example(serialized: Any, context_features: Any = None, sequence_features: Any = None, example_names: Any = None,
                           name: str | None = None) -> Any:
    """({key: context}, {key: list}, {key: steps of each example}) of a vector of serialized SequenceExamples.

    context_features: {key: FixedLenFeature or VarLenFeature}. sequence_features: {key: FixedLenSequenceFeature or VarLenFeature};
    dense lists of fewer steps are filled up with zeros or "", sparse ones have indices of example, step and place. example_names: a
    string for each example, for errors. What is missing, or of another type or size, raises InvalidArgumentError.
    """
    if not (context_features or sequence_features):
        raise ValueError("Both `context_features` and `sequence_features` argument are None, but at least one should have values.")
    with name_scope(name, "ParseSequenceExample", [serialized, example_names]):
        return _parse(serialized, context_features or {}, sequence_features or {}, example_names)


@export("parse_single_sequence_example", "io.parse_single_sequence_example")
def parse_single_sequence_example(serialized: Any, context_features: Any = None, sequence_features: Any = None, example_name: Any = None,
                                  name: str | None = None) -> Any:
    """({key: context}, {key: list}) of one serialized SequenceExample; as `parse_sequence_example`, without the batch dimension."""
    if not (context_features or sequence_features):
        raise ValueError("Both context_features and sequence_features are None, but at least one should have values.")
    with name_scope(name, "ParseSingleSequenceExample", [serialized, example_name]):
        serialized = convert_to_tensor(serialized, string, name="serialized")
        if serialized.static not in (None, ()):
            raise ValueError(f"Input serialized must be a scalar, found shape {list(serialized.static)}")
        return _parse(serialized, context_features or {}, sequence_features or {}, example_name)[:2]


class _Wanted(NamedTuple):
    """The features of one side, by key in order. dense: {key: (dtype, shape, default)}. may_miss: of each dense one."""

    sparse: dict[str, DType]
    dense: dict[str, tuple[DType, Any, Any]]
    may_miss: list[bool]


def _wanted(features: Any, dense_kind: Any, where: str) -> _Wanted:
    found = _Wanted({}, {}, [])
    for key in sorted(features):
        feature = features[key]
        if not isinstance(feature, (VarLenFeature, dense_kind)):
            raise ValueError(f"Unsupported {type(feature).__name__} {feature} for key '{key}'")
        if not feature.dtype:
            raise ValueError(f"Missing type for feature {key}. Received feature={feature}")
        dtype = as_dtype(feature.dtype)
        if dtype.name not in _NAMES:
            raise TypeError(f"Value passed to parameter '{where}' has DataType {dtype.name} not in list of allowed values: "
                            f"float32, int64, string (feature {key}). tf.cast converts what was parsed.")
        if isinstance(feature, VarLenFeature):
            found.sparse[key] = dtype
            continue
        shape = shapes.as_tuple(feature.shape)
        if shape is None or None in shape:
            raise ValueError(f"All dimensions of shape for feature {key} need to be known but received {feature.shape}.")
        if dense_kind is FixedLenSequenceFeature and feature.default_value is not None:
            raise ValueError(f"Value feature_list.dense_defaults[{key}] must be None")
        found.dense[key] = dtype, shape, feature.default_value
        found.may_miss.append(bool(getattr(feature, "allow_missing", False)))
    return found


def _parse(serialized: Any, context_features: Any, sequence_features: Any, names: Any) -> Any:
    context = _wanted(context_features, FixedLenFeature, "context_dense_defaults")
    lists = _wanted(sequence_features, FixedLenSequenceFeature, "feature_list_dense_types")
    with name_scope(None, "ParseSequenceExample"):
        serialized = convert_to_tensor(serialized, string, name="serialized")
        defaults = [_default(key, *parts) for key, parts in context.dense.items()]
        none = _vector([])
        out = list(make_op(
            ParseSequenceExampleV2,
            (serialized, _vector(names), _vector(list(context.sparse)), _vector(list(context.dense)), none, _vector(list(lists.sparse)),
             _vector(list(lists.dense)), none, np.array(lists.may_miss, bool), defaults),
            "ParseSequenceExampleV2",
            {
                "Ncontext_sparse": len(context.sparse),
                "Tcontext_dense": tuple(parts[0] for parts in context.dense.values()),
                "context_sparse_types": tuple(context.sparse.values()),
                "context_ragged_value_types": (),
                "context_ragged_split_types": (),
                "context_dense_shapes": tuple(parts[1] for parts in context.dense.values()),
                "Nfeature_list_sparse": len(lists.sparse),
                "Nfeature_list_dense": len(lists.dense),
                "feature_list_dense_types": tuple(parts[0] for parts in lists.dense.values()),
                "feature_list_sparse_types": tuple(lists.sparse.values()),
                "feature_list_ragged_value_types": (),
                "feature_list_ragged_split_types": (),
                "feature_list_dense_shapes": tuple(parts[1] for parts in lists.dense.values()),
            },
        ).outputs)
    contexts, out = _named(context, out)
    values, out = _named(lists, out)
    return contexts, values, dict(zip(lists.dense, out, strict=True))


def _named(wanted: _Wanted, out: list[Any]) -> tuple[dict[str, Any], list[Any]]:
    """(tensors and SparseTensors by key, the outputs that are left)."""
    count, end = len(wanted.sparse), 3 * len(wanted.sparse) + len(wanted.dense)
    found: dict[str, Any] = {key: SparseTensor(out[i], out[count + i], out[2 * count + i]) for i, key in enumerate(wanted.sparse)}
    found.update(zip(wanted.dense, out[3 * count : end], strict=True))
    return found, out[end:]
