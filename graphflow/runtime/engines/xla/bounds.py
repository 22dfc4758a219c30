"""How often a loop turns at most, and by how many elements a list grows in a turn: for the room that lists need in compiled code."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ....plan.ir import Plan
from ....plan.node import Node, Untraceable
from .lists import grows


def at_most(value: Any, outer: Mapping[int, Any]) -> int | None:
    """An integer that a value never exceeds: of constants, counters of loops, and captures of them. outer: what arguments stand for."""
    if value.__class__ is not Node:
        return int(value) if np.ndim(value) == 0 and value.dtype.kind in "iu" else None
    if value.prim == "argument" and value.id in outer:
        return at_most(outer[value.id], outer)
    if value.prim == "item" and value.args[0].prim == "loop":
        node = value.args[0]
        step, most = _step(node.par.body, value.par), turns(node, outer)
        first = at_most(node.args[value.par], outer)
        return None if step is None or most is None or first is None else first + step * most
    if value.prim == "minimum":
        known = [bound for bound in (at_most(a, outer) for a in value.args) if bound is not None]
        return min(known, default=None)
    return None


def _step(body: Plan, k: int) -> int | None:
    """By how much the k-th carried value grows each turn, if it is a counter."""
    out = body.outputs[k]
    if out.__class__ is not Node or out.prim != "add":
        return None
    a, b = out.args if out.args[0] is body.inputs[k] else out.args[::-1]
    known = a is body.inputs[k] and b.__class__ is not Node and np.ndim(b) == 0 and b.dtype.kind in "iu" and b > 0
    return int(b) if known else None


def turns(node: Node, outer: Mapping[int, Any]) -> int | None:
    """How often a loop turns at most, where a counter is compared with something bounded."""
    test, count = node.par.test, len(node.par.body.outputs)
    place = {value.id: k for k, value in enumerate(test.inputs)}
    found = []
    conditions = [test.outputs[0]]
    while conditions:
        condition = conditions.pop()
        if condition.__class__ is not Node:
            continue
        if condition.prim == "logical_and":
            conditions += condition.args
        if condition.prim in ("less", "greater"):
            counter, limit = condition.args if condition.prim == "less" else condition.args[::-1]
            k = place.get(counter.id, count) if counter.__class__ is Node else count
            step = _step(node.par.body, k) if k < count else None
            if limit.__class__ is Node and limit.id in place:
                limit = node.args[place[limit.id]] if place[limit.id] >= count else None
            most = None if limit is None else at_most(limit, outer)
            first = node.args[k] if k < count else None
            if step is not None and most is not None and first.__class__ is not Node and first is not None:
                found.append(max(0, -(-(most - int(first)) // step)))
    return min(found, default=None)


def pushes(body: Plan, k: int, outer: Mapping[int, Any]) -> int:
    """How many elements the k-th list gains in one turn at most. Untraceable where the plan does not show it."""
    return _gained(body.outputs[k], outer)


def _gained(value: Any, outer: Mapping[int, Any]) -> int:
    gained = 0
    while value.__class__ is Node and value.prim != "argument":
        if value.prim == "item" and value.args[0].prim == "loop":
            node = value.args[0]
            each = pushes(node.par.body, value.par, outer)
            most = turns(node, outer) if each else 0
            if most is None:
                raise Untraceable("a list that grows in a loop of unknown length")
            gained += each * most
            value = node.args[value.par]
        elif value.prim == "item" and value.args[0].prim == "cond":
            node = value.args[0]
            branches = [(_gained(plan.outputs[value.par], outer), plan) for plan in node.par]
            return gained + max(n for n, _ in branches) + max(_gained(node.args[1 + i], outer) for i in _lists_of(node))
        elif value.prim == "item":
            value = value.args[0]
        elif value.prim == "call" and value.args:
            gained += grows(value)
            value = value.args[0]
        else:
            return gained
    return gained


def _lists_of(node: Node) -> list[int]:
    """Which captures of a cond are lists; 0 stands in where none is."""
    return [i for i, a in enumerate(node.args[1:]) if a.dtype.kind == "O"] or [0]
