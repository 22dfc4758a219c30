"""Lists that a loop turns over, version by version: those of which nothing else has an old version, so that an engine may change one
list in place of making versions.

The calls on such a list form a line: some read a version, then one makes the next; the last version is the body's output.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .ir import Plan
from .node import HOLDERS, Node, bodies


class Held(NamedTuple):
    """What a loop does to lists. carried: {place of a carried list: the calls on it}. taken: {place of a captured list: its reads}.
    body: the loop's body, in which each read of a version comes before the call that makes the next one."""
    carried: Mapping[int, tuple[Node, ...]]
    taken: Mapping[int, tuple[Node, ...]]
    body: Plan


class _Users:
    """Who takes each value of a body, and where."""

    def __init__(self, body: Plan):
        self.place = {node.id: i for i, node in enumerate(body.nodes)}
        self.outputs = [v.id for v in body.outputs if v.__class__ is Node]
        self.takers: dict[int, list[Node]] = {}
        for node in body.nodes:
            for a in node.args:
                if a.__class__ is Node:
                    self.takers.setdefault(a.id, []).append(node)

    def of(self, value: Node) -> list[Node]:
        return self.takers.get(value.id, [])

    def ready(self, read: Node, maker: Node) -> bool:
        """Whether all that a read takes is there before another call."""
        return all(a.__class__ is not Node or self.place.get(a.id, -1) < self.place[maker.id] for a in read.args)


def held(loop: Node, nested: bool) -> Held:
    """The lists of a loop whose calls stand in its body. nested: the loop stands in a body itself, and may begin any number of times:
    its lists must not be copied when it begins, unless they were made just before."""
    test, body = loop.par
    count = len(body.outputs)
    users = _Users(body)
    carried: dict[int, tuple[Node, ...]] = {}
    late: dict[int, list[Node]] = {}            # call that makes a version -> the reads of the one before that stand behind it
    for k, start in enumerate(body.inputs[:count]):
        if start.dtype.kind == "O" and not _takes(test, test.inputs[k]) and not (nested and not _is_fresh(loop.args[k])):
            calls = _line(start, body.outputs[k], users, late)
            if calls is not None:
                carried[k] = calls
    taken = {k: tuple(users.of(start)) for k, start in enumerate(body.inputs[count:], count)
             if users.of(start) and all(_use(call, start) == "get" for call in users.of(start)) and not _takes(test, test.inputs[k])}
    if nested and (carried or len(taken) > 1 or sum(map(_takes_list, _calls(body))) > sum(map(len, taken.values()))):
        taken = {}                  # another version of the same list may be asked for, which turns this one into it
    moved = {read.id for reads in late.values() for read in reads}
    if moved:
        nodes = [each for node in body.nodes if node.id not in moved for each in (*late.get(node.id, ()), node)]
        body = body.replaced(nodes=nodes)
    return Held(carried, taken, body)


def _line(start: Node, end: Any, users: _Users, late: dict[int, list[Node]]) -> tuple[Node, ...] | None:
    """The calls on the versions from `start` to `end`; None where anything else takes one."""
    found: list[Node] = []
    behind: dict[int, list[Node]] = {}
    version = start
    while True:
        uses = [(_use(call, version), call) for call in users.of(version)]
        reads, makers = [call for use, call in uses if use == "get"], [call for use, call in uses if use not in ("", "get")]
        last = version is end
        if len(reads) + len(makers) < len(uses) or len(makers) == last or users.outputs.count(version.id) != last:
            return None
        found += reads
        if not makers:
            late.update(behind)
            return tuple(found)
        (maker,) = makers
        behind[maker.id] = [read for read in reads if users.place[read.id] > users.place[maker.id]]
        if not all(users.ready(read, maker) for read in reads):
            return None
        found.append(maker)
        if maker.par.op_def.on_list == "pop":
            rest = [item for item in users.of(maker) if item.par == 0]
            if len(rest) != 1:
                return None
            version = rest[0]
        else:
            version = maker


def _use(call: Node, version: Node) -> str:
    """What a call does to the list that it takes first: "get", or how it makes the next version; "" for any other use."""
    if not _is_on_list(call) or call.par.op_def.element_dtype.np.kind == "O":
        return ""
    if call.args[0] is not version or any(a is version for a in call.args[1:]):
        return ""
    use: str = call.par.op_def.on_list
    return use


def _is_on_list(node: Node) -> bool:
    return node.prim == "call" and node.par.op_def.on_list != ""


def _takes_list(call: Node) -> bool:
    return any(a.dtype.kind == "O" for a in call.args)


def _takes(plan: Plan, value: Node) -> bool:
    return any(a is value for node in plan.nodes for a in node.args) or any(v is value for v in plan.outputs)


def _calls(plan: Plan) -> Iterator[Node]:
    for node in plan.nodes:
        if node.prim == "call":
            yield node
        for body in bodies(node).values() if node.prim in HOLDERS else ():
            yield from _calls(body)


def _is_fresh(value: Any) -> bool:
    """Whether a list was made where it is, so that to copy it takes no longer than that."""
    if value.__class__ is not Node:
        return True
    if value.prim == "item" and value.args[0].prim == "loop":
        return _is_fresh(value.args[0].args[value.par])
    if value.prim == "item" and value.args[0].prim == "call":
        return value.par == 1                   # an element of a list of lists
    return value.prim == "call" and value.par.op_def.on_list not in ("push", "set")
