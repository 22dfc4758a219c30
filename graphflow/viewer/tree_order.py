"""Trees as arrays: sizes, preorder, and the level at which an edge lives. Every function is a pure one on int arrays."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np


def depths(parent: np.ndarray) -> np.ndarray:
    """Depth of every item (root 0). parent[0] == -1; parents need not come before children."""
    depth = np.zeros(len(parent), np.int32)
    at = parent.copy()
    going = np.flatnonzero(at > 0)
    depth[parent >= 0] = 1
    while len(going):
        at[going] = parent[at[going]]
        depth[going] += 1
        going = going[at[going] > 0]
    return depth


def by_depth(depth: np.ndarray) -> Iterator[np.ndarray]:
    """The items of depth 1, 2, ... as arrays."""
    order = np.argsort(depth, kind="stable")
    starts = np.searchsorted(depth[order], np.arange(1, int(depth.max(initial=0)) + 2))
    for a, b in pairwise(starts.tolist()):
        yield order[a:b]


def totals(parent: np.ndarray, depth: np.ndarray, values: np.ndarray) -> np.ndarray:
    """For each item the sum of `values` over it and everything below it."""
    out = values.copy()
    for level in reversed(list(by_depth(depth))):
        np.add.at(out, parent[level], out[level])
    return out


def preorder(parent: np.ndarray, key: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(position of each item in preorder, number of items in its subtree); siblings are ordered by `key`."""
    depth = depths(parent)
    size = totals(parent, depth, np.ones(len(parent), np.int64))
    pos = np.zeros(len(parent), np.int64)
    for level in by_depth(depth):
        level = level[np.lexsort((key[level], parent[level]))]
        before = np.cumsum(size[level]) - size[level]
        up = parent[level]
        first = np.searchsorted(up, up)  # first sibling of each
        pos[level] = pos[up] + 1 + before - before[first]
    return pos, size


def meet(parent: np.ndarray, depth: np.ndarray, src: np.ndarray, dst: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(lowest common group, its child over src, its child over dst) per edge; for src == dst, its parent and itself twice."""
    a, b = src.astype(np.int64), dst.astype(np.int64)
    for x, y in ((a, b), (b, a)):
        going = np.flatnonzero(depth[x] > depth[y])
        while len(going):
            x[going] = parent[x[going]]
            going = going[depth[x[going]] > depth[y[going]]]
    # An end that lies above the other one cannot happen: ops are leaves. So both ends are at one depth now.
    going = np.flatnonzero(parent[a] != parent[b])
    while len(going):
        a[going], b[going] = parent[a[going]], parent[b[going]]
        going = going[parent[a[going]] != parent[b[going]]]
    return parent[a], a, b
