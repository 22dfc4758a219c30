"""A program from a seed: inputs, lines drawn from the families, then runs that fetch some of it and feed some of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count

import numpy as np

from .program import Line, Program, Run, Value, literal

# Beyond this bound values are squeezed before they are used again, so that no product overflows.
CALM = 1e3
SIZES = (0, 1, 2, 3, 4, 5)
SIZE_ODDS = (0.03, 0.17, 0.3, 0.25, 0.15, 0.1)


class Generator:
    """The program so far, and the random choices that make it longer."""

    def __init__(self, seed: int):
        self.random = np.random.default_rng(seed)
        self.dtype = "float32" if self.chance(0.7) else "float64"
        self.lines: list[Line] = []
        self.values: list[Value] = []
        self.feeds: dict[str, str] = {}
        self.placeholders: list[Value] = []
        self.variables: list[Value] = []    # read only: no run writes them while others read
        self.stored: list[tuple[Value, bool]] = []    # variables that only ordered lines touch; whether a resource
        self.last_write = ""
        self.twice = True    # whether TensorFlow's second gradients can be trusted
        self._numbers = count()

    def chance(self, probability: float) -> bool:
        return bool(self.random.random() < probability)

    def choose(self, options: Sequence[object]) -> object:
        return options[int(self.random.integers(len(options)))]

    def integer(self, low: int, high: int) -> int:
        """In [low, high]."""
        return int(self.random.integers(low, high + 1))

    def shape(self, low: int = 0, high: int = 4) -> tuple[int, ...]:
        return tuple(int(d) for d in self.random.choice(SIZES, self.integer(low, high), p=SIZE_ODDS))

    def array(self, shape: tuple[int, ...], dtype: str) -> np.ndarray:
        """Data with two decimals, so that it prints short."""
        if dtype == "bool":
            return np.asarray(self.random.random(shape) < 0.5)
        if dtype.startswith("int"):
            return np.asarray(self.random.integers(-4, 5, shape), dtype)
        return np.asarray(np.round(self.random.uniform(-2, 2, shape), 2), dtype)

    def name(self, letter: str) -> str:
        return f"{letter}{next(self._numbers)}"

    def add(self, code: str, uses: Sequence[Value], shape: tuple[int, ...], dtype: str, bound: float = 2.0, letter: str = "t",
            within: str = "", keep: bool = True) -> Value:
        """A line of one target; `{}` in the code stands for each used value in turn."""
        value = Value(self.name(letter), tuple(int(d) for d in shape), dtype, float(bound))
        names = [u.name for u in uses]
        self.lines.append(Line((value,), code.format(*names), frozenset(names), within))
        if keep:
            self.values.append(value)
        return value

    def several(self, code: str, uses: Sequence[Value], targets: Sequence[tuple[tuple[int, ...], str, float]]) -> list[Value]:
        """A line of several targets; with one target the right side is still a list."""
        values = [Value(self.name("t"), shape, dtype, bound) for shape, dtype, bound in targets]
        names = [u.name for u in uses]
        text = code.format(*names)
        if len(values) == 1:
            text = f"({text})[0]"
        self.lines.append(Line(tuple(values), text, frozenset(names)))
        self.values.extend(values)
        return values

    def constant(self, shape: tuple[int, ...], dtype: str) -> Value:
        return self.add(f"tf.constant({literal(self.array(shape, dtype))})", [], shape, dtype, letter="c", keep=False)

    def pick(self, accept: Callable[[Value], bool] = lambda v: True, dtype: str = "float") -> Value | None:
        """One of the values so far, later ones more often, small enough to be used; None if no value fits."""
        fitting = [v for v in self.values if v.dtype.startswith(dtype) and accept(v) and np.prod(v.shape) <= 600]
        if not fitting:
            return None
        found = fitting[min(len(fitting) - 1, int(len(fitting) * self.random.random() ** 0.6))]
        return self.calm(found)

    def calm(self, value: Value) -> Value:
        if not value.floating or value.bound <= CALM:
            return value
        return self.add("tf.tanh(tf.clip_by_value({}, -4.0, 4.0))", [value], value.shape, value.dtype, 1)

    def partner(self, shape: tuple[int, ...], dtype: str) -> Value:
        """A value of exactly this shape and dtype."""
        found = self.pick(lambda v: v.shape == shape and v.dtype == dtype, dtype) if self.chance(0.7) else None
        return found or self.constant(shape, dtype)

    def placeholder(self, shape: tuple[int, ...], dtype: str) -> Value:
        static = "None" if self.chance(0.15) else str([None if self.chance(0.35) else d for d in shape])
        data = literal(self.array(shape, dtype))
        if self.chance(0.2):
            value = self.add(f"tf.placeholder_with_default({data}, {static})", [], shape, dtype, letter="x")
            if self.chance(0.5):
                self.feeds[value.name] = literal(self.array(shape, dtype))
        else:
            value = self.add(f"tf.placeholder(tf.{dtype}, {static})", [], shape, dtype, letter="x")
            self.feeds[value.name] = data
        self.placeholders.append(value)
        return value


def program_of(seed: int, steps: int = 14) -> Program:
    """The program of a seed: the same on every machine."""
    from . import families, state

    g = Generator(seed)
    for _ in range(g.integer(1, 3)):
        g.placeholder(g.shape(), g.dtype)
    if g.chance(0.3):
        g.placeholder(g.shape(0, 2), "int32")
    if g.chance(0.35):
        families.image(g)
    for _ in range(g.integer(0, 2)):
        state.variable(g)
    stateful = g.chance(0.35)
    for _ in range(g.integer(3, steps)):
        if stateful and g.chance(0.4):
            state.touch(g)
        else:
            families.line(g)
    if g.chance(0.6):
        state.gradients(g)
    found = runs(g)    # first, since a training step is one more line
    return Program(tuple(g.lines), tuple(found)).pruned()


def runs(g: Generator) -> list[Run]:
    """Two to four runs of several fetches each, some with an intermediate tensor fed; a training step between, where there is one."""
    from . import state

    inputs = tuple(g.feeds.items())
    found: list[Run] = []
    fetchable = [v for v in g.values if v.dtype != "op"]
    inner = [v for v in g.values if v.floating and v.name[0] == "t"]
    train = state.optimizer(g) if g.chance(0.3) else None
    for _ in range(g.integer(2, 4)):
        late = [min(len(fetchable) - 1, int(len(fetchable) * g.random.random() ** 2)) for _ in range(g.integer(1, 4))]
        chosen = {fetchable[-1 - i].name for i in late}
        feeds = inputs
        if inner and g.chance(0.3):
            value = inner[g.integer(0, len(inner) - 1)]
            feeds = (*inputs, (value.name, literal(g.array(value.shape, value.dtype))))
        if g.last_write and g.chance(0.7):
            chosen.add(g.last_write)
        found.append(Run(tuple(sorted(chosen)), feeds))
        if train and g.chance(0.5):
            found.append(Run((train.name,), inputs))
    return found
