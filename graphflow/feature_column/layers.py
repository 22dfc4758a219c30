"""tf.feature_column.input_layer and linear_model: the columns of a batch as one matrix, and their weighted sum."""
from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import graphflow as tf

from ..core.export import export
from .base import CategoricalColumn, Column, DenseColumn, Features


def sorted_columns(feature_columns: Any, kinds: tuple[type, ...]) -> list[Any]:
    """The columns by name; ValueError where there are none, two of one name, or one of another kind."""
    columns = [feature_columns] if isinstance(feature_columns, Column) else feature_columns
    if isinstance(columns, dict):
        raise ValueError("Expected feature_columns to be iterable, found dict.")
    columns = list(columns) if isinstance(columns, Iterable) else [columns]
    for column in columns:
        if not isinstance(column, kinds):
            wanted = " or ".join(kind.__name__ for kind in kinds)
            hint = " indicator_column or embedding_column wrap a categorical column." if kinds == (DenseColumn,) else ""
            raise ValueError(f"Items of feature_columns must be a {wanted}.{hint} Given: {column}")
    if not columns:
        raise ValueError("feature_columns must not be empty.")
    names: dict[str, Any] = {}
    for column in columns:
        if column.name in names:
            raise ValueError(f"Duplicate feature column name {column.name!r}: {column} and {names[column.name]} read one feature. Leave "
                             "one out, or put the feature into the dict under a second name.")
        names[column.name] = column
    return sorted(columns, key=lambda column: column.name)


def flat_dense(column: Any, features: Features, collections: Any = None, trainable: bool = True) -> Any:
    """A dense column as [batch, numbers]."""
    tensor = column.dense(features, collections, trainable)
    return tf.reshape(tensor, (tf.shape(tensor)[0], column.variable_shape.num_elements()))


@export("feature_column.input_layer")
def input_layer(features: dict[str, Any], feature_columns: Any, weight_collections: Any = None, trainable: bool = True,
                cols_to_vars: dict[Any, Any] | None = None, cols_to_output_tensors: dict[Any, Any] | None = None) -> Any:
    """[batch, numbers of all columns], float32: dense columns side by side in the order of their names.

    features: {name: tensor or SparseTensor}. cols_to_vars, cols_to_output_tensors: dicts that are filled with each column's variables and
    tensor. ValueError for a column that is not dense, or two of the same name.
    """
    columns = sorted_columns(feature_columns, (DenseColumn,))
    collections = list(weight_collections or [])
    for needed in (tf.GraphKeys.GLOBAL_VARIABLES, tf.GraphKeys.MODEL_VARIABLES):
        if needed not in collections:
            collections.append(needed)
    found = Features(features)
    outputs = []
    with tf.variable_scope(None, default_name="input_layer", values=list(features.values())):
        for column in columns:
            with tf.variable_scope(None, default_name=column.var_scope_name) as scope:
                outputs.append(flat_dense(column, found, collections, trainable))
                if cols_to_vars is not None:
                    cols_to_vars[column] = tf.get_collection(tf.GraphKeys.GLOBAL_VARIABLES, scope=scope.name)
                if cols_to_output_tensors is not None:
                    cols_to_output_tensors[column] = outputs[-1]
        _check_batches(outputs, columns)
        return tf.concat(outputs, 1)


def _check_batches(tensors: list[Any], columns: list[Any]) -> None:
    """ValueError where the graph knows of two different batch sizes."""
    known = [(tensor.get_shape()[0].value, column) for tensor, column in zip(tensors, columns)]
    known = [(size, column) for size, column in known if size is not None]
    for size, column in known:
        if size != known[0][0]:
            raise ValueError(f"Batch size (first dimension) of each feature must be the same: {known[0][1].name!r} has {known[0][0]} rows, "
                             f"and {column.name!r} has {size}")


