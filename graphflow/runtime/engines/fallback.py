"""Plans that an engine cannot or need not compile run on the numpy engine, with the variables staged in arrays."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...core import errors
from ...plan.bodies import all_nodes
from ...plan.complaints import at_op
from ...plan.ir import Plan
from ...plan.node import Node
from .engine import Binding, Engine, Program
from .numpy_engine import ENGINE


def compile_plan(engine: Engine, plan: Plan, binding: Binding, mark: Callable[[int, Any], None] | None = None) -> Program:
    """The program of a plan.

    Plans without inputs (initializers) run once and are not worth compiling. Where an engine lacks what only comes at the end (summaries,
    say), it may do the rest. UnimplementedError, with the operation and its line, for a
    node that the engine lacks where the numpy engine cannot stand in.
    """
    if engine is ENGINE:
        return engine.compile(plan, binding, mark)
    lacking = next((node for node in (*plan.inputs, *all_nodes(plan)) if not engine.supports(node)), None)
    if engine.on_host and (lacking is not None or not plan.inputs):
        found = engine.shared(plan, binding) if lacking is not None and plan.inputs and mark is None else None
        return Staged(engine, plan, binding, mark) if found is None else found
    if lacking is not None:
        raise _lack(engine, lacking)
    return engine.compile(plan, binding, mark)


def _lack(engine: Engine, node: Node) -> errors.OpError:
    text = f"the {engine.name} engine cannot run {node.prim!r}; choose another one by tf.ConfigProto(engine=...) or GRAPHFLOW_ENGINE"
    return errors.UnimplementedError(None, node.source, at_op(node.source, text) if node.source is not None else text)


class Staged:
    """A program of the numpy engine for variables of another engine: elements go into arrays before a run, and back after it."""

    def __init__(self, engine: Engine, plan: Plan, binding: Binding, mark: Any):
        self.engine, self.binding = engine, binding
        self.arrays: dict[str, np.ndarray] = {}
        self.rebound: set[str] = set()
        self.parts: frozenset[int] = frozenset()
        self.reads, self.writes = plan.reads(), [key for key, _ in plan.effects]
        self.program = ENGINE.compile(plan, self, mark)
        self.large = self.program.large

    # -- the binding of the program on arrays
    def array(self, key: str) -> np.ndarray | None:
        value = self.binding.array(key)
        if value is None:
            return None
        return self.arrays.setdefault(key, np.empty(value.shape, value.dtype))

    def prepare(self, key: str, shape: Any, dtype: Any) -> None:
        self.binding.prepare(key, shape, dtype)

    def context(self, op: Any) -> Any:
        return self.binding.context(op)

    def rebind(self, key: str, value: Any) -> None:
        self.rebound.add(key)
        self.binding.rebind(key, value)

    def instance(self) -> Callable[..., tuple[Any, ...]]:
        step = self.program.instance()

        def run(*feeds: Any) -> tuple[Any, ...]:
            for key in self.reads:
                np.copyto(self.arrays[key], self.engine.read(self.binding.array(key)))
            results = step(*feeds)
            for key in self.writes:
                if key not in self.rebound:
                    self.engine.write(self.binding.array(key), self.arrays[key])
            return results
        return run
