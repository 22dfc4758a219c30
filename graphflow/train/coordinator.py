"""tf.train.Coordinator: threads that stop together, and report the first exception of any of them."""
from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Any

from ..core import errors
from ..core.export import export
from ..platform import tf_logging as logging

_Info = tuple[type[BaseException], BaseException, TracebackType | None]


@export("train.Coordinator")
class Coordinator:
    """`should_stop()` is asked by threads, `request_stop()` by whoever wants the end, `join(threads)` waits and raises what went wrong.

    clean_stop_exception_types: exceptions that end the work without being errors, OutOfRangeError by default.
    """

    def __init__(self, clean_stop_exception_types: Any = None):
        self._clean = tuple(clean_stop_exception_types or (errors.OutOfRangeError,))
        self._lock, self._stopped = threading.Lock(), threading.Event()
        self._raised: _Info | None = None
        self._joined = False
        self._threads: set[threading.Thread] = set()

    def request_stop(self, ex: Any = None) -> None:
        """All threads shall stop. ex: an exception or sys.exc_info() that `join` raises later; the first one counts."""
        with self._lock:
            found = self._as_info(ex)
            if self._joined:
                if found is not None:
                    raise found[1]
                return
            if not self._stopped.is_set():
                if found is not None and isinstance(found[1], self._clean):
                    found = None
                if found is not None:
                    logging.info("Error reported to Coordinator: %s, %s", found[0], found[1])
                self._raised = found
                self._stopped.set()

    @staticmethod
    def _as_info(ex: Any) -> _Info | None:
        if ex is None:
            return None
        if isinstance(ex, tuple):
            return ex if ex[1] is not None else None
        return type(ex), ex, ex.__traceback__

    def clear_stop(self) -> None:
        """Work may begin again."""
        with self._lock:
            self._joined, self._raised = False, None
            self._stopped.clear()

    def should_stop(self) -> bool:
        """Whether a stop was requested."""
        return self._stopped.is_set()

    @contextlib.contextmanager
    def stop_on_exception(self) -> Iterator[None]:
        """Context manager: an exception inside requests the stop."""
        try:
            yield
        except BaseException:
            self.request_stop(ex=sys.exc_info())

    def wait_for_stop(self, timeout: float | None = None) -> bool:
        """Waits until a stop is requested, or timeout seconds; whether it was."""
        return self._stopped.wait(timeout=timeout)

    def register_thread(self, thread: threading.Thread) -> None:
        """A thread that `join` waits for."""
        with self._lock:
            self._threads.add(thread)

    def join(self, threads: Iterable[threading.Thread] | None = None, stop_grace_period_secs: float = 120,
             ignore_live_threads: bool = False) -> None:
        """Waits until all threads are done; after a stop was requested at most stop_grace_period_secs longer.

        Raises the exception that was reported, or RuntimeError when threads are still alive after the grace period.
        """
        with self._lock:
            waiting = list(self._threads.union(threads or ()))
        while any(t.is_alive() for t in waiting) and not self.wait_for_stop(0.05):
            pass
        if not self._stopped.is_set():
            self.request_stop()
        end = time.monotonic() + stop_grace_period_secs
        for thread in waiting:
            thread.join(max(0.0, end - time.monotonic()))
        alive = [t.name for t in waiting if t.is_alive()]
        with self._lock:
            self._joined = True
            self._threads = set()
            raised = self._raised
        if raised is not None:
            raise raised[1].with_traceback(raised[2])
        if alive and not ignore_live_threads:
            raise RuntimeError(f"Coordinator stopped with threads still running: {' '.join(alive)}")

    @property
    def joined(self) -> bool:
        """Whether `join` came to its end."""
        return self._joined

    def raise_requested_exception(self) -> None:
        """Raises the exception that a stop was requested with, if any."""
        with self._lock:
            raised = self._raised
        if raised is not None:
            raise raised[1].with_traceback(raised[2])


@export("train.LooperThread")
class LooperThread(threading.Thread):
    """A thread that calls `run_loop` (or target) every timer_interval_secs, at once when None, until the coordinator stops."""

    def __init__(self, coord: Coordinator, timer_interval_secs: float | None, target: Any = None, args: Any = None, kwargs: Any = None):
        if not isinstance(coord, Coordinator):
            raise ValueError(f"'coord' argument must be a Coordinator: {coord}")
        super().__init__(daemon=True)
        self._coord, self._interval = coord, timer_interval_secs
        if target is not None:
            self._call = lambda: target(*(args or ()), **(kwargs or {}))
        elif args or kwargs:
            raise ValueError("'args' and 'kwargs' argument require that you also pass 'target'")
        else:
            self._call = lambda: self.run_loop()
        coord.register_thread(self)

    @staticmethod
    def loop(coord: Coordinator, timer_interval_secs: float | None, target: Any, args: Any = None, kwargs: Any = None) -> LooperThread:
        """A started LooperThread."""
        looper = LooperThread(coord, timer_interval_secs, target=target, args=args, kwargs=kwargs)
        looper.start()
        return looper

    def run(self) -> None:
        with self._coord.stop_on_exception():
            self.start_loop()
            next_time = time.monotonic()
            while not self._coord.wait_for_stop(0 if self._interval is None else max(0.0, next_time - time.monotonic())):
                next_time += self._interval or 0
                self._call()
            self.stop_loop()

    def start_loop(self) -> None:
        """Called when the thread starts."""

    def stop_loop(self) -> None:
        """Called when the thread stops."""

    def run_loop(self) -> None:
        """Called at every interval; to be overridden."""
