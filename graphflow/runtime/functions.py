"""Functions of a graph's library as Python functions of arrays, for operations that call them again and again (datasets).

A function is planned and compiled as a run is, once per shapes of its arguments; where these keep changing, once for all shapes.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.late import Late
from ..core.tensor import Tensor
from ..plan.ir import Handle
from ..plan.pipeline import operations, operations_in_turn
from .executor import Executor
from .store import Store

_late = Late(cut="graphflow.plan.segments:cut", Segments="graphflow.runtime.segments:Segments")  # at first use: saves 4 ms; as in a session

_SHAPES = 8         # so many shapes of arguments get a plan of their own


class Scope:
    """A store whose operations keep their state (random streams) apart: each iterator's functions begin anew. The rest is the session's."""

    def __init__(self, store: Store):
        self._store, self._states = store, dict[str, Any]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def state(self, name: str, factory: Callable[[], Any]) -> Any:
        """The object that a stateful operation keeps in this scope."""
        found = self._states.get(name)
        return self._states.setdefault(name, factory()) if found is None else found


def function(session: Any, body: Any, captured: tuple[Any, ...], scope: Scope) -> Callable[..., tuple[Any, ...]]:
    """A body as a function of arrays. captured: values and handles of its last inputs."""
    count = len(body.inputs) - len(captured)
    given = dict(zip(body.inputs[count:], captured))
    home = {t: v.key for t, v in given.items() if v.__class__ is Handle}
    values = [v for v in captured if v.__class__ is not Handle]
    own = any(op._op_def.stateful and "seed" in op._op_def.fields for op in body._ops)
    key = body, *home.values()
    kept = session._functions
    found = None if own else kept.get(key)
    if found is None:
        fed = [t for t in body.inputs if t not in home]
        found = compiled(session, body.outputs, body.effects, fed, home, scope if own else session._store)
        if not own:
            kept[key] = found
    dtypes = [t.dtype.base_dtype.np for t in body.outputs]

    def call(*arguments: Any) -> tuple[Any, ...]:
        return tuple([v if v.__class__ is np.ndarray else _array(v, d) for v, d in zip(found([*arguments, *values]), dtypes)])
    return call


def compiled(session: Any, fetches: list[Tensor], effects: list[Any], fed: list[Tensor], home: dict[Tensor, str],
              store: Any, in_turn: bool = False) -> Callable[[list[Any]], tuple[Any, ...]]:
    """A function of the values of `fed`. home: keys of the resources behind handles among the inputs. effects: what must run besides.

    in_turn: reads and writes happen in the order in which they were made, not as in a session.
    """
    known = [*fed, *home]
    targets = [*(t._op for t in fetches if t not in known), *effects]
    ops = operations_in_turn(targets, known, home) if in_turn else operations(targets, known, home)
    if any(op._op_def.may_wait for op in ops):
        parts: Callable[[list[Any]], tuple[Any, ...]] = _late.Segments(session, fetches, fed, ops, _late.cut(ops, fetches, fed), store).run
        return parts
    executor = Executor(session, fetches, fed, ops, store)
    unknown = (None,) * len(fed)

    def run(values: list[Any]) -> tuple[Any, ...]:
        variants = executor.variants
        if len(variants) >= _SHAPES and tuple([v.shape for v in values]) not in variants:
            return executor.run(values, unknown)
        return executor.run(values)
    return run


def _array(value: Any, dtype: np.dtype[Any]) -> np.ndarray:
    """A result as an array, of one object where it is a text or a dataset."""
    if dtype.kind == "O":
        out = np.empty((), object)
        out[()] = value
        return out
    return np.asarray(value, dtype)
