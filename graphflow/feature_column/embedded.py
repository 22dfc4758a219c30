"""Dense columns of categories: counts of each, and learned vectors, a column's own or shared by several."""
from __future__ import annotations

import math
from typing import Any, NamedTuple

import graphflow as tf

from ..core.export import export
from .base import CategoricalColumn, DenseColumn, Features, IdsAndWeights, SequenceDenseColumn
from .sequences import SequenceCategoricalColumn, lengths_of


def _no_sequence(column: Any, categorical: Any) -> None:
    if isinstance(categorical, SequenceCategoricalColumn):
        raise ValueError(f"In {type(column).__name__}: {column.name}. categorical_column must not be of type SequenceCategoricalColumn: "
                         "sequences go to tf.contrib.feature_column.sequence_input_layer, and input_layer takes columns of "
                         f"tf.feature_column.categorical_column_with_*. Given: {categorical}")


def _only_sequence(column: Any, categorical: Any) -> None:
    if not isinstance(categorical, SequenceCategoricalColumn):
        raise ValueError(f"In {type(column).__name__}: {column.name}. categorical_column must be of type SequenceCategoricalColumn, as "
                         f"tf.feature_column.sequence_categorical_column_with_* make them. Given: {categorical}")


class _Indicator(NamedTuple):
    categorical_column: Any


class IndicatorColumn(_Indicator, DenseColumn, SequenceDenseColumn):
    """Made by indicator_column."""
    __slots__ = ()

    name = property(lambda self: f"{self.categorical_column.name}_indicator")
    parents = property(lambda self: [self.categorical_column])
    parse_example_spec = property(lambda self: self.categorical_column.parse_example_spec)

    @property
    def variable_shape(self) -> Any:
        """One number for each category."""
        steps = [] if isinstance(self.categorical_column, SequenceCategoricalColumn) else [1]
        return tf.TensorShape([*steps, self.categorical_column.num_buckets])

    def transformed(self, features: Features) -> Any:
        """How often each category comes; the sum of its weights where it has such."""
        ids, weights = self.categorical_column.ids(features)
        count = self.categorical_column.num_buckets
        if weights is not None:
            weighted = tf.sparse_merge(ids, weights, vocab_size=int(count))
            weighted = tf.sparse_slice(weighted, [0, 0], weighted.dense_shape)       # leaves out numbers below 0
            return tf.scatter_nd(weighted.indices, weighted.values, weighted.dense_shape)
        hot = tf.one_hot(tf.sparse_tensor_to_dense(ids, default_value=-1), depth=count, on_value=1.0, off_value=0.0)
        return tf.reduce_sum(hot, axis=[-2])

    def dense(self, features: Features, weight_collections: Any = None, trainable: bool = True) -> Any:
        """[batch, categories]."""
        _no_sequence(self, self.categorical_column)
        return features.get(self)

    def sequence(self, features: Features, weight_collections: Any = None, trainable: bool = True) -> tuple[Any, Any]:
        """([batch, steps, categories], lengths)."""
        _only_sequence(self, self.categorical_column)
        return features.get(self), lengths_of(self.categorical_column.ids(features).ids)


@export("feature_column.indicator_column")
def indicator_column(categorical_column: Any) -> IndicatorColumn:
    """How often each category comes in an example: [batch, categories]."""
    if not isinstance(categorical_column, CategoricalColumn):
        raise ValueError(f"Unsupported input type. Input must be a CategoricalColumn. Given: {categorical_column}")
    return IndicatorColumn(categorical_column)


class _Embedding(NamedTuple):
    categorical_column: Any
    dimension: int
    combiner: str
    initializer: Any
    ckpt_to_load_from: str | None
    tensor_name_in_ckpt: str | None
    max_norm: float | None
    trainable: bool
    shared_embedding_collection_name: str | None = None


