"""Which calls may give a window on an argument, as a reshape does, where others have it copied.

An argument's memory must stay as it is while the window is read: no other value takes it later, and no variable changes in it. That holds
for what calls made, for feeds and for constants. The window must not leave the plan, nor reach a cond, a loop or a list, whose results may
be the window itself.
"""
from __future__ import annotations

from typing import Any

from ....plan.ir import Plan, maker, root
from ....plan.node import HOLDERS, Node
from ....plan.passes.memory import kept_in_lists


def windows(plan: Plan) -> dict[int, frozenset[int]]:
    """{id of such a call, among those that give one value: positions of these arguments}."""
    holders = [node for node in plan.nodes if node.prim in HOLDERS]
    lasting = [*plan.leaving(), *kept_in_lists(plan.nodes), *(a for node in holders for a in node.args)]
    held = {root(value).id for value in lasting if value.__class__ is Node}
    return {node.id: frozenset(i for i, value in enumerate(node.args) if _steady(value))
            for node in plan.nodes if node.prim == "call" and node.id not in held and _pure(node)}


def _pure(call: Node) -> bool:
    """Whether a call gives one array, and neither changes nor keeps anything."""
    op_def = call.par.op_def
    return len(call.par.results) == 1 and not call.par.mutates and not op_def.stateful and call.dtype.kind != "O"


def _steady(value: Any) -> bool:
    """Whether nothing is written into a value's memory."""
    if value.__class__ is not Node:
        return True
    base = root(value)
    if base.prim == "feed":
        return True
    call = maker(base)
    return call.prim == "call" and not call.par.mutates and not call.par.op_def.stateful and not call.par.op_def.lends
