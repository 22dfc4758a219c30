"""The way of a plan, top to bottom. Lowering folds, specialises, merges and simplifies in its one walk; passes follow."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..core.late import Late
from ..core.operation import Operation
from ..core.tensor import Tensor
from .build import Ordered, in_order, order, prune
from .effects import Effects
from .expected import Shapes
from .ir import Plan
from .lowering import Lowering
from .passes.dead_ends import drop_dead_ends
from .passes.factors import turn_factors
from .passes.fusion import fuse
from .passes.invariants import hoist
from .passes.memory import lay_out
from .passes.ownership import own
from .passes.products import narrow

HOLDERS = Late(call="graphflow.plan.branches:lower_call", branches="graphflow.plan.branches:lower_branches",
               loop="graphflow.plan.loops:lower_loop")  # at first use: saves 10 ms; operations with bodies only

PASSES: list[tuple[str, Callable[[Plan], Plan]]] = [
    ("ownership", own),
    ("dead ends", drop_dead_ends),
    ("products", narrow),
    ("invariants", hoist),
    ("factors", turn_factors),
    ("fusion", fuse),
    ("memory", lay_out),
]


def operations(targets: list[Operation], fed: list[Tensor], home: dict[Tensor, str] | None = None) -> Ordered:
    """The operations of a run or of a function, in the order in which they take effect. home: keys of the resources behind handles
    that are fed (a function's inputs)."""
    known = set(fed)
    return order(prune(targets, known), known, home)


def operations_in_turn(targets: list[Operation], fed: list[Tensor], home: dict[Tensor, str]) -> Ordered:
    """As `operations`, in the order in which they were made, whatever they do to resources."""
    ops = prune(targets, set(fed))
    return in_order(ops, Effects(ops, home, None))


def make_plan(ops: Ordered, fetches: list[Tensor], feeds: list[tuple[Tensor, tuple[int, ...]]], store: Any,
              expected: Shapes | None = None) -> Plan:
    """The plan for fed shapes, after all passes. expected: see `plan.expected`."""
    return stages(ops, fetches, feeds, store, expected)[-1][1]


def stages(ops: Ordered, fetches: list[Tensor], feeds: list[tuple[Tensor, tuple[int, ...]]], store: Any,
           expected: Shapes | None = None) -> list[tuple[str, Plan]]:
    """(name, plan) after lowering and after each pass, for printing and drawing."""
    found = [("lowered", Lowering(ops, fetches, feeds, store, HOLDERS, expected).run())]
    for name, change in PASSES:
        found.append((name, change(found[-1][1])))
    return found
