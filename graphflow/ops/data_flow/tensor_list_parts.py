"""Ops on lists of tensors that move many elements at once: gather, scatter, concat, split."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import dtypes
from ...core.constant import constant_op
from ...core.contents import Contents, all_of, inside, known_of, number, of_rows, rows, together
from ...core.dtypes import DType
from ...core.make import make
from ...core.op import Shape, Spec, one_of
from ...core.operation import Operation
from ...core.outcomes import Several
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from ...kernels.tensor_list import TensorList
from .. import functions as F
from ..dtype_sets import INDEX
from .list_values import as_list, element, known_shape, merged, refuse, shape_of, stacked
from .tensor_list import ListOp, element_shape_arg, list_element_shape, reserve, row_shape


class TensorListGather(ListOp, sig="input_handle: variant, indices: int32, element_shape: int32 -> values: element_dtype"):
    """The elements at `indices`, along a new first dimension."""
    element_dtype: DType
    static = ("element_shape",)

    def infer(self, handle: Any, indices: Any, element_shape: Any) -> Any:
        shape = known_shape(element_shape)
        count = indices.shape[0] if indices.shape else None
        return Spec(self.element_dtype, None if shape is None else (count, *shape))

    def contents(self, handle: Any, indices: Any, _: Any) -> tuple[Any, ...]:
        return (rows(indices.shape[0] if indices.shape else None, inside(handle)),)

    def kernel(self, xp: Namespace, handle: Any, indices: Any, element_shape: Any) -> Any:
        found = as_list(handle, "TensorListGather")
        items, count = found.items, len(found.items)
        for i in np.asarray(indices):
            if not 0 <= i < count:
                raise refuse(f"Trying to gather element {i} in a list with {count} elements.")
        return stacked([items[i] for i in np.asarray(indices)], found, shape_of(element_shape), "gather")

    def grad(self, op: Operation, dy: Any) -> Any:
        handle, indices, _ = op.inputs
        shape = list_element_shape(handle)
        zeros = reserve(self.element_dtype, shape, make(F.TensorListLength, handle))
        return make(TensorListScatterIntoExistingList, zeros, dy, indices), None, None


class TensorListScatterV2(ListOp, sig="tensor: element_dtype, indices: int32, element_shape: shape_type, num_elements: int32 -> "
                                      "output_handle: variant"):
    """A list whose elements at `indices` are the rows of a tensor. num_elements: -1 for just as many as needed."""
    element_dtype: DType
    shape_type: DType = one_of(INDEX)

    def contents(self, tensor: Any, indices: Any, shape: Any, num_elements: Any = None) -> tuple[Any, ...]:
        return (of_rows(tensor)._replace(size=number(num_elements)),)

    def kernel(self, xp: Namespace, tensor: Any, indices: Any, element_shape: Any, num_elements: Any = -1) -> Any:
        shape = merged(shape_of(element_shape), np.shape(tensor)[1:])
        places = [int(i) for i in np.asarray(indices)]
        count = int(num_elements)
        size = count if count >= 0 else max(places, default=-1) + 1
        return _scattered(TensorList([None] * size, self.element_dtype.np, shape), tensor, places, fixed=count >= 0)

    def grad(self, op: Operation, dy: Any) -> Any:
        if dy is None:
            return [None] * len(op.inputs)
        tensor, indices = op.inputs[0], op.inputs[1]
        shape = None if tensor.static is None else tensor.static[1:]
        return [gather(dy, indices, self.element_dtype, shape), *[None] * (len(op.inputs) - 1)]


class TensorListScatter(TensorListScatterV2, sig="tensor: element_dtype, indices: int32, element_shape: shape_type -> "
                                                 "output_handle: variant"):
    """TensorListScatterV2 with as many elements as needed."""


class TensorListScatterIntoExistingList(ListOp, sig="input_handle: variant, tensor: element_dtype, indices: int32 -> "
                                                    "output_handle: variant"):
    """The list with the rows of a tensor at `indices`; it grows where it must."""
    element_dtype: DType

    def contents(self, handle: Any, tensor: Any, indices: Any) -> tuple[Any, ...]:
        before = known_of(handle)
        return (Contents(None, together(before.of, of_rows(tensor).of)) if isinstance(before, Contents) else None,)

    def kernel(self, xp: Namespace, handle: Any, tensor: Any, indices: Any) -> Any:
        found = as_list(handle, "TensorListScatterIntoExistingList")
        places = [int(i) for i in np.asarray(indices)]
        size = max(len(found.items), max(places, default=-1) + 1)
        grown = found.of([*found.items, *[None] * (size - len(found.items))])
        return _scattered(grown, tensor, places)

    def grad(self, op: Operation, dy: Any) -> Any:
        if dy is None:
            return None, None, None
        handle, tensor, indices = op.inputs
        shape = None if tensor.static is None else tensor.static[1:]
        zeros = make(TensorListScatterIntoExistingList, dy, F.zeros_like(tensor), indices)
        return make(F.TensorListResize, zeros, make(F.TensorListLength, handle)), gather(dy, indices, self.element_dtype, shape), None


def _scattered(found: TensorList, tensor: Any, places: list[int], fixed: bool = False) -> TensorList:
    rows = np.asarray(tensor)
    if len(rows) < len(places):
        raise refuse(f"Invalid number of rows in input tensor. Expected: {len(places)} Actual: {len(rows)}")
    items = list(found.items)
    for place, row in zip(places, rows):
        if place < 0 or (fixed and place >= len(items)):
            raise refuse(f"TensorListScatter: Trying to scatter element at index {place} in list with size {len(items)}")
        items[place] = np.array(row)
    return found.of(items)


class Concat(ListOp, Several):
    """Base of both forms of concat."""

    def joined(self, found: TensorList, shape: Shape, lengths: list[int]) -> Any:
        """The elements one after the other, and how long each is. lengths: of elements that are not set."""
        items = []
        for i, x in enumerate(found.items):
            own = (lengths[i], *shape[1:]) if x is None and shape is not None and i < len(lengths) else shape
            items.append(element(x, own, found, "concat"))
        if any(not x.ndim for x in items):
            raise refuse("Concat saw a scalar shape at index 0 but requires at least vectors.")
        if not items:
            if shape is None or None in shape[1:]:
                raise refuse("All except the first dimension must be fully defined when concating an empty tensor list. element_shape: "
                             f"{'<unknown>' if shape is None else list(shape)}")
            return np.zeros((0, *[d or 0 for d in shape[1:]]), found.dtype), np.zeros(0, np.int64)
        if any(x.shape[1:] != items[0].shape[1:] for x in items):
            raise refuse(f"Tried to concat tensors with unequal shapes: {[list(x.shape) for x in items]}")
        return np.concatenate(items), np.array([len(x) for x in items], np.int64)

    def grad(self, op: Operation, dy: Any, _: Any) -> Any:
        shape = op.inputs[1] if len(op.inputs) > 1 else list_element_shape(op.inputs[0])
        return [make(TensorListSplit, dy, shape, op.outputs[1]), *[None] * (len(op.inputs) - 1)]


class TensorListConcatV2(Concat, sig="input_handle: variant, element_shape: shape_type, leading_dims: int64 -> "
                                     "tensor: element_dtype, lengths: int64"):
    """The elements one after the other along their first dimension, and how long each is there."""
    element_dtype: DType
    shape_type: DType = one_of(INDEX)
    static = ("element_shape",)

    def infer(self, handle: Any, element_shape: Any, leading_dims: Any) -> Any:
        shape = known_shape(element_shape)
        return Spec(self.element_dtype, None if shape is None else (None, *shape[1:])), Spec(dtypes.int64, (None,))

    def kernel(self, xp: Namespace, handle: Any, element_shape: Any, leading_dims: Any) -> Any:
        found = as_list(handle, "TensorListConcatV2")
        return self.joined(found, merged(shape_of(element_shape), found.shape), [int(d) for d in np.asarray(leading_dims)])


class TensorListConcat(Concat, sig="input_handle: variant -> tensor: element_dtype, lengths: int64"):
    """TensorListConcatV2 in its first form, with the element shape as an attribute."""
    element_dtype: DType
    element_shape: Shape = None

    def infer(self, handle: Any) -> Any:
        shape = self.element_shape
        return Spec(self.element_dtype, None if shape is None else (None, *shape[1:])), Spec(dtypes.int64, (None,))

    def kernel(self, xp: Namespace, handle: Any) -> Any:
        found = as_list(handle, "TensorListConcat")
        return self.joined(found, merged(self.element_shape, found.shape), [])


class TensorListSplit(ListOp, sig="tensor: element_dtype, element_shape: shape_type, lengths: int64 -> output_handle: variant"):
    """A list of consecutive parts of a tensor, `lengths` long along its first dimension."""
    element_dtype: DType
    shape_type: DType = one_of(INDEX)

    def kernel(self, xp: Namespace, tensor: Any, element_shape: Any, lengths: Any) -> Any:
        array, sizes = np.asarray(tensor), [int(n) for n in np.asarray(lengths)]
        if not array.ndim:
            raise refuse("Tensor must be at least a vector, but saw shape: []")
        if min(sizes, default=0) < 0:
            raise refuse(f"Expected lengths of at least 0, but got {sizes}")
        if sum(sizes) != len(array):
            raise refuse(f"Expected sum of lengths to be equal to values.shape[0], but sum of lengths is {sum(sizes)} and value's shape "
                         f"is: {list(array.shape)}")
        shape = shape_of(element_shape)
        parts = [np.array(part) for part in np.split(array, np.cumsum(sizes)[:-1])] if sizes else []
        for part in parts:
            merged(shape, part.shape)
        return TensorList(parts, self.element_dtype.np, shape)

    def grad(self, op: Operation, dy: Any) -> Any:
        if dy is None:
            return None, None, None
        shape = F.concat([[-1], row_shape(op.inputs[0])], 0)
        return concat(dy, self.element_dtype, shape, op.inputs[2])[0], None, None


class TensorListConcatLists(ListOp, sig="input_a: variant, input_b: variant -> output: variant"):
    """The elements of two lists in one."""
    element_dtype: DType

    def contents(self, *lists: Any) -> tuple[Any, ...]:
        both = all_of(lists)
        return (both._replace(size=None) if isinstance(both, Contents) else None,)

    def kernel(self, xp: Namespace, a: Any, b: Any) -> Any:
        first, second = as_list(a, "TensorListConcatLists"), as_list(b, "TensorListConcatLists")
        return first.of([*first.items, *second.items])


def gather(handle: Any, indices: Any, dtype: DType, shape: Any, name: str | None = None) -> Tensor:
    """TensorListGather."""
    return make(TensorListGather, handle, indices, element_shape_arg(shape), element_dtype=dtype, name=name)


def concat(handle: Any, dtype: DType, shape: Any, leading_dims: Any = None, name: str | None = None) -> Any:
    """(TensorListConcatV2, lengths)"""
    leading = constant_op(np.zeros(0, np.int64)) if leading_dims is None else leading_dims
    return make(TensorListConcatV2, handle, element_shape_arg(shape), leading, element_dtype=dtype, name=name)

