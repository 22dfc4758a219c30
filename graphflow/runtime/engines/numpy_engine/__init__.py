"""The numpy engine: a plan becomes one function of straight-line Python whose ufuncs write into reused buffers."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ....plan.ir import Plan
from ....plan.kernels import PRIMITIVES
from ....plan.node import INPUTS, Node
from ....plan.passes.fusion import fuse
from ....plan.passes.memory import lay_out
from ....plan.passes.sums import multiply_and_add
from .program import compile_plan

if TYPE_CHECKING:
    from ..engine import Engine

__all__ = ["ENGINE", "compile_plan"]


class NumpyEngine:
    """Variables are numpy arrays; plans run as they are."""
    name = "numpy"
    on_host = True
    spread = None

    def allocate(self, shape: tuple[int, ...], dtype: np.dtype[Any], key: str = "") -> np.ndarray:
        return np.empty(shape, dtype)

    def read(self, value: np.ndarray) -> np.ndarray:
        return value

    def write(self, value: np.ndarray, array: np.ndarray) -> None:
        np.copyto(value, array)

    def memory(self, value: np.ndarray) -> np.ndarray | None:
        return value

    def supports(self, node: Node) -> bool:
        return node.prim in PRIMITIVES or node.prim in INPUTS

    def shared(self, plan: Plan, binding: Any) -> None:
        return None

    def local_devices(self) -> int:
        return 1

    def lay_out(self, plan: Plan) -> Plan:
        """Numpy's loops end with each function: what can be multiplied and added in one is."""
        found = multiply_and_add(plan)
        return plan if found is plan else lay_out(fuse(found))

    compile = staticmethod(compile_plan)


ENGINE: Engine = NumpyEngine()
