"""Columns of categories: by identity, by a vocabulary in a list or file, by hash; and categories with weights."""
from __future__ import annotations

from typing import Any, NamedTuple

import graphflow as tf

from ..core.export import export
from ..data.vocabulary import index_table_from_file, index_table_from_tensor
from .base import CategoricalColumn, Features, IdsAndWeights, key_is_string, string_or_int, to_sparse


class _Keyed(CategoricalColumn):
    """A column of the categories of one feature."""
    __slots__ = ()
    key: Any
    dtype: Any

    name = property(lambda self: self.key)
    parents = property(lambda self: [self.key])
    parse_example_spec = property(lambda self: {self.key: tf.VarLenFeature(self.dtype)})

    def transformed(self, features: Features) -> Any:
        """A SparseTensor of the categories' numbers."""
        return self.numbered(to_sparse(features.get(self.key)))

    def numbered(self, values: Any) -> Any:
        """A SparseTensor of numbers from one of values."""
        raise NotImplementedError

    def _same_kind(self, values: Any) -> None:
        """ValueError where one of column and feature is for integers and the other is not."""
        if self.dtype.is_integer != values.dtype.is_integer:
            raise ValueError(f"Column dtype and SparseTensors dtype must be compatible: the column {self.key!r} is of {self.dtype.name}, "
                             f"and its feature of {values.dtype.name}")
        string_or_int(values.dtype, f"column_name: {self.key} input_tensor")


class _Identity(NamedTuple):
    key: str
    number_buckets: int
    default_value: int | None


class IdentityCategoricalColumn(_Identity, _Keyed):
    """Made by categorical_column_with_identity."""
    __slots__ = ()

    dtype = property(lambda self: tf.int64)
    num_buckets = property(lambda self: self.number_buckets)

    def numbered(self, values: Any) -> Any:
        """The values themselves, in range."""
        if not values.dtype.is_integer:
            raise ValueError(f"Invalid input, not integer. key: {self.key} dtype: {values.dtype}")
        numbers = values.values
        if numbers.dtype != tf.int64:
            numbers = tf.cast(numbers, tf.int64, name="values")
        count = tf.cast(self.number_buckets, tf.int64, name="num_buckets")
        zero = tf.cast(0, tf.int64, name="zero")
        if self.default_value is None:
            with tf.control_dependencies([
                    tf.debugging.assert_less(numbers, count, data=(numbers, count), name="assert_less_than_num_buckets"),
                    tf.debugging.assert_greater_equal(numbers, zero, data=(numbers,), name="assert_greater_or_equal_0")]):
                numbers = tf.identity(numbers)
        else:
            outside = tf.logical_or(numbers < zero, numbers >= count, name="out_of_range")
            defaults = tf.fill(tf.shape(numbers), tf.cast(self.default_value, tf.int64), name="default_values")
            numbers = tf.where(outside, defaults, numbers)
        return tf.SparseTensor(values.indices, numbers, values.dense_shape)


@export("feature_column.categorical_column_with_identity")
def categorical_column_with_identity(key: str, num_buckets: int, default_value: int | None = None) -> IdentityCategoricalColumn:
    """Categories that are integers in [0, num_buckets); others become default_value, or a run with them fails where that is None."""
    if num_buckets < 1:
        raise ValueError(f"num_buckets {num_buckets} < 1, column_name {key}")
    if default_value is not None and not 0 <= default_value < num_buckets:
        raise ValueError(f"default_value {default_value} not in range [0, {num_buckets}), column_name {key}")
    key_is_string(key)
    return IdentityCategoricalColumn(key, num_buckets, default_value)


class _Hashed(NamedTuple):
    key: str
    hash_bucket_size: int
    dtype: Any


class HashedCategoricalColumn(_Hashed, _Keyed):
    """Made by categorical_column_with_hash_bucket."""
    __slots__ = ()

    num_buckets = property(lambda self: self.hash_bucket_size)

    def numbered(self, values: Any) -> Any:
        """The bucket of each value's hash."""
        self._same_kind(values)
        texts = values.values if self.dtype == tf.string else tf.as_string(values.values)
        return tf.SparseTensor(values.indices, tf.string_to_hash_bucket_fast(texts, self.hash_bucket_size, name="lookup"),
                               values.dense_shape)


