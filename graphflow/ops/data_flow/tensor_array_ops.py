"""TF1's TensorArrays, as graphs of its time hold them: an array that lives in one run, written and read through a handle.

Programs here make lists instead (`tf.TensorArray`). `flow` is a float without meaning that orders the accesses, and along which
gradients go.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import context, dtypes
from ...core.dtypes import DType
from ...core.make import make
from ...core.op import Shape, Spec
from ...core.outcomes import Effect, Several
from ...kernels.tensor_array import Array, boxed, unboxed
from .stack_ops import RunOp

_FLOW = Spec(dtypes.float32, ())


def handle_of(cls: Any) -> Spec:
    """What is known of a handle."""
    output = cls.signature().outputs[0]
    return Spec(output.fixed.ref_dtype if output.is_ref else output.fixed, None)


def _flow() -> Any:
    return np.float32(0)


class TensorArrayMaker(RunOp):
    """Base: what makes an array."""
    dtype: Any
    element_shape: Any
    dynamic_size: Any
    clear_after_read: Any
    tensor_array_name: Any
    identical_element_shapes: Any = False

    def infer(self, size: Spec) -> Any:
        return handle_of(type(self)), _FLOW

    def run(self, ctx: Any, size: Any) -> Any:
        found = Array(self.tensor_array_name or ctx.operation.name, self.dtype.held, int(size), self.element_shape,
                      resizes=self.dynamic_size, once=self.clear_after_read, same=self.identical_element_shapes)
        return boxed(found), _flow()


class TensorArrayV3(TensorArrayMaker, Several, sig="size: int32 -> handle: resource, flow: float32", stateful=True):
    """A TensorArray, new each time that this runs."""
    dtype: DType
    element_shape: Shape = None
    dynamic_size: bool = False
    clear_after_read: bool = True
    identical_element_shapes: bool = False
    tensor_array_name: str = ""


class _Gradient(RunOp, Several):
    source: Any

    def infer(self, *inputs: Spec) -> Any:
        return handle_of(type(self)), _FLOW

    def run(self, ctx: Any, handle: Any, flow_in: Any, shape_to_prepend: Any = ()) -> Any:
        return boxed(unboxed(handle).open().gradient(self.source, tuple(int(d) for d in shape_to_prepend))), _flow()

    def grad(self, op: Any, dhandle: Any, dflow: Any) -> Any:
        """Gradients of what was done to the array of gradients come along the flow, and go on along that before it."""
        return (None, dflow, None)[:len(op.inputs)]


class TensorArrayGradV3(_Gradient, sig="handle: resource, flow_in: float32 -> grad_handle: resource, flow_out: float32", stateful=True):
    """The array of the gradients of a TensorArray's elements; writes to it add up."""
    source: str


class TensorArrayGradWithShape(_Gradient, sig="handle: resource, flow_in: float32, shape_to_prepend: int32 -> "
                                              "grad_handle: resource, flow_out: float32", stateful=True):
    """TensorArrayGradV3 with more dimensions in front of each element's."""
    source: str


def gradient_of(op: Any, flow: Any) -> Any:
    """(handle, flow) of the array of gradients of the array that `op` is about. `flow`: after which it is made.

    tf.gradients called twice makes two arrays: they are told apart by the scope of the call, which all gradients of one call share, those
    in bodies too.
    """
    graph = context.default_graph()
    parts = [part for around in reversed([graph, *graph.graphs_around()]) for part in around._names.scope.split("/")]
    name = next((part for part in parts if part.startswith("gradients")), "gradients")
    return make(TensorArrayGradV3, op.inputs[0], flow, source=name)


class _Writer(RunOp):
    T: Any

    def infer(self, *inputs: Spec) -> Any:
        return _FLOW


class TensorArrayWriteV3(_Writer, sig="handle: resource, index: int32, value: T, flow_in: float32 -> flow_out: float32", stateful=True):
    """Sets one element."""
    T: DType

    def run(self, ctx: Any, handle: Any, index: Any, value: Any, flow_in: Any) -> Any:
        unboxed(handle).open().write(int(index), value)
        return _flow()

    def grad(self, op: Any, dy: Any) -> Any:
        handle, flow = gradient_of(op, dy)
        value = make(TensorArrayReadV3, handle, op.inputs[1], flow, dtype=self.T)
        return None, None, value, dy


class TensorArrayReadV3(RunOp, sig="handle: resource, index: int32, flow_in: float32 -> value: dtype", stateful=True):
    """One element."""
    dtype: DType

    def infer(self, *inputs: Spec) -> Any:
        return Spec(self.dtype, None)

    def run(self, ctx: Any, handle: Any, index: Any, flow_in: Any) -> Any:
        return unboxed(handle).open().read(int(index))

    def grad(self, op: Any, dy: Any) -> Any:
        handle, flow = gradient_of(op, op.inputs[2])
        return None, None, make(TensorArrayWriteV3, handle, op.inputs[1], dy, flow)


class TensorArrayGatherV3(RunOp, sig="handle: resource, indices: int32, flow_in: float32 -> value: dtype", stateful=True):
    """The elements at `indices`, along a new first dimension."""
    dtype: DType
    element_shape: Shape = None

    def infer(self, handle: Spec, indices: Any, flow_in: Spec) -> Any:
        count = None if indices.shape is None else indices.shape[0]
        return Spec(self.dtype, None if self.element_shape is None else (count, *self.element_shape))

    def run(self, ctx: Any, handle: Any, indices: Any, flow_in: Any) -> Any:
        return gathered(unboxed(handle).open(), [int(i) for i in indices], self.element_shape)

    def grad(self, op: Any, dy: Any) -> Any:
        handle, flow = gradient_of(op, op.inputs[2])
        return None, None, make(TensorArrayScatterV3, handle, op.inputs[1], dy, flow)


