"""Vectors of indices and of distinct values: permutations, unique, set difference, partition and stitch, searchsorted."""
from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from ...core import context, shapes
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, as_dtype, int32, int64
from ...core.export import export
from ...core.known import known_value
from ...core.make import make
from ...core.op import Op, Spec, one_of, require
from ...core.operation import Operation
from ...core.outcomes import Several
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from ...kernels.distinct import entries
from .. import functions as F
from .basic import reshape, shape, shape_internal
from .coordinates import in_range, outside


class InvertPermutation(Op, sig="x: T -> y: T"):
    """The permutation that undoes x: y[x[i]] = i."""
    T: DType = one_of(int32, int64, default=int32)

    def infer(self, x: Spec) -> Spec:
        require(x.shape is None or len(x.shape) == 1, f"Shape must be rank 1 but is rank {len(x.shape or ())}")
        return Spec(self.T, x.shape if x.shape is not None else (None,))

    def kernel(self, xp: Namespace, x: Any) -> Any:
        xp.check(outside(x, x.size), f"{{value}} is not between 0 and {x.size}", x)
        places = xp.scatter_rows(xp.zeros(x.shape, x.dtype), x, np.arange(x.size, dtype=x.dtype), "update", 1)
        xp.check(xp.any(xp.take(places, x, 0) != np.arange(x.size, dtype=x.dtype)), "[{all}] holds an index twice", x)
        return places

    def grad(self, op: Operation, dy: Any) -> Any:
        return (None,)


@export("invert_permutation", "math.invert_permutation")
def invert_permutation(x: Any, name: str | None = None) -> Tensor:
    """The permutation that undoes the permutation x, a vector of 0..n-1."""
    return make(InvertPermutation, x, name=name)


def _distinct(x: Any, index_type: Any, axis: int = 0) -> tuple[Any, Any, Any]:
    """Distinct entries along an axis in order of first appearance, the index of each entry among them, and counts."""
    x = np.asarray(x)
    places, positions = entries(np.moveaxis(x, axis, 0))
    counts = np.bincount(positions, minlength=len(places)).astype(index_type)
    return np.take(x, places, axis), positions.astype(index_type), counts


class Unique(Several, sig="x: T -> y: T, idx: out_idx", host=True):
    """The distinct values of a vector in order of appearance, and where each element is among them."""
    T: DType
    out_idx: DType = one_of(int32, int64, default=int32)

    def infer(self, x: Spec) -> Any:
        require(x.shape is None or len(x.shape) == 1, f"Shape must be rank 1 but is rank {len(x.shape or ())}")
        return Spec(self.T, (None,)), Spec(self.out_idx, x.shape or (None,))

    def kernel(self, xp: Namespace, x: Any) -> Any:
        return _distinct(x, self.out_idx.np)[:2]


class UniqueWithCounts(Several, sig="x: T -> y: T, idx: out_idx, count: out_idx", host=True):
    """As Unique, and how often each value occurs."""
    T: DType
    out_idx: DType = one_of(int32, int64, default=int32)

    def infer(self, x: Spec) -> Any:
        require(x.shape is None or len(x.shape) == 1, f"Shape must be rank 1 but is rank {len(x.shape or ())}")
        return Spec(self.T, (None,)), Spec(self.out_idx, x.shape or (None,)), Spec(self.out_idx, (None,))

    def kernel(self, xp: Namespace, x: Any) -> Any:
        return _distinct(x, self.out_idx.np)


class UniqueV2(Several, sig="x: T, axis: Taxis -> y: T, idx: out_idx", host=True):
    """The distinct slices along an axis (an empty axis vector: of a vector), and where each is among them."""
    T: DType
    Taxis: DType = one_of(int32, int64, default=int64)
    out_idx: DType = one_of(int32, int64, default=int32)

    def infer(self, x: Spec, axis: Spec) -> Any:
        return Spec(self.T, None if x.shape is None else (None,) * len(x.shape)), Spec(self.out_idx, (None,))

    def kernel(self, xp: Namespace, x: Any, axis: Any) -> Any:
        return _distinct(x, self.out_idx.np, int(axis[0]) if len(axis) else 0)[:2]


class UniqueWithCountsV2(UniqueV2, sig="x: T, axis: Taxis -> y: T, idx: out_idx, count: out_idx", host=True):
    """As UniqueV2, and how often each slice occurs."""

    def infer(self, x: Spec, axis: Spec) -> Any:
        return (*super().infer(x, axis), Spec(self.out_idx, (None,)))

    def kernel(self, xp: Namespace, x: Any, axis: Any) -> Any:
        return _distinct(x, self.out_idx.np, int(axis[0]) if len(axis) else 0)


