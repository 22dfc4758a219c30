"""Ops on lists of tensors, the values (variants) that TensorArrays and the gradients of loops are made of."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import dtypes
from ...core.constant import constant_op
from ...core.contents import NOTHING, Contents, count_of, grown, inside, known_of, number, of_rows, rows
from ...core.dtypes import DType
from ...core.make import make
from ...core.op import Op, Shape, Spec, one_of, require_rank
from ...core.operation import Operation
from ...core.outcomes import Several
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from ...kernels.namespace import numpy_namespace
from ...kernels.tensor_list import TensorList
from .. import functions as F
from ..dtype_sets import INDEX
from .list_values import as_list, element, known_shape, merged, refuse, shape_of, stacked

LIST = Spec(dtypes.variant, ())


class ListOp(Op):
    """Base of the ops on lists, which need real values."""
    host = True         # lists are Python values, no arrays

    def infer(self, *inputs: Any) -> Any:
        return LIST


class EmptyTensorList(ListOp, sig="element_shape: shape_type, max_num_elements: int32 -> handle: variant"):
    """A list without elements. max_num_elements: -1 for any number."""
    element_dtype: DType
    shape_type: DType = one_of(INDEX)

    def contents(self, *_: Any) -> tuple[Any, ...]:
        return (Contents(0, NOTHING),)

    def kernel(self, xp: Namespace, element_shape: Any, max_num_elements: Any) -> Any:
        return TensorList([], self.element_dtype.np, shape_of(element_shape))

    def grad(self, op: Operation, dy: Any) -> Any:
        return None, None


class TensorListReserve(ListOp, sig="element_shape: shape_type, num_elements: int32 -> handle: variant"):
    """A list of elements that are not set."""
    element_dtype: DType
    shape_type: DType = one_of(INDEX)

    def infer(self, element_shape: Any, num_elements: Any) -> Any:
        require_rank(num_elements, 0)
        return LIST

    def contents(self, _: Any, num_elements: Any) -> tuple[Any, ...]:
        return (Contents(number(num_elements), NOTHING),)

    def kernel(self, xp: Namespace, element_shape: Any, num_elements: Any) -> Any:
        if int(num_elements) < 0:
            raise refuse(f"The num_elements to reserve must be a non negative number, but got {int(num_elements)}")
        return TensorList([None] * int(num_elements), self.element_dtype.np, shape_of(element_shape))

    def grad(self, op: Operation, dy: Any) -> Any:
        return None, None


class TensorListPushBack(ListOp, sig="input_handle: variant, tensor: element_dtype -> output_handle: variant"):
    """The list with one more element at its end."""
    keeps = (1,)
    on_list = "push"
    element_dtype: DType

    def contents(self, handle: Any, tensor: Any) -> tuple[Any, ...]:
        return (grown(handle, tensor),)

    def kernel(self, xp: Namespace, handle: Any, tensor: Any) -> Any:
        return as_list(handle, "TensorListPushBack").push(tensor)

    def quick(self, handle: Any, tensor: Any) -> Any:
        return (handle if handle.__class__ is TensorList else as_list(handle, "TensorListPushBack")).with_last(tensor)

    def grad(self, op: Operation, dy: Any) -> Any:
        if dy is None:
            return None, None
        return tuple(pop_back(dy, self.element_dtype, shape_of_tensor(op.inputs[1])))


class TensorListPopBack(ListOp, Several,
                        sig="input_handle: variant, element_shape: int32 -> output_handle: variant, tensor: element_dtype"):
    """The list without its last element, and that element."""
    lends = True
    on_list = "pop"
    element_dtype: DType
    static = ("element_shape",)

    def infer(self, handle: Any, element_shape: Any) -> Any:
        return LIST, Spec(self.element_dtype, known_shape(element_shape))

    def contents(self, handle: Any, _: Any) -> tuple[Any, ...]:
        before = known_of(handle)
        return before._replace(size=None) if isinstance(before, Contents) else None, inside(handle)

    def kernel(self, xp: Namespace, handle: Any, element_shape: Any) -> Any:
        found = as_list(handle, "TensorListPopBack")
        if not found.items:
            raise refuse("Trying to pop from an empty list.")
        rest, last = found.pop()
        return rest, last.copy() if last.__class__ is np.ndarray else element(last, shape_of(element_shape), found)

    def quick(self, handle: Any, element_shape: Any) -> Any:
        found = as_list(handle, "TensorListPopBack")
        return found.pop() if found.items and found.items[-1] is not None else self.kernel(numpy_namespace, found, element_shape)

    def grad(self, op: Operation, dlist: Any, delement: Any) -> Any:
        if dlist is None:
            dlist = empty_list(self.element_dtype, list_element_shape(op.outputs[0]))
        if delement is None:
            delement = zeros_for(op.outputs[1])
        return make(TensorListPushBack, dlist, delement), None


class TensorListLength(ListOp, sig="input_handle: variant -> length: int32"):
    """How many elements the list has."""

    def infer(self, handle: Any) -> Any:
        return Spec(dtypes.int32, ())

    def kernel(self, xp: Namespace, handle: Any) -> Any:
        return np.int32(len(as_list(handle, "TensorListLength").items))

    def grad(self, op: Operation, dy: Any) -> Any:
        return (None,)


class TensorListElementShape(ListOp, sig="input_handle: variant -> element_shape: shape_type"):
    """What the list knows of its elements' shape; a scalar -1 for nothing."""
    shape_type: DType = one_of(INDEX)

    def infer(self, handle: Any) -> Any:
        return Spec(self.shape_type, None)

    def kernel(self, xp: Namespace, handle: Any) -> Any:
        shape = as_list(handle, "TensorListElementShape").shape
        return np.array(-1 if shape is None else [-1 if d is None else d for d in shape], self.shape_type.np)

    def grad(self, op: Operation, dy: Any) -> Any:
        return (None,)


