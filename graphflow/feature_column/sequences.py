"""Columns of sequences: the ids or numbers of each step of an example."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import graphflow as tf

from ..core.export import export
from . import categorical as plain
from .base import CategoricalColumn, Features, IdsAndWeights, SequenceDenseColumn, to_sparse
from .numeric import _checked_shape


def lengths_of(values: Any, per_step: int = 1) -> Any:
    """[batch]: how many steps each row of a SparseTensor has, of per_step numbers each."""
    with tf.name_scope(None, "sequence_length"):
        rows, columns = values.indices[:, 0], values.indices[:, 1]
        found = tf.cast(tf.floor(columns / per_step) + 1, tf.int64)
        counted = tf.segment_max(found, rows)
        return tf.pad(counted, [[0, tf.maximum(values.dense_shape[0] - tf.shape(counted, out_type=tf.int64)[0], 0)]])


class _Sequence(NamedTuple):
    categorical_column: Any


class SequenceCategoricalColumn(_Sequence, CategoricalColumn):
    """Made by sequence_categorical_column_with_*."""
    __slots__ = ()

    name = property(lambda self: self.categorical_column.name)
    parents = property(lambda self: [self.categorical_column])
    parse_example_spec = property(lambda self: self.categorical_column.parse_example_spec)
    num_buckets = property(lambda self: self.categorical_column.num_buckets)

    def transformed(self, features: Features) -> Any:
        """The categories."""
        return features.get(self.categorical_column)

    def ids(self, features: Features) -> IdsAndWeights:
        """The categories, [batch, steps, those of one step]."""
        ids, weights = self.categorical_column.ids(features)

        def with_steps(values: Any) -> Any:
            shape = tf.shape(values)
            return tf.sparse_reshape(values, tf.concat([shape[:2], [tf.reduce_prod(shape[2:])]], axis=0))
        return IdsAndWeights(with_steps(ids), None if weights is None else with_steps(weights))


@export("feature_column.sequence_categorical_column_with_identity", "contrib.feature_column.sequence_categorical_column_with_identity")
def sequence_categorical_column_with_identity(key: str, num_buckets: int, default_value: int | None = None) -> SequenceCategoricalColumn:
    """categorical_column_with_identity for each step of a sequence."""
    return SequenceCategoricalColumn(plain.categorical_column_with_identity(key, num_buckets, default_value))


@export("feature_column.sequence_categorical_column_with_hash_bucket",
        "contrib.feature_column.sequence_categorical_column_with_hash_bucket")
def sequence_categorical_column_with_hash_bucket(key: str, hash_bucket_size: int, dtype: Any = tf.string) -> SequenceCategoricalColumn:
    """categorical_column_with_hash_bucket for each step of a sequence."""
    return SequenceCategoricalColumn(plain.categorical_column_with_hash_bucket(key, hash_bucket_size, dtype))


@export("feature_column.sequence_categorical_column_with_vocabulary_file",
        "contrib.feature_column.sequence_categorical_column_with_vocabulary_file")
def sequence_categorical_column_with_vocabulary_file(key: str, vocabulary_file: Any, vocabulary_size: int | None = None,
                                                     num_oov_buckets: int = 0, default_value: int | None = None,
                                                     dtype: Any = tf.string) -> SequenceCategoricalColumn:
    """categorical_column_with_vocabulary_file for each step of a sequence."""
    return SequenceCategoricalColumn(plain.categorical_column_with_vocabulary_file(key, vocabulary_file, vocabulary_size, num_oov_buckets,
                                                                                   default_value, dtype))


@export("feature_column.sequence_categorical_column_with_vocabulary_list",
        "contrib.feature_column.sequence_categorical_column_with_vocabulary_list")
def sequence_categorical_column_with_vocabulary_list(key: str, vocabulary_list: Any, dtype: Any = None, default_value: int = -1,
                                                     num_oov_buckets: int = 0) -> SequenceCategoricalColumn:
    """categorical_column_with_vocabulary_list for each step of a sequence."""
    return SequenceCategoricalColumn(plain.categorical_column_with_vocabulary_list(key, vocabulary_list, dtype, default_value,
                                                                                   num_oov_buckets))


class _SequenceNumeric(NamedTuple):
    key: str
    shape: tuple[int, ...]
    default_value: float
    dtype: Any
    normalizer_fn: Callable[[Any], Any] | None


class SequenceNumericColumn(_SequenceNumeric, SequenceDenseColumn):
    """Made by sequence_numeric_column."""
    __slots__ = ()

    name = property(lambda self: self.key)
    parents = property(lambda self: [self.key])
    variable_shape = property(lambda self: tf.TensorShape(self.shape))
    parse_example_spec = property(lambda self: {self.key: tf.VarLenFeature(self.dtype)})

    def transformed(self, features: Features) -> Any:
        """The feature as a SparseTensor, normalized."""
        values = to_sparse(features.get(self.key))
        return values if self.normalizer_fn is None else self.normalizer_fn(values)

    def sequence(self, features: Features, weight_collections: Any = None, trainable: bool = True) -> tuple[Any, Any]:
        """([batch, steps, *shape], lengths); steps that a row lacks have default_value."""
        values = features.get(self)
        dense = tf.sparse_tensor_to_dense(values, default_value=self.default_value)
        steps = tf.reshape(dense, tf.concat([tf.shape(dense)[:1], [-1], self.variable_shape], axis=0))
        per_step = self.variable_shape.num_elements() if values.get_shape().ndims == 2 else 1
        return steps, lengths_of(values, per_step)


@export("feature_column.sequence_numeric_column", "contrib.feature_column.sequence_numeric_column")
def sequence_numeric_column(key: str, shape: Any = (1,), default_value: float = 0.0, dtype: Any = tf.float32,
                            normalizer_fn: Callable[[Any], Any] | None = None) -> SequenceNumericColumn:
    """A sequence of numbers, of `shape` for each step; steps beyond the end of an example have default_value."""
    dtype = tf.as_dtype(dtype)
    if not (dtype.is_integer or dtype.is_floating):
        raise ValueError(f"dtype must be convertible to float. dtype: {dtype}, key: {key}")
    if normalizer_fn is not None and not callable(normalizer_fn):
        raise TypeError(f"normalizer_fn must be a callable. Given: {normalizer_fn}")
    return SequenceNumericColumn(key, _checked_shape(shape, key), default_value, dtype, normalizer_fn)


@export("contrib.feature_column.sequence_input_layer")
def sequence_input_layer(features: dict[str, Any], feature_columns: Any, weight_collections: Any = None,
                         trainable: bool = True) -> tuple[Any, Any]:
    """([batch, steps, all numbers of a step], lengths [batch]) of columns of sequences, in the order of their names.

    All columns must have the same lengths: a run fails with InvalidArgumentError where they have not.
    """
    columns = [feature_columns] if isinstance(feature_columns, SequenceDenseColumn) else list(feature_columns)
    for column in columns:
        if not isinstance(column, SequenceDenseColumn):
            raise ValueError("All feature_columns must be of type _SequenceDenseColumn. You can wrap a sequence_categorical_column with an "
                             f"embedding_column or indicator_column. Given (type {type(column)}): {column}")
    collections = list(weight_collections or [])
    if tf.GraphKeys.GLOBAL_VARIABLES not in collections:
        collections.append(tf.GraphKeys.GLOBAL_VARIABLES)
    if tf.GraphKeys.MODEL_VARIABLES not in collections:
        collections.append(tf.GraphKeys.MODEL_VARIABLES)
    found = Features(features)
    outputs, lengths = [], []
    with tf.variable_scope(None, default_name="sequence_input_layer", values=list(features.values())):
        for column in sorted(columns, key=lambda column: column.name):
            with tf.variable_scope(None, default_name=column.var_scope_name):
                dense, length = column.sequence(found, collections, trainable)
                shape = tf.shape(dense)
                size = column.variable_shape.num_elements()
                outputs.append(tf.reshape(dense, tf.concat([shape[:2], [size]], axis=0)))
                lengths.append(length)
        same = [tf.assert_equal(lengths[0], length, message="Columns of other lengths of sequences") for length in lengths[1:]]
        with tf.control_dependencies(same):
            return tf.concat(outputs, -1), tf.identity(lengths[0])
