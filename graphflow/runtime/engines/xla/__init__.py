"""The xla engine: a plan becomes one function that JAX compiles for the CPU or an accelerator.

values.py      variables as arrays of JAX's
primitives.py  what each primitive of a plan is in jax.numpy; kernels.py has convolutions, pools, segments and their like
lists.py       lists of tensors; bounds.py says how long they get
trace.py       a plan, with its conds and loops, as a function that JAX traces
mesh.py        where arrays lie, on several devices
program.py     compiling, checks, random streams, what leaves and enters
"""
from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from ....plan.ir import Plan
from ....plan.node import Node, Untraceable
from ..fallback import Staged
from .mesh import Placement
from .program import Program
from .trace import has_lists, traceable
from .values import XlaValue, x64

if TYPE_CHECKING:
    from ..engine import Engine

__all__ = ["ENGINE"]


class XlaEngine:
    """Variables are JAX's arrays on its default device; plans with operations that have no place there run on the numpy engine."""
    name = "xla"
    on_host = True

    def __init__(self, placement: Placement | None = None):
        self.placement = placement or Placement()

    def allocate(self, shape: tuple[int, ...], dtype: np.dtype[Any], key: str = "") -> XlaValue:
        return XlaValue(shape, dtype, self.placement.variable(key, shape))

    def read(self, value: XlaValue) -> np.ndarray:
        return np.asarray(value.data)

    def write(self, value: XlaValue, array: np.ndarray) -> None:
        with x64():
            value.data = jax.device_put(np.array(array), value.where) if value.on_device else np.array(array)

    def memory(self, value: XlaValue) -> np.ndarray | None:
        return None

    def supports(self, node: Node) -> bool:
        return traceable(node)

    def lay_out(self, plan: Plan) -> Plan:
        return plan

    def compile(self, plan: Plan, binding: Any, mark: Callable[[int, Any], None] | None = None) -> Any:
        if mark is not None:
            return Staged(self, plan, binding, mark)
        program = Program(plan, binding, self.placement, lambda: Staged(self, plan, binding, None))
        if has_lists(plan):
            try:
                program.try_out()
            except Untraceable:
                return Staged(self, plan, binding, None)
        return program


ENGINE: Engine = XlaEngine()


@functools.lru_cache(maxsize=64)
def placed(mesh: str, sharding: tuple[str, ...]) -> Engine:
    """The engine for a mesh of devices, see mesh.Placement."""
    return XlaEngine(Placement(mesh, sharding))
