"""What a session keeps between runs: variables and resources (queues, tables) by key, and what single operations keep (random streams)."""
from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from ..kernels.interrupts import whole
from ..plan.expected import Observed
from . import engines
from .engines.engine import Engine
from .locks import FairLock
from .resources import Context

_stores: weakref.WeakSet[Store] = weakref.WeakSet()


class Slot:
    """One variable: its value as the engine keeps it, and whether it has been written."""
    __slots__ = ("initialized", "value")

    def __init__(self, value: Any):
        self.value, self.initialized = value, False


class Store:
    """Variables and operation state of one session (or of several that share it). `engine` keeps the variables' values."""

    def __init__(self, engine: Engine | None = None) -> None:
        self.engine = engine or engines.load("numpy")
        self.slots: dict[str, Slot] = {}
        self.bound: set[str] = set()            # of eager execution: variables that compiled functions hold, see eager.session
        self.generation = 0                     # grows when a variable's value is another object than before
        self.states: dict[str, Any] = {}        # by the name of the operation that keeps it
        self.resources: dict[str, Any] = {}     # by container and shared name, see Op.resource_key
        self.closed = False
        self.lock = FairLock()
        self.compiling = threading.RLock()      # one thread at a time makes plans and programs
        _stores.add(self)

    @whole
    def prepare(self, key: str, shape: tuple[int, ...] | None, dtype: np.dtype[Any]) -> None:
        """Allocates a variable that has no value; nothing if the shape is not known yet."""
        if shape is not None and key not in self.slots and dtype.kind != "O":
            self.slots[key] = Slot(self.engine.allocate(shape, dtype, key))
            self.generation += 1

    @whole
    def rebind(self, key: str, value: Any) -> None:
        """Gives a variable a new value of maybe another shape; nothing, of a branch that did not write it, leaves it alone."""
        if value.__class__ is np.ndarray and value.ndim == 16:      # see plan.branches
            return
        array = np.asarray(value)
        slot = self.slots.get(key)
        if slot is None or slot.value.shape != array.shape or slot.value.dtype != array.dtype:
            slot = Slot(self.engine.allocate(array.shape, array.dtype, key))
            self.engine.write(slot.value, array)
            self.slots[key] = slot
            self.generation += 1
        else:
            self.engine.write(slot.value, array)
        self.has_value(key)

    def has_value(self, key: str) -> None:
        """A variable's value was written; plans that were made for it without one are stale."""
        if not self.slots[key].initialized:
            self.slots[key].initialized = True
            self.generation += 1

    def value(self, key: str) -> np.ndarray | None:
        """The elements of an initialized variable, else None; they may be its own memory."""
        slot = self.slots.get(key)
        return self.engine.read(slot.value) if slot is not None and slot.initialized else None

    def memory(self, key: str) -> np.ndarray | None:
        """The memory of a variable, initialized or not, to read into directly; None where there is none."""
        slot = self.slots.get(key)
        return None if slot is None else self.engine.memory(slot.value)

    def state(self, name: str, factory: Callable[[], Any]) -> Any:
        """The object that a stateful operation keeps in this session, made on first use."""
        return _made_once(self.states, name, factory)

    def resource(self, key: str, factory: Callable[[], Any]) -> Any:
        """The object behind a handle, made on first use."""
        return _made_once(self.resources, key, factory)

    def close(self) -> None:
        """Ends waits for what is in here."""
        self.closed = True
        for kept in (*self.resources.values(), *self.states.values()):
            if hasattr(kept, "close_session"):
                kept.close_session()


def _made_once(kept: dict[str, Any], key: str, factory: Callable[[], Any]) -> Any:
    found = kept.get(key)
    return kept.setdefault(key, factory()) if found is None else found


def _before_fork() -> None:
    """No run is under way while a process forks, so that the child's variables are whole."""
    _forking.stores = list(_stores)
    for store in _forking.stores:
        store.lock.acquire(True)


def _after_fork_here() -> None:
    for store in _forking.stores:
        store.lock.release()
    _forking.stores = []


def _after_fork_in_child() -> None:
    """The threads that held or wanted locks are not in the child."""
    for store in _forking.stores:
        store.lock.forget_other_threads()
        store.compiling = threading.RLock()
    _after_fork_here()


_forking = threading.local()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork_here, after_in_child=_after_fork_in_child)


class Binding:
    """The store as the planner and an engine see it for one plan: shapes, values, and which values the plan is bound to."""

    def __init__(self, session: Any, store: Store, observed: Observed | None = None):
        self.session, self.store = session, store
        self.bound: dict[str, Any] = {}
        self.missing: set[str] = set()      # variables that had no value when the plan was made
        self.observed = observed            # notes the shapes that calls give
        self.parts: frozenset[int] = frozenset()

    def variable(self, key: str) -> tuple[tuple[int, ...], np.dtype[Any]] | None:
        slot = self.store.slots.get(key)
        if slot is None or not slot.initialized:
            self.missing.add(key)
            return None
        return slot.value.shape, slot.value.dtype

    def context(self, op: Any) -> Context:
        return Context(self.session, self.store, op)

    def prepare(self, key: str, shape: Any, dtype: Any) -> None:
        self.store.prepare(key, shape, dtype)

    def array(self, key: str) -> Any:
        """The value of a variable, as the engine keeps it; None where there is none. The plan is bound to it."""
        slot = self.store.slots.get(key)
        value = self.bound[key] = None if slot is None else slot.value
        return value

    @property
    def rebind(self) -> Callable[[str, Any], None]:
        return self.store.rebind

    def still_valid(self) -> bool:
        """Whether the variables still have the values that the program was compiled for, or still none."""
        slots = self.store.slots
        return not any(key in slots and slots[key].initialized for key in self.missing) and \
            all(value is (slots[key].value if key in slots else None) for key, value in self.bound.items())
