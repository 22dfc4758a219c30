"""The gradient of While: a While that runs as often, backwards.

What the backward body needs of an iteration, the forward body pushes onto a list (a further loop variable of the forward loop), and the
backward body pops. Loop variables that stay the same through all iterations are taken from outside.
"""
from __future__ import annotations

from typing import Any

from ..core import context
from ..core.constant import Const, constant_op
from ..core.convert import convert_to_tensor
from ..core.dtypes import int32, int64, resource, variant
from ..core.func_graph import FuncGraph
from ..core.graph import Graph
from ..core.known import constant_value
from ..core.make import make
from ..core.operation import Operation
from ..core.tensor import Tensor
from ..core.values import IndexedSlices
from ..ops import functions as F
from ..ops.control_flow.rewrite import add_loop_variable, own_bodies
from ..ops.control_flow.while_loop import loop_op
from ..ops.data_flow.tensor_list import LIST, empty_list
from .bodies import GradientBody, Gradients, differentiable, gradient_spec, input_gradients, is_no_variable, popped, zeros_for


class _OfLoop(GradientBody):
    """limit: how often the loop turns at most. turned: {placeholder of a list: the list after this iteration's pop}"""

    def __init__(self, name: str, outer: Graph, op: Operation, limit: Tensor):
        condition, forward = op._op_def.bodies_of(op)
        super().__init__(name, outer, forward, op, 0)
        self.condition: FuncGraph = condition
        self.limit = limit
        self.turned: dict[Tensor, Tensor] = {}

    def of_forward(self, tensor: Tensor) -> Tensor:
        forward = self.forward
        place = next((i for i, t in enumerate(forward.inputs) if t is tensor), None)
        if place is not None and forward.outputs[place] is tensor:
            return FuncGraph.own(self, self.op.outputs[place])
        if isinstance(tensor._op._op_def, Const):
            return self.copied(tensor)
        return self.of_inside(tensor)

    def of_inside(self, tensor: Tensor) -> Tensor:
        known = self.forward.extension("stacks", dict)
        if tensor not in known:
            known[tensor] = self._stacked(tensor)
        handle = FuncGraph.own(self, known[tensor])
        rest, value = popped(self, handle, tensor)
        self.turned[handle] = rest
        return value

    def _stacked(self, tensor: Tensor) -> Tensor:
        """A list of the values of all iterations, as an output of the forward loop."""
        op, forward = self.op, self.forward
        with op.graph.as_default(), op.graph.control_dependencies(None):
            name = f"{tensor.op.name.replace('/', '_')}_{tensor.value_index}/accumulator"
            start = empty_list(tensor.dtype.base_dtype, tensor.static, self.limit, name=name)
        inside = forward.add_input(LIST, "accumulator")
        self.condition.add_input(LIST, "accumulator")
        with forward.as_default(), forward.control_dependencies(None):
            forward.outputs.append(make(F.TensorListPushBack, inside, tensor))
        return add_loop_variable(op, start)


def loop_gradient(gradients: Gradients, op: Operation, *dys: Any) -> list[Any]:
    """The gradients of a While's inputs."""
    own_bodies(op)
    outer = context.default_graph()
    _, forward = op._op_def.bodies_of(op)
    limit, turns = _counted(op)
    given = [convert_to_tensor(dy) if isinstance(dy, IndexedSlices) else dy for dy in dys]
    given += [None] * (len(op.inputs) - len(given))
    for i, t in enumerate(op.inputs):
        if given[i] is None and t.dtype.base_dtype in (resource, variant) and not is_no_variable(t):
            given[i] = zeros_for(outer.own(op.outputs[i]) if t.dtype.base_dtype is variant else t)
    through = [i for i, dy in enumerate(given) if dy is not None and differentiable(forward.outputs[i])]
    body = _OfLoop(f"{forward.name}_grad", outer, op, limit)
    counter = constant_op(0, turns.dtype.base_dtype, name="grad_counter")
    limit, total = outer.own(limit), outer.own(turns)
    values = [counter, limit, total, *[given[i] for i in through]]
    wanted: list[Any] = [(), limit.static, (), *[_shape(op, i) for i in through]]
    count = len(values)
    for tensor, shape in zip(values, wanted):
        body.add_input(type(tensor._spec)(tensor.dtype.base_dtype, shape), "Placeholder")
    with body.as_default():
        xs = [forward.inputs[i] for i in through]
        found = input_gradients(gradients, [forward.outputs[i] for i in through], xs, body.inputs[3:count])
        dense = [body.own(zeros_for(x) if dx is None else dx) for dx, x in zip(found, xs)]
        body.outputs = [body.inputs[0] + 1, *body.inputs[1:3], *[F.identity(dx) for dx in dense]]
    test = FuncGraph(f"{forward.name}_grad_cond", outer)
    for t in body.inputs[:count]:
        test.add_input(t._spec, "Placeholder")
    with test.as_default():
        test.outputs = [F.less(test.inputs[0], test.inputs[2])]
    made = loop_op(test, body, values, wanted, op._op_def.attributes()["parallel_iterations"], f"{op.name}_grad", body.turned)
    outputs = [F.identity(t) for t in made.outputs]
    result: list[Any] = [None] * len(op.inputs)
    for k, i in enumerate(through):
        result[i] = outputs[3 + k]
    return result


def _counted(op: Operation) -> tuple[Tensor, Tensor]:
    """How often a loop turns at most, and how often it did. A loop that `while_loop` made says so by its first two variables; one that was
    made by hand (`tf.raw_ops.While`) gets a counter of its own."""
    condition, body = op._op_def.bodies_of(op)
    if _counts(op, body):
        return op.inputs[1], op.outputs[0]
    known = body.extension("turns", dict)
    if not known:
        with op.graph.as_default(), op.graph.control_dependencies(None):
            known["limit"], start = constant_op(-1, int32, name="maximum_iterations"), constant_op(0, int32, name="loop_counter")
        condition.add_input(start._spec, "loop_counter")
        before = body.add_input(start._spec, "loop_counter")
        with body.as_default(), body.control_dependencies(None):
            body.outputs.append(before + 1)
        known["turns"] = add_loop_variable(op, start)
    return known["limit"], known["turns"]


def _counts(op: Operation, body: FuncGraph) -> bool:
    """Whether the first variable of a loop counts its turns from 0, and the second is a limit that stays."""
    if len(op.inputs) < 2 or body.inputs[0].dtype.base_dtype not in (int32, int64) or constant_value(op.inputs[0]) != 0:
        return False
    after, limit = (_behind_copies(t) for t in body.outputs[:2])
    if limit is not body.inputs[1] or after.op.type not in ("Add", "AddV2"):
        return False
    first, second = (_behind_copies(t) for t in after.op.inputs)
    one = second if first is body.inputs[0] else first if second is body.inputs[0] else None
    return one is not None and constant_value(one) == 1


def _behind_copies(tensor: Tensor) -> Tensor:
    while tensor.op.type == "Identity":
        tensor = tensor.op.inputs[0]
    return tensor


def _shape(op: Operation, i: int) -> Any:
    """The shape of a gradient in every iteration."""
    if op.inputs[i].dtype.base_dtype is resource:
        return gradient_spec(op.inputs[i]).shape
    shapes = op._op_def.attributes()["output_shapes"]
    return shapes[i] if shapes else None
