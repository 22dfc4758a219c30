"""A traced function that can be called: eagerly through plan and engine, in a graph as one operation; with gradients either way."""
from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..autodiff.bodies import GradientBody, differentiable, is_no_variable
from ..autodiff.gradients import gradients
from ..core import context
from ..core.constant import Const
from ..core.convert import convert_to_tensor
from ..core.dtypes import resource
from ..core.func_graph import FuncGraph
from ..core.make import make, make_op
from ..core.op import Spec
from ..core.tensor import Tensor
from ..core.values import IndexedSlices
from ..ops import functions as F
from ..ops.control_flow.bodies import is_stateful, register
from ..ops.control_flow.effects import must_run
from ..runtime.functions import Scope, compiled
from .tape import FLOWS
from .tensor import EagerTensor

_scopes: weakref.WeakSet[Scope] = weakref.WeakSet()      # random streams of all functions, which a new global seed begins anew


def forget_streams() -> None:
    """Random numbers of functions begin anew."""
    for scope in list(_scopes):
        scope._states.clear()


def new_scope() -> Scope:
    """A place for the random streams of a function."""
    scope = Scope(context.eager_graph.session._store)
    _scopes.add(scope)
    if forget_streams not in context.eager_graph.on_new_seed:
        context.eager_graph.on_new_seed.append(forget_streams)
    return scope


class Traced:
    """A body whose last inputs are `captured`, tensors of what is around it."""

    def __init__(self, body: FuncGraph, outputs: Sequence[Tensor] | None = None):
        self.body = body
        self.captured = list(body.captures)
        self.outputs = list(body.outputs if outputs is None else outputs)
        register(body)
        weakref.finalize(self, _unregister, body).atexit = False
        self.specs = [t._spec for t in self.outputs]
        self._run: Any = None
        self._scope: Any = None
        self._differentiated: _Gradient | None = None
        self.variables: list[Any] = []

    def __call__(self, arguments: Sequence[Tensor]) -> list[Any]:
        """The outputs."""
        graph: Any = context.default_graph()
        inputs = [*arguments, *self.captured]
        for recorder in context.recorders:
            if recorder.auto:
                for variable in self.variables:
                    recorder.watch_variable(variable)
        if not graph.eager:
            return self.added(graph, inputs)
        if any(tape.flows(inputs) for tape in context.recorders):
            return self.recorded(inputs).outputs[:len(self.outputs)]
        return self.run(inputs)

    # -- in a graph ---------------------------------------------------------------------------------------------------
    def added(self, graph: Any, inputs: list[Tensor]) -> list[Any]:
        """The outputs of a call that is added to a graph."""
        if graph.shared is not self.body.shared:
            raise ValueError(f"the function {self.body.name} was traced for another graph: call it there, or trace it anew in this one")
        if graph.building_function:
            inputs = [graph.own(t) for t in inputs]
        cls: Any = F.StatefulPartitionedCall if is_stateful(self.body) else F.PartitionedCall
        attrs = {"Tout": tuple(t.dtype.base_dtype for t in self.outputs), "f": register(self.body)}
        self.body.common = True
        op = make_op(cls, (inputs,), None, attrs)
        for t, spec in zip(op.outputs, self.specs):
            t._spec = Spec(spec.dtype.base_dtype, spec.shape)
        return list(op.outputs)

    # -- eagerly ------------------------------------------------------------------------------------------------------
    def run(self, inputs: Sequence[Any]) -> list[EagerTensor]:
        """The outputs, computed."""
        if self._run is None:
            self._run = self.compile(self.outputs)
        return self._run(inputs)

    def compile(self, outputs: Sequence[Tensor]) -> Any:
        """What computes tensors of the body from its inputs."""
        session = context.eager_graph.session
        if self._scope is None:
            self._scope = new_scope()
        return Compiled(session, self.body, list(outputs), self._scope)

    def recorded(self, inputs: Sequence[Any]) -> Any:
        """A record of a call: its outputs, followed by what gradients need besides. Tapes are told."""
        operation = context.eager_graph.operation(CALL, inputs, self.body.name)
        operation.outputs = self.gradient().forward(inputs)
        operation._extra = {"_tape_gradient": self.backward}
        for tape in context.recorders:
            if tape.flows(inputs):
                tape.add(operation)
        return operation

    def backward(self, op: Any, *dys: Any) -> list[Any]:
        """The gradients of the inputs of a call that was recorded."""
        gradient, count = self.gradient(), len(self.outputs)
        if all(dy is None for dy in dys[count:]):
            return gradient.backward(op, dys[:count])
        # of a gradient: what it took of the insides is an output like others, of a function that is called once more
        if gradient.extended is None:
            gradient.extended = Traced(self.body, [*self.outputs, *gradient.inner])
        return gradient.extended.backward(gradient.extended.recorded(op._inputs), *dys)

    def gradient(self) -> _Gradient:
        """The function's gradient, built at first need."""
        if self._differentiated is None:
            self._differentiated = _Gradient(self)
            self._run = None               # operations in the body may have been given more outputs
        return self._differentiated


def _unregister(body: FuncGraph) -> None:
    """Takes a body that nobody calls any more out of the library of its graph. One that is common may be called by others."""
    if not body.common and body._functions.get(body.name) is body:
        del body._functions[body.name]


class _Call(Const):
    """Stands for the operation that a call is, in records."""


CALL = object.__new__(_Call)
CALL.__dict__.update(_memo={})


