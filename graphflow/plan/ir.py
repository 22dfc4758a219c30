"""What a plan is: nodes in order, what leaves it, what it writes. Immutable once made; passes make new plans."""
from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .layout import Layout, Place
from .node import VIEWS, Node


class Handle:
    """Stands for a variable where an operation takes the variable itself; `value` is its version there, None if unread."""
    __slots__ = ("key", "op", "value")

    def __init__(self, key: str, op: Any, value: Any = None):
        self.key, self.op, self.value = key, op, value

    shape: Any = ()
    dtype = np.dtype(object)

    def __repr__(self) -> str:
        return f"<variable {self.key}>"


class Call(NamedTuple):
    """Parameters of a `call` node: which operation, how many results, how many leading results it writes in place."""
    op: Any
    op_def: Any
    context: Any
    count: int  # type: ignore[assignment]
    mutates: int


class Plan:
    """nodes: in the order of execution. outputs: one per fetch. writes: (variable key, new value).

    layout: where an engine keeps each value, in plans that `explain` gives for an engine; else None.
    """
    __slots__ = ("layout", "nodes", "outputs", "tracer", "writes")

    def __init__(self, nodes: list[Node], outputs: list[Any], writes: list[tuple[str, Any]], tracer: Any, layout: Layout | None = None):
        self.nodes, self.outputs, self.writes, self.tracer, self.layout = nodes, outputs, writes, tracer, layout

    def replaced(self, **changes: Any) -> Plan:
        """A plan with some of its parts changed."""
        parts = {"nodes": self.nodes, "outputs": self.outputs, "writes": self.writes, "tracer": self.tracer, "layout": self.layout,
                 **changes}
        return Plan(**parts)

    def reads(self) -> list[str]:
        """Keys of the variables whose old values the plan uses."""
        return [n.par for n in self.nodes if n.prim == "variable"]

    def __str__(self) -> str:
        return describe(self)


def root(value: Any) -> Any:
    """The node that owns the memory of a (view) node."""
    while value.__class__ is Node and value.prim in VIEWS:
        value = value.args[0]
    return value


def describe(plan: Plan) -> str:
    """The plan as text: a line per node (value, primitive, arguments, shape, place, operation), then outputs and writes."""
    lines = []
    places = plan.layout.places if plan.layout is not None else {}
    for node in plan.nodes:
        shape = "?" if node.shape is None else list(node.shape)
        args = ", ".join(_argument(a) for a in node.args)
        par = "" if node.par is None else f" {_parameter(node)}"
        name = getattr(node.source, "name", "")
        where = _where(places[node.id]).ljust(30) if places else ""
        lines.append(f"{f'%{node.id}':>6} = {node.prim}({args}){par}".ljust(58) + f" {node.dtype}{shape}".ljust(20) + f"  {where}{name}")
    for i, value in enumerate(plan.outputs):
        lines.append(f"output {i} = {_argument(value)}")
    lines += [f"write {key} = {_argument(value)}" for key, value in plan.writes]
    if plan.layout is not None:
        lines.append(plan.layout.summary())
    return "\n".join(lines)


def _where(place: Place) -> str:
    return (f"loop {place.loop}, " if place.loop is not None else "") + place.words() + "  "


def _argument(value: Any) -> str:
    if value.__class__ is Node:
        return f"%{value.id}"
    if isinstance(value, np.ndarray):
        return repr(value.item()) if value.size == 1 else f"{value.dtype}{list(value.shape)}"
    return repr(value)


def _parameter(node: Node) -> str:
    if node.prim == "call":
        return node.par.op.type
    if node.prim in ("feed", "variable", "item"):
        return str(node.par)
    return "" if node.prim in ("reshape", "broadcast_to") else str(node.par)
