"""Elements that threads make ahead of time: prefetching, and maps of several elements at once."""
from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from ...core import context
from ...core.dtypes import DType
from ...core.op import Shape
from .base import Element, Next, Run, SameElements, dataset_of, ends_all, number

_PATIENCE = 0.2      # seconds between two looks whether anybody still wants the elements
_AHEAD = 4           # elements that are prefetched where the number is left to us


def threads_for(wanted: int) -> int:
    """How many threads for so many calls at a time; -1 (AUTOTUNE) leaves it to us."""
    return (os.cpu_count() or 1) if wanted < 0 else wanted


class _Slot:
    """An element in the making: its value or its error, once it is done."""
    __slots__ = ("done", "error", "value")

    def __init__(self) -> None:
        self.done, self.value, self.error = False, None, None      # type: bool, Any, BaseException | None


class Ordered:
    """call(element) of each element of a source, of `count` at a time in threads of their own; given in the order of the elements.

    The threads start with the first element that is asked for, and end with the source or the iterator. An error takes the place of its
    element.
    """

    def __init__(self, run: Run, source: Next, call: Callable[[Element], Element] | None, count: int, ahead: int | None = None):
        self.run, self.source, self.call, self.count, self.ahead = run, source, call, count, ahead or count
        self.slots: deque[_Slot] = deque()
        self.changed, self.taking = threading.Condition(), threading.Lock()
        self.started = self.ended = False

    def _start(self) -> None:
        self.started = True
        self.run.closers.append(self._wake)
        stacks = list(context.stacks.graphs), list(context.stacks.sessions)
        for i in range(self.count):
            threading.Thread(target=self._work, args=stacks, name=f"graphflow-data-{i}", daemon=True).start()

    def _wake(self) -> None:
        with self.changed:
            self.changed.notify_all()

    def _work(self, graphs: list[Any], sessions: list[Any]) -> None:
        context.stacks.graphs, context.stacks.sessions = list(graphs), list(sessions)
        while True:
            with self.taking:
                slot = self._slot()
                if slot is None:
                    return
                try:
                    element = self.source()
                    if self.call is None:
                        slot.value = element
                except StopIteration as end:
                    self.ended, slot.error = True, end
                except BaseException as error:
                    slot.error = error
                    self.ended = ends_all(error)
            if slot.error is None and self.call is not None:
                try:
                    slot.value = self.call(element)
                except BaseException as error:
                    slot.error = error
            with self.changed:
                slot.done = True
                self.changed.notify_all()

    def _slot(self) -> _Slot | None:
        """The place of the next element as soon as there is room for it; None at the end."""
        with self.changed:
            while len(self.slots) >= self.ahead and not self._over():
                self.changed.wait(_PATIENCE)
            if self.ended or self._over():
                return None
            slot = _Slot()
            self.slots.append(slot)
            return slot

    def _over(self) -> bool:
        return self.run.closed or self.run.ctx.store.closed

    def __call__(self) -> Element:
        with self.changed:
            if not self.started:
                self._start()
            self.run.ctx.wait_for(self.changed, lambda: (self.slots and self.slots[0].done) or self._over())
            if not self.slots or not self.slots[0].done:
                raise StopIteration
            slot = self.slots[0]
            if not isinstance(slot.error, StopIteration):
                self.slots.popleft()
            self.changed.notify_all()
        if slot.error is not None:
            raise slot.error
        element: Element = slot.value
        return element


class PrefetchDataset(SameElements, sig="input_dataset: variant, buffer_size: int64 -> handle: variant"):
    """The elements, of which a thread makes buffer_size ahead of time."""
    output_types: list[DType]
    output_shapes: list[Shape]
    slack_period: int = 0
    legacy_autotune: bool = True
    buffer_size_min: int = 0
    metadata: str = ""

    def start(self, run: Run, input_dataset: Any, buffer_size: Any) -> Next:
        ahead = number(buffer_size)
        return Ordered(run, dataset_of(input_dataset).start(run), None, 1, ahead if ahead > 0 else _AHEAD)
