# ruff: noqa: E501 - the scripts that run in the page are easier to read on long lines
"""Measures the pages of a log against the figures they have to hold, with TensorBoard beside them, and prints one table.

    python tools/viewer_log_bench.py [--large] [--tensorboard PROGRAM] [--folder FOLDER]

First chart: from the start of the command to the first chart in a browser that opens the page as soon as the server answers.
CPU: of the server and its children, from the start until the whole log is read. Live: from a record's being written to its being
told by the chart. Task of the main thread: by processor time, which other work on the machine does not lengthen. --large: 10,000 steps (1.5 GB of logs in FOLDER). Needs Chromium.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from tools.chromium import Chromium
from tools.viewer_logs import record, tags_of, write_runs

TICKS = os.sysconf("SC_CLK_TCK")
DRAWN = "document.querySelector('#data-view [data-drawn] canvas')"
THEIRS = "[...document.querySelectorAll('scalar-card')].some(e => e.querySelector('line-chart canvas, line-chart svg path, line-chart polyline'))"


def family(pid: int) -> list[int]:
    """A process and those that it started."""
    out = [pid]
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in tasks.read_text().split():
            out += family(int(child))
    return out


def cpu(pid: int) -> float:
    """CPU seconds of a process and its children."""
    total = 0
    for one in family(pid):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12]) + int(fields[13]) + int(fields[14])
    return total / TICKS


def memory(pid: int) -> float:
    """The most that was resident, in MB, summed over the processes."""
    total = 0
    for one in family(pid):
        with contextlib.suppress(OSError):
            total += int(next(line for line in Path(f"/proc/{one}/status").read_text().splitlines() if line.startswith("VmHWM")).split()[1])
    return total / 1000


def ask(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return json.load(answer)


@contextlib.contextmanager
def started(command: list[str], url: str) -> Iterator[tuple[subprocess.Popen, float]]:
    """A server and when it was started; waits until it answers."""
    began = time.perf_counter()
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env)
    try:
        while time.perf_counter() - began < 120:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(url, timeout=5).read(1)
                break
            time.sleep(0.01)
        yield process, began
    finally:
        process.terminate()
        process.wait()


def ours(folder: Path, port: int, steps: int, live: bool) -> dict[str, float]:
    out: dict[str, float] = {}
    url = f"http://127.0.0.1:{port}/"
    command = [sys.executable, "-m", "graphflow", "view", str(folder), "--no-browser", "--port", str(port)]
    with Chromium() as browser:
        browser.trace()
        with started(command, url) as (process, began):
            browser.open(url + "#view=scalars")
            browser.wait(DRAWN, 300)
            out["first chart"], out["cpu at chart"] = time.perf_counter() - began, cpu(process.pid)
            while True:
                reading = ask(url + "api/v1/runs?since=999999999")["reading"]
                if reading["total"] and reading["done"] == reading["total"]:
                    break
                time.sleep(0.05)
            out["read"], out["cpu"], out["memory"] = time.perf_counter() - began, cpu(process.pid), memory(process.pid)
            time.sleep(1.5)
            if live:
                out["live"], size = live_point(folder, browser, steps)
            out["stall"] = browser.tasks()[0][1]
            time.sleep(3)
            before = cpu(process.pid)
            time.sleep(10)
            out["idle"] = (cpu(process.pid) - before) / 10
            out["elements"] = browser.ask("document.querySelectorAll('*').length")
    if live:
        os.truncate(next((folder / "run_0").iterdir()), size)  # the live record is taken back
    return out


def live_point(folder: Path, browser: Chromium, steps: int) -> tuple[float, int]:
    """Seconds from a new record's being written to its being told by the first chart; and the file's size before it."""
    path = next((folder / "run_0").iterdir())
    size = path.stat().st_size
    label = "document.querySelector('#data-view .plot').getAttribute('aria-label')"
    with path.open("ab") as file:
        file.write(record(steps, tags_of(200), [9.0] * 200))
    began = time.perf_counter()
    browser.wait(f"{label}.includes('run_0: {steps + 1} points')", 30)
    return time.perf_counter() - began, size


def theirs(program: str, folder: Path, port: int, steps: int, runs: int) -> dict[str, float]:
    """TensorBoard's figures. Its own tags of the last run tell when all is read."""
    out: dict[str, float] = {}
    url = f"http://127.0.0.1:{port}/"
    with Chromium() as browser, started([program, "--logdir", str(folder), "--port", str(port)], url) as (process, began):
        browser.open(url + "#timeseries")
        with contextlib.suppress(RuntimeError):
            browser.wait(THEIRS, 300)
            out["first chart"] = time.perf_counter() - began
        while time.perf_counter() - began < 900:
            with contextlib.suppress(OSError, KeyError, IndexError, ValueError):
                last = [ask(f"{url}data/plugin/scalars/scalars?tag=layer_0%2Fmetric_0&run=run_{r}")[-1][1] for r in range(runs)]
                if min(last) >= steps - 1:
                    break
            time.sleep(0.2)
        out["read"], out["cpu"], out["memory"] = time.perf_counter() - began, cpu(process.pid), memory(process.pid)
    return out


