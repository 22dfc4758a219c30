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
from .. import functions as F
from . import tensor_list as lists
from . import tensor_list_parts as parts
from .tensor_array_by_handle import ArrayByHandle, ElementTypes
from .tensor_array_ops import TensorArrayV3


@export("TensorArray")
class TensorArray(ElementTypes):
    """An array of `size` tensors of one dtype.

    dynamic_size: it grows where it is written. element_shape: what is known of the elements' shape; infer_shape: writes tell more of
    it, and must fit. flow: the list that the array is made of, instead of a new one. An element that was not written reads as zeros
    where its shape is known. clear_after_read, tensor_array_name and colocate_with_first_write_call are accepted and change
    nothing: an element may be read as often as one likes. The handle of an array that an imported graph makes is refused
    (NotImplementedError): `tf.raw_ops` has the operations that take it.
    """

    def __init__(self, dtype: Any, size: Any = None, dynamic_size: bool | None = None, clear_after_read: bool | None = None,
                 tensor_array_name: str | None = None, handle: Any = None, flow: Any = None, infer_shape: bool = True,
                 element_shape: Any = None, colocate_with_first_write_call: bool = True, name: str | None = None):
        if handle is not None:
            raise NotImplementedError("tf.TensorArray(handle=...): an array here is a value without a handle; what an imported graph makes "
                                      "is read and written by tf.raw_ops.TensorArrayReadV3, TensorArrayWriteV3 and the like")
        if flow is None and size is None:
            raise ValueError("Argument `size` must be provided if argument `flow` is not provided.")
        if flow is not None and size is not None:
            raise ValueError("Only one of `size` and `flow` may be provided.")
        if flow is not None and dynamic_size is not None:
            raise ValueError("Argument `dynamic_size` cannot be provided together with `flow`.")
        self._dtype, self._dynamic, self._infer, self._size = as_dtype(dtype).base_dtype, bool(dynamic_size), infer_shape, size
        self._known = [shapes.as_tuple(element_shape)]       # shared with what writes make of it: the element shape found so far
        self._twin: list[ArrayByHandle] = []                 # shared, too: the array by handle whose gradients `grad` gives
        graph = context.default_graph()
        with graph.name_scope(name or "TensorArrayV2") as scope:
            self._flow: Tensor = lists.reserve(self._dtype, self._known[0], size, name=scope) if flow is None else flow

    handle = property(lambda self: None)
    dynamic_size = property(lambda self: self._dynamic)

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

    def grad(self, source: str, flow: Any = None, name: str | None = None) -> ArrayByHandle:
        """The array of gradients by the name `source`: of the same size, writes to one element add up, and what was not written is zeros
        where the elements' shape is known.

        The array of one name is the same one wherever it is asked for. flow: that of another array of gradients, after which it is made.
        tf.gradients keeps no such arrays: NotImplementedError for the names that it would give them.
        """
        graph = context.default_graph()
        if graph.eager:
            raise NotImplementedError("TensorArray.grad in eager mode: tf.GradientTape goes through TensorArrays")
        if isinstance(source, str) and source.startswith("gradients"):
            raise NotImplementedError(f"TensorArray.grad({source!r}): tf.gradients keeps no array of that name; ask it for the gradient of "
                                      "what was written, or choose another name for an array of your own")
        if not self._twin:
            with graph.name_scope("TensorArrayTwin"):
                handle, start = make(TensorArrayV3, self.size(), dtype=self._dtype, element_shape=self._known[0])
            self._twin.append(ArrayByHandle(self._dtype, handle, start, self._known[0], self._infer))
        twin = self._twin[0]
        if twin.handle.graph not in (graph, *graph.graphs_around()):
            raise NotImplementedError("TensorArray.grad was first called in the body of a branch or loop that is left by now; call it once "
                                      "before that")
        found = twin.grad(source, flow, name)
        found._known[0] = self._known[0]
        return found

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
