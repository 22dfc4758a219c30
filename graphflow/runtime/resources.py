"""What stateful operations get of a session: their own state, resources that they share by name, and a way to wait for other threads."""
from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from ..core import errors
from ..core.operation import Operation

if TYPE_CHECKING:
    from .store import Store

_LOOK = 0.05        # seconds between two looks whether a wait has lost its purpose


class _Waits(threading.local):
    """cancelled: set when the run for which this thread makes a call has failed or was interrupted; None outside of such threads.

    deadline: when the run ends its waits, by time.monotonic; None if never.
    """
    cancelled: threading.Event | None = None
    deadline: float | None = None


waits = _Waits()


@contextlib.contextmanager
def within(milliseconds: int) -> Iterator[None]:
    """Waits of the runs inside last so long at most, all of them together."""
    waits.deadline = time.monotonic() + milliseconds / 1000
    try:
        yield
    finally:
        waits.deadline = None


class Context:
    """What a stateful operation's `run` gets first: its operation, its session, and the session's store."""
    __slots__ = ("operation", "session", "store")

    def __init__(self, session: Any, store: Store, operation: Operation):
        self.session, self.store, self.operation = session, store, operation

    def state(self, factory: Callable[[], Any]) -> Any:
        """The object that this operation keeps for itself in the session, made by `factory` on first use."""
        return self.store.state(self.operation.graph.place + self.operation.name, factory)

    def resource(self, handle: Any, factory: Callable[[], Any]) -> Any:
        """The object (a queue, a table, ...) behind a handle, made by `factory` on first use. All operations that name it share it.

        Its `close_session()`, if it has one, is called when the session is closed, so that it can wake those who wait for it.
        """
        return self.store.resource(handle.key, factory)

    def frames(self, fetches: Any, fed: Any, ops: Any) -> Any:
        """What runs operations with TF1's control flow nodes: its `run` takes the values of `fed`."""
        return self.session._frames(fetches, fed, ops)

    def wait_for(self, condition: threading.Condition, predicate: Callable[[], object], timeout: float | None = None) -> bool:
        """Waits on a condition, which the caller holds, until the predicate is true; whether it is (False after `timeout` seconds).

        CancelledError when the session is closed or the run is given up meanwhile, DeadlineExceededError when the run's time is over;
        Ctrl-C ends the wait. Only for operations that block (`Op.may_wait`): others hold the session's lock.
        """
        end = None if timeout is None else time.monotonic() + timeout
        while not predicate():
            if self.store.closed or (waits.cancelled is not None and waits.cancelled.is_set()):
                why = "the session was closed" if self.store.closed else "another part of the run failed"
                raise errors.CancelledError(None, self.operation, f"{self.operation.name} waited, and {why}")
            now = time.monotonic()
            if waits.deadline is not None and now >= waits.deadline:
                raise errors.DeadlineExceededError(None, self.operation, f"{self.operation.name}: Timed out waiting for notification")
            left = _LOOK if end is None else min(_LOOK, end - now)
            if left <= 0:
                return False
            condition.wait(left)
        return True
