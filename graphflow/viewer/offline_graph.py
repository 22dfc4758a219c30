"""A graph as the plain values that an offline page holds; static/offline/model.js reads them back.

Views, cards, traces and searches are computed in Python where there is a server (and for `draw` and the terminal), in JavaScript where
there is none: what a page may ask of 100,000 ops cannot be written down beforehand, and a page with a server that computed for itself
would need all of this first. For 1,000,000 ops that is 25 s of processor time to make, 40 MB to send, 9 s to open and 360 MB in the page,
whose bounds are 8 s and 60 MB; the first picture of 100,000 may take 200 kB. So what can be computed once is (what boxes say and
how wide they are, their colours, types and sizes in words, parameters, the figures that choose what is open), and
tests/viewer/test_offline.py compares the rest on every kind of graph, for random states and queries.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from graphflow.viewer import attributes
from graphflow.viewer.aside import CODES, REASONS
from graphflow.viewer.boxes import HEIGHT, Looks, node_types, type_row
from graphflow.viewer.cards import KIND_NOTES, ORIGIN, is_dead, parameters, source, stats
from graphflow.viewer.errors import ViewerError
from graphflow.viewer.graph_tree import FUNC, OP, SCOPE, GraphTree
from graphflow.viewer.visible import limits

ATTR_TEXT = 120  # characters of an attribute's text that go into the file
LARGE = 2_000  # bytes of attributes above which they are not looked up among those of other ops


def blob(tree: GraphTree, buf: bytes) -> dict[str, Any]:
    """The model as plain values (static/offline/model.js reads them)."""
    is_op = tree.kind == OP
    ops = np.flatnonzero(is_op).tolist()
    types, type_table = _types(tree, buf, ops)
    attrs, attr_table = _interned([_attrs(tree, buf, i) for i in ops])
    sources, source_table = _interned([source(tree, buf, i) for i in ops])
    has_source = any(s is not None for s in source_table)
    if has_source:
        sources = [-1 if source_table[s] is None else s for s in sources]
    looks, widths, look_table = _looks(tree, buf)
    tails, cuts = _tails(tree)
    rows = np.arange(len(tree))
    meets = tree.meets.astype(np.int64)
    return {
        "stamp": tree.stamp, "kind": tree.kind.tolist(), "size": (tree.end - rows).tolist(),
        "looks": looks, "lookTable": look_table, "w": widths, "height": HEIGHT, "limits": limits(),
        "op": tree.op[is_op].tolist(), "device": tree.device[is_op].tolist() if len(tree.devices) > 1 else [],
        "aside": tree.aside.tolist(),
        "count": [[i, int(tree.count[i])] for i in np.flatnonzero(tree.count != 1).tolist()],
        "tail": tails, "cut": [np.diff([at for at, _ in cuts], prepend=0).tolist(), [keep for _, keep in cuts]],
        "ops": tree.ops, "devices": tree.devices or [""],
        "meets": np.diff(meets, prepend=0).tolist(), "dst": (tree.dst - meets).tolist(), "src": (tree.dst - tree.src).tolist(),
        "port": tree.port.tolist(), "slot": tree.slot.tolist(),
        "types": types, "typeTable": type_table, "attrs": attrs, "attrTable": attr_table,
        "source": sources if has_source else [], "sourceTable": source_table if has_source else [],
        "codes": CODES, "reasons": REASONS, "kindNotes": KIND_NOTES, "free": [is_dead(op, 0) for op in tree.ops],
        "parameters": [parameters(tree, buf, i) for i in np.flatnonzero(~is_op).tolist()],
        "stats": stats(tree, buf),
    }  # fmt: skip


def _types(tree: GraphTree, buf: bytes, items: list[int]) -> tuple[list[int], list[Any]]:
    """(number per op, table of distinct lists of {dtype, shape, text, label, bytes} of an op's outputs)."""
    numbers, table = _interned([[list(t) for t in node_types(tree, buf, i)] for i in items])
    named = ("dtype", "shape", "text", "label", "bytes")
    return numbers, [[dict(zip(named, type_row(*t), strict=True)) for t in row] for row in table]


def _looks(tree: GraphTree, buf: bytes) -> tuple[list[int], list[int], list[dict[str, Any]]]:
    """(number per item, width per item, table of what boxes.py says of items)."""
    looks = Looks(tree, buf)
    seen: dict[Any, int] = {}
    table: list[dict[str, Any]] = []
    numbers, widths = [], []
    for item in range(len(tree)):
        look = looks.of(item)
        widths.append(look.pop("w"))
        key = (*list(look.values())[:-2], *look["fills"].values())
        number = seen.setdefault(key, len(table))
        if number == len(table):
            table.append(look)
        numbers.append(number)
    return numbers, widths, table


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
