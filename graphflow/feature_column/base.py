"""What columns are, and the features that they transform.

A column has a `name`, a `parse_example_spec` ({feature: how tf.parse_example reads it}) and a `transformed` tensor. Dense columns give a
`dense` tensor [batch, *variable_shape]; categorical ones give `ids` (and weights): SparseTensors of numbers below `num_buckets`.
"""
from __future__ import annotations

from typing import Any, NamedTuple

import graphflow as tf


class IdsAndWeights(NamedTuple):
    """Sparse numbers of categories, and sparse weights of the same places or None."""
    ids: Any
    weights: Any = None


class Column:
    """Base of columns."""

    __slots__ = ()
    name: Any
    parse_example_spec: Any
    parents: Any = ()       # columns, or names of features, that this one is made of

    def transformed(self, features: Features) -> Any:
        """The tensor or tensors that the column makes of features."""
        raise NotImplementedError

    @property
    def var_scope_name(self) -> str:
        """The scope of the column's variables."""
        return str(self.name)


class DenseColumn(Column):
    """A column that gives numbers. variable_shape: their shape for one example, a TensorShape."""

    __slots__ = ()
    variable_shape: Any

    def dense(self, features: Features, weight_collections: Any = None, trainable: bool = True) -> Any:
        """[batch, *variable_shape], float."""
        raise NotImplementedError


class CategoricalColumn(Column):
    """A column that gives categories."""

    __slots__ = ()
    num_buckets: Any

    def ids(self, features: Features) -> IdsAndWeights:
        """The numbers of the categories."""
        return IdsAndWeights(features.get(self))


class SequenceDenseColumn(Column):
    """A column that gives numbers for each step of a sequence."""

    __slots__ = ()
    variable_shape: Any

    def sequence(self, features: Features, weight_collections: Any = None, trainable: bool = True) -> tuple[Any, Any]:
        """([batch, steps, *variable_shape], lengths [batch])."""
        raise NotImplementedError


class Features:
    """The tensors of a batch by name, and what columns made of them."""

    def __init__(self, features: dict[Any, Any]):
        self._features = dict(features)
        self._made: dict[Any, Any] = {}

    def get(self, key: Any) -> Any:
        """The tensor of a column, or of a feature of that name as a matrix. ValueError for one that is not there."""
        if key not in self._made:
            self._made[key] = self._raw(key) if key in self._features else self._of_column(key)
        return self._made[key]

    def _of_column(self, column: Any) -> Any:
        if isinstance(column, str):
            raise ValueError(f"Feature {column} is not in features dictionary.")
        if not isinstance(column, Column):
            raise TypeError(f"a feature is asked for by its name or by a column, not by {column}")
        made = column.transformed(self)
        if made is None:
            raise ValueError(f"Column {column.name} is not supported.")
        return made

    def _raw(self, key: str) -> Any:
        """A feature with an axis of batches and at least one other."""
        tensor = self._features[key]
        if isinstance(tensor, tf.SparseTensorValue):
            tensor = tf.convert_to_tensor_or_sparse_tensor(tensor)
        if isinstance(tensor, tf.SparseTensor):
            return tensor
        tensor = tf.convert_to_tensor(tensor)
        rank = tensor.get_shape().ndims
        if rank is None:
            return tf.cond(tf.equal(1, tf.rank(tensor)), lambda: tf.expand_dims(tensor, -1), lambda: tensor)
        if rank == 0:
            raise ValueError(f"Feature (key: {key}) cannot have rank 0. Given: {tensor}")
        return tf.expand_dims(tensor, -1) if rank == 1 else tensor


def to_sparse(tensor: Any, ignored: Any = None) -> Any:
    """A dense tensor as a sparse one, without -1 in integers and "" in strings, or what is `ignored`. Sparse ones stay."""
    tensor = tf.convert_to_tensor_or_sparse_tensor(tensor)
    if isinstance(tensor, tf.SparseTensor):
        return tensor
    with tf.name_scope(None, "to_sparse_input", (tensor, ignored)):
        if ignored is None:
            ignored = "" if tensor.dtype == tf.string else -1 if tensor.dtype.is_integer else tensor.dtype.as_numpy_dtype()
        ignored = tf.cast(ignored, tensor.dtype, name="ignore_value")
        where = tf.where(tf.not_equal(tensor, ignored), name="indices")
        return tf.SparseTensor(where, tf.gather_nd(tensor, where, name="values"), tf.shape(tensor, out_type=tf.int64, name="dense_shape"))


def string_or_int(dtype: Any, what: str) -> None:
    """ValueError for another dtype."""
    if dtype != tf.string and not dtype.is_integer:
        raise ValueError(f"{what} dtype must be string or integer, not {dtype.name}.")


def key_is_string(key: Any) -> None:
    """ValueError for another type."""
    if not isinstance(key, str):
        raise ValueError(f"key must be a string, not {key!r}.")
