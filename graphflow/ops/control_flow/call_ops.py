"""PartitionedCall: a function of the graph's library called; its body stands in the call's place in a plan."""
from __future__ import annotations

from typing import Any

from ...core.dtypes import DType
from ...core.func_graph import FuncGraph
from ...core.op import Spec
from ...core.operation import Operation
from ...core.outcomes import Several
from ...graphdef.attributes import FunctionName
from .bodies import body_of
from .effects import of_bodies


class PartitionedCall(Several, sig="args: [Tin] -> output: [Tout]"):
    """f(args), for a function that touches no state."""
    holds = "call"
    Tin: list[DType]
    Tout: list[DType]
    f: FunctionName
    config: str = ""
    config_proto: str = ""
    executor_type: str = ""

    def infer(self, *args: Spec) -> tuple[Spec, ...]:
        return tuple(Spec(t, None) for t in self.Tout)

    def bodies_of(self, op: Operation) -> list[FuncGraph]:
        """The function's body."""
        return [body_of(op.graph, getattr(self, "f", None) or FunctionName(op.type))]

    bodies_that_run = bodies_of

    def accesses(self, operation: Operation) -> Any:
        return of_bodies(operation, self.bodies_of(operation), first=0)

    def lowered(self, lowering: Any, op: Operation) -> list[Any]:
        return lowering.held(self.holds, op)


class StatefulPartitionedCall(PartitionedCall, sig="args: [Tin] -> output: [Tout]", stateful=True):
    """f(args), for a function that may touch state."""
