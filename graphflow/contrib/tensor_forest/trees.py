"""Decision trees that grow from a stream of examples, on arrays of numbers: each leaf tries a few random splits and keeps the best one.

A tree is a dict of arrays over its nodes, so that variables can hold it:

    size [1]                      nodes in use
    feature, left [nodes]         the feature a node asks for, and its left child (the right one is the next); leaves: -1
    threshold [nodes]             examples of at most this value go left
    totals [nodes, columns]       what a node saw: examples of each class, or [examples, sums, sums of squares] of each output
    tried_feature, tried_threshold [nodes, tries]     splits that a leaf tries; -1: not chosen yet
    tried_left [nodes, tries, columns]                totals of the examples that each would send left

Domingos and Hulten, Mining High-Speed Data Streams (2000); Saffari et al., On-line Random Forests (2009).
"""
from __future__ import annotations

from typing import Any

import numpy as np

FIELDS = ("size", "feature", "left", "threshold", "totals", "tried_feature", "tried_threshold", "tried_left")
Tree = dict[str, Any]


def shapes(nodes: int, tries: int, columns: int) -> dict[str, tuple[list[int], Any]]:
    """{field: (shape, dtype)} of a tree."""
    return {"size": ([1], np.int32), "feature": ([nodes], np.int32), "left": ([nodes], np.int32), "threshold": ([nodes], np.float32),
            "totals": ([nodes, columns], np.float32), "tried_feature": ([nodes, tries], np.int32),
            "tried_threshold": ([nodes, tries], np.float32), "tried_left": ([nodes, tries, columns], np.float32)}


def leaves_of(tree: Tree, x: np.ndarray) -> np.ndarray:
    """The leaf of each row of x."""
    at = np.zeros(len(x), np.int32)
    moving = np.arange(len(x))
    while len(moving):
        moving = moving[tree["feature"][at[moving]] >= 0]
        node = at[moving]
        right = x[moving, tree["feature"][node]] > tree["threshold"][node]
        at[moving] = tree["left"][node] + right
    return at


def columns_of(labels: np.ndarray, outputs: int, regression: bool) -> np.ndarray:
    """What one example adds to totals: a one for its class, or its count, values and squares."""
    if not regression:
        return np.eye(outputs, dtype=np.float32)[labels.reshape(-1).astype(np.int64)]
    values = labels.reshape(len(labels), -1).astype(np.float32)
    return np.concatenate([np.ones((len(values), 1), np.float32), values, values * values], axis=1)


def weight(totals: np.ndarray, regression: bool) -> np.ndarray:
    """How many examples totals are of."""
    found: np.ndarray = totals[..., 0] if regression else totals.sum(-1)
    return found


def impurity(totals: np.ndarray, regression: bool) -> np.ndarray:
    """Examples times the Gini impurity, or times the variance."""
    n = np.maximum(weight(totals, regression), 1e-9)
    if not regression:
        found: np.ndarray = n - np.square(totals).sum(-1) / n
        return found
    outputs = (totals.shape[-1] - 1) // 2
    spread: np.ndarray = (totals[..., 1 + outputs:] - np.square(totals[..., 1:1 + outputs]) / n[..., None]).sum(-1)
    return spread


def values(totals: np.ndarray, regression: bool) -> np.ndarray:
    """What leaves of these totals predict: shares of classes, or means; classes alike where nothing was seen."""
    n = weight(totals, regression)[..., None]
    if regression:
        outputs = (totals.shape[-1] - 1) // 2
        return (totals[..., 1:1 + outputs] / np.maximum(n, 1.0)).astype(np.float32)
    return np.where(n > 0, totals / np.maximum(n, 1e-9), 1.0 / totals.shape[-1]).astype(np.float32)


def grow(tree: Tree, x: np.ndarray, labels: np.ndarray, outputs: int, regression: bool, split_after: int,
         random: np.random.Generator) -> None:
    """Shows a batch to a tree, which may split leaves of at least split_after examples while there is room for nodes."""
    leaf, add = leaves_of(tree, x), columns_of(labels, outputs, regression)
    np.add.at(tree["totals"], leaf, add)
    for node in np.unique(leaf):
        rows = np.flatnonzero(leaf == node)
        _choose_tries(tree, node, x[rows], random)
        tried = tree["tried_feature"][node]
        goes_left = x[rows][:, np.maximum(tried, 0)] <= tree["tried_threshold"][node]
        tree["tried_left"][node] += np.einsum("rt,rc->tc", goes_left & (tried >= 0), add[rows])
        if weight(tree["totals"][node], regression) >= split_after:
            _split(tree, node, regression)


def _choose_tries(tree: Tree, node: int, rows: np.ndarray, random: np.random.Generator) -> None:
    """Splits at values of the first examples that a leaf sees."""
    free = np.flatnonzero(tree["tried_feature"][node] < 0)[:len(rows)]
    if not len(free):
        return
    chosen = random.integers(rows.shape[1], size=len(free))
    tree["tried_feature"][node, free] = chosen
    tree["tried_threshold"][node, free] = rows[np.arange(len(free)), chosen]


def _split(tree: Tree, node: int, regression: bool) -> None:
    size, total, left = int(tree["size"][0]), tree["totals"][node], tree["tried_left"][node]
    if size + 2 > len(tree["feature"]) or impurity(total, regression) <= 1e-6:
        return
    score = impurity(left, regression) + impurity(total - left, regression)
    useful = (tree["tried_feature"][node] >= 0) & (weight(left, regression) > 0) & (weight(total - left, regression) > 0)
    if not useful.any():
        tree["tried_feature"][node] = -1        # none of them parts the examples: others are tried
        tree["tried_left"][node] = 0
        return
    best = int(np.argmin(np.where(useful, score, np.inf)))
    tree["feature"][node], tree["threshold"][node] = tree["tried_feature"][node, best], tree["tried_threshold"][node, best]
    tree["left"][node] = size
    tree["totals"][size], tree["totals"][size + 1] = left[best], total - left[best]
    tree["size"][0] = size + 2
