"""tf.contrib.layers.real_valued_column and its like: tf.feature_column's columns under their older names, and layers on them."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export
from ...feature_column.base import CategoricalColumn, Column, DenseColumn, Features
from ...feature_column.layers import flat_dense, sorted_columns


@export("contrib.layers.real_valued_column")
def real_valued_column(column_name: str, dimension: int | None = 1, default_value: Any = None, dtype: Any = tf.float32,
                       normalizer: Any = None) -> Any:
    """A column of `dimension` numbers, as tf.feature_column.numeric_column. '' names features that are no dict."""
    if dimension is None:
        raise NotImplementedError("real_valued_column(dimension=None) is not there: say how many numbers an example has")
    return tf.feature_column.numeric_column(column_name, (dimension,), default_value, dtype, normalizer)


def _summed(combiner: str, name: str) -> None:
    if combiner != "sum":
        raise NotImplementedError(f"combiner={combiner!r} of the column {name!r} is not there: columns are summed; give the combiner to "
                                  "embedding_column, or sparse_combiner to tf.feature_column.linear_model")


@export("contrib.layers.sparse_column_with_hash_bucket")
def sparse_column_with_hash_bucket(column_name: str, hash_bucket_size: int, combiner: str = "sum", dtype: Any = tf.string,
                                   hash_keys: Any = None) -> Any:
    """As tf.feature_column.categorical_column_with_hash_bucket."""
    _summed(combiner, column_name)
    if hash_keys is not None:
        raise NotImplementedError("sparse_column_with_hash_bucket(hash_keys=...) is not there: leave it out")
    return tf.feature_column.categorical_column_with_hash_bucket(column_name, hash_bucket_size, dtype)


@export("contrib.layers.sparse_column_with_keys")
def sparse_column_with_keys(column_name: str, keys: Any, default_value: int = -1, combiner: str = "sum", dtype: Any = tf.string) -> Any:
    """As tf.feature_column.categorical_column_with_vocabulary_list."""
    _summed(combiner, column_name)
    return tf.feature_column.categorical_column_with_vocabulary_list(column_name, keys, dtype, default_value)


@export("contrib.layers.sparse_column_with_vocabulary_file")
def sparse_column_with_vocabulary_file(column_name: str, vocabulary_file: Any, num_oov_buckets: int = 0, vocab_size: int | None = None,
                                       default_value: int = -1, combiner: str = "sum", dtype: Any = tf.string) -> Any:
    """As tf.feature_column.categorical_column_with_vocabulary_file."""
    _summed(combiner, column_name)
    return tf.feature_column.categorical_column_with_vocabulary_file(
        column_name, vocabulary_file, vocab_size, num_oov_buckets, None if num_oov_buckets else default_value, dtype)


@export("contrib.layers.sparse_column_with_integerized_feature")
def sparse_column_with_integerized_feature(column_name: str, bucket_size: int, combiner: str = "sum", dtype: Any = tf.int64) -> Any:
    """As tf.feature_column.categorical_column_with_identity."""
    _summed(combiner, column_name)
    return tf.feature_column.categorical_column_with_identity(column_name, bucket_size)


@export("contrib.layers.weighted_sparse_column")
def weighted_sparse_column(sparse_id_column: Any, weight_column_name: str, dtype: Any = tf.float32) -> Any:
    """As tf.feature_column.weighted_categorical_column."""
    return tf.feature_column.weighted_categorical_column(sparse_id_column, weight_column_name, dtype)


@export("contrib.layers.one_hot_column")
def one_hot_column(sparse_id_column: Any) -> Any:
    """As tf.feature_column.indicator_column."""
    return tf.feature_column.indicator_column(sparse_id_column)


@export("contrib.layers.embedding_column")
def embedding_column(sparse_id_column: Any, dimension: int, combiner: str = "mean", initializer: Any = None, ckpt_to_load_from: Any = None,
                     tensor_name_in_ckpt: Any = None, max_norm: Any = None, trainable: bool = True) -> Any:
    """As tf.feature_column.embedding_column."""
    return tf.feature_column.embedding_column(sparse_id_column, dimension, combiner, initializer, ckpt_to_load_from, tensor_name_in_ckpt,
                                              max_norm, trainable)


@export("contrib.layers.shared_embedding_columns")
def shared_embedding_columns(sparse_id_columns: Any, dimension: int, combiner: str = "mean", shared_embedding_name: Any = None,
                             initializer: Any = None, ckpt_to_load_from: Any = None, tensor_name_in_ckpt: Any = None, max_norm: Any = None,
                             trainable: bool = True) -> Any:
    """As tf.feature_column.shared_embedding_columns."""
    return tf.feature_column.shared_embedding_columns(sparse_id_columns, dimension, combiner, initializer, shared_embedding_name,
                                                      ckpt_to_load_from, tensor_name_in_ckpt, max_norm, trainable)


@export("contrib.layers.bucketized_column")
def bucketized_column(source_column: Any, boundaries: Any) -> Any:
    """As tf.feature_column.bucketized_column."""
    return tf.feature_column.bucketized_column(source_column, list(boundaries))


@export("contrib.layers.crossed_column")
def crossed_column(columns: Any, hash_bucket_size: int, combiner: str = "sum", ckpt_to_load_from: Any = None,
                   tensor_name_in_ckpt: Any = None, hash_key: Any = None) -> Any:
    """As tf.feature_column.crossed_column. Columns with a hash are crossed by their words."""
    _summed(combiner, "crossed")
    if ckpt_to_load_from is not None or tensor_name_in_ckpt is not None:
        raise NotImplementedError("crossed_column(ckpt_to_load_from=...) is not there: use tf.train.init_from_checkpoint")
    hashed = type(tf.feature_column.categorical_column_with_hash_bucket("_", 2))
    return tf.feature_column.crossed_column([column.key if isinstance(column, hashed) else column for column in columns], hash_bucket_size,
                                            hash_key)


@export("contrib.layers.create_feature_spec_for_parsing")
def create_feature_spec_for_parsing(feature_columns: Any) -> dict[str, Any]:
    """As tf.feature_column.make_parse_example_spec."""
    return tf.feature_column.make_parse_example_spec(list(feature_columns))


@export("contrib.layers.parse_feature_columns_from_examples")
def parse_feature_columns_from_examples(serialized: Any, feature_columns: Any, name: Any = None, example_names: Any = None) -> Any:
    """{feature: tensor} of serialized Examples."""
    return tf.parse_example(serialized, create_feature_spec_for_parsing(feature_columns), name, example_names)


@export("contrib.layers.infer_real_valued_columns")
def infer_real_valued_columns(features: Any) -> list[Any]:
    """A real_valued_column for each dense feature [batch, dimension]; ValueError for one that is sparse, of text, or of unknown size."""
    given = features if isinstance(features, dict) else {"": features}
    columns = []
    for name, tensor in given.items():
        if isinstance(tensor, tf.SparseTensor) or not (tensor.dtype.is_floating or tensor.dtype.is_integer):
            raise ValueError(f"only dense features of numbers are real valued columns, and {name!r} is {tensor}")
        shape = tensor.get_shape().with_rank(2)
        if shape[1].value is None:
            raise ValueError(f"the feature {name!r} has shape {shape}: its second size must be known")
        columns.append(real_valued_column(name, shape[1].value, dtype=tensor.dtype))
    return columns


@export("contrib.layers.check_feature_columns")
def check_feature_columns(feature_columns: Any) -> None:
    """ValueError for None, for what is no column, and for two of one name."""
    if feature_columns is None:
        raise ValueError("feature_columns is None: give a list of columns")
    sorted_columns(list(feature_columns), (Column,))


@export("contrib.layers.input_from_feature_columns")
def input_from_feature_columns(columns_to_tensors: dict[str, Any], feature_columns: Any, weight_collections: Any = None,
                               trainable: bool = True, scope: Any = None, cols_to_outs: dict[Any, Any] | None = None) -> Any:
    """[batch, numbers of all columns], by the order of the columns' names."""
    columns = sorted_columns(list(feature_columns), (DenseColumn,))
    found = Features(columns_to_tensors)
    with tf.variable_scope(scope, default_name="input_from_feature_columns", values=list(columns_to_tensors.values())):
        outputs = []
        for column in columns:
            with tf.variable_scope(None, default_name=column.var_scope_name or "real_valued"):
                outputs.append(flat_dense(column, found, _collections(weight_collections), trainable))
            if cols_to_outs is not None:
                cols_to_outs[column] = outputs[-1]
        return tf.concat(outputs, 1)


