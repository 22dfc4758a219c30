"""Folds a level that has too much on it into groups: series, fan-outs, and stages of what is left.

A level is the children of one group and the edges among them. Nothing here knows names or files: a level is arrays
in, a list of new groups out, and the same level always folds the same way. Steps, each only as far as needed:

1. Things put aside for one reason, when there are many, become one heap.
2. Scopes that are copies of each other and whose names count (`tower_0`, `tower_1`) become a series.
3. Ops of one kind with the same sources and the same readers become a fan-out.
4. The rest (scopes of the graph's own left out, where they are few) is cut into stages: stretches of the order in which the
   ops were made, cut where few edges cross, and at the same place of each period where the ops repeat. Stages of stages, until
   few enough are on each level.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

LIMIT = 40  # more than this on a level is folded (150 is the promise)
STAGES = 12  # stages that one level is cut into
RANKS, WIDE = 16, 12  # what a first picture of readable labels can hold downwards, and sideways
HEAP = 12  # things put aside on one level before they become a heap
SERIES = 3  # members of a series
CHUNK = 100  # members of a fan-out shown at once


@dataclass
class Level:
    """Children 0..n-1 in the order they were made. look: equal for things that are alike; stem: equal for names that
    count together; a, b: edges between children (each pair once); aside: code per child."""

    look: np.ndarray
    stem: np.ndarray
    is_group: np.ndarray
    aside: np.ndarray
    a: np.ndarray
    b: np.ndarray

    def __len__(self) -> int:
        return len(self.look)


@dataclass
class Fold:
    """A new group: its kind and members, which are children (int) of the level or other folds."""

    kind: str  # "series", "block", "aside"
    members: list = field(default_factory=list)
    why: str = ""  # series: "same" or "names"; block: "fan" or "stage"; aside: unused
    period: int = 0  # of a stage that repeats: how many children make one repeat


def fold(level: Level, *, strict: bool) -> list:
    """The level's children after folding: ints and Folds, in order. strict: fit a first picture, not only the limit."""
    main = np.flatnonzero(level.aside == 0)
    out: list = _heaps(level)
    units = [int(i) for i in main]
    labels = np.full(len(level), -1, np.int64)
    labels[main] = np.arange(len(main))
    small = _fits(len(units), *_quotient(level, labels), strict)
    if not small or _long_series(level, main):
        units, labels = _series(level, main, units, labels, small)
    a, b = _quotient(level, labels)
    if not _fits(len(units), a, b, strict):
        units, labels = _fans(level, units, labels, a, b)
        a, b = _quotient(level, labels)
    if not _fits(len(units), a, b, strict):
        units = _around_scopes(level, units, a, b)
    return units + out


def _around_scopes(level: Level, units: list, a: np.ndarray, b: np.ndarray) -> list:
    """Stages of the loose ops alone, where the graph has a few scopes of its own on this level (a model's layers); else of everything.

    What the program named says more than what is inferred, so it stays in sight.
    """
    real = [isinstance(unit, Fold) or bool(level.is_group[unit]) for unit in units]
    loose = [i for i, own in enumerate(real) if not own]
    if not 2 <= len(units) - len(loose) <= RANKS or len(loose) < 2:
        return _stages(level, units, a, b)
    new = np.full(len(units), -1, np.int64)
    new[loose] = np.arange(len(loose))
    inside = (new[a] >= 0) & (new[b] >= 0)
    staged = _stages(level, [units[i] for i in loose], new[a[inside]], new[b[inside]])
    return sorted([unit for unit, own in zip(units, real, strict=True) if own] + staged, key=_first)


def _first(unit: int | Fold) -> int:
    """The earliest child in a unit."""
    while isinstance(unit, Fold):
        unit = unit.members[0]
    return unit


def _heaps(level: Level) -> list:
    """The things put aside: singly, or in heaps by reason."""
    out: list = []
    for code in np.unique(level.aside[level.aside > 0]).tolist():
        members = np.flatnonzero(level.aside == code).tolist()
        out += [Fold("aside", _chunks(members))] if len(members) > HEAP else members
    return out


def _chunks(members: list) -> list:
    """At most CHUNK things: the members, or blocks of them, or blocks of blocks."""
    while len(members) > CHUNK:
        members = [
            Fold("block", members[i : i + CHUNK], "run") if len(members[i : i + CHUNK]) > 1 else members[i]
            for i in range(0, len(members), CHUNK)
        ]
    return members


def _series_key(level: Level, main: np.ndarray) -> np.ndarray:
    return np.where(level.is_group[main], level.stem[main], -1)


