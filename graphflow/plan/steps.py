"""The steps of a frame (ops.control_flow.frames) in a run: parts that are planned and compiled by themselves, and what steers values
between them.

Whether an operation is alive is decided by its guard: the sides of the Switches that its inputs went through (and, where that does not
say it, tensors that are alive or not). Operations of one guard live and die together, so those that need nothing from between them
are one part. Constants, and what is computed of nothing else, belong to every part that uses them.
"""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from ..core import errors
from ..core.constant import Const
from ..core.effects import READ, WRITE, waits
from ..core.operation import Operation
from ..core.tensor import Tensor
from ..ops.control_flow.frames import Frame, Looping, frames_of, inside
from ..ops.control_flow.sides import ALIVE, Side, joined, root_of
from .build import Ordered, turn_order, variable_behind, windows_of
from .effects import Effects
from .turns import turned


class Part(NamedTuple):
    """Operations that run together if all of `guard` holds (Sides, and Tensors that must be alive).

    takes, gives: what crosses its border.
    """
    ops: Ordered
    guard: frozenset[Any]
    takes: list[Tensor]
    gives: list[Tensor]


class Given(NamedTuple):
    """A tensor whose value is known without a run, which is alive if all of `guard` holds."""
    tensor: Tensor
    value: Any
    guard: frozenset[Any]


class Steer(NamedTuple):
    """A steering operation, or a call that may block, which runs if all of `guard` holds.

    inner: the steps of a loop. asks: what must hold for an Enter of it that has control inputs.
    """
    op: Operation
    guard: frozenset[Any]
    inner: Steps | None = None
    asks: dict[Operation, frozenset[Any]] | None = None


class Around(NamedTuple):
    """What the steps of a body are given: home of its inputs that stand for resources, and the operations that stand for these."""
    home: dict[Tensor, str]
    stands: dict[str, Operation]


