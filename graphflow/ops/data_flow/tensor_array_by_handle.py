"""A TensorArray of TF1's own kind: one that lives in a run and is read and written through its handle. `TensorArray.grad` gives one."""
from __future__ import annotations

from typing import Any

from ...core import context, shapes
from ...core.convert import convert_to_tensor
from ...core.dtypes import as_dtype, int64
from ...core.make import make
from ...core.tensor import Tensor
from ...core.tensor_shape import TensorShape
from .. import functions as F
from . import tensor_array_ops as ops


class ElementTypes:
    """Base of both kinds of arrays: what is known of their elements. known: their shape, in a list that all states of an array share."""
    _dtype: Any
    _flow: Tensor
    _infer: bool
    _known: list[Any]

    dtype = property(lambda self: self._dtype)
    flow = property(lambda self: self._flow)

    @property
    def element_shape(self) -> TensorShape:
        """What is known of the elements' shape."""
        return TensorShape(self._known[0])

    def _graphflow_flow(self) -> Tensor:
        return self._flow

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


class ArrayByHandle(ElementTypes):
    """The array behind `handle`. flow: a float32 scalar without meaning; what is done to the array waits for it.

    element_shape: what is known of the elements' shape; infer_shape: writes tell more of it, and must fit. Unlike the arrays that
    `tf.TensorArray` makes it is changed in place, an element can be written once (unless the array is one of gradients) and, with
    `clear_after_read`, read once.
    """

    def __init__(self, dtype: Any, handle: Tensor, flow: Tensor, element_shape: Any = None, infer_shape: bool = True):
        self._dtype, self._handle, self._flow, self._infer = as_dtype(dtype).base_dtype, handle, flow, infer_shape
        self._known = [shapes.as_tuple(element_shape)]

    handle = property(lambda self: self._handle)

    def _graphflow_with_flow(self, flow: Tensor) -> ArrayByHandle:
        made = object.__new__(ArrayByHandle)
        made.__dict__.update(self.__dict__)
        made._flow = flow
        return made

    def identity(self) -> ArrayByHandle:
        """The same array, after the control dependencies around this call."""
        return self._graphflow_with_flow(F.identity(self._flow))

    def grad(self, source: str, flow: Any = None, name: str | None = None) -> ArrayByHandle:
        """The array of gradients by the name `source`: of the same size, writes to one element add up, and what was not written is zeros.

        The array of one name is the same one wherever it is asked for. flow: after which it is made, by default this array's.
        """
        if not isinstance(source, str):
            raise TypeError(f"Expected string for argument 'source' not {source!r}.")
        with context.default_graph().name_scope(name or "TensorArrayGrad"):
            flow = self._flow if flow is None else flow
            handle = make(ops.TensorArrayGradV3, self._handle, flow, source=source)[0]
            with context.default_graph().control_dependencies([handle]):
                flow = F.identity(flow, name="gradient_flow")
        return ArrayByHandle(self._dtype, handle, flow, self._known[0], self._infer)

    def read(self, index: Any, name: str | None = None) -> Tensor:
        """The element at `index`."""
        value: Tensor = make(ops.TensorArrayReadV3, self._handle, index, self._flow, name=name, dtype=self._dtype)
        value.set_shape(self._known[0])
        return value

    def write(self, index: Any, value: Any, name: str | None = None) -> ArrayByHandle:
        """The array after the element at `index` was written."""
        with context.default_graph().name_scope(name or "TensorArrayWrite"):
            value = self._converted(value)
            self._fit(value.static)
            return self._graphflow_with_flow(make(ops.TensorArrayWriteV3, self._handle, index, value, self._flow))

    def stack(self, name: str | None = None) -> Tensor:
        """All elements along a new first dimension."""
        with context.default_graph().name_scope(name or "TensorArrayStack"):
            return self.gather(F.range(0, self.size()))

    def gather(self, indices: Any, name: str | None = None) -> Tensor:
        """The elements at `indices` along a new first dimension."""
        found: Tensor = make(ops.TensorArrayGatherV3, self._handle, indices, self._flow, name=name, dtype=self._dtype,
                             element_shape=self._known[0])
        return found

    def concat(self, name: str | None = None) -> Tensor:
        """The elements one after the other along their first dimension."""
        known = self._known[0]
        found: Tensor = make(ops.TensorArrayConcatV3, self._handle, self._flow, name=name, dtype=self._dtype,
                             element_shape_except0=None if known is None else known[1:])[0]
        return found

    def unstack(self, value: Any, name: str | None = None) -> ArrayByHandle:
        """The array after its elements were written: the rows of `value`."""
        with context.default_graph().name_scope(name or "TensorArrayUnstack"):
            value = self._converted(value)
            return self.scatter(F.range(0, F.shape(value)[0]), value)

    def scatter(self, indices: Any, value: Any, name: str | None = None) -> ArrayByHandle:
        """The array after the rows of `value` were written at `indices`."""
        with context.default_graph().name_scope(name or "TensorArrayScatter"):
            value = self._converted(value)
            self._fit(None if value.static is None else value.static[1:])
            return self._graphflow_with_flow(make(ops.TensorArrayScatterV3, self._handle, indices, value, self._flow))

    def split(self, value: Any, lengths: Any, name: str | None = None) -> ArrayByHandle:
        """The array after consecutive parts of `value`, `lengths` long along its first dimension, were written."""
        with context.default_graph().name_scope(name or "TensorArraySplit"):
            value = self._converted(value)
            made: Tensor = make(ops.TensorArraySplitV3, self._handle, value, F.cast(lengths, int64), self._flow)
            return self._graphflow_with_flow(made)

    def size(self, name: str | None = None) -> Tensor:
        """How many elements there are."""
        found: Tensor = make(ops.TensorArraySizeV3, self._handle, self._flow, name=name)
        return found

    def close(self, name: str | None = None) -> Any:
        """An operation that forgets the elements; using the array afterwards is an error."""
        return make(ops.TensorArrayCloseV3, self._handle, name=name)
