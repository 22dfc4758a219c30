"""Ops that stand for variables, and reading them: ref style (VariableV2) and resource style (VarHandleOp)."""
from __future__ import annotations

from typing import Any

from ...core import dtypes
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType
from ...core.effects import HANDLE, READ, by_signature
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Shape, Spec
from ...core.operation import Operation
from ...core.run_context import Context
from ...core.tensor import Tensor
from ...core.values import resource_handle
from ...kernels.contract import Namespace


class VariableOp(Op):
    """Base: the key in the session's store is container and shared name, else the operation's name."""
    shared_name: Any
    container: Any
    dtype: Any
    shape: Any

    def resource_key(self, operation: Operation) -> str:
        name = self.shared_name or operation.name
        container = self.container
        return f"{container}/{name}" if container else name

    def variable(self) -> Spec:
        return Spec(self.dtype, self.shape)

    def infer(self) -> Spec:
        return Spec(self.dtype, self.shape)


class VariableV2(VariableOp, sig="-> ref: &dtype", stateful=True):
    """A mutable tensor by reference."""
    shape: Shape
    dtype: DType
    container: str = ""
    shared_name: str = ""


class Variable(VariableOp, sig="-> ref: &dtype", stateful=True):
    """VariableV2 as TF 0.x wrote it."""
    shape: Shape
    dtype: DType
    container: str = ""
    shared_name: str = ""


class VarHandleOp(VariableOp, sig="-> resource: resource", stateful=True):
    """The handle of a variable."""
    container: str = ""
    shared_name: str = ""
    debug_name: str = ""
    dtype: DType
    shape: Shape
    allowed_devices: list[str] = ()  # type: ignore[assignment]

    def infer(self) -> Spec:
        return Spec(dtypes.resource, ())


class ReadVariableOp(Op, sig="resource: @ -> value: dtype"):
    """The value of a resource variable."""
    reads = True
    before_values = True     # as TensorFlow has it
    dtype: DType

    def infer(self, resource: Spec) -> Spec:
        return Spec(self.dtype, resource.shape)

    def kernel(self, xp: Namespace, value: Any) -> Any:
        return value

    @classmethod
    def frozen(cls, node: Any, dtype: int) -> Any:
        node.op = "Identity"
        node.attr.clear()
        node.attr["T"].type = dtype
        return [node]

    def grad(self, op: Operation, dy: Any) -> Any:
        return (dy,)


class IsVariableInitialized(Op, sig="ref: &dtype -> is_initialized: bool", stateful=True):
    """Whether a ref-style variable has a value."""
    before_values = True
    dtype: DType

    def infer(self, ref: Spec) -> Spec:
        return Spec(dtypes.bool, ())

    def accesses(self, operation: Operation) -> Any:
        return by_signature(operation, ref=HANDLE | READ)

    def run(self, ctx: Context, handle: Any) -> bool:
        return handle.value is not None or ctx.store.value(handle.key) is not None


class VarIsInitializedOp(Op, sig="resource: @ -> is_initialized: bool", stateful=True):
    """Whether a resource variable has a value."""
    before_values = True
    differentiable = False

    def infer(self, resource: Spec) -> Spec:
        return Spec(dtypes.bool, ())

    def accesses(self, operation: Operation) -> Any:
        return by_signature(operation, resource=HANDLE | READ)

    run = IsVariableInitialized.run


def is_reference(op: Operation) -> bool:
    """Whether an operation stands for a ref-style variable."""
    return isinstance(op._op_def, VariableOp) and op.outputs[0].dtype.is_ref


@export("is_variable_initialized")
def is_variable_initialized(variable: Any, name: str | None = None) -> Tensor:
    """A boolean tensor: whether the variable has been initialized in the session."""
    handle = resource_handle(variable)
    if handle is not None:
        return make(VarIsInitializedOp, handle, name=name)
    return make(IsVariableInitialized, convert_to_tensor(variable, as_ref=True), name=name)
