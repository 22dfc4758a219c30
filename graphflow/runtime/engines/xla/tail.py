"""Plans that end on the host: what a device cannot do (summaries, strings, printing) with values that it gave, and what depends on that."""
from __future__ import annotations

from typing import Any, NamedTuple

from ....plan.bodies import all_nodes
from ....plan.ir import Handle, Plan, has_effect
from ....plan.node import HOLDERS, Node, bodies
from .trace import traceable


class Split(NamedTuple):
    """front: the plan for the device; its outputs are the feeds of `tail`, which has the whole plan's outputs, after those of `fed`."""
    front: Plan
    tail: Plan
    fed: tuple[int, ...]


def split(plan: Plan) -> Split | None:
    """A plan in two; None where no tail of it can be left to the host: variables get values from there, or state is read or changed."""
    strange = {node.id for node in plan.inputs if not traceable(node)}
    if any(node.id in strange and node.prim != "feed" for node in plan.inputs):
        return None
    late = set(strange)
    for node in plan.nodes:
        if not _whole(node) or any(arg.__class__ is Node and arg.id in late for arg in node.args):
            if not _movable(node):
                return None
            late.add(node.id)
    if any(write.value.__class__ is Node and write.value.id in late for write in plan.effects):
        return None
    moved = [node for node in plan.nodes if node.id in late]
    wanted: dict[int, Node] = {}
    for value in [arg for node in moved for arg in node.args] + [v for v in plan.outputs if v.__class__ is Node]:
        if value.__class__ is Node and value.id not in late:
            wanted[value.id] = value
    if any(value.shape is None or value.dtype.kind == "O" for value in wanted.values()):
        return None
    fed = [node for node in plan.inputs if node.id in strange]
    given = [*fed, *wanted.values()]
    stands = {value.id: Node("feed", (), place, value.shape, value.dtype, value.source) for place, value in enumerate(given)}
    nodes = []
    for node in moved:
        stands[node.id] = Node(node.prim, tuple(_now(arg, stands) for arg in node.args), node.par, node.shape, node.dtype, node.source)
        nodes.append(stands[node.id])
    front = plan.replaced(inputs=[node for node in plan.inputs if node.id not in strange],
                          nodes=[node for node in plan.nodes if node.id not in late], outputs=list(wanted.values()))
    tail = Plan([stands[value.id] for value in given], nodes, [_now(value, stands) for value in plan.outputs], ())
    return Split(front, tail, tuple(node.par for node in fed))


def _whole(node: Node) -> bool:
    """Whether a node can be part of compiled code with all that its bodies hold."""
    inner = (each for body in bodies(node).values() for each in all_nodes(body)) if node.prim in HOLDERS else ()
    return traceable(node) and all(map(traceable, inner))


def _now(value: Any, stands: dict[int, Node]) -> Any:
    return stands[value.id] if value.__class__ is Node else value


def _movable(node: Node) -> bool:
    """Whether a node may run after all that a device does: it takes no variable itself, and keeps no other node from running."""
    if node.prim == "call":
        return not node.par.mutates and not node.par.guards and not any(arg.__class__ is Handle for arg in node.args)
    return not has_effect(node)
