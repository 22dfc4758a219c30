"""Log folders for the viewer's benchmark: runs that write all their tags in each event, as training loops do."""

from __future__ import annotations

import math
import os
import time
from pathlib import Path

import numpy as np

from graphflow.formats.proto import Event, Summary
from graphflow.formats.record import frame


def tags_of(count: int) -> list[str]:
    """Names of tags in groups of ten."""
    return [f"layer_{t // 10}/metric_{t % 10}" for t in range(count)]


def record(step: int, names: list[str], values: list[float]) -> bytes:
    """One event with a value for each tag."""
    summary = Summary(value=[Summary.Value(tag=n, simple_value=v) for n, v in zip(names, values, strict=True)])
    return frame(Event(wall_time=1.7e9 + step, step=step, summary=summary).SerializeToString())


def write_runs(folder: Path, runs: int, tags: int, steps: int) -> Path:
    """Writes `runs` folders with an event file each, two hours old; a folder that holds them already is left alone."""
    names = tags_of(tags)
    done = folder / "done"
    if done.exists():
        return folder
    for r in range(runs):
        rng = np.random.default_rng(r)
        base = rng.random(tags) * 2
        (folder / f"run_{r}").mkdir(parents=True, exist_ok=True)
        path = folder / f"run_{r}" / f"events.out.tfevents.{1_700_000_000 + r}.bench"
        with path.open("wb") as file:
            file.write(frame(Event(wall_time=1.7e9, file_version="brain.Event:2").SerializeToString()))
            for step in range(steps):
                values = base * math.exp(-3 * step / steps) + rng.normal(size=tags) * 0.05
                file.write(record(step, names, values.tolist()))
        os.utime(path, (time.time() - 7200,) * 2)
    done.touch()
    return folder
