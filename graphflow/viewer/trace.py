"""What an op depends on, what depends on it, and the ways between two ops."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphflow.viewer.graph_tree import OP, GraphTree

MANY = 200    # ops reached at once that are worth a pass over arrays


def reach(tree: GraphTree, items: np.ndarray, forward: bool) -> np.ndarray:
    """A flag per item for the ops reached from `items` (which count as reached), along or against the edges.

    Wide fronts move on by arrays, narrow ones op by op: a chain of 100,000 would be as many passes over arrays.
    """
    starts, to = neighbours(tree, forward)
    first, other_end = _lists(tree, forward)
    seen = np.zeros(len(tree), np.uint8)
    seen[items] = 1
    flags, front = memoryview(seen), items.tolist()  # type: ignore[arg-type]
    while front:
        if len(front) > MANY:
            at = np.asarray(front)
            counts = starts[at + 1] - starts[at]
            found = np.zeros(len(tree), np.uint8)
            found[to[np.repeat(starts[at] - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())]] = 1
            fresh = np.flatnonzero(found > seen)
            seen[fresh] = 1
            front = fresh.tolist()
            continue
        behind, front = front, []
        for op in behind:
            for other in other_end[first[op] : first[op + 1]]:
                if not flags[other]:
                    flags[other] = 1
                    front.append(other)
    return seen


def prepare(tree: GraphTree) -> None:
    """Makes what the first trace would have to wait for."""
    for forward in (False, True):
        _lists(tree, forward)


def _lists(tree: GraphTree, forward: bool) -> tuple[list[int], list[int]]:
    key = f"lists {forward}"
    if key not in tree.extra:
        starts, to = neighbours(tree, forward)
        tree.extra[key] = (starts.tolist(), to.tolist())
    return tree.extra[key]


def neighbours(tree: GraphTree, forward: bool) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the adjacency lists; made once per graph and direction."""
    key = f"rows {forward}"
    if key not in tree.extra:
        source, target = (tree.src, tree.dst) if forward else (tree.dst, tree.src)
        order = np.argsort(source, kind="stable")
        starts = np.searchsorted(source[order], np.arange(len(tree) + 1))
        tree.extra[key] = (starts, target[order])
    return tree.extra[key]


def _ops_of(tree: GraphTree, item: int) -> np.ndarray:
    return item + np.flatnonzero(np.asarray(tree.kind[item : int(tree.end[item])]) == OP)


def trace(tree: GraphTree, view: dict[str, Any], start: int, goal: int | None, direction: str) -> dict[str, Any]:
    """Which boxes and edges of a view hold traced ops."""
    ops = _ops_of(tree, start)
    if goal is not None:
        ends = _ops_of(tree, goal)
        one = np.minimum(reach(tree, ops, True), reach(tree, ends, False))
        other = np.minimum(reach(tree, ops, False), reach(tree, ends, True))
        flags = np.maximum(one, other)
    else:
        flags = np.zeros(len(tree), np.uint8)
        if direction in ("in", "both"):
            flags = np.maximum(flags, reach(tree, ops, False))
        if direction in ("out", "both"):
            flags = np.maximum(flags, reach(tree, ops, True))
    sums = np.concatenate([[0], np.cumsum(flags)])
    boxes = {b["id"] for part in ("boxes", "aside") for b in view[part] if sums[tree.end[b["id"]]] > sums[b["id"]]}
    edges = [
        [e["from"], e["to"]] for part in ("edges", "asideEdges") for e in view[part] if e["from"] in boxes and e["to"] in boxes
    ]
    return {"ops": int(flags.sum()), "boxes": sorted(boxes), "edges": edges, "found": bool(flags.any())}