def _long_series(level: Level, main: np.ndarray) -> bool:
    """Whether even a small level holds a series of six or more."""
    stems = _series_key(level, main)
    stems = stems[stems >= 0]
    return len(stems) > 0 and bool(np.bincount(stems).max() >= 6)


def _series(level: Level, main: np.ndarray, units: list, labels: np.ndarray, small: bool) -> tuple[list, np.ndarray]:
    """Scopes that count become series: all copies of each other first; on a full level those alike in name too."""
    stems = _series_key(level, main)
    least = 6 if small else SERIES
    taken: dict[int, Fold] = {}
    for stem in np.unique(stems[stems >= 0]).tolist():
        members = main[stems == stem]
        if len(members) < least:
            continue
        same = len(np.unique(level.look[members])) == 1
        looks, counts = np.unique(level.look[members], return_counts=True)
        if not same and counts.max() >= max(least, len(members) - 2):  # all but the first and the last
            members = members[level.look[members] == looks[counts.argmax()]]
            same = True
        if not same and small:
            continue
        group = Fold("series", _chunks(members.tolist()), "same" if same else "names")
        taken.update(dict.fromkeys(members.tolist(), group))
    return _regroup(units, labels, taken)


def _regroup(units: list, labels: np.ndarray, taken: dict[int, Fold]) -> tuple[list, np.ndarray]:
    """Units with the taken ones replaced by their folds, at the place of the first member; labels renumbered."""
    if not taken:
        return units, labels
    out: list = []
    place: dict[int, int] = {}
    new = np.full(len(units), -1, np.int64)
    for i, unit in enumerate(units):
        group = taken.get(unit) if isinstance(unit, int) else None
        if group is None:
            new[i] = len(out)
            out.append(unit)
        elif id(group) in place:
            new[i] = place[id(group)]
        else:
            new[i] = place[id(group)] = len(out)
            out.append(group)
    kept = labels >= 0
    labels = labels.copy()
    labels[kept] = new[labels[kept]]
    return out, labels


