"""tf.gradients: walks the graph backwards from ys to xs and calls each operation's gradient function once.

The order of the walk and the nodes around it (Fill of ones, AddN, tuple gates) are TensorFlow's, so names and graph-derived
seeds agree. No recursion; linear in the operations between xs and ys.
"""
from __future__ import annotations

import contextlib
import functools
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ..core import context, dtypes
from ..core.convert import convert_to_tensor
from ..core.export import export
from ..core.late import Late
from ..core.make import variable_spec
from ..core.operation import Operation
from ..core.tensor import Tensor
from ..core.values import IndexedSlices, resource_handle
from ..ops import functions as F
from ..ops.array.basic import identity, shape_internal, zeros_like_op
from ..ops.control_flow.flow import tuple_
from ..ops.dtype_sets import DIFFERENTIABLE, INEXACT
from ..ops.elementwise.aggregate import add_gradients
from ..ops.scopes import name_scope
from ..ops.state.resource import variable_shape
from .methods import AggregationMethod, UnconnectedGradients
from .registry import gradient_function

_late = Late(call="graphflow.autodiff.branches:call_gradient", branches="graphflow.autodiff.branches:branch_gradient",
             loop="graphflow.autodiff.loops:loop_gradient", frame="graphflow.autodiff.frames:frame_gradient",
             Loops="graphflow.ops.control_flow.frame_loops:Loops")  # at first use: saves 5 ms; operations with bodies, TF1's loops


_NUMBERS = frozenset(INEXACT)
_OPAQUE = DIFFERENTIABLE - _NUMBERS


def _as_list(x: Any) -> list[Any]:
    return list(x) if isinstance(x, (list, tuple)) else [x]


def _to_tensors(values: list[Any], name: str) -> list[Any]:
    """Tensors for variables and values; of a resource variable the handle, as y its value; a partitioned variable's parts stay apart."""
    found: list[Any] = []
    for i, value in enumerate(values):
        handle = resource_handle(value) if name != "y" else None
        if handle is not None:
            found.append(handle if handle.__class__ is Tensor else convert_to_tensor(handle))      # what a function captured of it
        elif isinstance(value, IndexedSlices):
            found.append(value)
        else:
            found.append(convert_to_tensor(value, name=f"{name}_{i}", as_ref=name != "y"))
    return found


@export("gradients")
def gradients(ys: Any, xs: Any, grad_ys: Any = None, name: str = "gradients", colocate_gradients_with_ops: bool = False,
              gate_gradients: bool = False, aggregation_method: Any = None, stop_gradients: Any = None,
              unconnected_gradients: Any = UnconnectedGradients.NONE) -> list[Any]:
    """The sum over ys of dy/dx for each x in xs, as tensors (IndexedSlices where only rows were gathered), or None.

    ys, xs: a tensor or a list. grad_ys: one gradient (or None for ones) per y. stop_gradients: tensors taken as constants.
    gate_gradients: all gradients of an operation are available at once. unconnected_gradients: None or zeros.
    Raises LookupError for an operation between them that has no gradient.
    """
    if context.default_graph().eager:
        raise RuntimeError("tf.gradients is not supported when eager execution is enabled. Use tf.GradientTape instead.")
    ys, xs = _as_list(ys), _as_list(xs)
    stops = [] if stop_gradients is None else _as_list(stop_gradients)
    unconnected = UnconnectedGradients(unconnected_gradients)
    return _gradients(ys, xs, grad_ys, stops, name, colocate_gradients_with_ops, gate_gradients, aggregation_method, unconnected)


def _gradients(ys: list[Any], xs: list[Any], grad_ys: Any, stops: list[Any] = (), name: str = "gradients",  # type: ignore[assignment]
               colocate: bool = False, gate: bool = False, method: Any = None,
               unconnected: UnconnectedGradients = UnconnectedGradients.NONE, loops: Any = None) -> list[Any]:
    """`gradients`. loops: of TF1's nodes, for a walk within a turn of one."""
    given = [None] * len(ys) if grad_ys is None else _as_list(grad_ys)
    if len(given) != len(ys):
        raise ValueError(f"Length mismatch. {len(ys)} ys and {len(given)} grad_ys")
    flat_xs, regroup = _flatten_partitioned(xs)
    with name_scope(name, "gradients", [*ys, *stops, *[x for x in flat_xs if resource_handle(x) is None],
                                        *[g for g in given if g is not None]]):
        tensors = _to_tensors(ys, "y")
        walk = _Walk(tensors, _to_tensors(flat_xs, "x"), _to_tensors(stops, "stop"), colocate, gate, method, loops)
        found = walk.run(given)
        if unconnected is UnconnectedGradients.ZERO:
            found = [_zeros_of(x) if g is None else g for g, x in zip(found, walk.xs)]
    return regroup(found)


