"""The plan in the order of native steps, and where each value lies: pieces of memory that values share, or variables.

Liveness is by item (groups.Item): memory is free again after the last item that reads its value or a view of it. What a loop computes and
nobody else reads has no memory at all.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from ....plan.bodies import all_nodes
from ....plan.expected import last_guard
from ....plan.ir import Plan, maker, overwritten, root
from ....plan.layout import Buffer, Layout, Place
from ....plan.node import HOLDERS, INPUTS, VIEWS, Node
from ....plan.passes import memory
from .groups import REDUCTIONS, Item, groups
from .walk import is_packed, walk

_NEVER = 1 << 60
SMALL = 4096          # bytes; smaller results are copied out of memory that is kept, larger ones get an array of their own


class Arrangement:
    """items, owners: see groups. inside: values that only their loop sees, by node id. slots: bytes of each piece of memory; slot: by
    node id. final: variables whose memory values are computed into, by node id. fresh: larger results, and what may
    be held on to, which get arrays of their own."""

    def __init__(self, plan: Plan, slots: list[int] | None = None, over: dict[int, int] | None = None):
        """slots, over: of a body, whose pieces of memory are added to the plan's, and which of the next carried values may take the place
        of which before. carried: those that do."""
        self.plan = plan
        self.body = slots is not None
        found = groups(plan, self.body)
        self.items, self.owners = found.items, found.owners
        self.item: dict[int, int] = {}
        self.views: set[int] = set()
        there = {node.id for item in self.items for node in item.nodes}
        for i, item in enumerate(self.items):
            self.item.update((node.id, i) for node in item.nodes)
        self.views = {node.id for node in plan.nodes if node.id not in there}
        self.last: dict[int, int] = {}
        self.outside: set[int] = set()
        self.lent: set[int] = set()          # values that something may hold on to through a cond's or loop's result
        self._uses()
        self.inside = {node.id for item in self.items if item.kind == "loop" for node in item.nodes
                       if node.id not in self.outside and node.prim not in REDUCTIONS}
        self.outputs = {self.base(v).id for v in plan.outputs if v.__class__ is Node}
        if self.body:
            self.outputs.update(base.id for base in map(self.base, memory.kept_in_lists(plan.nodes)) if base.__class__ is Node)
        self.final = self._final()
        self.carried = self._carried(over or {})
        self.fresh: dict[int, Node] = {}
        self.slots: list[int] = [] if slots is None else slots
        self.slot: dict[int, int] = {}
        self._memory()

    def base(self, value: Any) -> Any:
        """The node or known array that owns a value's memory."""
        while value.__class__ is Node and value.id in self.views:
            value = value.args[0]
        return value

    def _uses(self) -> None:
        for i, item in enumerate(self.items):
            for node in item.nodes:
                for a in node.args:
                    base = self.base(a)
                    if base.__class__ is Node:
                        self.last[base.id] = max(self.last.get(base.id, -1), i)
                        if self.item.get(base.id) != i or a.id in self.views:
                            self.outside.add(base.id)
        for value in self.plan.leaving():
            base = self.base(value)
            if base.__class__ is Node:
                self.last[base.id] = _NEVER
                self.outside.add(base.id)
        leaving = {base.id for base in map(self.base, (*self.plan.leaving(), *memory.kept_in_lists(self.plan.nodes)))
                   if base.__class__ is Node}
        for item in reversed(self.items):          # the results of a cond or loop may be views of its arguments
            node = item.nodes[0]
            if item.kind == "host" and node.prim == "item" and node.args[0].prim in HOLDERS:
                holder = node.args[0]
                self.last[holder.id] = max(self.last.get(holder.id, -1), self.last.get(node.id, -1))
                if node.id in leaving or node.id in self.lent:
                    self.lent.update(base.id for base in map(self.base, _shared(holder)) if base.__class__ is Node)
            elif item.kind == "host" and (node.prim in HOLDERS or node.prim in VIEWS):
                for a in _shared(node) if node.prim in HOLDERS else node.args:
                    base = self.base(a)
                    if base.__class__ is Node:
                        self.last[base.id] = max(self.last.get(base.id, -1), self.last.get(node.id, -1))

    # -- variables that are written in place
    def _final(self) -> dict[int, str]:
        found: dict[int, str] = {}
        old = {n.par: n for n in self.plan.inputs if n.prim == "variable"}
        guard = last_guard(item.nodes[0] for item in self.items)
        for key, value in self.plan.effects:
            before = old.get(key)
            if value.__class__ is Node and self.item.get(value.id, -1) < guard:
                continue
            if value.__class__ is not Node or value.id in self.views or value.id in self.outputs or value.id in found:
                continue
            if value.shape is None or value.dtype.kind == "O" or value.id not in self.item:
                continue
            if before is not None and (value.shape != before.shape or value.dtype != before.dtype):
                continue
            i = self.item[value.id]
            item = self.items[i]
            if item.kind == "host" and (self._direct_call(value, before) or value.prim not in memory.INTO):
                made = self._changed_by_call(value, before)
                if made is not None and self.item[made.id] >= guard:
                    found[made.id] = found[value.id] = key
                elif self._direct_call(value, before):
                    found[value.id] = key
                continue
            if before is not None and self.last.get(before.id, -1) == i and value.prim in memory.FIRST_IN_PLACE and \
                    value.args[0] is before and sum(self.base(a) is before for a in value.args) == 1:
                found[value.id] = key
                continue
            uses = -1 if before is None else self.last.get(before.id, -1)
            if uses < i or (before is not None and uses == i and item.kind == "loop" and self._aligned(item, value, before)):
                found[value.id] = key
        return found

    def _carried(self, over: dict[int, int]) -> dict[int, int]:
        """Those of the next carried values whose loop needs the one before only element by element, and nothing later does."""
        inputs = {node.id: node for node in self.plan.inputs}
        found = {}
        for value in self.plan.outputs:
            if value.__class__ is not Node or value.id not in over or value.id not in self.item:
                continue
            before, i = inputs[over[value.id]], self.item[value.id]
            uses = self.last.get(before.id, -1)
            if self.items[i].kind == "loop" and (uses < i or (uses == i and self._aligned(self.items[i], value, before))):
                found[value.id] = before.id
        return found

    def merge(self, inner: Arrangement) -> None:
        """Takes a body's notes, so that its nodes are found with those of the plan."""
        self.views |= inner.views
        self.inside |= inner.inside
        self.owners |= inner.owners
        self.slot.update(inner.slot)
        self.fresh.update(inner.fresh)

    def _direct_call(self, value: Node, before: Node | None) -> bool:
        """A call that overwrites the variable's array itself (its first arguments are the variables it writes)."""
        if before is None or overwritten(value) is not before:
            return False
        call = maker(value)
        args = [a for a in call.args if a.__class__ is Node and self.base(a) is before]
        return len(args) == 1 and self.last.get(before.id) == self.item[call.id]

    def _changed_by_call(self, value: Node, before: Node | None) -> Node | None:
        """A version of the variable between two writes, that a loop can compute into its array and a call then overwrites there."""
        made = overwritten(value)
        if made.__class__ is not Node or before is None or made.id in self.outputs:
            return None
        if (made.shape, made.dtype) != (before.shape, before.dtype):
            return None
        i, call = self.item.get(made.id), maker(value)
        if i is None or self.items[i].kind != "loop" or self.last.get(made.id) != self.item[call.id]:
            return None
        uses = self.last.get(before.id, -1)
        alone = sum(a.__class__ is Node and self.base(a) is made for a in call.args) == 1
        return made if alone and (uses < i or (uses == i and self._aligned(self.items[i], made, before))) else None

    def _aligned(self, item: Item, value: Node, before: Node) -> bool:
        """Whether a loop reads an element of `before` only where it writes the one of `value`."""
        if value.prim in REDUCTIONS or item.shape != before.shape:
            return False
        for node in item.nodes:
            for a in node.args:
                if self.base(a) is before:
                    each = walk(a, self.owners)
                    if each is None or a.shape != before.shape or each.offset or not is_packed(a.shape, each.strides):
                        return False
        return True

    def in_place(self, node: Node) -> bool:
        """Whether a node changes its first argument, a variable, where it lies."""
        first = node.args[0]
        return first.__class__ is Node and first.prim == "variable" and self.final.get(node.id) == first.par

    # -- memory
    def _memory(self) -> None:
        free: list[tuple[int, int]] = []               # size, slot
        ends: dict[int, list[int]] = {}                # item -> slots that are free after it
        for i, item in enumerate(self.items):
            for node in item.nodes:
                if node.id in self.inside or node.id in self.final or node.id in self.carried or not self._kept_here(item, node):
                    continue
                size = node.size * node.dtype.itemsize
                leaves = node.id in self.outputs and size > (0 if self.body else SMALL)
                if node.shape != () and (leaves or (node.id in self.lent and item.kind != "host")):
                    self.fresh[node.id] = node
                    continue
                fitting = [each for each in free if size <= each[0] <= 2 * size + 256]
                if fitting:
                    best = min(fitting)
                    free.remove(best)
                    self.slot[node.id] = best[1]
                else:
                    self.slot[node.id] = len(self.slots)
                    self.slots.append(size)
                ends.setdefault(max(i, self.last.get(node.id, i)), []).append(self.slot[node.id])
            for slot in ends.pop(i, ()):
                free.append((self.slots[slot], slot))

    def _kept_here(self, item: Item, node: Node) -> bool:
        """Whether a value lies in memory of the plan's, rather than in an array that numpy makes."""
        if item.kind != "host":
            return True
        return node.shape is not None and node.shape != () and node.size > 0 and node.dtype.kind != "O" and node.prim in memory.BUFFERED \
            and node.id not in self.outputs and node.id not in self.lent and self.last.get(node.id, -1) != _NEVER

    # -- for people
    def noted(self) -> Plan:
        """The plan in this order, with its loops and places."""
        order: list[Node] = []
        there = {node.id for node in self.plan.inputs}

        def add(node: Any) -> None:
            if node.__class__ is not Node or node.id in there:
                return
            for a in node.args:
                if a.__class__ is Node and a.id in self.views:
                    add(a)
            there.add(node.id)
            order.append(node)

        for item in self.items:
            for node in item.nodes:
                for a in node.args:
                    if a.__class__ is Node and a.id in self.views:
                        add(a)
            for node in item.nodes:
                add(node)
        for node in self.plan.nodes:
            add(node)
        fused = {node.id: i for i, item in enumerate(item for item in self.items if item.kind == "loop") for node in item.nodes}
        places = {node.id: self.place(node, fused) for node in (*self.plan.inputs, *order)}
        old = self.plan.layout
        buffers = {f"m{k}": Buffer((size,), np.dtype(np.uint8)) for k, size in enumerate(self.slots)}
        if old is not None:
            inner = [node for node in all_nodes(self.plan) if node.id not in places]
            for node in inner:
                places[node.id] = old.places[node.id]
                if old.places[node.id].kind == "buffer":
                    buffers[old.places[node.id].name] = old.buffers[old.places[node.id].name]
                if node.id in (self.plan.fused or {}):
                    fused[node.id] = (self.plan.fused or {})[node.id] + len(self.items)
        separate = sum(n.size * n.dtype.itemsize for n in order if places[n.id].kind in ("buffer", "cache"))
        count = sum(item.kind == "loop" for item in self.items)
        return Plan(self.plan.inputs, order, self.plan.outputs, self.plan.effects, fused, Layout(places, count, buffers, separate))

    def place(self, node: Node, fused: dict[int, int]) -> Place:
        loop = fused.get(node.id)
        if node.prim in INPUTS:
            return Place("fed") if node.prim == "feed" else Place("variable", node.par)
        if node.id in self.views:
            return Place("view", over=node.args[0].id)
        if node.id in self.final:
            return Place("in place", self.final[node.id], loop=loop)
        if node.id in self.carried:
            return Place("carried", over=self.carried[node.id], loop=loop)
        if node.id in self.slot:
            return Place("buffer", f"m{self.slot[node.id]}", loop=loop)
        if node.id in self.inside:
            return Place("cache", loop=loop)
        return Place("number" if node.shape == () else "own array", loop=loop)


def _shared(holder: Node) -> list[Any]:
    """Those arguments of a cond or loop that its results may be, or be views of."""
    first = int(holder.prim == "cond")
    found = [] if first else list(holder.args[:len(holder.par.body.outputs)])
    for body in holder.par if first else holder.par[1:]:
        there = {node.id: value for node, value in zip(body.inputs, holder.args[first:])}
        for value in (*body.outputs, *memory.kept_in_lists(body.nodes)):
            base = root(value)
            if base.__class__ is not Node:
                continue
            inner = base.args[0] if base.prim == "item" and base.args[0].prim in HOLDERS else None
            found += [there[each.id] for each in ([base] if inner is None else map(root, inner.args))
                      if each.__class__ is Node and each.id in there]
    return found
