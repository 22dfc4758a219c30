"""Strings put together: elementwise, along axes, over segments."""
from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from ...core import context, shapes
from ...core.constant import constant_op
from ...core.convert import convert_to_tensor
from ...core.deprecation import warn_once
from ...core.dtypes import DType, int32, int64, string
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, require
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from ...kernels.ordering import stable_order
from .base import strings


class StringJoin(Op, sig="inputs: string*N -> output: string", host=True):
    """Strings put together elementwise, scalars beside arrays."""
    N: int
    separator: str = ""

    def infer(self, *inputs: Spec) -> Spec:
        shape: shapes.Shape = ()
        for one in inputs:
            if one.shape is None:
                return Spec(string, None)
            shape = shapes.merge(shape, one.shape) if shape and one.shape else shape or one.shape
        return Spec(string, shape)

    def kernel(self, xp: Namespace, *inputs: Any) -> Any:
        arrays = [np.asarray(x, object) for x in inputs]
        whole = next((x.shape for x in arrays if x.shape), ())
        if any(x.shape not in ((), whole) for x in arrays):
            raise ValueError(f"Input shapes do not match: {[list(x.shape) for x in arrays]}")
        between = self.separator.encode()
        rows = zip(*[np.broadcast_to(x, whole).ravel().tolist() for x in arrays])
        return strings([between.join(row) for row in rows], whole)

    def grad(self, op: Operation, dy: Any) -> Any:
        return (None,) * self.N


@export("string_join", "strings.join")
def string_join(inputs: Any, separator: str = "", name: str | None = None) -> Tensor:
    """The strings of several tensors joined elementwise with a separator; scalars go with every element."""
    return make(StringJoin, list(inputs), name=name, separator=separator)


class ReduceJoin(Op, sig="inputs: string, reduction_indices: int32 -> output: string", static=("reduction_indices",), host=True):
    """Strings joined along axes."""
    keep_dims: bool = False
    separator: str = ""

    def infer(self, x: Any, axes: Any) -> Spec:
        if x.shape is None or axes.value is None:
            return Spec(string, None)
        rank = len(x.shape)
        for a in np.ravel(axes.value):
            require(-rank <= a < rank, f"Invalid reduction dimension {int(a)}, for input with {rank} dimensions.")
        gone = {int(a) % rank for a in np.ravel(axes.value)}
        if self.keep_dims:
            return Spec(string, tuple(1 if i in gone else d for i, d in enumerate(x.shape)))
        return Spec(string, tuple(d for i, d in enumerate(x.shape) if i not in gone))

    def kernel(self, xp: Namespace, x: Any, axes: Any) -> Any:
        x = np.asarray(x, object)
        order = [int(a) % x.ndim for a in np.ravel(axes)][::-1]  # the first axis listed is joined first
        kept = [i for i in range(x.ndim) if i not in order]
        moved = np.transpose(x, kept + order).reshape([x.shape[i] for i in kept] + [-1])
        rows = moved.reshape(-1, moved.shape[-1])
        found = strings([self.separator.encode().join(row) for row in rows.tolist()], moved.shape[:-1])
        return found.reshape([1 if i in order else d for i, d in enumerate(x.shape)]) if self.keep_dims else found

    def grad(self, op: Operation, dy: Any) -> Any:
        return None, None


@export("reduce_join", "strings.reduce_join")
def reduce_join(inputs: Any, axis: Any = None, keep_dims: Any = None, separator: str = "", name: str | None = None,
                reduction_indices: Any = None, keepdims: Any = None) -> Tensor:
    """The strings joined along `axis` (a list of axes joins in that order; None: all of them, the last axis first)."""
    if reduction_indices is not None:
        warn_once("reduce_join: 'reduction_indices' is an old name, use 'axis'")
        axis = reduction_indices
    keep = bool(keepdims if keepdims is not None else keep_dims)
    with context.default_graph().name_scope(name or "ReduceJoin"):
        inputs = convert_to_tensor(inputs, string)
        if axis is None:
            if inputs.static is None:
                raise ValueError("reduce_join needs axis for an input of unknown rank")
            axis = constant_op(np.arange(len(inputs.static) - 1, -1, -1, dtype=np.int32))
        return make(ReduceJoin, inputs, axis, keep_dims=keep, separator=separator)


class UnsortedSegmentJoin(Op, sig="inputs: string, segment_ids: Tindices, num_segments: Tnumsegments -> output: string",
                          static={"num_segments": 0}, host=True):
    """Strings of equal segment number joined."""
    separator: str = ""
    Tindices: DType = one_of(int32, int64)
    Tnumsegments: DType = one_of(int32, int64, default=int32)

    def infer(self, x: Any, ids: Any, count: Any) -> Spec:
        if x.shape is None or ids.shape is None:
            return Spec(string, None)
        return Spec(string, (None if count.value is None else int(count.value), *x.shape[len(ids.shape):]))

    def kernel(self, xp: Namespace, x: Any, ids: Any, count: Any) -> Any:
        x, ids, total = np.asarray(x, object), np.asarray(ids), int(count)
        tail = x.shape[ids.ndim:]
        if (ids >= total).any():
            raise ValueError(f"segment_ids = {int(ids[ids >= total].flat[0])} is not in [0, {total})")
        width = int(np.prod(tail, dtype=np.int64))
        kept = np.flatnonzero(ids.ravel() >= 0)
        places = (ids.ravel()[kept, None] * width + np.arange(width)).reshape(-1)       # each string's among all results
        texts = x.reshape(ids.size, width)[kept].reshape(-1)[stable_order(places, total * width)].tolist()
        ends = np.cumsum(np.bincount(places, minlength=total * width)).tolist()
        mark = self.separator.encode()
        return strings([mark.join(texts[low:high]) for low, high in pairwise([0, *ends])], (total, *tail))

    def grad(self, op: Operation, dy: Any) -> Any:
        return None, None, None


@export("strings.unsorted_segment_join")
def unsorted_segment_join(inputs: Any, segment_ids: Any, num_segments: Any, separator: str = "", name: str | None = None) -> Tensor:
    """The strings of each segment joined with a separator, in order."""
    return make(UnsortedSegmentJoin, inputs, segment_ids, num_segments, name=name, separator=separator)