def _behind(ys: list[Any], xs: list[Any]) -> dict[Tensor, Tensor]:
    """Captures of the bodies between ys inside and xs outside, {placeholder: tensor around}; the walk goes through them."""
    found: dict[Tensor, Tensor] = {}
    for y in ys:
        graph = y.graph
        while graph.building_function and any(x.graph is not graph for x in xs):
            found.update((inside, outer) for outer, inside in graph.captures.items() if not any(inside is x for x in xs))
            graph = graph.outer_graph
    return found


class _Inputs:
    """The inputs of an operation as the walk sees them: what a body captures stands for itself, a loop of TF1's nodes is one operation."""

    def __init__(self, behind: dict[Tensor, Tensor]):
        self.behind = behind
        self.closed: set[Operation] = set()
        self.loops: Any = None

    def see(self, loops: Any, stops: list[Any]) -> None:
        """From now on `loops` are seen as operations; of what leaves them and is stopped, the nodes."""
        self.loops, self.closed = loops, loops.closed | {t.op for t in stops}
        self.behind = {**self.behind, **{t: one for t, one in loops.behind.items() if t._op not in self.closed}}

    def __call__(self, op: Operation) -> Sequence[Tensor]:
        if not self.behind and self.loops is None:
            return op._inputs
        return () if op in self.closed else [self.outermost(t) for t in op._inputs]

    def outermost(self, t: Tensor) -> Tensor:
        while t in self.behind:
            t = self.behind[t]
        return t


def _loops_before(ys: list[Any], xs: list[Any]) -> Any:
    """The loops of TF1's nodes that ys depend on, if there are any. NotImplementedError where ys or xs are inside of one."""
    graphs = {y.graph for y in ys}
    if not any(graph.turns for graph in graphs) and not any(g.turns for graph in graphs for g in graph.graphs_around()):
        return None
    ancestors = _ancestors([y.op for y in ys], lambda op: (*[t._op for t in op._inputs], *op._control))
    if not any(op._op_def.steers == "enter" for op in ancestors):
        return None
    return _late.Loops(ancestors, [t for t in (*ys, *xs) if t.op in ancestors])


def _ancestors(ops: Sequence[Operation], before: Callable[[Operation], Iterable[Operation]]) -> set[Operation]:
    found: set[Operation] = set()
    stack = list(ops)
    while stack:
        op = stack.pop()
        if op not in found:
            found.add(op)
            stack.extend(before(op))
    return found


def _zeros_of(x: Any) -> Any:
    """The gradient of what y does not depend on; of a handle, in the shape of its variable."""
    if x.dtype.base_dtype is not dtypes.resource:
        return zeros_like_op(x)
    return F.zeros(variable_shape(x), variable_spec(x).dtype)


def _flatten_partitioned(xs: list[Any]) -> tuple[list[Any], Any]:
    """Partitioned variables give the list of their parts' gradients."""
    if not any(hasattr(x, "_get_partitions") for x in xs):
        return xs, list
    flat: list[Any] = []
    plan: list[Any] = []
    for x in xs:
        parts = list(x) if hasattr(x, "_get_partitions") else None
        start = len(flat)
        flat.extend(parts if parts is not None else [x])
        plan.append((start, None if parts is None else len(parts)))
    return flat, lambda found: [found[s] if n is None else found[s:s + n] for s, n in plan]


