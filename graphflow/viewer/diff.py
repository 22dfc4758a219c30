"""The difference of two graphs as one graph: their union, in which each op and edge knows what became of it.

Ops are matched by name; what is left is matched by structure: same type and attributes, reading the same (or matched)
ops. States: added, removed, renamed, changed (type, device or an attribute), rewired (reads something else), same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from graphflow.viewer import attributes
from graphflow.viewer.graph_scan import Scan, scan
from graphflow.viewer.graph_tree import GraphTree, from_scan

STATES = ("same", "renamed", "rewired", "changed", "removed", "added")  # later ones are stronger
SAME, RENAMED, REWIRED, CHANGED, REMOVED, ADDED = range(6)
MOST_INPUTS = 10  # of one op whose change is told in words
_EDGE_STATES = (None, "added", "removed")
MOST = 5000  # changes that are listed

Input = tuple[int, int]  # (op, port)


class _Side:
    """One of the two graphs, with the inputs of each op."""

    def __init__(self, buf: bytes) -> None:
        self.scan = scan(buf)
        n = len(self.scan.names)
        self.inputs: list[list[Input]] = [[] for _ in range(n)]
        for src, dst, port in zip(self.scan.src.tolist(), self.scan.dst.tolist(), self.scan.port.tolist(), strict=True):
            self.inputs[dst].append((src, port))
        self.number = {name: i for i, name in reversed(list(enumerate(self.scan.names)))}

    def own(self, i: int) -> tuple[str, str, bytes]:
        """Type, device and attributes, as bytes."""
        s = self.scan
        return s.ops[s.op[i]], s.devices[s.device[i]], s.buf[int(s.start[i]) : int(s.end[i])]


def _attrs(side: _Side, i: int) -> dict[str, bytes]:
    """Attributes by name, annotations left out; their order in the file means nothing."""
    s = side.scan
    if s.end[i] <= s.start[i]:
        return {}
    found = attributes.attr_ranges(s.buf, int(s.start[i]), int(s.end[i]))
    return {name: s.buf[a:b] for name, (a, b) in found.items() if not name.startswith("_")}


class Diff:
    """What changed, by item of the union's tree."""

    def __init__(
        self,
        tree: GraphTree,
        state: np.ndarray,
        detail: dict[int, list[str]],
        was: dict[int, str],
        edges: tuple[np.ndarray, np.ndarray],
    ) -> None:
        """edges: rows (source, target, port, slot) of those that were added, and of those that were removed."""
        self.tree, self.detail, self.was = tree, detail, was
        self.state = np.where(tree.node >= 0, state[np.maximum(tree.node, 0)], -1) if len(state) else np.full(len(tree), -1)
        self.sums = np.stack([np.concatenate([[0], np.cumsum(self.state == code)]) for code in range(len(STATES))])
        node = tree.node
        own, added, removed = _keys(np.stack([node[tree.src], node[tree.dst], tree.port, tree.slot], 1), *edges)
        codes = np.where(_among(own, added), 1, np.where(_among(own, removed), 2, 0))
        self.edge_state = [_EDGE_STATES[code] for code in codes.tolist()]

    def of(self, item: int) -> dict[str, Any]:
        """Counts of each state inside an item, and the strongest."""
        counts = (self.sums[:, self.tree.end[item]] - self.sums[:, item]).tolist()
        strongest = max((code for code, n in enumerate(counts) if n), default=SAME)
        if strongest in (ADDED, REMOVED) and counts[strongest] < sum(counts):
            strongest = CHANGED
        return {name: int(n) for name, n in zip(STATES, counts, strict=True)} | {"state": STATES[strongest]}

    def edge(self, rows: list[int]) -> str | None:
        states = {self.edge_state[r] for r in rows}
        return states.pop() if len(states) == 1 else "changed" if states - {None} else None

    def note(self, item: int) -> str:
        node = int(self.tree.node[item])
        told = self.detail.get(node, [])
        return "; ".join(([f"was {self.was[node]}"] if node in self.was else []) + told)

    def changed_items(self) -> Iterator[int]:
        yield from np.flatnonzero(self.state > SAME).tolist()

    def summary(self) -> dict[str, Any]:
        counts = {name: int((self.state == code).sum()) for code, name in enumerate(STATES)}
        items = list(self.changed_items())
        changes = []
        for item in items[:MOST]:
            node = int(self.tree.node[item])
            changes.append(
                {
                    "kind": STATES[self.state[item]],
                    "id": item,
                    "path": self.tree.path(item),
                    "was": self.was.get(node),
                    "detail": self.detail.get(node, []),
                }
            )
        return {"summary": counts, "changes": changes, "more": max(0, len(items) - MOST)}


