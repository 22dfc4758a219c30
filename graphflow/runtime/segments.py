"""A run in several parts, between which it may wait: each part is an executor of its own, see plan.segments."""
from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from ..core import context, errors
from ..core.constant import Const
from ..core.effects import HANDLE
from ..core.late import Late
from ..core.operation import Operation
from ..core.tensor import Tensor
from ..plan.build import Ordered, variable_behind
from ..plan.ir import Call, Handle, Plan
from ..plan.pipeline import PASSES
from ..plan.segments import Segment
from ..plan.tracer import Tracer
from .engines.numpy_engine.calls import caller
from .executor import Executor
from .resources import Context, waits
from .store import Store

_late = Late(BodyCall="graphflow.runtime.body_calls:BodyCall")      # at first use: saves 2 ms; bodies that wait
_PATIENCE = 0.05      # seconds after which the next call starts although the one before has not come back: it may wait for that one


class Segments:
    """Runs one (fetches, fed tensors) signature in which calls may block."""

    def __init__(self, session: Any, fetches: list[Tensor], fed: list[Tensor], ops: Ordered, parts: list[Segment], store: Store):
        self.session, self.fetches, self.fed, self.store = session, fetches, fed, store
        self.members = set(ops)
        self.parts = [(Executor(session, part.fetches, part.fed, part.ops, store) if part.ops or part.fetches else None,
                       [call_of(session, op, ops, fed, store) for op in part.calls]) for part in parts]

    def run(self, values: list[np.ndarray]) -> tuple[Any, ...]:
        """The fetched tensors' values, for arrays in the order of `fed`."""
        known: dict[Tensor, Any] = dict(zip(self.fed, values))
        for executor, calls in self.parts:
            if self.session._closed:
                raise errors.CancelledError(None, None, "The session was closed while a run of it waited")
            if executor is not None:
                known.update(zip(executor.fetches, executor.run([known[t] for t in executor.fed])))
            if len(calls) == 1:
                calls[0](known)
            elif calls:
                _in_turn([lambda call=call: call(known) for call in calls])  # type: ignore[misc]
        return tuple([known[t] for t in self.fetches])

    def trace(self, recorder: Any) -> None:
        """Has every step of the next run reported, see runtime.run_metadata."""
        for executor, _ in self.parts:
            if executor is not None:
                executor.trace(recorder)

    def stages(self, shapes: Any) -> list[tuple[str, Any]]:
        """As `Executor.stages`, for each segment and the calls after it; shapes of what crosses a cut as far as the graph tells them."""
        known = dict(zip(self.fed, shapes))
        found = []
        for number, (executor, calls) in enumerate(self.parts, 1):
            if executor is not None:
                inside = executor.stages([known.get(t, _full(t)) for t in executor.fed])
                found += [(f"segment {number}, {name}", plan) for name, plan in inside]
            if calls:
                found.append((f"calls after segment {number}", _picture(calls, known)))
        return found


def call_of(session: Any, op: Operation, ops: Ordered, fed: list[Tensor], store: Store) -> Any:
    """What makes a call: of an operation that may block, or that holds such ones in its bodies."""
    if op._op_def.holds is not None:
        return _late.BodyCall(session, op, ops, fed, store, Segments)
    return _BlockingCall(op, ops, fed, Context(session, store, op))


def _full(tensor: Tensor) -> tuple[int, ...] | None:
    static = tensor.static
    return None if static is None or None in static else tuple(d for d in static if d is not None)


def _picture(calls: list[Any], known: dict[Tensor, Any]) -> Plan:
    """Calls that stand between segments, as a plan to look at."""
    tracer, outputs = Tracer(), []
    inputs: dict[Tensor, Any] = {}
    with tracer:
        for call in calls:
            tracer.source = call.op
            args = []
            for a in call.arguments:
                if a.__class__ is Tensor:
                    if a not in inputs:
                        inputs[a] = tracer.input("feed", len(inputs), known.get(a, _full(a)), a.dtype.base_dtype.held)
                    a = inputs[a]
                args.append(a)
            results = call.par.results
            shape, dtype = results[0] if len(results) == 1 else ((), np.dtype(object))
            node = tracer.new("call", tuple(args), call.par, shape, dtype, merge=False)
            outputs += [node] if len(results) == 1 else [tracer.new("item", (node,), i, *result) for i, result in enumerate(results)]
    plan = Plan(tracer.inputs, tracer.nodes, outputs, ())
    for _, change in PASSES:
        plan = change(plan)
    return plan


class _BlockingCall:
    """One operation that may block: takes its inputs from the values known so far and adds its outputs."""
    __slots__ = ("arguments", "function", "op", "par")

    def __init__(self, op: Operation, ops: Ordered, fed: list[Tensor], own: Context):
        self.op = op
        self.arguments = self._arguments(op, ops, set(fed))
        self.par = Call(op, op._op_def, tuple((_full(t), t.dtype.base_dtype.held) for t in op.outputs), 0)
        self.function = caller(self.par, own)

    @staticmethod
    def _arguments(op: Operation, ops: Ordered, fed: set[Tensor]) -> list[Any]:
        """Tensors, and what is known of them for good: constants, handles."""
        handles = {position for position, how in op._op_def.accesses(op) if how & HANDLE}
        late = ops.late.get(op, ())
        found: list[Any] = []
        for i, tensor in enumerate(op._inputs):
            source = tensor._op._op_def
            if i in handles:
                key = ops.effects.home.get(tensor)       # None: the run says of which resource
                found.append(tensor if key is None else Handle(key, ops.effects.stands.get(key, op)))
            elif source.__class__ is Const and tensor not in fed:
                found.append(source.value)
            else:
                found.append(variable_behind(tensor) if tensor in late else tensor)
        return found

    def __call__(self, known: dict[Tensor, Any]) -> None:
        result = self.function(*[known[a] if a.__class__ is Tensor else a for a in self.arguments])
        outputs = self.op.outputs
        if len(outputs) == 1:
            known[outputs[0]] = result
        else:
            known.update(zip(outputs, result or ()))


def _in_turn(calls: list[Callable[[], None]]) -> None:
    """Makes calls in their order. One that does not come back soon no longer keeps the next ones from starting: it may wait for them.

    The first error ends the wait for the others, which are told to give up.
    """
    cancelled, changed, failures = threading.Event(), threading.Condition(), list[BaseException]()
    graphs, sessions, deadline = list(context.stacks.graphs), list(context.stacks.sessions), waits.deadline
    done = [False] * len(calls)

    def body(i: int) -> None:
        context.stacks.graphs, context.stacks.sessions = list(graphs), list(sessions)
        waits.cancelled, waits.deadline = cancelled, deadline
        try:
            calls[i]()
        except BaseException as error:
            failures.append(error)
        with changed:
            done[i] = True
            changed.notify_all()

    try:
        for i in range(len(calls)):
            threading.Thread(target=body, args=(i,), name=f"graphflow-call-{i}", daemon=True).start()
            with changed:
                changed.wait_for(lambda i=i: done[i] or failures, _PATIENCE if i + 1 < len(calls) else 0)  # type: ignore[misc]
            if failures:
                break
        with changed:
            changed.wait_for(lambda: failures or all(done))
        if failures:
            raise failures[0]
    except BaseException:
        cancelled.set()
        raise
