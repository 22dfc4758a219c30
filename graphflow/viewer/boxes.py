"""Boxes and bundles of edges as plain values ready for JSON: what a picture says of each item of a graph.

What does not depend on the state of a page stands in `Looks`, which offline pages carry for every item (offline_graph.py).
"""

from __future__ import annotations

import re
from collections.abc import Set
from typing import Any

import numpy as np

from graphflow.viewer import attributes
from graphflow.viewer.aside import CODES, REASONS, USER
from graphflow.viewer.colors import fills, is_place, word_of
from graphflow.viewer.drawing import elide
from graphflow.viewer.graph_tree import BLOCK, KINDS, OP, SERIES, GraphTree

LETTER, SMALL_LETTER = 7.8, 6.2  # width of a letter in px at 14 px, at 11 px
HEIGHT = 40
GRADIENT = re.compile(r"(^|/)gradients(_\d+)?/|_grad/")
CONTROL_FLOW = {
    "Switch",
    "Merge",
    "Enter",
    "Exit",
    "NextIteration",
    "LoopCond",
    "RefSwitch",
    "RefMerge",
    "RefEnter",
    "RefExit",
    "RefNextIteration",
    "If",
    "StatelessIf",
    "While",
    "StatelessWhile",
    "Case",
    "StatelessCase",
    "PartitionedCall",
    "StatefulPartitionedCall",
}




class Looks:
    """What a picture says of items, whatever the state of the page is."""

    def __init__(self, tree: GraphTree, buf: bytes) -> None:
        self.tree, self.buf = tree, buf
        self.types: dict[int, list[tuple[str, attributes.Shape]]] = {}

    def types_of(self, item: int) -> list[tuple[str, attributes.Shape]]:
        if item not in self.types:
            self.types[item] = node_types(self.tree, self.buf, item)
        return self.types[item]

    def of(self, item: int) -> dict[str, Any]:
        """detail, w, op, device, dtype, grad, control, structure, fills and word of an item."""
        tree = self.tree
        label, kind = tree.label(item), int(tree.kind[item])
        op = tree.ops[tree.op[item]] if kind == OP else ""
        detail = self._detail(item, kind, op, label)
        first = _first_op(tree, item)
        dtype = (self.types_of(first)[:1] or [("", None)])[0][0].removesuffix("_ref") if first is not None else ""
        path = tree.path(item)
        out = {
            "detail": detail,
            "w": width_of(elide(label), detail),
            "op": op,
            "device": tree.devices[tree.device[first]] if first is not None else "",
            "dtype": dtype,
            "grad": bool(GRADIENT.search(path)),
            "control": op in CONTROL_FLOW,
            "structure": int(tree.look[item]),
        }
        of = {"kind": KINDS[kind], "path": path} | out
        return out | {"fills": fills(of), "word": word_of(of)}

    def _detail(self, item: int, kind: int, op: str, label: str) -> str:
        tree = self.tree
        if kind == OP:
            base = label.rpartition("/")[2].rstrip("0123456789").rstrip("_")
            place = tree.devices[tree.device[item]]
            return op if base.lower() != op.lower() else place if is_place(place) else ""
        ops, count = int(tree.leaves[item]), int(tree.count[item])
        amount = f"{ops:,} op" + ("s" if ops != 1 else "")
        if kind == SERIES:
            return f"x{count} · {amount}"
        if kind == BLOCK and count > 1:
            first = _first_op(tree, item)
            return f"{count:,} x {tree.ops[tree.op[first]]}" if first is not None else amount
        return amount


