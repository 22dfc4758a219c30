"""What native code does in one go: elementwise work and reductions over one shape are a loop, a matrix product is a step, the rest is the
host's.

Every value has a level: work of a higher level comes later, and only elementwise work over the same shape, element by element, may share
the level of what it reads. So nodes of one level and shape can always be one loop, no matter what lies between them. A value is then moved
up to the level of those that read it, where all of them could have it in their loop: it need not go through memory. Nodes of one loop that
share no array are parted into several. The host's nodes keep their order.
"""
from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from ....kernels.pool import counts
from ....plan.expected import guards
from ....plan.ir import Plan, has_effect, overwritten
from ....plan.node import ELEMENTWISE, VIEWS, Node
from . import primitives, rows
from .products import fits as product_fits
from .values import kind_of
from .walk import sliced_shape, walk

REDUCTIONS = frozenset(("sum", "prod", "max", "min", "any", "all"))
CONVOLUTIONS = frozenset(("conv", "conv_filter_gradient", "conv_input_gradient"))
POOLS = frozenset(("max_pool", "avg_pool", "max_pool_gradient", "avg_pool_gradient", "depthwise_conv", "depthwise_input_gradient",
                   "depthwise_filter_gradient"))
LARGEST = 400          # nodes of a loop: LLVM takes more than linear time for longer ones


class Item(NamedTuple):
    """kind: `loop`, or of one node `product`, `join` (parts are put side by side, or one into another), `rows` (by number), `conv`, `pool`
    or `host`."""
    kind: str
    nodes: list[Node]
    shape: tuple[int, ...]


class Groups(NamedTuple):
    """items: in order. owners: ids of views that are computed, as no regular walk leads through them."""
    items: list[Item]
    owners: set[int]


def iteration(node: Node) -> tuple[int, ...]:
    """The shape that a node's loop runs over."""
    return node.args[0].shape if node.prim in REDUCTIONS or node.prim == "reshape" else node.shape


def _known(value: Any) -> bool:
    """Whether native code can read a value."""
    return isinstance(value, (Node, np.ndarray)) and value.shape is not None and bool(value.size) and kind_of(value.dtype) is not None


def _writes_some(node: Node) -> bool:
    """Whether a slice that is written has elements, and its value not more axes than it."""
    shape = sliced_shape(node.shape, getattr(node.par[0], "value", node.par[0]))
    return 0 not in shape and len(node.args[1].shape) <= len(shape) and all(a.dtype == node.dtype for a in node.args)


def _fits_images(node: Node) -> bool:
    """Whether native code does a convolution or pool: of images of one or two axes; depthwise ones with one filter for a channel."""
    win, prim = node.par[-1], node.prim
    if node.dtype not in (np.float32, np.float64) or any(a.dtype != node.dtype for a in node.args) or len(win.size) > 2:
        return False
    if prim.startswith("depthwise"):
        filters = node.shape if prim == "depthwise_filter_gradient" else node.args[prim == "depthwise_conv"].shape
        return filters[-1] == 1
    if prim in POOLS:
        x = node if prim.endswith("gradient") else node.args[0]
        return (prim != "max_pool_gradient" or len(win.size) == 2) and bool(counts(win, x.shape[1:-1]).all())
    x = node if prim == "conv_input_gradient" else node.args[0]
    return math.prod(win.size) <= 4 * math.prod(win.trimmed(x.shape[1:-1])[0].size)     # else the host skips taps


