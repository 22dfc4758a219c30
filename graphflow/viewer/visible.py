"""The visible part of a model for a state of the page: boxes and edges, as plain values ready for JSON.

The same is computed by static/offline/view.js for pages without a server; a test holds both equal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from graphflow.viewer import attributes
from graphflow.viewer.aside import CODES, REASONS, USER
from graphflow.viewer.colors import is_place
from graphflow.viewer.folding import RANKS, WIDE, layers
from graphflow.viewer.graph_tree import BLOCK, KINDS, OP, SERIES, GraphTree

FIRST = 24  # boxes that a first picture may have after opening groups
LABEL, LETTER, SMALL_LETTER = 26, 7.8, 6.2  # characters of a drawn label; width of a letter in px at 14 px, at 11 px
GRADIENT = re.compile(r"(^|/)gradients(_\d+)?/|_grad/")


@dataclass
class State:
    """What the page shows of a graph. Items are numbers; `paths` are groups to open by name; `gone`: flags of ops that a query hides."""

    expanded: set[int] = field(default_factory=set)
    paths: list[str] = field(default_factory=list)
    root: int = 0
    out: set[int] = field(default_factory=set)
    back: set[int] = field(default_factory=set)
    hide: set[int] = field(default_factory=set)
    direction: str = "auto"
    first: bool = False
    gone: np.ndarray | None = None


def elide(label: str) -> str:
    """The label as drawn: at most 26 characters, the middle left out."""
    return label if len(label) <= LABEL else label[:14] + "…" + label[-11:]


def view(
    tree: GraphTree, buf: bytes, state: State, *, profile: dict[int, tuple[float, int]] | None = None, diff: Any = None
) -> dict[str, Any]:
    """The view for a state. profile: (time in us, bytes) per op item. diff: counts of changes per item (diff.py)."""
    expanded, missing = _resolve(tree, state)
    aside = _aside_now(tree, state)
    if state.first:
        expanded |= _first(tree, state.root, aside)
    boxes, shelf, opened = _boxes(tree, state, expanded, aside)
    drawn = [item for item in boxes if item not in opened]
    ends = sorted(drawn + shelf)
    pairs = _edges(tree, opened | {state.root}, ends, aside, state.gone)
    shelf_set = set(shelf)
    edges = [p for p in pairs if p[0] not in shelf_set and p[1] not in shelf_set]
    maker = _Maker(tree, buf, profile, diff)
    result = {
        "root": state.root,
        "expanded": sorted(opened),
        "missing": missing,
        "paths": [[i, tree.path(i)] for i in sorted((opened | state.out | state.back | state.hide | {state.root}) - {0})],
        "boxes": [maker.box(item, item in opened, state) for item in boxes],
        "edges": [maker.edge(*p) for p in edges],
        "aside": [maker.box(item, False, state) for item in shelf],
        "asideEdges": [maker.edge(*p) for p in pairs if (p[0] in shelf_set) != (p[1] in shelf_set)],
    }
    result["direction"] = _direction(result, drawn, state.direction)
    result["total"] = {"ops": int(tree.leaves[state.root]), "boxes": len(drawn), "edges": len(edges), "aside": len(shelf)}
    return result


def boxes_of(tree: GraphTree, buf: bytes, items: list[int], diff: Any = None) -> list[dict[str, Any]]:
    """The boxes of these items, closed."""
    maker, state = _Maker(tree, buf, None, diff), State()
    return [maker.box(item, False, state) for item in items]


def _resolve(tree: GraphTree, state: State) -> tuple[set[int], list[str]]:
    expanded = {i for i in state.expanded if 0 < i < len(tree)}
    missing = []
    for path in state.paths:
        item = tree.find(path)
        if item is None:
            missing.append(path)
        else:
            expanded.add(item)
    return {i for i in expanded if tree.kind[i] != OP}, missing


def _aside_now(tree: GraphTree, state: State) -> np.ndarray:
    """The aside code of every item, with what the user pulled out or back."""
    if not state.out and not state.back:
        return tree.aside
    code = tree.aside.copy()
    for item in sorted(state.back):
        code[item : tree.end[item]] = 0
    for item in sorted(state.out):
        code[item : tree.end[item]] = USER
    for item in sorted(state.back):
        for above in tree.ancestors(item):
            code[above] = 0
    return code


def _boxes(tree: GraphTree, state: State, expanded: set[int], aside: np.ndarray) -> tuple[list[int], list[int], set[int]]:
    """(boxes in preorder, things put aside, open groups) under the state's root."""
    boxes: list[int] = []
    shelf: list[int] = []
    opened: set[int] = set()
    at, end = state.root + 1, int(tree.end[state.root])
    left = _left(tree, state.gone)
    while at < end:
        if at in state.hide or (left is not None and left[tree.end[at]] == left[at]):
            at = int(tree.end[at])
        elif at in expanded:
            opened.add(at)
            boxes.append(at)
            at += 1
        else:
            (shelf if aside[at] and at not in state.back else boxes).append(at)
            at = int(tree.end[at])
    return boxes, shelf, opened


