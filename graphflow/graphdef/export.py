"""GraphDef messages of graphs, with the FunctionDefs of their libraries."""

from __future__ import annotations

from typing import Any

from graphflow.formats import proto

from .nodes import fill_node

# What this graphflow writes and understands, in TensorFlow's count.
PRODUCER = 2330
CONSUMER = 2474


def versions(graph: Any) -> Any:
    """The VersionDef of a graph."""
    return proto.VersionDef(producer=graph.graph_def_versions_producer)


def graph_def(graph: Any, from_version: int | None = None, add_shapes: bool = False) -> Any:
    """The GraphDef of the operations made after `from_version` (all by default), and of the graph's functions."""
    message = proto.GraphDef(versions=versions(graph))
    for op in graph._ops[from_version or 0 :]:
        fill_node(message.node.add(), op, add_shapes)
    for function in graph._functions.values():
        message.library.function.add().CopyFrom(function_def(function))
    for gradient in graph._function_gradients:
        message.library.gradient.add().CopyFrom(gradient)
    return message


def function_def(function: Any) -> Any:
    """The FunctionDef of an entry of a graph's library: the message itself, or that of a body."""
    if hasattr(function, "node_def"):
        return function
    from .functions import definition  # at first use: saves 2 ms; graphs with functions only
    return definition(function)
