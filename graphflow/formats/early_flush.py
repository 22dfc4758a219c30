"""Handing a file's bytes to the disk while more are being written, so that the flush at the end has little left to do."""
from __future__ import annotations

import os
import threading

# Below this much, starting a thread is not worth it.
_STEP = 1 << 26


class EarlyFlush:
    """Flushes an open file in a thread, every 64 MB; does nothing where the system offers no flush of data alone."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._unflushed = 0
        self._wake = threading.Event()
        self._ended = False
        self._thread: threading.Thread | None = None
        self._error: OSError | None = None

    def wrote(self, size: int) -> None:
        """So many more bytes were given to the system."""
        self._unflushed += size
        if self._unflushed < _STEP or not hasattr(os, "fdatasync"):
            return
        self._unflushed = 0
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="checkpoint flush", daemon=True)
            self._thread.start()
        self._wake.set()

    def end(self) -> None:
        """Stop; the file may be closed then. Raises what a flush raised, as the system tells of a failed write only once."""
        if self._thread is not None:
            self._ended = True
            self._wake.set()
            self._thread.join()
            self._thread = None
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            if self._ended or self._error is not None:
                return
            try:
                os.fdatasync(self._descriptor)
            except OSError as error:
                self._error = error
