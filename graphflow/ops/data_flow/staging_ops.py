"""Staging operations: those of one shared name put values into one buffer and take them out, first in, first out."""
from __future__ import annotations

import threading
from collections import deque
from typing import Any

import numpy as np

from ...core import dtypes
from ...core.dtypes import DType
from ...core.errors import InvalidArgumentError, ResourceExhaustedError
from ...core.op import Op, Spec, require_rank
from ...core.outcomes import Effect, Several
from ...core.run_context import Context

Element = list[np.ndarray]


class StagingResource:
    """A buffer of at most `capacity` elements and `memory_limit` bytes; 0 for no bound."""

    def __init__(self, op_def: Any):
        self.capacity, self.limit = op_def.capacity, op_def.memory_limit
        self.changed = threading.Condition()
        self.held: deque[Element] = deque()
        self.bytes = 0

    def put(self, ctx: Context, element: Element) -> None:
        """Adds an element as soon as there is room."""
        size = sum(value.nbytes for value in element)
        if 0 < self.limit < size:
            raise ResourceExhaustedError(None, None, f"Attempted to insert tensors with combined size of '{size}' bytes into Staging Area "
                                                     f"with a memory limit of '{self.limit}'.")
        with self.changed:
            ctx.wait_for(self.changed, lambda: (not self.capacity or len(self.held) < self.capacity)
                         and (not self.limit or self.bytes + size <= self.limit))
            self.held.append(element)
            self.bytes += size
            self.changed.notify_all()

    def take(self, ctx: Context) -> Element:
        """The first element, as soon as there is one."""
        with self.changed:
            ctx.wait_for(self.changed, lambda: self.held)
            found = self.held.popleft()
            self.bytes -= sum(value.nbytes for value in found)
            self.changed.notify_all()
            return found

    def peek(self, ctx: Context, index: int) -> Element:
        """The element at a place, as soon as there is one; it stays."""
        with self.changed:
            ctx.wait_for(self.changed, lambda: len(self.held) > index)
            return self.held[index]

    def clear(self) -> None:
        """Drops all elements."""
        with self.changed:
            self.held.clear()
            self.bytes = 0
            self.changed.notify_all()

    def close_session(self) -> None:
        """Wakes those who wait: their session was closed."""
        with self.changed:
            self.changed.notify_all()


class _Staging(Op):
    """Base. shared_name: of the buffer, the operation's own name where it is empty."""
    capacity: int = 0
    memory_limit: int = 0
    dtypes: list[DType]
    container: str = ""
    shared_name: str = ""

    def buffer(self, ctx: Context) -> StagingResource:
        key = f" staging/{self.container}/{self.shared_name or ctx.operation.name}"
        found: StagingResource = ctx.store.resource(key, lambda: StagingResource(self))
        return found

    def fitting(self, element: Element) -> Element:
        """Copies of an element's values; InvalidArgumentError unless they are of the operation's dtypes."""
        if [v.dtype for v in element] != [t.np for t in self.dtypes]:
            raise InvalidArgumentError(None, None, f"Expected values of {', '.join(t.name for t in self.dtypes)}; the buffer holds one of "
                                                   f"{', '.join(str(v.dtype) for v in element)}")
        return [np.array(value) for value in element]


class Stage(_Staging, Effect, sig="values: [dtypes] ->", stateful=True):
    """Puts an element into the buffer, as soon as there is room."""
    least = {"dtypes": 1}
    may_wait = True

    def infer(self, *values: Spec) -> tuple[()]:
        return ()

    def run(self, ctx: Context, *values: Any) -> tuple[()]:
        self.buffer(ctx).put(ctx, [np.array(value, t.np) for value, t in zip(values, self.dtypes)])
        return ()


class Unstage(_Staging, Several, sig="-> values: [dtypes]", stateful=True):
    """Takes the first element out of the buffer, as soon as there is one."""
    least = {"dtypes": 1}
    may_wait = True

    def infer(self) -> tuple[Spec, ...]:
        return tuple(Spec(t, None) for t in self.dtypes)

    def run(self, ctx: Context) -> Any:
        return self.fitting(self.buffer(ctx).take(ctx))


class StagePeek(_Staging, Several, sig="index: int32 -> values: [dtypes]", stateful=True):
    """The element at a place of the buffer, as soon as there is one; it stays there."""
    least = {"dtypes": 1}
    may_wait = True

    def infer(self, index: Spec) -> tuple[Spec, ...]:
        require_rank(index, 0)
        return tuple(Spec(t, None) for t in self.dtypes)

    def run(self, ctx: Context, index: Any) -> Any:
        if index < 0:
            raise InvalidArgumentError(None, None, f"index must not be negative, but is {index}")
        return self.fitting(self.buffer(ctx).peek(ctx, int(index)))


class StageSize(_Staging, sig="-> size: int32", stateful=True):
    """How many elements the buffer holds."""

    def infer(self) -> Spec:
        return Spec(dtypes.int32, ())

    def run(self, ctx: Context) -> Any:
        return np.asarray(len(self.buffer(ctx).held), np.int32)


class StageClear(_Staging, Effect, sig="->", stateful=True):
    """Drops all elements of the buffer."""

    def infer(self) -> tuple[()]:
        return ()

    def run(self, ctx: Context) -> tuple[()]:
        self.buffer(ctx).clear()
        return ()
