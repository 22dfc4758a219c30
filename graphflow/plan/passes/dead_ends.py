"""Drops nodes that nothing needs, and reads of variables that nothing needs; what has an effect stays, and so do feeds."""
from __future__ import annotations

from ..ir import Plan, has_effect
from ..node import Node


def drop_dead_ends(plan: Plan) -> Plan:
    """Only nodes that outputs, writes or effects depend on."""
    stack = [v for v in plan.leaving() if v.__class__ is Node]
    stack += [n for n in plan.nodes if has_effect(n)]
    live: set[int] = set()
    while stack:
        node = stack.pop()
        if node.id not in live:
            live.add(node.id)
            stack.extend(a for a in node.args if a.__class__ is Node)
    return plan.replaced(nodes=[n for n in plan.nodes if n.id in live],
                         inputs=[n for n in plan.inputs if n.id in live or n.prim != "variable"])
