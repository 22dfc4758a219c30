"""The gradient of a loop of TF1's nodes: a While that runs as often, backwards.

What its body needs of a turn, the loop keeps in a list, a further loop variable of TF1's nodes (`Loop.stacked`), and the body takes
from its end. What stays the same in all turns is taken from outside. The loop keeps its nodes and names.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..core import context
from ..core.constant import Const, constant_op
from ..core.convert import convert_to_tensor
from ..core.dtypes import resource
from ..core.func_graph import FuncGraph
from ..core.graph import Graph
from ..core.operation import Operation
from ..core.shapes import relax
from ..core.tensor import Tensor
from ..core.values import IndexedSlices
from ..ops import functions as F
from ..ops.control_flow.frame_loops import Loop, Variable, is_turning
from ..ops.control_flow.frames import sources_first
from ..ops.control_flow.while_loop import loop_op
from .bodies import Gradients, differentiable, gradient_spec, input_gradients, on_sides, popped, zeros_for


class _OfTurn(FuncGraph):
    """The gradient of one turn. turned: {placeholder of a list: the list after this turn's pop}"""

    def __init__(self, name: str, outer: Graph, loop: Loop):
        super().__init__(name, outer)
        self.loop, self.found, self.turned = loop, dict[Tensor, Tensor](), dict[Tensor, Tensor]()
        self.on_sides: dict[Any, Tensor] = {}

    def own(self, tensor: Tensor, user: str = "") -> Tensor:
        if tensor._op not in self.loop.members:
            return super().own(tensor, user)
        root, sides = self.loop.root(tensor), self.loop.guard(tensor)
        if root not in self.found:
            with self.as_default(), self.control_dependencies(None), self.name_scope(None):
                self.found[root] = self._value(root)
        return self.found[root] if isinstance(root._op._op_def, Const) else on_sides(self, self.found[root], sides, self.on_sides)

    def _value(self, root: Tensor) -> Tensor:
        """What has the value of a tensor of the loop, or anything where it is dead."""
        if root._op not in self.loop.members:
            return self.own(root)
        if isinstance(root._op._op_def, Const):
            return self._add(root._op._op_def, (), self._names.unique("Const"), (root._spec,)).outputs[0]
        outside = self.loop.still(root)
        if outside is not None:
            return FuncGraph.own(self, outside)
        handle = FuncGraph.own(self, self.loop.stacked(root))
        self.turned[handle], value = popped(self, handle, root)
        return value


def frame_gradient(gradients: Gradients, reached: Callable[[Operation], set[int]], op: Operation, *dys: Any) -> list[Any]:
    """The gradients of what enters a loop. reached: the inputs to which gradients flow."""
    loop: Loop = op._op_def.loop  # type: ignore[attr-defined]
    outer = context.default_graph()
    given: dict[Variable, list[Any]] = {}
    for leave, dy in zip(loop.frame.exits, dys):
        if dy is not None and differentiable(leave.outputs[0]):
            given.setdefault(loop.variable_of(leave), []).append(convert_to_tensor(dy) if isinstance(dy, IndexedSlices) else dy)
    wanted = {i for i in reached(op) if differentiable(op._inputs[i])}
    variables, constants = _through(loop, wanted, given)
    found: list[Any] = [None] * len(op._inputs)
    if not variables:
        return found
    starts = [F.add_n(given[v]) if len(given.get(v, ())) > 1 else given[v][0] if v in given else zeros_for(outer.own(loop.last(v)))
              for v in variables]
    starts += [zeros_for(outer.own(op._inputs[i])) for i in constants]
    entering = [v.enter for v in variables] + constants
    wanted_shapes = [_shape(op, loop, v) for v in variables] + [gradient_spec(op._inputs[i]).shape for i in constants]
    body = _OfTurn(f"{loop.frame.name.replace('/', '_')}_grad", outer, loop)
    values = [constant_op(0, name="grad_counter"), constant_op(-1, name="maximum_iterations"), *starts]    # as of any While
    shapes = [(), (), *wanted_shapes]
    for tensor, shape in zip(values, shapes):
        body.add_input(type(tensor._spec)(tensor.dtype.base_dtype, shape), "Placeholder")
    with body.as_default():
        enters = [loop.frame.enters[i].outputs[0] for i in constants]
        xs = [v.merge.outputs[0] for v in variables] + enters
        ys = [v.back._inputs[0] for v in variables] + enters
        parts = input_gradients(gradients, ys, xs, body.inputs[2:len(values)])
        dense = [body.own(zeros_for(x) if dx is None else dx) for dx, x in zip(parts, xs)]
        body.outputs = [body.inputs[0] + 1, body.inputs[1], *[F.identity(dx) for dx in dense]]
    test = FuncGraph(f"{body.name}_cond", outer)
    for t in body.inputs[:len(values)]:
        test.add_input(t._spec, "Placeholder")
    with test.as_default():
        test.outputs = [F.less(test.inputs[0], loop.turns())]
    turns = loop.frame.enters[0]._op_def.parallel_iterations  # type: ignore[attr-defined]
    made = loop_op(test, body, values, shapes, turns, f"{loop.frame.name}_grad", body.turned)
    for i, t in zip(entering, made.outputs[2:]):
        if i in wanted:
            found[i] = F.identity(t)
    return found


def _shape(op: Operation, loop: Loop, variable: Variable) -> Any:
    """The shape of the gradient of a loop variable in every turn."""
    t = op._inputs[variable.enter]
    return gradient_spec(t).shape if t.dtype.base_dtype is resource else relax(t.static, variable.back._inputs[0].static)


def _through(loop: Loop, wanted: set[int], given: dict[Variable, Any]) -> tuple[list[Variable], list[int]]:
    """The loop variables through which gradients flow from what leaves to what enters, and the constants of these that are wanted."""
    ops = sources_first(loop.frame.ops, loop.frame.given(), loop.frame.makers)
    reached = {v for v in loop.variables if v.enter in wanted}
    constants = [i for i in loop.constants if i in wanted]
    _grow(loop, reached, lambda: _forward(ops, [loop.frame.enters[i].outputs[0] for i in constants]
                                          + [v.merge.outputs[0] for v in reached]))
    giving = set(given)
    _grow(loop, giving, lambda: _backward(ops, [v.back._inputs[0] for v in giving]))
    both = [v for v in loop.variables if v in reached and v in giving]
    used = _backward(ops, [v.back._inputs[0] for v in both])
    return both, [i for i in constants if loop.frame.enters[i].outputs[0] in used]


def _grow(loop: Loop, mine: set[Variable], touched: Callable[[], set[Any]]) -> None:
    while True:
        there = touched()
        more = {v for v in loop.variables if v not in mine and there.intersection((v.back._inputs[0], v.merge)) and differentiable(v.stay)}
        if not more:
            return
        mine |= more


def _forward(ops: list[Operation], tensors: list[Tensor]) -> set[Any]:
    """All that depends on tensors within a turn."""
    found: set[Any] = set(tensors)
    for op in ops:
        if not found.isdisjoint(t for t in op._inputs if differentiable(t)):
            found.update(op.outputs)
    return found


def _backward(ops: list[Operation], tensors: list[Tensor]) -> set[Any]:
    """The operations that tensors depend on within a turn, and those tensors."""
    found: set[Any] = set(tensors)
    for op in reversed(ops):
        if not found.isdisjoint(op.outputs):
            found.add(op)
            if not is_turning(op):
                found.update(op._inputs)
    return found
