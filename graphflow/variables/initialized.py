"""Initial values that need other variables: the values of initialized variables, else their own initial values."""
from __future__ import annotations

from typing import Any

from ..core import context
from ..core.func_graph import outside
from ..core.operation import Operation
from ..core.tensor import Tensor
from ..ops.control_flow.cond import cond
from ..ops.scopes import graph_of
from ..ops.state.variables import is_reference, is_variable_initialized


def initialized_value(variable: Any) -> Tensor:
    """The tensor behind `Variable.initialized_value()`."""
    with graph_of([variable]).as_default(), outside():
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
        variable = variables.get(op.name) if is_reference(op) else None
        if variable is not None:
            replaced[op.outputs[0]] = initialized_value(variable)
        elif not op._op_def.before_values and any(t in replaced for t in op.inputs):
            copy = graph._add(op._op_def, tuple(replaced.get(t, t) for t in op.inputs), graph._names.unique(f"{op.name}_{name}"),
                              [t._spec for t in op.outputs])
            replaced.update(zip(op.outputs, copy.outputs))
    return replaced.get(value, value)


def _inputs_first(op: Operation) -> list[Operation]:
    """What `op` is computed from, each behind its inputs, in the order of these; itself last. Nothing for a cycle.

    It ends at what may come before values: that is left as it is, as TensorFlow does.
    """
    found: dict[Operation, None] = {}
    path = {op: None}
    while path:
        one = next(reversed(path))
        missing = None if one._op_def.before_values else next((t.op for t in one.inputs if t.op not in found), None)
        if missing in path:
            return []
        if missing is not None:
            path[missing] = None
        else:
            found[one] = path.pop(one)
    return list(found)
