"""Plans as text: a line per input and node (value, primitive, arguments, shape, place, operation), then outputs and writes."""
from __future__ import annotations

from typing import Any

import numpy as np

from .layout import Place
from .node import Node, bodies


def describe(plan: Any) -> str:
    """The plan as text. Bodies of `cond` and `loop` follow their node, set in, each with its own inputs and outputs.

    Numbers count from the plan's first value, so that they stay the same from pass to pass and from run to run.
    """
    first = first_number(plan)
    lines = _lines(plan, first, plan.layout.places if plan.layout is not None else {})
    if plan.layout is not None:
        lines.append(plan.layout.summary())
    return "\n".join(lines)


def first_number(plan: Any) -> int:
    """The smallest id of a plan's values, those of its bodies too: what numbers shown to people count from."""
    return min((n.id if not bodies(n) else min(n.id, *map(first_number, bodies(n).values()))
                for n in (*plan.inputs, *plan.nodes)), default=1 << 62)


def _lines(plan: Any, first: int, places: dict[int, Place]) -> list[str]:
    lines = []
    for node in (*plan.inputs, *plan.nodes):
        shape = "?" if node.shape is None else list(node.shape)
        args = ", ".join(_argument(a, first) for a in node.args)
        par = "" if node.par is None or bodies(node) else f" {_parameter(node)}"
        name = getattr(node.source, "name", "")
        loop = None if places else (plan.fused or {}).get(node.id)
        where = _where(places[node.id], first).ljust(30) if node.id in places else f"loop {loop}".ljust(10) if loop is not None else ""
        number = f"%{node.id - first}"
        lines.append(f"{number:>6} = {node.prim}({args}){par}".ljust(58) + f" {node.dtype}{shape}".ljust(20) + f"  {where}{name}")
        for title, body in bodies(node).items():
            lines.append(f"           {title}:")
            inside = body.layout.places if body.layout is not None else {}
            lines += ["        " + line for line in _lines(body, first, inside)]
    lines += [f"output {i} = {_argument(value, first)}" for i, value in enumerate(plan.outputs)]
    return lines + [f"write {key} = {_argument(value, first)}" for key, value in plan.effects]


def _where(place: Place, first: int) -> str:
    return (f"loop {place.loop}, " if place.loop is not None else "") + place.words(first) + "  "


def _argument(value: Any, first: int) -> str:
    if value.__class__ is Node:
        return f"%{value.id - first}"
    if isinstance(value, np.ndarray):
        return repr(value.item()) if value.size == 1 else f"{value.dtype}{list(value.shape)}"
    return repr(value)


def _parameter(node: Node) -> str:
    if node.prim == "call":
        return str(node.par.op.type)
    return "" if node.prim in ("reshape", "broadcast_to") else str(node.par)
