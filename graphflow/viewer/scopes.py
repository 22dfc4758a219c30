"""The scope tree that node names spell: `tower/layer/MatMul` lies in `tower/`, and in it `layer/`.

An op whose name is also a scope's (a variable `w` with `w/read`) goes inside that scope. A group that would hold a
single thing is left out and its name moves into the label: `loss/mul`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass
class Scopes:
    """Items 0 (root), 1..G-1 groups, then one per node. parent: item. path: of the groups, ending in a slash ("" is the root)."""

    parent: np.ndarray
    paths: list[bytes]

    @property
    def groups(self) -> int:
        return len(self.paths)


def build_scopes(names: list[bytes]) -> Scopes:
    """The scope tree of the node names, in which every group but the root has two children or more."""
    number: dict[bytes, int] = {b"": 0}
    up: list[int] = [-1]
    home = np.empty(len(names), np.int64)
    cached: dict[bytes, int] = {}
    for i, name in enumerate(names):
        prefix = name.rpartition(b"/")[0]
        at = cached.get(prefix)
        if at is None:
            at = cached[prefix] = _scope(prefix, number, up)
        home[i] = at
    if len(number) > 1:
        get = number.get
        for i, name in enumerate(names):
            own = get(name)
            if own is not None and own:
                home[i] = own
    return _without_single(home, up, list(number))


def _scope(prefix: bytes, number: dict[bytes, int], up: list[int]) -> int:
    """The group of a prefix; it and its ancestors are made when they are new."""
    if prefix in number:
        return number[prefix]
    missing = []
    while prefix not in number:
        missing.append(prefix)
        prefix = prefix.rpartition(b"/")[0]
    at = number[prefix]
    for prefix in reversed(missing):
        up.append(at)
        at = number[prefix] = len(number)
    return at


def _without_single(home: np.ndarray, up: list[int], prefixes: list[bytes]) -> Scopes:
    count = np.bincount(home, minlength=len(up)) + np.bincount(np.array(up[1:], np.int64), minlength=len(up))
    keep = count > 1
    keep[0] = True
    kept_up = list(range(len(up)))  # the nearest group at or above that is kept; parents come before children
    flags = keep.tolist()
    for g in range(1, len(up)):
        if not flags[g]:
            kept_up[g] = kept_up[up[g]]
    new = np.cumsum(keep) - 1
    groups = np.flatnonzero(keep)
    parent = [-1] + [int(new[kept_up[up[g]]]) for g in groups[1:].tolist()]
    ops = new[np.array(kept_up, np.int64)[home]]
    paths = [b""] + [prefixes[g] + b"/" for g in groups[1:].tolist()]
    return Scopes(np.concatenate([np.array(parent, np.int64), ops]), paths)
