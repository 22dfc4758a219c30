"""What the numpy engine makes of a plan, without running it: fused loops, shared buffers, writes in place."""
from __future__ import annotations

import types
from typing import Any

from ....plan.ir import Plan
from ....plan.layout import Layout, Place
from ....plan.node import VIEWS, Node
from . import blocks
from .memory import Memory


def lay_out(plan: Plan, binding: Any) -> Plan:
    """The plan in the order in which it runs, with its layout. Decides as `program` does; makes and changes no variable."""
    plan, groups = blocks.cluster(plan)
    memory = Memory(plan, _slots(plan, binding), groups)
    places = {node.id: Place("fed") if node.prim == "feed" else Place("variable", node.par) for node in plan.inputs}
    separate = 0
    for i, node in enumerate(plan.nodes):
        places[node.id] = place = _place(node, i, memory)._replace(loop=groups.get(node.id))
        if place.kind in ("buffer", "cache"):
            separate += _bytes(node.shape, node.dtype)
    buffers = {name: _bytes(shape, dtype) for name, (shape, dtype) in memory.buffers.items()}
    return plan.replaced(layout=Layout("numpy", places, len(set(groups.values())), buffers, separate))


def _slots(plan: Plan, binding: Any) -> dict[str, Any]:
    """Variables by key; one without an array yet is stood for by the shape and dtype that it will get."""
    found = {key: types.SimpleNamespace(shape=value.shape, dtype=value.dtype) for key, value in plan.effects
             if value.shape is not None and value.dtype.kind != "O"}
    arrays = {key: binding.array(key) for key in {*plan.reads(), *(key for key, _ in plan.effects)}}
    return found | {key: array for key, array in arrays.items() if array is not None}


def _place(node: Node, i: int, memory: Memory) -> Place:
    held = {memory.owner[a.id]: a.id for a in node.args if a.__class__ is Node and a.id in memory.owner}
    name = memory.place(node, i)
    if node.prim in VIEWS and node.shape and node.args[0].__class__ is Node:
        return Place("view", over=node.args[0].id)
    if name is None:
        return Place("number" if node.shape == () and node.dtype.kind != "O" else "own array")
    kind, _, key = name.partition(":")
    if kind == "V":
        return Place("in place", key)
    return Place("cache" if kind == "G" else "buffer", "" if kind == "G" else name, held.get(name))


def _bytes(shape: tuple[int, ...], dtype: Any) -> int:
    size = int(dtype.itemsize)
    for dimension in shape:
        size *= dimension
    return size
