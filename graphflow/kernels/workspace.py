"""Scratch arrays that kernels borrow and give back, so that a step in a loop does not ask the system for the same pages again."""
from __future__ import annotations

import contextlib
import math
import threading
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np


class Workspace:
    """Keeps returned scratch memory up to `limit` bytes in all; more than that is let go. Safe to use from several threads."""

    def __init__(self, limit: int = 64 << 20) -> None:
        self.limit = limit
        self._kept: list[np.ndarray] = []
        self._lock = threading.Lock()

    @property
    def kept_bytes(self) -> int:
        return sum(each.nbytes for each in self._kept)

    @contextlib.contextmanager
    def borrow(self, shape: tuple[int, ...], dtype: Any) -> Iterator[np.ndarray]:
        """An uninitialised C-contiguous array for the length of a `with` block."""
        dtype = np.dtype(dtype)
        need = math.prod(shape) * dtype.itemsize
        memory = self._take(need)
        try:
            yield memory[:need].view(dtype).reshape(shape)
        finally:
            self._give(memory)

    @contextlib.contextmanager
    def borrow_all(self, sizes: Iterable[int], dtype: Any) -> Iterator[list[np.ndarray]]:
        """Uninitialised vectors of these many elements for the length of a `with` block."""
        with contextlib.ExitStack() as stack:
            yield [stack.enter_context(self.borrow((size,), dtype)) for size in sizes]

    def _take(self, need: int) -> np.ndarray:
        with self._lock:
            fitting = [each for each in self._kept if need <= each.nbytes <= 4 * need + 4096]
            if fitting:
                best = min(fitting, key=lambda each: each.nbytes)
                self._kept = [each for each in self._kept if each is not best]
                return best
        return np.empty(need + -need % 64, np.uint8)

    def _give(self, memory: np.ndarray) -> None:
        with self._lock:
            self._kept.append(memory)
            total = sum(each.nbytes for each in self._kept)
            while total > self.limit:
                total -= self._kept.pop(0).nbytes

    def clear(self) -> None:
        """Lets go of everything kept."""
        with self._lock:
            self._kept = []


shared = Workspace()
