"""Stacks: what TF1's gradients of loops keep the values of all turns in. A stack lives as long as one run."""
from __future__ import annotations

from typing import Any

from ...core.dtypes import DType
from ...core.effects import by_signature
from ...core.op import Op, Spec
from ...core.outcomes import Effect
from ...kernels.tensor_array import Stack as Values
from ...kernels.tensor_array import boxed, unboxed


class RunOp(Op):
    """Base of the ops on what lives in one run: their handles are values of it, not resources of the session."""

    def accesses(self, operation: Any) -> Any:
        return [access for access in by_signature(operation) if type(self).signature().inputs[access.position].name != "handle"]

    def infer(self, *inputs: Any) -> Any:
        return ()


class StackV2(RunOp, sig="max_size: int32 -> handle: resource", stateful=True):
    """An empty stack, new each time that this runs. max_size: negative for any number of values."""
    elem_type: DType
    stack_name: str = ""

    def infer(self, *max_size: Any) -> Any:
        (output,) = type(self).signature().outputs
        dtype: Any = output.fixed
        return Spec(dtype.ref_dtype if output.is_ref else dtype, ())

    def run(self, ctx: Any, max_size: Any = -1) -> Any:
        return boxed(Values(self.stack_name or ctx.operation.name, int(max_size)))


class Stack(StackV2, sig="-> handle: &string", stateful=True):
    """StackV2 without a bound, by reference."""


class StackPushV2(RunOp, sig="handle: resource, elem: T -> output: T", stateful=True):
    """Puts a value on a stack; gives it back."""
    T: DType
    swap_memory: bool = False

    def infer(self, handle: Spec, elem: Spec) -> Any:
        return elem

    def run(self, ctx: Any, handle: Any, elem: Any) -> Any:
        unboxed(handle).push(elem)
        return elem


class StackPush(StackPushV2, sig="handle: &string, elem: T -> output: T", stateful=True):
    """StackPushV2 by reference."""


class StackPopV2(RunOp, sig="handle: resource -> elem: elem_type", stateful=True):
    """Takes the newest value off a stack."""
    elem_type: DType

    def infer(self, handle: Spec) -> Any:
        return Spec(self.elem_type, None)

    def run(self, ctx: Any, handle: Any) -> Any:
        return unboxed(handle).pop()


class StackPop(StackPopV2, sig="handle: &string -> elem: elem_type", stateful=True):
    """StackPopV2 by reference."""


class StackCloseV2(RunOp, Effect, sig="handle: resource ->", stateful=True):
    """Forgets a stack's values; using it afterwards is an error."""

    def run(self, ctx: Any, handle: Any) -> Any:
        unboxed(handle).close()
        return ()


class StackClose(StackCloseV2, sig="handle: &string ->", stateful=True):
    """StackCloseV2 by reference."""