class Compiled:
    """A body's outputs as a function of eager tensors. Variables are read and written in the store."""

    def __init__(self, session: Any, body: FuncGraph, outputs: list[Tensor], scope: Any):
        body.effects = [op for op in body._ops if must_run(op)]
        self.session, self.body, self.outputs = session, body, outputs
        self.handles = [i for i, t in enumerate(body.inputs) if t.dtype.base_dtype is resource]
        self.values = [i for i, t in enumerate(body.inputs) if t.dtype.base_dtype is not resource]
        self.specs = [Spec(t.dtype.base_dtype, t.static) for t in outputs]
        self.scope = scope
        self.known: dict[Any, Any] = {}

    def __call__(self, inputs: Sequence[Any]) -> list[EagerTensor]:
        keys = tuple([inputs[i]._value.key for i in self.handles])
        call = self.known.get(keys)
        if call is None:
            call = self.known[keys] = self.bound(keys)
        results = call([np.asarray(inputs[i]._value) for i in self.values])
        found = []
        for spec, value in zip(self.specs, results):
            dtype = spec.dtype.held
            if dtype.kind == "O":
                if spec.dtype.name == "string" and value.__class__ is not np.ndarray:
                    value = np.asarray(value, object)
                shape = value.shape if value.__class__ is np.ndarray else ()
            else:
                if value.__class__ is not np.ndarray or value.dtype != dtype:
                    value = np.asarray(value, dtype)
                shape = value.shape
            found.append(EagerTensor(value, spec if spec.shape == shape else Spec(spec.dtype, shape)))
        return found

    def bound(self, keys: tuple[str, ...]) -> Any:
        """The compiled function for variables of these keys."""
        body = self.body
        home = dict(zip([body.inputs[i] for i in self.handles], keys))
        for key in keys:
            self.session.bind(key)
        fed = [body.inputs[i] for i in self.values]
        return compiled(self.session, self.outputs, body.effects, fed, home, self.scope, in_turn=True)


class _Backward(GradientBody):
    """The gradients of a body's inputs. What it needs of the body comes in as arguments."""

    def __init__(self, name: str, outer: Any, forward: FuncGraph):
        super().__init__(name, outer, forward, None, 0)  # type: ignore[arg-type]
        self.residuals: list[Tensor] = []

    def of_forward(self, tensor: Tensor) -> Tensor:
        if isinstance(tensor._op._op_def, Const):
            return self.copied(tensor)
        inside = self.add_input(Spec(tensor.dtype.base_dtype, tensor.static), tensor._op.name.rpartition("/")[2])
        self.arguments[inside] = tensor
        self.residuals.append(tensor)
        return inside


class _Gradient:
    """A function's gradient: a forward function that gives what the backward one needs besides, and the backward one."""

    def __init__(self, traced: Traced):
        self.traced = traced
        body, targets = traced.body, traced.outputs
        self.extended: Traced | None = None
        graph = _Backward(f"{body.name}_grad", body.outer_graph, body)
        flows = [i for i, t in enumerate(targets) if t.dtype.base_dtype in FLOWS and t.dtype.base_dtype is not resource]
        with graph.as_default():
            dys = [graph.add_input(Spec(targets[i].dtype.base_dtype, targets[i].static), f"dy_{i}") for i in flows]
            xs = [t for t in body.inputs if differentiable(t) and not is_no_variable(t)]
            found = dict(zip(xs, gradients([targets[i] for i in flows], xs, dys) if flows and xs else [None] * len(xs)))
            outputs: list[Tensor] = []
            self.forms: list[Any] = []         # of each input: None, or how many outputs its gradient takes
            for t in body.inputs:
                dx = found.get(t)
                parts = [] if dx is None else [dx.values, dx.indices, *([] if dx.dense_shape is None else [dx.dense_shape])] \
                    if isinstance(dx, IndexedSlices) else [dx]
                self.forms.append(None if dx is None else (isinstance(dx, IndexedSlices), len(parts)))
                outputs += [F.identity(graph.own(p)) for p in parts]
            graph.outputs = outputs
            graph.structured_outputs = list(outputs)
        self.flows, self.dys = flows, len(dys)
        self.inner = [t for t in graph.residuals if not any(t is x for x in (*body.inputs, *targets))]
        self.places = [_place(t, body.inputs, [*targets, *self.inner]) for t in graph.residuals]
        self.forward = traced.compile([*targets, *self.inner])
        captured = list(graph.captures)
        # arguments before captures: those of the walk came in between
        graph.inputs = [t for t in graph.inputs if not any(t is c for c in graph.captures.values())] + [graph.captures[c] for c in captured]
        self.reverse = Traced(graph)

    def backward(self, op: Any, dys: Sequence[Any]) -> list[Any]:
        """The gradients of the inputs of a call that was recorded."""
        starts = [make(F.ZerosLike, op.outputs[i]) if dys[i] is None else dys[i] for i in self.flows]
        starts = [convert_to_tensor(dy) if isinstance(dy, IndexedSlices) else dy for dy in starts]
        found = iter(self.reverse([*starts, *[(op._inputs if is_input else op.outputs)[i] for is_input, i in self.places]]))
        result: list[Any] = []
        for form in self.forms:
            if form is None:
                result.append(None)
                continue
            is_slices, count = form
            parts = [next(found) for _ in range(count)]
            result.append(IndexedSlices(*parts) if is_slices else parts[0])
        return result


def _place(tensor: Tensor, inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> tuple[bool, int]:
    """Whether a tensor is an input or an output, and which."""
    for is_input, tensors in ((True, inputs), (False, outputs)):
        for i, t in enumerate(tensors):
            if t is tensor:
                return is_input, i
    raise AssertionError(tensor)
