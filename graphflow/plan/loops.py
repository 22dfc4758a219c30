"""Lowering While: the plans of a condition and a body, and which of their values each iteration carries.

What the body hands on unchanged is no carried value but a capture. What nobody asks for, directly or through other carried values, is
not computed: the stacks that gradients need are left out of a run without gradients.
"""
from __future__ import annotations

from typing import Any

from ..core import errors
from ..core.contents import known_of
from ..core.func_graph import FuncGraph
from ..core.operation import Operation
from .bodies import aligned
from .branches import arguments_like, arguments_of, asking_one, failing, home_of, needed, written_by
from .control import loop
from .function import Carried, lower_body, settled
from .ir import Handle, Plan
from .lowering import Lowering


def lower_loop(lowering: Lowering, op: Operation) -> list[Any]:
    """The values after the last iteration; None for those that nothing takes."""
    condition, body = op._op_def.bodies_of(op)
    arguments = arguments_of(lowering, op, 0)
    same = {i for i, (inside, out) in enumerate(zip(body.inputs, body.outputs)) if out is inside}
    wanted = lowering.consumed(op)
    used = _used(condition, body, {i for i in wanted if i not in same}, same)
    turning = sorted(i for i in used if i not in same)
    if any(arguments[i].__class__ is Handle for i in turning):
        raise NotImplementedError(f"{op.name}: a loop variable that is another resource in each iteration; use one variable, or a tf.case")
    home, test_home = home_of(lowering, op, body, 0), home_of(lowering, op, condition, 0)
    written = list(dict.fromkeys([*written_by(body, home), *written_by(condition, test_home)]))
    now = [*[arguments[i] for i in turning], *[lowering.read(key, op) for key in written]]
    still = {i: arguments[i] for i in range(len(arguments)) if i not in set(turning)}
    body_ops, test_ops = needed(body, turning, home), needed(condition, [0], test_home)

    def carried(function: FuncGraph, shapes: list[Any]) -> list[Carried]:
        whats = [*[function.inputs[i] for i in turning], *written]
        return [Carried(what, shape, value.dtype) for what, shape, value in zip(whats, shapes, now)]  # type: ignore[arg-type]

    def turn(shapes: list[Any]) -> tuple[Plan, list[Any]]:
        given = {body.inputs[i]: value for i, value in still.items()}
        try:
            return lower_body(lowering, body_ops, [body.outputs[i] for i in turning], given, carried(body, shapes), written)
        except errors.OpError as error:
            inputs = arguments_like(now)
            return failing(op, error, Plan(inputs, (), inputs, ()), inputs), []

    step, step_takes = settled(turn, [known_of(value) for value in now])
    shapes = [known_of(node) for node in step.inputs[:len(now)]]
    given = {condition.inputs[i]: value for i, value in still.items()}
    go_on, test_takes = lower_body(lowering, test_ops, condition.outputs, given, carried(condition, shapes))
    go_on = asking_one(op, go_on)
    (go_on, step), captures = aligned([(go_on, test_takes), (step, step_takes)], own=len(now))
    results = loop(lowering.tracer, go_on, step, now, captures)
    for key, value in zip(written, results[len(turning):]):
        lowering.write(key, value)
    found: list[Any] = [None] * len(op.outputs)
    for i, value in zip(turning, results):
        found[i] = value
    for i in wanted:
        if i in same:
            found[i] = arguments[i]
    return found


def _used(condition: FuncGraph, body: FuncGraph, wanted: set[int], same: set[int]) -> set[int]:
    """The inputs that the condition, what has an effect, and the wanted outputs need, through any number of iterations."""
    place = {t: i for i, t in enumerate(body.inputs)}
    place.update((t, i) for i, t in enumerate(condition.inputs))
    used = set(wanted)
    for op in needed(condition, [0], {}):
        used.update(place[t] for t in op._inputs if t in place)
    used.update(place[t] for t in condition.outputs if t in place)
    while True:
        asked = [i for i in sorted(used) if i not in same]
        more = {place[t] for op in needed(body, asked, {}) for t in op._inputs if t in place}
        more.update(place[body.outputs[i]] for i in asked if body.outputs[i] in place)
        if more <= used:
            return used
        used |= more
