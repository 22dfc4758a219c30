"""What is the same in every turn of a loop is computed once, before it.

Only what can raise nothing is moved, as the loop may have no turn: primitives on numbers whose shapes are known.
"""
from __future__ import annotations

from typing import Any

from ..bodies import Loop, again, argument, before_use, rebuilt, with_bodies
from ..ir import Plan
from ..node import ELEMENTWISE, VIEWS, Node
from .dead_ends import drop_dead_ends

_MOVED = ELEMENTWISE | VIEWS | {"sum", "prod", "any", "all", "matmul", "einsum", "concatenate", "copy"}


def hoist(plan: Plan) -> Plan:
    """The plan with loops that compute nothing anew that stays the same; inner loops first."""
    found = _level(with_bodies(plan, _level))
    return plan if found is plan else drop_dead_ends(found)         # captures that only took part in what was moved


def _level(plan: Plan) -> Plan:
    """The plan with the loops directly in it relieved."""
    if not any(node.prim == "loop" for node in plan.nodes):
        return plan
    before: list[Node] = []

    def make(node: Node, args: tuple[Any, ...]) -> Any:
        if node.prim != "loop":
            return None
        made, moved = _relieved(node, args)
        if made is None:
            return None
        before.extend(moved)
        return made

    found = rebuilt(plan, make)
    return before_use(found, before) if before else plan


def _relieved(loop: Node, args: tuple[Any, ...]) -> tuple[Node | None, list[Node]]:
    """(the loop without what stays the same, the nodes that give it), None where there is nothing."""
    parts, count = list(loop.par), len(loop.par.body.outputs)
    moved: list[Node] = []
    for k, part in enumerate(parts):
        known: dict[int, Any] = {node.id: value for node, value in zip(part.inputs[count:], args[count:])}
        mine: list[Node] = []                       # of this part, in place of which captures come
        for node in part.nodes:
            if not _movable(node) or any(a.__class__ is Node and a.id not in known for a in node.args):
                continue
            given = tuple([known[a.id] if a.__class__ is Node else a for a in node.args])
            if any(a.__class__ is Node for a in given):
                outside = again(node, given, node.par)
                known[node.id] = outside
                moved.append(outside)
                mine.append(node)
        if not mine:
            continue
        gone = {node.id for node in mine}
        kept = [node for node in part.nodes if node.id not in gone]
        taken = {a.id for node in kept for a in node.args if a.__class__ is Node}
        taken |= {v.id for v in part.outputs if v.__class__ is Node}
        captured = [node for node in mine if node.id in taken]
        parts[k] = _with(part, captured, kept)
        other = 1 - k
        parts[other] = parts[other].replaced(inputs=[*parts[other].inputs, *(argument(node) for node in captured)])
        args = (*args, *(known[node.id] for node in captured))
    return (again(loop, args, Loop(*parts)), moved) if moved else (None, [])


def _with(part: Plan, captured: list[Node], kept: list[Node]) -> Plan:
    """A test or body that is given some of its values, without the nodes that gave them."""
    stands = {node.id: argument(node, node.source) for node in captured}
    inputs = [*part.inputs, *stands.values()]
    new: dict[int, Any] = dict(stands)
    nodes = []

    def now(value: Any) -> Any:
        return new.get(value.id, value) if value.__class__ is Node else value

    for node in kept:
        args = tuple([now(a) for a in node.args])
        if any(a is not b for a, b in zip(args, node.args)):
            new[node.id] = node = again(node, args, node.par)
        nodes.append(node)
    return part.replaced(inputs=inputs, nodes=nodes, outputs=[now(v) for v in part.outputs])


def _movable(node: Node) -> bool:
    if node.prim not in _MOVED or node.dtype.kind == "O" or node.shape is None:
        return False
    if node.prim == "power" and node.dtype.kind in "iu":        # numpy refuses negative exponents
        return False
    return all(a.shape is not None and a.dtype.kind != "O" for a in node.args)
