"""Node: one call of a layer in a graph of layers, from input tensors to output tensors."""
from __future__ import annotations

import json
from typing import Any, NamedTuple

import numpy as np

import graphflow as tf

from ..backend.state import of_graph


class KerasHistory(NamedTuple):
    """Where a tensor comes from: output `tensor_index` of the call `node_index` of a layer."""

    layer: Any
    node_index: int
    tensor_index: int


class Node:
    """input_tensors, output_tensors: nested as the call had them. arguments: the call's other arguments."""

    def __init__(self, outbound_layer: Any, input_tensors: Any, output_tensors: Any, arguments: dict[str, Any] | None = None):
        self.outbound_layer, self.arguments = outbound_layer, dict(arguments or {})
        self.input_tensors, self.output_tensors = input_tensors, output_tensors
        self.flat_inputs, self.flat_outputs = tf.nest.flatten(input_tensors), tf.nest.flatten(output_tensors)
        self.histories = [x._keras_history for x in self.flat_inputs]
        place = len(outbound_layer._inbound_nodes)
        outbound_layer._inbound_nodes.append(self)
        for layer in dict.fromkeys(h.layer for h in self.histories):
            layer._outbound_nodes.append(self)
        of_graph().has_history = True
        for number, tensor in enumerate(self.flat_outputs):
            tensor._keras_history = KerasHistory(outbound_layer, place, number)

    @property
    def inbound_layers(self) -> Any:
        """The layers that made the inputs: one, or a list."""
        return _one([h.layer for h in self.histories])

    @property
    def node_indices(self) -> Any:
        return _one([h.node_index for h in self.histories])

    @property
    def tensor_indices(self) -> Any:
        return _one([h.tensor_index for h in self.histories])

    @property
    def parents(self) -> list[Node]:
        """The calls that made the inputs."""
        return [h.layer._inbound_nodes[h.node_index] for h in self.histories]

    @property
    def input_shapes(self) -> Any:
        return tf.nest.map_structure(shape_of, self.input_tensors)

    @property
    def output_shapes(self) -> Any:
        return tf.nest.map_structure(shape_of, self.output_tensors)

    def get_config(self) -> dict[str, Any]:
        """What tells one call from another, for debugging."""
        return {"outbound_layer": self.outbound_layer.name, "inbound_layers": [h.layer.name for h in self.histories],
                "node_indices": [h.node_index for h in self.histories], "tensor_indices": [h.tensor_index for h in self.histories]}


def _one(items: list[Any]) -> Any:
    return items[0] if len(items) == 1 else items


def shape_of(x: Any) -> Any:
    """The static shape of a tensor, a tuple; None where the rank is unknown."""
    found = x.shape if isinstance(getattr(x, "shape", None), tf.TensorShape) else tf.TensorShape(None)
    return None if found.ndims is None else tuple(found.as_list())


def history_of(x: Any) -> Any:
    """The KerasHistory of a tensor, None where it has none."""
    return getattr(x, "_keras_history", None)


def has_history(inputs: Any) -> bool:
    """Whether there are tensors, and all come from layers."""
    flat = tf.nest.flatten(inputs)
    return bool(flat) and all(history_of(x) is not None for x in flat)


def plain_arguments(node: Node) -> dict[str, Any]:
    """The arguments of a call as plain values; {} where they have none."""
    try:
        found: dict[str, Any] = tf.nest.map_structure(_plain, node.arguments)
        json.dumps(found)
    except TypeError:
        return {}
    return found


def _plain(x: Any) -> Any:
    history = history_of(x)
    if history is not None:
        return ["_CONSTANT_OR_TENSOR", history.layer.name, history.node_index, history.tensor_index]
    return x.tolist() if isinstance(x, (np.ndarray, np.generic)) else x
