"""tf.TensorArray: an array of tensors that is written and read element by element, in loops above all.

It is a value: each write gives a new TensorArray, and the old one stays as it was. What flows is a list of tensors (`flow`).
"""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import context, shapes
from ...core.convert import convert_to_tensor
from ...core.dtypes import as_dtype, int32, int64
from ...core.export import export
from ...core.known import constant_value
from ...core.make import make
from ...core.tensor import Tensor
from ...core.tensor_shape import TensorShape
from .. import functions as F
from . import tensor_list as lists
from . import tensor_list_parts as parts


@export("TensorArray")
class TensorArray:
    """An array of `size` tensors of one dtype.

    dynamic_size: it grows where it is written. element_shape: what is known of the elements' shape; infer_shape: writes tell more of
    it, and must fit. flow: the list that the array is made of, instead of a new one. An element that was not written reads as zeros
    where its shape is known. clear_after_read, handle, tensor_array_name and colocate_with_first_write_call are accepted and change
    nothing: an element may be read as often as one likes.
    """

    def __init__(self, dtype: Any, size: Any = None, dynamic_size: bool | None = None, clear_after_read: bool | None = None,
                 tensor_array_name: str | None = None, handle: Any = None, flow: Any = None, infer_shape: bool = True,
                 element_shape: Any = None, colocate_with_first_write_call: bool = True, name: str | None = None):
        if flow is None and size is None:
            raise ValueError("Argument `size` must be provided if argument `flow` is not provided.")
        if flow is not None and size is not None:
            raise ValueError("Only one of `size` and `flow` may be provided.")
        if flow is not None and dynamic_size is not None:
            raise ValueError("Argument `dynamic_size` cannot be provided together with `flow`.")
        self._dtype, self._dynamic, self._infer, self._size = as_dtype(dtype).base_dtype, bool(dynamic_size), infer_shape, size
        self._known = [shapes.as_tuple(element_shape)]       # shared with what writes make of it: the element shape found so far
        graph = context.default_graph()
        with graph.name_scope(name or "TensorArrayV2") as scope:
            self._flow: Tensor = lists.reserve(self._dtype, self._known[0], size, name=scope) if flow is None else flow

    dtype = property(lambda self: self._dtype)
    flow = property(lambda self: self._flow)
    handle = property(lambda self: None)
    dynamic_size = property(lambda self: self._dynamic)

    @property
    def element_shape(self) -> TensorShape:
        """What is known of the elements' shape."""
        return TensorShape(self._known[0])

    def _graphflow_flow(self) -> Tensor:
        return self._flow

    def _graphflow_with_flow(self, flow: Tensor) -> TensorArray:
        if context.default_graph().eager:       # as in TensorFlow, where a program may let go of what `write` gives
            self._flow = flow
            return self
        made = object.__new__(TensorArray)
        made.__dict__.update(self.__dict__)
        made._flow = flow
        return made

    def identity(self) -> TensorArray:
        """The same array, after the control dependencies around this call."""
        return self._graphflow_with_flow(F.identity(self._flow))

    def grad(self, source: Any, flow: Any = None, name: str | None = None) -> Any:
        raise NotImplementedError("TensorArray.grad: tf.gradients goes through TensorArrays; ask it for the gradient of what was written")

    def read(self, index: Any, name: str | None = None) -> Tensor:
        """The element at `index`."""
        with context.default_graph().name_scope(name or "TensorArrayV2Read"):
            return lists.get_item(self._flow, index, self._dtype, self._known[0], name=name)

    def write(self, index: Any, value: Any, name: str | None = None) -> TensorArray:
        """The array with another element at `index`."""
        with context.default_graph().name_scope(name or "TensorArrayV2Write"):
            value = self._converted(value)
            self._fit(value.static)
            return self._graphflow_with_flow(make(lists.TensorListSetItem, self._flow, index, value, name=name,
                                                  resize_if_index_out_of_bounds=self._dynamic))

    def stack(self, name: str | None = None) -> Tensor:
        """All elements along a new first dimension."""
        with context.default_graph().name_scope(name or "TensorArrayV2Stack"):
            known = None if self._dynamic else self._size
            known = constant_value(known) if isinstance(known, Tensor) else known
            return lists.stack(self._flow, self._dtype, self._known[0], -1 if known is None else int(known))

    def gather(self, indices: Any, name: str | None = None) -> Tensor:
        """The elements at `indices` along a new first dimension."""
        return parts.gather(self._flow, indices, self._dtype, self._known[0], name=name)

    def concat(self, name: str | None = None) -> Tensor:
        """The elements one after the other along their first dimension."""
        known = self._known[0]
        return parts.concat(self._flow, self._dtype, None if known is None else (None, *known[1:]), name=name)[0]

    def unstack(self, value: Any, name: str | None = None) -> TensorArray:
        """The array whose elements are the rows of `value`."""
        with context.default_graph().name_scope(name or "TensorArrayUnstack"):
            value = self._converted(value)
            rows = None if value.static is None else value.static[1:]
            self._fit(rows)
            return self._graphflow_with_flow(lists.from_tensor(value, rows))

    def scatter(self, indices: Any, value: Any, name: str | None = None) -> TensorArray:
        """The array with the rows of `value` at `indices`."""
        with context.default_graph().name_scope(name or "TensorArrayScatter"):
            value = self._converted(value)
            self._fit(None if value.static is None else value.static[1:])
            return self._graphflow_with_flow(make(parts.TensorListScatterIntoExistingList, self._flow, value, indices))

    def split(self, value: Any, lengths: Any, name: str | None = None) -> TensorArray:
        """The array of consecutive parts of `value`, `lengths` long along its first dimension."""
        with context.default_graph().name_scope(name or "TensorArraySplit"):
            value = self._converted(value)
            sizes = F.cast(lengths, int64)
            known = constant_value(sizes)
            if value.static is not None and known is not None and np.ndim(known) and np.size(known) and np.max(known) == np.min(known):
                self._fit((int(known[0]), *value.static[1:]))
            return self._graphflow_with_flow(make(parts.TensorListSplit, value, lists.shape_tensor(self._known[0]), sizes, name=name))

    def size(self, name: str | None = None) -> Tensor:
        """How many elements there are."""
        if not self._dynamic and self._size is not None:
            return convert_to_tensor(self._size, int32)
        return make(lists.TensorListLength, self._flow, name=name)

    def close(self, name: str | None = None) -> Any:
        """Nothing is left to do: an array is gone when nobody uses it."""
        return F.no_op(name=name)

    def _converted(self, value: Any) -> Tensor:
        value = convert_to_tensor(value, None, "value", preferred_dtype=self._dtype)
        if value.dtype.base_dtype is not self._dtype:
            raise ValueError(f"TensorArray dtype is {self._dtype.name} but Op is trying to write dtype {value.dtype.base_dtype.name} ")
        return value

    def _fit(self, shape: Any) -> None:
        if not self._infer:
            return
        if not shapes.compatible(shape, self._known[0]):
            raise ValueError(f"Inconsistent shapes: saw {TensorShape(shape)} but expected {self.element_shape} ")
        self._known[0] = shapes.merge(self._known[0], shape)

