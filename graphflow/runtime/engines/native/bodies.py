"""Branches and loops' bodies in native code: Python decides and turns over lists, each turn's arrays are computed by one call or a few.

A body has steps, cells and memory like the plan, in the same table. What it takes is bound when it runs: what a loop carries, elements of
lists, what the host computed. Captured arrays that stay where they are (variables, constants, the plan's own memory) are bound to nothing:
their cell is the outer one. What leaves a body is an array of its own, or takes the place of the carried one before.
"""
from __future__ import annotations

import math
from typing import Any

import numpy as np

from ....plan.ir import Plan
from ....plan.node import Node
from .arrange import Arrangement

WORTH = 3          # nodes that are no numbers: with fewer, numpy is as quick as a call


def arranged(writer: Any, body: Plan) -> Arrangement | None:
    """A body's items; None where numpy's code does as well."""
    over = {value.id: place.over for value in body.outputs if value.__class__ is Node
            for place in [writer.places.get(value.id)] if place is not None and place.kind == "carried"}
    found = Arrangement(body, writer.arrangement.slots, over)
    work = sum(len(item.nodes) + 3 * (item.kind == "product") for item in found.items if item.kind != "host" and math.prod(item.shape) > 1)
    if work < WORTH:
        return None
    writer.arrangement.merge(found)
    for node in body.nodes:
        writer.places[node.id] = found.place(node, {})
    return found


def stands(writer: Any, node: Node) -> None:
    """Notes what the captures of a cond or loop are outside."""
    count = len(node.par.body.outputs) if node.prim == "loop" else 0
    args = node.args[node.prim == "cond":]
    for body in node.par:
        for inside, value in zip(body.inputs[count:], args[count:]):
            writer.stands[inside.id] = value


def write(writer: Any, body: Plan, found: Arrangement) -> None:
    """The lines of a body."""
    table = writer.table
    writer.taken.update((node.args[0].id, node.par) for node in body.nodes if node.prim == "item")
    native = {base.id for item in found.items if item.kind != "host" for node in item.nodes for base in map(found.base, node.args)
              if base.__class__ is Node}
    bound = []
    for node in body.inputs:
        outer = _home(writer, node) if node.id in native else None
        if outer is not None:
            table.alias(node.id, outer)
        elif node.shape == () and node.id in native:
            writer.number_for(node, writer.names[node.id])
        elif node.id in native or node.id in found.carried.values():
            bound.append(node)
    for node in bound:
        writer.lines.append(f"x{node.id} = {writer.names[node.id]}")
        writer.bind(node, f"x{node.id}")
    inputs = {node.id: node for node in bound}
    for value, before in found.carried.items():
        table.alias(value, inputs[before])
        writer.names[value] = writer.names[before]
    for node in found.fresh.values():
        writer.lines.append(f"o{node.id} = np.empty({node.shape}, {writer.constant(node.dtype)})")
        writer.bind(node, f"o{node.id}")
    for i, item in enumerate(found.items):
        if item.kind == "host":
            writer.host(item.nodes[0], i)
        else:
            writer.prepare(item)
            table.add(item)
    writer.settle()


def _home(writer: Any, node: Node) -> Any:
    """What owns the memory of a capture, where that is bound or known before the body runs; None where the body must bind it."""
    value = writer.stands.get(node.id)
    if isinstance(value, np.ndarray):
        return value if value.flags.c_contiguous and value.dtype == node.dtype and value.shape == node.shape else None
    if value.__class__ is not Node or value.shape != node.shape:
        return None
    if value.prim == "argument":
        return value if value.id in writer.table.aliases else None
    return value if value.prim == "variable" or (value.id in writer.arrangement.slot and value.id not in writer.from_host) else None
