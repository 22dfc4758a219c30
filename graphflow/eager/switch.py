"""Switching eager execution on."""
from __future__ import annotations

from typing import Any

from ..core import context
from ..ops import operators as _  # noqa: F401 - hangs the operators on tensors
from . import equality, operators, variables
from .graph import EagerGraph
from .tensor import EagerTensor


def enable(tensor_equality: bool, shows_ids: bool) -> None:
    """From now on operations run at once, outside of `with graph.as_default()`. ValueError once the default graph has operations."""
    if context.eager_graph is not None and context._default == [context.eager_graph]:
        return
    if context.stacks.graphs or (context._default and context._default[0]._ops):
        raise ValueError("tf.enable_eager_execution must be called at program startup.")
    graph = prepared()
    context.behavior.tensor_equality, context.behavior.shows_ids = tensor_equality, shows_ids
    context._default[:] = [graph]


def prepared() -> EagerGraph:
    """What runs operations at once; it is not the default graph yet."""
    if context.eager_graph is None:
        context.EagerTensor, context.eager_graph = EagerTensor, EagerGraph()
        context.eager_graph.variables |= {variables.EagerVariable, variables.Unread}
        context.behavior.equality = equality.compare
        operators.hang_on(EagerTensor)
    found: EagerGraph = context.eager_graph
    return found


def disable() -> None:
    """Back to graphs."""
    context._default.clear()


def executing_eagerly() -> bool:
    """Whether an operation that is called here runs at once."""
    graph: Any = context.default_graph()
    return bool(graph.eager)