def _quotient(level: Level, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Edges between units, each pair once, sorted."""
    a, b = labels[level.a], labels[level.b]
    keep = (a >= 0) & (b >= 0) & (a != b)
    if not keep.any():
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    top = int(labels.max()) + 1
    pairs = np.unique(a[keep] * top + b[keep])
    return pairs // top, pairs % top


def _fits(n: int, a: np.ndarray, b: np.ndarray, strict: bool) -> bool:
    if n <= 6 or not strict:
        return n <= LIMIT
    if n > 4 * LIMIT:
        return False
    ranks = layers(n, a.tolist(), b.tolist())
    deep, wide = max(ranks) + 1, max(np.bincount(ranks))
    return bool((deep <= RANKS and wide <= WIDE) or (deep <= WIDE * 2 // 3 and wide <= RANKS + 6))


def layers(n: int, a: list[int], b: list[int]) -> list[int]:
    """The layer of each of n nodes: the longest way to it, edges that would close a cycle left out."""
    out: list[list[int]] = [[] for _ in range(n)]
    waits = [0] * n
    for x, y in zip(a, b, strict=True):
        out[x].append(y)
        waits[y] += 1
    rank, done = [0] * n, [False] * n
    ready = [i for i in range(n) if not waits[i]]
    left, low = n, 0
    while left:
        if not ready:  # a cycle: go on with the earliest
            while done[low]:
                low += 1
            ready.append(low)
        i = ready.pop()
        if done[i]:
            continue
        done[i] = True
        left -= 1
        for j in out[i]:
            if not done[j]:
                rank[j] = max(rank[j], rank[i] + 1)
                waits[j] -= 1
                if not waits[j]:
                    ready.append(j)
    return rank


_MIX = np.uint64(0x9E3779B97F4A7C15)


def mix(values: np.ndarray) -> np.ndarray:
    """Well-spread 64-bit numbers of ints (splitmix's finish)."""
    x = (values.astype(np.uint64) + np.uint64(1)) * _MIX
    x ^= x >> np.uint64(30)
    x *= np.uint64(0xBF58476D1CE4E5B9)
    x ^= x >> np.uint64(27)
    return x * np.uint64(0x94D049BB133111EB)


def _fans(level: Level, units: list, labels: np.ndarray, a: np.ndarray, b: np.ndarray) -> tuple[list, np.ndarray]:
    """Ops alike with the same neighbours become one fan-out each."""
    n = len(units)
    sign = np.zeros(n, np.uint64)
    np.add.at(sign, a, mix(b * 2))
    np.add.at(sign, b, mix(a * 2 + 1))
    single = np.array([isinstance(unit, int) for unit in units], bool)
    where = np.array([unit if isinstance(unit, int) else 0 for unit in units], np.int64)
    touched = np.zeros(n, bool)
    touched[a] = touched[b] = True
    key = mix(level.look[where]) ^ (sign * _MIX)
    _, kind, count = np.unique(key, return_inverse=True, return_counts=True)
    ok = single & (count[kind] >= 4)
    taken: dict[int, Fold] = {}
    order = np.argsort(kind, kind="stable")
    order = order[ok[order]]
    if len(order):
        for part in np.split(order, np.flatnonzero(np.diff(kind[order])) + 1):
            members = [units[i] for i in part.tolist()]
            group = Fold("block", _chunks(members), "fan")
            taken.update(dict.fromkeys(members, group))
    return _regroup(units, labels, taken)


def _stages(level: Level, units: list, a: np.ndarray, b: np.ndarray) -> list:
    """Units cut into stretches, and stretches of stretches, until at most STAGES are left."""
    n = len(units)
    order = _made_order(n, a, b)
    place = np.empty(n, np.int64)
    place[order] = np.arange(n)
    low, high = np.minimum(place[a], place[b]), np.maximum(place[a], place[b])
    crossing = np.cumsum(np.bincount(low, minlength=n) - np.bincount(high, minlength=n))  # edges over the cut behind i
    look = np.array([level.look[unit] if isinstance(unit, int) else -1 for unit in units], np.int64)[order]
    items = [units[i] for i in order.tolist()]
    period, phase = _period(look, crossing)
    size = STAGES if n > 4 * STAGES else max(2, round(n**0.5))
    ends = _cut(n, crossing, max(1, round(size / period)) * period if period else size, phase, period > 0)
    while True:
        starts = np.concatenate([[0], ends[:-1]])
        bounds = zip(starts.tolist(), ends.tolist(), strict=True)
        items = [Fold("block", items[x:y], "stage", period) if y - x > 1 else items[x] for x, y in bounds]
        period = 0
        if len(items) <= STAGES + 2:
            return items
        crossing = crossing[ends - 1]
        levels = int(np.ceil(np.log(len(items)) / np.log(STAGES + 2)))
        ends = _cut(len(items), crossing, max(2, round(len(items) ** (1 / levels))), 0, False)


def _made_order(n: int, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The order in which things were made, when most edges go forward in it; else a topological one."""
    if len(a) == 0 or (a > b).sum() * 20 <= len(a):
        return np.arange(n)
    rows = np.searchsorted(a, np.arange(n + 1)).tolist()
    to, waits = b.tolist(), np.bincount(b, minlength=n).tolist()
    ready = [i for i in range(n - 1, -1, -1) if not waits[i]]
    out: list[int] = []
    done, low = bytearray(n), 0
    while len(out) < n:
        if not ready:
            while done[low]:
                low += 1
            ready.append(low)
        i = ready.pop()
        if done[i]:
            continue
        done[i] = 1
        out.append(i)
        for j in reversed(to[rows[i] : rows[i + 1]]):  # depth first: a branch stays together
            waits[j] -= 1
            if not waits[j] and not done[j]:
                ready.append(j)
    return np.array(out, np.int64)


def _period(look: np.ndarray, crossing: np.ndarray) -> tuple[int, int]:
    """(how many things make one repeat, where a repeat begins); (0, 0) when nothing repeats."""
    n = len(look)
    for p in range(1, min(64, n // 3) + 1):
        if np.count_nonzero(look[p:] == look[:-p]) >= 0.9 * (n - p):
            if p == 1:
                return 0, 0
            whole = n // p * p
            cost = crossing[:whole].reshape(-1, p).mean(axis=0)
            return p, int(cost.argmin() + 1) % p
    return 0, 0


def _cut(n: int, crossing: np.ndarray, size: int, phase: int, exact: bool) -> np.ndarray:
    """Ends of stretches of about `size`; each cut moves by up to a quarter of it to where fewest edges cross."""
    if exact:
        ends = np.arange(phase or size, n, size)
    else:
        centre = np.arange(size, n - size // 2, size)
        reach = size // 4
        if len(centre) and reach:
            window = centre[:, None] + np.arange(-reach, reach + 1)
            cost = crossing[np.minimum(window, n) - 1] + np.abs(np.arange(-reach, reach + 1)) * 1e-3
            centre = window[np.arange(len(centre)), cost.argmin(axis=1)]
        ends = centre
    return np.append(ends[(ends > 0) & (ends < n)], n)
