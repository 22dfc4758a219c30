"""Initial values that need other variables: the values of initialized variables, else their own initial values."""
from __future__ import annotations

from typing import Any

from ..core import context
from ..core.func_graph import outside
from ..core.operation import Operation
from ..core.tensor import Tensor
from ..ops.control_flow.cond import cond
from ..ops.state.variables import VariableOp, is_variable_initialized

# Safe before the variables that they take are initialized; what is computed by one is left as it is, as TensorFlow does.
_SAFE = frozenset(("IsVariableInitialized", "VarIsInitializedOp", "ReadVariableOp", "If"))


def initialized_value(variable: Any) -> Tensor:
    """The tensor behind `Variable.initialized_value()`."""
    with outside():
        found: Tensor = cond(is_variable_initialized(variable), variable.read_value, lambda: variable.initial_value)
        return found


def with_initialized_values(value: Tensor, name: str) -> Tensor:
    """`value` computed again, from initialized values in place of the ref-style variables that it reads.

    name: of the variable that it is for; copies of operations have it behind their own.
    """
    graph = context.default_graph()
    variables = {v.op.name: v for key in ("variables", "local_variables") for v in graph.get_collection(key)}
    replaced: dict[Tensor, Tensor] = {}
    for op in _inputs_first(value.op):
        variable = variables.get(op.name) if isinstance(op._op_def, VariableOp) and op.outputs[0].dtype.is_ref else None
        if variable is not None:
            replaced[op.outputs[0]] = initialized_value(variable)
        elif op.type not in _SAFE and any(t in replaced for t in op.inputs):
            copy = graph._add(op._op_def, tuple(replaced.get(t, t) for t in op.inputs), graph._names.unique(f"{op.name}_{name}"),
                              [t._spec for t in op.outputs])
            replaced.update(zip(op.outputs, copy.outputs))
    return replaced.get(value, value)


def _inputs_first(op: Operation) -> list[Operation]:
    """What `op` is computed from up to what is safe, each behind its inputs, in the order of these; itself last. Nothing for a cycle."""
    found: dict[Operation, None] = {}
    path = {op: None}
    while path:
        one = next(reversed(path))
        missing = None if one.type in _SAFE else next((t.op for t in one.inputs if t.op not in found), None)
        if missing in path:
            return []
        if missing is not None:
            path[missing] = None
        else:
            found[one] = path.pop(one)
    return list(found)
