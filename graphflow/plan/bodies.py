"""Plans inside plans: branches of `cond`, test and body of `loop`.

A body is a closed plan too: all that it takes from outside is listed among its inputs (nodes `argument`), in the order of its node's
arguments. cond(predicate, *captures): both branches take the captures. loop(*carried, *captures): test and body take all of them; the
body's outputs are the next carried values, the test's one output says whether the body runs again. Resources that a body touches are
values like others: carried in, given back. `item` nodes take the results.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from .ir import Plan, root
from .node import HOLDERS, INPUTS, Node, bodies


class Cond(NamedTuple):
    """Parameters of a `cond` node: the branches, of equally many outputs with equal dtypes."""
    then: Plan
    orelse: Plan


class Loop(NamedTuple):
    """Parameters of a `loop` node. The first len(body.outputs) inputs are carried."""
    test: Plan
    body: Plan


def results(node: Node) -> list[tuple[Any, Any]]:
    """(shape, dtype) of what a cond or loop gives; a shape that the branches do not share is None."""
    if node.prim == "loop":
        return [(value.shape, value.dtype) for value in node.par.body.inputs[:len(node.par.body.outputs)]]
    return [(a.shape if a.shape == b.shape else None, a.dtype) for a, b in zip(node.par.then.outputs, node.par.orelse.outputs)]


def argument(value: Any, source: Any = None) -> Node:
    """An input of a body that stands for `value`, of its shape and dtype."""
    made = Node("argument", (), None, value.shape, value.dtype, source)
    made.contents = getattr(value, "contents", None)
    return made


def aligned(parts: Sequence[tuple[Plan, Sequence[Any]]], own: int = 0) -> tuple[list[Plan], list[Any]]:
    """Bodies with the same captures, and these captures. parts: bodies, each with what its inputs after the first `own` stand for."""
    union: dict[int, Any] = {}
    for _, captures in parts:
        union.update((id(value), value) for value in captures)
    found = []
    for plan, captures in parts:
        inputs = {id(value): node for value, node in zip(captures, plan.inputs[own:])}
        more = [inputs[key] if key in inputs else argument(value) for key, value in union.items()]
        found.append(plan.replaced(inputs=[*plan.inputs[:own], *more]))
    return found, list(union.values())


def owns_memory(value: Any) -> bool:
    """Whether a value's memory is certainly its own: no input's, no constant's, and of a cond's or loop's results no other's."""
    if value.__class__ is not Node:
        return False
    base = root(value)
    if base.prim in INPUTS:
        return False
    holder = base.args[0] if base.prim == "item" else None
    maker = base if holder is None else holder
    if maker.prim == "call":
        return base.dtype.kind == "O" or not maker.par.op_def.lends
    if holder is None or not bodies(holder):
        return True
    if holder.prim == "loop":                   # without a turn it gives what it got
        return False
    for branch in holder.par:
        mine = branch.outputs[base.par]
        if not owns_memory(mine) or sum(v.__class__ is Node and root(v) is root(mine) for v in branch.outputs) > 1:
            return False
    return True


def with_bodies(plan: Plan, change: Callable[[Plan], Plan]) -> Plan:
    """The plan with `change` made to every body in it, innermost first; the plan itself if that changes nothing."""
    changed: dict[int, Any] = {}
    for node in plan.nodes:
        if node.prim in HOLDERS:
            old = bodies(node)
            new = {name: change(with_bodies(body, change)) for name, body in old.items()}
            if any(new[name] is not body for name, body in old.items()):
                changed[node.id] = node.par._replace(**new)
    if not changed:
        return plan
    return rebuilt(plan, lambda node, args: again(node, args, changed[node.id]) if node.id in changed else None)


def rebuilt(plan: Plan, make: Callable[[Node, tuple[Any, ...]], Any]) -> Plan:
    """The plan with other nodes: make(node, its arguments by now) gives the value that stands for a node, or None to keep the node.

    Nodes that are kept and whose arguments changed are made anew; what an engine noted about the old plan is left out.
    """
    new: dict[int, Any] = {}
    there = {node.id for node in plan.inputs}
    nodes: list[Node] = []

    def now(value: Any) -> Any:
        return new.get(value.id, value) if value.__class__ is Node else value

    for node in plan.nodes:
        args = tuple([now(a) for a in node.args])
        found = make(node, args)
        if found is None:
            found = node if same(args, node.args) else again(node, args, node.par)
        if found is not node:
            new[node.id] = found
        if found.__class__ is Node and found.id not in there:
            there.add(found.id)
            nodes.append(found)
    return plan.replaced(nodes=nodes, outputs=[now(v) for v in plan.outputs],
                         effects=[w._replace(value=now(w.value)) for w in plan.effects])


def before_use(plan: Plan, made: list[Node]) -> Plan:
    """The plan with further nodes, each where all that it takes is there."""
    place = {node.id: i for i, node in enumerate(plan.nodes)}
    at: dict[int, list[Node]] = {}
    for node in made:
        i = max((place.get(a.id, -1) for a in node.args if a.__class__ is Node), default=-1)
        place[node.id] = i
        at.setdefault(i, []).append(node)
    nodes = list(at.get(-1, ()))
    for i, node in enumerate(plan.nodes):
        nodes += [node, *at.get(i, ())]
    return plan.replaced(nodes=nodes)


def all_nodes(plan: Plan) -> Iterator[Node]:
    """The nodes of a plan and of its bodies."""
    for node in plan.nodes:
        yield node
        for body in bodies(node).values() if node.prim in HOLDERS else ():
            yield from all_nodes(body)


def same(some: Sequence[Any], others: Sequence[Any]) -> bool:
    """Whether two lists hold the very same values (`==` of nodes makes a node)."""
    return len(some) == len(others) and all(a is b for a, b in zip(some, others))


def again(node: Node, args: tuple[Any, ...], par: Any) -> Node:
    """The node with other arguments and parameters."""
    return Node(node.prim, args, par, node.shape, node.dtype, node.source)
