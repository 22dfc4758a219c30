"""Branches, loops and function calls in whose bodies something may wait for other threads: they run between segments, as such calls do.

Where the bodies touch no variables, the operation is a plan of its own, which takes no lock. Else the bodies are run one by one, each in
segments: the lock is held for what a body does between waits, and other runs have their turn meanwhile.
"""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core import errors
from ..core.constant import Const
from ..core.effects import READ, WRITE, steers_inside, waits
from ..core.operation import Operation
from ..core.tensor import Tensor
from ..plan.branches import chosen
from ..plan.build import Ordered, in_order, prune
from ..plan.effects import Effects
from ..plan.ir import Call, Handle
from ..plan.pipeline import operations
from ..plan.segments import cut
from .executor import Executor
from .resources import waits as under_way
from .store import Store


def is_resource(tensor: Tensor) -> bool:
    """Whether a tensor is a reference or a handle."""
    return tensor.dtype.is_ref or tensor.dtype.name == "resource"


class BodyCall:
    """One operation that holds such bodies: takes its inputs from the values known so far and adds its outputs.

    segments: the class of runs in several parts, which makes these calls.
    """
    __slots__ = ("arguments", "bodies", "first", "home", "op", "par", "segments", "session", "stands", "store", "whole")

    def __init__(self, session: Any, op: Operation, ops: Ordered, fed: Sequence[Tensor], store: Store, segments: Any):
        self.session, self.op, self.store, self.segments = session, op, store, segments
        self.first = int(op._op_def.holds == "branches")
        self.home = {t: ops.effects.home[t] for t in op._inputs if is_resource(t) and t in ops.effects.home and t not in fed}
        self.stands = ops.effects.stands
        late = ops.late.get(op, ())
        self.arguments: list[Any] = []
        for tensor in op._inputs:
            if tensor in self.home:
                self.arguments.append(Handle(self.home[tensor], op))
            elif tensor._op._op_def.__class__ is Const and tensor not in fed:
                self.arguments.append(tensor._op._op_def.value)
            else:
                self.arguments.append(tensor._op._inputs[0] if tensor in late else tensor)
        results = tuple((None if t.static is None or None in t.static else t.static, t.dtype.base_dtype.np) for t in op.outputs)
        self.par = Call(op, op._op_def, results, 0)
        self.bodies: list[Any] = [None] * len(op._op_def.bodies_of(op))
        self.whole: Executor | None = None
        if not any(how & (READ | WRITE) for _, how in op._op_def.accesses(op)) and not steers_inside(op):
            given = list(dict.fromkeys(a for a in self.arguments if a.__class__ is Tensor))
            members = operations([op], [*given, *self.home], self.home)
            members.effects.stands.update(self.stands)
            self.whole = Executor(session, [t for t in op.outputs if not is_resource(t)], given, members, store)

    def __call__(self, known: dict[Tensor, Any]) -> None:
        if self.whole is not None:
            known.update(zip(self.whole.fetches, self.whole.run([known[t] for t in self.whole.fed])))
            return
        values = [known[a] if a.__class__ is Tensor else a for a in self.arguments]
        op_def = self.op._op_def
        if op_def.holds == "loop":
            while chosen("truth", self._run(0, values)[0], 2):
                values = [old if old.__class__ is Handle else new for old, new in zip(values, self._run(1, values))]
        elif op_def.holds == "branches":
            values = self._run(chosen(op_def.rule, values[0], len(self.bodies)), values[1:])  # type: ignore[attr-defined]
        else:
            values = self._run(0, values)
        known.update((t, self._read(v) if v.__class__ is Handle else v) for t, v in zip(self.op.outputs, values)
                     if v is not None and not is_resource(t))

    def _read(self, handle: Handle) -> Any:
        """The value of a variable whose reference a loop hands on."""
        self.store.lock.acquire(False)
        try:
            found = self.store.value(handle.key)
            return None if found is None else np.array(found)
        finally:
            self.store.lock.release()

    def _run(self, number: int, values: Sequence[Any]) -> list[Any]:
        """The outputs of a body; None for those that are resources."""
        if self.store.closed or (under_way.cancelled is not None and under_way.cancelled.is_set()):
            raise errors.CancelledError(None, self.op, f"{self.op.name} was under way, and the session was closed or the run given up")
        body = self.op._op_def.bodies_of(self.op)[number]
        runner = self.bodies[number]
        if runner is None:
            runner = self.bodies[number] = self._runner(body)
        inside = dict(zip(body.inputs, values))
        inside.update(zip(runner.fetches, runner.run([inside[t] for t in runner.fed])))
        return [inside.get(t) if is_resource(t) else inside[t] for t in body.outputs]      # a TensorArray by handle may pass through

    def _runner(self, body: Any) -> Any:
        outer = self.op._inputs[self.first:]
        home = {inside: self.home[t] for t, inside in zip(outer, body.inputs) if t in self.home}
        fed = [t for t in body.inputs if t not in home]
        fetches = list(dict.fromkeys(t for t in body.outputs if not is_resource(t)))
        targets = [*[t._op for t in body.outputs if t not in body.inputs], *body.effects]
        members = prune(targets, set(body.inputs))
        if any(op._op_def.steers for op in members):
            return self.session._frames(fetches, fed, members, home, self.stands)
        ops = in_order(members, Effects(members, home))
        ops.effects.stands.update(self.stands)
        if any(map(waits, ops)):
            return self.segments(self.session, fetches, fed, ops, cut(ops, fetches, fed), self.store)
        return Executor(self.session, fetches, fed, ops, self.store)
