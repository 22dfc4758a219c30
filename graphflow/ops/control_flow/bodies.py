"""Tracing Python functions into bodies, and finding the bodies that an operation's attributes name."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...core import context, nest
from ...core.constant import constant_op
from ...core.convert import convert_to_tensor
from ...core.errors import NotFoundError
from ...core.func_graph import FuncGraph
from ...core.graph import Graph
from ...core.operation import Operation
from ...graphdef.attributes import FunctionName
from ...graphdef.functions import body_from, definition
from .. import functions as F
from . import structures
from .effects import must_run


def trace(name: str, function: Callable[..., Any], arguments: Sequence[Any] = (), instead_of_operation: Any = None) -> FuncGraph:
    """The body of a function called with `arguments`, which may capture tensors of the graphs around it.

    Its `structured_outputs` are what the function returned, with tensors of the body as leaves; `outputs` are these, flat.
    instead_of_operation: where the function returns an operation, this tensor's value stands for it.
    """
    body = FuncGraph(name, context.default_graph())
    with body.as_default():
        finish(body, function(*arguments), instead_of_operation)
    return body


def finish(body: FuncGraph, result: Any, instead_of_operation: Any = None) -> None:
    """Makes a function's result the outputs of the body."""
    leaves = [_output(body, leaf, instead_of_operation) for leaf in nest.flatten(result)]
    body.structured_outputs = nest.pack_sequence_as(result, leaves) if nest.is_nested(result) else leaves[0]
    body.outputs = [body.own(t) for t in structures.flatten(body.structured_outputs) if t is not None]


def _output(body: FuncGraph, leaf: Any, instead_of_operation: Any) -> Any:
    if leaf is None:
        return None
    if isinstance(leaf, Operation):
        with body.control_dependencies([leaf]):
            return F.identity(body.own(instead_of_operation)) if instead_of_operation is not None else constant_op(0)
    bundle = structures.parts(leaf)
    if bundle is not None:
        return structures.rebuilt(leaf, [body.own(t) for t in bundle])
    return body.own(convert_to_tensor(leaf))


def is_stateful(body: FuncGraph) -> bool:
    """Whether running it more or fewer times could be noticed: it holds an operation with state, or one that takes a handle or

    writes a reference. To read a reference is no state, as in TensorFlow.
    """
    return any(has_state(op) for op in body._ops)


def has_state(op: Operation) -> bool:
    op_def = op._op_def
    cls = type(op_def)
    signature = cls._signature or cls.signature()
    return bool(op_def.stateful or signature.ref_inputs or signature.handle_inputs)


def register(body: FuncGraph) -> FunctionName:
    """Puts a body into the library of its graph; the attribute that names it."""
    body.effects = [op for op in body._ops if must_run(op)]
    body._functions[body.name] = body
    return FunctionName(body.name)


def body_of(graph: Graph, function: FunctionName) -> FuncGraph:
    """The body that an attribute names. NotFoundError where the graph's library has none of that name."""
    found = graph._functions.get(function.name)
    if found is None:
        raise NotFoundError(None, None, f"Function {function.name} is not defined in the graph's function library.")
    if not isinstance(found, FuncGraph):
        found = graph._functions[function.name] = body_from(found, graph)
        found.effects = [op for op in found._ops if must_run(op)]
        found.common = True
    return found


def copy_of(body: FuncGraph, graph: Graph) -> FuncGraph:
    """The same body under a name of its own, in the library of its graph."""
    message = definition(body)
    count = 1
    while f"{body.name}_{count}" in graph._functions:
        count += 1
    message.signature.name = f"{body.name}_{count}"
    made = body_from(message, graph)
    register(made)
    return made
