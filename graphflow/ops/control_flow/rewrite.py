"""Late changes of operations with bodies: further inputs and outputs, for the values that gradients need of the bodies' insides.

What an operation gave before it still gives, so plans made before stay right.
"""
from __future__ import annotations

from typing import Any

from ...core.op import Spec
from ...core.operation import Operation
from ...core.tensor import Tensor


def add_output(op: Operation, spec: Spec, **attributes: Any) -> Tensor:
    """One more output of an operation; attributes: those that change with it."""
    op_def = op._op_def
    op._op_def = type(op_def).of(**{**op_def.attributes(), **attributes})
    made = Tensor(op, len(op.outputs), spec)
    op.outputs.append(made)
    return made


def add_branch_output(op: Operation, spec: Spec) -> Tensor:
    """One more output of an If, Case or call, whose bodies have it already."""
    values = op._op_def.attributes()
    changed = {"Tout": (*values["Tout"], spec.dtype)}
    if "output_shapes" in values:
        changed["output_shapes"] = (*(values["output_shapes"] or [None] * len(values["Tout"])), spec.shape)
    return add_output(op, spec, **changed)


def add_loop_variable(op: Operation, start: Tensor) -> Tensor:
    """One more loop variable of a While, whose bodies have it already."""
    values = op._op_def.attributes()
    op._inputs = (*op._inputs, start)
    op.graph._consumers = (0, {})
    shapes = (*(values["output_shapes"] or [None] * len(values["T"])), start.static)
    return add_output(op, start._spec, T=(*values["T"], start.dtype.base_dtype), output_shapes=shapes)
