"""Writes events to a file while the program goes on: a queue, and a thread that empties it.

The thread collects frames in memory and hands them to the operating system when asked, every `flush_secs`, and when they grow
large. Nothing is held in a file object's own buffer: a forked child would write that a second time. A child gets a thread, a queue and a
file of its own; what its parent had not yet written stays with the parent.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import queue
import socket
import threading
import time
import weakref
from pathlib import Path
from typing import Any

from graphflow.core.errors import of_file_error
from graphflow.formats import proto
from graphflow.formats.event_file import VERSION, WRITER
from graphflow.formats.local_path import local_path
from graphflow.formats.proto import to_bytes
from graphflow.formats.record import frame

_HELD = 1 << 20  # bytes collected before they are written unasked
_writers: weakref.WeakSet[EventFileWriter] = weakref.WeakSet()


class _Request:
    """A place in the queue at which everything before it is on its way to disk."""

    def __init__(self, close: bool) -> None:
        self.close = close
        self.done = threading.Event()


class EventFile:
    """One new event file; begins with the version event. after: the second that names the writer's file before, which sorts first."""

    def __init__(self, logdir: str, suffix: str, after: int = 0, prefix: str = "events") -> None:
        now = int(time.time())
        self.second = max(now, after + 1)
        Path(logdir).mkdir(parents=True, exist_ok=True)
        self.path, self._fd = _create(logdir, f"{prefix}.out.tfevents.{self.second:010d}.{_hostname()}", suffix)
        self._held = bytearray()
        self.add(_version_event(now))
        try:
            self.flush()
        except OSError:             # no file of an event, or of half a one, stays behind
            self.abandon()
            with contextlib.suppress(OSError):
                os.remove(self.path)
            raise

    def add(self, event: Any) -> None:
        self._held += frame(to_bytes(event))
        if len(self._held) > _HELD:
            self.flush()

    def flush(self) -> None:
        """Writes what is held. What a failing disk does not take stays held, and the next call goes on at that byte."""
        try:
            while self._held:
                del self._held[: os.write(self._fd, self._held)]
        except OSError as error:
            if error.filename is None:
                error.filename = self.path
            raise

    def close(self) -> None:
        try:
            self.flush()
        finally:
            os.close(self._fd)

    def abandon(self) -> None:
        """In a forked child: the parent's file, and what it still has to write, are not ours."""
        self._held.clear()
        os.close(self._fd)


def _create(logdir: str, name: str, suffix: str) -> tuple[str, int]:
    """A file that did not exist: where another process took the name this second, ours gets its process id too."""
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
    for attempt in range(1000):
        extra = "" if not attempt else f".{os.getpid()}" if attempt == 1 else f".{os.getpid()}.{attempt}"
        path = os.path.join(logdir, name + extra + suffix)
        with contextlib.suppress(FileExistsError):
            return path, os.open(path, flags, 0o666)
    raise FileExistsError(f"{logdir}: every name for a new event file is taken")


def _hostname() -> str:
    return socket.gethostname() or "localhost"


def _version_event(now: int) -> Any:
    return proto.Event(wall_time=float(now), file_version=VERSION, source_metadata=proto.SourceMetadata(writer=WRITER))


class EventFileWriter:
    """Adds Event messages to a new event file in `logdir`.

    max_queue: events that may wait before `add_event` does too. flush_secs: the longest time until an event is in the file.
    filename_suffix: comes last in the file's name. What the thread could not write is raised by the next call.
    """

    def __init__(self, logdir: Any, max_queue: int = 10, flush_secs: float = 120, filename_suffix: str | None = None) -> None:
        self._logdir = local_path(logdir)
        self._max_queue, self._flush_secs, self._suffix = max_queue, flush_secs, filename_suffix or ""
        self._second = 0
        self._start(self._new_file())

    def _new_file(self) -> EventFile:
        try:
            file = EventFile(self._logdir, self._suffix, self._second)
        except OSError as error:
            raise of_file_error(error) from error
        self._second = file.second
        return file

    def _start(self, file: EventFile | None) -> None:
        """file: None to begin one at the first event. The thread is started by the first event, too."""
        self._file = file
        self._error: Exception | None = None
        self._closed = False
        self._queue: queue.Queue[Any] = queue.Queue(max(self._max_queue, 1))
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        _writers.add(self)

    def get_logdir(self) -> str:
        """The folder of the event files."""
        return self._logdir

    def add_event(self, event: Any) -> None:
        """Adds an Event. A closed writer drops it."""
        if not self._closed:
            self._raise_error()
            self._put(event)

    def flush(self) -> None:
        """Returns when all events so far are in the file."""
        if not self._closed:
            self._ask(close=False)

    def close(self) -> None:
        """Writes what waits and closes the file; a second call does nothing."""
        if not self._closed:
            self._closed = True
            _writers.discard(self)
            self._ask(close=True)

    def reopen(self) -> None:
        """After `close`: begins another file in the same folder. Nothing happens while the writer is open."""
        if self._closed:
            self._start(self._new_file())

    def _put(self, item: Any) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, args=(self._queue,), name="graphflow-events", daemon=True)
                self._thread.start()
        self._queue.put(item)

    def _ask(self, close: bool) -> None:
        request = _Request(close)
        self._put(request)
        request.done.wait()
        self._raise_error()

    def _raise_error(self) -> None:
        error, self._error = self._error, None
        if error is not None:
            raise of_file_error(error) from error

    def _work(self, events: queue.Queue[Any]) -> None:
        """The thread: adds events, flushes when asked or when it is time, ends when asked to close."""
        due = time.monotonic() + self._flush_secs
        while True:
            try:
                item = events.get(timeout=max(0.0, due - time.monotonic()))
            except queue.Empty:
                item = _Request(close=False)
            try:
                self._handle(item)
            except Exception as error:
                self._error = error
            if isinstance(item, _Request):
                due = time.monotonic() + self._flush_secs
                item.done.set()
                if item.close:
                    return

    def _handle(self, item: Any) -> None:
        if not isinstance(item, _Request):
            if self._file is None:
                self._file = EventFile(self._logdir, self._suffix)
            self._file.add(item)
        elif self._file is not None:
            if item.close:
                file, self._file = self._file, None
                file.close()
            else:
                self._file.flush()

    def _after_fork(self) -> None:
        if self._file is not None:
            self._file.abandon()
        self._start(None)


def _close_all() -> None:
    for writer in list(_writers):
        with contextlib.suppress(Exception):  # the program is ending, and another writer may still have something to save
            writer.close()


def _restart_all() -> None:
    for writer in list(_writers):
        writer._after_fork()


atexit.register(_close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_restart_all)
