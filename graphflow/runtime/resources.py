"""What stateful operations get of a session: their own state, resources that they share by name, and a way to wait for other threads."""
from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..core import errors

if TYPE_CHECKING:
    from .store import Store

_LOOK = 0.05        # seconds between two looks whether a wait has lost its purpose


class _Waits(threading.local):
    """cancelled: set when the run for which this thread makes a call has failed or was interrupted; None outside of such threads."""
    cancelled: threading.Event | None = None


waits = _Waits()


class Context:
    """What a stateful operation's `run` gets first: its operation, its session, and the session's store."""
    __slots__ = ("operation", "session", "store")

    def __init__(self, session: Any, store: Store, operation: Any):
        self.session, self.store, self.operation = session, store, operation

    def state(self, factory: Callable[[], Any]) -> Any:
        """The object that this operation keeps for itself in the session, made by `factory` on first use."""
        return self.store.state(self.operation.graph.place + self.operation.name, factory)

    def resource(self, handle: Any, factory: Callable[[], Any]) -> Any:
        """The object (a queue, a table, ...) behind a handle, made by `factory` on first use. All operations that name it share it.

        Its `close_session()`, if it has one, is called when the session is closed, so that it can wake those who wait for it.
        """
        return self.store.resource(handle.key, factory)

    def wait_for(self, condition: threading.Condition, predicate: Callable[[], object], timeout: float | None = None) -> bool:
        """Waits on a condition, which the caller holds, until the predicate is true; whether it is (False after `timeout` seconds).

        CancelledError when the session is closed or the run is given up meanwhile; Ctrl-C ends the wait. Only for operations
        that block (`Op.may_wait`): others hold the session's lock.
        """
        end = None if timeout is None else time.monotonic() + timeout
        while not predicate():
            if self.store.closed or (waits.cancelled is not None and waits.cancelled.is_set()):
                why = "the session was closed" if self.store.closed else "another part of the run failed"
                raise errors.CancelledError(None, self.operation, f"{self.operation.name} waited, and {why}")
            left = _LOOK if end is None else min(_LOOK, end - time.monotonic())
            if left <= 0:
                return False
            condition.wait(left)
        return True
