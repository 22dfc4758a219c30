"""The values of a session: variables by key, and the state that stateful operations keep (random streams, queues)."""
from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np


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
        self.lock = ReadWriteLock()

    def prepare(self, key: str, shape: tuple[int, ...] | None, dtype: np.dtype[Any]) -> None:
        """Makes an (uninitialized) array for a variable that has none; nothing if the shape is not known yet."""
        if shape is not None and key not in self.slots and dtype.kind != "O":
            self.slots[key] = Slot(np.empty(shape, dtype))
            self.generation += 1

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

    def forget(self, key: str) -> None:
        """Makes a variable uninitialized again."""
        if self.slots.pop(key, None) is not None:
            self.generation += 1

    def state(self, name: str, factory: Callable[[], Any]) -> Any:
        """The object that a stateful operation keeps in this session, made on first use."""
        found = self.states.get(name)
        if found is None:
            found = self.states.setdefault(name, factory())
        return found


class ReadWriteLock:
    """Many readers or one writer; a thread that holds it may enter again (py_func may call the session)."""

    def __init__(self) -> None:
        self._state = threading.Lock()          # held for moments only, to read and change what follows
        self._freed = threading.Condition(self._state)
        self._readers: dict[int, int] = {}      # thread: how often it entered
        self._writer = 0
        self._depth = 0
        self._waiting = 0

    def acquire(self, write: bool) -> None:
        me = threading.get_ident()
        with self._state:
            if self._writer == me:
                self._depth += 1
                return
            while self._writer or (write and self._readers and self._readers.keys() != {me}):
                self._waiting += 1
                self._freed.wait()
                self._waiting -= 1
            if write:
                self._writer, self._depth = me, 1
            else:
                self._readers[me] = self._readers.get(me, 0) + 1

    def release(self, write: bool) -> None:
        me = threading.get_ident()
        with self._state:
            if self._writer == me:
                self._depth -= 1
                if self._depth:
                    return
                self._writer = 0
            else:
                self._readers[me] -= 1
                if self._readers[me]:
                    return
                del self._readers[me]
            if self._waiting:
                self._freed.notify_all()


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
