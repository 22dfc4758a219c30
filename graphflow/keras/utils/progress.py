"""Progbar: how far it got, how long it takes, and the values so far."""
from __future__ import annotations

import os
import sys
import time
from typing import Any

import numpy as np

from ...core.export import export


@export("keras.utils.Progbar")
class Progbar:
    """verbose 1: a bar that grows, 2: one line at the end. stateful_metrics: names whose last value is shown, not the mean."""

    def __init__(self, target: int | None, width: int = 30, verbose: int = 1, interval: float = 0.05, stateful_metrics: Any = None,
                 unit_name: str = "step"):
        self.target, self.width, self.verbose, self.interval, self.unit_name = target, width, verbose, interval, unit_name
        self.stateful_metrics = set(stateful_metrics or ())
        stream = sys.stdout
        self._dynamic_display = bool(hasattr(stream, "isatty") and stream.isatty() or "ipykernel" in sys.modules or "posix" in sys.modules
                                     or "PYCHARM_HOSTED" in os.environ)
        self._total_width = self._seen_so_far = 0
        self._values: dict[str, Any] = {}
        self._order: list[str] = []
        self._start, self._last_update = time.time(), 0.0
        self._time_at_epoch_start, self._time_at_epoch_end, self._time_after_first_step = self._start, None, None

    def update(self, current: int, values: Any = None, finalize: bool | None = None) -> None:
        """current: how many are done. values: pairs (name, value)."""
        if finalize is None:
            finalize = False if self.target is None else current >= self.target
        for name, value in values or ():
            if name not in self._order:
                self._order.append(name)
            if name in self.stateful_metrics:
                self._values[name] = [value, 1]
            else:
                base = max(current - self._seen_so_far, 1)
                total = self._values.setdefault(name, [0.0, 0])
                total[0] += value * base
                total[1] += base
        self._seen_so_far = current
        now = time.time()
        passed = f" - {now - self._start:.0f}s"
        if current == self.target:
            self._time_at_epoch_end = now  # type: ignore[assignment]
        if self.verbose == 1:
            if now - self._last_update < self.interval and not finalize:
                return
            self._write(self._bar(current, now, finalize, passed))
        elif self.verbose == 2 and finalize:
            count = f"{self.target:{len(str(self.target))}d}/{self.target}"
            self._write(count + passed + self._shown() + self._per_step(now) + "\n")
        self._last_update = now

    def _bar(self, current: int, now: float, finalize: bool, passed: str) -> str:
        text = "\b" * self._total_width + "\r" if self._dynamic_display else "\n"
        before = self._total_width
        if self.target is not None:
            digits = int(np.log10(self.target)) + 1
            bar = f"{current:{digits}d}/{self.target} ["
            done = int(self.width * float(current) / self.target)
            if done > 0:
                bar += "=" * (done - 1) + (">" if current < self.target else "=")
            bar += "." * (self.width - done) + "]"
        else:
            bar = f"{current:7d}/Unknown"
        self._total_width = len(bar)
        each = self._estimate(current, now)
        if self.target is None or finalize:
            info = passed + self._unit_time(each)
        else:
            info = f" - ETA: {_duration(each * (self.target - current))}"
        info += self._shown()
        self._total_width += len(info)
        if before > self._total_width:
            info += " " * (before - self._total_width)
        return text + bar + info + ("\n" if finalize else "")

    def _shown(self) -> str:
        info = ""
        for name in self._order:
            info += f" - {name}:"
            value = self._values[name]
            mean = np.mean(value[0] / max(1, value[1])) if isinstance(value, list) else value
            info += f" {mean:.4f}" if abs(mean) > 1e-3 else f" {mean:.4e}"
        return info

    def _per_step(self, now: float) -> str:
        each = self._estimate(self.target or 1, now)
        return f" -{self._unit_time(now - self._start, 'epoch')[0:]} -{self._unit_time(each)}"

    def _unit_time(self, seconds: float, unit: str | None = None) -> str:
        unit = unit or self.unit_name
        if seconds >= 1 or seconds == 0:
            return f" {seconds:.0f}s/{unit}"
        if seconds >= 1e-3:
            return f" {seconds * 1e3:.0f}ms/{unit}"
        return f" {seconds * 1e6:.0f}us/{unit}"

    def _estimate(self, current: int, now: float) -> float:
        """Seconds for one, by those after the first, which takes longer."""
        if not current:
            return 0.0
        if self._time_after_first_step is not None and current > 1:
            return (now - self._time_after_first_step) / (current - 1)
        found = (now - self._start) / current
        if current == 1:
            self._time_after_first_step = now  # type: ignore[assignment]
        return found

    def _write(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()

    def add(self, n: int, values: Any = None) -> None:
        """`n` more are done."""
        self.update(self._seen_so_far + n, values)


def _duration(seconds: float) -> str:
    if seconds > 3600:
        return f"{seconds // 3600:.0f}:{seconds % 3600 // 60:02.0f}:{seconds % 60:02.0f}"
    if seconds > 60:
        return f"{seconds // 60:.0f}:{seconds % 60:02.0f}"
    return f"{seconds:.0f}s"