@export("feature_column.linear_model")
def linear_model(features: dict[str, Any], feature_columns: Any, units: int = 1, sparse_combiner: str = "sum",
                 weight_collections: Any = None, trainable: bool = True, cols_to_vars: dict[Any, Any] | None = None) -> Any:
    """[batch, units]: the columns' numbers times weights that begin at zero, plus a bias.

    The weights of an example's categories are combined by sparse_combiner: 'sum', 'mean' or 'sqrtn'. cols_to_vars: a dict that is filled
    with each column's variables, and 'bias'. ValueError for a column that is neither dense nor categorical.
    """
    return linear_sum(features, feature_columns, units, sparse_combiner, weight_collections, trainable, cols_to_vars)[0]


def linear_sum(features: dict[str, Any], feature_columns: Any, units: int = 1, sparse_combiner: str = "sum", weight_collections: Any = None,
               trainable: bool = True, cols_to_vars: dict[Any, Any] | None = None) -> tuple[Any, Any]:
    """(what linear_model gives, the variable of the bias)."""
    columns = sorted_columns(feature_columns, (DenseColumn, CategoricalColumn))
    for column in columns:
        if not isinstance(column, (DenseColumn, CategoricalColumn)):
            raise ValueError(f"Items of feature_columns must be dense or categorical columns. Given: {column}")
    collections = list(weight_collections or [])
    for needed in (tf.GraphKeys.GLOBAL_VARIABLES, tf.GraphKeys.MODEL_VARIABLES):
        if needed not in collections:
            collections.append(needed)
    found = Features(features)
    sums = []
    with tf.variable_scope(None, default_name="linear_model") as model, tf.name_scope(model.original_name_scope), \
            tf.name_scope("linear_model"):
        for column in columns:
            with tf.variable_scope(column.var_scope_name) as scope:
                weights = _weights(column, units, collections, trainable)
                with tf.name_scope(None, default_name=column.var_scope_name):
                    sums.append(_weighted_sum(column, found, weights, sparse_combiner))
            if cols_to_vars is not None:
                cols_to_vars[column] = tf.get_collection(tf.GraphKeys.GLOBAL_VARIABLES, scope=scope.name)
        total = tf.add_n(sums, name="weighted_sum_no_bias")
        bias = tf.get_variable("bias_weights", [units], initializer=tf.zeros_initializer(), trainable=trainable, collections=collections)
        if cols_to_vars is not None:
            cols_to_vars["bias"] = [bias]
        return tf.nn.bias_add(total, bias, name="weighted_sum"), bias


def _weights(column: Any, units: int, collections: Any, trainable: bool) -> Any:
    rows = column.num_buckets if isinstance(column, CategoricalColumn) else column.variable_shape.num_elements()
    return tf.get_variable("weights", (rows, units), initializer=tf.zeros_initializer(), trainable=trainable, collections=collections)


def _weighted_sum(column: Any, features: Features, weights: Any, combiner: str) -> Any:
    """[batch, units]."""
    if not isinstance(column, CategoricalColumn):
        return tf.matmul(flat_dense(column, features), weights, name="weighted_sum")
    ids, factors = column.ids(features)
    ids = tf.sparse_reshape(ids, [tf.shape(ids)[0], -1])
    if factors is not None:
        factors = tf.sparse_reshape(factors, [tf.shape(factors)[0], -1])
    return tf.nn.safe_embedding_lookup_sparse(weights, ids, sparse_weights=factors, combiner=combiner, name="weighted_sum")


@export("feature_column.make_parse_example_spec")
def make_parse_example_spec(feature_columns: Any) -> dict[str, Any]:
    """{feature: FixedLenFeature or VarLenFeature} that tf.parse_example needs for columns.

    ValueError where two columns read one feature in different ways.
    """
    spec: dict[str, Any] = {}
    for column in feature_columns:
        if not isinstance(column, Column):
            raise ValueError(f"All feature_columns must be FeatureColumn instances. Given: {column}")
        for key, value in column.parse_example_spec.items():
            if key in spec and spec[key] != value:
                raise ValueError(f"feature_columns have a different parse_spec for key {key}: {value} and {spec[key]}")
            spec[key] = value
    return spec
