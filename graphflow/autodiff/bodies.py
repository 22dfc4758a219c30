"""Gradients of bodies: a body of its own computes the gradients of a forward body's inputs from those of its outputs.

What it needs of the forward body's insides comes from outside: an input of the body is an input of the operation, an output an output of
it, a constant is made again; any other value becomes a further output of the operation (how, subclasses say).
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..core.constant import Const
from ..core.convert import convert_to_tensor
from ..core.dtypes import resource, variant
from ..core.func_graph import FuncGraph
from ..core.graph import Graph
from ..core.make import make, make_op, variable_spec
from ..core.op import Spec
from ..core.operation import Operation
from ..core.tensor import Tensor
from ..core.values import IndexedSlices
from ..ops import functions as F
from ..ops.control_flow.frame_loops import turn_of
from ..ops.data_flow.tensor_list import pop_back
from ..ops.dtype_sets import DIFFERENTIABLE

Gradients = Callable[..., list[Any]]      # tf.gradients, handed down by itself: the gradients inside of a body are its work too


class GradientBody(FuncGraph):
    """The gradient of `forward`, a body of `op` whose inputs are the inputs of `op` from `first` on."""

    def __init__(self, name: str, outer: Graph, forward: FuncGraph, op: Operation, first: int):
        super().__init__(name, outer)
        self.forward, self.op, self.first = forward, op, first
        self.found: dict[Tensor, Tensor] = {}
        self.on_sides: dict[Any, Tensor] = {}
        self.original_outputs = list(forward.outputs)

    def own(self, tensor: Tensor, user: str = "") -> Tensor:
        if tensor._op.graph is not self.forward:
            return super().own(tensor, user)
        turn = turn_of(self.forward)
        root = tensor if turn is None else turn.root(tensor)
        known = self.found.get(root)
        if known is None:
            with self.as_default(), self.control_dependencies(None):
                known = self.found[root] = self.of_forward(root if turn is None else self.alive(turn, root))
        return known if turn is None or isinstance(root._op._op_def, Const) else on_sides(self, known, turn.guard(tensor), self.on_sides)

    def alive(self, turn: Any, root: Tensor) -> Tensor:
        """A tensor of a forward body with TF1's control flow nodes; where it is dead, anything."""
        known: dict[Tensor, Tensor] = self.forward.extension("alive", dict)
        if root not in known:
            with self.forward.as_default(), self.forward.control_dependencies(None):
                known[root] = turn.alive(root)
        return known[root]

    def of_forward(self, tensor: Tensor) -> Tensor:
        """What has the value of a tensor of the forward body."""
        if isinstance(tensor._op._op_def, Const):
            return self.copied(tensor)
        place = _index(self.forward.inputs, tensor)
        if place is not None:
            return super().own(self.op.inputs[self.first + place])
        place = _index(self.original_outputs, tensor)
        if place is not None:
            return super().own(self.op.outputs[place])
        return self.of_inside(tensor)

    def copied(self, tensor: Tensor) -> Tensor:
        """The same constant in this body."""
        return self._add(tensor._op._op_def, (), self._names.unique("Const"), (tensor._spec,)).outputs[0]

    def of_inside(self, tensor: Tensor) -> Tensor:
        """What has the value of a tensor that is computed in the forward body and does not leave it yet."""
        raise NotImplementedError


def on_sides(graph: FuncGraph, value: Tensor, sides: Sequence[Any], known: dict[Any, Tensor]) -> Tensor:
    """A value of a gradient body that is alive where its forward tensor is. known: those made before."""
    with graph.as_default(), graph.control_dependencies(None), graph.name_scope(None):
        for side in sides:
            key = value, side
            if key not in known:
                known[key] = make(F.Switch, value, side.predicate)[side.value]
            value = known[key]
    return value


def _index(tensors: Sequence[Tensor], tensor: Tensor) -> int | None:
    return next((i for i, t in enumerate(tensors) if t is tensor), None)


def differentiable(tensor: Tensor) -> bool:
    return tensor.dtype.base_dtype in DIFFERENTIABLE


def input_gradients(gradients: Gradients, ys: Sequence[Tensor], xs: Sequence[Tensor], dys: Sequence[Any]) -> list[Any]:
    """The gradients of xs, dense, None where nothing flows; made in the default graph, a body."""
    found = gradients(list(ys), list(xs), list(dys)) if ys else [None] * len(xs)
    return [convert_to_tensor(g) if isinstance(g, IndexedSlices) else g for g in found]


def is_no_variable(tensor: Tensor) -> bool:
    """Whether a handle stands for something else than a variable, a queue or a TensorArray say: no gradient flows through it."""
    if tensor.dtype.base_dtype is not resource or variable_spec(tensor).dtype is not resource:
        return False
    while tensor._op.graph.building_function:
        if tensor in tensor._op.graph.extension("handles of no variables", set[Tensor]):
            return True
        outer = tensor._op.graph.behind(tensor)  # type: ignore[attr-defined]
        if outer is None:
            break
        tensor = outer
    maker = tensor._op._op_def
    return maker.resource_key(tensor._op) is not None or (maker.stateful and maker.holds is None)


def popped(body: FuncGraph, values: Tensor, tensor: Tensor) -> tuple[Tensor, Tensor]:
    """The list without its last value, and that value, in a body. tensor: of the forward body, what the list holds."""
    rest, value = pop_back(values, tensor.dtype.base_dtype, tensor.static)
    if is_no_variable(tensor):
        body.extension("handles of no variables", set[Tensor]).add(value)
    return rest, value


def zeros_for(tensor: Tensor) -> Tensor:
    """A gradient of zeros for a tensor: of its shape; for a handle, of its variable's; for a list, a list of zeros."""
    dtype = tensor.dtype.base_dtype
    if dtype is resource:
        spec = variable_spec(tensor)
        if spec.dtype is resource:
            raise NotImplementedError(f"the gradient of {tensor.name}: which variable is behind the handle is not known")
        if spec.shape is not None and None not in spec.shape:
            return F.zeros(spec.shape, spec.dtype.base_dtype)
        return F.zeros_like(make_op(F.ReadVariableOp, (tensor,), None, {"dtype": spec.dtype}).outputs[0])
    if dtype is variant:
        return make_op(F.ZerosLike, (tensor,), None, {}).outputs[0]
    if tensor.static is not None and None not in tensor.static:
        return F.zeros(tensor.static, dtype)
    return make_op(F.ZerosLike, (tensor,), None, {}).outputs[0]


def gradient_spec(tensor: Tensor) -> Spec:
    """dtype and shape of a tensor's gradient: those of a handle's variable."""
    return variable_spec(tensor) if tensor.dtype.base_dtype is resource else Spec(tensor.dtype.base_dtype, tensor.static)
