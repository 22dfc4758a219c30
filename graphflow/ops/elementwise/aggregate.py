"""Sums of several tensors: add_n, and what `tf.gradients` does where several gradients meet."""
from __future__ import annotations

from math import prod
from typing import Any

from ...core import context, dtypes, shapes
from ...core.contents import all_of
from ...core.convert import convert_to_tensor, register_tensor_conversion_function
from ...core.deprecation import warn_once
from ...core.dtypes import DType
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...core.values import IndexedSlices
from ...kernels.contract import Namespace
from ...kernels.tensor_list import unwrapped
from .. import functions as F
from ..dtype_sets import NUMERIC, QUANTIZED


class AddN(Op, sig="inputs: T*N -> sum: T"):
    """The sum of the inputs, all of one shape."""
    least = {"N": 1}
    N: int
    T: DType = one_of(NUMERIC, QUANTIZED, dtypes.variant)
    host = property(lambda self: self.T is dtypes.variant)

    def infer(self, *inputs: Spec) -> Spec:
        shape = None
        for x in inputs:
            shape = shapes.merge(shape, x.shape)
        return Spec(self.T, shape)

    def contents(self, *inputs: Any) -> tuple[Any, ...]:
        return (all_of(inputs),)

    def kernel(self, xp: Namespace, *inputs: Any) -> Any:
        total = inputs[0]
        for x in inputs[1:]:
            total = unwrapped(total).plus(unwrapped(x)) if self.T is dtypes.variant else total + x
        return total

    def grad(self, op: Operation, dy: Any) -> Any:
        return [dy] * self.N

    def flops(self, inputs: Any, outputs: Any) -> int:
        return prod(outputs[0]) * (len(inputs) - 1)


def _summands(inputs: Any) -> list[Any]:
    if not isinstance(inputs, (list, tuple)) or not inputs:
        raise ValueError("Inputs must be an iterable of at least one Tensor/IndexedSlices with the same dtype and shape.")
    return [x if isinstance(x, IndexedSlices) else convert_to_tensor(x) for x in inputs]


@export("add_n", "math.add_n")
def add_n(inputs: Any, name: str | None = None) -> Tensor:
    """The sum of a list of tensors (or IndexedSlices) of one dtype and shape, without broadcasting."""
    if hasattr(inputs, "__iter__") and not isinstance(inputs, (list, tuple, Tensor)):
        inputs = list(inputs)
    inputs = _summands(inputs)
    if len(inputs) == 1:
        value = convert_to_tensor(inputs[0])
        return F.identity(value, name=name) if name else value
    return make(AddN, inputs, name=name)


@export("accumulate_n", "math.accumulate_n")
def accumulate_n(inputs: Any, shape: Any = None, tensor_dtype: Any = None, name: str | None = None) -> Tensor:
    """As `tf.add_n`; `shape` and `tensor_dtype` are checked against the inputs. Deprecated: use `tf.add_n`."""
    warn_once("tf.accumulate_n is deprecated: use tf.add_n")
    error = "inputs must be a list of at least one Tensor with the same dtype and shape"
    if not isinstance(inputs, (list, tuple)) or not inputs:
        raise ValueError(error)
    inputs = _summands(inputs)
    if any(isinstance(x, IndexedSlices) or x.dtype.base_dtype is not inputs[0].dtype.base_dtype for x in inputs):
        raise ValueError(error)
    merged = None if shape is None else shapes.as_tuple(shape)
    for x in inputs:
        merged = shapes.merge(merged, x.static)
    if tensor_dtype is not None and dtypes.as_dtype(tensor_dtype) is not inputs[0].dtype.base_dtype:
        raise TypeError(f"The `tensor_dtype` argument is {tensor_dtype}, but `input` is of type {inputs[0].dtype}. "
                        "These must be equal. Try casting the input to the desired type.")
    if len(inputs) == 1:
        return inputs[0] if name is None else F.identity(inputs[0], name=name)
    return add_n(inputs, name=name)


def _by_tree(grads: list[Any], name: str) -> Tensor:
    with context.default_graph().name_scope(name + "_gradient_sum"):
        total = grads[0]
        for g in grads[1:]:
            total = add_n([total, g])
    return total


def add_gradients(grads: list[Any], method: Any = None, name: str = "op") -> Any:
    """The sum of several gradients of one tensor: an AddN, or longer IndexedSlices when all of them are that.

    method: an AggregationMethod number; 0 (ADD_N) or None makes one op, 1 and 2 add one by one.
    """
    if method not in (None, 0, 1, 2):
        raise ValueError(f"Invalid `aggregation_method` specified {method}. Accepted values are [0, 1, 2].")
    if all(isinstance(g, Tensor) for g in grads):
        return _by_tree(grads, name) if method in (1, 2) else _by_device(grads)
    if any(isinstance(g, Tensor) for g in grads):
        return add_n(grads)
    slices = [_flat(g) for g in _one_index_dtype(grads)]
    return IndexedSlices(F.concat([g.values for g in slices], axis=0), F.concat([g.indices for g in slices], axis=0),
                         slices[0].dense_shape)


def _by_device(grads: list[Tensor]) -> Tensor:
    """One AddN beside the first of the tensors, or one for each device that they are on and one of these sums."""
    devices: dict[str, list[Tensor]] = {}
    for grad in grads:
        devices.setdefault(grad._op._device, []).append(grad)
    graph, sums = context.default_graph(), []
    for _, tensors in sorted(devices.items()):
        with graph.colocate_with(tensors[0]._op, ignore_existing=True):
            sums.append(add_n(tensors))
    return sums[0] if len(sums) == 1 else add_n(sums)


def _one_index_dtype(grads: list[Any]) -> list[Any]:
    if len({g.indices.dtype.base_dtype for g in grads}) == 1:
        return grads
    return [IndexedSlices(g.values, F.cast(g.indices, dtypes.int64), g.dense_shape) for g in grads]


def _flat(grad: Any) -> Any:
    """Slices of slices (the gradient of a gradient of gather) as slices."""
    if not isinstance(grad.values, IndexedSlices):
        return grad
    inner = _flat(grad.values)
    return IndexedSlices(inner.values, F.gather(grad.indices, inner.indices), grad.dense_shape)


def _dense(value: Any, dtype: Any = None, name: str | None = None, as_ref: bool = False) -> Any:
    """IndexedSlices as a tensor: the slices added up in zeros of the whole shape."""
    if dtype is not None and not dtype.base_dtype.is_compatible_with(value.dtype.base_dtype):
        raise ValueError(f"Incompatible tensor conversion requested to `dtype` {dtype.name} for IndexedSlices ({value}) with "
                         f"dtype {value.dtype.name}")
    if value.dense_shape is None:
        raise ValueError("Tensor conversion requested for IndexedSlices for argument `value` without dense_shape: " + str(value))
    return F.unsorted_segment_sum(value.values, value.indices, value.dense_shape[0], name=name)


register_tensor_conversion_function(IndexedSlices, _dense)
