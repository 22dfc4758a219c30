"""Columns of numbers as they are, and of which of several intervals they lie in."""
from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

import graphflow as tf

from ..core.export import export
from ..ops.elementwise.casts import bucketize
from .base import CategoricalColumn, DenseColumn, Features, IdsAndWeights, key_is_string


class _Numeric(NamedTuple):
    key: str
    shape: tuple[int, ...]
    default_value: Any
    dtype: Any
    normalizer_fn: Callable[[Any], Any] | None


class NumericColumn(_Numeric, DenseColumn):
    """Made by numeric_column."""
    __slots__ = ()

    name = property(lambda self: self.key)
    parents = property(lambda self: [self.key])
    variable_shape = property(lambda self: tf.TensorShape(self.shape))
    parse_example_spec = property(lambda self: {self.key: tf.FixedLenFeature(self.shape, self.dtype, self.default_value)})

    def transformed(self, features: Features) -> Any:
        """The feature, normalized, as float32."""
        tensor = features.get(self.key)
        if isinstance(tensor, tf.SparseTensor):
            raise ValueError(f"SparseTensor is not supported for numeric columns: make {self.key!r} dense by tf.sparse.to_dense")
        if self.normalizer_fn is not None:
            tensor = self.normalizer_fn(tensor)
        return tf.cast(tensor, tf.float32)

    def dense(self, features: Features, weight_collections: Any = None, trainable: bool = True) -> Any:
        """[batch, *shape]."""
        return features.get(self)


@export("feature_column.numeric_column")
def numeric_column(key: str, shape: Any = (1,), default_value: Any = None, dtype: Any = tf.float32,
                   normalizer_fn: Callable[[Any], Any] | None = None) -> NumericColumn:
    """A column of numbers, of `shape` for each example.

    default_value: for tf.parse_example, one number or an array of the shape. normalizer_fn(tensor) gives the tensor to use. ValueError for
    a shape of sizes below 1, or a dtype that is no number; TypeError for values that do not fit.
    """
    shape = _checked_shape(shape, key)
    dtype = tf.as_dtype(dtype)
    if not (dtype.is_integer or dtype.is_floating):
        raise ValueError(f"dtype must be convertible to float. dtype: {dtype}, key: {key}")
    if normalizer_fn is not None and not callable(normalizer_fn):
        raise TypeError(f"normalizer_fn must be a callable. Given: {normalizer_fn}")
    key_is_string(key)
    return NumericColumn(key, shape, _default(shape, default_value, dtype, key), dtype, normalizer_fn)


def _checked_shape(shape: Any, key: str) -> tuple[int, ...]:
    sizes = tuple(shape) if isinstance(shape, (list, tuple, np.ndarray, tf.TensorShape)) else (shape,)
    for size in sizes:
        if isinstance(size, bool) or not hasattr(size, "__index__"):
            raise TypeError(f"shape dimensions must be integer. shape: {sizes}, key: {key}")
        if size < 1:
            raise ValueError(f"shape dimensions must be greater than 0. shape: {sizes}, key: {key}")
    return tuple(int(size) for size in sizes)


def _default(shape: tuple[int, ...], value: Any, dtype: Any, key: str) -> Any:
    """A default value as nested tuples of the shape, None for none."""
    if value is None:
        return None
    array = np.asarray(value)
    if array.dtype.kind not in "biuf" or (dtype.is_integer and array.dtype.kind == "f"):
        raise TypeError(f"default_value must be compatible with dtype: {value} is no {dtype.name}, key: {key}")
    if array.shape and array.shape != shape:
        raise ValueError(f"default_value needs a shape equal to given shape {shape}, or one number: {value} has {array.shape}, key: {key}")
    return _nested(np.broadcast_to(array.astype(dtype.as_numpy_dtype), shape).tolist())


def _nested(value: Any) -> Any:
    return tuple(map(_nested, value)) if isinstance(value, list) else value


class _Bucketized(NamedTuple):
    source_column: Any
    boundaries: tuple[float, ...]


class BucketizedColumn(_Bucketized, DenseColumn, CategoricalColumn):
    """Made by bucketized_column."""
    __slots__ = ()

    name = property(lambda self: f"{self.source_column.name}_bucketized")
    parents = property(lambda self: [self.source_column])
    parse_example_spec = property(lambda self: self.source_column.parse_example_spec)
    variable_shape = property(lambda self: tf.TensorShape((*self.source_column.shape, len(self.boundaries) + 1)))
    num_buckets = property(lambda self: (len(self.boundaries) + 1) * self.source_column.shape[0])

    def transformed(self, features: Features) -> Any:
        """The number of the interval of each number, int32."""
        return bucketize(features.get(self.source_column), self.boundaries)

    def dense(self, features: Features, weight_collections: Any = None, trainable: bool = True) -> Any:
        """[batch, *shape, intervals], one-hot."""
        return tf.one_hot(tf.cast(features.get(self), tf.int64), depth=len(self.boundaries) + 1, on_value=1.0, off_value=0.0)

    def ids(self, features: Features) -> IdsAndWeights:
        """The intervals as categories; those of each number of an example are other ones."""
        buckets, width = features.get(self), self.source_column.shape[0]
        batch = tf.shape(buckets)[0]
        rows = tf.reshape(tf.tile(tf.expand_dims(tf.range(0, batch), 1), [1, width]), (-1,))
        places = tf.tile(tf.range(0, width), [batch])
        numbers = tf.reshape(buckets, (-1,)) + (len(self.boundaries) + 1) * places
        where = tf.cast(tf.transpose(tf.stack((rows, places))), tf.int64)
        return IdsAndWeights(tf.SparseTensor(where, numbers, tf.cast(tf.stack([batch, width]), tf.int64)))


@export("feature_column.bucketized_column")
def bucketized_column(source_column: Any, boundaries: Any) -> BucketizedColumn:
    """Which of the intervals (-inf, b0), [b0, b1), ..., [bn, inf) each number of a numeric column of one axis lies in.

    Dense, as one-hot vectors, and categorical. ValueError for another column, or boundaries that are not in rising order.
    """
    if not isinstance(source_column, NumericColumn):
        raise ValueError(f"source_column must be a numeric_column, not {source_column}")
    if len(source_column.shape) > 1:
        raise ValueError(f"source_column must be one-dimensional column. Given: {source_column}")
    if not isinstance(boundaries, (list, tuple)) or not boundaries:
        raise ValueError("boundaries must be a sorted list.")
    if any(a >= b for a, b in pairwise(boundaries)):
        raise ValueError("boundaries must be a sorted list.")
    return BucketizedColumn(source_column, tuple(boundaries))
