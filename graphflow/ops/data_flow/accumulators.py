"""tf.ConditionalAccumulator and its sparse relative: gradients of several threads or steps, averaged once there are enough."""
from __future__ import annotations

from typing import Any

from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, as_dtype, int64
from ...core.export import export
from ...core.make import make
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...core.tensor_shape import TensorShape
from ...core.values import IndexedSlices
from .. import functions as F
from . import accumulator_ops as ops


@export("ConditionalAccumulatorBase")
class ConditionalAccumulatorBase:
    """Base of accumulators. A gradient whose `local_step` is before the accumulator's step is dropped; each take begins the next step."""

    def __init__(self, dtype: Any, shape: Any, accumulator_ref: Tensor):
        self._dtype, self._accumulator_ref = as_dtype(dtype), accumulator_ref
        self._shape = TensorShape(shape)
        self._name = accumulator_ref.op.name.rpartition("/")[2]

    accumulator_ref = property(lambda self: self._accumulator_ref)
    name = property(lambda self: self._name)
    _resource = property(lambda self: self._accumulator_ref.dtype.name == "resource")

    @property
    def dtype(self) -> DType:
        """The dtype of the gradients."""
        return self._dtype

    def num_accumulated(self, name: str | None = None) -> Tensor:
        """How many gradients came since the last take, int32."""
        cls = ops.ResourceAccumulatorNumAccumulated if self._resource else ops.AccumulatorNumAccumulated
        found: Tensor = make(cls, self._accumulator_ref, name=name or f"{self._name}_NumAccumulated")
        return found

    def set_global_step(self, new_global_step: Any, name: str | None = None) -> Operation:
        """An operation that sets the step before which gradients are dropped."""
        cls = ops.ResourceAccumulatorSetGlobalStep if self._resource else ops.AccumulatorSetGlobalStep
        op: Operation = make(cls, self._accumulator_ref, F.cast(convert_to_tensor(new_global_step), int64), name=name)
        return op


def _stand(cls: Any, dtype: Any, shape: Any, shared_name: str | None, name: str, reduction_type: str) -> Tensor:
    if reduction_type not in ("MEAN", "SUM"):
        raise ValueError(f"Attr 'reduction_type' of '{cls.__name__}' Op passed string '{reduction_type}' not in: \"MEAN\", \"SUM\".")
    found: Tensor = make(cls, name=name, dtype=as_dtype(dtype), shape=TensorShape(shape)._dims, shared_name=shared_name or "",
                         reduction_type=reduction_type)
    return found


@export("ConditionalAccumulator")
class ConditionalAccumulator(ConditionalAccumulatorBase):
    """Adds dense gradients up. shape: theirs, as far as known. reduction_type: "MEAN" or "SUM", what a take gives of them.

    shared_name: accumulators of one name are one, in each session.
    """

    def __init__(self, dtype: Any, shape: Any = None, shared_name: str | None = None, name: str = "conditional_accumulator",
                 reduction_type: str = "MEAN"):
        super().__init__(dtype, shape, _stand(ops.ResourceConditionalAccumulator, dtype, shape, shared_name, name, reduction_type))

    def apply_grad(self, grad: Any, local_step: Any = 0, name: str | None = None) -> Operation:
        """An operation that adds a gradient, unless local_step is before the accumulator's step."""
        grad = convert_to_tensor(grad, self._dtype)
        grad.shape.assert_is_compatible_with(self._shape)
        step = F.cast(convert_to_tensor(local_step), int64)
        op: Operation = make(ops.ResourceAccumulatorApplyGradient, self._accumulator_ref, step, grad, name=name)
        return op

    def take_grad(self, num_required: Any, name: str | None = None) -> Tensor:
        """The average (or sum) of all gradients, as soon as there are num_required; the step grows by one. Waits outside of locks."""
        found: Tensor = make(ops.ResourceAccumulatorTakeGradient, self._accumulator_ref, num_required, dtype=self._dtype, name=name)
        found.set_shape(self._shape)
        return found


@export("SparseConditionalAccumulator", "sparse.SparseConditionalAccumulator")
class SparseConditionalAccumulator(ConditionalAccumulatorBase):
    """Adds sparse gradients up, rows by index; "MEAN" divides each row by how many gradients had it. Arguments: see above."""

    def __init__(self, dtype: Any, shape: Any = None, shared_name: str | None = None, name: str = "sparse_conditional_accumulator",
                 reduction_type: str = "MEAN"):
        super().__init__(dtype, shape, _stand(ops.SparseConditionalAccumulator, dtype, shape, shared_name, name, reduction_type))

    def apply_indexed_slices_grad(self, grad: IndexedSlices, local_step: Any = 0, name: str | None = None) -> Operation:
        """`apply_grad` of the parts of an IndexedSlices."""
        return self.apply_grad(grad.indices, grad.values, grad.dense_shape, local_step, name)

    def apply_grad(self, grad_indices: Any, grad_values: Any, grad_shape: Any = None, local_step: Any = 0,
                   name: str | None = None) -> Operation:
        """An operation that adds a gradient: rows `grad_values` at `grad_indices` of a tensor of shape grad_shape, if that is known."""
        step = F.cast(convert_to_tensor(local_step), int64)
        indices = F.cast(grad_indices, int64)
        shape = F.cast([] if grad_shape is None else grad_shape, int64)
        op: Operation = make(ops.SparseAccumulatorApplyGradient, self._accumulator_ref, step, indices, grad_values, shape,
                             dtype=self._dtype, has_known_shape=grad_shape is not None, name=name)
        return op

    def take_grad(self, num_required: Any, name: str | None = None) -> Any:
        """(indices, values, shape) of the average (or sum) of all gradients, as soon as there are num_required."""
        return make(ops.SparseAccumulatorTakeGradient, self._accumulator_ref, num_required, dtype=self._dtype, name=name)

    def take_indexed_slices_grad(self, num_required: Any, name: str | None = None) -> IndexedSlices:
        """`take_grad` as an IndexedSlices."""
        indices, values, shape = self.take_grad(num_required, name)
        return IndexedSlices(values, indices, shape)
