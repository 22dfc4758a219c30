"""The values of a session: variables by key, and the state that stateful operations keep (random streams, queues)."""
from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from ..kernels.interrupts import whole
from .locks import FairLock

_stores: weakref.WeakSet[Store] = weakref.WeakSet()


class Slot:
    """One variable: its array, and whether a value has been written."""
    __slots__ = ("array", "initialized")

    def __init__(self, array: np.ndarray):
        self.array, self.initialized = array, False


class Store:
    """Variables and operation state of one session (or of several that share it)."""

    def __init__(self) -> None:
        self.slots: dict[str, Slot] = {}
        self.generation = 0                     # grows when a variable's array is another one than before
        self.states: dict[str, Any] = {}
        self.lock = FairLock()
        self.compiling = threading.RLock()      # one thread at a time makes plans and programs
        _stores.add(self)

    @whole
    def prepare(self, key: str, shape: tuple[int, ...] | None, dtype: np.dtype[Any]) -> None:
        """Makes an (uninitialized) array for a variable that has none; nothing if the shape is not known yet."""
        if shape is not None and key not in self.slots and dtype.kind != "O":
            self.slots[key] = Slot(np.empty(shape, dtype))
            self.generation += 1

    @whole
    def rebind(self, key: str, value: Any) -> None:
        """Gives a variable a new value of maybe another shape."""
        array = np.array(value)
        slot = self.slots.get(key)
        if slot is not None and slot.array.shape == array.shape and slot.array.dtype == array.dtype:
            np.copyto(slot.array, array)
        else:
            self.slots[key] = Slot(array)
            self.generation += 1
        self.slots[key].initialized = True

    def value(self, key: str) -> np.ndarray | None:
        """The array of an initialized variable, else None."""
        slot = self.slots.get(key)
        return slot.array if slot is not None and slot.initialized else None

    def state(self, name: str, factory: Callable[[], Any]) -> Any:
        """The object that a stateful operation keeps in this session, made on first use."""
        found = self.states.get(name)
        if found is None:
            found = self.states.setdefault(name, factory())
        return found


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


class Context:
    """What a stateful operation's `run` gets first: its operation, its session, and its state in that session."""
    __slots__ = ("operation", "session", "store")

    def __init__(self, session: Any, store: Store, operation: Any):
        self.session, self.store, self.operation = session, store, operation

    def state(self, factory: Callable[[], Any]) -> Any:
        """The object that this operation keeps in the session, made by `factory` on first use."""
        return self.store.state(self.operation.name, factory)


class Binding:
    """The store as the planner and an engine see it for one plan: shapes, arrays, and which arrays the plan is bound to."""

    def __init__(self, session: Any, store: Store):
        self.session, self.store = session, store
        self.bound: dict[str, np.ndarray | None] = {}

    def variable(self, key: str) -> tuple[tuple[int, ...], np.dtype[Any]] | None:
        array = self.store.value(key)
        return None if array is None else (array.shape, array.dtype)

    def context(self, op: Any) -> Context:
        return Context(self.session, self.store, op)

    def prepare(self, key: str, shape: Any, dtype: Any) -> None:
        self.store.prepare(key, shape, dtype)

    def array(self, key: str) -> np.ndarray | None:
        slot = self.store.slots.get(key)
        array = None if slot is None else slot.array
        self.bound[key] = array
        return array

    @property
    def rebind(self) -> Callable[[str, Any], None]:
        return self.store.rebind

    def still_valid(self) -> bool:
        """Whether the variables still have the arrays that the program was compiled for."""
        slots = self.store.slots
        return all(array is (slots[key].array if key in slots else None) for key, array in self.bound.items())
