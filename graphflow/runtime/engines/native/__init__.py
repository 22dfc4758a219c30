"""The native engine: a plan's loops are compiled with LLVM (llvmlite), its matrix products call BLAS, and a step is one call.

groups.py      which nodes are one loop, and in which order
arrange.py     where values lie
specify.py     a loop's arrays and axes; walk.py follows views
loops.py       the text of a loop, made of primitives.py and functions.py
images.py      convolutions: geometry.py cuts them into blocks, convolve.py makes their text
pools.py       pools and depthwise convolutions, whose text slide.py makes
code.py        what both are written in: loops and whole numbers
steps.py       the table of steps that driver.py walks through
namespace.py   what kernels on the host compute with
program.py     the Python function around it, with what native code lacks done by the numpy engine's code
bodies.py      the same for branches and the bodies of loops
"""
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ....core.late import Late
from ....plan.ir import Plan
from ....plan.node import Node
from ..numpy_engine import ENGINE as NUMPY
from ..numpy_engine import NumpyEngine
from .arrange import Arrangement

if TYPE_CHECKING:
    from ..engine import Binding, Engine, Program

__all__ = ["ENGINE"]


_late = Late(compile_plan="graphflow.runtime.engines.native.program:compile_plan")    # at first use: saves 60 ms; small plans need it not


class NativeEngine(NumpyEngine):
    """Variables are numpy arrays, as the numpy engine's; what is not worth compiling is run by that one directly.

    nodes, elements: plans with fewer nodes, none of them with so many elements, are not worth it: what native code saves there is less
    than a microsecond a run, and compiling costs a tenth of a second.
    """
    name = "native"
    on_host = False            # nothing is left to others: it has all nodes

    def __init__(self, nodes: int, elements: int):
        super().__init__()
        self.nodes, self.elements = nodes, elements

    def supports(self, node: Node) -> bool:
        return NUMPY.supports(node)

    def lay_out(self, plan: Plan) -> Plan:
        return Arrangement(plan).noted() if self.worth(plan) else plan

    def compile(self, plan: Plan, binding: Binding, mark: Callable[[int, Any], None] | None = None) -> Program:  # type: ignore[override]
        if mark is not None or not self.worth(plan):
            return NUMPY.compile(plan, binding, mark)
        return _late.compile_plan(plan, binding)

    def worth(self, plan: Plan) -> bool:
        """Plans without inputs (initializers) run once."""
        return bool(plan.inputs and plan.nodes) and (
            len(plan.nodes) >= self.nodes or any(n.shape is not None and n.size >= self.elements for n in plan.nodes))


ENGINE: Engine = NativeEngine(1, 0)
AUTO: Engine = NativeEngine(24, 256)
