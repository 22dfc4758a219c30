"""What a session keeps for a queue: its elements and the calls that wait to put or take some.

Calls are served in the order in which they came, puts and takes each in a line of their own. Only the first of a line gets a turn, and
one that wants many elements takes what there is and goes on waiting: so the order of elements depends on the order of calls alone,
not on how threads wake up. It is TensorFlow's, for shuffled queues with seeds too.
"""
from __future__ import annotations

import heapq
import itertools
import math
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np

from ...core import dtypes, errors, shapes
from ...core.run_context import Context
from ...kernels.random import Stream

Element = tuple[np.ndarray, ...]       # one array per component
_numbers = itertools.count()           # of queues without a shared name, in this process


class _Attempt:
    """A call that is under way. turn: does what can be done now and says whether anything was; undo: puts back what it took."""
    __slots__ = ("done", "error", "result", "turn", "undo")

    def __init__(self, turn: Callable[[_Attempt], bool], undo: Callable[[], None]):
        self.turn, self.undo, self.done = turn, undo, False
        self.result: Any = None
        self.error: errors.OpError | None = None

    def finish(self, result: Any = None) -> bool:
        self.result, self.done = result, True
        return True

    def fail(self, error: errors.OpError) -> bool:
        self.error, self.done = error, True
        return True


class QueueResource:
    """A queue of at most `capacity` elements (any number, if negative). First in, first out; subclasses know other orders."""
    kind = "FIFOQueue"

    def __init__(self, op_def: Any):
        self.op_def = op_def
        self.dtypes, self.shapes = tuple(op_def.component_types), tuple(op_def.shapes)
        self.name = op_def.shared_name or f"_{next(_numbers)}_"
        self.capacity = math.inf if op_def.capacity < 0 else op_def.capacity
        self.closed = False
        self.changed = threading.Condition()
        self.puts: deque[_Attempt] = deque()
        self.takes: deque[_Attempt] = deque()
        self.make_room()

    # -- the elements: what the kinds of queues differ in ---------------------------------------------------------------
    def make_room(self) -> None:
        self.held: Any = deque()

    def push(self, element: Element) -> None:
        self.held.append(element)

    def pop(self) -> Element:
        return self.held.popleft()

    def restore(self, elements: list[Element]) -> None:
        """Puts back what was popped, in that order."""
        self.held.extendleft(reversed(elements))

    def available(self) -> int:
        """How many elements may be taken now."""
        return len(self.held)

    def stacked(self, elements: list[Element]) -> list[np.ndarray]:
        """Elements as one array per component, along a new first dimension."""
        return [_stack([e[i] for e in elements], shape, dtype.np) for i, (shape, dtype) in enumerate(zip(self.shapes, self.dtypes))]

    # -- what operations call -------------------------------------------------------------------------------------------
    def put(self, ctx: Context, element: Element) -> None:
        """Adds an element as soon as there is room."""
        self._put(ctx, [element])

    def put_many(self, ctx: Context, elements: list[Element]) -> None:
        """Adds elements one by one, each as soon as there is room."""
        if elements:
            self._put(ctx, elements)

    def _put(self, ctx: Context, elements: list[Element]) -> None:
        left = deque(elements)

        def turn(attempt: _Attempt) -> bool:
            if self.closed:
                return attempt.fail(errors.CancelledError(None, None, f"{self.kind} '{self.name}' is closed."))
            moved = False
            while left and len(self.held) < self.capacity:
                self.push(left.popleft())
                moved = True
            return moved if left else attempt.finish()
        self._wait(ctx, self.puts, _Attempt(turn, lambda: None), "Enqueue")

    def take(self, ctx: Context) -> Element:
        """The next element."""
        return self._take(ctx, 1, False, self.kind)[0]

    def take_many(self, ctx: Context, count: int, fewer: bool) -> list[np.ndarray]:
        """The next `count` elements, stacked; with `fewer` what is left of a closed queue will do."""
        if not self.shapes:
            raise errors.InvalidArgumentError(None, None, f"{self.kind}'s DequeueMany and DequeueUpTo require the components to have "
                                                          "specified shapes.")
        return self.stacked(self._take(ctx, count, fewer, self.many_kind) if count else [])

    @property
    def many_kind(self) -> str:
        return self.kind

    def _take(self, ctx: Context, count: int, fewer: bool, kind: str) -> list[Element]:
        taken: list[Element] = []

        def undo() -> None:
            self.restore(taken)
            taken.clear()

        def turn(attempt: _Attempt) -> bool:
            wanted, size = count - len(taken), len(self.held)
            if self.closed and size < wanted:
                if fewer and (taken or size):
                    taken.extend(self.pop() for _ in range(size))
                    return attempt.finish(taken)
                undo()
                return attempt.fail(errors.OutOfRangeError(None, None, f"{kind} '{self.name}' is closed and has insufficient elements "
                                                                       f"(requested {wanted}, current size {size})"))
            ready = min(wanted, self.available())
            if ready > 0:
                taken.extend(self.pop() for _ in range(ready))
            return attempt.finish(taken) if len(taken) == count else ready > 0
        return self._wait(ctx, self.takes, _Attempt(turn, undo), "Dequeue")

    def close(self, ctx: Context, cancel: bool) -> None:
        """No more elements come in: after the puts that wait, or, with `cancel`, instead of them."""
        if cancel:
            with self.changed:
                self.closed = True
                for attempt in self.puts:
                    attempt.fail(errors.CancelledError(None, None, "Enqueue operation was cancelled"))
                self._serve()
            return

        def turn(attempt: _Attempt) -> bool:
            if self.closed:
                return attempt.fail(errors.CancelledError(None, None, f"Queue '{self.name}' is already closed."))
            self.closed = True
            return attempt.finish()
        self._wait(ctx, self.puts, _Attempt(turn, lambda: None), "Close")

    def close_session(self) -> None:
        """Wakes those who wait: their session was closed."""
        with self.changed:
            self.changed.notify_all()

    # -- turns ----------------------------------------------------------------------------------------------------------
    def _wait(self, ctx: Context, line: deque[_Attempt], attempt: _Attempt, what: str) -> Any:
        with self.changed:
            line.append(attempt)
            try:
                self._serve()
                ctx.wait_for(self.changed, lambda: attempt.done)
            except BaseException as error:      # given up: what was taken goes back, and the next one has its turn
                if attempt in line:
                    line.remove(attempt)
                attempt.undo()
                self._serve()
                if isinstance(error, errors.CancelledError):
                    raise errors.CancelledError(None, None, f"{what} operation was cancelled: {error.message}") from None
                raise
        if attempt.error is not None:
            raise attempt.error
        return attempt.result

    def _serve(self) -> None:
        """Gives turns until nobody can do anything; the caller holds `changed`."""
        while self._advance(self.puts) | self._advance(self.takes):
            pass
        self.changed.notify_all()

    @staticmethod
    def _advance(line: deque[_Attempt]) -> bool:
        moved = False
        while line and (line[0].done or line[0].turn(line[0])):
            moved = True
            if not line[0].done:
                break
            line.popleft()
        return moved

    # -- what comes in fits -----------------------------------------------------------------------------------------------
    def element(self, components: tuple[Any, ...]) -> Element:
        """Copies of the components of one element; InvalidArgumentError unless they fit."""
        for i, (value, shape) in enumerate(zip(components, self.shapes)):
            if not shapes.compatible(shape, value.shape):
                raise _mismatch(i, shape, value.shape)
        return tuple([np.array(value) for value in components])

    def elements(self, components: tuple[Any, ...]) -> list[Element]:
        """The rows of the components; InvalidArgumentError unless they fit."""
        count = components[0].shape[0] if components[0].ndim else None
        for i, value in enumerate(components):
            shape = self.shapes[i] if self.shapes else None
            if not value.ndim or (self.shapes and not shapes.compatible(shape, value.shape[1:])):
                raise _mismatch(i, None if shape is None else (count, *shape), value.shape)
            if value.shape[0] != count:
                raise errors.InvalidArgumentError(None, None, "All input tensors must have the same size in the 0th dimension. "
                                                              f"Component {i} has {value.shape[0]}, and should have {count}")
        return [tuple([np.array(value[k], value.dtype) for value in components]) for k in range(count or 0)]