class Boxes:
    """Makes the values of boxes and edges for one view. out, back: what the user put aside and brought back."""

    def __init__(self, tree: GraphTree, buf: bytes, profile: dict[int, tuple[float, int]] | None = None, diff: Any = None) -> None:
        self.tree, self.looks, self.diff = tree, Looks(tree, buf), diff
        self.profile = _ProfileSums(tree, profile) if profile is not None else None

    def box(self, item: int, *, is_open: bool = False, root: int = 0, out: Set[int] = frozenset(), back: Set[int] = frozenset(),
            left_out: Set[int] = frozenset()) -> dict[str, Any]:  # fmt: skip
        tree = self.tree
        kind = int(tree.kind[item])
        code = USER if item in out else 0 if item in back else int(tree.aside[item])
        above = int(tree.parent[item]) if item != root else -1
        while above in left_out:
            above = int(tree.parent[above])
        box = {
            "id": item,
            "parent": above,
            "path": tree.path(item),
            "label": tree.label(item),
            "kind": KINDS[kind],
            "open": is_open,
            "ops": int(tree.leaves[item]),
            "children": 0 if kind == OP else len(tree.children(item)),
            "h": HEIGHT,
            "count": int(tree.count[item]),
            "aside": CODES[code] or None,
            "reason": REASONS.get(CODES[code]),
            "time": None,
            "memory": None,
            "diff": self.diff.of(item) if self.diff is not None else None,
        } | self.looks.of(item)
        if self.profile is not None:
            box["time"], box["memory"] = self.profile.of(item)
        return box

    def edge(self, a: int, b: int, count: int, control: bool, rows: list[int]) -> dict[str, Any]:
        tree = self.tree
        slots = [[int(tree.src[r]), int(tree.port[r]), int(tree.dst[r]), int(tree.slot[r])] for r in rows]
        labels, total, dtype = set(), 0, ""
        for src, port, _, _ in slots:
            types = self.looks.types_of(src)
            if 0 <= port < len(types):
                dtype, _, _, label, size = type_row(*types[port])
                if label is not None:
                    labels.add(label)
                total += size
        return {
            "from": a,
            "to": b,
            "count": count,
            "control": control,
            "label": labels.pop() if len(labels) == 1 else "",
            "dtype": dtype,
            "bytes": total,
            "slots": slots,
            "diff": self.diff.edge(rows) if self.diff is not None else None,
        }


def type_row(dtype: str, shape: attributes.Shape) -> tuple[str, str, str, str | None, int]:
    """(dtype, `?x784`, `float32 [?, 784]`, what stands at an edge, bytes) of a tensor's type."""
    text = attributes.shape_text(shape)
    return (dtype.removesuffix("_ref"), text, attributes.type_text(dtype, shape), None if shape is None else text,
            attributes.size_in_bytes(dtype, shape))  # fmt: skip


def node_types(tree: GraphTree, buf: bytes, item: int) -> list[tuple[str, attributes.Shape]]:
    """(dtype, shape) of the outputs of an op item."""
    node = int(tree.node[item])
    if node < 0:
        return []
    start, end = int(tree.start_byte[node]), int(tree.end_byte[node])
    if end - start > 2000:
        return attributes.output_types(buf, start, end)
    known = tree.extra.setdefault("types", {})  # the attributes of most ops are those of another one
    raw = buf[start:end]
    if raw not in known:
        known[raw] = attributes.output_types(raw, 0, len(raw)) if raw else []
    return known[raw]


def _first_op(tree: GraphTree, item: int) -> int | None:
    """The first op in a group's order (the op itself for an op)."""
    stop = int(tree.end[item])
    while item < stop and tree.kind[item] != OP:
        item += 1
    return item if item < stop else None


def width_of(label: str, detail: str) -> int:
    """Width in px of a box with this label (14 px) and detail (11 px)."""
    return int(max(56, min(230, 20 + max(len(label) * LETTER, len(detail) * SMALL_LETTER))))


class _ProfileSums:
    """Sums of times and memory over ranges of items."""

    def __init__(self, tree: GraphTree, profile: dict[int, tuple[float, int]]) -> None:
        items = np.array(sorted(profile), np.int64)
        self.items = items
        self.time = np.concatenate([[0.0], np.cumsum([profile[i][0] for i in items.tolist()])])
        self.memory = np.concatenate([[0], np.cumsum([profile[i][1] for i in items.tolist()])])
        self.end = tree.end

    def of(self, item: int) -> tuple[float | None, int | None]:
        a, b = np.searchsorted(self.items, [item, int(self.end[item])])
        return (round(float(self.time[b] - self.time[a]), 3), int(self.memory[b] - self.memory[a])) if b > a else (None, None)
