"""Sparse tensors as tensors of one kind of element: three variants or strings (indices, values, dense shape) each, which can be stacked,
put into datasets and written to files.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, as_dtype, int64, string, variant
from ...core.errors import InvalidArgumentError
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of
from ...core.outcomes import Several
from ...core.tensor import Tensor
from ...core.values import SparseTensor, is_sparse
from ...formats import proto
from ...formats.errors import FormatError
from ...formats.proto import parse, to_bytes
from ...formats.tensor_proto import array_from_proto, proto_from_array
from ...kernels.contract import Namespace


def _packed(parts: tuple[Any, Any, Any], out_type: DType, dtype: DType) -> np.ndarray:
    """The three parts of one sparse tensor, as elements of `out_type`."""
    found = np.empty(3, object)
    for i, (part, kind) in enumerate(zip(parts, (int64, dtype, int64))):
        array = np.array(part)
        found[i] = to_bytes(proto_from_array(array, kind.number, content=True)) if out_type is string else array
    return found


def _unpacked(item: Any) -> np.ndarray:
    if not isinstance(item, bytes):
        return np.asarray(item)
    try:
        return array_from_proto(parse(item, proto.TensorProto, "serialized_sparse"), "serialized_sparse")
    except FormatError as error:
        raise InvalidArgumentError(None, None, f"Could not parse serialized_sparse as TensorProto: {error}") from None


class SerializeSparse(Op, sig="sparse_indices: int64, sparse_values: T, sparse_shape: int64 -> serialized_sparse: out_type", host=True):
    """A sparse tensor as a vector of three elements."""
    differentiable = False
    T: DType
    out_type: DType = one_of((string, variant), default=string)

    def infer(self, *parts: Spec) -> Spec:
        return Spec(self.out_type, (3,))

    def kernel(self, xp: Namespace, *parts: Any) -> Any:
        return _packed(parts, self.out_type, self.T)


class SerializeManySparse(Op, sig="sparse_indices: int64, sparse_values: T, sparse_shape: int64 -> serialized_sparse: out_type", host=True):
    """The rows of a sparse tensor, three elements each."""
    differentiable = False
    T: DType
    out_type: DType = one_of((string, variant), default=string)

    def infer(self, *parts: Spec) -> Spec:
        return Spec(self.out_type, (None, 3))

    def kernel(self, xp: Namespace, indices: Any, values: Any, shape: Any) -> Any:
        indices, values, shape = np.asarray(indices), np.asarray(values), np.asarray(shape)
        if len(shape) < 2:
            raise InvalidArgumentError(None, None, f"Rank of input SparseTensor should be > 1, but saw rank: {len(shape)}")
        found = np.empty((int(shape[0]), 3), object)
        for row in range(len(found)):
            mine = indices[:, 0] == row
            found[row] = _packed((indices[mine, 1:], values[mine], shape[1:]), self.out_type, self.T)
        return found


class _Deserialize(Several, host=True):
    differentiable = False
    dtype: DType

    def infer(self, serialized: Spec) -> tuple[Spec, ...]:
        return Spec(int64, (None, None)), Spec(self.dtype, (None,)), Spec(int64, (None,))

    def kernel(self, xp: Namespace, serialized: Any) -> Any:
        """Sparse tensors one above another: the axes of `serialized` but the last come first; each axis is as long as the longest."""
        serialized = np.asarray(serialized, object)
        if serialized.ndim < 1 or serialized.shape[-1] != 3:
            raise InvalidArgumentError(None, None, f"Serialized sparse should have 3 as the last dimension but received shape "
                                                   f"{list(serialized.shape)}")
        lead = serialized.shape[:-1]
        indices, values, longest = [], [], None
        for place in np.ndindex(*lead):
            at, value, shape = (_unpacked(item) for item in serialized[place])
            if value.dtype != self.dtype.np:
                raise InvalidArgumentError(None, None, f"Requested SparseTensor of type {self.dtype.name} but SparseTensor"
                                                       f"{list(place)}.values has type {value.dtype.name}")
            if longest is not None and len(shape) != len(longest):
                raise InvalidArgumentError(None, None, f"Inconsistent rank across SparseTensors: rank prior to SparseTensor"
                                                       f"{list(place)} was: {len(longest)} but rank of it is: {len(shape)}")
            longest = shape if longest is None else np.maximum(longest, shape)
            indices.append(np.hstack([np.tile(np.array(place, np.int64), (len(at), 1)), at]))
            values.append(value)
        if longest is None:
            raise InvalidArgumentError(None, None, "Must have at least 1 serialized SparseTensor, but input matrix has 0 rows")
        return np.vstack(indices).astype(np.int64), np.concatenate(values), np.array([*lead, *longest], np.int64)


class DeserializeSparse(_Deserialize, sig="serialized_sparse: Tserialized -> sparse_indices: int64, sparse_values: dtype, "
                                          "sparse_shape: int64", host=True):
    """The sparse tensor of a vector of three elements; of several ones, stacked along new first axes."""
    dtype: DType
    Tserialized: DType = one_of((string, variant), default=string)


class DeserializeManySparse(_Deserialize, sig="serialized_sparse: string -> sparse_indices: int64, sparse_values: dtype, "
                                              "sparse_shape: int64", host=True):
    """The sparse tensors of rows of three strings, stacked along a new first axis."""
    dtype: DType


def _sparse(value: Any) -> SparseTensor:
    if not is_sparse(value):
        raise TypeError(f"Input must be a SparseTensor, not {type(value).__name__}.")
    return value if isinstance(value, SparseTensor) else SparseTensor.from_value(value)


@export("serialize_sparse", "io.serialize_sparse")
def serialize_sparse(sp_input: Any, name: str | None = None, out_type: Any = string) -> Tensor:
    """A sparse tensor as a vector of three strings (or variants): its indices, values and dense shape."""
    one = _sparse(sp_input)
    return make(SerializeSparse, one.indices, one.values, one.dense_shape, name=name, out_type=as_dtype(out_type))


@export("serialize_many_sparse", "io.serialize_many_sparse")
def serialize_many_sparse(sp_input: Any, name: str | None = None, out_type: Any = string) -> Tensor:
    """The rows of a sparse tensor of rank 2 or more, as a matrix of three strings (or variants) each."""
    one = _sparse(sp_input)
    return make(SerializeManySparse, one.indices, one.values, one.dense_shape, name=name, out_type=as_dtype(out_type))


def _made(cls: Any, serialized: Any, dtype: Any, rank: int | None, name: str | None, lead: int) -> SparseTensor:
    indices, values, shape = make(cls, serialized, name=name, dtype=as_dtype(dtype))
    if rank is not None:
        indices.set_shape([None, rank + lead])
        shape.set_shape([rank + lead])
    return SparseTensor(indices, values, shape)


@export("io.deserialize_many_sparse", "deserialize_many_sparse")
def deserialize_many_sparse(serialized_sparse: Any, dtype: Any, rank: int | None = None, name: str | None = None) -> SparseTensor:
    """What serialize_many_sparse (or stacked serialize_sparse) gave, as one sparse tensor; rank: that of its rows, where it is known."""
    return _made(DeserializeManySparse, convert_to_tensor(serialized_sparse, string), dtype, rank, name, 1)


def deserialize_sparse(serialized_sparse: Any, dtype: Any, rank: int | None = None, name: str | None = None) -> SparseTensor:
    """What serialize_sparse gave, as a sparse tensor; stacked ones get new first axes. rank: of the whole result, where it is known."""
    return _made(DeserializeSparse, serialized_sparse, dtype, rank, name, 0)