class Steps:
    """steps: in their order. known: tensors whose values are known without a run. late: as in `Ordered`."""

    def __init__(self, frame: Frame, fed: set[Tensor], fetches: Sequence[Tensor], around: Around, outer: Steps | None = None,
                 mixed: bool = False):
        self.outer: Steps | None = outer
        self.frame, self.fed, self.mixed, self.backs, self.around = frame, fed, mixed, set(frame.backs), around
        given: dict[Tensor, str] = around.home if outer is None else {**outer.home, **inside(frame, outer.home)}
        windows: dict[Tensor, str] = {} if outer is None else _entered(frame, outer.windows)
        stands = around.stands if outer is None else outer.ordered.effects.stands
        self.ordered: Ordered = turn_order(frame, fed, given, stands, windows)
        self.home: dict[Tensor, str] = self.ordered.effects.home
        self.late = self.ordered.late
        self.windows: dict[Tensor, str] = windows_of(self.ordered, fed, self.home, windows)
        # What every part has for itself (constants, handles, what is computed of nothing else): the others that it waits for.
        self.free: dict[Operation, list[Operation]] = {} if outer is None else dict(outer.free)
        self.guards: dict[Tensor | Operation, frozenset[Any]] = {}
        self.look: dict[Any, Side] = {}           # a side, by the root of its predicate -> where its value is seen
        self.level: dict[Operation, int] = {}
        self.inner: dict[Operation, Steps] = {}
        self.asks: dict[Operation, dict[Operation, frozenset[Any]]] = {}
        self.known: dict[Tensor, Any] = {}
        self.extra: dict[Operation, list[tuple[Tensor, Any]]] = {}      # before an operation steers them: what gives these tensors
        for op in frame.enters:
            t = op.outputs[0]
            self.guards[t] = frozenset([t]) if mixed else ALIVE
            if op._op_def.is_constant and op._inputs[0]._op in self.free and t not in self.home:  # type: ignore[attr-defined]
                self.free[op] = []
        self._walk()
        self._check_turns()
        self.steps = self._steps(list(fetches))

    # -- who is alive -------------------------------------------------------------------------------------------------
    def _walk(self) -> None:
        """Guards and levels, in order."""
        last_write: dict[str, Operation] = {}
        reads: dict[str, list[Operation]] = {}
        for op in self.ordered:
            sources = self._sources(op)
            if self._is_free(op):
                self.free[op] = sources
                self._guard(op)
                continue
            for touch in self.ordered.effects.touches.get(op, ()):
                if touch.key is None or not touch.how & (READ | WRITE):
                    continue
                if touch.key in last_write:
                    sources.append(last_write[touch.key])
                if touch.how & WRITE:
                    sources += reads.pop(touch.key, ())
                    last_write[touch.key] = op
                else:
                    reads.setdefault(touch.key, []).append(op)
            self._guard(op)
            self.level[op] = self._level(op, [s for s in sources if s is not op])

    def _is_free(self, op: Operation) -> bool:
        op_def = op._op_def
        if op_def.__class__ is Const or op_def.resource_key(op) is not None:
            return True
        if op_def.stateful or op_def.may_wait or op_def.steers or op_def.lowered is not None or \
                not op.outputs or not op._inputs or op in self.ordered.effects.touches:
            return False
        return all(t not in self.fed and t._op in self.free for t in op._inputs)

    def _sources(self, op: Operation) -> list[Operation]:
        """What stands before an operation in this frame, through what is free."""
        found: list[Operation] = []
        for source in (*(t._op for t in self.takes(op) if t not in self.fed), *op._control):
            source = self.frame.makers.get(source, source)
            if source in self.free:
                found += self.free[source]
            elif source in self.level:
                found.append(source)
        return found

    def takes(self, op: Operation) -> list[Tensor]:
        """The tensors that an operation reads when it runs: for late reads (see Ordered) the variable itself."""
        late = self.late.get(op, ())
        return [variable_behind(t) if t in late else t for t in op._inputs]

    def steers(self, op: Operation) -> bool:
        """Whether it is a step of its own."""
        return bool(op._op_def.steers) or waits(op)

    def _level(self, op: Operation, sources: Iterable[Operation]) -> int:
        level = 0
        for source in sources:
            if self.steers(source):
                level = max(level, self.level[source])
            else:
                same = not self.steers(op) and self.guards[source] == self.guards[op]
                level = max(level, self.level[source] + (not same))
        return level

    def guard_of(self, tensor: Tensor) -> frozenset[Any]:
        return ALIVE if tensor in self.fed else self.guards.get(tensor, self.guards.get(tensor._op, ALIVE))

    def _guard(self, op: Operation) -> None:
        how = op._op_def.steers
        controls = [self.guards.get(c, ALIVE) for c in op._control]
        inputs = [self.guard_of(t) for t in op._inputs]
        guard = ALIVE.union(*controls, *inputs)
        if how == "switch":
            for t, value in zip(op.outputs, (False, True)):
                self.guards[t] = guard | {self._side(op._inputs[1], value)}
        elif how == "merge":
            turning = any(t._op in self.backs for t in op._inputs)
            found = (frozenset([op.outputs[0]]) if self.mixed else ALIVE) if turning else joined(inputs)
            guard = frozenset([op.outputs[0]]) if found is None else found
        elif how == "trigger":
            guard = ALIVE
        elif how == "loop" and not self._turns(op, inputs):
            self._guard_loop(op, inputs)
            guard = ALIVE
        self.guards.update((t, guard) for t in op.outputs if t._op is not op and not op._op_def.steers)
        self.guards[op] = guard

    def _side(self, predicate: Tensor, value: bool) -> Side:
        """The side of a Switch: predicates that are Identities of one tensor are one."""
        root = root_of(predicate, self.fed)
        return self.look.setdefault((root, value), Side(root, value, predicate))

    def _turns(self, op: Operation, inputs: list[frozenset[Any]]) -> bool:
        """Whether a loop whose variables live and die together is an operation like others (plan.turns)."""
        frame: Frame = op._op_def.frame  # type: ignore[attr-defined]
        entered = self._entered(frame, inputs)
        whole = ALIVE.union(*entered)
        together = all(guard == whole for enter, guard in zip(frame.enters, entered)
                       if not enter._op_def.is_constant)  # type: ignore[attr-defined]
        return together and not self.mixed and turned(op, self.fed, self.home, self.windows)

    def _entered(self, frame: Frame, inputs: list[frozenset[Any]]) -> list[frozenset[Any]]:
        """What must hold for each Enter of a loop."""
        return [guard.union(*(self.guards.get(c, ALIVE) for c in enter._control)) for enter, guard in zip(frame.enters, inputs)]

    def _maker(self, tensor: Tensor) -> Operation:
        """The operation of this frame that gives a tensor."""
        return self.frame.makers.get(tensor._op, tensor._op)

    def _guard_loop(self, op: Operation, inputs: list[frozenset[Any]]) -> None:
        frame: Frame = op._op_def.frame  # type: ignore[attr-defined]
        entered = self._entered(frame, inputs)
        together = ALIVE.union(*[guard for enter, guard in zip(frame.enters, entered)
                                 if not enter._op_def.is_constant])  # type: ignore[attr-defined]
        inner = Steps(frame, self.fed, (), self.around, self)
        if inner.uneven:
            inner = inner.as_mixed()
        self.inner[op] = inner
        self.asks[op] = {enter: guard for enter, guard in zip(frame.enters, entered) if enter._control and guard != ALIVE}
        for out in frame.exits:
            sure = not inner.mixed and inner.leaves_last(out)
            self.guards[out.outputs[0]] = together if sure else frozenset([out.outputs[0]])

    def as_mixed(self) -> Steps:
        """The steps for a loop some of whose variables are alive and some not."""
        return Steps(self.frame, self.fed, (), self.around, self.outer, mixed=True)

    def _check_turns(self) -> None:
        """uneven: whether some loop variables may go on without the others."""
        self.onward = [self.guards[op] for op in self.frame.backs]
        self.uneven = any(guard != self.onward[0] for guard in self.onward)

    def leaves_last(self, out: Operation) -> bool:
        """Whether an Exit is alive in the last turn for certain, and only there."""
        mine = self.guards[out]
        if not self.onward:
            return mine == ALIVE
        return len(mine) == len(self.onward[0]) == 1 and joined([mine, self.onward[0]]) == ALIVE

    # -- the steps ----------------------------------------------------------------------------------------------------
    def _steps(self, fetches: list[Tensor]) -> list[Any]:
        taken: set[Tensor] = set(fetches)
        groups: dict[tuple[int, frozenset[Any]], list[Operation]] = {}
        steering: dict[int, list[Operation]] = {}
        for op, level in self.level.items():
            if self.steers(op):
                steering.setdefault(level, []).append(op)
                taken.update(self._values_for(op))
            else:
                groups.setdefault((level, self.guards[op]), []).append(op)
        member = {op: key for key, ops in groups.items() for op in ops}
        for key, ops in groups.items():
            for op in ops:
                for t in self.takes(op):
                    if t not in self.home and member.get(self._maker(t), key) != key:
                        taken.add(t)
        for guard in [*(key[1] for key in groups), *(self.guards[op] for op in self.level if self.steers(op)),
                      *(guard for asked in self.asks.values() for guard in asked.values())]:
            for what in guard:
                taken.add(what.predicate if what.__class__ is Side else what)
        found: list[Any] = []
        there: set[Tensor] = set()
        parts = {key: self._part(ops, key[1], taken) for key, ops in groups.items()}
        for level in sorted({*steering, *(key[0] for key in groups)}):
            for op in steering.get(level, ()):
                for tensor, step in self.extra.get(op, ()):
                    if tensor not in there or tensor in self.home:      # a variable is read at each place
                        there.add(tensor)
                        found.append(step)
                found.append(Steer(op, self.guards[op], self.inner.get(op), self.asks.get(op)))
            found += [part for key, part in parts.items() if key[0] == level and part is not None]
        return found

    def _values_for(self, op: Operation) -> list[Tensor]:
        """What a step of its own takes; what is free of it is known, or computed before."""
        tensors = self.takes(op)
        for t in tensors:
            if t in self.fed or t in self.known or t._op not in self.free:
                continue
            given = self.given(op, t)
            if given is not None and given.guard == ALIVE:
                self.known[t] = given.value
            else:
                self.extra.setdefault(op, []).append((t, self.value(t) if given is None else given))
        return tensors

    def given(self, op: Operation, tensor: Tensor) -> Given | None:
        """What is free and known without a run: a constant, or a handle for an operation that takes such a one."""
        if tensor._op._op_def.__class__ is Const:
            return Given(tensor, tensor._op._op_def.value, self.guard_of(tensor))
        if tensor in self.home and (not tensor.dtype.is_ref or type(op._op_def).signature().ref_inputs):
            return Given(tensor, self.home[tensor], self.guard_of(tensor))
        return None

    def value(self, tensor: Tensor) -> Part:
        """A part that gives a tensor which is free: of constants, or a variable's value at this place."""
        ops = self._with_free([], [tensor])
        return Part(Ordered(ops, self._effects(ops), {}), self.guard_of(tensor), [], [tensor])

    def _effects(self, ops: list[Operation]) -> Effects:
        """What the operations of a part do to resources, handles from elsewhere included."""
        there = set(ops)
        given = {t: self.home[t] for op in ops for t in self.takes(op) if t in self.home and t._op not in there}
        return Effects(ops, given, self.ordered.effects.stands)

    def _part(self, members: list[Operation], guard: frozenset[Any], taken: set[Tensor]) -> Part | None:
        there = set(members)
        gives = [t for op in members for t in op.outputs if t in taken and t not in self.fed]
        if not gives and not any(op._op_def.stateful or op._op_def.lowered or op in self.ordered.effects.touches or op.outputs or
                                 op._inputs for op in members):
            return None
        ops = self._with_free(members, [t for op in members for t in self.takes(op)])
        free = set(ops) - there
        fed: dict[Tensor, None] = {}
        for op in ops:
            for t in self.takes(op):
                mine = self._maker(t) in there or t._op in free or t in self.home
                if not mine or (t in self.fed and t not in self.around.home):
                    fed[t] = None
        late = {op: self.late[op] for op in members if op in self.late}
        return Part(Ordered(ops, self._effects(ops), late), guard, list(fed), gives)

    def _with_free(self, members: list[Operation], tensors: Iterable[Tensor]) -> list[Operation]:
        """Operations after the free ones that they need."""
        found: dict[Operation, None] = {}
        stack = [t._op for t in tensors if t not in self.fed and t._op in self.free][::-1]
        while stack:
            op = stack[-1]
            wanted = [t._op for t in op._inputs if t._op in self.free and t._op not in found and t not in self.fed]
            if wanted and op not in found:
                stack += wanted[::-1]
            else:
                stack.pop()
                found[op] = None
        return [*found, *members]


