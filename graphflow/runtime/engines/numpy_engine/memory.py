"""Which buffer each value of a plan lives in: reused temporaries, variables written in place, fresh arrays for fetches."""
from __future__ import annotations

from typing import Any

import numpy as np

from ....plan.ir import Plan, root
from ....plan.kernels import KERNELS
from ....plan.node import ELEMENTWISE, HOLDERS, VIEWS, Node

_NEVER = 1 << 60
_BUFFERED = (ELEMENTWISE | {"matmul", "sum", "prod", "max", "min", "any", "all", "concatenate", "copy", "take", "einsum"}
             | {name for name, kernel in KERNELS.items() if kernel.out})
_FIRST_IN_PLACE = frozenset(name for name, kernel in KERNELS.items() if kernel.in_place)     # into the first argument's memory
_IN_PLACE = ELEMENTWISE - {"where", "cast", "sigmoid", "rsqrt"}


class Memory:
    """Decides, node by node in order, where results go. `slots`: variable key -> its array in the session's store."""

    def __init__(self, plan: Plan, slots: dict[str, np.ndarray], groups: dict[int, int] | None = None,
                 buffers: dict[str, tuple[tuple[int, ...], np.dtype[Any]]] | None = None):
        self.plan, self.slots, self.groups = plan, slots, groups or {}
        self.position = {n.id: i for i, n in enumerate(plan.nodes)}
        self.root = {n.id: root(n).id for n in (*plan.inputs, *plan.nodes)}
        self.last: dict[int, int] = {}                 # root -> position of its last use
        for i, node in enumerate(plan.nodes):
            for a in node.args:
                if a.__class__ is Node:
                    self.last[self.root[a.id]] = i
        self.fetched = {self.root[v.id] for v in plan.outputs if v.__class__ is Node}
        for value in plan.leaving():
            if value.__class__ is Node:
                self.last[self.root[value.id]] = _NEVER
        self._keep_what_results_may_share()
        self.by_id = {n.id: n for n in (*plan.inputs, *plan.nodes)}
        self.inner = self._inner()
        self.final = self._final()
        self.owner: dict[int, str] = {}                # root -> buffer name, while it is alive
        self.free: dict[Any, list[str]] = {}
        self.buffers = {} if buffers is None else buffers
        self.block_sized = 0

    def _keep_what_results_may_share(self) -> None:
        """The results of a cond or loop may be views of its arguments, which must live as long."""
        until: dict[int, int] = {}
        for node in reversed(self.plan.nodes):
            if node.prim == "item" and node.args[0].prim in HOLDERS:
                until[node.args[0].id] = max(until.get(node.args[0].id, 0), self.last.get(node.id, 0))
            elif node.id in until:
                for a in node.args:
                    if a.__class__ is Node:
                        base = self.root[a.id]
                        self.last[base] = max(self.last[base], until[node.id])

    def _inner(self) -> dict[int, int]:
        """Nodes whose values only their own group reads: {node id: group}."""
        outside = {self.root[v.id] for v in self.plan.leaving() if v.__class__ is Node}
        for node in self.plan.nodes:
            for a in node.args:
                if a.__class__ is Node and self.groups.get(a.id) != self.groups.get(node.id, -1):
                    outside.add(a.id)
        return {i: g for i, g in self.groups.items() if i not in outside and self.by_id[i].prim != "sum"}

    def _final(self) -> dict[int, str]:
        """Nodes that may compute straight into a variable's array: every use of the old value comes earlier."""
        found: dict[int, str] = {}
        old = {n.par: n for n in self.plan.inputs if n.prim == "variable"}
        for key, value in self.plan.effects:
            slot = self.slots.get(key)
            if value.__class__ is not Node or slot is None or value.shape != slot.shape or not value.shape:
                continue
            if value.dtype != slot.dtype or value.id in self.fetched or value.id in found:
                continue
            before = old.get(key)
            if self._direct_call(value, before):
                found[value.id] = key
                continue
            if value.prim not in ELEMENTWISE and value.prim not in _FIRST_IN_PLACE and value.prim not in ("matmul", "copy"):
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
        call, index = (value.args[0], value.par) if value.prim == "item" else (value, 0)
        if call.prim != "call" or index >= call.par.mutates or before is None:
            return False
        args = [a for a in call.args if a.__class__ is Node and self.root[a.id] == before.id]
        return call.args[index] is before and len(args) == 1 and self.last.get(before.id) == self.position[call.id]

    def _same_index(self, value: Node, before: Node) -> bool:
        """Whether `value` reads an element of `before` no later than it writes the element there."""
        if value.prim in _FIRST_IN_PLACE:
            return value.args[0] is before and not any(self.root[a.id] == before.id for a in value.args[1:] if a.__class__ is Node)
        return value.prim in _IN_PLACE and all(a is before or a.__class__ is not Node or self.root[a.id] != before.id for a in value.args)

    def place(self, node: Node, i: int) -> str | None:
        """The name of the buffer that the result of `node` goes to, or None for a fresh array; frees what dies here."""
        if node.prim in VIEWS or node.shape is None or not node.shape:
            self._release(node, i, None)
            return None
        if node.id in self.final:
            self._release(node, i, None)
            return "V:" + self.final[node.id]
        if node.prim not in _BUFFERED or self.root[node.id] in self.fetched or node.dtype.kind == "O":
            self._release(node, i, None)
            return None
        group = self.inner.get(node.id)
        reused = self._dying_operand(node, i)
        if reused is not None:
            name = self.owner.pop(reused)
        else:
            waiting = self.free.get((node.shape, node.dtype, group))
            if waiting:
                name = waiting.pop()
            elif group is None:
                name = f"b{len(self.buffers)}"
                self.buffers[name] = (node.shape, node.dtype)
            else:
                self.block_sized += 1
                name = f"G:{group}:{self.block_sized}"
        self.owner[node.id] = name
        self._release(node, i, node.id)
        return name

    def _dying_operand(self, node: Node, i: int) -> int | None:
        if node.prim not in _IN_PLACE and node.prim not in _FIRST_IN_PLACE:
            return None
        for a in node.args[:1] if node.prim in _FIRST_IN_PLACE else node.args:
            if a.__class__ is Node and self.last.get(a.id) == i and a.id in self.owner and self.root[a.id] == a.id \
                    and a.shape == node.shape and a.dtype == node.dtype and self.inner.get(a.id) == self.inner.get(node.id):
                return a.id
        return None

    def _release(self, node: Node, i: int, keep: int | None) -> None:
        for a in node.args:
            if a.__class__ is Node:
                base = self.root[a.id]
                if base != keep and self.last.get(base) == i and base in self.owner:
                    owner = self.by_id[base]
                    self.free.setdefault((owner.shape, owner.dtype, self.inner.get(base)), []).append(self.owner.pop(base))
