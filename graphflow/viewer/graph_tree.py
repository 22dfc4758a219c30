"""The model of a graph that every picture, card and search is made from: one tree, as arrays.

Items are numbered in preorder: the root is 0 and a group owns the numbers [item, end[item]). So "which visible box
holds this op" is a search in a sorted list, and a view of a million nodes costs what its edges cost. The tree is that
of the name scopes, with what would be too much for one level folded (folding.py) and what would hide the rest put
aside (aside.py). It is a pure function of the graph.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from graphflow.viewer import folding, tree_order
from graphflow.viewer.aside import CODES, find_aside
from graphflow.viewer.function_homes import FUNCTION
from graphflow.viewer.graph_scan import Scan, scan
from graphflow.viewer.scopes import Scopes, build_scopes

KINDS = ["op", "scope", "series", "block", "aside", "function"]
OP, SCOPE, SERIES, BLOCK, ASIDE, FUNC = range(6)


@dataclass
class GraphTree:
    """Arrays over items (preorder) and over edges (sorted by the group in which they lie).

    parent, end: the tree. kind: index into KINDS. op, device: numbers into `ops`, `devices` (-1 for groups).
    aside: code (aside.CODES); a group has one when all it holds has it. node: number of the op in the file, -1 for groups.
    leaves: ops inside. look: equal for things that are alike. count: members of a series or fan-out, else 1.
    blob, offset, cut: item i is called blob[offset[i]:offset[i+1]]; its label starts `cut[i]` bytes into it.
    src, dst: ops (items); port: output number, -1 for control; slot: input number; meets: lowest group over both ends.
    """

    parent: np.ndarray
    end: np.ndarray
    kind: np.ndarray
    op: np.ndarray
    device: np.ndarray
    aside: np.ndarray
    node: np.ndarray
    leaves: np.ndarray
    look: np.ndarray
    count: np.ndarray
    offset: np.ndarray
    cut: np.ndarray
    blob: np.ndarray
    src: np.ndarray
    dst: np.ndarray
    port: np.ndarray
    slot: np.ndarray
    meets: np.ndarray
    start_byte: np.ndarray
    end_byte: np.ndarray
    ops: list[str]
    devices: list[str]
    functions: list[str]
    notes: list[str]
    stamp: str = ""
    producer: int = 0
    debug_info: list[int] | None = None       # where the GraphDebugInfo lies in the file: [start, end]
    extra: dict[str, Any] = field(default_factory=dict)  # lazily made look-ups (by name, readers, ...)

    def __len__(self) -> int:
        return len(self.parent)

    def raw_path(self, item: int) -> bytes:
        return self.blob[self.offset[item] : self.offset[item + 1]].tobytes()

    def path(self, item: int) -> str:
        return self.raw_path(item).decode("utf-8", "replace")

    def label(self, item: int) -> str:
        raw = self.raw_path(item)[int(self.cut[item]) :]
        if self.kind[item]:
            raw = raw.removesuffix(b"/").removeprefix(b"{").removesuffix(b"}")
        return raw.decode("utf-8", "replace")

    def children(self, item: int) -> list[int]:
        out, at, end = [], item + 1, int(self.end[item])
        while at < end:
            out.append(at)
            at = int(self.end[at])
        return out

    def ancestors(self, item: int) -> list[int]:
        """Groups over an item, outermost first, without the root."""
        out = []
        at = int(self.parent[item])
        while at > 0:
            out.append(at)
            at = int(self.parent[at])
        return out[::-1]

    def find(self, path: str) -> int | None:
        """The item of a path, or None. Paths of groups end in a slash."""
        index = self.extra.get("by_path")
        if index is None:
            names = self.all_paths()
            index = self.extra["by_path"] = {name: i for i, name in reversed(list(enumerate(names)))}
        return index.get(path.encode("utf-8", "surrogatepass"))

    def starting(self, path: str) -> np.ndarray:
        """The items whose paths begin so, in order; found among the bytes, without the look-up that `find` makes first."""
        raw = path.encode("utf-8", "surrogatepass")
        at = np.flatnonzero(np.diff(self.offset) >= len(raw))
        for place in reversed(range(len(raw))):    # names differ most at their ends
            at = at[self.blob[self.offset[at] + place] == raw[place]]
        return at

    def all_paths(self) -> list[bytes]:
        raw, at = self.blob.tobytes(), self.offset.tolist()
        return [raw[x:y] for x, y in itertools.pairwise(at)]


def build(buf: bytes, stamp: str = "") -> GraphTree:
    """The model of a serialized GraphDef; stamp: the name of its content, where that is known already."""
    return from_scan(scan(buf), stamp or stamp_of(buf))


def stamp_of(buf: bytes) -> str:
    """A name of the content of a graph."""
    return hashlib.blake2b(buf, digest_size=8).hexdigest()


def from_scan(found: Scan, stamp: str) -> GraphTree:
    """The model of scanned nodes and edges; `stamp` names the content."""
    scopes = build_scopes(found.names)
    groups = scopes.groups
    aside = np.concatenate([np.zeros(groups, np.uint8), find_aside(found)])
    tree = _Growing(found, scopes, aside)
    tree.fold_levels()
    return tree.finish(stamp)


class _Growing:
    """The tree while it is folded: items are root, scopes, ops, then the new groups, in no special order."""

    def __init__(self, found: Scan, scopes: Scopes, aside: np.ndarray) -> None:
        self.found, self.groups, self.aside = found, scopes.groups, aside
        self.parent, self.paths = scopes.parent, scopes.paths
        n = len(found.names)
        self.depth = tree_order.depths(self.parent)
        self.key = np.concatenate([np.full(self.groups, n, np.int64), np.arange(n)])
        for level in reversed(list(tree_order.by_depth(self.depth))):
            np.minimum.at(self.key, self.parent[level], self.key[level])
        self.kind = np.where(np.arange(self.groups + n) < self.groups, SCOPE, OP).astype(np.uint8)
        for g, path in enumerate(self.paths):
            if path.endswith(b"}/") and (path.startswith(FUNCTION) or path[:-1].rpartition(b"/")[2].startswith(FUNCTION)):
                self.kind[g] = FUNC
        self.src, self.dst = found.src.astype(np.int64) + self.groups, found.dst.astype(np.int64) + self.groups
        self.lca, self.a, self.b = tree_order.meet(self.parent, self.depth, self.src, self.dst)
        self._aside_of_groups()
        self.look = self._looks()
        self.new_parent = self.parent.copy()
        self.new: list[tuple[int, int, int, int, bytes]] = []  # parent, key, kind, count, path of each new group

    def _aside_of_groups(self) -> None:
        """A scope is aside when all that is in it is; its reason is the first op's."""
        drawn = np.zeros(len(self.parent), np.int64)
        drawn[self.groups :] = self.aside[self.groups :] == 0
        lone = np.flatnonzero(tree_order.totals(self.parent, self.depth, drawn)[1 : self.groups] == 0) + 1
        self.aside[lone] = self.aside[self.groups + self.key[lone]]

    def _looks(self) -> np.ndarray:
        """Equal numbers for ops of one type, and for scopes with the same ops joined the same way."""
        codes = np.zeros(len(self.parent), np.uint64)
        ops = folding.mix(self.found.op.astype(np.int64))
        codes[self.groups :] = ops
        src, dst, port = self.found.src, self.found.dst, self.found.port
        joined = folding.mix((ops[src] ^ (ops[dst] * np.uint64(3)) ^ folding.mix(port.astype(np.int64) + 7)).view(np.int64))
        np.add.at(codes, self.lca, np.where(self.src == self.dst, np.uint64(0), joined))
        total = tree_order.totals(self.parent, self.depth, codes)
        total[self.groups :] = ops
        return np.unique(total, return_inverse=True)[1].astype(np.int64)

    def fold_levels(self) -> None:
        count = np.bincount(self.parent[1:], minlength=self.groups)[: self.groups]
        inner = (
            np.bincount(self.parent[1 : self.groups], minlength=self.groups)[: self.groups]
            if self.groups > 1
            else np.zeros(1, np.int64)
        )
        wanted = (count > folding.HEAP) & ((count > folding.LIMIT) | (inner >= 6))
        wanted[0] = True
        children = np.argsort(self.parent[1:], kind="stable") + 1
        child_start = np.searchsorted(self.parent[children], np.arange(self.groups + 1))
        by_group = np.argsort(self.lca, kind="stable")
        edge_start = np.searchsorted(self.lca[by_group], np.arange(self.groups + 1))
        for g in np.flatnonzero(wanted).tolist():
            kids = children[child_start[g] : child_start[g + 1]]
            kids = kids[np.argsort(self.key[kids], kind="stable")]
            edges = by_group[edge_start[g] : edge_start[g + 1]]
            self._fold_level(g, kids, edges)

    def _fold_level(self, g: int, kids: np.ndarray, edges: np.ndarray) -> None:
        local: dict[bytes, int] = {}
        if len(edges):
            order = np.argsort(kids)
            a = order[np.searchsorted(kids[order], self.a[edges])]
            b = order[np.searchsorted(kids[order], self.b[edges])]
            drawn = (self.aside[self.src[edges]] == 0) & (self.aside[self.dst[edges]] == 0) & (a != b)
            pairs = np.unique(a[drawn] * len(kids) + b[drawn])
            a, b = pairs // len(kids), pairs % len(kids)
        else:
            a = b = np.zeros(0, np.int64)
        is_group = kids < self.groups
        stems = np.full(len(kids), -1, np.int64)
        prefix = len(self.paths[g])
        for i in np.flatnonzero(is_group).tolist():
            stem = _stem(self.paths[kids[i]][prefix:])
            if stem is not None:
                stems[i] = local.setdefault(stem, len(local))
        level = folding.Level(self.look[kids], stems, is_group, self.aside[kids], a, b)
        for unit in folding.fold(level, strict=g == 0):
            if isinstance(unit, folding.Fold):
                self._add(unit, g, g, kids)

    def _add(self, top: folding.Fold, parent: int, scope: int, kids: np.ndarray) -> None:
        """Makes items of a fold and of the folds inside it."""
        stack = [(top, parent)]
        while stack:
            unit, parent = stack.pop()
            item = len(self.parent) + len(self.new)
            first, last, size = self._ends(unit, kids)
            kind = {"series": SERIES, "block": BLOCK, "aside": ASIDE}[unit.kind]
            path = self.paths[scope] + b"{" + self._name(unit, kids[first], kids[last], size, len(self.paths[scope])) + b"}/"
            copies = size if unit.kind == "series" or unit.why == "fan" else 1
            self.new.append((parent, int(self.key[kids[first]]), kind, copies, path))
            for member in unit.members:
                if isinstance(member, folding.Fold):
                    stack.append((member, item))
                else:
                    self.new_parent[kids[member]] = item

    def _ends(self, unit: folding.Fold, kids: np.ndarray) -> tuple[int, int, int]:
        """First and last child of the level inside a fold, and how many there are."""
        first, last, size, stack = None, -1, 0, [unit]
        while stack:
            for member in stack.pop().members:
                if isinstance(member, folding.Fold):
                    stack.append(member)
                else:
                    size += 1
                    first = member if first is None or member < first else first
                    last = max(last, member)
        return first or 0, last, size

    def _name(self, unit: folding.Fold, first: int, last: int, size: int, prefix: int) -> bytes:
        a, b = self._plain(first, prefix), self._plain(last, prefix)
        if unit.kind == "aside":
            return b"%d %s" % (size, CODES[self.aside[first]].encode())
        if unit.kind == "series":
            stem = _stem(a + b"/") or a
            return stem.rstrip(b"/")
        return a + " … ".encode() + b

    def _plain(self, item: int, prefix: int) -> bytes:
        name = self.paths[item] if item < self.groups else self.found.names[item - self.groups]
        name = name[prefix:].rstrip(b"/")
        return name if len(name) <= 60 else name[:28] + "…".encode() + name[-28:]

    def finish(self, stamp: str) -> GraphTree:
        found, n = self.found, len(self.found.names)
        made = np.array([row[:4] for row in self.new], np.int64).reshape(-1, 4)
        paths = _distinct([row[4] for row in self.new])
        parent = np.concatenate([self.new_parent, made[:, 0]])
        key = np.concatenate([self.key, made[:, 1]])
        kind = np.concatenate([self.kind, made[:, 2].astype(np.uint8)])
        pos, size = tree_order.preorder(parent, key)
        order = np.argsort(pos)
        total = len(parent)
        ops = np.full(total, -1, np.int32)
        device, node = ops.copy(), ops.copy()
        rows = slice(self.groups, self.groups + n)
        ops[rows], device[rows], node[rows] = found.op, found.device, np.arange(n)
        names = [*self.paths, *found.names, *paths]
        names = [names[i] for i in order.tolist()]
        offset = np.concatenate([[0], np.cumsum([len(name) for name in names])]).astype(np.int64)
        new_parent = np.where(parent >= 0, pos[parent], -1)[order].astype(np.int32)
        end = (np.arange(total) + size[order]).astype(np.int32)
        kind = kind[order]
        is_op = kind == OP
        leaves = np.concatenate([[0], np.cumsum(is_op)])
        src, dst = pos[self.src].astype(np.int32), pos[self.dst].astype(np.int32)
        meets = tree_order.meet(new_parent, tree_order.depths(new_parent), src, dst)[0].astype(np.int32)
        by_meet = np.argsort(meets, kind="stable")
        return GraphTree(
            parent=new_parent,
            end=end,
            kind=kind,
            op=ops[order],
            device=device[order],
            aside=self._final_aside(order, is_op, end),
            node=node[order],
            leaves=(leaves[end] - leaves[:-1]).astype(np.int32),
            look=self._final_look(order, total),
            count=np.concatenate([np.ones(len(self.parent), np.int64), made[:, 3]])[order].astype(np.int32),
            offset=offset,
            cut=_cuts(new_parent, kind, names),
            blob=np.frombuffer(b"".join(names), np.uint8),
            src=src[by_meet],
            dst=dst[by_meet],
            port=found.port[by_meet],
            slot=found.slot[by_meet],
            meets=meets[by_meet],
            start_byte=found.start,
            end_byte=found.end,
            ops=found.ops,
            devices=found.devices,
            functions=found.functions,
            notes=found.notes,
            stamp=stamp,
            producer=found.producer, debug_info=list(found.debug_info) if found.debug_info else None,
        )

    def _final_aside(self, order: np.ndarray, is_op: np.ndarray, end: np.ndarray) -> np.ndarray:
        code = np.concatenate([self.aside, np.zeros(len(self.new), np.uint8)])[order]
        drawn = np.concatenate([[0], np.cumsum(is_op & (code == 0))])
        at = np.flatnonzero(is_op)
        groups = np.flatnonzero(~is_op)[1:]
        lone = groups[drawn[end[groups]] == drawn[groups]]
        code[lone] = code[at[np.searchsorted(at, lone)]]  # as the first op inside
        return code

    def _final_look(self, order: np.ndarray, total: int) -> np.ndarray:
        """Looks of scopes and ops; each new group is unlike all others, save series and fan-outs of like things."""
        look = np.concatenate([self.look, np.full(total - len(self.look), -1, np.int64)])
        top = int(self.look.max(initial=0)) + 1
        look[len(self.look) :] = top + np.arange(total - len(self.look))
        return np.unique(look, return_inverse=True)[1][order].astype(np.int32)


