"""Drops nodes that nothing needs, and reads of variables that nothing needs; what has an effect stays, and so do feeds.

Bodies lose outputs that are not taken, carried values that nothing depends on, and captures that are not used.
"""
from __future__ import annotations

from typing import Any

from ..bodies import Cond, Loop, again, rebuilt, same
from ..ir import Plan, has_effect
from ..node import HOLDERS, Node, bodies


def drop_dead_ends(plan: Plan) -> Plan:
    """Only nodes that outputs, writes or effects depend on."""
    live = _live_only(plan)
    slim = _slim(live)
    return live if slim is live else _live_only(slim)       # without what only dropped parts of bodies took


def _live_only(plan: Plan) -> Plan:
    live = _live(plan, plan.leaving())
    nodes = [n for n in plan.nodes if n.id in live]
    inputs = [n for n in plan.inputs if n.id in live or n.prim != "variable"]
    if len(nodes) == len(plan.nodes) and len(inputs) == len(plan.inputs):
        return plan
    return plan.replaced(nodes=nodes, inputs=inputs)


def _live(plan: Plan, wanted: list[Any]) -> set[int]:
    """What the wanted values and all effects depend on: ids."""
    stack = [v for v in wanted if v.__class__ is Node]
    stack += [n for n in plan.nodes if has_effect(n)]
    live: set[int] = set()
    while stack:
        node = stack.pop()
        if node.id not in live:
            live.add(node.id)
            for a in node.args:
                if a.__class__ is Node:
                    stack.append(a)
    return live


def _slim(plan: Plan) -> Plan:
    """Bodies without what is not taken of them. Only live nodes are in the plan."""
    if not any(n.prim in HOLDERS for n in plan.nodes):
        return plan
    taken: dict[int, set[int]] = {}
    for node in plan.nodes:
        if node.prim == "item":
            taken.setdefault(node.args[0].id, set()).add(node.par)
    kept: dict[int, list[int]] = {}         # cond or loop, old and new -> its results that stay

    def make(node: Node, args: tuple[Any, ...]) -> Any:
        if node.prim in HOLDERS:
            new, kept[node.id] = (_slim_cond if node.prim == "cond" else _slim_loop)(node, args, taken.get(node.id, set()))
            kept[new.id] = kept[node.id]
            return new
        if node.prim == "item" and args[0].id in kept:
            place = kept[args[0].id].index(node.par)
            return node if place == node.par and args[0] is node.args[0] else again(node, args, place)
        return None

    found = rebuilt(plan, make)
    return plan if same(found.nodes, plan.nodes) else found


def _slim_cond(node: Node, args: tuple[Any, ...], taken: set[int]) -> tuple[Node, list[int]]:
    results = sorted(taken)
    branches = [drop_dead_ends(_with_outputs(b, results)) for b in node.par]
    used = [_used(b) for b in branches]
    captures = [i for i in range(len(args) - 1) if any(b.inputs[i].id in u for b, u in zip(branches, used))]
    branches = [_with_inputs(b, captures) for b in branches]
    if same(branches, node.par) and same(args, node.args):
        return node, results
    return again(node, (args[0], *(args[i + 1] for i in captures)), Cond(*branches)), results


def _slim_loop(node: Node, args: tuple[Any, ...], taken: set[int]) -> tuple[Node, list[int]]:
    test, body = bodies(node).values()
    needed = set(taken) | {i for i, x in enumerate(test.inputs[:len(body.outputs)]) if x.id in _live(test, list(test.outputs))}
    while True:
        live = _live(body, [body.outputs[i] for i in needed])
        more = {i for i in range(len(body.outputs)) if body.inputs[i].id in live} | needed
        if more == needed:
            break
        needed = more
    results = sorted(needed)
    others = [i for i in range(len(args)) if i >= len(body.outputs)]
    test = drop_dead_ends(_with_inputs(test, [*results, *others]))
    body = drop_dead_ends(_with_outputs(_with_inputs(body, [*results, *others]), results))
    used = _used(test) | _used(body)
    keep = [k for k in range(len(results) + len(others))
            if k < len(results) or test.inputs[k].id in used or body.inputs[k].id in used]
    test, body = _with_inputs(test, keep), _with_inputs(body, keep)
    if same((test, body), node.par) and same(args, node.args):
        return node, results
    positions = [*results, *others]
    return again(node, tuple([args[positions[k]] for k in keep]), Loop(test, body)), results


def _used(plan: Plan) -> set[int]:
    return _live(plan, list(plan.outputs))


def _with_outputs(plan: Plan, kept: list[int]) -> Plan:
    return plan if len(kept) == len(plan.outputs) else plan.replaced(outputs=[plan.outputs[i] for i in kept])


def _with_inputs(plan: Plan, kept: list[int]) -> Plan:
    return plan if kept == list(range(len(plan.inputs))) else plan.replaced(inputs=[plan.inputs[i] for i in kept])
