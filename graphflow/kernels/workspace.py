"""Scratch arrays that kernels borrow and give back, so that a step in a loop does not ask the system for the same pages again."""
from __future__ import annotations

import math
import threading
from collections.abc import Iterable
from typing import Any

import numpy as np

from .interrupts import whole


class Loan:
    """Arrays that go back to their workspace when the `with` block ends."""
    __slots__ = ("alone", "dtype", "memory", "shapes", "space")

    def __init__(self, space: Workspace, shapes: list[tuple[int, ...]], dtype: Any, alone: bool) -> None:
        self.space, self.shapes, self.dtype, self.alone = space, shapes, np.dtype(dtype), alone
        self.memory: list[np.ndarray] = []

    @whole
    def __enter__(self) -> Any:
        arrays = []
        for shape in self.shapes:
            need = math.prod(shape) * self.dtype.itemsize
            self.memory.append(self.space._take(need))
            arrays.append(self.memory[-1][:need].view(self.dtype).reshape(shape))
        return arrays[0] if self.alone else arrays

    @whole
    def __exit__(self, *error: Any) -> None:
        for memory in self.memory:
            self.space._give(memory)
        self.memory = []


class Workspace:
    """Keeps returned scratch memory up to `limit` bytes in all; more than that is let go. Safe to use from several threads."""

    def __init__(self, limit: int = 64 << 20) -> None:
        self.limit = limit
        self._kept: list[np.ndarray] = []
        self._lock = threading.Lock()

    @property
    def kept_bytes(self) -> int:
        return sum(each.nbytes for each in self._kept)

    def borrow(self, shape: tuple[int, ...], dtype: Any) -> Loan:
        """An uninitialised C-contiguous array for the length of a `with` block."""
        return Loan(self, [shape], dtype, alone=True)

    def borrow_all(self, sizes: Iterable[int], dtype: Any) -> Loan:
        """Uninitialised vectors of these many elements for the length of a `with` block."""
        return Loan(self, [(size,) for size in sizes], dtype, alone=False)

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
