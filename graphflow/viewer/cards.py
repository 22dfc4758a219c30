"""The card of one op or group: what a person asks about it, read from the graph's bytes when it is asked."""

from __future__ import annotations

import bisect
import re
from typing import Any

import numpy as np

from graphflow.viewer import attributes, wire
from graphflow.viewer.aside import CODES, REASONS
from graphflow.viewer.boxes import node_types
from graphflow.viewer.errors import ViewerError
from graphflow.viewer.graph_tree import KINDS, OP, GraphTree
from graphflow.viewer.tree_order import depths

MOST = 50  # neighbours, members or boundary tensors listed on one card
SINKS = (
    "Summary",
    "NoOp",
    "Assign",
    "Apply",
    "Save",
    "Print",
    "Enqueue",
    "Close",
    "Write",
    "_Retval",
    "Scatter",
    "Assert",
    "NextIteration",
)
KIND_NOTES = {
    "series": "These scopes are copies of one another, numbered.",
    "block": "The viewer made this group; the graph has no such scope.",
}
VARIABLES = ("Variable", "VariableV2", "VarHandleOp")
ORIGIN = "_graphflow_origin"


def card(tree: GraphTree, buf: bytes, item: int) -> dict[str, Any]:
    """The card of an item."""
    kind = int(tree.kind[item])
    code = CODES[int(tree.aside[item])]
    common = {
        "id": item,
        "path": tree.path(item),
        "name": tree.path(item).rstrip("/") if kind else tree.path(item),
        "label": tree.label(item),
        "kind": KINDS[kind],
        "parents": [ref(tree, up) | {"label": tree.label(up)} for up in tree.ancestors(item)],
        "aside": code or None,
        "reason": REASONS.get(code),
        "profile": [],
        "summary": [],
        "diff": None,
        "note": "",
        "more": 0,
        "op": "",
        "device": "",
        "inputs": [],
        "controls": [],
        "outputs": [],
        "controlOutputs": [],
        "attrs": [],
        "source": None,
        "partners": [],
        "dead": False,
        "ops": int(tree.leaves[item]),
        "children": 0,
        "histogram": [],
        "parameters": None,
        "members": [],
    }
    return common | (_op_card(tree, buf, item) if kind == OP else _group_card(tree, buf, item))


def ref(tree: GraphTree, item: int) -> dict[str, Any]:
    return {"id": item, "path": tree.path(item)}


def tensor_ref(tree: GraphTree, buf: bytes, src: int, port: int) -> dict[str, Any]:
    types = node_types(tree, buf, src)
    shown = attributes.type_text(*types[port]) if 0 <= port < len(types) else ""
    return ref(tree, src) | {"tensor": f"{tree.path(src)}:{port}", "port": port, "type": shown}


def _op_card(tree: GraphTree, buf: bytes, item: int) -> dict[str, Any]:
    node, name = int(tree.node[item]), tree.path(item)
    start, end = int(tree.start_byte[node]), int(tree.end_byte[node])
    incoming = np.flatnonzero(tree.dst == item)
    incoming = incoming[np.argsort(tree.slot[incoming], kind="stable")]
    outgoing = np.flatnonzero(tree.src == item)
    data = [int(r) for r in incoming if tree.port[r] >= 0]
    inputs = [tensor_ref(tree, buf, int(tree.src[r]), int(tree.port[r])) for r in data[:MOST]]
    controls = [ref(tree, int(tree.src[r])) for r in incoming[tree.port[incoming] < 0][:MOST].tolist()]
    op = tree.ops[tree.op[item]]
    found = [a for a in attributes.attributes(buf, start, end) if a["name"] != ORIGIN] if end > start else []
    return {
        "op": op,
        "device": tree.devices[tree.device[item]],
        "inputs": inputs,
        "controls": controls,
        "outputs": _outputs(tree, buf, item, outgoing),
        "controlOutputs": [ref(tree, int(tree.dst[r])) for r in outgoing[tree.port[outgoing] < 0][:MOST].tolist()],
        "attrs": found,
        "source": source(tree, buf, item),
        "partners": partners(tree, name),
        "dead": is_dead(op, len(outgoing)),
        "more": max(0, len(data) - MOST),
    }


def is_dead(op: str, readers: int) -> bool:
    """Whether nothing reads an op that has no other effect."""
    return readers == 0 and not any(word in op for word in SINKS)


def _outputs(tree: GraphTree, buf: bytes, item: int, rows: np.ndarray) -> list[dict[str, Any]]:
    types = node_types(tree, buf, item)
    ports = tree.port[rows]
    out = []
    for port in range(min(MOST, max(len(types), int(ports.max(initial=-1)) + 1))):
        readers = rows[ports == port]
        out.append(
            {
                "tensor": f"{tree.path(item)}:{port}",
                "port": port,
                "type": attributes.type_text(*types[port]) if port < len(types) else "",
                "consumers": [ref(tree, int(tree.dst[r])) | {"slot": int(tree.slot[r])} for r in readers[:MOST].tolist()],
                "more": max(0, len(readers) - MOST),
            }
        )
    return out


