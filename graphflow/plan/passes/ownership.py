"""What leaves a plan owns its data: a fetch or a new variable value that is, or views, an input goes through a copy."""
from __future__ import annotations

from typing import Any

from ..ir import Plan, root
from ..node import Node


def own(plan: Plan) -> Plan:
    """Copies in front of outputs and writes whose memory belongs to a variable, a feed, or to another write."""
    tracer = plan.tracer
    taken: set[int] = set()

    def owned(value: Any, key: str | None = None) -> Any:
        if value.__class__ is not Node or value.shape == ():
            return value
        base = root(value)
        if key is not None and value.prim == "variable" and value.par == key:
            return value
        if base.prim in ("variable", "feed") or (key is not None and base.id in taken):
            return tracer.new("copy", (value,), key, value.shape, value.dtype, merge=False)
        if key is not None:
            taken.add(base.id)
        return value

    outputs = [owned(v) for v in plan.outputs]
    writes = [(key, owned(v, key)) for key, v in plan.writes]
    writes = [(k, v) for k, v in writes if not (v.__class__ is Node and v.prim == "variable" and v.par == k)]
    return plan.replaced(outputs=outputs, writes=writes, nodes=tracer.nodes)
