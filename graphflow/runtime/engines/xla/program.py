"""Compiling a plan with JAX, and running it.

The compiled function takes the feeds, the places of random streams, the variables that it only reads and those that it writes, and gives
the outputs, the new values and the number of the first check that failed. Variables that it writes are donated, so that their memory takes
the new values; not where a check may fail, since a failed run changes nothing.
"""
from __future__ import annotations

import functools
import types
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import numpy as np

from ....plan.complaints import failure
from ....plan.ir import Plan
from ..numpy_engine.calls import taker
from .mesh import Placement
from .trace import Tracing, checks_of, is_assertion
from .values import XlaValue, x64

UNSEEN = {"place": "", "value": "(on the device)", "all": "(on the device)", "each": ["(on the device)"] * 20}


def _fits(target: XlaValue | None, value: Any) -> bool:
    return (target is not None and target.on_device and value.shape is not None
            and target.shape == value.shape and target.dtype == value.dtype)


class Tail(NamedTuple):
    """What the numpy engine does with a compiled plan's outputs, given after those of `fed` that no device holds."""
    program: Any
    fed: tuple[int, ...]


class Program:
    """A compiled plan; its instances share all, since compiled code has no buffers of its own."""
    large = False

    def __init__(self, plan: Plan, binding: Any, placement: Placement, exact: Callable[[], Any], tail: Tail | None = None):
        """exact: makes a program of the numpy engine for the same plan, whose checks say what is wrong with which value."""
        self.exact, self.tail = exact, tail
        self.plan, self.binding, self.placement = plan, binding, placement
        self.checks = checks_of(plan)
        for key, value in plan.effects:
            binding.prepare(key, value.shape, value.dtype)
        self.feeds = [node for node in plan.inputs if node.prim == "feed"]
        self.variables = [node for node in plan.inputs if node.prim == "variable"]
        self.streams = [node for node in plan.nodes if node.prim == "stream"]
        self.takers = [taker(node.par, binding.context(node.par.op)) for node in self.streams]
        targets = {key: binding.array(key) for key, _ in plan.effects}
        self.kept = [(i, key) for i, (key, value) in enumerate(plan.effects) if _fits(targets[key], value)]
        self.targets = [targets[key] for _, key in self.kept]
        self.rebound = [(i, key) for i, (key, value) in enumerate(plan.effects) if not _fits(targets[key], value)]
        written = {id(target) for target in self.targets}
        self.sources = [binding.array(node.par) for node in self.variables]
        self.given = [] if self.checks or tail else [k for k, source in enumerate(self.sources) if id(source) in written]
        self.lent = [k for k in range(len(self.sources)) if k not in set(self.given)]
        self.places = [placement.feed(node) for node in self.feeds]
        kept = {i: target.where for (i, _), target in zip(self.kept, self.targets)}
        out: Any = None if placement.mesh is None else (None, [kept.get(i) for i in range(len(plan.effects))], None)
        self.function = jax.jit(self.trace, donate_argnums=(0,), out_shardings=out)

    def trace(self, given: list[Any], lent: list[Any], feeds: list[Any], places: list[Any]) -> Any:
        """The plan for JAX."""
        tracing = Tracing(self.checks, {node.id: place for node, place in zip(self.streams, places)})
        values = {node.id: value for node, value in zip(self.feeds, feeds)}
        for positions, arrays in ((self.given, given), (self.lent, lent)):
            values.update((self.variables[k].id, array) for k, array in zip(positions, arrays))
        left = tracing.run(self.plan, values)
        return left[:len(self.plan.outputs)], left[len(self.plan.outputs):], tracing.failed

    def try_out(self) -> None:
        """Traces the plan without compiling it; Untraceable where that cannot be done."""
        with x64():
            forms = [[jax.ShapeDtypeStruct(node.shape, node.dtype) for node in nodes] for nodes in (
                [self.variables[k] for k in self.given], [self.variables[k] for k in self.lent], self.feeds)]
            jax.eval_shape(self.trace, *forms, [jax.ShapeDtypeStruct((3,), np.uint64) for _ in self.streams])

    def instance(self) -> Callable[..., tuple[Any, ...]]:
        return functools.partial(self.run, None if self.tail is None else self.tail.program.instance())

    def run(self, tail: Any, *feeds: Any) -> tuple[Any, ...]:
        """tail: what the host does with the outputs, None for nothing. It may fail, so that variables get their values after it."""
        places = [take() for take in self.takers]
        with x64():
            fed = [feeds[node.par] if place is None else jax.device_put(feeds[node.par], place)
                   for node, place in zip(self.feeds, self.places)]
            outputs, values, failed = self.function(*self.taken(), fed, places)
            if self.checks and int(failed):
                self.refuse(int(failed), feeds)
            jax.block_until_ready(values)        # what was fed may change when this returns
        left = self.left(tail, outputs, feeds)
        self.settle(values)
        return left

    def left(self, tail: Any, outputs: Sequence[Any], feeds: Sequence[Any]) -> tuple[Any, ...]:
        """What leaves the plan, in memory of its own."""
        arrays = tuple(np.array(value) for value in outputs)
        if tail is None or self.tail is None:
            return arrays
        found: tuple[Any, ...] = tail(*(feeds[place] for place in self.tail.fed), *arrays)
        return found

    def taken(self) -> list[list[Any]]:
        """The variables that are given away, and those that are lent."""
        return [[self.placement.lent(self.sources[k]) for k in positions] for positions in (self.given, self.lent)]

    def settle(self, values: Sequence[Any]) -> None:
        """Gives variables their new values."""
        for (i, _), target in zip(self.kept, self.targets):
            target.data = values[i]
        for i, key in self.rebound:
            self.binding.rebind(key, np.asarray(values[i]))

    def refuse(self, number: int, feeds: tuple[Any, ...]) -> None:
        """Raises the error of a check that failed."""
        if not self.streams:                     # numbers drawn once more would be others
            self.exact().instance()(*feeds)
        raise self.failure(number)

    def failure(self, number: int) -> Exception:
        """The error of a check, without the values that are wrong."""
        node = self.checks[number - 1]
        if node.prim == "call":
            what = "an assertion does not hold" if is_assertion(node) else "a list of tensors has no such element"
            return failure(node.source, ValueError(what))
        text, shapes = node.par
        return failure(node.source, ValueError(text.format_map(UNSEEN)), [types.SimpleNamespace(shape=shape) for shape in shapes])
