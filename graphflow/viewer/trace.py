"""What an op depends on, what depends on it, and the ways between two ops."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphflow.viewer.graph_tree import OP, GraphTree


def reach(tree: GraphTree, items: list[int], forward: bool) -> bytearray:
    """A flag per item for the ops reached from `items` (which count as reached), along or against the edges."""
    starts, to = neighbours(tree, forward)
    seen = bytearray(len(tree))
    stack = list(items)
    for item in stack:
        seen[item] = 1
    while stack:
        at = stack.pop()
        for other in to[starts[at] : starts[at + 1]]:
            if not seen[other]:
                seen[other] = 1
                stack.append(other)
    return seen


def neighbours(tree: GraphTree, forward: bool) -> tuple[list[int], list[int]]:
    """Rows of the adjacency lists; made once per graph and direction."""
    key = "forward" if forward else "backward"
    if key not in tree.extra:
        source, target = (tree.src, tree.dst) if forward else (tree.dst, tree.src)
        order = np.argsort(source, kind="stable")
        starts = np.searchsorted(source[order], np.arange(len(tree) + 1))
        tree.extra[key] = (starts.tolist(), target[order].tolist())
    return tree.extra[key]


def _ops_of(tree: GraphTree, item: int) -> list[int]:
    return [i for i in range(item, int(tree.end[item])) if tree.kind[i] == OP]


def trace(tree: GraphTree, view: dict[str, Any], start: int, goal: int | None, direction: str) -> dict[str, Any]:
    """Which boxes and edges of a view hold traced ops."""
    ops = _ops_of(tree, start)
    if goal is not None:
        one = _both(reach(tree, ops, True), reach(tree, _ops_of(tree, goal), False))
        other = _both(reach(tree, ops, False), reach(tree, _ops_of(tree, goal), True))
        flags = np.maximum(one, other)
    else:
        flags = np.zeros(len(tree), np.uint8)
        if direction in ("in", "both"):
            flags = np.maximum(flags, np.frombuffer(reach(tree, ops, False), np.uint8))
        if direction in ("out", "both"):
            flags = np.maximum(flags, np.frombuffer(reach(tree, ops, True), np.uint8))
    sums = np.concatenate([[0], np.cumsum(flags)])
    boxes = {b["id"] for part in ("boxes", "aside") for b in view[part] if sums[tree.end[b["id"]]] > sums[b["id"]]}
    edges = [
        [e["from"], e["to"]] for part in ("edges", "asideEdges") for e in view[part] if e["from"] in boxes and e["to"] in boxes
    ]
    return {"ops": int(flags.sum()), "boxes": sorted(boxes), "edges": edges, "found": bool(flags.any())}


def _both(a: bytearray, b: bytearray) -> np.ndarray:
    return np.minimum(np.frombuffer(a, np.uint8), np.frombuffer(b, np.uint8))
