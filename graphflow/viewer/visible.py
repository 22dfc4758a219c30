"""The visible part of a model for a state of the page: boxes and edges, as plain values ready for JSON.

The same is computed by static/offline/view.js for pages without a server; a test holds both equal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from graphflow.viewer.aside import USER
from graphflow.viewer.boxes import Boxes
from graphflow.viewer.folding import RANKS, WIDE, layers
from graphflow.viewer.graph_tree import OP, GraphTree
from graphflow.viewer.inferred import FLAT, inferred_groups

FIRST = 24  # boxes that a first picture may have after opening groups
FEW = 10  # boxes below which more groups are opened
WINDOW = 1.5  # width of a window by its height
DOWN, ACROSS = (20, 76), (50, 54)  # px between boxes side by side, and from one row to the next, of a picture that goes down; across
CLEARLY = 1.15  # how much larger boxes must be for a picture to go across


@dataclass
class State:
    """What the page shows of a graph. Items are numbers; `paths` are groups to open by name; `gone`: flags of ops that a query hides.
    flat: inferred groups (stages, series, fans) are left out, where what is in them is not too much to draw."""

    expanded: set[int] = field(default_factory=set)
    paths: list[str] = field(default_factory=list)
    root: int = 0
    out: set[int] = field(default_factory=set)
    back: set[int] = field(default_factory=set)
    hide: set[int] = field(default_factory=set)
    direction: str = "auto"
    first: bool = False
    gone: np.ndarray | None = None
    flat: bool = False


def view(
    tree: GraphTree, buf: bytes, state: State, *, profile: dict[int, tuple[float, int]] | None = None, diff: Any = None
) -> dict[str, Any]:
    """The view for a state. profile: (time in us, bytes) per op item. diff: counts of changes per item (diff.py)."""
    expanded, missing = _resolve(tree, state)
    aside = _aside_now(tree, state)
    if state.first:
        expanded |= _first(tree, state.root, aside)
    left_out = inferred_groups(tree, state.root, expanded) if state.flat else set()
    boxes, shelf, opened = _boxes(tree, state, expanded, aside, left_out)
    drawn = [item for item in boxes if item not in opened]
    ends = sorted(drawn + shelf)
    pairs = _edges(tree, opened | left_out | {state.root}, ends, aside, state.gone)
    shelf_set = set(shelf)
    how: dict[str, Any] = {"root": state.root, "out": state.out, "back": state.back, "left_out": left_out}
    edges = [p for p in pairs if p[0] not in shelf_set and p[1] not in shelf_set]
    maker = Boxes(tree, buf, profile, diff)
    result = {
        "root": state.root,
        "expanded": sorted(opened),
        "missing": missing,
        "paths": [[i, tree.path(i)] for i in sorted((opened | state.out | state.back | state.hide | {state.root}) - {0})],
        "boxes": [maker.box(item, is_open=item in opened, **how) for item in boxes],
        "edges": [maker.edge(*p) for p in edges],
        "aside": [maker.box(item, **how) for item in shelf],
        "asideEdges": [maker.edge(*p) for p in pairs if (p[0] in shelf_set) != (p[1] in shelf_set)],
    }
    result["direction"] = _direction(result, drawn, state.direction)
    result["total"] = {"ops": int(tree.leaves[state.root]), "boxes": len(drawn), "edges": len(edges), "aside": len(shelf)}
    return result


def boxes_of(tree: GraphTree, buf: bytes, items: list[int], diff: Any = None) -> list[dict[str, Any]]:
    """The boxes of these items, closed."""
    maker = Boxes(tree, buf, diff=diff)
    return [maker.box(item) for item in items]


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


def _boxes(
    tree: GraphTree, state: State, expanded: set[int], aside: np.ndarray, left_out: set[int]
) -> tuple[list[int], list[int], set[int]]:
    """(boxes in preorder, things put aside, open groups) under the state's root."""
    boxes: list[int] = []
    shelf: list[int] = []
    opened: set[int] = set()
    at, end = state.root + 1, int(tree.end[state.root])
    left = _left(tree, state.gone)
    while at < end:
        if at in state.hide or (left is not None and left[tree.end[at]] == left[at]):
            at = int(tree.end[at])
        elif at in left_out:
            at += 1
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
    rows = np.concatenate([np.zeros(0, np.int64), *(np.arange(a, b) for a, b in zip(low.tolist(), high.tolist(), strict=True))])
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
    while len(shown) < FEW:
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
    down = min(WINDOW / (wide * (width + DOWN[0])), 1 / (deep * DOWN[1]))
    across = min(WINDOW / (deep * (width + ACROSS[0])), 1 / (wide * ACROSS[1]))
    return "LR" if across > CLEARLY * down else "TB"


def limits() -> dict[str, Any]:
    """The figures above and those of the groups, for pages without a server."""
    return {"first": FIRST, "few": FEW, "flat": FLAT, "ranks": RANKS, "wide": WIDE, "window": WINDOW, "down": DOWN, "across": ACROSS,
            "clearly": CLEARLY}  # fmt: skip


__all__ = ["State", "boxes_of", "limits", "view"]
