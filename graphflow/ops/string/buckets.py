"""Strings hashed into buckets."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core.dtypes import int64
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, require
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from ...kernels.hashes import fingerprints64, murmurs64, siphashes


class StringToHashBucketFast(Op, sig="input: string -> output: int64", host=True):
    """FarmHash's fingerprint modulo the number of buckets."""
    least = {"num_buckets": 1}
    num_buckets: int

    def infer(self, x: Spec) -> Spec:
        require(self.num_buckets >= 1, f"num_buckets must be at least 1, got {self.num_buckets}")
        return Spec(int64, x.shape)

    def kernel(self, xp: Namespace, x: Any) -> Any:
        hashes = self.hashes(np.asarray(x, object))
        return (hashes - hashes // np.uint64(self.num_buckets) * np.uint64(self.num_buckets)).view(np.int64)   # a third of the time of %

    def hashes(self, texts: np.ndarray) -> np.ndarray:
        """The 64-bit hashes."""
        return fingerprints64(texts)

    def grad(self, op: Operation, dy: Any) -> Any:
        return (None,)


class StringToHashBucket(StringToHashBucketFast, sig="string_tensor: string -> output: int64", host=True):
    """MurmurHash64A modulo the number of buckets."""
    least = {"num_buckets": 1}

    def hashes(self, texts: np.ndarray) -> np.ndarray:
        return murmurs64(texts)


class StringToHashBucketStrong(StringToHashBucketFast, sig="input: string -> output: int64", host=True):
    """SipHash under a key modulo the number of buckets."""
    least = {"num_buckets": 1}
    num_buckets: int
    key: list[int]

    def check(self, x: Spec) -> None:
        require(len(self.key) == 2, f"Key must have 2 elements, got {len(self.key)}")

    def hashes(self, texts: np.ndarray) -> np.ndarray:
        return siphashes(texts, (self.key[0], self.key[1]))


@export("string_to_hash_bucket_fast", "strings.to_hash_bucket_fast")
def string_to_hash_bucket_fast(input: Any, num_buckets: int, name: str | None = None) -> Tensor:
    """A number in [0, num_buckets) for each string, by FarmHash; the same in every program and version."""
    return make(StringToHashBucketFast, input, name=name, num_buckets=num_buckets)


@export("string_to_hash_bucket", "strings.to_hash_bucket")
def string_to_hash_bucket(string_tensor: Any = None, num_buckets: Any = None, name: str | None = None, input: Any = None) -> Tensor:
    """A number in [0, num_buckets) for each string, by MurmurHash64A."""
    return make(StringToHashBucket, string_tensor if input is None else input, name=name,
                num_buckets=num_buckets)


@export("string_to_hash_bucket_strong", "strings.to_hash_bucket_strong")
def string_to_hash_bucket_strong(input: Any, num_buckets: int, key: Any, name: str | None = None) -> Tensor:
    """A number in [0, num_buckets) for each string, by SipHash under a key of two integers."""
    return make(StringToHashBucketStrong, input, name=name, num_buckets=num_buckets, key=tuple(key))
