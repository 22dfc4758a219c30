"""A graph as the plain values that an offline page holds; static/offline/model.js reads them back."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from graphflow.viewer import attributes
from graphflow.viewer.aside import CODES, REASONS
from graphflow.viewer.cards import ORIGIN, SINKS, source, stats
from graphflow.viewer.errors import ViewerError
from graphflow.viewer.graph_tree import FUNC, OP, SCOPE, GraphTree
from graphflow.viewer.visible import node_types

ATTR_TEXT = 120  # characters of an attribute's text that go into the file
LARGE = 2_000  # bytes of attributes above which they are not looked up among those of other ops


def blob(tree: GraphTree, buf: bytes) -> dict[str, Any]:
    """The model as plain values (static/offline/model.js reads them)."""
    is_op = tree.kind == OP
    ops = np.flatnonzero(is_op).tolist()
    types, type_table = _interned([[list(t) for t in node_types(tree, buf, i)] for i in ops])
    attrs, attr_table = _interned([_attrs(tree, buf, i) for i in ops])
    sources, source_table = _interned([source(tree, buf, i) for i in ops])
    has_source = any(s is not None for s in source_table)
    if has_source:
        sources = [-1 if source_table[s] is None else s for s in sources]
    tails, cuts = _tails(tree)
    rows = np.arange(len(tree))
    meets = tree.meets.astype(np.int64)
    return {
        "stamp": tree.stamp, "kind": tree.kind.tolist(), "size": (tree.end - rows).tolist(), "look": tree.look.tolist(),
        "op": tree.op[is_op].tolist(), "device": tree.device[is_op].tolist() if len(tree.devices) > 1 else [],
        "aside": [[i, int(tree.aside[i])] for i in np.flatnonzero(tree.aside).tolist()],
        "count": [[i, int(tree.count[i])] for i in np.flatnonzero(tree.count != 1).tolist()],
        "tail": tails, "cut": cuts, "ops": tree.ops, "devices": tree.devices or [""],
        "meets": np.diff(meets, prepend=0).tolist(), "dst": (tree.dst - meets).tolist(), "src": (tree.dst - tree.src).tolist(),
        "port": tree.port.tolist(), "slot": tree.slot.tolist(),
        "types": types, "typeTable": type_table, "attrs": attrs, "attrTable": attr_table,
        "source": sources if has_source else [], "sourceTable": source_table if has_source else [],
        "codes": CODES, "reasons": REASONS, "sinks": SINKS, "stats": stats(tree, buf),
    }  # fmt: skip


def _interned(values: list[Any]) -> tuple[list[int], list[Any]]:
    """(number per value, table of distinct values)."""
    seen: dict[str, int] = {}
    table: list[Any] = []
    out = []
    by_identity: dict[int, int] = {}
    for value in values:
        number = by_identity.get(id(value))
        if number is None:
            key = json.dumps(value)
            number = seen.setdefault(key, len(seen))
            if number == len(table):
                table.append(value)
            by_identity[id(value)] = number
        out.append(number)
    return out, table


def _attrs(tree: GraphTree, buf: bytes, item: int) -> list[dict[str, str]]:
    node = int(tree.node[item])
    start, end = int(tree.start_byte[node]), int(tree.end_byte[node])
    known = tree.extra.setdefault("attrs", {})
    raw = buf[start:end] if end - start < LARGE else b""
    if raw not in known or not raw:
        try:
            found = attributes.attributes(buf, start, end) if end > start else []
        except ViewerError:
            found = []
        short = [{**a, "value": a["value"][:ATTR_TEXT]} for a in found if a["name"] not in (ORIGIN, "_output_shapes")]
        known[raw] = short
    return known[raw]


def _tails(tree: GraphTree) -> tuple[list[str], list[list[int]]]:
    """(what each name adds to its scope's, [item, characters of the scope's name to keep] where that is not all of it)."""
    paths = [raw.decode("utf-8", "replace") for raw in tree.all_paths()]
    real = ((tree.kind == SCOPE) | (tree.kind == FUNC)).tolist()
    up = tree.parent.tolist()
    scope = [""] * len(paths)
    tails, cuts = [], []
    for i, path in enumerate(paths):
        above = scope[up[i]] if i else ""
        if path.startswith(above) and len(path) > len(above):
            tails.append(path[len(above) :])
        else:
            keep = path.rfind("/") + 1
            if not above.startswith(path[:keep]):
                keep = 0
            cuts.append([i, keep])
            tails.append(path[keep:])
        scope[i] = path if real[i] else above
    return tails, cuts
