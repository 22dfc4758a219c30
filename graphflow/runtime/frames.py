"""A run of a graph with TF1's control flow nodes: parts that are executors of their own, and values that go on, or not, between them.

`values` of a turn holds what is alive. What plan.steps calls a guard is looked up there before a part runs.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from ..core import errors
from ..core.operation import Operation
from ..core.tensor import Tensor
from ..kernels.interrupts import watch
from ..kernels.tensor_array import boxed
from ..ops.control_flow.frames import Frame, frames_of
from ..ops.control_flow.sides import Side
from ..plan.steps import Around, Given, Part, Steer, Steps, refuse_inside
from .executor import Executor
from .segments import call_of
from .store import Store

_SHAPES = 4         # for so many shapes a part is compiled; then once more for sizes that change
Step = Callable[[dict[Any, Any]], None]


class _Part(Executor):
    """An executor that does not compile anew for ever when the shapes of what it gets change in each turn."""

    def __init__(self, session: Any, part: Part, store: Store):
        super().__init__(session, part.gives, part.takes, part.ops, store)
        self.met: list[Any] = []
        self.same: list[bool] = []

    def _compile(self, shapes: Any) -> Any:
        if len(self.met) < _SHAPES:
            if shapes not in self.met:
                self.met.append(shapes)
            return super()._compile(shapes)
        if not self.same:
            self.same = [all(s[i] == shapes[i] for s in self.met) for i in range(len(shapes))]
        else:
            self.same = [same and self.met[0][i] == shapes[i] for i, same in enumerate(self.same)]
        loose = tuple([shape if same else None for same, shape in zip(self.same, shapes)])
        found = self.variants.get(loose)
        if found is None or (found.generation != self.store.generation and not self._revive(found)):
            found = super()._compile(loose)
        return found


class Frames:
    """Runs one (fetches, fed tensors) signature of operations among which some steer."""

    def __init__(self, session: Any, fetches: list[Tensor], fed: list[Tensor], ops: Sequence[Operation], store: Store,
                 home: dict[Tensor, str] | None = None, stands: dict[str, Operation] | None = None):
        self.session, self.fetches, self.fed, self.store = session, fetches, fed, store
        self.members, known = set(ops), {*fed, *(home or ())}
        self.recorder: Any = None
        self.executors: list[_Part] = []
        frame = frames_of(ops, known)
        own = [t for t in dict.fromkeys(fetches) if t not in known]
        refuse_inside([t for t in own if t not in t.graph._final_reads], frame)
        steps = Steps(frame, known, own, Around(home or {}, stands or {}))
        self.known = {**steps.known, **(home or {})}
        self.steps = self._made(steps)
        self.steps += [self._part(steps.value(t)) for t in own if t._op in steps.free or t in t.graph._final_reads]

    def run(self, values: list[np.ndarray]) -> tuple[Any, ...]:
        """The fetched tensors' values, for arrays in the order of `fed`. InvalidArgumentError for one that is dead."""
        known: dict[Any, Any] = {**self.known, **dict(zip(self.fed, values))}
        for step in self.steps:
            step(known)
        try:
            return tuple([known[t] for t in self.fetches])
        except KeyError:
            i = next(i for i, t in enumerate(self.fetches) if t not in known)
            t = self.fetches[i]
            raise errors.InvalidArgumentError(
                None, t._op, f"Retval[{i}] does not have value\n  {t.name} is in a branch that this run did not take; fetch what "
                             "joins the branches (a Merge)") from None

    def trace(self, recorder: Any) -> None:
        """Has every step of the next run reported, see runtime.run_metadata."""
        for executor in self.executors:
            executor.trace(recorder)

    def stages(self, shapes: Any) -> list[tuple[str, Any]]:
        """As `Executor.stages`, for each part; shapes of what crosses their borders as far as the graph tells them."""
        known = dict(zip(self.fed, shapes))
        found = []
        for number, executor in enumerate(self.executors, 1):
            names = ", ".join(dict.fromkeys(op.name.rpartition("/")[0] or op.name for op in executor.ops[-1:]))
            for name, plan in executor.stages([known.get(t, _full(t)) for t in executor.fed]):
                found.append((f"part {number} ({names}), {name}", plan))
        return found

    # -- what steps do ------------------------------------------------------------------------------------------------
    def _made(self, steps: Steps) -> list[Step]:
        made = []
        for step in steps.steps:
            if step.__class__ is Part:
                made.append(self._part(step))
            elif step.__class__ is Given:
                made.append(self._given(step))
            elif step.op._op_def.steers != "trigger":
                made.append(self._steering(step, steps))
        return made

    def _given(self, given: Given) -> Step:
        tensor, value, alive = given.tensor, given.value, _alive(given.guard)
        assert alive is not None

        def step(values: dict[Any, Any]) -> None:
            if alive(values):
                values[tensor] = value
        return step

    def _part(self, part: Part) -> Step:
        executor = _Part(self.session, part, self.store)
        self.executors.append(executor)
        run, takes, gives, alive = executor.run, part.takes, part.gives, _alive(part.guard)

        def step(values: dict[Any, Any]) -> None:
            if alive is None or alive(values):
                given = [values[t] for t in takes]
                try:
                    results = run(given)
                except AttributeError:
                    results = run(_arrays(given))
                values.update(zip(gives, results))
        return step

    def _steering(self, steer: Steer, steps: Steps) -> Step:
        op = steer.op
        alive = _alive(steer.guard) if op._control or not op._op_def.steers else None
        if not op._op_def.steers:
            return self._call(op, steps, alive)
        return _STEPS[op._op_def.steers](self, op, alive, steer, steps.takes(op))

    def _call(self, op: Operation, steps: Steps, alive: Any) -> Step:
        fed = [t for t in op._inputs if t in steps.fed and t not in steps.around.home]
        call = call_of(self.session, op, steps.ordered, fed, self.store)

        def step(values: dict[Any, Any]) -> None:
            if alive is None or alive(values):
                if self.session._closed:
                    raise errors.CancelledError(None, None, "The session was closed while a run of it waited")
                call(values)
        return step

    def _switch(self, op: Operation, alive: Any, steer: Steer, takes: list[Tensor]) -> Step:
        (data, predicate), (no, yes) = takes, op.outputs

        def step(values: dict[Any, Any]) -> None:
            if data in values and predicate in values and (alive is None or alive(values)):
                values[yes if values[predicate] else no] = values[data]
        return step

    def _merge(self, op: Operation, alive: Any, steer: Steer, takes: list[Tensor]) -> Step:
        output, index = op.outputs

        def step(values: dict[Any, Any]) -> None:
            for i, t in enumerate(takes):
                if t in values:
                    values[output], values[index] = values[t], np.int32(i)
                    return
        return step

    def _kept(self, op: Operation, alive: Any, steer: Steer, takes: list[Tensor]) -> Step:
        """Exit and NextIteration: the loop takes what they have when the turn is over."""
        (data,) = takes

        def step(values: dict[Any, Any]) -> None:
            if data in values and (alive is None or alive(values)):
                values[op] = values[data]
        return step

    def _loop(self, op: Operation, alive: Any, steer: Steer, takes: list[Tensor]) -> Step:
        inner = steer.inner
        assert inner is not None
        frame: Frame = op._op_def.frame  # type: ignore[attr-defined]
        whole, known = self._made(inner), inner.known
        partly: list[tuple[list[Step], dict[Any, Any]]] = []
        enters = list(zip(frame.enters, takes))
        constant = [(t, enter.outputs[0]) for enter, t in enters if enter._op_def.is_constant]  # type: ignore[attr-defined]
        varying = [(t, enter.outputs[0]) for enter, t in enters if not enter._op_def.is_constant]  # type: ignore[attr-defined]
        asks = [(enter.outputs[0], _alive(guard)) for enter, guard in (steer.asks or {}).items()]
        exits = [(out, out.outputs[0]) for out in frame.exits]
        backs = [(back, back.outputs[0]) for back in frame.backs]

        def step(outer: dict[Any, Any]) -> None:
            still = {into: outer[t] for t, into in constant if t in outer}
            turn = {into: outer[t] for t, into in varying if t in outer}
            for into, holds in asks:
                if holds is not None and not holds(outer):
                    still.pop(into, None)
                    turn.pop(into, None)
            still.update(known)
            if len(turn) < len(varying) and turn and not inner.mixed:      # some of the loop's variables are dead
                with self.store.compiling:
                    if not partly:
                        other = inner.as_mixed()
                        partly.append((self._made(other), other.known))
                inside, more = partly[0]
                still.update(more)
            else:
                inside = whole
            while turn:
                watch()
                values: dict[Any, Any] = {**still, **turn}
                for one in inside:
                    one(values)
                for out, there in exits:
                    if out in values:
                        outer[there] = values[out]
                turn = {there: values[back] for back, there in backs if back in values}
        return step


