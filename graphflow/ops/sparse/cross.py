"""Crosses: each row's combinations of one value of each of several columns, as texts or as numbers of buckets.

Columns are sparse or dense matrices with as many rows; the last column changes fastest. A combination is its values joined by "_X_", or
the hash of their fingerprints, begun with a key.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import dtypes
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, int64
from ...core.export import export
from ...core.make import make
from ...core.op import Spec, one_of, require
from ...core.outcomes import Several
from ...core.values import SparseTensor, SparseTensorValue
from ...kernels.contract import Namespace
from ...kernels.farmhash import WORD
from ...kernels.hashes import fingerprints64
from .. import functions as F
from .base import as_sparse
from .checked import check_parts

_KEY = 0xDECAFCAFFE
_MULTIPLIER = np.uint64(0xC6A4A7935BD1E995)
_SHIFT = np.uint64(47)
_KINDS = one_of((int64, dtypes.string))


class SparseCross(Several, sig="indices: int64*N, values: [sparse_types], shapes: int64*N, dense_inputs: [dense_types] -> "
                               "output_indices: int64, output_values: out_type, output_shape: int64"):
    """The combinations of each row, in the order of the columns, sparse ones first. With internal_type int64 texts are their hashes."""
    host = True         # how many there are depends on the values
    differentiable = False
    least = {"N": 0, "num_buckets": 0}
    N: int
    hashed_output: bool
    num_buckets: int
    hash_key: int
    sparse_types: list[DType]
    dense_types: list[DType]
    out_type: DType = _KINDS
    internal_type: DType = _KINDS

    def infer(self, *inputs: Spec) -> Any:
        for spec in inputs[:self.N]:
            require(spec.shape is None or len(spec.shape) == 2, "Input indices should be a matrix")
        for spec in inputs[3 * self.N:]:
            require(spec.shape is None or len(spec.shape) == 2, "Dense inputs should be a matrix")
        return Spec(int64, (None, 2)), Spec(self.out_type, (None,)), Spec(int64, (2,))

    def check(self, *inputs: Spec) -> None:
        n = self.N
        for part in zip(inputs[:n], inputs[n:2 * n], inputs[2 * n:3 * n]):
            check_parts(*part)

    def kernel(self, xp: Namespace, *inputs: Any) -> Any:
        n = self.N
        rows = [int(size[0]) for size in inputs[2 * n:3 * n]] + [dense.shape[0] for dense in inputs[3 * n:]]
        if len(set(rows)) != 1:
            raise ValueError(f"Expected all inputs to have the same number of rows, got {rows}")
        batch = rows[0]
        columns = [(_as(self.internal_type, values), np.bincount(where[:, 0], minlength=batch))
                   for where, values in zip(inputs[:n], inputs[n:2 * n])]
        columns += [(_as(self.internal_type, dense.reshape(-1)), np.full(batch, dense.shape[1])) for dense in inputs[3 * n:]]
        total = np.prod([counts for _, counts in columns], axis=0, dtype=np.int64)
        row = np.repeat(np.arange(batch), total)
        place = np.arange(len(row)) - np.repeat(np.cumsum(total) - total, total)      # of a combination in its row
        left, chosen = place, []
        for values, counts in reversed(columns):
            left, which = np.divmod(left, np.maximum(counts, 1)[row])
            chosen.append(values[(np.cumsum(counts) - counts)[row] + which])
        found = self._combined(chosen[::-1])
        return np.stack([row, place], 1).astype(np.int64), found, np.array([batch, max(total, default=0)], np.int64)

    def _combined(self, parts: list[Any]) -> Any:
        """One value for each combination, of the values in the order of the columns."""
        if not self.hashed_output:
            return np.array([b"_X_".join(texts) for texts in zip(*parts)], object)
        key = np.full(len(parts[0]), self.hash_key & WORD, np.uint64)
        for part in parts:
            key = _joined(key, part.view(np.uint64))
        return (key % np.uint64(self.num_buckets or 2**63 - 1)).astype(np.int64)


def _as(internal: DType, values: Any) -> Any:
    """Values of a column as texts, or as numbers: texts by their fingerprints."""
    texts = values.dtype.kind == "O"
    if internal is int64:
        return fingerprints64(values).view(np.int64) if texts else values.astype(np.int64)
    return values if texts else np.array([str(v).encode() for v in values.tolist()], object)


def _joined(first: Any, second: Any) -> Any:
    """FingerprintCat64: one 64-bit hash of two."""
    mixed = second * _MULTIPLIER
    found = (first ^ _MULTIPLIER ^ (mixed ^ (mixed >> _SHIFT)) * _MULTIPLIER) * _MULTIPLIER
    found = (found ^ (found >> _SHIFT)) * _MULTIPLIER
    return found ^ (found >> _SHIFT)


def _cross(inputs: Any, hashed: bool, num_buckets: int, hash_key: int | None, name: str | None) -> SparseTensor:
    if not isinstance(inputs, (list, tuple)):
        raise TypeError("Inputs must be a list")
    given = [as_sparse(x) if isinstance(x, (SparseTensor, SparseTensorValue)) else convert_to_tensor(x) for x in inputs]
    sparse = [x for x in given if isinstance(x, SparseTensor)]
    dense = [x for x in given if not isinstance(x, SparseTensor)]
    values = [x.values if x.values.dtype == dtypes.string else F.cast(x.values, int64) for x in sparse]
    dense = [x if x.dtype == dtypes.string else F.cast(x, int64) for x in dense]
    kind = int64 if hashed else dtypes.string
    made = make(SparseCross, [x.indices for x in sparse], values, [x.dense_shape for x in sparse], dense, name=name, hashed_output=hashed,
                num_buckets=num_buckets, hash_key=_KEY if hash_key is None else hash_key, out_type=kind, internal_type=kind)
    return SparseTensor(*made)


@export("sparse.cross")
def sparse_cross(inputs: Any, name: str | None = None) -> SparseTensor:
    """All combinations of each row's values, one of each input, joined by "_X_": strings, sparse, [batch, combinations].

    inputs: list of tensors or SparseTensors of integers or strings, [batch, values]; sparse ones come first in a combination. TypeError
    where that is no list.
    """
    return _cross(inputs, False, 0, 0, name)


@export("sparse.cross_hashed")
def sparse_cross_hashed(inputs: Any, num_buckets: int = 0, hash_key: int | None = None, name: str | None = None) -> SparseTensor:
    """As tf.sparse.cross, with a number in [0, num_buckets) for each combination (0: below 2**63 - 1); the same in every program."""
    return _cross(inputs, True, num_buckets, hash_key, name)