class _Sorter:
    def __init__(self, plan: Plan, body: bool):
        self.plan, self.body = plan, body
        self.owners: set[int] = set()
        self.roles: dict[int, str] = {}
        self.level: dict[int, int] = {}
        self.roots: dict[int, Any] = {}

    def role(self, node: Node) -> str:
        if not (_known(node) and node.args and all(map(_known, node.args))):
            return "host"
        if node.prim in VIEWS:
            if node.args[0].__class__ is not Node or self.roles.get(node.args[0].id) == "object":
                return "host"
            if walk(node, self.owners) is None:
                self.owners.add(node.id)
                return "loop"
            return "view"
        if node.prim in ELEMENTWISE or node.prim == "copy":
            counts = self.body and node.dtype.kind in "biu" and all(a.shape == () for a in node.args)
            return "loop" if primitives.supported(node) and not counts else "host"
        if node.prim in REDUCTIONS:
            return "loop" if node.par[0] and node.dtype == node.args[0].dtype and node.args[0].shape else "host"
        if node.prim == "concatenate":
            return "join" if all(a.dtype == node.dtype for a in node.args) else "host"
        if node.prim == "write_slice":
            return "join" if _writes_some(node) else "host"
        if node.prim in ("take", "scatter_rows", "segment_reduce"):
            return "rows" if rows.describe(node, self.owners) is not None else "host"
        if node.prim in CONVOLUTIONS or node.prim in POOLS:
            return ("conv" if node.prim in CONVOLUTIONS else "pool") if _fits_images(node) else "host"
        return "product" if node.prim == "matmul" and product_fits(node, self.owners) else "host"

    def base(self, value: Any) -> Any:
        """What owns the memory of an argument."""
        while value.__class__ is Node and self.roles.get(value.id) == "view":
            value = value.args[0]
        return value

    def direct(self, a: Any, node: Node) -> bool:
        """Whether a node may have this argument in its own loop."""
        return a.__class__ is Node and self.roles.get(a.id) == self.roles[node.id] == "loop" and a.prim not in REDUCTIONS \
            and a.prim != "reshape" and a.shape == iteration(node)

    def sort(self) -> Groups:
        for node in self.plan.inputs:
            self.roles[node.id] = "input" if kind_of(node.dtype) is not None and node.shape is not None else "object"
        check = -1
        turns: dict[Any, int] = {}                     # what hosts do one after the other -> the level of the last of them
        written = {each.id for _, value in self.plan.effects for each in (value, overwritten(value)) if each.__class__ is Node}
        users: dict[int, list[Node]] = {}
        for node in self.plan.nodes:
            role = self.roles[node.id] = self.role(node)
            level = 0
            for a in node.args:
                if a.__class__ is Node:
                    users.setdefault(a.id, []).append(node)
                    level = max(level, self.level.get(self.base(a).id, -1) + (not self.direct(a, node)))
            if role == "view":
                level = self.level.get(self.base(node).id, -1)
            elif role == "host":
                for what in _in_turn(node):
                    level = turns[what] = max(level, turns.get(what, 0))
            if node.prim == "check" or guards(node):
                check = level
            elif role != "host" and node.id in written:
                level = max(level, check + 1)          # a check that fails leaves variables as they were
            self.level[node.id] = level
        self._sink(users)
        return Groups(self._items(), self.owners)

    def _sink(self, users: dict[int, list[Node]]) -> None:
        """Moves values up to where they are read."""
        for node in reversed(self.plan.nodes):
            readers = users.get(node.id)
            if readers and self.roles[node.id] == "loop" and all(self.direct(node, reader) for reader in readers):
                self.level[node.id] = min(self.level[reader.id] for reader in readers)

    def _items(self) -> list[Item]:
        loops: dict[Any, list[Node]] = {}
        found: list[tuple[int, int, int, Item]] = []
        for i, node in enumerate(self.plan.nodes):
            role = self.roles[node.id]
            if role == "loop":
                loops.setdefault((self.level[node.id], iteration(node)), []).append(node)
            elif role != "view":
                found.append((self.level[node.id], role == "host", i, Item(role, [node], node.shape)))
        position = {node.id: i for i, node in enumerate(self.plan.nodes)}
        for (level, shape), nodes in loops.items():
            for part in self._parts(nodes, shape):
                for k in range(0, len(part), LARGEST):
                    piece = part[k:k + LARGEST]
                    found.append((level, 0, position[piece[0].id], Item("loop", piece, shape)))
        return [item for *_, item in sorted(found, key=lambda each: each[:3])]

    def _parts(self, nodes: list[Node], shape: tuple[int, ...]) -> list[list[Node]]:
        """Nodes that share arrays of the loop's size stay together."""
        if len(nodes) == 1 or shape == ():
            return [nodes]
        parent: dict[Any, Any] = {}

        def find(x: Any) -> Any:
            while parent.setdefault(x, x) != x:
                parent[x] = x = parent[parent[x]]
            return x

        for node in nodes:
            for a in node.args:
                if a.shape == shape:
                    base = self.base(a)
                    parent[find(node.id)] = find(base.id if base.__class__ is Node else ("array", id(base)))
        parts: dict[Any, list[Node]] = {}
        for node in nodes:
            parts.setdefault(find(node.id), []).append(node)
        return list(parts.values())


def _in_turn(node: Node) -> list[Any]:
    """What a node of the host's changes, or must not find changed too early: others that do so keep their order. A call on a list that a
    loop turns over may change it where it is."""
    if node.prim != "call":
        return ["effects"] if has_effect(node) else []
    found: list[Any] = ["effects"] if has_effect(node) or node.par.mutates or node.par.guards else []
    if getattr(node.par.op_def, "on_list", ""):         # not an operation of the graph's where a condition is made a truth value
        found.append(_first(node.args[0]))
    return found


def _first(version: Any) -> Any:
    """The list that a version of it was made from."""
    while version.__class__ is Node:
        maker = version.args[0] if version.prim == "item" else version
        if maker.__class__ is not Node or maker.prim != "call" or getattr(maker.par.op_def, "on_list", "") not in ("push", "pop", "set"):
            break
        version = maker.args[0]
    return version.id if version.__class__ is Node else id(version)


def groups(plan: Plan, body: bool = False) -> Groups:
    """The items of a plan in an order in which they can run. body: of a cond or loop, whose conditions and counts are the host's."""
    return _Sorter(plan, body).sort()

