"""Late changes of operations with bodies: further inputs and outputs, for the values that gradients need of the bodies' insides.

What an operation gave before it still gives, so plans made before stay right. A body that was read from a library may be the body of
several operations; before it is changed for one of them, this one gets a copy.
"""
from __future__ import annotations

from typing import Any

from ...core.op import Spec
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...graphdef.attributes import FunctionName
from .bodies import body_of, copy_of
from .call_ops import PartitionedCall, StatefulPartitionedCall


def own_bodies(op: Operation) -> None:
    """Gives an operation copies of those of its bodies that other operations may have too."""
    op_def = op._op_def
    if isinstance(op_def, PartitionedCall) and "f" not in op_def.fields:      # its type is the function's name
        cls = StatefulPartitionedCall if op_def.stateful else PartitionedCall
        tin, tout = (tuple(t.dtype.base_dtype for t in tensors) for tensors in (op._inputs, op.outputs))
        op_def = cls.of(Tin=tin, Tout=tout, f=FunctionName(op.type))
    values = op_def.attributes()
    for name, value in values.items():
        if isinstance(value, FunctionName):
            values[name] = _own(op, value)
        elif isinstance(value, tuple) and value and isinstance(value[0], FunctionName):
            values[name] = tuple(_own(op, one) for one in value)
    op._op_def = type(op_def).of(**values)


def _own(op: Operation, function: FunctionName) -> FunctionName:
    body = body_of(op.graph, function)
    return FunctionName(copy_of(body, op.graph).name) if body.common else function


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