@export("unique")
def unique(x: Any, out_idx: Any = int32, name: str | None = None) -> Any:
    """(y, idx): the distinct values of a vector in order of appearance, and indices with y[idx] = x."""
    return make(Unique, x, name=name, out_idx=as_dtype(out_idx))


@export("unique_with_counts")
def unique_with_counts(x: Any, out_idx: Any = int32, name: str | None = None) -> Any:
    """(y, idx, count): as `tf.unique`, and how often each value occurs."""
    return make(UniqueWithCounts, x, name=name, out_idx=as_dtype(out_idx))


class ListDiff(Several, sig="x: T, y: T -> out: T, idx: out_idx"):
    """The values of x that are not in y, in order, and their positions in x."""
    T: DType
    out_idx: DType = one_of(int32, int64, default=int32)
    host = True         # how many values stay depends on them

    def infer(self, x: Spec, y: Spec) -> Any:
        for one in (x, y):
            require(one.shape is None or len(one.shape) == 1, f"Shape must be rank 1 but is rank {len(one.shape or ())}")
        return Spec(self.T, (None,)), Spec(self.out_idx, (None,))

    def kernel(self, xp: Namespace, x: Any, y: Any) -> Any:
        gone = set(np.asarray(y).tolist())
        kept = np.array([v not in gone for v in np.asarray(x).tolist()], bool)
        return np.asarray(x)[kept], np.flatnonzero(kept).astype(self.out_idx.np)


def list_diff(x: Any, y: Any, out_idx: Any = int32, name: str | None = None) -> Any:
    """The ListDiff node: (values of x not in y, their positions)."""
    return make(ListDiff, x, y, name=name, out_idx=as_dtype(out_idx))


@export("setdiff1d", old=["listdiff", "list_diff"])
def setdiff1d(x: Any, y: Any, index_dtype: Any = int32, name: str | None = None) -> Any:
    """(out, idx): the values of vector x that are not in vector y, in order, and their positions in x."""
    return list_diff(x, y, index_dtype, name)


class DynamicPartition(Several, sig="data: T, partitions: int32 -> outputs: T*num_partitions", host=True):
    """Slices of data sorted into num_partitions arrays by number."""
    least = {"num_partitions": 1}
    num_partitions: int
    T: DType

    def infer(self, data: Spec, partitions: Spec) -> Any:
        if data.shape is None or partitions.shape is None:
            return (Spec(self.T, None),) * self.num_partitions
        depth = len(partitions.shape)
        require(shapes.compatible(data.shape[:depth], partitions.shape),
                f"data.shape must start with partitions.shape: {shapes.describe(data.shape)} vs {shapes.describe(partitions.shape)}")
        return (Spec(self.T, (None, *data.shape[depth:])),) * self.num_partitions

    def kernel(self, xp: Namespace, data: Any, partitions: Any) -> Any:
        in_range(xp, partitions, self.num_partitions, "partitions")
        return tuple(np.asarray(data)[np.asarray(partitions) == i] for i in range(self.num_partitions))

    def grad(self, op: Operation, *dy: Any) -> Any:
        data, partitions = op.inputs
        prefix = shape(partitions)
        where = reshape(F.range(F.reduce_prod(prefix)), prefix)
        parts = dynamic_partition(where, partitions, self.num_partitions)
        return reshape(make(ParallelDynamicStitch, parts, list(dy)), shape_internal(data)), None


@export("dynamic_partition")
def dynamic_partition(data: Any, partitions: Any, num_partitions: int, name: str | None = None) -> list[Tensor]:
    """`num_partitions` tensors: number i holds the slices of `data` where `partitions`, int32, is i."""
    return make(DynamicPartition, data, partitions, name=name, num_partitions=num_partitions)


