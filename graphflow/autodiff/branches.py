"""The gradients of If, Case and calls: an If by an If on the same choice, whose branches are the gradients of the branches."""
from __future__ import annotations

from typing import Any

from ..core import context
from ..core.convert import convert_to_tensor
from ..core.func_graph import FuncGraph
from ..core.make import make, make_op
from ..core.op import Spec
from ..core.operation import Operation
from ..core.shapes import compatible, relax
from ..core.tensor import Tensor
from ..core.values import IndexedSlices
from ..ops import functions as F
from ..ops.control_flow.bodies import is_stateful, register
from ..ops.control_flow.cond import make_branch_op
from ..ops.control_flow.rewrite import add_branch_output, optional_output, own_bodies
from .bodies import GradientBody, Gradients, differentiable, input_gradients, zeros_for


class _OfBranch(GradientBody):
    """Values from inside a branch leave it as optionals: the other branches have nothing to give."""

    def of_inside(self, tensor: Tensor) -> Tensor:
        optional = FuncGraph.own(self, optional_output(self.op, self.forward, tensor))
        (value,) = make(F.OptionalGetValue, optional, output_types=(tensor.dtype.base_dtype,), output_shapes=(tensor.static,))
        return value


class _OfCall(GradientBody):
    """Values from inside a function leave it as they are."""

    def of_inside(self, tensor: Tensor) -> Tensor:
        known = self.forward.extension("handed out", dict)
        if tensor not in known:
            self.forward.outputs.append(tensor)
            known[tensor] = add_branch_output(self.op, tensor._spec)
        return FuncGraph.own(self, known[tensor])


def _built(gradients: Gradients, cls: type[GradientBody], op: Operation, dys: list[Any],
           first: int) -> tuple[list[GradientBody], list[int]]:
    """Bodies that compute the gradients of the inputs, and which inputs have one."""
    own_bodies(op)
    outer = context.default_graph()
    graphs, grads = [], []
    for body in op._op_def.bodies_of(op):
        graph = cls(f"{body.name}_grad", outer, body, op, first)
        with graph.as_default():
            through = [i for i, dy in enumerate(dys) if dy is not None and differentiable(body.outputs[i])]
            xs = [t for t in body.inputs if differentiable(t)]
            inside = {i: _fitted(graph.own(dy), body.outputs[i]) for i, dy in enumerate(dys) if dy is not None}
            found = dict(zip(xs, input_gradients(gradients, [body.outputs[i] for i in through], xs, [inside[i] for i in through])))
        graphs.append(graph)
        grads.append([found.get(t) for t in body.inputs])
    reached = [i for i in range(len(op.inputs) - first) if any(g[i] is not None for g in grads)]
    for graph, given in zip(graphs, grads):
        with graph.as_default():
            dense = [zeros_for(graph.forward.inputs[i]) if given[i] is None else given[i] for i in reached]
            graph.outputs = [F.identity(graph.own(dx)) for dx in dense]  # type: ignore[arg-type]
            graph.structured_outputs = list(graph.outputs)
    return graphs, reached


def _fitted(dy: Tensor, output: Tensor) -> Tensor:
    """The gradient of a branch's output, an input of the branch's gradient.

    More may be known of it than fits this branch, which is not the one that runs then: what contradicts is forgotten in here.
    """
    if not compatible(dy.static, output.static):
        dy._spec = Spec(dy.dtype, relax(dy.static, output.static))
    return dy


def _dense(dys: Any) -> list[Any]:
    return [convert_to_tensor(dy) if isinstance(dy, IndexedSlices) else dy for dy in dys]


def branch_gradient(gradients: Gradients, op: Operation, *dys: Any) -> list[Any]:
    """The gradient of an If or Case."""
    graphs, reached = _built(gradients, _OfBranch, op, _dense(dys), 1)
    found: list[Any] = [None] * len(op.inputs)
    if reached:
        choice = context.default_graph().own(op.inputs[0])
        made = make_branch_op(choice, graphs, None, indexed=op._op_def.rule == "index")  # type: ignore[attr-defined]
        for i, t in zip(reached, made.outputs):
            found[1 + i] = F.identity(t)
    return found


def call_gradient(gradients: Gradients, op: Operation, *dys: Any) -> list[Any]:
    """The gradient of a call, by a call."""
    (graph,), reached = _built(gradients, _OfCall, op, _dense(dys), 0)
    found: list[Any] = [None] * len(op.inputs)
    if reached:
        cls: Any = F.StatefulPartitionedCall if is_stateful(graph) else F.PartitionedCall
        types = tuple(t.dtype.base_dtype for t in graph.outputs)
        made = make_op(cls, (graph.captured(),), None, {"Tout": types, "f": register(graph)})
        for i, t, inside in zip(reached, made.outputs, graph.outputs):
            t._spec = inside._spec
            found[i] = t
    return found
