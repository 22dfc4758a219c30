"""What the `run` of a stateful operation gets of its session (runtime.resources has the real one)."""
from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Protocol

from .operation import Operation


class Context(Protocol):
    """session and store are the run's own, for the few operations that read variables by name."""
    operation: Operation
    session: Any
    store: Any

    def state(self, factory: Callable[[], Any]) -> Any:
        """The object that the operation keeps for itself in the session, made by `factory` on first use."""
        ...

    def resource(self, handle: Any, factory: Callable[[], Any]) -> Any:
        """The object (a queue, a table, ...) behind a handle, made by `factory` on first use; all operations that name it share it."""
        ...

    def wait_for(self, condition: threading.Condition, predicate: Callable[[], object], timeout: float | None = None) -> bool:
        """Waits on a condition, which the caller holds, until the predicate is true; whether it is (False after `timeout` seconds)."""
        ...