def _cuts(parent: np.ndarray, kind: np.ndarray, names: list[bytes]) -> np.ndarray:
    """Where each label starts: behind the path of the nearest real scope over the item."""
    length = np.fromiter(map(len, names), np.int64, len(names))
    over = np.maximum(parent, 0)
    going = np.flatnonzero(over)
    while len(going):  # folds are no real scopes: on to the group above
        going = going[(kind[over[going]] != SCOPE) & (kind[over[going]] != FUNC) & (over[going] > 0)]
        over[going] = parent[over[going]]
    cut = np.where(over > 0, length[over], 0)
    for i in np.flatnonzero(length <= cut).tolist():
        cut[i] = names[i].rfind(b"/") + 1
    cut[0] = 0
    return cut.astype(np.int32)


def _distinct(paths: list[bytes]) -> list[bytes]:
    """The paths, later ones of the same text told apart by a number."""
    seen: dict[bytes, int] = {}
    out = []
    for path in paths:
        k = seen.get(path, 0)
        seen[path] = k + 1
        out.append(path if not k else path[:-2] + b" #%d}/" % (k + 1))
    return out


_COUNT = re.compile(rb"[0-9]+(?=[^0-9]*$)")


def _stem(name: bytes) -> bytes | None:
    """`tower_*` of `tower_12/`; `tower` counts as tower_0. None when the name holds no number and could start no series."""
    name = name.rstrip(b"/")
    if _COUNT.search(name):
        return _COUNT.sub(b"*", name, count=1)
    return name + b"_*"
