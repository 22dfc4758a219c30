"""Graphs that come as summaries: a Keras model (its layers, from the JSON of its configuration) and the graph of a traced function."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from graphflow.formats import proto
from graphflow.viewer import wire
from graphflow.viewer.errors import ViewerError
from graphflow.viewer.graph_json import block, text

MOST_DEPTH = 50  # models inside models


def keras_graph(raw: bytes) -> bytes:
    """The conceptual graph of a Keras model: a node per layer, a scope per inner model. raw: the model's JSON (Keras 2 or 3)."""
    try:
        model = json.loads(raw)
        nodes = list(_model(model["config"], model.get("class_name", ""), "", [], 0))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ViewerError(f"the configuration of a Keras model cannot be read: {type(error).__name__}: {error}") from None
    return b"".join(nodes)


def _model(config: Any, kind: str, scope: str, outer: list[str], depth: int) -> Iterator[bytes]:
    """Nodes of a model's layers. outer: what feeds its first layers."""
    if depth > MOST_DEPTH:
        raise ViewerError("models nest too deeply")
    layers = config if isinstance(config, list) else config.get("layers", [])
    last: list[str] = list(outer)
    ends: dict[str, str] = {}  # layer -> the node whose output it is, which of an inner model is its last layer's
    for layer in layers:
        inner = layer["config"]
        name = str(inner.get("name") or layer.get("name"))
        chained = "inbound_nodes" not in layer or kind == "Sequential"
        sources = last if chained else [ends.get(source, scope + source) for source in _sources(layer.get("inbound_nodes", []))]
        sources = sources or ([] if chained else list(outer))
        if isinstance(inner, dict) and "layers" in inner:
            yield from _model(inner, layer.get("class_name", ""), f"{scope}{name}/", sources, depth + 1)
            inside = [x["config"].get("name") for x in inner["layers"]]
            out = _names(inner.get("output_layers", [])) or inside[-1:]
            ends[name] = f"{scope}{name}/{out[0]}" if out else scope + name
        else:
            yield _node(scope + name, str(layer.get("class_name", "Layer")), sources, inner)
            ends[name] = scope + name
        last = [ends[name]]


def _sources(nodes: Any) -> list[str]:
    """Names of the layers in `inbound_nodes`, of either generation of Keras."""
    found: list[str] = []

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            history = value.get("config", {}).get("keras_history") if value.get("class_name") == "__keras_tensor__" else None
            if history:
                found.append(str(history[0]))
            else:
                for inner in value.values():
                    walk(inner)
        elif isinstance(value, list):
            if len(value) >= 3 and isinstance(value[0], str) and isinstance(value[1], int) and isinstance(value[2], int):
                found.append(value[0])
            else:
                for inner in value:
                    walk(inner)

    walk(nodes)
    return list(dict.fromkeys(found))


def _names(outputs: Any) -> list[str]:
    """The first name in `output_layers`: ["a", 0, 0] or [["a", 0, 0], ...]."""
    if isinstance(outputs, list) and outputs:
        return [outputs[0]] if isinstance(outputs[0], str) else _names(outputs[0])
    return []


_KEPT = (str, int, float, bool)


def _node(name: str, op: str, inputs: list[str], config: dict[str, Any]) -> bytes:
    body = text(1, name) + text(2, op) + b"".join(text(3, source) for source in inputs)
    for key, value in sorted(config.items()):
        if isinstance(value, _KEPT) or (isinstance(value, list) and all(isinstance(v, _KEPT) or v is None for v in value)):
            body += block(5, text(1, key) + block(2, text(2, value if isinstance(value, str) else json.dumps(value))))
    return block(1, body)


def traced_graph(raw: bytes) -> bytes:
    """The graphs of a traced tf.function, from the RunMetadata that `tf.summary.trace_export` writes; several stand in scopes."""
    graphs = []
    for number, kind, a, b in wire.fields(raw, 0, len(raw)):
        if number == 4 and kind == wire.BYTES:  # FunctionGraphs: the graph before optimization, else a partition
            inner = {n: raw[x:y] for n, w, x, y in wire.fields(raw, a, b) if w == wire.BYTES}
            graphs.append(inner.get(2) or inner.get(1) or b"")
        elif number == 3 and kind == wire.BYTES:
            graphs.append(raw[a:b])
    graphs = [graph for graph in graphs if graph]
    if not graphs:
        raise ViewerError("the traced function left no graph")
    if len(graphs) == 1:
        return graphs[0]
    return b"".join(_scoped(graph, f"function_{i}/") for i, graph in enumerate(graphs, 1))


def _scoped(graph: bytes, scope: str) -> bytes:
    """A graph with all its names under a scope."""
    message: Any = proto.parse(graph, proto.GraphDef, "a traced function")
    for node in message.node:
        node.name = scope + node.name
        for i, source in enumerate(node.input):
            node.input[i] = f"^{scope}{source[1:]}" if source.startswith("^") else scope + source
    data: bytes = message.SerializeToString()
    return data
