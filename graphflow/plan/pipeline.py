"""The way of a plan, top to bottom. Lowering folds, specialises, merges and simplifies in its one walk; passes follow."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..core.operation import Operation
from ..core.tensor import Tensor
from .build import Ordered, order, prune
from .ir import Plan
from .lowering import Lowering
from .passes.dead_ends import drop_dead_ends
from .passes.fusion import fuse
from .passes.memory import lay_out
from .passes.ownership import own

PASSES: list[tuple[str, Callable[[Plan], Plan]]] = [
    ("ownership", own),
    ("dead ends", drop_dead_ends),
    ("fusion", fuse),
    ("memory", lay_out),
]


def operations(targets: list[Operation], fed: list[Tensor], home: dict[Tensor, str] | None = None) -> Ordered:
    """The operations of a run or of a function, in the order in which they take effect. home: keys of the resources behind handles
    that are fed (a function's inputs)."""
    known = set(fed)
    return order(prune(targets, known), known, home)


def make_plan(ops: Ordered, fetches: list[Tensor], feeds: list[tuple[Tensor, tuple[int, ...]]], store: Any) -> Plan:
    """The plan for fed shapes, after all passes."""
    return stages(ops, fetches, feeds, store)[-1][1]


def stages(ops: Ordered, fetches: list[Tensor], feeds: list[tuple[Tensor, tuple[int, ...]]],
           store: Any) -> list[tuple[str, Plan]]:
    """(name, plan) after lowering and after each pass, for printing and drawing."""
    found = [("lowered", Lowering(ops, fetches, feeds, store).run())]
    for name, change in PASSES:
        found.append((name, change(found[-1][1])))
    return found