def gathered(array: Array, indices: list[int], wanted: Shape) -> Any:
    """Elements along a new first dimension."""
    if not indices:
        shape = array.shape if array.shape is not None and None not in array.shape else wanted
        if shape is None or any(d is None for d in shape):
            raise ValueError(f"TensorArray has size zero, but element shape {list(shape or ())} is not fully defined. Currently only "
                             "static shapes are supported when packing zero-size TensorArrays.")
        return np.zeros((0, *(d or 0 for d in shape)), array.dtype)
    parts = [array.read(i) for i in indices]
    for i, part in zip(indices, parts):
        if part.shape != parts[0].shape:
            raise ValueError(f"TensorArray has inconsistent shapes.  Index {indices[0]} has shape: {list(parts[0].shape)} but index {i} "
                             f"has shape: {list(part.shape)}")
    return np.stack(parts)


class TensorArrayScatterV3(_Writer, stateful=True,
                           sig="handle: resource, indices: int32, value: T, flow_in: float32 -> flow_out: float32"):
    """Sets the elements at `indices` to the rows of `value`."""
    T: DType

    def run(self, ctx: Any, handle: Any, indices: Any, value: Any, flow_in: Any) -> Any:
        scattered(unboxed(handle).open(), [int(i) for i in indices], value)
        return _flow()

    def grad(self, op: Any, dy: Any) -> Any:
        handle, flow = gradient_of(op, dy)
        return None, None, make(TensorArrayGatherV3, handle, op.inputs[1], flow, dtype=self.T), dy


def scattered(array: Array, indices: list[int], value: Any) -> None:
    """Rows to elements."""
    if not value.ndim:
        raise ValueError("Input value for unpack must be at least a vector but received shape: []")
    if len(value) != len(indices):
        raise ValueError(f"Expected len(indices) == values.shape[0], but saw: {len(indices)} vs. {len(value)}")
    for i, row in zip(indices, value):
        array.write(i, row)


class TensorArrayConcatV3(RunOp, Several, sig="handle: resource, flow_in: float32 -> value: dtype, lengths: int64", stateful=True):
    """All elements one after the other along their first dimension, and how long each is."""
    dtype: DType
    element_shape_except0: Shape = None

    def infer(self, *inputs: Spec) -> Any:
        rest = self.element_shape_except0
        return Spec(self.dtype, None if rest is None else (None, *rest)), Spec(dtypes.int64, (None,))

    def run(self, ctx: Any, handle: Any, flow_in: Any) -> Any:
        array = unboxed(handle).open()
        if not array.size():
            rest = self.element_shape_except0
            if rest is None or any(d is None for d in rest):
                raise ValueError("TensorArray has size zero, but element_shape_except0 is not fully defined. Currently only static shapes "
                                 "are supported when concatenating zero-size TensorArrays.")
            return np.zeros((0, *(d or 0 for d in rest)), array.dtype), np.zeros(0, np.int64)
        parts = [array.read(i) for i in range(array.size())]
        for i, part in enumerate(parts):
            if not part.ndim:
                raise ValueError(f"Concat saw a scalar shape at index {i} but requires at least vectors.  Did you mean to call pack?")
            if part.shape[1:] != parts[0].shape[1:]:
                raise ValueError("TensorArray has inconsistent shapes.  Index 0 has (excepting dimension 0) shape: "
                                 f"{list(parts[0].shape[1:])} but index {i} has (excepting dimension 0) shape: {list(part.shape[1:])}")
        return np.concatenate(parts), np.array([len(p) for p in parts], np.int64)

    def grad(self, op: Any, dy: Any, dlengths: Any) -> Any:
        handle, flow = gradient_of(op, op.inputs[1])
        return None, make(TensorArraySplitV3, handle, dy, op.outputs[1], flow)


class TensorArraySplitV3(_Writer, sig="handle: resource, value: T, lengths: int64, flow_in: float32 -> flow_out: float32", stateful=True):
    """Sets the elements to consecutive parts of `value`, `lengths` long along its first dimension."""
    T: DType

    def run(self, ctx: Any, handle: Any, value: Any, lengths: Any, flow_in: Any) -> Any:
        array = unboxed(handle).open()
        ends = np.cumsum(lengths)
        total = int(ends[-1]) if len(ends) else 0
        if not value.ndim or total != len(value):
            raise ValueError(f"Expected sum of lengths to be equal to values.shape[0], but sum of lengths is {total} and value's shape is: "
                             f"{list(value.shape)} ")
        if array.size() != len(lengths) and not array.resizes:
            raise ValueError(f"TensorArray's size is not equal to the size of lengths ({array.size()} vs. {len(lengths)}), and the "
                             "TensorArray is not marked as dynamically resizeable")
        for i, (end, length) in enumerate(zip(ends, lengths)):
            array.write(i, value[int(end - length):int(end)])
        return _flow()

    def grad(self, op: Any, dy: Any) -> Any:
        handle, flow = gradient_of(op, dy)
        return None, make(TensorArrayConcatV3, handle, flow, dtype=self.T)[0], None, dy


class TensorArraySizeV3(RunOp, sig="handle: resource, flow_in: float32 -> size: int32", stateful=True):
    """How many elements there are."""

    def infer(self, *inputs: Spec) -> Any:
        return Spec(dtypes.int32, ())

    def run(self, ctx: Any, handle: Any, flow_in: Any) -> Any:
        return np.int32(unboxed(handle).open().size())


class TensorArrayCloseV3(RunOp, Effect, sig="handle: resource ->", stateful=True):
    """Forgets the elements; using the array afterwards is an error."""

    def run(self, ctx: Any, handle: Any) -> Any:
        unboxed(handle).close()
        return ()
