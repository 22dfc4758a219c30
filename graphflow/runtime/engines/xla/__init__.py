"""The xla engine: a plan becomes one function that JAX compiles for the CPU or an accelerator.

values.py      variables as arrays of JAX's
primitives.py  what each primitive of a plan is in jax.numpy; kernels.py has convolutions, pools, segments and their like
callbacks.py   what compiled code has the host do
lists.py       lists of tensors; bounds.py says how long they get
trace.py       a plan, with its conds and loops, as a function that JAX traces
mesh.py        where arrays lie, on several devices
tail.py        plans whose end is left to the host
program.py     compiling, checks, random streams, what leaves and enters
joined.py      several hosts: how they meet, agree, and tell that one is gone; joint.py runs one step on all of them
"""
from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from ....plan.ir import Plan
from ....plan.node import Node, Untraceable
from ...hosts import Hosts
from ..fallback import Staged
from ..numpy_engine import ENGINE as NUMPY
from .joined import join
from .joint import JointPlacement, JointProgram
from .mesh import Placement
from .program import Program, Tail
from .tail import split
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
        self.spread = placement if isinstance(placement, JointPlacement) else None

    def allocate(self, shape: tuple[int, ...], dtype: np.dtype[Any], key: str = "") -> XlaValue:
        return XlaValue(shape, dtype, key, self.placement)

    def read(self, value: XlaValue) -> np.ndarray:
        return np.asarray(self.placement.here.lent(value))

    def write(self, value: XlaValue, array: np.ndarray) -> None:
        with x64():
            value.data = self.placement.put(array, value.where) if value.on_device else np.array(array)
        if self.spread is not None:
            self.spread.written(value)

    def memory(self, value: XlaValue) -> np.ndarray | None:
        return None

    def supports(self, node: Node) -> bool:
        return traceable(node)

    def lay_out(self, plan: Plan) -> Plan:
        return plan

    def compile(self, plan: Plan, binding: Any, mark: Callable[[int, Any], None] | None = None) -> Any:
        if mark is not None:
            return Staged(self, plan, binding, mark)
        program = self._program(plan, binding, lambda: Staged(self, plan, binding, None))
        if has_lists(plan):
            try:
                program.try_out()
            except Untraceable as error:
                if self.spread is not None and binding.parts:
                    raise self.spread.lack(plan, str(error)) from None
                return Staged(self, plan, binding, None)
        return program

    def _program(self, plan: Plan, binding: Any, exact: Callable[[], Any], tail: Tail | None = None) -> Program:
        if self.spread is not None and plan.effects:
            return JointProgram(plan, binding, self.spread, tail)
        return Program(plan, binding, self.placement.here, exact, tail)

    def local_devices(self) -> int:
        """How many devices this process has."""
        return jax.local_device_count()

    def shared(self, plan: Plan, binding: Any) -> Program | None:
        parts = split(plan)
        if parts is None or not parts.front.nodes or has_lists(parts.front):
            return None
        return self._program(parts.front, binding, lambda: Staged(self, plan, binding, None),
                             Tail(NUMPY.compile(parts.tail, binding), parts.fed))


ENGINE: Engine = XlaEngine()


@functools.lru_cache(maxsize=64)
def placed(mesh: str, sharding: tuple[str, ...]) -> Engine:
    """The engine for a mesh of devices, see mesh.Placement."""
    return XlaEngine(Placement(mesh, sharding))


@functools.lru_cache(maxsize=64)
def spread(mesh: str, sharding: tuple[str, ...], hosts: Hosts) -> Engine:
    """The engine for a mesh of the devices of several hosts, which meet here; see joint.JointPlacement."""
    return XlaEngine(JointPlacement(mesh, sharding, join(hosts)))