_STEPS: dict[str, Any] = {"switch": Frames._switch, "merge": Frames._merge, "exit": Frames._kept, "next": Frames._kept,
                          "loop": Frames._loop}


def _alive(guard: Iterable[Any]) -> Callable[[dict[Any, Any]], bool] | None:
    """Whether all that a guard asks for holds; None where it asks for nothing."""
    sides = [(what.predicate, what.value) for what in guard if what.__class__ is Side]
    live = [what for what in guard if what.__class__ is not Side]
    if not sides and not live:
        return None
    if len(sides) == 1 and not live:
        ((predicate, side),) = sides
        return lambda values: predicate in values and bool(values[predicate]) is side

    def alive(values: dict[Any, Any]) -> bool:
        return all(t in values for t in live) and all(t in values and bool(values[t]) is side for t, side in sides)
    return alive


def _arrays(values: Sequence[Any]) -> list[Any]:
    """Values that are no arrays, lists of tensors say, in arrays."""
    return [v if hasattr(v, "shape") and hasattr(v, "dtype") and isinstance(v, (np.ndarray, np.generic)) else boxed(v) for v in values]


def _full(tensor: Tensor) -> tuple[int, ...] | None:
    static = tensor.static
    return None if static is None or None in static else tuple(d for d in static if d is not None)
