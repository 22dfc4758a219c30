"""Loops of TF1's nodes that have the shape which tf.while_loop gave them: they are lowered to `loop`, straight code like any other.

A variable of such a loop is Enter -> Merge -> Switch; the Switches of all ask one predicate, which is computed of what the Merges give (the
test). What a Switch lets through is what the body takes; what that makes of it comes back to the Merge by a NextIteration, and what a
Switch turns away leaves by an Exit. Variables, by handle or by reference, are carried from turn to turn where the body writes them, unless
`w/read` comes into the loop as well, which is their own memory in TF1. All else is run frame by frame (runtime.frames).
"""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from ..core import errors
from ..core.effects import waits
from ..core.operation import Operation
from ..core.tensor import Tensor
from ..ops.control_flow.frames import Frame, Looping, frames_of, inside
from .bodies import aligned
from .branches import arguments_like, failing
from .build import Ordered, turn_order, windows_of
from .control import loop
from .effects import Effects
from .function import Carried, lower_body, settled
from .ir import Handle, Plan
from .lowering import Lowering


class Variable(NamedTuple):
    """enter: place among the loop's inputs. test, body: what stands for it there. back: what the next turn gets."""
    enter: int
    test: Tensor
    body: Tensor
    back: Tensor


class Turns(NamedTuple):
    """A loop. constants: {what stands for an input in every turn: its place}. test, body: operations in order. predicate: whether the
    body runs. results: the variable that each Exit gives. written: keys of the resources that the body writes."""
    variables: Sequence[Variable]
    constants: dict[Tensor, int]
    test: Ordered
    body: Ordered
    predicate: Tensor
    results: Sequence[int]
    written: Sequence[str]


class Turning(Looping):
    """What such a loop is in the frame around it."""
    steers = ""

    def __init__(self, frame: Frame, turns: Turns):
        super().__init__(frame)
        self.__dict__.update(turns=turns)

    def lowered(self, lowering: Lowering, op: Operation) -> list[Any]:
        """The values that leave the loop."""
        turns: Turns = self.__dict__["turns"]
        home = lowering.effects.home
        arguments = [Handle(home[t], op) if t in home and enter.outputs[0].dtype.is_ref else lowering.argument(t, op)
                     for t, enter in zip(op._inputs, self.__dict__["frame"].enters)]
        now = [*(arguments[v.enter] for v in turns.variables), *(lowering.read(key, op) for key in turns.written)]
        given = {t: arguments[i] for t, i in turns.constants.items()}

        def carried(tensors: Iterable[Tensor], shapes: Sequence[Any]) -> list[Carried]:
            whats: list[Tensor | str] = [*tensors, *turns.written]
            return [Carried(what, shape, value.dtype) for what, shape, value in zip(whats, shapes, now)]

        def turn(shapes: list[Any]) -> tuple[Plan, list[Any]]:
            backs = [v.back for v in turns.variables]
            try:
                return lower_body(lowering, turns.body, backs, given, carried([v.body for v in turns.variables], shapes), turns.written)
            except errors.OpError as error:
                inputs = arguments_like(now)
                return failing(op, error, Plan(inputs, (), inputs, ()), inputs), []

        step, step_takes = settled(turn, [value.shape for value in now])
        shapes = [node.shape for node in step.inputs[:len(now)]]
        go_on, test_takes = lower_body(lowering, turns.test, [turns.predicate], given, carried([v.test for v in turns.variables], shapes))
        (go_on, step), captures = aligned([(go_on, test_takes), (step, step_takes)], own=len(now))
        found = loop(lowering.tracer, go_on, step, now, captures)
        for key, value in zip(turns.written, found[len(turns.variables):]):
            lowering.write(key, value)
        return [found[i] for i in turns.results]


def without_frames(ops: Sequence[Operation], fetches: Iterable[Tensor], fed: set[Tensor]) -> Ordered | None:
    """The operations of a run in their order, each loop as one; None where a frame must be run by itself.

    ops: all that the run needs, in creation order.
    """
    if any(waits(op) for op in ops) or not any(op._op_def.steers == "enter" for op in ops):
        return None
    top = frames_of(ops, fed)
    ordered = turn_order(top, fed, {}, {}, {})
    loops = [op for op in top.ops if op._op_def.steers == "loop"]
    if any(op._op_def.steers not in ("", "loop") for op in top.ops):
        return None
    if any(t._op in _inside(op._op_def.frame) for op in loops for t in fetches):  # type: ignore[attr-defined]
        return None
    home = ordered.effects.home
    windows = windows_of(ordered, fed, home, {})
    return ordered if all(turned(op, fed, home, windows) for op in loops) else None


def turned(op: Operation, fed: set[Tensor], home: dict[Tensor, str], windows: dict[Tensor, str]) -> bool:
    """Gives a loop, and those inside of it, its new form; False, and all is as it was, where one has another shape.

    home: the tensors that stand for resources of the session, with their keys. windows: those that are a variable's own memory.
    """
    frame: Frame = op._op_def.frame  # type: ignore[attr-defined]
    within = _inside(frame)
    if any(t._op in within for t in fed) or any(waits(each) for each in within if each._op_def.steers != "loop"):
        return False
    found = _all_turns(op, home, windows)
    for loop_op, turns in (found or {}).items():
        loop_op._op_def = Turning(loop_op._op_def.frame, turns)  # type: ignore[attr-defined]
    return found is not None


