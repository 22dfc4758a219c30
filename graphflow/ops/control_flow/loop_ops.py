"""While: a body runs as long as a condition holds. The stateless form holds bodies that touch no state."""
from __future__ import annotations

from typing import Any

from ...core.dtypes import DType
from ...core.func_graph import FuncGraph
from ...core.op import Shape, Spec, require
from ...core.operation import Operation
from ...core.outcomes import Several
from ...graphdef.attributes import FunctionName
from .bodies import body_of
from .effects import of_bodies


class While(Several, sig="input: [T] -> output: [T]", stateful=True):
    """The values after the last iteration: while cond(*values): values = body(*values)."""
    holds = "loop"
    T: list[DType]
    cond: FunctionName
    body: FunctionName
    output_shapes: list[Shape] = ()  # type: ignore[assignment]
    parallel_iterations: int = 10

    def infer(self, *inputs: Spec) -> tuple[Spec, ...]:
        shapes = self.output_shapes or [None] * len(self.T)
        require(len(shapes) == len(self.T), f"output_shapes holds {len(shapes)} shapes for {len(self.T)} outputs")
        return tuple(Spec(t, s) for t, s in zip(self.T, shapes))

    def bodies_of(self, op: Operation) -> list[FuncGraph]:
        """The condition and the body."""
        return [body_of(op.graph, self.cond), body_of(op.graph, self.body)]

    bodies_that_run = bodies_of

    def accesses(self, operation: Operation) -> Any:
        return of_bodies(operation, self.bodies_of(operation), first=0)

    def lowered(self, lowering: Any, op: Operation) -> list[Any]:
        return lowering.held(self.holds, op)


class StatelessWhile(While, sig="input: [T] -> output: [T]", stateful=False):
    """While with bodies that touch no state."""