def compare(old: bytes, new: bytes) -> tuple[GraphTree, bytes, Diff]:
    """(tree of the union, its bytes, Diff) of two serialized GraphDefs."""
    a, b = _Side(old), _Side(new)
    partner = _match(a, b)
    return _union(a, b, partner)


def _match(a: _Side, b: _Side) -> dict[int, int]:
    """For ops of the old graph, the op of the new one that it became."""
    partner = {i: b.number[name] for i, name in enumerate(a.scan.names) if name in b.number and a.number[name] == i}
    taken = set(partner.values())
    loose_a = [i for i in range(len(a.scan.names)) if i not in partner]
    loose_b = [i for i in range(len(b.scan.names)) if i not in taken]
    if not loose_a or not loose_b:
        return partner
    common = {j: i for i, j in partner.items()}
    looks_a = _looks(a, loose_a, {i: i for i in partner})
    looks_b = _looks(b, loose_b, common)
    where: dict[int, list[int]] = {}
    for j in loose_b:
        where.setdefault(looks_b[j], []).append(j)
    for i in loose_a:
        candidates = where.get(looks_a[i])
        if candidates:
            partner[i] = candidates.pop(0)
    return partner


def _looks(side: _Side, loose: list[int], common: dict[int, int]) -> dict[int, int]:
    """A hash of what each unmatched op is and reads; matched ops count as themselves."""
    looks: dict[int, int] = {}
    for i in loose:
        op, device, raw = side.own(i)
        reads = tuple((common.get(src) if src in common else ("new", looks.get(src, 0)), port) for src, port in side.inputs[i])
        looks[i] = hash((op, device, raw, reads))
    return looks


def _union(a: _Side, b: _Side, partner: dict[int, int]) -> tuple[GraphTree, bytes, Diff]:
    n = len(b.scan.names)
    gone = [i for i in range(len(a.scan.names)) if i not in partner]
    place = partner | {i: n + k for k, i in enumerate(gone)}  # old op -> op of the union
    state = np.full(n + len(gone), ADDED, np.int64)
    state[n:] = REMOVED
    detail: dict[int, list[str]] = {}
    was: dict[int, str] = {}
    for i, j in partner.items():
        state[j], told = _change(a, b, i, j, place)
        if told:
            detail[j] = told
        if state[j] == SAME and a.scan.names[i] != b.scan.names[j]:
            state[j] = RENAMED
        if a.scan.names[i] != b.scan.names[j]:
            was[j] = a.scan.names[i].decode("utf-8", "replace")
    found, edges = _joined(a, b, gone, place)
    tree = from_scan(found, "")
    return tree, found.buf, Diff(tree, state, detail, was, edges)


def _change(a: _Side, b: _Side, i: int, j: int, place: dict[int, int]) -> tuple[int, list[str]]:
    """(state, what changed in words) of a matched pair."""
    told = []
    op_a, device_a, raw_a = a.own(i)
    op_b, device_b, raw_b = b.own(j)
    if op_a != op_b:
        told.append(f"op: {op_a} -> {op_b}")
    if device_a != device_b:
        told.append(f"device: {device_a or 'none'} -> {device_b or 'none'}")
    if raw_a != raw_b:
        old, new = _attrs(a, i), _attrs(b, j)
        for name in sorted(old.keys() | new.keys()):
            if old.get(name) != new.get(name):
                told.append(f"{name}: {_text(old.get(name))} -> {_text(new.get(name))}")
    reads_a, reads_b = [(place[s], p) for s, p in a.inputs[i]], b.inputs[j]
    if reads_a != reads_b:
        differing = [(k, x, y) for k, (x, y, z) in enumerate(_pairs(a.inputs[i], reads_b, reads_a)) if z != y]
        told += [f"input {k}: {_name(a, x)} -> {_name(b, y)}" for k, x, y in differing[:MOST_INPUTS]]
        if len(differing) > MOST_INPUTS:
            told.append(f"input: and {len(differing) - MOST_INPUTS} more")
        return (CHANGED if len(told) and not told[0].startswith("input") else REWIRED), told
    return (CHANGED if told else SAME), told