@export("feature_column.categorical_column_with_hash_bucket")
def categorical_column_with_hash_bucket(key: str, hash_bucket_size: int, dtype: Any = tf.string) -> HashedCategoricalColumn:
    """Categories that are strings or integers, each in one of hash_bucket_size buckets by its hash."""
    if hash_bucket_size is None:
        raise ValueError(f"hash_bucket_size must be set. key: {key}")
    if hash_bucket_size < 1:
        raise ValueError(f"hash_bucket_size must be at least 1. hash_bucket_size: {hash_bucket_size}, key: {key}")
    key_is_string(key)
    dtype = tf.as_dtype(dtype)
    string_or_int(dtype, f"column_name: {key}")
    return HashedCategoricalColumn(key, hash_bucket_size, dtype)


class _VocabularyList(NamedTuple):
    key: str
    vocabulary_list: tuple[Any, ...]
    dtype: Any
    default_value: int
    num_oov_buckets: int


class VocabularyListCategoricalColumn(_VocabularyList, _Keyed):
    """Made by categorical_column_with_vocabulary_list."""
    __slots__ = ()

    num_buckets = property(lambda self: len(self.vocabulary_list) + self.num_oov_buckets)

    def numbered(self, values: Any) -> Any:
        """The place of each value in the list."""
        self._same_kind(values)
        dtype = self.dtype
        if values.dtype.is_integer:     # the table's keys are int64
            dtype, values = tf.int64, tf.cast(values, tf.int64)
        return index_table_from_tensor(self.vocabulary_list, num_oov_buckets=self.num_oov_buckets, default_value=self.default_value,
                                       dtype=dtype, name=f"{self.key}_lookup").lookup(values)


@export("feature_column.categorical_column_with_vocabulary_list")
def categorical_column_with_vocabulary_list(key: str, vocabulary_list: Any, dtype: Any = None, default_value: int = -1,
                                            num_oov_buckets: int = 0) -> VocabularyListCategoricalColumn:
    """Categories that are strings or integers, numbered by their places in vocabulary_list.

    Others get default_value (-1: they are left out), or one of num_oov_buckets further numbers by their hashes; ValueError for both.
    """
    if vocabulary_list is None or len(vocabulary_list) < 1:
        raise ValueError(f"vocabulary_list {vocabulary_list} must be non-empty, column_name: {key}")
    if len(set(vocabulary_list)) != len(vocabulary_list):
        raise ValueError(f"Duplicate keys in vocabulary_list {vocabulary_list}, column_name: {key}")
    found = tf.convert_to_tensor(list(vocabulary_list)).dtype if dtype is None else tf.as_dtype(dtype)
    found = tf.int64 if dtype is None and found.is_integer else found
    _check_unknown(num_oov_buckets, default_value != -1, default_value, key)
    string_or_int(found, f"column_name: {key}")
    if found.is_integer != all(hasattr(item, "__index__") for item in vocabulary_list):
        raise ValueError(f"dtype {found} and vocabulary dtype do not match, column_name: {key}")
    key_is_string(key)
    return VocabularyListCategoricalColumn(key, tuple(vocabulary_list), found, default_value, num_oov_buckets)


def _check_unknown(buckets: int, has_default: bool, default_value: Any, key: str) -> None:
    if not buckets:
        return
    if has_default:
        raise ValueError(f"Can't specify both num_oov_buckets and default_value in {key}.")
    if buckets < 0:
        raise ValueError(f"Invalid num_oov_buckets {buckets} in {key}.")


class _VocabularyFile(NamedTuple):
    key: str
    vocabulary_file: str
    vocabulary_size: int
    num_oov_buckets: int
    dtype: Any
    default_value: int


