"""Shapes that only a run can tell, but that are the same in run after run: what a plan expects of them.

How many distinct numbers a batch holds changes with each batch, while what is made of them by row has the batch's size every time. A plan
that knew neither calls each operation behind by itself. So the first runs note which shapes such calls give, and a second plan takes
those that were always the same for known: all behind them is planned as if it had been known from the start. A call that then gives another
shape ends that run before it has had any effect, and the first plan does it instead (runtime.executor).
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..core.operation import Operation
from .ir import has_effect
from .node import Node

RUNS = 8              # of which the shapes are compared
WORTH = 12            # calls that know no shape: fewer are not worth a second plan
Shapes = Mapping[tuple[Operation, int], tuple[int, ...]]


class Told(dict[tuple[Operation, int], tuple[int, ...]]):
    """Shapes that hold whatever comes before them: for plans that no run follows."""


class Unexpected(Exception):
    """A call gave another shape than the plan was made for."""


class Observed:
    """What calls of unknown shapes gave. calls: how many there are; left: in how many more runs that is noted."""
    __slots__ = ("calls", "left", "shapes")

    def __init__(self) -> None:
        self.calls, self.left = 0, RUNS
        self.shapes: dict[tuple[Operation, int], tuple[int, ...] | None] = {}

    def note(self, op: Operation, values: Iterable[Any]) -> None:
        for i, value in enumerate(values):
            key, shape = (op, i), getattr(value, "shape", None)
            if self.shapes.setdefault(key, shape) != shape:
                self.shapes[key] = None

    def steady(self) -> Shapes:
        """{(operation, output): its shape in all runs so far}, where it was always the same."""
        return {key: shape for key, shape in self.shapes.items() if shape is not None}


def observable(par: Any) -> bool:
    """Whether what a `call` gives is worth a look: it has no effect, and a shape that is not known."""
    return not par.op_def.stateful and not par.mutates and any(shape is None and dtype.kind != "O" for shape, dtype in par.results)


def effective(nodes: Iterable[Node]) -> bool:
    """Whether nodes do something that a run cannot do once more: all but giving values, and checking them."""
    return any((has_effect(node) and node.prim != "check") or (node.prim == "call" and node.par.mutates) for node in nodes)


def guards(node: Node) -> bool:
    """Whether a node may end a run by its shape: nothing is written before it."""
    return node.prim == "call" and bool(node.par.guards)


def last_guard(nodes: Iterable[Node]) -> int:
    """The position of the last of these nodes that may end a run by its shape; -1 where none does."""
    return max((i for i, node in enumerate(nodes) if guards(node)), default=-1)
