"""Initial values that need other variables: those of initialized variables, else their own initial values."""
from __future__ import annotations

from typing import Any

from ..core import context
from ..core.dtypes import DType
from ..core.effects import HANDLE, READ, by_signature
from ..core.make import make
from ..core.op import Op, Spec
from ..core.operation import Operation
from ..core.tensor import Tensor
from ..core.values import resource_handle
from ..ops.state.variables import VariableOp


class ValueOrInitial(Op, sig="ref: &T, initial: T -> value: T", stateful=True):
    """The value of a ref-style variable if it is initialized, else the initial value. graphflow's own op: TF1 makes a cond here."""
    T: DType

    def infer(self, ref: Spec, initial: Spec) -> Spec:
        return initial

    def accesses(self, operation: Any) -> Any:
        return by_signature(operation, ref=HANDLE | READ)

    def run(self, ctx: Any, handle: Any, initial: Any) -> Any:
        value = ctx.store.value(handle.key)
        return initial if value is None else value.copy()


class ResourceValueOrInitial(Op, sig="resource: @, initial: T -> value: T", stateful=True):
    """The value of a resource variable if it is initialized, else the initial value. graphflow's own op."""
    T: DType

    def infer(self, resource: Spec, initial: Spec) -> Spec:
        return initial

    def accesses(self, operation: Any) -> Any:
        return by_signature(operation, resource=HANDLE | READ)

    run = ValueOrInitial.run


# These take the variable itself and are safe before it is initialized.
_ASK_THE_VARIABLE = frozenset(("ValueOrInitial", "ResourceValueOrInitial", "IsVariableInitialized", "VarIsInitializedOp"))


def _values_of(op: Operation) -> list[Tensor]:
    """The inputs that `op` reads as values: without the variable that it asks."""
    return list(op.inputs[1:] if op.type in _ASK_THE_VARIABLE else op.inputs)


def initialized_value(variable: Any) -> Tensor:
    """The tensor behind `Variable.initialized_value()`."""
    graph = context.default_graph()
    with graph.control_dependencies(None):
        initial = variable.initial_value
        handle = resource_handle(variable)
        if handle is not None:
            return make(ResourceValueOrInitial, handle, initial, name="cond")
        return make(ValueOrInitial, variable._variable, initial, name="cond")


def with_initialized_values(value: Tensor) -> Tensor:
    """`value` computed again, from initialized values in place of the variables that it reads."""
    graph = context.default_graph()
    variables: dict[str, Any] = {}
    for key in ("variables", "local_variables"):
        for v in graph.get_collection(key):
            variables[v.op.name] = v
    replaced: dict[Tensor, Tensor] = {}
    for op in _between(value.op):
        if isinstance(op._op_def, VariableOp):
            variable = variables.get(op.name)
            if variable is not None:
                for reader in (op.outputs[0], *_reads(op, variable)):
                    replaced[reader] = initialized_value(variable)
            continue
        if any(t in replaced for t in _values_of(op)) and not all(t in replaced for t in op.outputs):
            values = [replaced.get(t, t) for t in _values_of(op)]
            copy = _copy(graph, op, [*op.inputs[:len(op.inputs) - len(values)], *values])
            replaced.update(zip(op.outputs, copy.outputs))
    return replaced.get(value, value)


def _reads(op: Operation, variable: Any) -> list[Tensor]:
    return [variable._snapshot] if hasattr(variable, "_snapshot") else \
        [o.outputs[0] for o in op.outputs[0].consumers() if o.type == "ReadVariableOp"]


def _between(op: Operation) -> list[Operation]:
    """What `op` is computed from, itself last, in creation order."""
    seen: set[Operation] = set()
    stack = [op]
    while stack:
        one = stack.pop()
        if one not in seen:
            seen.add(one)
            stack.extend(t.op for t in _values_of(one))
    return sorted(seen, key=lambda o: o._id)


def _copy(graph: Any, op: Operation, inputs: list[Tensor]) -> Operation:
    name = graph._names.unique(graph._names.scope + op.name.replace("/", "_") + "_initialized")
    made: Operation = graph._add(op._op_def, tuple(inputs), name, [t._spec for t in op.outputs])
    return made
