"""The scope tree that node names spell: `tower/layer/MatMul` lies in `tower/`, and in it `layer/`.

An op whose name is also a scope's (a variable `w` with `w/read`) goes inside that scope. A group that would hold a
single thing is left out and its name moves into the label: `loss/mul`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import repeat

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
    prefixes = [name.rpartition(b"/")[0] for name in names]
    for prefix in dict.fromkeys(prefixes):
        if prefix not in number:
            _scope(prefix, number, up)
    home = np.fromiter(map(number.__getitem__, prefixes), np.int64, len(names))
    own = np.fromiter(map(number.get, names, repeat(0)), np.int64, len(names))
    return _without_single(np.where(own > 0, own, home), np.array(up, np.int64), list(number))


def _scope(prefix: bytes, number: dict[bytes, int], up: list[int]) -> None:
    """Makes the group of a new prefix, and those of its ancestors that are new."""
    missing = []
    while prefix not in number:
        missing.append(prefix)
        prefix = prefix.rpartition(b"/")[0]
    at = number[prefix]
    for prefix in reversed(missing):
        up.append(at)
        at = number[prefix] = len(number)


def _without_single(home: np.ndarray, up: np.ndarray, prefixes: list[bytes]) -> Scopes:
    keep = np.bincount(home, minlength=len(up)) + np.bincount(up[1:], minlength=len(up)) > 1
    keep[0] = True
    kept = np.arange(len(up))  # the nearest group at or above that is kept
    going = np.flatnonzero(~keep)
    while len(going):
        kept[going] = up[kept[going]]
        going = going[~keep[kept[going]]]
    new = np.cumsum(keep) - 1
    groups = np.flatnonzero(keep)[1:]
    paths = [b"", *(prefixes[g] + b"/" for g in groups.tolist())]
    return Scopes(np.concatenate([[-1], new[kept[up[groups]]], new[kept[home]]]).astype(np.int64), paths)