def _mismatch(i: int, wanted: Any, found: Any) -> errors.InvalidArgumentError:
    return errors.InvalidArgumentError(None, None, f"Shape mismatch in tuple component {i}. Expected {shapes.describe(wanted)}, "
                                                   f"got {shapes.describe(found)}")


def _stack(values: list[np.ndarray], shape: Any, dtype: np.dtype[Any]) -> np.ndarray:
    out = np.empty((len(values), *shape), dtype)
    for i, value in enumerate(values):
        out[i, ...] = value
    return out


class ShuffleResource(QueueResource):
    """Takes a random one; `min_after_dequeue` elements stay in it until it is closed."""
    kind = "RandomShuffleQueue"

    def make_room(self) -> None:
        self.held, self.words = list[Element](), list[int]()
        self.stream, self.least = Stream(self.op_def.seed, self.op_def.seed2), self.op_def.min_after_dequeue
        if self.capacity <= self.least:
            raise errors.InvalidArgumentError(None, None, f"min_after_dequeue {self.least} must be < capacity {self.capacity}")

    def pop(self) -> Element:
        """One at a place that the next word of the stream says; the last one moves there."""
        if not self.words:
            self.words = self.stream.reserve(1).words(4).tolist()[::-1]
        place = self.words.pop() % len(self.held)
        found, self.held[place] = self.held[place], self.held[-1]
        self.held.pop()
        return found

    def restore(self, elements: list[Element]) -> None:
        self.held.extend(reversed(elements))

    def available(self) -> int:
        return len(self.held) if self.closed else len(self.held) - self.least


class PaddingResource(QueueResource):
    """First in, first out; elements of different sizes are filled up with zeros (or empty strings) when they are stacked."""
    many_kind = "PaddingFIFOQueue"

    def stacked(self, elements: list[Element]) -> list[np.ndarray]:
        found = []
        for i, (shape, dtype) in enumerate(zip(self.shapes, self.dtypes)):
            values = [e[i] for e in elements]
            full = [max((v.shape[k] for v in values), default=0) if size is None else size for k, size in enumerate(shape)]
            out = np.zeros((len(values), *full), dtype.np)
            if dtype is dtypes.string:
                out[...] = b""
            for k, value in enumerate(values):
                out[k, ...][tuple(map(slice, value.shape))] = value
            found.append(out)
        return found


class _Ranked(tuple[Any, ...]):
    """An element that is compared by its priority alone, so that equal ones leave a heap in TensorFlow's order."""
    __slots__ = ()

    def __lt__(self, other: Any) -> bool:
        return bool(self[0] < other[0])


class PriorityResource(QueueResource):
    """The element of the smallest first component, an int64, comes first."""
    kind = "PriorityQueue"

    def make_room(self) -> None:
        self.held = list[Element]()
        self.dtypes = (dtypes.int64, *self.dtypes)
        self.shapes = ((), *self.shapes) if self.shapes else ()

    def push(self, element: Element) -> None:
        heapq.heappush(self.held, _Ranked(element))

    def pop(self) -> Element:
        return heapq.heappop(self.held)

    def restore(self, elements: list[Element]) -> None:
        for element in elements:
            self.push(element)
