"""The lines of a plan in Python.

One line per operation of the graph: a step that one other step of the same operation takes becomes part of that one's expression. Loops and
branches stand as while and if in the function itself; what their bodies take from outside are the outer names.
"""
from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..ops.checks.asserts import Assert
from ..plan.node import ELEMENTWISE
from .general import Filled, General, Items, Known, Listed, Nothing, Ramp, Spread, Step
from .planned import Formless, refused
from .python_calls import results
from .python_lines import constants_of, expression
from .python_names import Names
from .python_text import (
    ATOM,
    CALL,
    PLUS,
    TIMES,
    Text,
    call,
    comment_shape,
    dtype_text,
    infix,
    number_text,
    shape_text,
    typed_number,
)
from .sizes import Ratio, Size

_WIDE = 120          # characters of a line
_INNER = 64          # characters of an expression that goes into another one
_COMMENTS = 64       # the column of short comments
_SMALL = 8           # elements of a known array that stands in the line
_WEAK = "fiu"        # kinds of which a plain Python number takes the array's type


class Line(NamedTuple):
    """A line of code; shape and op are for its comment."""
    depth: int
    text: str
    shape: str = ""
    op: str = ""


class Body:
    """Writes lines. names: gives identifiers. array: the text of a known array that is kept beside the code."""

    def __init__(self, names: Names, array: Any, counts: Sequence[str] = ()):
        """counts: names of sizes that values tell."""
        self.names, self.array, self.counts = names, array, set(counts)
        self.lines: list[Line] = []
        self.texts: dict[int, Text] = {}
        self.uses: Counter[int] = Counter()
        self.takers: dict[int, Any] = {}          # the last step that takes it
        self.items: dict[int, dict[int, Step]] = {}
        self.last: dict[Any, int] = {}            # the step of an operation that has its name
        self.depth = 1

    def write(self, plan: General) -> list[Text]:
        """The lines of a whole plan, whose inputs have texts already; its outputs."""
        self.count(plan)
        self.steps(plan)
        return [self.text(value) for value in plan.outputs]

    def count(self, plan: General) -> None:
        """Notes who takes what. What leaves a plan, or goes into a body, needs a name."""
        self.last.update((step.source, step.id) for step in plan.steps if step.prim not in ("check", "stream"))
        for step in plan.steps:
            for arg in step.args:
                if isinstance(arg, Step):
                    self.uses[arg.id] += 2 if step.bodies else 1
                    self.takers[arg.id] = step
            if step.prim == "item":
                self.items.setdefault(step.args[0].id, {})[step.par] = step
            for body in step.bodies.values():
                self.count(body)
        for value in (*plan.outputs, *(value for _, value in plan.effects)):
            if isinstance(value, Step):
                self.uses[value.id] += 2

    def steps(self, plan: General) -> None:
        for step in plan.steps:
            if step.prim != "item":
                try:
                    getattr(self, step.prim if step.prim in ("loop", "cond", "check", "call", "stream") else "step")(step)
                except Formless as why:
                    raise refused(step, str(why)) from None

    # -- lines --------------------------------------------------------------------------------------------------------
    def line(self, text: str, shape: str = "", op: Any = None) -> None:
        self.lines.append(Line(self.depth, text, shape, getattr(op, "name", "")))

    def rendered(self) -> list[str]:
        """The lines with comments: shapes beside them, what an operation takes several lines for below its name."""
        found = []
        for (op, depth), group in itertools.groupby(self.lines, lambda line: (line.op, line.depth)):
            lines = list(group)
            pad = "    " * depth
            alone = len(lines) == 1 and len(pad + lines[0].text) <= _WIDE - 30
            if op and not alone:
                found.append(f"{pad}# {op}")
            for line in lines:
                comment = "  ".join(part for part in (line.shape, line.op if alone else "") if part)
                found.append(f"{pad + line.text:<{_COMMENTS}}  # {comment}" if comment else pad + line.text)
        return found

    def step(self, step: Step) -> None:
        more = [self.array(known) for known in constants_of(step)]
        found = expression(step, [*[self.argument(step, i) for i in range(len(step.args))], *more])
        taker = self.takers.get(step.id)
        if self.uses[step.id] == 1 and taker is not None and taker.source is step.source and not taker.bodies and taker.prim not in (
                "check", "call") and len(found.text) <= _INNER:
            self.texts[step.id] = found
        elif self.uses[step.id]:
            self.assign(step, found)

    def assign(self, step: Step, found: Text) -> None:
        named = step.source is not None and self.last.get(step.source) == step.id
        name = self.names.new(step.source.name) if named else self.names.short()
        self.texts[step.id] = Text(name)
        self.line(f"{name} = {found.text}", "list" if step.dtype.kind == "O" else comment_shape(step.shape), step.source)

    def check(self, step: Step) -> None:
        text, _ = step.par
        values = [self.argument(step, i) for i in range(len(step.args))]
        self.line(call("check", values[0], repr(text), *values[1:]).text, op=step.source)

    def call(self, step: Step) -> None:
        if isinstance(step.par.op_def, Assert):
            if isinstance(step.args[0], Known) and step.args[0].array.all():
                return
            failed = call("np.logical_not", self.argument(step, 0))
            self.line(call("check", failed, repr("an assertion does not hold")).text, op=step.source)
            return
        found = results(step, [self.argument(step, i) for i in range(len(step.args))])
        if len(found) == 1:
            if self.uses[step.id]:
                self.assign(step, found[0])
                self.counted(step)
            return
        for k, item in sorted(self.items.get(step.id, {}).items()):
            self.assign(item, found[k])
            self.counted(item)

    def counted(self, step: Step) -> None:
        """The sizes that this value tells."""
        for axis, size in enumerate(step.shape if step.dtype.kind != "O" else ()):
            if str(size) in self.counts:
                self.counts.remove(str(size))
                self.line(f"{size} = {self.texts[step.id].text}.shape[{axis}]")

    def stream(self, step: Step) -> None:
        """The place in a random stream has no line: numpy's generator keeps its own."""
        self.texts[step.id] = Text("rng")

    def loop(self, step: Step) -> None:
        test, body = step.bodies["test"], step.bodies["body"]
        count = len(body.outputs)
        args = [self.argument(step, i) for i in range(len(step.args))]
        names = [Text(self.names.new(_carried_name(value, step, k))) for k, value in enumerate(body.outputs)]
        for plan in (test, body):
            self.texts.update((inside.id, text) for inside, text in zip(plan.inputs, [*names, *args[count:]]))
        self.line(f"# while: {step.source.name}")
        for name, first in zip(names, args):
            self.line(f"{name.text} = {first.text}")
        head = len(self.lines)
        self.depth += 1
        self.inlined(test)
        (go_on,) = [self.text(value) for value in test.outputs]
        if len(self.lines) == head:
            self.lines.append(Line(self.depth - 1, f"while {go_on.text}:"))
        else:
            self.lines.insert(head, Line(self.depth - 1, "while True:"))
            self.line(f"if not {go_on.within(ATOM)}:")
            self.line("    break")
        self.steps(body)
        turned = [(name.text, self.text(value).text) for name, value in zip(names, body.outputs)]
        after = [(name, text) for name, text in turned if name != text]
        if not {name for name, _ in after} & {text for _, text in after}:
            for given, text in after:
                self.line(f"{given} = {text}")
        else:
            self.line(f"{', '.join(name for name, _ in after)} = {', '.join(text for _, text in after)}")
        self.depth -= 1
        self.given(step, names)

    def inlined(self, test: General) -> None:
        """The steps of a loop's test, in one expression where each is taken once."""
        for step in test.steps:
            if step.prim in ELEMENTWISE and sum(arg is step for other in test.steps for arg in other.args) + sum(
                    value is step for value in test.outputs) == 1:
                self.texts[step.id] = expression(step, [self.argument(step, i) for i in range(len(step.args))])
            else:
                self.steps(General([], [step], [], []))

    def cond(self, step: Step) -> None:
        branches = step.bodies["then"], step.bodies["orelse"]
        args = [self.argument(step, i) for i in range(len(step.args))]
        taken = self.items.get(step.id, {})
        names = {k: Text(self.names.new(f"{step.source.name}/{k}" if len(taken) > 1 else step.source.name)) for k in sorted(taken)}
        for head, plan in zip((f"if {args[0].text}:", "else:"), branches):
            self.line(head, op=step.source if plan is branches[0] else None)
            self.depth += 1
            self.texts.update((inside.id, text) for inside, text in zip(plan.inputs, args[1:]))
            self.steps(plan)
            for k, name in names.items():
                self.line(f"{name.text} = {self.text(plan.outputs[k]).text}")
            if not names and not plan.steps:
                self.line("pass")
            self.depth -= 1
        self.texts.update((taken[k].id, name) for k, name in names.items())

    def given(self, step: Step, names: list[Text]) -> None:
        for k, item in self.items.get(step.id, {}).items():
            self.texts[item.id] = names[k]

    # -- values -------------------------------------------------------------------------------------------------------
    def text(self, value: Any) -> Text:
        if isinstance(value, Step):
            return self.texts[value.id]
        if isinstance(value, Items):
            return self.list(value)
        if isinstance(value, Nothing):
            return Text("None")
        if isinstance(value, Filled):
            return call("np.full", shape_text(value.shape), number_text(value.number), dtype_text(value.dtype))
        if isinstance(value, Listed):
            flat = call("np.array", f"[{', '.join(number_text(n).text for n in value.numbers)}]", dtype_text(value.dtype))
            return flat if len(value.shape) == 1 else Text(f"{flat.text}.reshape{shape_text(value.shape)}", CALL)
        if isinstance(value, Spread):
            return call("np.broadcast_to", self.text(value.core), shape_text(value.shape))
        if isinstance(value, Ramp):
            return _ramp(value)
        if not isinstance(value, Known):
            raise Formless("it takes a variable itself, not its value")
        return self.known(value)

    def known(self, value: Known) -> Text:
        array = value.array
        if array.dtype.kind == "O":
            return call("np.array", repr(array.tolist()), "object")
        if array.ndim == 0:
            return typed_number(array[()], array.dtype)
        if value.is_filled() and array.size > 1:
            number = array.flat[0]
            return call("np.zeros" if number == 0 and not np.signbit(number) else "np.full", shape_text(array.shape),
                        *([] if number == 0 and not np.signbit(number) else [number_text(number)]), dtype_text(array.dtype))
        if array.size <= _SMALL and array.dtype.kind != "c":
            return call("np.array", _nested(array), dtype_text(array.dtype)) if array.size else call(
                "np.zeros", shape_text(array.shape), dtype_text(array.dtype))
        found: Text = self.array(value)
        return found

    def list(self, value: Items) -> Text:
        if value.items is None:
            return Text(f"[None] * ({value.count})", TIMES) if not isinstance(value.count, int) or value.count else Text("[]")
        return Text(f"[{', '.join('None' if item is None else self.text(item).text for item in value.items)}]")

    def argument(self, step: Step, i: int) -> Text:
        """An argument of a step. A number beside an array of its own type is a plain Python number."""
        value = step.args[i]
        if isinstance(value, Step) or step.prim not in ELEMENTWISE:
            return self.text(value)
        number = _number(value)
        others = [a for k, a in enumerate(step.args) if k != i and isinstance(a, Step)]
        if number is None or (value.shape and not any(a.shape == step.shape for a in others)):
            return self.text(value)
        if step.prim == "where" and i == 0:
            return self.text(value)
        weak = _is_weak(number, value.dtype) and any(a.dtype == value.dtype and a.shape for a in others)
        return number_text(number) if weak else typed_number(number, value.dtype)


