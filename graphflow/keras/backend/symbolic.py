"""Where models are built while eager execution is on: one function graph beside it, which holds the tensors of `Input` and what layers
make of them. Variables made in it are eager ones; models' steps are compiled from it.
"""
from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import graphflow as tf

from ...core import context
from ...core.func_graph import FuncGraph


class ModelGraph(FuncGraph):
    """The graph of symbolic tensors. Operations on them that are called eagerly are added to it."""
    takes_symbolic = True

    def __init__(self, outer: Any):
        super().__init__("keras_graph", outer)

    def _capture(self, tensor: Any, outer: Any) -> Any:
        """Of a resource as in all functions; a value is a constant, as shapes may depend on it."""
        if tensor.dtype.base_dtype in (tf.resource, tf.variant):
            return super()._capture(tensor, outer)
        with self.as_default(), self.control_dependencies(None):
            known = self.captures[tensor] = tf.constant(tensor.numpy(), tensor.dtype.base_dtype)
        return known

    def captured(self) -> list[Any]:
        return [tensor for tensor in self.captures if tensor.dtype.base_dtype in (tf.resource, tf.variant)]


def model_graph() -> Any:
    """The graph for models of the default graph: itself, or the one beside eager execution, made at first need."""
    graph = context.default_graph()
    if not graph.shared.eager:
        return graph.shared
    shared: Any = graph.shared
    found = shared.extension("keras_models", list, shared=True)
    if not found:
        found.append(ModelGraph(shared))
    return found[0]


def forget_models() -> None:
    """The next model of eager execution begins a new graph."""
    context.default_graph().shared.extension("keras_models", list, shared=True).clear()


def symbolic() -> AbstractContextManager[Any]:
    """Inside, the graph of models is the default one."""
    graph: Any = context.default_graph()
    return model_graph().as_default() if graph.eager else nullcontext(graph)


def is_symbolic(x: Any) -> bool:
    """Whether it is a tensor of a graph of models beside eager execution."""
    return isinstance(x, tf.Tensor) and x.__class__ is not context.EagerTensor and isinstance(x._op.graph, ModelGraph)


def any_symbolic(values: Any) -> bool:
    """Whether there is such a tensor in a structure."""
    return any(is_symbolic(x) for x in tf.nest.flatten(values))


def keeps() -> bool:
    """Whether what layers make now belongs to models: false in eager execution and in a tf.function, where it is of one call."""
    graph: Any = context.default_graph()
    if not graph.shared.eager:
        return True
    return not graph.eager and any(isinstance(g, ModelGraph) for g in (graph, *graph.graphs_around()))
