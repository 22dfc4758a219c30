"""What leaves a plan owns its data, and nothing else shares it.

A fetch or a new variable value goes through a copy when its memory belongs to a variable, a feed, a constant, or to another
value that leaves the plan; a fetched view is copied too, so that users get whole, contiguous, writable arrays.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from ..bodies import owns_memory
from ..ir import Plan, Write, root
from ..node import VIEWS, Node


def own(plan: Plan) -> Plan:
    """Copies in front of outputs and writes that would share memory."""
    taken: set[int] = set()
    copies: list[Node] = []

    def copied(value: Any) -> Any:
        copies.append(Node("copy", (value,), None, value.shape, value.dtype, getattr(value, "source", None)))
        return copies[-1]

    def owned(value: Any, key: str | None = None) -> Any:
        if value.__class__ is not Node:
            return copied(value) if key is None and isinstance(value, np.ndarray) and value.shape else value
        if value.shape == () or (key is not None and value.prim == "variable" and value.par == key):
            return value
        base = root(value)
        view = value.prim in VIEWS and value.prim != "reshape"
        if not owns_memory(value) or base.id in taken or (key is None and view):
            return copied(value)
        taken.add(base.id)
        return value

    outputs = [owned(v) for v in plan.outputs]
    effects = [Write(key, owned(v, key)) for key, v in plan.effects]
    effects = [w for w in effects if not (w.value.__class__ is Node and w.value.prim == "variable" and w.value.par == w.key)]
    if not copies and len(effects) == len(plan.effects):
        return plan
    return plan.replaced(outputs=outputs, effects=effects, nodes=[*plan.nodes, *copies])