def _left(tree: GraphTree, gone: np.ndarray | None) -> np.ndarray | None:
    """left[b] - left[a]: how many ops of the items a to b a query leaves."""
    return None if gone is None else np.concatenate([[0], np.cumsum((tree.kind == OP) & ~gone)])


def _edges(
    tree: GraphTree, opened: set[int], ends: list[int], aside: np.ndarray, gone: np.ndarray | None = None
) -> list[tuple[int, int, int, bool, list[int]]]:
    """(from, to, count, all control, at most eight edge numbers) of the bundles between the boxes `ends` (sorted)."""
    groups = sorted(opened)
    low = np.searchsorted(tree.meets, groups)
    high = np.searchsorted(tree.meets, groups, "right")
    rows = (
        np.concatenate([np.arange(a, b) for a, b in zip(low.tolist(), high.tolist(), strict=True)])
        if groups
        else np.zeros(0, np.int64)
    )
    if not len(rows) or not ends:
        return []
    starts = np.array(ends)
    stops = tree.end[starts]
    sides = []
    for column in (tree.src[rows], tree.dst[rows]):
        at = np.searchsorted(starts, column, "right") - 1
        sides.append(np.where((at >= 0) & (column < stops[at]), at, -1))
    a, b = sides
    # An op put aside inside a box that is drawn does not pull lines out of that box, and none into it.
    quiet = np.zeros(len(rows), bool)
    for column, at in ((tree.src[rows], a), (tree.dst[rows], b)):
        quiet |= (aside[column] > 0) & (aside[starts[at]] == 0)
    if gone is not None:
        quiet |= gone[tree.src[rows]] | gone[tree.dst[rows]]
    keep = (a >= 0) & (b >= 0) & ~quiet & ((a != b) | (tree.src[rows] == tree.dst[rows]))
    rows, a, b = rows[keep], a[keep], b[keep]
    if not len(rows):
        return []
    key = a * len(starts) + b
    order = np.argsort(key, kind="stable")
    key, rows = key[order], rows[order]
    first = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))
    control = np.bitwise_and.reduceat((tree.port[rows] < 0).astype(np.int8), first)
    bounds = [*first.tolist(), len(key)]
    out = []
    for i, at in enumerate(first.tolist()):
        x, y = divmod(int(key[at]), len(starts))
        out.append((ends[x], ends[y], bounds[i + 1] - at, bool(control[i]), rows[at : min(bounds[i + 1], at + 8)].tolist()))
    return out


def _first(tree: GraphTree, root: int, aside: np.ndarray) -> set[int]:
    """Groups to open so that the first picture says something: the largest while the picture stays small."""
    opened: set[int] = set()
    shown = [c for c in tree.children(root) if not aside[c]]
    while len(shown) < 10:
        groups = sorted((c for c in shown if tree.kind[c] != OP), key=lambda c: (-int(tree.leaves[c]), c))
        room = FIRST - len(shown) + 1
        for group in groups:
            inside = [c for c in tree.children(group) if not aside[c]]
            if inside and len(inside) <= room and _readable(tree, opened | {root, group}, aside, shown, inside, group):
                opened.add(group)
                shown = [c for c in shown if c != group] + inside
                break
        else:
            break
    return opened