class _Walk:
    def __init__(self, ys: list[Any], xs: list[Any], stops: list[Any], colocate: bool, gate: bool, method: Any, loops: Any):
        self.ys, self.xs, self.colocate, self.gate, self.method = ys, xs, colocate, gate, method
        self.inputs = _Inputs(_behind(ys, xs))
        loops = loops or _loops_before(ys, xs)
        if loops is not None:
            self.inputs.see(loops, stops)
            xs = [self.inputs.outermost(x) for x in xs]
        self.places = xs
        self.to_ops = [self.inputs.outermost(y).op for y in ys] if self.inputs.behind else [y.op for y in ys]
        from_ops = [x.op for x in xs]
        self.pending = _pending_counts(self.to_ops, from_ops, self.inputs)
        self.stop_ops = {t.op for t in stops}
        for op in from_ops:  # an x that no other x lies behind needs no gradient function
            if not any(self.pending.get(t._op, 0) > 0 for t in self.inputs(op)):
                self.stop_ops.add(op)
        self.grads: dict[Operation, list[list[Any]]] = {}
        self.graph = context.default_graph()

    def run(self, given: list[Any]) -> list[Any]:
        for i, (y, dy) in enumerate(zip(self.ys, given)):
            with self.beside(y.op):
                start = _initial(y, dy, i)
            self.add(self.inputs.outermost(y) if self.inputs.behind else y, start)
        queue: deque[Operation] = deque()
        for op in dict.fromkeys(self.to_ops):
            if self.pending.get(op) == 0:  # an op that no x reaches is left alone
                queue.append(op)
        while queue:
            op = queue.popleft()
            dys = self.totals(op)
            if any(d is not None for d in dys) and op not in self.stop_ops:
                self.step(op, dys)
            for t in self.inputs(op):
                left = self.pending.get(t._op)
                if left is not None:
                    self.pending[t._op] = left - 1
                    if left == 1:
                        queue.append(t._op)
        found = []
        for x in self.places:
            slots = self.grads.get(x.op)
            value = slots[x._index] if slots else []
            found.append(value[0] if value else None)
        return found

    def of_holder(self, holds: str) -> Any:
        """The gradient of an operation with bodies, told how to take gradients inside of them."""
        if holds == "frame":
            return functools.partial(_late.frame, functools.partial(_gradients, loops=self.inputs.loops), self.wanted)
        return of_holder(holds)

    def wanted(self, op: Operation) -> set[int]:
        """The inputs of an operation to which gradients flow."""
        return {i for i, t in enumerate(self.inputs(op)) if t._op in self.pending}

    def beside(self, op: Operation) -> Any:
        """Context manager: the gradients of an operation are made beside it, if the caller asked for that."""
        beside = self.colocate and op._op_def.holds != "frame"
        return self.graph.colocate_with(op, ignore_existing=False) if beside else contextlib.nullcontext()

    def add(self, tensor: Any, grad: Any) -> None:
        slots = self.grads.get(tensor.op)
        if slots is None:
            slots = self.grads[tensor.op] = [[] for _ in tensor.op.outputs]
        slots[getattr(tensor, "_index", 0)].append(grad)

    def totals(self, op: Operation) -> list[Any]:
        """The summed gradient of each output; None where nothing arrived."""
        slots = self.grads.get(op)
        if slots is None:
            return [None] * len(op.outputs)
        for slot in slots:
            if len(slot) > 1:
                with self.beside(op):
                    slot[:] = [add_gradients(slot, self.method)]
        return [slot[0] if slot else None for slot in slots]

    def step(self, op: Operation, dys: list[Any]) -> None:
        function = gradient_function(op, self.of_holder)
        if function is None:
            return
        with self.beside(op):
            for i, dy in enumerate(dys):
                if dy is None and op.outputs[i].dtype.base_dtype in _NUMBERS and op._op_def.holds != "frame":
                    dys[i] = zeros_for(op.outputs[i], self.graph)
            names, previous = self.graph._names, self.graph._original_op
            before = names.scope
            try:
                names.scope = names.unique(before + op.name + "_grad") + "/"
                self.graph._original_op = op
                try:
                    found = function(op, *dys)
                finally:
                    self.graph._original_op = previous
                found = checked(op, found)
                if self.gate and sum(d is not None for d in found) > 1:
                    with self.graph.device(None), self.graph.colocate_with(None, ignore_existing=True):
                        found = tuple_(found)
            finally:
                names.scope = before
        for t, dx in zip(self.inputs(op), found):
            if dx is not None:
                if isinstance(dx, Tensor) and t._spec.shape != dx._spec.shape and t.dtype.base_dtype is not dtypes.resource:
                    self.fit(op, t, dx)
                self.add(t, dx)

    def fit(self, op: Operation, t: Tensor, dx: Tensor) -> None:
        try:
            dx.set_shape(t._spec.shape)
        except ValueError:
            raise ValueError(f"Incompatible shapes between op input and calculated input gradient. Forward operation: {op.name}. "
                             f"Input {t.name} has shape {t.shape}, its gradient {dx.shape}. The gradient function of {op.type} "
                             "returned a gradient of the wrong shape.") from None


def of_holder(holds: str) -> Any:
    """The gradient function of an operation with bodies, by what it holds ("branches", "loop" or "call")."""
    return functools.partial(getattr(_late, holds), gradients)


def zeros_for(tensor: Tensor, graph: Any) -> Tensor:
    """Zeros for an output that no gradient reaches. In a body a constant, where that can be: its forward tensor need not be kept."""
    if graph.building_function and tensor.static is not None and None not in tensor.static:
        return F.zeros(tensor.static, tensor.dtype.base_dtype)
    return zeros_like_op(tensor, name="zeros_like")


