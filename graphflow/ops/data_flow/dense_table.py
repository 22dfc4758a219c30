"""The table behind MutableDenseHashTable: buckets in an array, laid out as TensorFlow does, since `export` and checkpoints hold them all.

A key's first bucket is its hash; while buckets are taken, the next is 1, 2, 3, ... further. Keys that were taken out leave `deleted_key`
behind. Empty buckets hold `empty_key`. The dict of the base class finds keys; buckets matter only to those that come and go.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core.dtypes import string
from ...core.errors import InvalidArgumentError
from ...kernels.hashes import murmur64
from .table_resource import TableResource, _shown

_WORD = (1 << 64) - 1


class DenseResource(TableResource):
    """A table whose keys may be vectors, of the shape of `empty_key`."""

    def __init__(self, op_def: Any, empty_key: np.ndarray, deleted_key: np.ndarray | None):
        super().__init__(op_def)
        self.key_shape = empty_key.shape
        if len(self.key_shape) > 1:
            raise InvalidArgumentError(None, None, f"Empty key must be a scalar or a vector, got shape {_shown(empty_key.shape)}")
        if deleted_key is not None and deleted_key.shape != empty_key.shape:
            raise InvalidArgumentError(None, None, f"Deleted key must have same shape as empty key: got {_shown(deleted_key.shape)} and "
                                                   f"{_shown(empty_key.shape)}")
        self.empty = self.listed(empty_key)[0]
        self.deleted = self.empty if deleted_key is None else self.listed(deleted_key)[0]
        if deleted_key is not None and self.deleted == self.empty:
            raise InvalidArgumentError(None, None, "Empty and deleted keys cannot be equal")
        count = op_def.initial_num_buckets
        if count < 4 or count & (count - 1):
            raise InvalidArgumentError(None, None, f"Number of buckets must be at least 4 and a power of 2, got: {count}")
        self.count = count
        self.place: dict[Any, int] = {}             # key -> its bucket
        self.left: dict[int, Any] = {}              # bucket of a key that was taken out -> the value that stays there
        self.taken: set[int] = set()

    def find(self, keys: Any, default: Any) -> np.ndarray:
        self.check(self.listed(keys))
        return super().find(keys, default)

    def insert(self, keys: Any, values: Any) -> None:
        rows = list(self.checked(keys, values))
        self.check([key for key, _ in rows])
        with self.lock:
            self.make_room(len(rows))
            for key, value in rows:
                if key not in self.held:
                    self.put(key)
                self.held[key] = value

    def remove(self, keys: Any) -> None:
        wanted = self.listed(keys)
        self.check(wanted)
        with self.lock:
            for key in wanted:
                if key in self.held:
                    bucket = self.place.pop(key)
                    self.taken.discard(bucket)
                    self.left[bucket] = self.held.pop(key)

    def initialize(self, keys: Any, values: Any) -> None:
        """Takes buckets as `export` gives them."""
        if not len(keys) or len(keys) & (len(keys) - 1):
            raise InvalidArgumentError(None, None, f"Number of buckets must be a power of 2, got: {len(keys)}")
        pairs = list(zip(self.listed(keys), self.rows(values)))
        with self.lock:
            self.count = len(pairs)
            self.held = {key: value for key, value in pairs if key not in (self.empty, self.deleted)}
            self.place = {key: i for i, (key, _) in enumerate(pairs) if key in self.held}
            self.left = {i: value for i, (key, value) in enumerate(pairs) if key == self.deleted != self.empty}
            self.taken = set(self.place.values())

    def export(self) -> tuple[np.ndarray, np.ndarray]:
        with self.lock:
            keys = np.empty((self.count, *(self.key_shape or (1,))), self.key_dtype.np)
            keys[:] = self.empty
            values = np.zeros((self.count, *(self.value_shape or (1,))), self.value_dtype.np)
            if self.value_dtype is string:
                values[...] = b""
            for bucket, value in self.left.items():
                keys[bucket], values[bucket] = self.deleted, value
            for key, bucket in self.place.items():
                keys[bucket], values[bucket] = key, self.held[key]
        return keys, values

    # -- buckets --------------------------------------------------------------------------------------------------------
    def make_room(self, more: int) -> None:
        """Doubles the buckets until they are enough for so many new keys."""
        wanted, count = len(self.held) + more, self.count
        while wanted > count * self.op_def.max_load_factor:
            count *= 2
        if count == self.count:
            return
        before = sorted(self.place, key=self.place.__getitem__)
        self.count = count
        self.place, self.left, self.taken = {}, {}, set()
        for key in before:
            self.put(key)

    def put(self, key: Any) -> None:
        """Gives a new key its bucket."""
        mask = self.count - 1
        bucket, step = _hash(key) & mask, 0
        while bucket in self.taken:
            step += 1
            bucket = (bucket + step) & mask
        self.place[key] = bucket
        self.taken.add(bucket)
        self.left.pop(bucket, None)

    # -- keys that are vectors ------------------------------------------------------------------------------------------
    def prefix(self, keys: Any) -> tuple[int, ...]:
        if not self.key_shape:
            return tuple(keys.shape)
        if keys.shape[-1:] != self.key_shape:
            raise InvalidArgumentError(None, None, f"Expected key shape {_shown(self.key_shape)} got {_shown(keys.shape[-1:])}")
        return tuple(keys.shape[:-1])

    def listed(self, keys: Any) -> list[Any]:
        if not self.key_shape:
            return super().listed(keys)
        self.prefix(keys)
        return list(map(tuple, keys.reshape((-1, *self.key_shape)).tolist()))

    def check(self, keys: list[Any]) -> None:
        """InvalidArgumentError for a key that means an empty bucket or one that was emptied."""
        for kind, key in (("empty", self.empty), ("deleted", self.deleted)):
            if key in keys:
                raise InvalidArgumentError(None, None, f"Using the {kind}_key as a table key is not allowed")


def _hash(key: Any) -> int:
    """TensorFlow's hash of a key: numbers are their own, strings have Murmur's, of vectors the parts are mixed."""
    if isinstance(key, bytes):
        return murmur64(key)
    if isinstance(key, int):
        return key
    found = 0
    for part in key:
        found ^= (_hash(part) + 0x9E3779B97F4A7800 + (found << 10) + (found >> 4)) & _WORD
    return found