BOUNDS = {(30, 1000): {"first chart": "2 s", "cpu": "TensorBoard's"}, (30, 10_000): {"first chart": "3 s", "cpu": "60 s", "memory": "1000 MB", "live": "1 s", "stall": "100 ms"},
          (1000, 100): {"first chart": "3 s", "idle": "0.02 core"}, (10_000, 2): {"elements": "opens and scrolls"}}  # fmt: skip
UNITS = {"first chart": "s", "cpu at chart": "s", "read": "s", "cpu": "s", "memory": "MB", "live": "s", "idle": "core", "stall": "ms", "elements": ""}
TITLES = {"cpu at chart": "CPU until the first chart", "read": "whole log read after", "cpu": "CPU until then", "memory": "memory at most", "live": "a live point on screen after", "idle": "idle", "stall": "longest task of the main thread, processor time", "elements": "elements of the page"}


def rows(title: str, bounds: dict[str, str], mine: dict[str, float], other: dict[str, float]) -> list[str]:
    def said(value: float | None, unit: str) -> str:
        return "" if value is None else f"{value:.{3 if unit == 'core' else 2 if unit == 's' else 0}f} {unit}".strip()

    return [f"| {title}: {TITLES.get(key, key)} | {bounds.get(key, '')} | {said(mine.get(key), unit)} | {said(other.get(key), unit)} |" for key, unit in UNITS.items() if key in mine]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--tensorboard", default=shutil.which("tensorboard"), help="its program; an empty text leaves it out")
    parser.add_argument("--folder", type=Path, help="where logs are written, and kept")
    parser.add_argument("--only", help="RUNSxTAGSxSTEPS of the one log to measure")
    args = parser.parse_args()
    folder = args.folder or Path(tempfile.mkdtemp())
    shapes = [(30, 200, 1000), (1000, 20, 100), (10_000, 2, 2), *([(30, 200, 10_000)] if args.large else [])]
    if args.only:
        shapes = [tuple(int(n) for n in args.only.split("x"))]  # type: ignore[list-item]
    print("| figure | bound | graphflow | TensorBoard |\n| --- | --- | --- | --- |", flush=True)
    for runs, tags, steps in shapes:
        logs = write_runs(folder / f"{runs}x{tags}x{steps}", runs, tags, steps)
        mine = ours(logs, 7410, steps, live=runs == 30)
        other = theirs(args.tensorboard, logs, 7420, steps, runs) if args.tensorboard and runs < 5000 else {}
        for row in rows(f"{runs} runs x {tags} tags x {steps} steps", BOUNDS.get((runs, steps), {}), mine, other):
            print(row, flush=True)
    if not args.folder:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
