"""A graph of layers as plain values and back."""
from __future__ import annotations

import copy
from typing import Any

import graphflow as tf

from .node import plain_arguments


def config_of(network: Any) -> dict[str, Any]:
    """The layers, which output of which layer goes into which, and the ends."""
    inside = {id(node) for level in network._map.nodes for node in level}
    numbers: dict[tuple[int, int], int] = {}       # (layer, its node) -> number of that node among those of this network
    for layer in network._map.layers:
        count = 1 if getattr(layer, "_map", None) is not None else 0     # the first node of a model is its own
        for place, node in enumerate(layer._inbound_nodes):
            if id(node) in inside:
                numbers[id(layer), place] = count
                count += 1
    layers = []
    for layer in network._map.layers:
        nodes = []
        for node in layer._inbound_nodes:
            if id(node) in inside and node.histories:
                arguments = plain_arguments(node)
                given = [[h.layer.name, numbers.get((id(h.layer), h.node_index), 0), h.tensor_index, arguments]
                         for h in node.histories]
                nodes.append(given)
        config = {"class_name": layer.__class__.__name__, "config": layer.get_config(), "name": layer.name, "inbound_nodes": nodes}
        layers.append(config)

    def ends(nested: Any) -> Any:
        return [[x._keras_history.layer.name, numbers.get((id(x._keras_history.layer), x._keras_history.node_index), 0),
                 x._keras_history.tensor_index] for x in tf.nest.flatten(nested)]
    return copy.deepcopy({"name": network.name, "trainable": network.trainable, "layers": layers,
                          "input_layers": ends(network._nested_inputs), "output_layers": ends(network._nested_outputs)})


def ends_from(config: dict[str, Any], custom_objects: Any = None) -> tuple[Any, Any, dict[str, Any]]:
    """(inputs, outputs, layers by name) of what config_of gave: makes the layers and calls them in turn."""
    layers: dict[str, Any] = {}
    waiting: list[tuple[Any, list[Any]]] = []
    for data in config["layers"]:
        layer = tf.keras.layers.deserialize(data, custom_objects=custom_objects)
        layer._name = data.get("name", layer.name)
        layers[data.get("name", layer.name)] = layer
        waiting.append((layer, list(data["inbound_nodes"])))
    while any(nodes for _, nodes in waiting):
        progress = False
        for layer, nodes in waiting:
            while nodes and _ready(nodes[0], layers):
                _call(layer, nodes.pop(0), layers)
                progress = True
        if not progress:
            stuck = [layer.name for layer, nodes in waiting if nodes]
            raise ValueError(f"The config of the model is broken: the inputs of {stuck} come from no layer that it holds.")
    inputs = [_tensor(one, layers) for one in _listed(config["input_layers"])]
    outputs = [_tensor(one, layers) for one in _listed(config["output_layers"])]
    return inputs, outputs, layers


def _listed(ends: Any) -> list[Any]:
    """A list of [name, node, tensor], where one alone may stand without the list."""
    if ends and isinstance(ends[0], str):
        return [ends]
    return list(ends)


def _inputs_of(node: Any) -> list[Any]:
    """[[name, node, tensor, arguments], ...] of one call."""
    if node and isinstance(node[0], str):
        return [node]
    return list(node)


def _ready(node: Any, layers: dict[str, Any]) -> bool:
    wanted = [(one[0], one[1]) for one in _inputs_of(node)]
    for one in _inputs_of(node):
        for value in (one[3] if len(one) > 3 else {}).values():
            for leaf in _references(value):
                wanted.append((leaf[1], leaf[2]))
    return all(len(layers[name]._inbound_nodes) > place for name, place in wanted)


def _references(value: Any) -> list[Any]:
    if isinstance(value, (list, tuple)):
        if len(value) == 4 and value[0] == "_CONSTANT_OR_TENSOR":
            return [value]
        return [x for item in value for x in _references(item)]
    return []


def _call(layer: Any, node: Any, layers: dict[str, Any]) -> None:
    tensors, arguments = [], {}    # type: list[Any], dict[str, Any]
    for one in _inputs_of(node):
        tensors.append(_tensor(one, layers))
        if len(one) > 3 and one[3]:
            arguments = {key: _restored(value, layers) for key, value in one[3].items()}
    layer(tensors[0] if len(tensors) == 1 else tensors, **arguments)


def _restored(value: Any, layers: dict[str, Any]) -> Any:
    if isinstance(value, (list, tuple)):
        if len(value) == 4 and value[0] == "_CONSTANT_OR_TENSOR":
            return _tensor(value[1:], layers)
        return [_restored(item, layers) for item in value]
    return value


def _tensor(one: Any, layers: dict[str, Any]) -> Any:
    name, node, place = one[:3]
    return layers[name]._inbound_nodes[node].flat_outputs[place]
