"""Which place each value of a plan lives in: reused buffers, variables that are written in place, arrays of its own.

Liveness is by position: a buffer is free again after the last use of its value and of all views of it. What leaves the plan is never in
a buffer, nor is what a body gives back, so a turn of a loop leaves nothing behind: the next value that a loop carries is an array of its
own, or takes the place of the one before. Shapes and dtypes of variables that the plan reads are
those of its inputs; one that it only writes is taken to have the shape of its new value, and the engine looks when it compiles.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..bodies import all_nodes
from ..expected import last_guard
from ..ir import Plan, maker, overwritten, root
from ..kernels import KERNELS
from ..layout import Buffer, Layout, Place
from ..node import ELEMENTWISE, HOLDERS, INPUTS, VIEWS, Node, bodies

_NEVER = 1 << 60
BUFFERED = (ELEMENTWISE | {"matmul", "sum", "prod", "max", "min", "any", "all", "concatenate", "copy", "take", "einsum"}
             | {name for name, kernel in KERNELS.items() if kernel.out})
FIRST_IN_PLACE = frozenset(name for name, kernel in KERNELS.items() if kernel.in_place)     # into the first argument's memory
_IN_PLACE = ELEMENTWISE - {"where", "cast", "sigmoid", "rsqrt"}        # may overwrite an operand
INTO = ELEMENTWISE | FIRST_IN_PLACE | {"matmul", "copy"}               # may compute into a variable's array


def lay_out(plan: Plan) -> Plan:
    """The plan with its layout: a place for every value, those of bodies too."""
    if plan.layout is not None:
        return plan
    buffers: dict[str, Buffer] = {}
    places: dict[int, Place] = {}
    _lay_out(plan, plan.fused or {}, buffers, places)
    separate = sum(_size(node) for node in all_nodes(plan) if places[node.id].kind in ("buffer", "cache"))
    return plan.noted(fused=plan.fused, layout=Layout(places, len(set((plan.fused or {}).values())), buffers, separate))


def _lay_out(plan: Plan, fused: Mapping[int, int], buffers: dict[str, Buffer], places: dict[int, Place], turns: bool = False) -> None:
    """turns: the plan is the body of a loop."""
    memory = _Memory(plan, fused, buffers)
    if turns:
        memory.turn()
    for node in plan.inputs:
        if node.prim != "argument":
            places[node.id] = Place("fed") if node.prim == "feed" else Place("variable", node.par)
    for i, node in enumerate(plan.nodes):
        place = memory.place(node, i)
        places[node.id] = place._replace(loop=fused[node.id]) if node.id in fused else place
        for name, body in bodies(node).items() if node.prim in HOLDERS else ():
            _lay_out(body, fused, buffers, places, name == "body")


def kept_in_lists(nodes: Iterable[Node]) -> list[Any]:
    """The values that calls hold on to."""
    return [node.args[i] for node in nodes if node.prim == "call" for i in node.par.op_def.keeps]


def _size(node: Node) -> int:
    return int(node.size * node.dtype.itemsize)


class _Memory:
    """Decides, node by node in order, where results go."""

    def __init__(self, plan: Plan, fused: Mapping[int, int], buffers: dict[str, Buffer]):
        self.plan, self.fused, self.buffers = plan, fused, buffers
        everything = (*plan.inputs, *plan.nodes)
        self.position = {n.id: i for i, n in enumerate(plan.nodes)}
        self.root = {n.id: root(n).id for n in everything}
        self.by_id = {n.id: n for n in everything}
        self.last: dict[int, int] = {}                 # root -> position of its last use
        for i, node in enumerate(plan.nodes):
            for a in node.args:
                if a.__class__ is Node:
                    self.last[self.root[a.id]] = i
        self.fetched = {self.root[v.id] for v in (*plan.outputs, *kept_in_lists(plan.nodes)) if v.__class__ is Node}
        self.shared = {self.root[v.id] for v in kept_in_lists(plan.nodes) if v.__class__ is Node}      # that something else may hold
        self.over: dict[int, int] = {}                 # values that take the place of the carried ones before them
        for value in plan.leaving():
            if value.__class__ is Node:
                self.last[self.root[value.id]] = _NEVER
        self._keep_what_results_may_share()
        self.inner = self._inner()
        self.final = self._final()
        self.owner: dict[int, Place] = {}              # root -> its buffer or cache, while it is alive
        self.free: dict[object, list[Place]] = {}
        self.cached = 0

    def _keep_what_results_may_share(self) -> None:
        """The results of a cond or loop may be views of its arguments, which must live as long: into the next turn, or in a list, too."""
        if not any(node.prim in HOLDERS for node in self.plan.nodes):
            return
        until: dict[int, int] = {}
        outlive: set[int] = set()
        for node in reversed(self.plan.nodes):
            if node.prim == "item" and node.args[0].prim in HOLDERS:
                until[node.args[0].id] = max(until.get(node.args[0].id, 0), self.last.get(node.id, 0))
                if node.id in self.fetched:
                    outlive.add(node.args[0].id)
            elif node.id in until:
                for a in node.args:
                    if a.__class__ is Node:
                        base = self.root[a.id]
                        self.last[base] = max(self.last[base], until[node.id])
                        if node.id in outlive:
                            self.fetched.add(base)
                            self.shared.add(base)

    def turn(self) -> None:
        """Finds the carried values whose next one may be computed into their array: an operand of it, as is a sum over all turns."""
        roots = [self.root[v.id] for v in self.plan.outputs if v.__class__ is Node]
        for before, value in zip(self.plan.inputs, self.plan.outputs):
            if value.__class__ is not Node or value.prim in INPUTS or not value.shape or value.dtype.kind == "O" or value.id in self.fused:
                continue
            alone = roots.count(value.id) == 1 and not self.shared & {value.id, before.id} and before.id not in roots
            last = self.last.get(before.id) == self.position.get(value.id) and any(a is before for a in value.args)
            if alone and last and (before.shape, before.dtype) == (value.shape, value.dtype) and self._same_index(value, before):
                self.over[value.id] = before.id

    def _inner(self) -> dict[int, int]:
        """Nodes whose values only their own cluster reads: {node id: cluster}."""
        if not self.fused:
            return {}
        outside = {self.root[v.id] for v in self.plan.leaving() if v.__class__ is Node}
        for node in self.plan.nodes:
            for a in node.args:
                if a.__class__ is Node and self.fused.get(a.id) != self.fused.get(node.id, -1):
                    outside.add(a.id)
        return {n.id: self.fused[n.id] for n in self.plan.nodes if n.id in self.fused and n.id not in outside and n.prim != "sum"}

    def _final(self) -> dict[int, str]:
        """Nodes that may compute straight into a variable's array: every use of the old value comes earlier."""
        found: dict[int, str] = {}
        old = {n.par: n for n in self.plan.inputs if n.prim == "variable"}
        guard = last_guard(self.plan.nodes) if self.plan.effects else -1
        for key, value in self.plan.effects:
            before = old.get(key)
            if value.__class__ is not Node or not value.shape or self.position.get(value.id, -1) < guard:
                continue
            if before is not None and (value.shape != before.shape or value.dtype != before.dtype):
                continue
            if value.id in self.fetched or value.id in found:
                continue
            if self._direct_call(value, before):
                found[value.id] = key
                continue
            made = self._changed_by_call(value, before)
            if made is not None and made.id not in found and self.position[made.id] > guard:
                found[made.id] = found[value.id] = key
                continue
            if value.dtype.kind == "O" or value.prim not in INTO:
                continue
            if before is not None:
                uses = self.last.get(before.id, -1)
                if uses > self.position[value.id]:
                    continue
                if uses == self.position[value.id] and not self._same_index(value, before):
                    continue
            found[value.id] = key
        return found

    def _direct_call(self, value: Node, before: Node | None) -> bool:
        """A call that overwrites the variable's array itself (its first arguments are the variables it writes)."""
        if before is None or overwritten(value) is not before:
            return False
        call = maker(value)
        args = [a for a in call.args if a.__class__ is Node and self.root[a.id] == before.id]
        return len(args) == 1 and self.last.get(before.id) == self.position[call.id]

    def _changed_by_call(self, value: Node, before: Node | None) -> Node | None:
        """A version of the variable between two writes, that is computed into its array and that a call then overwrites there. No check
        lies between them, so that one that fails leaves the variable as it was."""
        made = overwritten(value)
        if before is None or made.__class__ is not Node or made.prim not in INTO:
            return None
        if (made.shape, made.dtype) != (before.shape, before.dtype):
            return None
        call, i = maker(value), self.position[made.id]
        last = self.position[call.id]
        alone = sum(a.__class__ is Node and self.root[a.id] == made.id for a in call.args) == 1 and self.last[made.id] == last
        if not alone or made.id in self.fetched or any(node.prim == "check" for node in self.plan.nodes[i:last]):
            return None
        uses = self.last.get(before.id, -1)
        return made if uses < i or (uses == i and self._same_index(made, before)) else None

    def _same_index(self, value: Node, before: Node) -> bool:
        """Whether `value` reads an element of `before` no later than it writes the element there."""
        if value.prim in FIRST_IN_PLACE:
            return value.args[0] is before and not any(self.root[a.id] == before.id for a in value.args[1:] if a.__class__ is Node)
        return value.prim in _IN_PLACE and all(a is before or a.__class__ is not Node or self.root[a.id] != before.id for a in value.args)

    def place(self, node: Node, i: int) -> Place:
        """The place of the result of `node`; frees what dies here."""
        place = self._place(node, i)
        for a in node.args:
            if a.__class__ is Node:
                base = self.root[a.id]
                if base != node.id and self.last.get(base) == i and base in self.owner:
                    self.free.setdefault(self._kind(self.by_id[base]), []).append(self.owner.pop(base))
        return place

    def _place(self, node: Node, i: int) -> Place:
        if node.prim in VIEWS and node.shape and node.args[0].__class__ is Node:
            return Place("view", over=node.args[0].id)
        if node.shape == () and node.dtype.kind != "O":
            return Place("number")
        if node.id in self.final:
            return Place("in place", self.final[node.id])
        if node.id in self.over:
            return Place("carried", over=self.over[node.id])
        if node.shape is None or node.prim not in BUFFERED or self.root[node.id] in self.fetched or node.dtype.kind == "O":
            return Place("own array")
        reused = self._dying_operand(node, i)
        if reused is not None:
            place = self.owner.pop(reused)._replace(over=reused)
        else:
            place = self._unused(node)
        self.owner[node.id] = place if place.over is None else place._replace(over=None)
        return place

    def _kind(self, node: Node) -> object:
        """What values that may take the same buffer share."""
        return node.shape, node.dtype, self.inner.get(node.id)

    def _unused(self, node: Node) -> Place:
        waiting = self.free.get(self._kind(node))
        if waiting:
            return waiting.pop()
        if node.id in self.inner:
            self.cached += 1
            return Place("cache", f"w{self.cached}")
        name = f"b{len(self.buffers)}"
        self.buffers[name] = Buffer(node.shape, node.dtype)
        return Place("buffer", name)

    def _dying_operand(self, node: Node, i: int) -> int | None:
        if node.prim not in _IN_PLACE and node.prim not in FIRST_IN_PLACE:
            return None
        for a in node.args[:1] if node.prim in FIRST_IN_PLACE else node.args:
            if a.__class__ is Node and self.last.get(a.id) == i and a.id in self.owner and self.root[a.id] == a.id \
                    and a.shape == node.shape and a.dtype == node.dtype and self.inner.get(a.id) == self.inner.get(node.id):
                return a.id
        return None
