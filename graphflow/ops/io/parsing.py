"""Serialized Examples, tensors and raw bytes taken apart: `tf.parse_example` and kin."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np

from graphflow.core import shapes
from graphflow.core.constant import constant_op
from graphflow.core.convert import convert_to_tensor
from graphflow.core.dtypes import DType, as_dtype, int64, string
from graphflow.core.errors import InvalidArgumentError
from graphflow.core.export import export
from graphflow.core.make import make_op
from graphflow.core.op import Shape, Spec
from graphflow.core.values import SparseTensor
from graphflow.formats.examples import Dense, Sparse, parse_examples
from graphflow.ops.array.basic import reshape
from graphflow.ops.scopes import name_scope
from graphflow.ops.sparse.construct import sparse_merge

from ...core.outcomes import Several
from ...kernels.contract import Namespace

_NAMES = {"float32": "float", "int64": "int64", "string": "string"}


# ---- ops ---------------------------------------------------------------------------------------------------------------


def _strings(value: Any) -> list[bytes]:
    return np.asarray(value, object).ravel().tolist()


def _parse(serialized: Any, names: Any, dense: list[Dense], sparse: list[Sparse]) -> tuple[list[Any], list[tuple[Any, Any, Any]]]:
    single = np.ndim(serialized) == 0
    try:
        return parse_examples(_strings(serialized), _strings(names), dense, sparse, single)
    except ValueError as error:
        raise InvalidArgumentError(None, None, str(error)) from None


def _specs(serialized: Spec, dense_types: Any, dense_shapes: Any, sparse_types: Any) -> tuple[Spec, ...]:
    """Output specs in the order indices, values, shapes, dense."""
    batch: Shape = serialized.shape
    rank = None if batch is None else len(batch) + 1
    count = len(sparse_types)
    dense = [Spec(t, None if batch is None or s is None else (*batch, *s)) for t, s in zip(dense_types, dense_shapes, strict=True)]
    return (*[Spec(int64, (None, rank))] * count, *[Spec(t, (None,)) for t in sparse_types], *[Spec(int64, (rank,))] * count, *dense)


def _dense_features(keys: Any, types: Any, dense_shapes: Any, defaults: Any) -> list[Dense]:
    return [
        Dense(key.decode(), _NAMES[t.name], tuple(shape), np.asarray(default))
        for key, t, shape, default in zip(keys, types, dense_shapes, defaults, strict=True)
    ]


def _sparse_features(keys: Any, types: Any) -> list[Sparse]:
    return [Sparse(key.decode(), _NAMES[t.name]) for key, t in zip(keys, types, strict=True)]


class ParseExampleV2(Several,
    sig="serialized: string, names: string, sparse_keys: string, dense_keys: string, ragged_keys: string, dense_defaults: [Tdense] "
    "-> sparse_indices: int64*num_sparse, sparse_values: [sparse_types], sparse_shapes: int64*num_sparse, dense_values: [Tdense], "
    "ragged_values: [ragged_value_types], ragged_row_splits: [ragged_split_types]",
    host=True,
):
    """Examples taken apart, a batch [n] or one []."""

    Tdense: list[DType]
    num_sparse: int
    sparse_types: list[DType]
    ragged_value_types: list[DType]
    ragged_split_types: list[DType]
    dense_shapes: list[Shape]

    def infer(self, serialized: Spec, *rest: Spec) -> tuple[Spec, ...]:
        if self.ragged_value_types:
            raise NotImplementedError("tf.io.RaggedFeature: ragged tensors are not part of graphflow; use tf.VarLenFeature")
        return _specs(serialized, self.Tdense, self.dense_shapes, self.sparse_types)

    def kernel(self, xp: Namespace, serialized: Any, names: Any, sparse_keys: Any, dense_keys: Any, ragged_keys: Any,
               *defaults: Any) -> Any:
        dense_features = _dense_features(_strings(dense_keys), self.Tdense, self.dense_shapes, defaults)
        dense, sparse = _parse(serialized, names, dense_features, _sparse_features(_strings(sparse_keys), self.sparse_types))
        return (*[s[0] for s in sparse], *[s[1] for s in sparse], *[s[2] for s in sparse], *dense)


class ParseExample(Several,
    sig="serialized: string, names: string, sparse_keys: string*Nsparse, dense_keys: string*Ndense, dense_defaults: [Tdense] "
    "-> sparse_indices: int64*Nsparse, sparse_values: [sparse_types], sparse_shapes: int64*Nsparse, dense_values: [Tdense]",
    host=True,
):
    """The form of ParseExampleV2 in older graphs."""

    Nsparse: int
    Ndense: int
    sparse_types: list[DType]
    Tdense: list[DType]
    dense_shapes: list[Shape]

    def infer(self, serialized: Spec, *rest: Spec) -> tuple[Spec, ...]:
        return _specs(serialized, self.Tdense, self.dense_shapes, self.sparse_types)

    def kernel(self, xp: Namespace, serialized: Any, names: Any, *rest: Any) -> Any:
        sparse_keys = [_strings(k)[0] for k in rest[: self.Nsparse]]
        dense_keys = [_strings(k)[0] for k in rest[self.Nsparse : self.Nsparse + self.Ndense]]
        dense_features = _dense_features(dense_keys, self.Tdense, self.dense_shapes, rest[self.Nsparse + self.Ndense :])
        dense, sparse = _parse(serialized, names, dense_features, _sparse_features(sparse_keys, self.sparse_types))
        return (*[s[0] for s in sparse], *[s[1] for s in sparse], *[s[2] for s in sparse], *dense)


class ParseSingleExample(Several,
    sig="serialized: string, dense_defaults: [Tdense] -> sparse_indices: int64*num_sparse, sparse_values: [sparse_types], "
    "sparse_shapes: int64*num_sparse, dense_values: [Tdense]",
    host=True,
):
    """One Example taken apart."""

    num_sparse: int
    sparse_keys: list[str]
    dense_keys: list[str]
    sparse_types: list[DType]
    Tdense: list[DType]
    dense_shapes: list[Shape]

    def infer(self, serialized: Spec, *defaults: Spec) -> tuple[Spec, ...]:
        return _specs(Spec(string, ()), self.Tdense, self.dense_shapes, self.sparse_types)

    def kernel(self, xp: Namespace, serialized: Any, *defaults: Any) -> Any:
        keys = [k.encode() if isinstance(k, str) else k for k in self.dense_keys]
        sparse_keys = [k.encode() if isinstance(k, str) else k for k in self.sparse_keys]
        dense_features = _dense_features(keys, self.Tdense, self.dense_shapes, defaults)
        dense, sparse = _parse(serialized, [], dense_features, _sparse_features(sparse_keys, self.sparse_types))
        return (*[s[0] for s in sparse], *[s[1] for s in sparse], *[s[2] for s in sparse], *dense)








# ---- feature classes ---------------------------------------------------------------------------------------------------


@export("VarLenFeature", "io.VarLenFeature")
class VarLenFeature(NamedTuple):
    """A feature of any number of values; parsed to a SparseTensor."""

    dtype: Any


@export("FixedLenFeature", "io.FixedLenFeature")
class FixedLenFeature(NamedTuple):
    """A feature of one shape in all examples; required unless there is a default_value."""

    shape: Any
    dtype: Any
    default_value: Any = None


@export("FixedLenSequenceFeature", "io.FixedLenSequenceFeature")
class FixedLenSequenceFeature(NamedTuple):
    """A feature of any number of items of one shape; batches are filled up with default_value. Needs allow_missing=True."""

    shape: Any
    dtype: Any
    allow_missing: bool = False
    default_value: Any = None


@export("SparseFeature", "io.SparseFeature")
class SparseFeature(NamedTuple):
    """A SparseTensor of two features, one with the indices, one with the values. size: the length of the whole."""

    index_key: Any
    value_key: str
    dtype: Any
    size: Any
    already_sorted: bool = False


# ---- public functions --------------------------------------------------------------------------------------------------


@export("parse_example", "io.parse_example")
def parse_example(serialized: Any, features: Any, name: str | None = None, example_names: Any = None) -> Any:
    """{key: tensor or SparseTensor} of a vector of serialized Examples.

    features: {key: FixedLenFeature, VarLenFeature, FixedLenSequenceFeature or SparseFeature}. example_names: a string for each
    example, for errors. A required feature that is missing, or one of another type or size, raises InvalidArgumentError.
    """
    if not features:
        raise ValueError(f"Argument `features` cannot be None or falsy. Got {features}")
    with name_scope(name, "ParseExample", [serialized, example_names]):
        wanted = _Wanted(features)
        tensors = _make_v2(wanted, serialized, example_names)
    return _with_sparse_features(features, tensors)


@export("parse_single_example", "io.parse_single_example")
def parse_single_example(serialized: Any, features: Any, name: str | None = None, example_names: Any = None) -> Any:
    """{key: tensor or SparseTensor} of one serialized Example; as `parse_example`, without the batch dimension."""
    if not features:
        raise ValueError("Invalid argument: Argument `features` cannot be None.")
    with name_scope(name, "ParseSingleExample", [serialized, example_names]):
        serialized = convert_to_tensor(serialized, string, name="serialized")
        if serialized.static not in (None, ()):
            raise ValueError(f"Input serialized must be a scalar, found shape {list(serialized.static)}")
        with name_scope(None, "ParseExample"):
            tensors = _make_v2(_Wanted(features), serialized, example_names)
        return _with_sparse_features(features, tensors)


class _Wanted:
    """Features in the order in which the op takes them: by key, sparse ones apart from dense ones."""

    def __init__(self, features: Any) -> None:
        self.sparse: dict[str, DType] = {}
        self.dense: dict[str, tuple[DType, Any, Any]] = {}
        for key in sorted(features):
            self._add(key, features[key])

    def _add(self, key: str, feature: Any) -> None:
        dtype = as_dtype(feature.dtype) if getattr(feature, "dtype", None) else None
        if dtype is None:
            raise ValueError(f"Missing type for feature {key}. Received feature={feature}")
        if isinstance(feature, VarLenFeature):
            self._add_sparse(key, dtype)
        elif isinstance(feature, SparseFeature):
            for index_key in [feature.index_key] if isinstance(feature.index_key, str) else sorted(feature.index_key):
                self._add_sparse(index_key, int64)
            self._add_sparse(feature.value_key, dtype)
        elif isinstance(feature, FixedLenFeature):
            shape = shapes.as_tuple(feature.shape)
            if shape is None or None in shape:
                if shape and shape[0] is None and None not in shape[1:]:
                    raise ValueError(f"First dimension of shape for feature {key} unknown. Consider using FixedLenSequenceFeature. "
                                     f"Received feature={feature}")  # fmt: skip
                raise ValueError(f"All dimensions of shape for feature {key} need to be known but received {feature.shape}.")
            self.dense[key] = (dtype, shape, feature.default_value)
        elif isinstance(feature, FixedLenSequenceFeature):
            if not feature.allow_missing:
                raise ValueError(f"Unsupported: FixedLenSequenceFeature requires allow_missing to be True. Received feature={feature}")
            shape = shapes.as_tuple(feature.shape)
            if shape is None or None in shape:
                raise ValueError(f"All dimensions of shape for feature {key} need to be known but received {feature.shape}.")
            self.dense[key] = (dtype, (None, *shape), feature.default_value)
        else:
            raise ValueError(f"Invalid feature {key}: {feature}")

    def _add_sparse(self, key: str, dtype: DType) -> None:
        if self.sparse.setdefault(key, dtype) is not dtype:
            raise ValueError(f"Conflicting type {dtype.name} vs {self.sparse[key].name} for feature {key}.")


def _make_v2(wanted: _Wanted, serialized: Any, names: Any) -> dict[str, Any]:
    serialized = convert_to_tensor(serialized, string, name="serialized")
    for key, dtype in [*wanted.sparse.items(), *((k, v[0]) for k, v in wanted.dense.items())]:
        if dtype.name not in _NAMES:
            raise TypeError(f"Value passed to parameter 'dense_defaults' has DataType {dtype.name} not in list of allowed values: "
                            f"float32, int64, string (feature {key}). tf.cast converts what was parsed.")  # fmt: skip
    defaults = [_default(key, *parts) for key, parts in wanted.dense.items()]
    count = len(wanted.sparse)
    op = make_op(
        ParseExampleV2,
        (serialized, _vector(names), _vector(list(wanted.sparse)), _vector(list(wanted.dense)), _vector([]), defaults),
        "ParseExampleV2",
        {
            "Tdense": tuple(parts[0] for parts in wanted.dense.values()),
            "num_sparse": count,
            "sparse_types": tuple(wanted.sparse.values()),
            "ragged_value_types": (),
            "ragged_split_types": (),
            "dense_shapes": tuple(parts[1] for parts in wanted.dense.values()),
        },
    )
    out = op.outputs
    found: dict[str, Any] = {
        key: SparseTensor(out[i], out[count + i], out[2 * count + i]) for i, key in enumerate(wanted.sparse)
    }  # fmt: skip
    found.update(zip(wanted.dense, out[3 * count :], strict=True))
    return found


def _vector(values: Any) -> Any:
    """A vector of strings, also where there is none."""
    if values is None:
        values = []
    if not isinstance(values, (list, tuple)):
        return values
    array = np.empty(len(values), object)
    array[:] = [v.encode() if isinstance(v, str) else v for v in values]
    return array


def _default(key: str, dtype: DType, shape: Any, value: Any) -> Any:
    """The default as the op wants it: empty where the feature is required, one item where rows are filled up."""
    padded = shape[:1] == (None,)
    if value is None:
        if padded:
            return constant_op(b"" if dtype is string else 0, dtype)
        return constant_op(np.empty(0, dtype.np), dtype)
    name = "key_" + re.sub("[^A-Za-z0-9_.\\-/]", "_", key)
    return reshape(convert_to_tensor(value, dtype, name), np.array(() if padded else shape, np.int32))


def _with_sparse_features(features: Any, tensors: dict[str, Any]) -> dict[str, Any]:
    """The tensors asked for: SparseFeatures are put together from their parts."""
    found = {}
    for key, feature in features.items():
        if isinstance(feature, SparseFeature):
            many = not isinstance(feature.index_key, str)
            indices = [tensors[k] for k in feature.index_key] if many else tensors[feature.index_key]
            found[key] = sparse_merge(indices, tensors[feature.value_key], feature.size, already_sorted=feature.already_sorted)
            continue
        found[key] = tensors[key]
    return found