class VocabularyFileCategoricalColumn(_VocabularyFile, _Keyed):
    """Made by categorical_column_with_vocabulary_file."""
    __slots__ = ()

    num_buckets = property(lambda self: self.vocabulary_size + self.num_oov_buckets)

    def numbered(self, values: Any) -> Any:
        """The line of each value."""
        self._same_kind(values)
        dtype = self.dtype
        if values.dtype.is_integer:
            dtype, values = tf.int64, tf.cast(values, tf.int64)
        return index_table_from_file(self.vocabulary_file, num_oov_buckets=self.num_oov_buckets, vocab_size=self.vocabulary_size,
                                     default_value=self.default_value, key_dtype=dtype, name=f"{self.key}_lookup").lookup(values)


@export("feature_column.categorical_column_with_vocabulary_file")
def categorical_column_with_vocabulary_file(key: str, vocabulary_file: Any, vocabulary_size: int | None = None, num_oov_buckets: int = 0,
                                            default_value: int | None = None, dtype: Any = tf.string) -> VocabularyFileCategoricalColumn:
    """As categorical_column_with_vocabulary_list, the values being the first vocabulary_size lines of a file (None: all of them)."""
    if not vocabulary_file:
        raise ValueError(f"Missing vocabulary_file in {key}.")
    if vocabulary_size is None:
        if not tf.gfile.Exists(vocabulary_file):
            raise ValueError(f"vocabulary_file in {key} does not exist.")
        with tf.gfile.GFile(vocabulary_file) as lines:
            vocabulary_size = sum(1 for _ in lines)
        tf.logging.info("The vocabulary of %s has %d words, the lines of %s.", key, vocabulary_size, vocabulary_file)
    if vocabulary_size < 1:
        raise ValueError(f"Invalid vocabulary_size in {key}.")
    _check_unknown(num_oov_buckets, default_value is not None, default_value, key)
    dtype = tf.as_dtype(dtype)
    string_or_int(dtype, f"column_name: {key}")
    key_is_string(key)
    return VocabularyFileCategoricalColumn(key, vocabulary_file, vocabulary_size, num_oov_buckets, dtype,
                                           -1 if default_value is None else default_value)


class _Weighted(NamedTuple):
    categorical_column: Any
    weight_feature_key: str
    dtype: Any


class WeightedCategoricalColumn(_Weighted, CategoricalColumn):
    """Made by weighted_categorical_column."""
    __slots__ = ()

    name = property(lambda self: f"{self.categorical_column.name}_weighted_by_{self.weight_feature_key}")
    parents = property(lambda self: [self.categorical_column, self.weight_feature_key])
    num_buckets = property(lambda self: self.categorical_column.num_buckets)

    @property
    def parse_example_spec(self) -> dict[str, Any]:
        """That of the categories, with the weights."""
        spec = self.categorical_column.parse_example_spec
        if self.weight_feature_key in spec:
            raise ValueError(f"Parse config {spec[self.weight_feature_key]} already exists for {self.weight_feature_key}.")
        return {**spec, self.weight_feature_key: tf.VarLenFeature(self.dtype)}

    def transformed(self, features: Features) -> Any:
        """(sparse categories, sparse weights)."""
        weights = tf.convert_to_tensor_or_sparse_tensor(features.get(self.weight_feature_key))
        if self.dtype != weights.dtype.base_dtype:
            raise ValueError(f"Bad dtype, expected {self.dtype}, but got {weights.dtype}.")
        if not isinstance(weights, tf.SparseTensor):
            weights = to_sparse(weights, 0.0)       # a category whose weight is 0 has no part
        if not weights.dtype.is_floating:
            weights = tf.cast(weights, tf.float32)
        return features.get(self.categorical_column), weights

    def ids(self, features: Features) -> IdsAndWeights:
        """The categories with their weights."""
        return IdsAndWeights(*features.get(self))


@export("feature_column.weighted_categorical_column")
def weighted_categorical_column(categorical_column: Any, weight_feature_key: Any, dtype: Any = tf.float32) -> WeightedCategoricalColumn:
    """Categories with weights: those of another feature of the same places. ValueError for a dtype that is no number."""
    dtype = tf.float32 if dtype is None else tf.as_dtype(dtype)
    if not (dtype.is_integer or dtype.is_floating):
        raise ValueError(f"dtype {dtype} is not convertible to float.")
    return WeightedCategoricalColumn(categorical_column, weight_feature_key, dtype)