def checked(op: Operation, found: Any) -> list[Any]:
    """What a gradient function returned, as one gradient or None per input. ValueError where number or dtypes are wrong."""
    grads = list(found) if isinstance(found, (list, tuple)) else [found]
    if len(grads) != len(op._inputs):
        raise ValueError(f"Num gradients {len(grads)} generated for op {op.name} (type {op.type}) do not match num inputs "
                         f"{len(op._inputs)}")
    for i, (dx, t) in enumerate(zip(grads, op._inputs)):
        wanted = t._spec.dtype.base_dtype
        if dx is None or wanted in _OPAQUE:
            continue
        if not isinstance(dx, (Tensor, IndexedSlices)):
            grads[i] = dx = convert_to_tensor(dx)
        if dx.dtype.base_dtype is not wanted:
            raise ValueError(f"Gradient type {dx.dtype.name} generated for op {op.name} (type {op.type}) input {i} does not match "
                             f"the type {wanted.name} of {t.name}")
    return grads


def _initial(y: Any, dy: Any, i: int) -> Any:
    """The gradient that the walk starts with at y: ones, or what the user gave."""
    dtype = y.dtype.base_dtype
    if dy is None:
        if dtype.is_complex:
            raise TypeError(f"Gradients of complex tensors ({y}) must set grad_ys (y.dtype = {dtype.name})")
        return F.ones(shape_internal(y), dtype, name=f"grad_ys_{i}")
    dy = dy if isinstance(dy, (Tensor, IndexedSlices)) else convert_to_tensor(dy, name=f"grad_y_{i}")
    if dtype.is_floating or dtype.is_integer:
        if not (dy.dtype.base_dtype.is_floating or dy.dtype.base_dtype.is_integer):
            raise TypeError(f"Gradient type {dy.dtype.name} generated for real or integer-valued tensor {y} with type {dtype.name} "
                            "must be real or integer")
    elif dtype.is_complex and not dy.dtype.is_complex:
        raise TypeError(f"Gradient type {dy.dtype.name} generated for complex-valued tensor {y} with type {dtype.name} must be real")
    if isinstance(dy, IndexedSlices):
        indices = identity(dy.indices, name=f"grad_ys_{i}_indices")
        values = identity(dy.values, name=f"grad_ys_{i}_values")
        return IndexedSlices(values, indices, None if dy.dense_shape is None else identity(dy.dense_shape, name=f"grad_ys_{i}_shape"))
    return identity(dy, name=f"grad_ys_{i}")


def _pending_counts(to_ops: Sequence[Operation], from_ops: Sequence[Operation], inputs: _Inputs) -> dict[Operation, int]:
    """For each operation between xs and ys, how many uses by others between them must come first."""
    reached = _reached(from_ops, to_ops, inputs)
    between: list[Operation] = []
    waiting = deque(to_ops)
    while waiting:
        op = waiting.popleft()
        if op in reached:
            between.append(op)
            reached.discard(op)
            waiting.extend(t._op for t in inputs(op))
    counts = dict.fromkeys(between, 0)
    for op in between:
        for t in inputs(op):
            if t._op in counts:
                counts[t._op] += 1
    return counts


def _reached(from_ops: Sequence[Operation], to_ops: Sequence[Operation], inputs: _Inputs) -> set[Operation]:
    """Operations that depend on one of from_ops through differentiable tensors, among the ancestors of to_ops."""
    ancestors = _ancestors(to_ops, lambda op: [t._op for t in inputs(op)])
    reached = set(from_ops)
    if inputs.loops is not None:
        ordered = _sources_first(to_ops, inputs)
    else:
        ordered = sorted(ancestors, key=(lambda o: (_depth(o.graph), o._id)) if inputs.behind else lambda o: o._id)
    for op in ordered:
        if op not in reached and any(t._op in reached and t._spec.dtype.base_dtype in DIFFERENTIABLE for t in inputs(op)):
            reached.add(op)
    return reached


def _sources_first(ops: Sequence[Operation], inputs: _Inputs) -> list[Operation]:
    """Operations and what they depend on, each after its inputs; the loops among them have none of the order of making."""
    found: dict[Operation, None] = {}
    stack = list(ops)
    while stack:
        op = stack[-1]
        waiting = [] if op in found else [t._op for t in inputs(op) if t._op not in found]
        if waiting:
            stack += waiting
        else:
            found.setdefault(stack.pop())
    return list(found)


def _depth(graph: Any) -> int:
    """How many graphs lie around a body."""
    count = 0
    while graph.building_function:
        graph, count = graph.outer_graph, count + 1
    return count


__all__ = ["AggregationMethod", "UnconnectedGradients", "gradients"]
