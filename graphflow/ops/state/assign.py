"""Assignments: the ops return the new value, the plan decides where it is stored."""
from __future__ import annotations

from typing import Any

from ...core import dtypes
from ...core.dtypes import DType
from ...core.effects import UPDATE, WRITE, by_signature
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, require
from ...core.operation import Operation
from ...core.outcomes import Effect
from ...core.shapes import Shape, compatible, describe, merge
from ...kernels.contract import Namespace
from ..dtype_sets import NUMERIC


class Assign(Op, sig="ref: &T, value: T -> output_ref: &T"):
    """ref = value."""
    differentiable = False
    infers_present = True
    T: DType
    validate_shape: bool = True
    use_locking: bool = True

    def infer(self, ref: Spec, value: Spec) -> Spec:
        if self.validate_shape:
            require(compatible(ref.shape, value.shape), f"Dimensions must be equal: assigning a value of shape {value.shape} "
                                                        f"to a variable of shape {ref.shape}")
        return Spec(ref.dtype, value.shape if value.shape is not None else ref.shape if self.validate_shape else None)

    def accesses(self, operation: Operation) -> Any:
        return by_signature(operation, ref=WRITE)

    def check(self, ref: Spec, value: Spec) -> None:
        require(not self.validate_shape or compatible(ref.shape, value.shape),
                f"Assign requires shapes of both tensors to match. lhs shape= {describe(ref.shape)} rhs shape= {describe(value.shape)}")

    def kernel(self, xp: Namespace, ref: Any, value: Any) -> Any:
        return value


class AssignAdd(Op, sig="ref: &T, value: T -> output_ref: &T"):
    """ref += value."""
    differentiable = False
    flops_per_element = 1
    T: DType = one_of(NUMERIC)
    use_locking: bool = False

    def infer(self, ref: Spec, value: Spec) -> Spec:
        merge(ref.shape, value.shape)
        return ref

    def check(self, ref: Spec, value: Spec) -> None:
        _same_size(ref.shape, value.shape)

    def kernel(self, xp: Namespace, ref: Any, value: Any) -> Any:
        return xp.add(ref, value)


class AssignSub(AssignAdd, sig="ref: &T, value: T -> output_ref: &T"):
    """ref -= value."""
    T: DType = one_of(NUMERIC)
    use_locking: bool = False

    def kernel(self, xp: Namespace, ref: Any, value: Any) -> Any:
        return xp.subtract(ref, value)


class AssignVariableOp(Effect, sig="resource: @, value: dtype ->"):
    """The resource variable = value."""
    dtype: DType
    validate_shape: bool = False

    def infer(self, resource: Spec, value: Spec) -> Any:
        merge(resource.shape, value.shape)
        return ()

    def accesses(self, operation: Operation) -> Any:
        return by_signature(operation, resource=WRITE)

    def check(self, resource: Spec, value: Spec) -> None:
        require(not self.validate_shape or compatible(resource.shape, value.shape),
                "Trying to assign to variable with tensor with wrong shape. Expected "
                f"{describe(resource.shape)} got {describe(value.shape)}")

    def kernel(self, xp: Namespace, resource: Any, value: Any) -> Any:
        return value


class AssignAddVariableOp(Effect, sig="resource: @, value: dtype ->"):
    """The resource variable += value."""
    dtype: DType

    def infer(self, resource: Spec, value: Spec) -> Any:
        merge(resource.shape, value.shape)
        return ()

    def accesses(self, operation: Operation) -> Any:
        return by_signature(operation, resource=UPDATE)

    def check(self, resource: Spec, value: Spec) -> None:
        _same_size(resource.shape, value.shape)

    def kernel(self, xp: Namespace, resource: Any, value: Any) -> Any:
        return xp.add(resource, value)


class AssignSubVariableOp(AssignAddVariableOp, sig="resource: @, value: dtype ->"):
    """The resource variable -= value."""
    dtype: DType

    def kernel(self, xp: Namespace, resource: Any, value: Any) -> Any:
        return xp.subtract(resource, value)


def _same_size(variable: Shape, update: Shape) -> None:
    require(compatible(variable, update), f"Parameters and update must be the same size: {describe(variable)} vs. {describe(update)}")


def is_ref(variable: Any) -> bool:
    """Whether assigning means a ref-style op: a ref tensor or a ref-style Variable."""
    dtype = getattr(variable, "dtype", None)
    return isinstance(dtype, dtypes.DType) and dtype.is_ref


@export("assign")
def assign(ref: Any, value: Any, validate_shape: bool | None = None, use_locking: bool | None = None, name: str | None = None) -> Any:
    """ref = value; returns the variable's value after the assignment. validate_shape=False allows another shape."""
    if is_ref(ref):
        return make(Assign, ref, value, name=name, use_locking=use_locking is not False, validate_shape=validate_shape is not False)
    return ref.assign(value, name=name)


@export("assign_add")
def assign_add(ref: Any, value: Any, use_locking: bool | None = None, name: str | None = None) -> Any:
    """ref += value; returns the variable's value after the addition."""
    if is_ref(ref):
        return make(AssignAdd, ref, value, name=name, use_locking=bool(use_locking))
    return ref.assign_add(value)


@export("assign_sub")
def assign_sub(ref: Any, value: Any, use_locking: bool | None = None, name: str | None = None) -> Any:
    """ref -= value; returns the variable's value after the subtraction."""
    if is_ref(ref):
        return make(AssignSub, ref, value, name=name, use_locking=bool(use_locking))
    return ref.assign_sub(value)
