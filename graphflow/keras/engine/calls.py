"""Which layers are being called in this thread, and whether the outermost said that it trains."""
from __future__ import annotations

import threading
from typing import Any


class _Calls(threading.local):
    def __init__(self) -> None:
        self.stack: list[tuple[Any, Any]] = []     # layer, `training` of its call


_calls = _Calls()


class entered:
    """Context manager: `layer` is being called, with `training` (None: not said)."""

    def __init__(self, layer: Any, training: Any):
        self._item = (layer, training)

    def __enter__(self) -> None:
        _calls.stack.append(self._item)

    def __exit__(self, *exception: object) -> None:
        _calls.stack.pop()


def training() -> Any:
    """What the innermost call said of `training`; None where none did."""
    return _calls.stack[-1][1] if _calls.stack else None


def inside() -> bool:
    """Whether a layer is being called."""
    return bool(_calls.stack)