class EmbeddingColumn(_Embedding, DenseColumn, SequenceDenseColumn):
    """Made by embedding_column and shared_embedding_columns."""
    __slots__ = ()

    name = property(lambda self: f"{self.categorical_column.name}_{'shared_' if self.shared_embedding_collection_name else ''}embedding")
    parents = property(lambda self: [self.categorical_column])
    parse_example_spec = property(lambda self: self.categorical_column.parse_example_spec)
    variable_shape = property(lambda self: tf.TensorShape([self.dimension]))
    var_scope_name = property(lambda self: self.shared_embedding_collection_name or self.name)

    def transformed(self, features: Features) -> Any:
        """The categories."""
        return self.categorical_column.ids(features)

    def dense(self, features: Features, weight_collections: Any = None, trainable: bool = True) -> Any:
        """[batch, dimension]: the vectors of each example's categories combined, zeros where it has none."""
        _no_sequence(self, self.categorical_column)
        return self._looked_up(features, weight_collections, trainable)[0]

    def sequence(self, features: Features, weight_collections: Any = None, trainable: bool = True) -> tuple[Any, Any]:
        """([batch, steps, dimension], lengths)."""
        _only_sequence(self, self.categorical_column)
        vectors, found = self._looked_up(features, weight_collections, trainable)
        return vectors, lengths_of(found.ids)

    def _looked_up(self, features: Features, weight_collections: Any, trainable: bool) -> tuple[Any, IdsAndWeights]:
        if self.shared_embedding_collection_name is None:
            found = features.get(self)
            return self._vectors(self._weights(weight_collections, trainable), found), found
        with tf.name_scope(None, self.name):
            found = features.get(self)
            return self._vectors(self._shared_weights(weight_collections, trainable), found), found

    def _weights(self, collections: Any, trainable: bool) -> Any:
        kept = list(dict.fromkeys([*(collections or []), tf.GraphKeys.GLOBAL_VARIABLES, tf.GraphKeys.MODEL_VARIABLES]))
        weights = tf.get_variable("embedding_weights", (self.categorical_column.num_buckets, self.dimension), tf.float32, self.initializer,
                                  trainable=self.trainable and trainable, collections=kept)
        if self.ckpt_to_load_from is not None:
            parts = list(weights) if hasattr(weights, "_get_variable_list") else weights
            tf.train.init_from_checkpoint(self.ckpt_to_load_from, {str(self.tensor_name_in_ckpt): parts})
        return weights

    def _shared_weights(self, collections: Any, trainable: bool) -> Any:
        """The variable in the collection of that name, made by the first column that needs it."""
        name = self.shared_embedding_collection_name
        found = tf.get_collection(name)
        if len(found) > 1:
            raise ValueError(f"the collection {name!r} is for the one variable of shared embeddings, and holds {found}: give the columns "
                             "another shared_embedding_collection_name")
        if not found:
            weights = self._weights(collections, trainable)
            tf.add_to_collection(name, weights)
            return weights
        shape = (self.categorical_column.num_buckets, self.dimension)
        if tuple(found[0].get_shape().as_list()) != shape:
            raise ValueError(f"the collection {name!r} holds {found[0].name} of shape {found[0].get_shape()}, and shared embeddings need "
                             f"{shape}: give the columns another shared_embedding_collection_name")
        return found[0]

    def _vectors(self, weights: Any, found: IdsAndWeights) -> Any:
        return tf.nn.safe_embedding_lookup_sparse(weights, found.ids, found.weights, combiner=self.combiner, name=f"{self.name}_weights",
                                                  max_norm=self.max_norm)


def _checked(dimension: Any, initializer: Any, checkpoint: Any, tensor: Any, what: str) -> Any:
    """The initializer; ValueError for what does not fit."""
    if dimension is None or dimension < 1:
        raise ValueError(f"Invalid dimension {dimension}.")
    if (checkpoint is None) != (tensor is None):
        raise ValueError("Must specify both or neither: one of ckpt_to_load_from and tensor_name_in_ckpt is missing.")
    if initializer is not None and not callable(initializer):
        raise ValueError(f"initializer must be callable if specified. {what}")
    return initializer or tf.truncated_normal_initializer(mean=0.0, stddev=1 / math.sqrt(dimension))


@export("feature_column.embedding_column")
def embedding_column(categorical_column: Any, dimension: int, combiner: str = "mean", initializer: Any = None,
                     ckpt_to_load_from: str | None = None, tensor_name_in_ckpt: str | None = None, max_norm: float | None = None,
                     trainable: bool = True) -> EmbeddingColumn:
    """A learned vector of `dimension` numbers for each category: [batch, dimension].

    combiner: 'mean', 'sqrtn' or 'sum' of those of one example. initializer: truncated normal with standard deviation 1/sqrt(dimension) by
    default, or what a checkpoint has under tensor_name_in_ckpt. max_norm: longer vectors are shortened to that length.
    """
    initializer = _checked(dimension, initializer, ckpt_to_load_from, tensor_name_in_ckpt,
                           f"Embedding of column_name: {categorical_column.name}")
    return EmbeddingColumn(categorical_column, dimension, combiner, initializer, ckpt_to_load_from, tensor_name_in_ckpt, max_norm,
                           trainable)


@export("feature_column.shared_embedding_columns")
def shared_embedding_columns(categorical_columns: Any, dimension: int, combiner: str = "mean", initializer: Any = None,
                             shared_embedding_collection_name: str | None = None, ckpt_to_load_from: str | None = None,
                             tensor_name_in_ckpt: str | None = None, max_norm: float | None = None,
                             trainable: bool = True) -> list[EmbeddingColumn]:
    """Embedding columns that share their vectors: one for each of several columns of the same kind and number of categories.

    The variable stands in the collection shared_embedding_collection_name.
    """
    initializer = _checked(dimension, initializer, ckpt_to_load_from, tensor_name_in_ckpt, "")
    columns = sorted(categorical_columns, key=lambda column: column.name)
    kinds = [type(_kind(column)) for column in columns]
    counts = [column.num_buckets for column in columns]
    for kind, count in zip(kinds, counts):
        if count != counts[0]:
            raise ValueError("columns that share embeddings must have the same number of buckets, given "
                             f"{dict(zip((column.name for column in columns), counts))}")
        if kind is not kinds[0]:
            raise ValueError(f"columns that share embeddings must be of one kind, weighted or not, given {kinds}")
    name = shared_embedding_collection_name or "_".join(column.name for column in columns) + "_shared_embedding"
    return [EmbeddingColumn(column, dimension, combiner, initializer, ckpt_to_load_from, tensor_name_in_ckpt, max_norm, trainable, name)
            for column in categorical_columns]


def _kind(column: Any) -> Any:
    """The column below sequences and weights."""
    inner = getattr(column, "categorical_column", None)
    return column if inner is None else _kind(inner)