def _entered(frame: Frame, windows: dict[Tensor, str]) -> dict[Tensor, str]:
    """The windows that a loop gets in every turn."""
    return {op.outputs[0]: windows[op._inputs[0]] for op in frame.enters
            if op._op_def.is_constant and op._inputs[0] in windows}  # type: ignore[attr-defined]


def refuse_inside(fetches: Iterable[Tensor], frame: Frame) -> None:
    """InvalidArgumentError for a fetch from inside of a loop."""
    outside = {t for op in frame.ops for t in op.outputs}
    for t in fetches:
        if t not in outside:
            raise errors.InvalidArgumentError(
                None, t._op, f"{t.name} is inside of a loop, where it has a value in each turn, so it cannot be fetched. Fetch what leaves "
                             "the loop (an Exit), or give it out of the loop: as a loop variable, or collected in a TensorArray")


def units_of(ops: Sequence[Operation], fed: set[Tensor]) -> tuple[list[list[Operation]], Effects]:
    """(operations that run together, what all do to resources): each by itself, a loop as a whole, and what a Switch leads to as far as
    the Merges that end it. ops: in creation order."""
    frame = frames_of(ops, fed)
    steps = Steps(frame, fed, (), Around({}, {}))
    units: dict[Operation, list[Operation]] = {}
    for op in steps.ordered:
        units[op] = [op]
        given = [t._op for t in op._inputs if t not in fed and steps.guard_of(t) != ALIVE]
        for source in (*given, *[c for c in op._control if steps.guards.get(c, ALIVE) != ALIVE]):
            other, mine = units.get(frame.makers.get(source, source)), units[op]
            if other is not None and other is not mine:
                other += mine
                units.update((each, other) for each in mine)
    different = {id(unit): unit for unit in units.values()}
    return [[inner for op in unit for inner in _inside(op)] for unit in different.values()], steps.ordered.effects


def _inside(op: Operation) -> list[Operation]:
    """The operations of a loop; of any other itself."""
    if not isinstance(op._op_def, Looping):
        return [op]
    frame: Frame = op._op_def.__dict__["frame"]
    return [*frame.enters, *[inner for one in frame.ops for inner in _inside(one)]]
