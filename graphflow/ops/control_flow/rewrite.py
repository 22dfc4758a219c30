"""Late changes of operations with bodies: further inputs and outputs, for the values that gradients need of the bodies' insides.

What an operation gave before it still gives, so plans made before stay right. A body that was read from a library may be the body of
several operations; before it is changed for one of them, this one gets a copy.
"""
from __future__ import annotations

from typing import Any

from ...core.func_graph import FuncGraph
from ...core.make import make
from ...core.op import Spec
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...graphdef.attributes import FunctionName
from .. import functions as F
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
    given = op._inputs[int(op_def.holds == "branches"):]
    for body in op._op_def.bodies_of(op):
        body.arguments = dict(zip(body.inputs, given))


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


def optional_output(op: Operation, branch: FuncGraph, tensor: Tensor) -> Tensor:
    """The output of an If or Case that holds a value from inside of a branch, or nothing where another branch ran."""
    known = branch.extension("optionals", dict)
    if tensor not in known:
        for body in op._op_def.bodies_of(op):
            with body.as_default(), body.control_dependencies(None):
                body.outputs.append(make(F.OptionalFromValue, [tensor]) if body is branch else make(F.OptionalNone))
        known[tensor] = add_branch_output(op, branch.outputs[-1]._spec)
    return known[tensor]


def released(tensor: Tensor) -> Tensor:
    """A tensor of a branch for what is around the cond: it has its value in runs that take the branch, and fails in others."""
    branch: Any = tensor.graph
    op: Operation = branch.holder
    known: dict[Tensor, Tensor] = branch.extension("released", dict)
    if tensor not in known:
        with op.graph.as_default(), op.graph.control_dependencies(None), op.graph.colocate_with(None):
            name = op.graph._names.unique(f"{op.name}/{tensor.op.name}")
            (known[tensor],) = make(F.OptionalGetValue, optional_output(op, branch, tensor), output_types=(tensor.dtype.base_dtype,),
                                    output_shapes=(tensor.static,), name=name + "/")
    return known[tensor]


def add_loop_variable(op: Operation, start: Tensor) -> Tensor:
    """One more loop variable of a While, whose bodies have it already."""
    values = op._op_def.attributes()
    op._inputs = (*op._inputs, start)
    op.graph._consumers = (0, {})
    shapes = (*(values["output_shapes"] or [None] * len(values["T"])), start.static)
    return add_output(op, start._spec, T=(*values["T"], start.dtype.base_dtype), output_shapes=shapes)