def _all_turns(op: Operation, home: dict[Tensor, str], windows: dict[Tensor, str]) -> dict[Operation, Turns] | None:
    """The turns of a loop and of those inside of it."""
    frame: Frame = op._op_def.frame  # type: ignore[attr-defined]
    if any(t in home and not enter._op_def.is_constant for enter, t in zip(frame.enters, op._inputs)):  # type: ignore[attr-defined]
        return None
    here = inside(frame, home)
    turns = _turns(frame, here)
    if turns is None or any(windows.get(t) in turns.written for t in op._inputs):
        return None
    found = {op: turns}
    there = {**turns.test.effects.home, **turns.body.effects.home}
    views = {enter.outputs[0]: windows[t] for enter, t in zip(frame.enters, op._inputs) if t in windows}
    for inner in frame.ops:
        if inner._op_def.steers == "loop":
            more = _all_turns(inner, there, windows_of([*turns.test, *turns.body], set(), there, views))
            if more is None:
                return None
            found.update(more)
    return found


def _inside(frame: Frame) -> set[Operation]:
    """What stands in a frame and in those inside of it, but for what leaves it."""
    found = {*frame.ops, *frame.enters} - set(frame.exits)
    for inner in frame.inner.values():
        found |= _inside(inner)
    return found


def _turns(frame: Frame, home: dict[Tensor, str]) -> Turns | None:
    entered = {op.outputs[0]: i for i, op in enumerate(frame.enters)}
    constants = {t: i for t, i in entered.items() if t._op._op_def.is_constant}  # type: ignore[attr-defined]
    back = {op.outputs[0]: op._inputs[0] for op in frame.backs}
    merges = [op for op in frame.ops if op._op_def.steers == "merge"]
    switches = {op._inputs[0]: op for op in frame.ops if op._op_def.steers == "switch"}
    exits = {op for op in frame.ops if op._op_def.steers == "exit"}
    asked = {op._inputs[1] for op in switches.values()}
    others = {op for op in frame.ops if op._op_def.steers in ("", "trigger", "loop")}
    steering = len(frame.ops) - len(others)
    if len(asked) != 1 or steering != len(merges) + len(switches) + len(exits) + len(back) or len(switches) != len(merges):
        return None
    variables = []
    for merge in merges:
        switch = switches.get(merge.outputs[0])
        if len(merge._inputs) != 2 or switch is None:
            return None
        first, again = merge._inputs
        if first not in entered or first in constants or again not in back:
            return None
        variables.append(Variable(entered[first], merge.outputs[0], switch.outputs[1], back[again]))
    if sorted([v.enter for v in variables] + list(constants.values())) != list(range(len(frame.enters))) or len(back) != len(variables):
        return None
    leaving = {switches[v.test].outputs[0]: i for i, v in enumerate(variables)}
    if any(op._inputs[0] not in leaving for op in exits):
        return None
    found = _parts(frame, variables, constants, others, home)
    if found is None:
        return None
    test, body = found
    (predicate,) = asked
    return Turns(variables, constants, test, body, predicate, [leaving[op._inputs[0]] for op in frame.exits], list(body.effects.writes))


def _parts(frame: Frame, variables: Sequence[Variable], constants: dict[Tensor, int],
           others: set[Operation], home: dict[Tensor, str]) -> tuple[Ordered, Ordered] | None:
    """(the test's operations, the body's); None where they have more to do with one another than by the variables."""
    side: dict[Any, str] = {**{v.test: "test" for v in variables}, **{v.body: "body" for v in variables}, **dict.fromkeys(constants, "any")}
    parts: dict[str, list[Operation]] = {"test": [], "body": [], "any": []}
    ordered = turn_order(frame, set(), home, {}, {})
    for op in ordered:
        if op not in others:
            side[op] = {"merge": "test", "switch": "body"}.get(op._op_def.steers, "")
            continue
        found = {side.get(t, "") for t in op._inputs} | {side.get(frame.makers.get(c, c), "") for c in op._control} | {"any"}
        mine = "body" if "body" in found else "test" if "test" in found else "any"
        twice = mine == "any" and (op._op_def.stateful or isinstance(op._op_def, Looping))
        if "" in found or {"test", "body"} <= {side.get(t, "") for t in op._inputs} or twice:
            return None
        side[op] = mine
        side.update(dict.fromkeys(op.outputs, mine))
        if op._op_def.steers != "trigger":
            parts[mine].append(op)
    if any(side.get(v.back) not in ("body", "any") for v in variables):
        return None
    place = {op: i for i, op in enumerate(ordered)}
    test, body = (sorted([*parts[name], *parts["any"]], key=place.__getitem__) for name in ("test", "body"))
    before = Effects(test, home)
    return None if before.writes or ordered.late else (Ordered(test, before, {}), Ordered(body, Effects(body, home), {}))