def _readable(tree: GraphTree, opened: set[int], aside: np.ndarray, shown: list[int], inside: list[int], group: int) -> bool:
    ends = sorted([c for c in shown if c != group] + inside)
    pairs = _edges(tree, opened, ends, aside)
    ranks = _ranks(ends, pairs)
    deep, wide = max(ranks, default=0) + 1, int(np.bincount(ranks).max())
    return (deep <= RANKS - 2 and wide <= WIDE - 2) or (deep <= WIDE // 2 and wide <= RANKS + 2)


def _ranks(ends: list[int], pairs: list) -> list[int]:
    place = {item: i for i, item in enumerate(ends)}
    known = [(place[p[0]], place[p[1]]) for p in pairs if p[0] != p[1]]
    return layers(len(ends), [a for a, _ in known], [b for _, b in known])


def _direction(result: dict[str, Any], drawn: list[int], wanted: str) -> str:
    """TB or LR: whichever shows the boxes larger in a window half again as wide as high."""
    if wanted in ("TB", "LR"):
        return wanted
    if not drawn:
        return "TB"
    known = set(drawn)
    pairs = [(e["from"], e["to"]) for e in result["edges"] if e["from"] in known and e["to"] in known]
    ranks = _ranks(drawn, pairs)
    rows = np.bincount(ranks)
    width = sum(b["w"] for b in result["boxes"]) / max(1, len(result["boxes"]))
    deep, wide = len(rows), int(rows.max())
    down = min(1.5 / (wide * (width + 20)), 1 / (deep * 76))
    across = min(1.5 / (deep * (width + 50)), 1 / (wide * 54))
    return "LR" if across > 1.15 * down else "TB"


class _Maker:
    """Makes the JSON of boxes and edges."""

    def __init__(self, tree: GraphTree, buf: bytes, profile: dict[int, tuple[float, int]] | None, diff: Any) -> None:
        self.tree, self.buf, self.diff = tree, buf, diff
        self.types: dict[int, list[tuple[str, attributes.Shape]]] = {}
        self.profile = _ProfileSums(tree, profile) if profile is not None else None

    def types_of(self, item: int) -> list[tuple[str, attributes.Shape]]:
        if item not in self.types:
            self.types[item] = node_types(self.tree, self.buf, item)
        return self.types[item]

    def box(self, item: int, is_open: bool, state: State) -> dict[str, Any]:
        tree = self.tree
        label, kind = tree.label(item), int(tree.kind[item])
        op = tree.ops[tree.op[item]] if kind == OP else ""
        ops = int(tree.leaves[item])
        detail = self._detail(item, kind, op, label, ops)
        drawn = elide(label)
        first = _first_op(tree, item)
        code = USER if item in state.out else 0 if item in state.back else int(tree.aside[item])
        dtype = (self.types_of(first)[:1] or [("", None)])[0][0].removesuffix("_ref") if first is not None else ""
        path = tree.path(item)
        out = {
            "id": item,
            "parent": self._parent(item, state),
            "path": path,
            "label": label,
            "detail": detail,
            "kind": KINDS[kind],
            "open": is_open,
            "ops": ops,
            "children": 0 if kind == OP else _count_children(tree, item),
            "op": op,
            "w": width_of(drawn, detail),
            "h": 40,
            "count": int(tree.count[item]),
            "aside": CODES[code] or None,
            "reason": REASONS.get(CODES[code]),
            "structure": int(tree.look[item]),
            "device": tree.devices[tree.device[first]] if first is not None else "",
            "dtype": dtype,
            "grad": bool(GRADIENT.search(path)),
            "control": op in CONTROL_FLOW,
            "time": None,
            "memory": None,
            "diff": self.diff.of(item) if self.diff is not None else None,
        }
        if self.profile is not None:
            out["time"], out["memory"] = self.profile.of(item)
        return out

    def _parent(self, item: int, state: State) -> int:
        return int(self.tree.parent[item]) if item != state.root else -1

    def _detail(self, item: int, kind: int, op: str, label: str, ops: int) -> str:
        tree = self.tree
        if kind == OP:
            base = label.rpartition("/")[2].rstrip("0123456789").rstrip("_")
            place = tree.devices[tree.device[item]]
            return op if base.lower() != op.lower() else place if is_place(place) else ""
        amount = f"{ops:,} op" + ("s" if ops != 1 else "")
        count = int(self.tree.count[item])
        if kind == SERIES:
            return f"x{count} · {amount}"
        if kind == BLOCK and count > 1:
            first = _first_op(self.tree, item)
            return f"{count:,} x {self.tree.ops[self.tree.op[first]]}" if first is not None else amount
        return amount

    def edge(self, a: int, b: int, count: int, control: bool, rows: list[int]) -> dict[str, Any]:
        tree = self.tree
        slots = [[int(tree.src[r]), int(tree.port[r]), int(tree.dst[r]), int(tree.slot[r])] for r in rows]
        labels, total, dtype = set(), 0, ""
        for src, port, _, _ in slots:
            types = self.types_of(src)
            if 0 <= port < len(types):
                dtype = types[port][0]
                if types[port][1] is not None:
                    labels.add(attributes.shape_text(types[port][1]))
                total += attributes.size_in_bytes(*types[port])
        return {
            "from": a,
            "to": b,
            "count": count,
            "control": control,
            "label": labels.pop() if len(labels) == 1 else "",
            "dtype": dtype.removesuffix("_ref"),
            "bytes": total,
            "slots": slots,
            "diff": self.diff.edge(rows) if self.diff is not None else None,
        }


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


def _count_children(tree: GraphTree, item: int) -> int:
    return len(tree.children(item))


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


__all__ = ["State", "boxes_of", "elide", "node_types", "view", "width_of"]
