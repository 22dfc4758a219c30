"""The layers and calls between a model's inputs and its outputs, by depth: outputs have depth 0."""
from __future__ import annotations

from typing import Any, NamedTuple

from ...core.export import export
from .node import Node, history_of


class Map(NamedTuple):
    """nodes_by_depth, layers_by_depth: the deepest first; layers: in that order."""

    nodes: list[list[Node]]
    layers: list[Any]


def map_graph(inputs: list[Any], outputs: list[Any]) -> Map:
    """The map of a model. Raises ValueError where an output does not come from the inputs."""
    ordered, indices = _ordered(inputs, outputs)
    depths: dict[int, int] = {}
    layer_depths: dict[int, int] = {}
    known = {id(node): node for node in ordered}
    starts = {id(x) for x in inputs}
    for node in reversed(ordered):
        depth = max(depths.get(id(node), 0), layer_depths.get(id(node.outbound_layer), 0))
        depths[id(node)] = layer_depths[id(node.outbound_layer)] = depth
        for parent in _parents(node, starts):
            depths[id(parent)] = max(depths.get(id(parent), 0), depth + 1)
    layers = {id(node.outbound_layer): node.outbound_layer for node in ordered}
    for x in inputs:                              # an input that no output needs
        layer = x._keras_history.layer
        if id(layer) not in layer_depths:
            layer_depths[id(layer)], indices[id(layer)], layers[id(layer)] = 0, -1, layer
            node = layer._inbound_nodes[x._keras_history.node_index]
            depths[id(node)], known[id(node)] = 0, node
    by_depth: dict[int, list[Node]] = {}
    for key, depth in depths.items():
        by_depth.setdefault(depth, []).append(known[key])
    levels: dict[int, list[Any]] = {}
    for key, depth in layer_depths.items():
        levels.setdefault(depth, []).append(layers[key])
    found = [layer for depth in sorted(levels, reverse=True) for layer in sorted(levels[depth], key=lambda one: indices[id(one)])]
    nodes = [by_depth[depth] for depth in sorted(by_depth, reverse=True)]
    _check(inputs, nodes)
    names = [layer.name for layer in found]
    for name in names:
        if names.count(name) != 1:
            raise ValueError(f'The name "{name}" is used {names.count(name)} times in the model. All layer names should be unique: give '
                             "the layers the argument name=.")
    return Map(nodes, found)


def _parents(node: Node, starts: set[int]) -> list[Node]:
    """The calls that made a node's inputs."""
    return [h.layer._inbound_nodes[h.node_index] for h in node.histories]


def _ordered(inputs: list[Any], outputs: list[Any]) -> tuple[list[Node], dict[int, int]]:
    """All nodes above the outputs, each after its parents, and in which order layers were met."""
    finished: dict[int, Node] = {}
    indices: dict[int, int] = {}
    starts = {id(x) for x in inputs}
    for output in outputs:
        history = output._keras_history
        stack: list[tuple[Node, bool]] = [(history.layer._inbound_nodes[history.node_index], False)]
        in_progress: set[int] = set()
        while stack:
            node, done = stack.pop()
            if done:
                in_progress.discard(id(node))
                finished[id(node)] = node
                continue
            if id(node) in finished:
                continue
            if id(node) in in_progress:
                raise ValueError(f"Tensor from layer \"{node.outbound_layer.name}\" is part of a cycle.")
            indices.setdefault(id(node.outbound_layer), len(indices))
            in_progress.add(id(node))
            stack.append((node, True))
            for parent in reversed(_parents(node, starts)):
                if id(parent) not in finished:
                    stack.append((parent, False))
    return list(finished.values()), indices


def _check(inputs: list[Any], nodes: list[list[Node]]) -> None:
    computable = {id(x) for x in inputs}
    with_layers: list[str] = []
    for level in nodes:
        for node in level:
            for x in node.flat_inputs:
                if node.histories and id(x) not in computable:
                    raise ValueError(f"Graph disconnected: cannot obtain value for tensor {x} at layer \"{node.outbound_layer.name}\". The "
                                     f"following previous layers were accessed without issue: {with_layers}")
            if not node.histories and not all(id(x) in computable for x in node.flat_outputs):
                raise ValueError(f"Graph disconnected: cannot obtain value for tensor {node.flat_outputs[0]} at layer "
                                 f"\"{node.outbound_layer.name}\". The following previous layers were accessed without issue: "
                                 f"{with_layers}")
            computable.update(id(x) for x in node.flat_outputs)
            with_layers.append(node.outbound_layer.name)


@export("keras.utils.get_source_inputs")
def get_source_inputs(tensor: Any, layer: Any = None, node_index: int | None = None) -> list[Any]:
    """The inputs (of Input layers) that a tensor was made of, each once. layer, node_index: one of the layer's calls instead."""
    found: dict[int, Any] = {}
    if layer is None:
        history = history_of(tensor)
        if history is None:
            return [tensor]
        layer, node_index = history.layer, history.node_index
    waiting = [layer._inbound_nodes[node_index or 0]]
    seen = set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if node.histories:
            waiting.extend(reversed(node.parents))
        else:
            found.update((id(x), x) for x in node.flat_outputs)
    return list(found.values())
