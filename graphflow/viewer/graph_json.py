"""Our JSON form of a graph, and of a view.

    {"format": "graphflow-graph", "version": 1, "nodes": [
       {"name": "y", "op": "MatMul", "inputs": ["x:0", "w/read", "^init"], "device": "", "attrs": {"transpose_a": "false"}}]}

Attributes are text here; reading the form back gives names, ops, inputs and devices, which is what pictures are made of.
"""

from __future__ import annotations

import json
from typing import Any

from graphflow.viewer import attributes
from graphflow.viewer.errors import ViewerError
from graphflow.viewer.graph_scan import scan

FORMAT = "graphflow-graph"


def to_json(buf: bytes) -> dict[str, Any]:
    """A serialized GraphDef in our JSON form."""
    found = scan(buf)
    names = [name.decode("utf-8", "replace") for name in found.names]
    inputs: list[list[str]] = [[] for _ in names]
    for src, dst, port in zip(found.src.tolist(), found.dst.tolist(), found.port.tolist(), strict=True):
        inputs[dst].append(f"^{names[src]}" if port < 0 else names[src] + (f":{port}" if port else ""))
    nodes = []
    for i, name in enumerate(names):
        start, end = int(found.start[i]), int(found.end[i])
        attrs = {a["name"]: a["value"] for a in attributes.attributes(buf, start, end)} if end > start else {}
        nodes.append(
            {
                "name": name,
                "op": found.ops[found.op[i]],
                "inputs": inputs[i],
                "device": found.devices[found.device[i]],
                "attrs": attrs,
            }
        )
    return {"format": FORMAT, "version": 1, "nodes": nodes}


def from_json(raw: bytes) -> bytes:
    """The wire form of a graph in our JSON form; ViewerError names the node that does not fit."""
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise ViewerError(f"not JSON: {error}") from None
    if not isinstance(data, dict) or data.get("format") != FORMAT or not isinstance(data.get("nodes"), list):
        raise ViewerError(f'not a graph: the JSON must be an object with "format": "{FORMAT}" and a list "nodes"')
    out = []
    for i, node in enumerate(data["nodes"]):
        if not (isinstance(node, dict) and isinstance(node.get("name"), str) and isinstance(node.get("op"), str)):
            raise ViewerError(f"node {i} must be an object with texts `name` and `op`")
        parts = [text(1, node["name"]), text(2, node["op"])] + [text(3, str(x)) for x in node.get("inputs", [])]
        parts += [text(4, str(node["device"]))] if node.get("device") else []
        parts += [block(5, text(1, str(k)) + block(2, text(2, str(v)))) for k, v in dict(node.get("attrs", {})).items()]
        out.append(block(1, b"".join(parts)))
    return b"".join(out)


def block(number: int, data: bytes) -> bytes:
    head, size = bytearray([number << 3 | 2]), len(data)
    while size > 127:
        head.append(size & 127 | 128)
        size >>= 7
    head.append(size)
    return bytes(head) + data


def text(number: int, text: str) -> bytes:
    return block(number, text.encode("utf-8", "surrogatepass"))
