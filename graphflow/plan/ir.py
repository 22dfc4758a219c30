"""What a plan is: what it is given, nodes in order, what leaves it, what it writes. Immutable; passes make new plans."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..core.late import Late
from .layout import Layout
from .node import HOLDERS, VIEWS, Node, bodies

_late = Late(describe="graphflow.plan.text:describe")  # at first use: saves 1 ms; plans that are printed


class Handle:
    """Stands for a variable where an operation takes the variable itself; `value` is its version there, None if unread."""
    __slots__ = ("key", "op", "value")

    def __init__(self, key: str, op: Any, value: Any = None):
        self.key, self.op, self.value = key, op, value

    shape: Any = ()
    size = 1
    dtype = np.dtype(object)

    def __repr__(self) -> str:
        return f"<variable {self.key}>"


class Call(NamedTuple):
    """Parameters of a `call` node: which operation, its results as (shape, dtype), how many leading results it writes in place.

    A context (of the session) is found by the operation when an engine compiles. unchecked: whether shapes or static values were unknown
    when the plan was made, so that the call itself must look at them (plan.concrete); `unread` are the shapes of variables that it gets
    no value of. guards: results whose shapes are those of earlier runs, which the call compares (plan.expected).
    """
    op: Any
    op_def: Any
    results: tuple[tuple[Any, np.dtype[Any]], ...]
    mutates: int
    unchecked: bool = False
    unread: tuple[Any, ...] = ()
    guards: tuple[int, ...] = ()


class Draws(NamedTuple):
    """Parameters of a `stream` node: the operation whose random stream moves on, by how many blocks."""
    op: Any
    blocks: int


class Write(NamedTuple):
    """A resource gets a new value when the plan has run."""
    key: str
    value: Any


class Plan:
    """A closed value: nothing in it points at a session, a store or a tracer.

    inputs: nodes without arguments; all feeds in the order of the call, then what is read of variables. nodes: in the order of
    execution. outputs: one per fetch, a node or a known array. effects: the writes, each variable at most once.
    A body (plan.bodies) has arguments for inputs, in the order in which its node gives them, and no effects of its own.
    fused, layout: notes of the passes `fusion` and `memory` about these very nodes; None where they did not run.
    """
    __slots__ = ("effects", "fused", "inputs", "layout", "nodes", "outputs")

    def __init__(self, inputs: Sequence[Node], nodes: Sequence[Node], outputs: Sequence[Any], effects: Sequence[Write],
                 fused: Mapping[int, int] | None = None, layout: Layout | None = None):
        self.inputs, self.nodes, self.outputs, self.effects = tuple(inputs), tuple(nodes), tuple(outputs), tuple(effects)
        self.fused, self.layout = fused, layout

    def replaced(self, *, inputs: Sequence[Node] | None = None, nodes: Sequence[Node] | None = None, outputs: Sequence[Any] | None = None,
                 effects: Sequence[Write] | None = None) -> Plan:
        """A plan with some of its parts changed, without the notes on the old one."""
        return Plan(self.inputs if inputs is None else inputs, self.nodes if nodes is None else nodes,
                    self.outputs if outputs is None else outputs, self.effects if effects is None else effects)

    def noted(self, *, fused: Mapping[int, int] | None = None, layout: Layout | None = None) -> Plan:
        """The same plan with other notes."""
        return Plan(self.inputs, self.nodes, self.outputs, self.effects, fused, layout)

    def reads(self) -> list[str]:
        """Keys of the variables whose old values the plan uses."""
        return [n.par for n in self.inputs if n.prim == "variable"]

    def leaving(self) -> list[Any]:
        """What leaves the plan: outputs, then written values."""
        return [*self.outputs, *(w.value for w in self.effects)]

    def __str__(self) -> str:
        return _late.describe(self)


def has_effect(node: Node) -> bool:
    """Whether a node does more than give a value, in its bodies too: it is never dropped."""
    if node.prim == "call":
        return bool(node.par.op_def.stateful)
    if node.prim in ("check", "stream"):
        return True
    return node.prim in HOLDERS and any(has_effect(inner) for body in bodies(node).values() for inner in body.nodes)


def root(value: Any) -> Any:
    """The node that owns the memory of a (view) node."""
    while value.__class__ is Node and value.prim in VIEWS:
        value = value.args[0]
    return value


def maker(value: Node) -> Node:
    """The node that computes a value: of one result among several, the node that has them."""
    return value.args[0] if value.prim == "item" else value


def overwritten(value: Any) -> Any:
    """The version of a variable that a call turns into this value where it lies; None where no call does."""
    if value.__class__ is not Node:
        return None
    call, index = maker(value), value.par if value.prim == "item" else 0
    return call.args[index] if call.prim == "call" and index < call.par.mutates else None
