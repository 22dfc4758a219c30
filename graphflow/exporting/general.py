"""One plan for all sizes, from plans of the same operations for some.

The plans have the same steps in the same order; where a shape, a parameter or a known number differs, it becomes an expression (sizes.py).
"""
from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..kernels.tensor_list import TensorList, unwrapped
from ..ops.data_flow.optional import Optional
from ..plan.complaints import at_op
from ..plan.ir import Call, Draws, Handle, Plan
from ..plan.kernels import Index
from ..plan.node import Node, bodies
from .sizes import Points, Unfit

_LISTED = 64         # elements of a known array that are fitted one by one


class Step:
    """A node whose shape and parameters may hold sizes. args: steps and known values. bodies: of a cond or loop."""
    __slots__ = ("args", "bodies", "dtype", "id", "par", "prim", "shape", "source")

    def __init__(self, node: Node, args: tuple[Any, ...], par: Any, shape: Any, inner: dict[str, General]):
        self.prim, self.dtype, self.source, self.id = node.prim, node.dtype, node.source, node.id
        self.args, self.par, self.shape, self.bodies = args, par, shape, inner

    def __repr__(self) -> str:
        return f"%{self.id}"


class Known:
    """An array that is the same for all sizes. name: of the constant in the graph, if it is one."""
    __slots__ = ("array", "name")

    def __init__(self, array: np.ndarray, name: str = ""):
        self.array, self.name = array, name

    @property
    def shape(self) -> tuple[int, ...]:
        return self.array.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.array.dtype

    def is_filled(self) -> bool:
        """Whether it is one number, repeated."""
        return self.array.size > 0 and not any(s for s, d in zip(self.array.strides, self.array.shape) if d > 1)


class Filled(NamedTuple):
    """One number, maybe of the sizes, in each element."""
    number: Any
    shape: tuple[Any, ...]
    dtype: np.dtype[Any]


class Listed(NamedTuple):
    """A small array of numbers, some of them of the sizes. numbers: flat."""
    numbers: tuple[Any, ...]
    shape: tuple[int, ...]
    dtype: np.dtype[Any]


class Spread(NamedTuple):
    """A known value, repeated along its axes of size 1."""
    core: Any
    shape: tuple[Any, ...]
    dtype: np.dtype[Any]


class Ramp(NamedTuple):
    """start + step * (place along an axis)."""
    start: Any
    step: Any
    axis: int
    shape: tuple[Any, ...]
    dtype: np.dtype[Any]


class Items(NamedTuple):
    """A list of tensors: known values, or `count` elements that nobody has set (items None). element: their type."""
    items: tuple[Any, ...] | None
    count: Any
    element: np.dtype[Any]
    dtype: np.dtype[Any] = np.dtype(object)
    shape: tuple[int, ...] = ()


class Nothing(NamedTuple):
    """An optional without value."""
    shape: tuple[int, ...] = ()
    dtype: np.dtype[Any] = np.dtype(object)


class General(NamedTuple):
    """A plan for all sizes. effects: (key of a variable, its new value)."""
    inputs: list[Step]
    steps: list[Step]
    outputs: list[Any]
    effects: list[tuple[str, Any]]


def general(plans: Sequence[Plan], points: Points, names: dict[int, str]) -> General:
    """The plan that each of `plans` is at its point. names: of constants, by the id of their arrays.

    NotImplementedError, naming operation and line, where they differ in more than numbers that follow a law.
    """
    return _Fit(points, names).plan(plans)