class TensorListGetItem(ListOp, sig="input_handle: variant, index: int32, element_shape: Tshape -> item: element_dtype"):
    """One element."""
    lends = True
    on_list = "get"
    element_dtype: DType
    Tshape: DType = one_of(INDEX, default=dtypes.int32)
    static = ("element_shape",)

    def infer(self, handle: Any, index: Any, element_shape: Any) -> Any:
        return Spec(self.element_dtype, known_shape(element_shape))

    def contents(self, handle: Any, *_: Any) -> tuple[Any, ...]:
        return (inside(handle),)

    def kernel(self, xp: Namespace, handle: Any, index: Any, element_shape: Any) -> Any:
        found = as_list(handle, "TensorListGetItem")
        place = int(index)
        if not 0 <= place < len(found.items):
            raise refuse(f"Trying to access element {place} in a list with {len(found.items)} elements.")
        item = found.items[place]
        return item.copy() if item.__class__ is np.ndarray else element(item, shape_of(element_shape), found)

    def quick(self, handle: Any, index: Any, element_shape: Any) -> Any:
        found, place = as_list(handle, "TensorListGetItem"), int(index)
        item = found.items[place] if 0 <= place < len(found.items) else None
        return self.kernel(numpy_namespace, found, index, element_shape) if item is None else item

    def grad(self, op: Operation, dy: Any) -> Any:
        handle, index, _ = op.inputs
        size = make(TensorListLength, handle)
        return make(TensorListSetItem, reserve(self.element_dtype, list_element_shape(handle), size), index, dy), None, None


class TensorListSetItem(ListOp, sig="input_handle: variant, index: int32, item: element_dtype -> output_handle: variant"):
    """The list with another element at `index`."""
    keeps = (2,)
    on_list = "set"
    element_dtype: DType
    resize_if_index_out_of_bounds: bool = False

    def contents(self, handle: Any, _: Any, item: Any) -> tuple[Any, ...]:
        return (grown(handle, item, None if self.resize_if_index_out_of_bounds else count_of(handle)),)

    def kernel(self, xp: Namespace, handle: Any, index: Any, item: Any) -> Any:
        found, place = as_list(handle, "TensorListSetItem"), int(index)
        merged(found.shape, np.shape(item)) if not isinstance(item, TensorList) else None
        count = len(found.items)
        if place >= count and self.resize_if_index_out_of_bounds:
            found = found.of([*found.items, *[None] * (place + 1 - count)])
        elif not 0 <= place < count:
            raise refuse(f"Trying to modify element {place} in a list with {count} elements.")
        return found.set(place, item)

    def quick(self, handle: Any, index: Any, item: Any) -> Any:
        found, place = as_list(handle, "TensorListSetItem"), int(index)
        if 0 <= place < len(found.items):
            if found.shape is not None:
                merged(found.shape, item.shape)
            return found.with_item(place, item)
        return self.kernel(numpy_namespace, found, index, item)

    def grad(self, op: Operation, dy: Any) -> Any:
        handle, index, item = op.inputs
        if dy is None:
            return None, None, None
        list_grad = make(TensorListSetItem, dy, index, zeros_for(item))
        element_grad = get_item(dy, index, self.element_dtype, shape_of_tensor(item))
        if self.resize_if_index_out_of_bounds:
            list_grad = make(TensorListResize, list_grad, make(TensorListLength, handle))
        return list_grad, None, element_grad


class TensorListResize(ListOp, sig="input_handle: variant, size: int32 -> output_handle: variant"):
    """The list cut, or filled up with elements that are not set, to `size`."""

    def contents(self, handle: Any, size: Any) -> tuple[Any, ...]:
        before = known_of(handle)
        return (before._replace(size=number(size)) if isinstance(before, Contents) else None,)

    def kernel(self, xp: Namespace, handle: Any, size: Any) -> Any:
        found, count = as_list(handle, "TensorListResize"), int(size)
        if count < 0:
            raise refuse(f"TensorListSlice expects size to be non-negative. Got: {count}")
        if count == len(found.items):
            return found
        return found.of([*found.items[:count], *[None] * (count - len(found.items))])

    def grad(self, op: Operation, dy: Any) -> Any:
        return None if dy is None else make(TensorListResize, dy, make(TensorListLength, op.inputs[0])), None


