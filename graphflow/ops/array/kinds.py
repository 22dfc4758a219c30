"""What a value is and what it can become: is_tensor, conversion to a tensor or to slices or sparse; sort, unravel_index."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import context
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, as_dtype, int32, int64
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of
from ...core.tensor import Tensor
from ...core.tensor import is_tensor as _is_tensor
from ...core.values import IndexedSlices, SparseTensor, SparseTensorValue


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
        size = tuple(np.ravel(dims).tolist())
        total = int(np.prod(size, dtype=np.int64))
        if np.any(np.asarray(indices) >= total) or np.any(np.asarray(indices) < 0):
            raise ValueError(f"index is out of bound as with dims {list(size)}")
        return np.array(np.unravel_index(np.asarray(indices), size), self.Tidx.np).reshape(len(size), *np.shape(indices))

    def grad(self, op: Any, dy: Any) -> Any:
        return None, None


@export("unravel_index")
def unravel_index(indices: Any, dims: Any, name: str | None = None) -> Tensor:
    """The coordinates, one row per axis, of row-major numbers in an array of shape dims."""
    return make(UnravelIndex, indices, dims, name=name)  # type: ignore[no-any-return]


@export("argsort")
def argsort(values: Any, axis: int = -1, direction: str = "ASCENDING", stable: bool = False, name: str | None = None) -> Tensor:
    """The int32 indices that put `values` in order along an axis; equal ones keep their order."""
    with context.default_graph().name_scope(name or "argsort"):
        return _sorted(values, axis, direction)[1]


@export("sort")
def sort(values: Any, axis: int = -1, direction: str = "ASCENDING", name: str | None = None) -> Tensor:
    """`values` in order along an axis. direction: "ASCENDING" or "DESCENDING"."""
    with context.default_graph().name_scope(name or "sort"):
        return _sorted(values, axis, direction)[0]


def _sorted(values: Any, axis: int, direction: str) -> tuple[Tensor, Tensor]:
    """Sorted values and indices, by one Sort node between transposes."""
    if direction not in ("ASCENDING", "DESCENDING"):
        raise ValueError(f"Direction should be one of: ASCENDING, DESCENDING. Got {direction}")
    if isinstance(axis, Tensor):
        raise NotImplementedError("sort and argsort need an axis that is known while building")
    values = convert_to_tensor(values, name="values")
    found = make(SortAlong, values, axis=int(axis), descending=direction == "DESCENDING")
    return found[0], found[1]


class SortAlong(Op, sig="values: T -> sorted: T, indices: int32"):
    """Values in order along an axis and where they came from. An op of ours; TensorFlow spells it by TopKV2 and transposes."""
    axis: int = -1
    descending: bool = False
    T: DType

    def infer(self, x: Spec) -> Any:
        if x.shape is not None and not -len(x.shape) <= self.axis < len(x.shape):
            raise ValueError(f"axis {self.axis} is out of range for rank {len(x.shape)}")
        return x, Spec(int32, x.shape)

    def kernel(self, xp: Any, x: Any) -> Any:
        x = np.asarray(x)
        if self.descending:  # of equal ones the first stays first
            order = x.shape[self.axis] - 1 - np.flip(np.argsort(np.flip(x, self.axis), self.axis, kind="stable"), self.axis)
        else:
            order = np.argsort(x, self.axis, kind="stable")
        return np.take_along_axis(x, order, self.axis), order.astype(np.int32)

    def grad(self, op: Any, dy: Any, _: Any) -> Any:
        back = make(SortAlong, op.outputs[1], axis=self.axis)[1]
        return (make(AlongAxis, dy, back, axis=self.axis),)


class AlongAxis(Op, sig="x: T, indices: int32 -> y: T"):
    """y[..., i, ...] = x[..., indices[..., i, ...], ...], indices being permutations. An op of ours, for gradients of sorting."""
    axis: int = -1
    T: DType

    def infer(self, x: Spec, indices: Spec) -> Spec:
        return x

    def kernel(self, xp: Any, x: Any, indices: Any) -> Any:
        return np.take_along_axis(np.asarray(x), np.asarray(indices).astype(np.int64), self.axis)

    def grad(self, op: Any, dy: Any) -> Any:
        back = make(SortAlong, op.inputs[1], axis=self.axis)[1]
        return make(AlongAxis, dy, back, axis=self.axis), None
