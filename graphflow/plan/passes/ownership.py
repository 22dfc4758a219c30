"""What leaves a plan owns its data, and nothing else shares it.

A fetch or a new variable value goes through a copy when its memory belongs to a variable, a feed, a constant, or to another
value that leaves the plan; a fetched view is copied too, so that users get whole, contiguous, writable arrays.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from ..ir import Plan, root
from ..node import VIEWS, Node


def own(plan: Plan) -> Plan:
    """Copies in front of outputs and writes that would share memory."""
    tracer = plan.tracer
    taken: set[int] = set()

    def copied(value: Any, key: Any) -> Any:
        return tracer.new("copy", (value,), key, value.shape, value.dtype, merge=False)

    def owned(value: Any, key: str | None = None) -> Any:
        if value.__class__ is not Node:
            return copied(value, None) if key is None and isinstance(value, np.ndarray) and value.shape else value
        if value.shape == () or (key is not None and value.prim == "variable" and value.par == key):
            return value
        base = root(value)
        view = value.prim in VIEWS and value.prim != "reshape"
        if base.prim in ("variable", "feed") or base.id in taken or (key is None and view):
            return copied(value, key)
        taken.add(base.id)
        return value

    outputs = [owned(v) for v in plan.outputs]
    writes = [(key, owned(v, key)) for key, v in plan.writes]
    writes = [(k, v) for k, v in writes if not (v.__class__ is Node and v.prim == "variable" and v.par == k)]
    return plan.replaced(outputs=outputs, writes=writes, nodes=tracer.nodes)
