"""What a value is and what it can become: is_tensor, conversion to a tensor or to slices or sparse; sort, unravel_index."""
from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...core import context
from ...core.constant import constant_op
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, as_dtype, int32, int64
from ...core.export import export
from ...core.known import constant_value
from ...core.make import make
from ...core.op import Op, Spec, one_of
from ...core.tensor import Tensor
from ...core.tensor import is_tensor as _is_tensor
from ...core.values import IndexedSlices, SparseTensor, SparseTensorValue
from .. import functions as F


@export("is_tensor")
def is_tensor(x: Any) -> bool:
    """Whether x is a tensor, a variable, a sparse tensor or indexed slices."""
    return _is_tensor(x)


@export("convert_to_tensor_or_indexed_slices")
def convert_to_tensor_or_indexed_slices(value: Any, dtype: Any = None, name: str | None = None) -> Any:
    """`value` itself if it is IndexedSlices of that dtype, else as a tensor."""
    wanted = None if dtype is None else as_dtype(dtype)
    if isinstance(value, IndexedSlices):
        if wanted is not None and not wanted.is_compatible_with(value.dtype):
            raise ValueError(f"Tensor conversion requested dtype {wanted.name} for IndexedSlices with dtype {value.dtype.name}: {value}")
        return value
    return convert_to_tensor(value, wanted, name)


@export("convert_to_tensor_or_sparse_tensor")
def convert_to_tensor_or_sparse_tensor(value: Any, dtype: Any = None, name: str | None = None) -> Any:
    """A SparseTensor for a sparse value, else a tensor; RuntimeError when a sparse one has another dtype."""
    wanted = None if dtype is None else as_dtype(dtype)
    if isinstance(value, SparseTensorValue):
        value = SparseTensor.from_value(value)
    if isinstance(value, SparseTensor):
        if wanted is not None and not wanted.is_compatible_with(value.dtype):
            raise RuntimeError(f"Sparse dtype mismatch. Requested: {wanted.name}, Actual: {value.dtype.name}")
        return value
    return convert_to_tensor(value, wanted, name)


class UnravelIndex(Op, sig="indices: Tidx, dims: Tidx -> output: Tidx"):
    """Row-major numbers as coordinates: output[:, i] for index i."""
    Tidx: DType = one_of(int32, int64, default=int32)

    def infer(self, indices: Spec, dims: Spec) -> Spec:
        if indices.shape is None or not dims.shape:
            return Spec(self.Tidx, None)
        return Spec(self.Tidx, (dims.shape[0], *indices.shape))

    def kernel(self, xp: Any, indices: Any, dims: Any) -> Any:
        size = tuple(np.ravel(xp.known(dims)).tolist())
        total = int(np.prod(size, dtype=np.int64))
        xp.check((indices < 0) | (indices >= total), f"index is out of bound as with dims {list(size)}")
        steps = [math.prod(size[axis + 1:]) for axis in range(len(size))]
        return xp.stack([xp.remainder(xp.floor_divide(indices, step), d) for step, d in zip(steps, size)], 0)

    def grad(self, op: Any, dy: Any) -> Any:
        return None, None


@export("unravel_index")
def unravel_index(indices: Any, dims: Any, name: str | None = None) -> Tensor:
    """The coordinates, one row per axis, of row-major numbers in an array of shape dims."""
    return make(UnravelIndex, indices, dims, name=name)


@export("argsort")
def argsort(values: Any, axis: int = -1, direction: str = "ASCENDING", stable: bool = False, name: str | None = None) -> Tensor:
    """The int32 indices that put `values` in order along an axis; equal ones keep their order."""
    with context.default_graph().name_scope(name or "argsort"):
        return _sorted(values, axis, direction, 1)


@export("sort")
def sort(values: Any, axis: int = -1, direction: str = "ASCENDING", name: str | None = None) -> Tensor:
    """`values` in order along an axis. direction: "ASCENDING" or "DESCENDING"."""
    with context.default_graph().name_scope(name or "sort"):
        return _sorted(values, axis, direction, 0)


def _sorted(values: Any, axis: Any, direction: str, which: int) -> Tensor:
    """The sorted values (which = 0) or the indices (1), by TopKV2 along the last axis, as TensorFlow does."""
    if direction not in ("ASCENDING", "DESCENDING"):
        raise ValueError(f"Direction should be one of: ASCENDING, DESCENDING. Got {direction}")
    place = constant_value(constant_op(axis, name="axis") if not isinstance(axis, Tensor) else axis)
    values = convert_to_tensor(values, name="values")
    if place is None or values.static is None:
        raise NotImplementedError("sort and argsort need an axis and a rank that are known while building; use set_shape")
    turned = _mirrored(values) if direction == "ASCENDING" else values
    length = F.shape(turned)[int(place)]
    F.rank(turned)
    rank, place = len(values.static), int(place)
    if not -rank <= place < rank:
        raise ValueError(f"axis {place} is out of range for rank {rank}")
    if place % rank == rank - 1:
        found = make(F.TopKV2, turned, length)[which]
    else:
        order = np.arange(rank, dtype=np.int32)
        order[[place % rank, rank - 1]] = rank - 1, place % rank
        swap = constant_op(order, name="transposition")
        found = F.transpose(make(F.TopKV2, F.transpose(turned, swap), length)[which], swap)
    return _mirrored(found) if direction == "ASCENDING" and which == 0 else found


def _mirrored(x: Any) -> Tensor:
    """x in the opposite order, without overflow for integers."""
    if x.dtype.is_unsigned:
        return x.dtype.max - x
    if x.dtype.is_integer:
        return -x - 1
    return F.negative(x)
