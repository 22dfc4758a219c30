"""What an engine is. Everything above this package goes through it and takes variables' values for opaque."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from ...plan.ir import Plan
from ...plan.node import Node


class Value(Protocol):
    """Where an engine keeps a variable: an object whose elements change and whose shape and dtype do not."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    @property
    def dtype(self) -> np.dtype[Any]: ...


class Program(Protocol):
    """A compiled plan. large: whether denormals are worth flushing in it."""
    large: bool

    def instance(self) -> Callable[..., tuple[Any, ...]]:
        """A function of the fed arrays that gives the outputs; it has memory of its own, so each instance is for one run at a time."""
        ...


class Binding(Protocol):
    """The session that a plan is compiled for, as an engine sees it."""

    parts: frozenset[int]      # which of the fed arrays are this host's part of what all hosts feed

    def array(self, key: str) -> Any:
        """The value of a variable, maybe without elements yet; None where there is none. The program is bound to this very object."""
        ...

    def prepare(self, key: str, shape: Any, dtype: Any) -> None:
        """Allocates a variable that has no value, for the shape that a write will give it (None: not known)."""
        ...

    @property
    def rebind(self) -> Callable[[str, Any], None]:
        """(key, array): gives a variable a new value, maybe of another shape."""
        ...

    def context(self, op: Any) -> Any:
        """What a stateful operation runs with."""
        ...


class Engine(Protocol):
    """Turns plans into programs and keeps the variables they read and write."""
    name: str
    on_host: bool       # whether its variables are at hand for the numpy engine, which then runs plans that this engine cannot

    spread: Any         # what makes one run of all hosts' runs, where there are several; None where there is one (xla/joint.py)

    def allocate(self, shape: tuple[int, ...], dtype: np.dtype[Any], key: str = "") -> Value:
        """A value for a variable, its elements undefined. key: the variable's name, by which an engine may choose where it lies."""
        ...

    def read(self, value: Any) -> np.ndarray:
        """The elements. It may be the value's own memory: copy what you keep."""
        ...

    def write(self, value: Any, array: np.ndarray) -> None:
        """Puts the elements of an array of the same shape and dtype into a value."""
        ...

    def memory(self, value: Any) -> np.ndarray | None:
        """The value's own memory, to be read into directly; None where there is none of that kind."""
        ...

    def supports(self, node: Node) -> bool:
        """Whether this engine can run a node (its bodies are asked for themselves)."""
        ...

    def shared(self, plan: Plan, binding: Binding) -> Program | None:
        """The program of a plan with nodes that are not supported, which does the rest and leaves these to the numpy engine; None where
        that cannot be."""
        ...

    def local_devices(self) -> int:
        """How many devices of this process it can split a batch over."""
        ...

    def lay_out(self, plan: Plan) -> Plan:
        """The plan as this engine runs it; the plan itself if it runs it as it is."""
        ...

    def compile(self, plan: Plan, binding: Binding, mark: Callable[[int, Any], None] | None = None) -> Program:
        """The program of a plan whose nodes are all supported.

        mark: for traces, called with -1 at the start and with the position of each node and its value once that is there.
        """
        ...
