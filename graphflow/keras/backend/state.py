"""What a graph keeps for Keras: numbers in names, the learning phase, and the variables that sessions initialize on their own."""
from __future__ import annotations

import weakref
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import graphflow as tf

from ...core import context
from ...core.export import export
from ...kernels.interrupts import whole
from .symbolic import keeps, model_graph


class _State:
    """Of one graph."""

    def __init__(self) -> None:
        self.uids: dict[str, int] = defaultdict(int)
        self.object_uids: dict[Any, dict[str, int]] = {}
        self.has_history = False                  # whether any tensor of the graph comes from a layer
        self.loose_variables: list[Any] = []      # those of Keras that are in no collection
        self.phase: Any = None                    # the placeholder of the learning phase, once somebody asked for it
        self.fixed: list[int] = []                # learning phases that were set, the innermost last


def of_graph() -> _State:
    """The state of the default graph."""
    return context.default_graph().extension("keras", _State, shared=True)


@export("keras.backend.get_uid")
def get_uid(prefix: str = "") -> int:
    """1, 2, ...: how often it was called with this prefix in the default graph."""
    uids = of_graph().uids
    uids[prefix] += 1
    return uids[prefix]


@export("keras.backend.reset_uids")
def reset_uids() -> None:
    """Starts all numbers of `get_uid` and of layers' names again."""
    state = of_graph()
    state.uids.clear()
    state.object_uids.clear()


def unique_name(base: str, zero_based: bool = False, avoid: Any = (), namespace: str = "") -> str:
    """base_1, base_2, ... (with zero_based: base, base_1, ...), counted in the default graph."""
    counts = of_graph().object_uids.setdefault(namespace, defaultdict(int))
    while True:
        if not zero_based:
            counts[base] += 1
        name = f"{base}_{counts[base]}" if counts[base] else base
        if zero_based:
            counts[base] += 1
        if name not in avoid:
            return name


# -- the learning phase ---------------------------------------------------------------------------------------------------------------
@export("keras.backend.learning_phase")
def learning_phase() -> Any:
    """0 or 1 where it was set; else a bool tensor of the default graph, False unless fed: whether the model trains.

    Where ops run at once, and in a tf.function, it is 0 unless set.
    """
    state = of_graph()
    if state.fixed:
        return state.fixed[-1]
    if tf_executing_eagerly():
        return 0
    if not keeps():
        return 0
    if state.phase is None:
        graph = model_graph()
        with graph.as_default(), graph.name_scope(None), graph.control_dependencies(None):
            state.phase = tf.placeholder_with_default(False, shape=(), name="keras_learning_phase")
    return state.phase


@export("keras.backend.set_learning_phase")
def set_learning_phase(value: int) -> None:
    """Fixes the learning phase of the default graph: 0 (test) or 1 (train)."""
    if value not in (0, 1):
        raise ValueError(f"Expected learning phase to be 0 or 1. Received: {value}")
    of_graph().fixed[:] = [int(value)]


@export("keras.backend.learning_phase_scope")
@contextmanager
@whole
def learning_phase_scope(value: int) -> Iterator[None]:
    """Inside, the learning phase is `value`."""
    if value not in (0, 1):
        raise ValueError(f"Expected learning phase to be 0 or 1. Received: {value}")
    fixed = of_graph().fixed
    fixed.append(int(value))
    try:
        yield
    finally:
        fixed.pop()


def symbolic_learning_phase(graph: Any) -> Any:
    """The tensor of the learning phase of a graph, None where nobody asked for it or it was set."""
    state = graph.extension("keras", _State, shared=True)
    return None if state.fixed else state.phase


def tf_executing_eagerly() -> bool:
    """Whether ops run at once."""
    return bool(tf.executing_eagerly())


# -- variables ------------------------------------------------------------------------------------------------------------------------
_initialized: weakref.WeakKeyDictionary[Any, set[int]] = weakref.WeakKeyDictionary()     # session -> ids of variables seen to have values


def known_variables(session: Any) -> set[int]:
    """The ids of variables that are known to have a value in a session."""
    return _initialized.setdefault(session, set())
