"""Columns of crosses: the combinations of the values of several features, in buckets by their hashes."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import graphflow as tf

from ..core.export import export
from .base import CategoricalColumn, Features
from .categorical import HashedCategoricalColumn


class _Crossed(NamedTuple):
    keys: tuple[Any, ...]
    hash_bucket_size: int
    hash_key: int | None


class CrossedColumn(_Crossed, CategoricalColumn):
    """Made by crossed_column."""
    __slots__ = ()

    num_buckets = property(lambda self: self.hash_bucket_size)
    parents = property(lambda self: list(self.keys))

    @property
    def name(self) -> str:
        """The names of what is crossed, sorted, joined by _X_."""
        return "_X_".join(sorted(leaf if isinstance(leaf, str) else leaf.name for leaf in _leaves(self)))

    @property
    def parse_example_spec(self) -> dict[str, Any]:
        """That of all columns, strings for the features that stand by their names."""
        spec: dict[str, Any] = {}
        for key in self.keys:
            spec.update({key: tf.VarLenFeature(tf.string)} if isinstance(key, str) else key.parse_example_spec)
        return spec

    def transformed(self, features: Features) -> Any:
        """Sparse numbers of buckets."""
        tensors = []
        for leaf in _leaves(self):
            if isinstance(leaf, str):
                tensors.append(features.get(leaf))
                continue
            ids, weights = leaf.ids(features)
            if weights is not None:
                raise ValueError(f"crossed_column does not support weights, and the column {leaf.name!r} has some: cross the column that "
                                 "it weighs")
            tensors.append(ids)
        return tf.sparse.cross_hashed(tensors, self.hash_bucket_size, self.hash_key)


def _leaves(column: CrossedColumn) -> Iterator[Any]:
    """Features' names and categorical columns, those of crossed columns within included."""
    for key in column.keys:
        if isinstance(key, CrossedColumn):
            yield from _leaves(key)
        else:
            yield key


@export("feature_column.crossed_column")
def crossed_column(keys: Any, hash_bucket_size: int, hash_key: int | None = None) -> CrossedColumn:
    """Combinations of one value of each of `keys`: names of features of strings or integers, or categorical columns.

    Each is in one of hash_bucket_size buckets by its hash, begun with hash_key. ValueError for less than two keys, or a column by hash.
    """
    if not hash_bucket_size or hash_bucket_size < 1:
        raise ValueError(f"hash_bucket_size must be > 1. hash_bucket_size: {hash_bucket_size}")
    if not keys or len(keys) < 2:
        raise ValueError(f"keys must be a list of length > 1, given: {keys}")
    for key in keys:
        if not isinstance(key, (str, CategoricalColumn)):
            raise ValueError(f"Unsupported key type: {key} is neither the name of a feature nor a categorical column.")
        if isinstance(key, HashedCategoricalColumn):
            raise ValueError("categorical_column_with_hash_bucket is not supported for crossing, which hashes itself: give the name of its "
                             f"feature, {key.key!r}, in its place.")
    return CrossedColumn(tuple(keys), hash_bucket_size, hash_key)