@export("contrib.layers.weighted_sum_from_feature_columns")
def weighted_sum_from_feature_columns(columns_to_tensors: dict[str, Any], feature_columns: Any, num_outputs: int,
                                      weight_collections: Any = None, trainable: bool = True, scope: Any = None) -> tuple[Any, Any, Any]:
    """([batch, num_outputs]: the columns' numbers times weights that begin at zero, plus a bias; {column: [its weights]}; the bias)."""
    columns = sorted_columns(list(feature_columns), (DenseColumn, CategoricalColumn))
    found, kept, sums = Features(columns_to_tensors), {}, []
    collections = _collections(weight_collections)
    with tf.variable_scope(scope, default_name="weighted_sum_from_feature_columns", values=list(columns_to_tensors.values())):
        for column in columns:
            rows = column.num_buckets if isinstance(column, CategoricalColumn) else column.variable_shape.num_elements()
            with tf.variable_scope(None, default_name=column.var_scope_name or "real_valued"):
                weights = tf.get_variable("weights" if isinstance(column, CategoricalColumn) else "weight", [rows, num_outputs],
                                          initializer=tf.zeros_initializer(), trainable=trainable, collections=collections)
                kept[column] = [weights]
                sums.append(_sum_of(column, found, weights))
        bias = tf.get_variable("bias_weight", [num_outputs], initializer=tf.zeros_initializer(), trainable=trainable,
                               collections=collections)
        return tf.nn.bias_add(tf.add_n(sums, name="weighted_sum_no_bias"), bias), kept, bias


def _sum_of(column: Any, features: Features, weights: Any) -> Any:
    if not isinstance(column, CategoricalColumn):
        return tf.matmul(flat_dense(column, features), weights)
    ids, factors = column.ids(features)
    ids = tf.sparse_reshape(ids, [tf.shape(ids)[0], -1])
    if factors is not None:
        factors = tf.sparse_reshape(factors, [tf.shape(factors)[0], -1])
    return tf.nn.safe_embedding_lookup_sparse(weights, ids, sparse_weights=factors, combiner="sum")


def _collections(given: Any) -> list[str]:
    return list(dict.fromkeys([*(given or []), tf.GraphKeys.GLOBAL_VARIABLES, tf.GraphKeys.MODEL_VARIABLES]))