def source(tree: GraphTree, buf: bytes, item: int) -> dict[str, Any] | None:
    """The user's line that made an op: our own annotation, or TensorFlow's GraphDebugInfo."""
    node = int(tree.node[item])
    start, end = int(tree.start_byte[node]), int(tree.end_byte[node])
    try:
        span = attributes.attr_ranges(buf, start, end).get(ORIGIN) if end > start else None
        if span:
            return _line(attributes.attr_value(buf, *span)[1])
        if tree.debug_info is None:
            return None
        if "lines" not in tree.extra:
            tree.extra["lines"] = debug_lines(buf, *tree.debug_info)
        return tree.extra["lines"].get(tree.path(item))
    except ViewerError:
        return None


def _line(text: str) -> dict[str, Any] | None:
    """{"file", "line", "text"} of `train.py:12  y = tf.matmul(x, w)`."""
    match = re.match(r"(.+?):(\d+)(?:\s+(.*))?$", text, re.DOTALL)
    return {"file": match[1], "line": int(match[2]), "text": match[3] or ""} if match else None


def debug_lines(buf: bytes, a: int, b: int) -> dict[str, dict[str, Any]]:
    """The innermost line of each op in a GraphDebugInfo.

    1 files, 2 map name -> StackTrace {1 frames {1 file, 2 line, 3 col, 4 func, 5 code}}
    """
    files: list[str] = []
    traces: list[tuple[str, int, int]] = []
    for number, kind, x, y in wire.fields(buf, a, b):
        if number == 1 and kind == wire.BYTES:
            files.append(wire.text(buf, x, y))
        elif number == 2 and kind == wire.BYTES:
            entry = {n: (c, d) for n, w, c, d in wire.fields(buf, x, y) if w == wire.BYTES}
            if 1 in entry and 2 in entry:
                traces.append((wire.text(buf, *entry[1]), *entry[2]))
    out = {}
    for name, x, y in traces:
        frame = next(((c, d) for n, w, c, d in wire.fields(buf, x, y) if n == 1 and w == wire.BYTES), None)
        if frame:
            file = line = 0
            code = ""
            for n, w, c, d in wire.fields(buf, *frame):
                if w == wire.VARINT and n in (1, 2):
                    file, line = (c, line) if n == 1 else (file, c)
                elif n == 5 and w == wire.BYTES:
                    code = wire.text(buf, c, d)
            if file < len(files):
                out[name.split("@")[0]] = {"file": files[file], "line": line, "text": code}
    return out


def partners(tree: GraphTree, name: str) -> list[dict[str, Any]]:
    """Ops of an op's gradient, or the op that a gradient belongs to."""
    match = re.match(r"(?:.*/)?gradients(?:_\d+)?/(.+)_grad/", name)
    if match:
        item = _exactly(tree, match[1], tree.starting(match[1]))
        return [ref(tree, item)] if item is not None else []
    if "_grad/" in name:
        return []
    for scope in ("gradients", "gradients_1"):
        path = f"{scope}/{name}_grad/"
        below = tree.starting(path)
        group = _exactly(tree, path, below)
        if group is not None:
            return [ref(tree, i) for i in range(group + 1, int(tree.end[group])) if tree.kind[i] == OP][:8]
        if len(below):    # a scope that holds a single op is no group
            return [ref(tree, min(below.tolist(), key=tree.raw_path))]
    return []


def _exactly(tree: GraphTree, path: str, items: np.ndarray) -> int | None:
    """The first of the items that has this path."""
    size = len(path.encode("utf-8", "surrogatepass"))
    return next((i for i in items.tolist() if tree.offset[i + 1] - tree.offset[i] == size), None)


def _group_card(tree: GraphTree, buf: bytes, item: int) -> dict[str, Any]:
    end = int(tree.end[item])
    codes, counts = np.unique(tree.op[item:end][tree.kind[item:end] == OP], return_counts=True)
    order = np.lexsort((codes, -counts))
    inside_src, inside_dst = (tree.src >= item) & (tree.src < end), (tree.dst >= item) & (tree.dst < end)
    entering, leaving = np.flatnonzero(inside_dst & ~inside_src), np.flatnonzero(inside_src & ~inside_dst)
    members = tree.children(item)
    return {
        "children": len(members),
        "histogram": [[tree.ops[codes[i]], int(counts[i])] for i in order.tolist()],
        "parameters": parameters(tree, buf, item),
        "inputs": _crossing(tree, buf, entering),
        "outputs": _leaving(tree, buf, leaving),
        "controls": [ref(tree, i) for i in np.unique(tree.src[entering[tree.port[entering] < 0]])[:MOST].tolist()],
        "members": [ref(tree, i) | {"label": tree.label(i)} for i in members[:MOST]],
        "more": max(0, len(members) - MOST),
        "note": KIND_NOTES.get(KINDS[int(tree.kind[item])], ""),
    }