class DynamicStitch(Op, sig="indices: int32*, data: T* -> merged: T"):
    """merged[indices[k][...]] = data[k][...]; later ones win. Rows nobody names are zero."""
    least = {"N": 1}
    N: int
    T: DType

    def infer(self, *inputs: Spec) -> Spec:
        tail: shapes.Shape = None
        for index, data in zip(inputs[:self.N], inputs[self.N:]):
            if index.shape is None or data.shape is None:
                continue
            depth = len(index.shape)
            require(shapes.compatible(data.shape[:depth], index.shape),
                    f"data.shape must start with indices.shape: {shapes.describe(data.shape)} vs {shapes.describe(index.shape)}")
            tail = shapes.merge(tail, data.shape[depth:])
        return Spec(self.T, None if tail is None else (None, *tail))

    def kernel(self, xp: Namespace, *inputs: Any) -> Any:
        indices, data = [xp.known(i) for i in inputs[:self.N]], inputs[self.N:]
        rows = max([int(i.max()) + 1 for i in indices if i.size], default=0)
        tail = data[0].shape[indices[0].ndim:]
        source = np.full(rows, -1)               # which of all data rows, one after the other, stands in each merged row
        start = 0
        for index in indices:
            if (index < 0).any():
                raise ValueError("indices[...] of dynamic_stitch must not be negative")
            source[index.ravel()] = start + np.arange(index.size)
            start += index.size
        parts = [xp.reshape(part, (index.size, *tail)) for index, part in zip(indices, data) if index.size]
        if not parts:
            return xp.zeros((0, *tail), self.T.np)
        whole = xp.concatenate(parts, 0) if len(parts) > 1 else parts[0]
        merged = xp.take(whole, np.maximum(source, 0), 0)
        filled = (source >= 0).reshape(rows, *[1] * len(tail))
        return merged if filled.all() else xp.where(filled, merged, np.zeros((), self.T.np))

    def grad(self, op: Operation, dy: Any) -> Any:
        indices = op.inputs[:self.N]
        return (*(None,) * self.N, *[F.gather(dy, index) for index in indices])


class ParallelDynamicStitch(DynamicStitch, sig="indices: int32*, data: T* -> merged: T"):
    """As DynamicStitch, for indices that do not repeat."""
    least = {"N": 1}


@export("dynamic_stitch")
def dynamic_stitch(indices: Any, data: Any, name: str | None = None) -> Tensor:
    """One tensor with merged[indices[k][...]] = data[k][...]; later ones win."""
    merged = make(DynamicStitch, list(indices), list(data), name=name)
    if context.default_graph().eager:
        return merged
    known = [known_value(i) for i in merged.op.inputs[:merged.op._op_def.N]]  # type: ignore[attr-defined]
    if merged.static is not None and all(k is not None for k in known):
        merged.set_shape((max([int(k.max()) + 1 for k in known if k is not None and k.size], default=0), *merged.static[1:]))
    return merged


class LowerBound(Op, sig="sorted_inputs: T, values: T -> output: out_type"):
    """Per row, the first place of the sorted inputs where each value could be put."""
    T: DType
    out_type: DType = one_of(int32, int64, default=int32)
    side: ClassVar[Any] = "left"

    def infer(self, sorted_inputs: Spec, values: Spec) -> Spec:
        return Spec(self.out_type, values.shape)

    def check(self, sorted_inputs: Spec, values: Spec) -> None:
        for label, spec in (("sorted_input", sorted_inputs), ("values", values)):
            require(spec.shape is None or len(spec.shape) == 2, f"{label} argument must be a matrix, got shape {list(spec.shape or ())}")
        if sorted_inputs.shape and values.shape:
            require(sorted_inputs.shape[0] == values.shape[0], "Leading dim_size of both tensors must match, but are "
                    f"{sorted_inputs.shape[0]} and {values.shape[0]}")

    def kernel(self, xp: Namespace, sorted_inputs: Any, values: Any) -> Any:
        return xp.astype(xp.search_rows(sorted_inputs, values, self.side), self.out_type.np)

    def grad(self, op: Operation, dy: Any) -> Any:
        return None, None


class UpperBound(LowerBound, sig="sorted_inputs: T, values: T -> output: out_type"):
    """Per row, the last place of the sorted inputs where each value could be put."""
    side: ClassVar[Any] = "right"


@export("searchsorted")
def searchsorted(sorted_sequence: Any, values: Any, side: str = "left", out_type: Any = int32, name: str | None = None) -> Tensor:
    """Where `values` would go in rows sorted along the last axis, before ("left") or after ("right") equal ones."""
    if side not in ("left", "right"):
        raise ValueError(f"side must be either 'right' or 'left'.  Saw: {side}.")
    with context.default_graph().name_scope(name or "searchsorted"):
        rows = convert_to_tensor(sorted_sequence)
        wanted = convert_to_tensor(values, rows.dtype.base_dtype)
        last = shape(rows)[-1], shape(wanted)[-1]
        found = make(LowerBound if side == "left" else UpperBound, reshape(rows, [-1, last[0]]), reshape(wanted, [-1, last[1]]),
                     out_type=as_dtype(out_type))
        return reshape(found, shape(wanted))
