"""SymbolicGradient: the gradient of a function of the graph's library, as TF1 wrote it for the calls of a Defun."""
from __future__ import annotations

from typing import Any

from ..core.convert import convert_to_tensor
from ..core.dtypes import DType
from ..core.errors import NotFoundError
from ..core.func_graph import FuncGraph
from ..core.graph import Graph
from ..core.op import Spec
from ..core.operation import Operation
from ..core.outcomes import Several
from ..graphdef.attributes import FunctionName
from ..graphdef.functions import Library, body_from
from ..ops import functions as F
from ..ops.control_flow.effects import of_bodies
from .bodies import zeros_for
from .gradients import gradients


class SymbolicGradient(Several, sig="input: [Tin] -> output: [Tout]"):
    """The gradients of the arguments of f. input: those arguments, then the gradients of what f returns. Has no gradient itself."""
    Tin: list[DType]
    Tout: list[DType]
    f: FunctionName
    least = {"Tin": 1, "Tout": 1}

    def infer(self, *inputs: Spec) -> tuple[Spec, ...]:
        return tuple(Spec(t, spec.shape) for t, spec in zip(self.Tout, inputs))

    def bodies_of(self, op: Operation) -> list[FuncGraph]:
        """What computes the gradients."""
        known = op.graph.extension("gradients of functions", dict[str, FuncGraph])
        if self.f.name not in known:
            known[self.f.name] = gradient_body(op.graph, self.f.name)
        return [known[self.f.name]]

    def accesses(self, operation: Operation) -> Any:
        return of_bodies(operation, self.bodies_of(operation), first=0)

    def lowered(self, lowering: Any, op: Operation) -> list[Any]:
        return lowering.held("call", op)


def gradient_body(graph: Graph, name: str) -> FuncGraph:
    """The body of a function with further inputs, the gradients of its outputs; it gives the gradients of its first inputs."""
    library = Library(graph._functions)
    if name not in library:
        raise NotFoundError(None, None, f"Function {name} is not defined in the graph's function library.")
    body = body_from(library[name], graph)
    xs = list(body.inputs)
    with body.as_default():
        dys = [body.add_input(Spec(y.dtype.base_dtype, y.static), "dy") for y in body.outputs]
        found = gradients(body.outputs, xs, dys)
        body.outputs = [zeros_for(x) if dx is None else F.identity(convert_to_tensor(dx)) for x, dx in zip(xs, found)]
    body.structured_outputs = list(body.outputs)
    return body
