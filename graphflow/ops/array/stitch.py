"""Merging pieces by index, set difference of two lists, inverse permutations."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core.dtypes import DType, as_dtype, int32, int64
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of
from ...core.tensor import Tensor
from . import indexing


class DynamicStitch(Op, sig="indices: int32*N, data: T*N -> merged: T"):
    """merged[indices[m][i]] = data[m][i]; later pieces win."""
    N: int
    T: DType

    def infer(self, *specs: Any) -> Spec:
        indices, data = specs[:self.N], specs[self.N:]
        rest = None
        for i, d in zip(indices, data):
            if i.shape is not None and d.shape is not None:
                rest = d.shape[len(i.shape):]
        return Spec(self.T, None if rest is None else (None, *rest))

    def kernel(self, xp: Any, *values: Any) -> Any:
        indices, data = [np.asarray(v) for v in values[:self.N]], [np.asarray(v) for v in values[self.N:]]
        rest = data[0].shape[indices[0].ndim:]
        count = max([int(i.max()) + 1 for i in indices if i.size] or [0])
        out = np.zeros((count, *rest), self.T.np)
        for i, d in zip(indices, data):
            out[i.ravel()] = d.reshape(-1, *rest)
        return out

    def grad(self, op: Any, dy: Any) -> Any:
        return (*[None] * self.N, *[indexing.gather(dy, i) for i in op.inputs[:self.N]])


@export("dynamic_stitch")
def dynamic_stitch(indices: Any, data: Any, name: str | None = None) -> Any:
    """Interleaves the slices of `data` (a list of tensors) by `indices`: merged[indices[m][i, ...], ...] = data[m][i, ..., ...]."""
    return make(DynamicStitch, indices, data, name=name)


class ListDiff(Op, sig="x: T, y: T -> out: T, idx: out_idx", host=True):
    """The elements of x that y lacks, and where they stood."""
    T: DType
    out_idx: DType = one_of((int32, int64), default=int32)

    def infer(self, x: Spec, y: Spec) -> Any:
        return Spec(self.T, (None,)), Spec(self.out_idx, (None,))

    def kernel(self, xp: Any, x: Any, y: Any) -> Any:
        known = set(np.ravel(y).tolist())
        kept = [i for i, v in enumerate(np.ravel(x).tolist()) if v not in known]
        return np.ravel(x)[kept], np.array(kept, self.out_idx.np)

    def grad(self, op: Any, *dy: Any) -> Any:
        return None, None


def list_diff(x: Any, y: Any, out_idx: Any = int32, name: str | None = None) -> Any:
    """[out, idx]: the elements of x that are not in y, and their positions."""
    return make(ListDiff, x, y, name=name, out_idx=as_dtype(out_idx))


class InvertPermutation(Op, sig="x: T -> y: T"):
    """y[x[i]] = i."""
    T: DType = one_of((int32, int64), default=int32)

    def infer(self, x: Spec) -> Spec:
        return Spec(self.T, x.shape)

    def kernel(self, xp: Any, x: Any) -> Any:
        out = np.empty_like(np.asarray(x))
        out[x] = np.arange(out.size, dtype=out.dtype)
        return out

    def grad(self, op: Any, dy: Any) -> Any:
        return (None,)


@export("invert_permutation", "math.invert_permutation")
def invert_permutation(x: Any, name: str | None = None) -> Tensor:
    """The inverse of a permutation of 0 ... n-1: y[x[i]] = i."""
    return make(InvertPermutation, x, name=name)  # type: ignore[no-any-return]
