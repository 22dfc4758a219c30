"""What `graphflow inspect` tells of graphs: GraphDef, MetaGraphDef and SavedModel, binary or text."""
from __future__ import annotations

import os
from collections import Counter
from math import prod
from typing import Any

from graphflow.commands.columns import table
from graphflow.formats import proto
from graphflow.formats.element_types import type_name
from graphflow.formats.graph_file import read_graph_message

_VARIABLES = {"Variable", "VariableV2", "VarHandleOp"}


def examine(path: str) -> dict[str, Any]:
    """Node counts, inputs, variables, outputs; signatures and collections where there are any."""
    message = read_graph_message(path)
    found: dict[str, Any] = {"path": path, "bytes": os.path.getsize(path), "problems": []}
    if isinstance(message, proto.SavedModel):
        return {**found, "kind": "saved_model", "meta_graphs": [_meta_graph(meta) for meta in message.meta_graphs]}
    if isinstance(message, proto.MetaGraphDef):
        return {**found, "kind": "meta_graph", **_meta_graph(message)}
    return {**found, "kind": "graph", **_graph(message)}


def _graph(graph: Any) -> dict[str, Any]:
    types = Counter(node.op for node in graph.node)
    used = {name.lstrip("^").split(":")[0] for node in graph.node for name in node.input}
    missing = sorted(used - {node.name for node in graph.node})
    found = {"nodes": len(graph.node), "functions": [function.signature.name for function in graph.library.function],
             "producer": graph.versions.producer, "types": dict(types.most_common()),
             "placeholders": [_value(node) for node in graph.node if node.op.startswith("Placeholder")],
             "variables": [_value(node) for node in graph.node if node.op in _VARIABLES],
             "outputs": [node.name for node in graph.node if node.name not in used and node.op not in ("NoOp", "Const", "Assign")][-10:]}
    if missing:
        found["problems"] = [f"inputs that the graph does not have: {', '.join(missing[:5])}"]
    return found


def _value(node: Any) -> dict[str, Any]:
    shape = node.attr["shape"].shape if "shape" in node.attr else None
    unknown = shape is None or shape.unknown_rank
    return {"name": node.name, "dtype": type_name(node.attr["dtype"].type),
            "shape": None if unknown or shape is None else [dim.size for dim in shape.dim]}


def _meta_graph(meta: Any) -> dict[str, Any]:
    found = _graph(meta.graph_def)
    found["tags"] = list(meta.meta_info_def.tags)
    found["written_by"] = meta.meta_info_def.tensorflow_version
    found["collections"] = {key: _length(collection) for key, collection in sorted(meta.collection_def.items())}
    found["signatures"] = {
        name: {"method": signature.method_name, "inputs": {key: _info(value) for key, value in sorted(signature.inputs.items())},
               "outputs": {key: _info(value) for key, value in sorted(signature.outputs.items())}}
        for name, signature in sorted(meta.signature_def.items())}
    if meta.HasField("saver_def"):
        found["saver"] = meta.saver_def.restore_op_name
    return found


def _length(collection: Any) -> int:
    kind = collection.WhichOneof("kind")
    return len(getattr(collection, kind).value) if kind else 0


def _info(info: Any) -> dict[str, Any]:
    shape = None if info.tensor_shape.unknown_rank else [dim.size for dim in info.tensor_shape.dim]
    return {"tensor": info.name, "dtype": type_name(info.dtype), "shape": shape}


def lines(found: dict[str, Any]) -> list[str]:
    """The text form."""
    title = {"graph": "graph", "meta_graph": "meta graph", "saved_model": "SavedModel"}[found["kind"]]
    text = [f"{title} {found['path']}"]
    for part in found.get("meta_graphs", [found]):
        text += _part_lines(part)
    return text


def _part_lines(part: dict[str, Any]) -> list[str]:
    functions = f", {len(part['functions'])} functions" if part["functions"] else ""
    text = [f"{part['nodes']} nodes{functions}, producer {part['producer']}"]
    if part.get("tags"):
        text[0] = f"tags {', '.join(part['tags'])}: {text[0]}"
    common = list(part["types"].items())
    text.append("  " + ", ".join(f"{count} {kind}" for kind, count in common[:12]) + (", ..." if len(common) > 12 else ""))
    for title in ("placeholders", "variables"):
        if part[title]:
            text += [f"{title}:", *table([(f"  {item['name']}", item["dtype"], _shape(item["shape"])) for item in part[title]])]
    elements = sum(prod(item["shape"]) for item in part["variables"] if item["shape"] is not None and min(item["shape"], default=0) >= 0)
    if part["variables"]:
        text.append(f"  {elements:,} elements in variables")
    if part["outputs"]:
        text.append("nothing uses: " + ", ".join(part["outputs"]))
    for name, signature in part.get("signatures", {}).items():
        text.append(f"signature {name} ({signature['method']}):")
        for side in ("inputs", "outputs"):
            text += [f"  {side[:-1]} {key} = {info['tensor']} {info['dtype']} {_shape(info['shape'])}"
                     for key, info in signature[side].items()]
    if part.get("collections"):
        text.append("collections: " + ", ".join(f"{key} ({count})" for key, count in part["collections"].items()))
    return text


def _shape(shape: list[int] | None) -> str:
    return "unknown rank" if shape is None else "[" + ", ".join("?" if size < 0 else str(size) for size in shape) + "]"