def _is_weak(number: Any, dtype: np.dtype[Any]) -> bool:
    """Whether a plain Python number takes the type of the array beside it: numpy 1 widens arrays for floats at the end of their range."""
    if dtype.kind not in _WEAK or dtype.itemsize == 1:
        return False
    return dtype.kind != "f" or isinstance(number, (Size, Ratio)) or not np.finfo(dtype).max / 2 < abs(float(number)) < np.inf


def _number(value: Any) -> Any:
    """The number that a known value is, or repeats."""
    if isinstance(value, Filled):
        return value.number
    if isinstance(value, Known) and value.array.dtype.kind != "O" and (value.array.ndim == 0 or value.is_filled()):
        return value.array.flat[0]
    return None


def _nested(array: np.ndarray) -> str:
    if array.ndim == 0:
        return number_text(array[()]).text
    return f"[{', '.join(_nested(part) for part in array)}]"


def _ramp(value: Ramp) -> Text:
    size = value.shape[value.axis]
    line = call("np.arange", str(size), dtype=dtype_text(value.dtype))
    if value.step != 1:
        line = infix("*", TIMES, line, number_text(value.step))
    if value.start != 0:
        line = infix("+", PLUS, line, number_text(value.start))
    if len(value.shape) == 1:
        return line
    column = Text(f"{line.within(CALL)}.reshape{shape_text((-1, *[1] * (len(value.shape) - value.axis - 1)))}", CALL)
    return call("np.broadcast_to", column, shape_text(value.shape))


def _carried_name(value: Any, step: Step, k: int) -> str:
    """A name for what a loop carries: of the operation that gives it its next value."""
    source = value.source if isinstance(value, Step) else None
    return source.name if source is not None else f"{step.source.name}/{k}"



