"""What a value is and what it can become: is_tensor, conversion to a tensor, to slices or to a sparse tensor."""
from __future__ import annotations

from typing import Any

from ...core.convert import convert_to_tensor
from ...core.dtypes import as_dtype
from ...core.export import export
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
