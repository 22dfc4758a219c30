"""Drops nodes that nothing needs; stateful calls stay."""
from __future__ import annotations

from ..ir import Plan
from ..node import Node


def drop_dead_ends(plan: Plan) -> Plan:
    """Only nodes that outputs, writes or stateful calls depend on."""
    stack = [v for v in (*plan.outputs, *(v for _, v in plan.writes)) if v.__class__ is Node]
    stack += [n for n in plan.nodes if n.prim == "call" and n.par.op_def.stateful]
    live: set[int] = set()
    while stack:
        node = stack.pop()
        if node.id not in live:
            live.add(node.id)
            stack.extend(a for a in node.args if a.__class__ is Node)
    return plan.replaced(nodes=[n for n in plan.nodes if n.id in live])