class _Fit:
    def __init__(self, points: Points, names: dict[int, str]):
        self.points, self.names = points, names

    def plan(self, plans: Sequence[Plan]) -> General:
        if len({(len(plan.inputs), len(plan.nodes), len(plan.outputs), len(plan.effects)) for plan in plans}) > 1:
            raise self.refusal(None, "the number of steps differs from size to size")
        made: dict[int, Step] = {}
        places = [{node.id: i for i, node in enumerate((*plan.inputs, *plan.nodes))} for plan in plans]
        inputs = [self.step(nodes, made, places) for nodes in zip(*(plan.inputs for plan in plans))]
        steps = [self.step(nodes, made, places) for nodes in zip(*(plan.nodes for plan in plans))]
        outputs = [self.value(values, made, places, None) for values in zip(*(plan.outputs for plan in plans))]
        effects = [(writes[0].key, self.value([w.value for w in writes], made, places, None))
                   for writes in zip(*(plan.effects for plan in plans))]
        return General(inputs, steps, outputs, effects)

    def step(self, nodes: Sequence[Node], made: dict[int, Step], places: list[dict[int, int]]) -> Step:
        first = nodes[0]
        if any((n.prim, n.dtype, n.source, len(n.args)) != (first.prim, first.dtype, first.source, len(first.args)) for n in nodes):
            raise self.refusal(first.source, "what it does differs from size to size")
        try:
            args = tuple(self.value(values, made, places, first.source) for values in zip(*(n.args for n in nodes)))
            shape = None if first.shape is None else self.shape([n.shape for n in nodes])
            inner = {name: self.plan([bodies(n)[name] for n in nodes]) for name in bodies(first)}
            par = None if inner else self.parameter([n.par for n in nodes])
        except Unfit as why:
            raise self.refusal(first.source, str(why)) from None
        found = made[first.id] = Step(first, args, par, shape, inner)
        return found

    def shape(self, shapes: Sequence[Any]) -> tuple[Any, ...]:
        if len({len(shape) for shape in shapes}) > 1:
            raise Unfit("a rank that differs from size to size")
        return tuple(self.points.size(sizes) for sizes in zip(*shapes))

    def parameter(self, values: Sequence[Any]) -> Any:
        first = values[0]
        if isinstance(first, Call):
            results = self.results([value.results for value in values])
            return first._replace(results=results, unread=())
        if isinstance(first, Draws):
            return Draws(first.op, self.parameter([value.blocks for value in values]))
        if isinstance(first, Index):
            return self.parameter([value.value for value in values])
        if isinstance(first, tuple) and all(isinstance(v, tuple) and len(v) == len(first) for v in values):
            parts = [self.parameter(part) for part in zip(*values)]
            return type(first)(*parts) if hasattr(first, "_fields") else tuple(parts)
        if isinstance(first, slice):
            return slice(*(self.parameter([getattr(v, part) for v in values]) for part in ("start", "stop", "step")))
        if isinstance(first, int) and not isinstance(first, bool) and all(isinstance(v, int) for v in values):
            return self.points.size(values)
        if isinstance(first, str) and any(value != first for value in values):
            return self.message(values)
        if any(value != first for value in values):
            raise Unfit(f"a parameter that is {first!r} or {values[-1]!r}")
        return first

    def message(self, texts: Sequence[str]) -> str:
        """What a check says, with expressions for the sizes in it."""
        parts = [re.split(r"(\d+)", text) for text in texts]
        if any(len(part) != len(parts[0]) or part[::2] != parts[0][::2] for part in parts):
            raise Unfit(f"a parameter that is {texts[0]!r} or {texts[-1]!r}")
        return "".join(words[0] if k % 2 == 0 else str(self.points.size([int(n) for n in words])) for k, words in enumerate(zip(*parts)))

    def results(self, all_results: Sequence[Any]) -> Any:
        return tuple((None if any(shape is None for shape, _ in one) else self.shape([shape for shape, _ in one]), one[0][1])
                     for one in zip(*all_results))

    def value(self, values: Sequence[Any], made: dict[int, Step], places: list[dict[int, int]], source: Any) -> Any:
        first = values[0]
        if first.__class__ is Node:
            if any(v.__class__ is not Node or place[v.id] != places[0][first.id] for v, place in zip(values, places)):
                raise self.refusal(source, "what it takes differs from size to size")
            return made[first.id]
        if isinstance(first, Handle):
            return first
        if any(v.__class__ is Node for v in values):
            raise self.refusal(source, "what it takes differs from size to size")
        return self.known([np.asarray(v) for v in values])

    def known(self, arrays: Sequence[np.ndarray]) -> Any:
        first = arrays[0]
        if first.dtype.kind == "O" and first.shape == () and isinstance(unwrapped(first), TensorList):
            return self.items([unwrapped(a).items for a in arrays], unwrapped(first).dtype)
        if first.dtype.kind == "O" and first.shape == () and isinstance(unwrapped(first), Optional):
            if any(unwrapped(a).values is not None for a in arrays):
                raise Unfit("a known optional that holds something")
            return Nothing()
        if all(a is first or (a.shape == first.shape and a.dtype == first.dtype and _equal(a, first)) for a in arrays):
            return Known(first, self.names.get(id(first), ""))
        shape = self.shape([a.shape for a in arrays])
        if all(a.size and _equal(a, np.broadcast_to(a.flat[0], a.shape)) for a in arrays):
            return Filled(self.points.number([a.flat[0] for a in arrays], first.dtype), shape, first.dtype)
        if all(a.shape == first.shape for a in arrays) and first.size <= _LISTED:
            return Listed(tuple(self.points.number(numbers, first.dtype) for numbers in zip(*(a.ravel().tolist() for a in arrays))),
                          first.shape, first.dtype)
        open_axes = [i for i, size in enumerate(shape) if not isinstance(size, int)]
        cores = [a[tuple(slice(0, 1) if i in open_axes else slice(None) for i in range(a.ndim))] for a in arrays]
        if open_axes and all(a.size and _equal(a, np.broadcast_to(core, a.shape)) for a, core in zip(arrays, cores)):
            return Spread(self.known([np.array(core) for core in cores]), shape, first.dtype)
        for axis in range(first.ndim):
            lines = [a[tuple(slice(None) if i == axis else 0 for i in range(a.ndim))] for a in arrays]
            if all(len(line) > 1 and _equal(a, np.broadcast_to(_ramp(line).reshape(-1, *[1] * (a.ndim - axis - 1)), a.shape))
                   for a, line in zip(arrays, lines)):
                start = self.points.number([line[0] for line in lines], first.dtype)
                return Ramp(start, self.points.number([line[1] - line[0] for line in lines], first.dtype), axis, shape, first.dtype)
        raise Unfit(f"a known array of shape {list(shape)} whose elements follow no simple law")

    def items(self, lists: Sequence[list[Any]], element: np.dtype[Any]) -> Items:
        count = self.points.size([len(items) for items in lists])
        if all(item is None for items in lists for item in items):
            return Items(None, count, element)
        if not isinstance(count, int):
            raise Unfit("a known list of tensors whose length differs from size to size")
        known = [None if items[0] is None else self.known([np.asarray(item) for item in items]) for items in zip(*lists)]
        return Items(tuple(known), count, element)

    def refusal(self, op: Any, what: str) -> NotImplementedError:
        text = f"one model for all sizes ({', '.join(self.points.names)}) cannot be written: {what}. Give sizes as numbers instead."
        return NotImplementedError(text if op is None else at_op(op, text))


def _ramp(line: np.ndarray) -> np.ndarray:
    return (line[0] + (line[1] - line[0]) * np.arange(len(line))).astype(line.dtype)


def _equal(a: np.ndarray, b: np.ndarray) -> bool:
    return bool(np.array_equal(a, b, equal_nan=a.dtype.kind in "fc"))