def _crossing(tree: GraphTree, buf: bytes, rows: np.ndarray) -> list[dict[str, Any]]:
    return [tensor_ref(tree, buf, src, port) for src, port, _ in _tensors(tree, rows)]


def _tensors(tree: GraphTree, rows: np.ndarray) -> list[tuple[int, int, np.ndarray]]:
    """(op, port, rows) of the first tensors that some rows carry, control edges left out."""
    rows = rows[tree.port[rows] >= 0]
    if not len(rows):
        return []
    src, port = tree.src[rows].astype(np.int64), tree.port[rows].astype(np.int64)
    keys = src * (int(port.max()) + 1) + port
    order = np.argsort(keys, kind="stable")
    starts = np.flatnonzero(np.diff(keys[order], prepend=-1))
    ends = np.append(starts[1:], len(rows))
    slices = zip(starts[:MOST].tolist(), ends[:MOST].tolist(), strict=True)
    return [(int(src[order[a]]), int(port[order[a]]), rows[order[a:b]]) for a, b in slices]


def _leaving(tree: GraphTree, buf: bytes, rows: np.ndarray) -> list[dict[str, Any]]:
    return [
        tensor_ref(tree, buf, src, port)
        | {
            "consumers": [ref(tree, int(tree.dst[r])) | {"slot": int(tree.slot[r])} for r in found[:MOST].tolist()],
            "more": max(0, len(found) - MOST),
        }
        for src, port, found in _tensors(tree, rows)
    ]


def parameters(tree: GraphTree, buf: bytes, item: int) -> int | None:
    """Elements of the variables inside; None when one of them is of unknown size."""
    items, total, unknown = _variables(tree, buf)
    a, b = bisect.bisect_left(items, item), bisect.bisect_left(items, int(tree.end[item]))
    return None if unknown[b] > unknown[a] else total[b] - total[a]


def _variables(tree: GraphTree, buf: bytes) -> tuple[list[int], list[int], list[int]]:
    """(variables, elements of those before each, how many of those are of unknown size); made once per graph."""
    if "variables" not in tree.extra:
        items = np.flatnonzero(np.isin(tree.op, [i for i, op in enumerate(tree.ops) if op in VARIABLES])).tolist()
        known: dict[bytes, int | None] = {}
        total, unknown = [0], [0]
        for i in items:
            node = int(tree.node[i])
            raw = buf[int(tree.start_byte[node]) : int(tree.end_byte[node])]
            if raw not in known:
                known[raw] = attributes.elements(_variable_shape(tree, buf, i))
            total.append(total[-1] + (known[raw] or 0))
            unknown.append(unknown[-1] + (known[raw] is None))
        tree.extra["variables"] = items, total, unknown
    return tree.extra["variables"]


def _variable_shape(tree: GraphTree, buf: bytes, item: int) -> attributes.Shape:
    node = int(tree.node[item])
    span = attributes.attr_ranges(buf, int(tree.start_byte[node]), int(tree.end_byte[node])).get("shape")
    if span is None:
        types = node_types(tree, buf, item)
        return types[0][1] if types else None
    return next((attributes.shape_of(buf, x, y) for n, w, x, y in wire.fields(buf, *span) if n == 7 and w == wire.BYTES), None)


def stats(tree: GraphTree, buf: bytes) -> dict[str, Any]:
    """Counts over the whole graph."""
    ops = tree.kind == OP

    def tally(codes: np.ndarray, names: list[str]) -> list[list[Any]]:
        counts = np.bincount(codes[codes >= 0], minlength=len(names))
        return [[names[i], int(counts[i])] for i in np.lexsort((np.arange(len(names)), -counts)).tolist() if counts[i]]

    return {
        "ops": int(ops.sum()),
        "edges": len(tree.src),
        "groups": int((~ops).sum()) - 1,
        "depth": _depth(tree),
        "byOp": tally(tree.op, tree.ops),
        "byDevice": tally(tree.device, tree.devices),
        "byDtype": [],
        "functions": tree.functions,
        "aside": {CODES[i]: int(n) for i, n in enumerate(np.bincount(tree.aside[ops], minlength=len(CODES))) if i and n},
        "parameters": parameters(tree, buf, 0),
        "producer": tree.producer,
        "notes": tree.notes,
    }


def _depth(tree: GraphTree) -> int:
    return int(depths(tree.parent).max(initial=0))
