"""A line on the terminal that tells how far a long save or restore is; silent where there is no terminal."""
from __future__ import annotations

import sys
import time

# What takes less than about a second needs no line.
_SHOWN_FROM = 1 << 28
_PAUSE = 0.2


class Progress:
    """Counts bytes; shows a line if there are many and standard error is a terminal. Use as a context manager."""

    def __init__(self, title: str, total: int) -> None:
        self._title, self._total, self._done = title, total, 0
        self._shown = total >= _SHOWN_FROM and sys.stderr is not None and sys.stderr.isatty()
        self._started = self._next = time.monotonic()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def add(self, size: int) -> None:
        """So many more bytes are done."""
        self._done += size
        now = time.monotonic()
        if self._shown and now >= self._next:
            self._next = now + _PAUSE
            rate = self._done / max(now - self._started, 1e-9) / 1e6
            sys.stderr.write(f"\r{self._title}: {self._done / 1e6:,.0f} of {self._total / 1e6:,.0f} MB, {rate:,.0f} MB/s\x1b[K")
            sys.stderr.flush()