def _pairs(old: list[Input], new: list[Input], placed: list[Input]) -> Iterator[tuple[Input | None, Input | None, Input | None]]:
    for k in range(max(len(old), len(new))):
        yield old[k] if k < len(old) else None, new[k] if k < len(new) else None, placed[k] if k < len(placed) else None


def _name(side: _Side, ref: Input | None) -> str:
    if ref is None:
        return "none"
    name = side.scan.names[ref[0]].decode("utf-8", "replace")
    return f"^{name}" if ref[1] < 0 else f"{name}:{ref[1]}"


def _text(raw: bytes | None) -> str:
    return "none" if raw is None else attributes.attr_value(raw, 0, len(raw))[1][:80]


def _number(names: list[str], name: str) -> int:
    """The place of a name in a list, to which it is added when it is new."""
    if name not in names:
        names.append(name)
    return names.index(name)


def _keys(*tables: np.ndarray) -> list[np.ndarray]:
    """A number for each row of four numbers, the same for equal rows of several tables."""
    rows = np.concatenate(tables).astype(np.int64)
    if not len(rows):
        return [np.empty(0, np.int64) for _ in tables]
    rows -= rows.min(0)
    ends = rows[:, 0] * (rows[:, 1].max() + 1) + rows[:, 1]
    pairs = rows[:, 2] * (rows[:, 3].max() + 1) + rows[:, 3]
    order = np.argsort(ends, kind="stable")
    numbers = np.empty(len(ends), np.int64)
    numbers[order] = np.cumsum(np.diff(ends[order], prepend=ends[order[:1]]) != 0)
    keys = numbers * (pairs.max() + 1) + pairs
    return np.split(keys, np.cumsum([len(table) for table in tables])[:-1])


def _among(keys: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Whether each key is one of the others."""
    if not len(others):
        return np.zeros(len(keys), bool)
    ordered = np.sort(others)
    return ordered[np.minimum(np.searchsorted(ordered, keys), len(ordered) - 1)] == keys


def _joined(a: _Side, b: _Side, gone: list[int], place: dict[int, int]) -> tuple[Scan, tuple[np.ndarray, np.ndarray]]:
    """The union's nodes and edges, and the rows of those edges that are in one of the graphs only: added, removed."""
    sa, sb = a.scan, b.scan
    ops, devices = list(sb.ops), list(sb.devices)
    op_of = {op: _number(ops, op) for op in sa.ops}
    device_of = {device: _number(devices, device) for device in sa.devices}
    shift = len(sb.buf)
    moved = np.array([place[i] for i in range(len(sa.names))], np.int64)
    rows_a = np.stack([moved[sa.src], moved[sa.dst], sa.port, sa.slot], 1) if len(sa.src) else np.empty((0, 4), np.int64)
    rows_b = np.stack([sb.src, sb.dst, sb.port, sb.slot], 1).astype(np.int64)
    before, after = _keys(rows_a, rows_b)
    lost = rows_a[~_among(before, after)]
    edges = (rows_b[~_among(after, before)], lost)
    table = np.concatenate([rows_b, lost]).astype(np.int32)
    names = sb.names + [sa.names[i] if sa.names[i] not in b.number else sa.names[i] + b" (removed)" for i in gone]
    return Scan(
        sb.buf + sa.buf,
        names,
        np.concatenate([sb.op, np.array([op_of[sa.ops[sa.op[i]]] for i in gone], np.int32)]),
        ops,
        np.concatenate([sb.device, np.array([device_of[sa.devices[sa.device[i]]] for i in gone], np.int32)]),
        devices,
        np.concatenate([sb.start, sa.start[gone] + shift]) if gone else sb.start,
        np.concatenate([sb.end, sa.end[gone] + shift]) if gone else sb.end,
        table[:, 0],
        table[:, 1],
        table[:, 2],
        table[:, 3],
        functions=sb.functions,
    ), edges
