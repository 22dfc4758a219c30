"""If and Case: one of several bodies runs. The stateless forms hold bodies that touch no state."""
from __future__ import annotations

from typing import Any, ClassVar

from ...core.dtypes import DType
from ...core.func_graph import FuncGraph
from ...core.known import constant_value
from ...core.op import Shape, Spec, require
from ...core.operation import Operation
from ...core.outcomes import Several
from ...graphdef.attributes import FunctionName
from .bodies import body_of
from .effects import of_bodies


class Branches(Several):
    """Base: the first input chooses the body, which gets the other inputs."""
    Tout: Any
    holds = "branches"
    rule: ClassVar[str]          # how the choice is read, see plan.bodies
    output_shapes: list[Shape]

    def infer(self, choice: Spec, *inputs: Spec) -> tuple[Spec, ...]:
        shapes = self.output_shapes or [None] * len(self.Tout)
        require(len(shapes) == len(self.Tout), f"output_shapes holds {len(shapes)} shapes for {len(self.Tout)} outputs")
        return tuple(Spec(t, s) for t, s in zip(self.Tout, shapes))

    def bodies_of(self, op: Operation) -> list[FuncGraph]:
        """The bodies, in the order of the choice: false, true for If."""
        raise NotImplementedError

    def bodies_that_run(self, op: Operation) -> list[FuncGraph]:
        """Those that may run: all of them, unless the graph tells the choice."""
        bodies, choice = self.bodies_of(op), constant_value(op._inputs[0])
        if choice is None or choice.shape or choice.dtype == object:
            return bodies
        if self.rule == "truth":
            return [bodies[int(choice != 0)]]
        return [bodies[choice] if 0 <= choice < len(bodies) else bodies[-1]]

    def accesses(self, operation: Operation) -> Any:
        return of_bodies(operation, self.bodies_of(operation), first=1)

    def lowered(self, lowering: Any, op: Operation) -> list[Any]:
        return lowering.held(self.holds, op)


class If(Branches, sig="cond: Tcond, input: [Tin] -> output: [Tout]", stateful=True):
    """then_branch(input) where `cond` is true (for numbers: not 0; for strings: not empty; for arrays: has elements), else else_branch."""
    rule = "truth"
    before_values = True     # its branches may ask first
    Tcond: DType
    Tin: list[DType]
    Tout: list[DType]
    then_branch: FunctionName
    else_branch: FunctionName
    output_shapes: list[Shape] = ()  # type: ignore[assignment]

    def bodies_of(self, op: Operation) -> list[FuncGraph]:
        return [body_of(op.graph, self.else_branch), body_of(op.graph, self.then_branch)]


class StatelessIf(If, sig="cond: Tcond, input: [Tin] -> output: [Tout]", stateful=False):
    """If with bodies that touch no state."""
    before_values = False


class Case(Branches, sig="branch_index: int32, input: [Tin] -> output: [Tout]", stateful=True):
    """branches[branch_index](input); the last one where the index is out of range."""
    least = {"branches": 1}
    rule = "index"
    Tin: list[DType]
    Tout: list[DType]
    branches: list[FunctionName]
    output_shapes: list[Shape] = ()  # type: ignore[assignment]

    def bodies_of(self, op: Operation) -> list[FuncGraph]:
        return [body_of(op.graph, function) for function in self.branches]


class StatelessCase(Case, sig="branch_index: int32, input: [Tin] -> output: [Tout]", stateful=False):
    """Case with bodies that touch no state."""
    least = {"branches": 1}

