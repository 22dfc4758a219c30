"""The lock of a session's variables: many readers or one writer, first come first served."""
from __future__ import annotations

import os
import threading
from collections import deque
from threading import get_ident
from typing import Any

from ..kernels.interrupts import open_to_signals, whole

# Held by whoever uses the compiler's library. That has a lock of its own, which would stay taken for ever in the child of a process that
# forks meanwhile. Registered here, before the stores': a process that forks waits for their runs first, as these may want to compile.
COMPILER = threading.RLock()
LIBRARYS: list[Any] = []       # that lock of the library's own, once it is loaded: others use the library too, to free what they had


def _before_fork() -> None:
    COMPILER.acquire()
    for lock in LIBRARYS:
        lock.__enter__()


def _after_fork() -> None:
    for lock in LIBRARYS:
        lock.__exit__(None, None, None)
    COMPILER.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork)


class _Waiter:
    """A thread that waits. gate: released when it has the lock. again: it holds the lock for reading and wants to write."""
    __slots__ = ("again", "gate", "granted", "thread", "write")

    def __init__(self, thread: int, write: bool, again: bool):
        self.thread, self.write, self.again, self.granted = thread, write, again, False
        self.gate = threading.Lock()
        self.gate.acquire()


class FairLock:
    """Readers together, writers alone, in the order of their coming: nobody is passed by one who came later.

    A thread that holds the lock may enter it again (a signal handler that saves the model in the middle of a run does). A wait is
    ended by a signal whose handler raises; then the thread does not have the lock.
    """

    def __init__(self) -> None:
        self._state = threading.Lock()          # held for moments only, to read and change what follows
        self._holders: dict[int, int] = {}      # thread -> how often it entered
        self._writing = False                   # whether the holder writes
        self._queue: deque[_Waiter] = deque()

    @whole
    def acquire(self, write: bool) -> None:
        me = get_ident()
        with self._state:
            holders = self._holders
            if me in holders:
                if not write or self._writing or len(holders) == 1:
                    holders[me] += 1
                    self._writing = self._writing or write
                    return
                if self._queue and self._queue[0].again:
                    raise RuntimeError("two threads that read variables of a session both want to write before they have finished reading")
                waiter = _Waiter(me, write, True)
                self._queue.appendleft(waiter)
            elif not self._queue and (not holders or not (write or self._writing)):
                holders[me], self._writing = 1, write
                return
            else:
                waiter = _Waiter(me, write, False)
                self._queue.append(waiter)
        try:
            _wait(waiter)
        except BaseException:
            with self._state:
                if waiter.granted:
                    self._leave(me)
                else:
                    self._queue.remove(waiter)
                    self._admit()
            raise

    @whole
    def release(self) -> None:
        with self._state:
            self._leave(get_ident())

    def forget_other_threads(self) -> None:
        """For a forked child, in which only the calling thread goes on."""
        me = get_ident()
        self._state, self._queue = threading.Lock(), deque()
        self._holders = {thread: depth for thread, depth in self._holders.items() if thread == me}

    def _leave(self, thread: int) -> None:
        depth = self._holders[thread] - 1
        if depth:
            self._holders[thread] = depth
            return
        del self._holders[thread]
        if self._queue:
            self._admit()

    def _admit(self) -> None:
        """Lets those in who are first in the queue and fit."""
        holders = self._holders
        while self._queue:
            first = self._queue[0]
            if first.again:
                if holders.keys() != {first.thread}:
                    return
            elif holders and (first.write or self._writing):
                return
            self._queue.popleft()
            holders[first.thread] = holders.get(first.thread, 0) + 1
            self._writing = first.write
            first.granted = True
            first.gate.release()


@open_to_signals
def _wait(waiter: _Waiter) -> None:
    waiter.gate.acquire()