class TensorListStack(ListOp, sig="input_handle: variant, element_shape: int32 -> tensor: element_dtype"):
    """All elements as one tensor, along a new first dimension."""
    element_dtype: DType
    num_elements: int = -1
    static = ("element_shape",)

    def infer(self, handle: Any, element_shape: Any) -> Any:
        shape = known_shape(element_shape)
        count = None if self.num_elements < 0 else self.num_elements
        return Spec(self.element_dtype, None if shape is None else (count, *shape))

    def contents(self, handle: Any, _: Any) -> tuple[Any, ...]:
        return (rows(count_of(handle), inside(handle)),)

    def kernel(self, xp: Namespace, handle: Any, element_shape: Any) -> Any:
        found = as_list(handle, "TensorListStack")
        if self.num_elements >= 0 and len(found.items) != self.num_elements:
            raise refuse(f"Operation expected a list with {self.num_elements} elements but got a list with {len(found.items)} elements.")
        return stacked([*found.items], found, shape_of(element_shape), "stack")

    def grad(self, op: Operation, dy: Any) -> Any:
        return from_tensor(dy, None if dy.static is None else dy.static[1:]), None


class TensorListFromTensor(ListOp, sig="tensor: element_dtype, element_shape: shape_type -> output_handle: variant"):
    """The list of the rows of a tensor."""
    element_dtype: DType
    shape_type: DType = one_of(INDEX)

    def contents(self, tensor: Any, _: Any) -> tuple[Any, ...]:
        return (of_rows(tensor),)

    def kernel(self, xp: Namespace, tensor: Any, element_shape: Any) -> Any:
        array = np.asarray(tensor)
        if not array.ndim:
            raise refuse("Tensor must be at least a vector, but saw shape: []")
        shape = merged(shape_of(element_shape), array.shape[1:])
        return TensorList(list(np.array(array, order="C")), self.element_dtype.np, shape)      # each row in one piece

    def grad(self, op: Operation, dy: Any) -> Any:
        if dy is None:
            return None, None
        tensor = op.inputs[0]
        count = tensor.static[0] if tensor.static else None
        return stack(dy, self.element_dtype, row_shape(tensor), -1 if count is None else count), None


# ---- helpers -----------------------------------------------------------------------------------------------------------

def shape_tensor(shape: Shape) -> Any:
    """An element shape as the ops take it; a scalar -1 for unknown rank."""
    return np.array(-1, np.int32) if shape is None else np.array([-1 if d is None else d for d in shape], np.int32)


def element_shape_arg(shape: Any) -> Any:
    return shape if isinstance(shape, Tensor) else constant_op(np.zeros(0, np.int32)) if shape == () else shape_tensor(shape)


def shape_of_tensor(tensor: Tensor) -> Any:
    """The shape of a tensor, for its element in a list; lists and optionals are scalars."""
    return () if tensor.dtype.base_dtype is dtypes.variant else F.shape(tensor)


def row_shape(tensor: Tensor) -> Any:
    """The shape of a tensor's rows."""
    return F.slice(F.shape(tensor), [1], [-1])


def empty_list(dtype: DType, element_shape: Any, max_num_elements: Any = -1, name: str | None = None) -> Tensor:
    """EmptyTensorList."""
    return make(EmptyTensorList, element_shape_arg(element_shape), max_num_elements, element_dtype=dtype, name=name)


def reserve(dtype: DType, element_shape: Any, num_elements: Any, name: str | None = None) -> Tensor:
    """TensorListReserve."""
    return make(TensorListReserve, element_shape_arg(element_shape), num_elements, element_dtype=dtype, name=name)


def pop_back(handle: Any, dtype: DType, shape: Any, name: str | None = None) -> list[Tensor]:
    """(the list without its last element, that element)"""
    return make(TensorListPopBack, handle, element_shape_arg(shape), element_dtype=dtype, name=name)


def get_item(handle: Any, index: Any, dtype: DType, shape: Any, name: str | None = None) -> Tensor:
    """TensorListGetItem."""
    return make(TensorListGetItem, handle, index, element_shape_arg(shape), element_dtype=dtype, name=name)


def stack(handle: Any, dtype: DType, shape: Any, num_elements: int = -1, name: str | None = None) -> Tensor:
    """TensorListStack."""
    return make(TensorListStack, handle, element_shape_arg(shape), element_dtype=dtype, num_elements=num_elements, name=name)


def from_tensor(tensor: Any, shape: Any, name: str | None = None) -> Tensor:
    """TensorListFromTensor."""
    return make(TensorListFromTensor, tensor, element_shape_arg(shape), name=name)


def list_element_shape(handle: Tensor) -> Tensor:
    """TensorListElementShape, as int32."""
    return make(TensorListElementShape, handle, shape_type=dtypes.int32)


def zeros_for(tensor: Tensor) -> Any:
    """Zeros like a tensor or list."""
    if tensor.dtype.base_dtype is dtypes.variant:
        return make(F.ZerosLike, tensor)
    return F.zeros_like(tensor)
