# ruff: noqa: E501 - the scripts that run in the page and the rows of the table are easier to read on long lines
"""Measures the viewer against the figures it has to hold and prints one table.

    python tools/viewer_bench.py [--large] [--runs 5]

Needs Chromium for the rows of the page; without it they are left out, and the table says so. Times of the page run from the
start of navigation to the first readable frame, server up, files in the page cache, median of --runs, each in a fresh page.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from tools.chromium import Chromium, program
from tools.viewer_graphs import SHAPES

READY = "document.body?.hasAttribute('data-graph-ready')"
SINCE = "performance.getEntriesByName('graph-ready')[0]?.startTime ?? performance.now()"


STALLS = """self.stalls = []; new PerformanceObserver(list => self.stalls.push(...list.getEntries().map(e => e.duration)))
    .observe({type: 'longtask', buffered: true})"""  # tasks of 50 ms and more, as the browser itself counts them


class Served:
    """`graphflow view` on a graph in its own process."""

    def __init__(self, path: Path, cache: str) -> None:
        began = time.perf_counter()
        env = {**os.environ, "GRAPHFLOW_CACHE": cache, "PYTHONPATH": str(Path(__file__).parents[1])}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "graphflow", "view", str(path), "--no-browser", "--port", "7300"],
            stdout=subprocess.PIPE,
            text=True,
            env=env,
        )
        assert self.process.stdout
        self.url = self.process.stdout.readline().split(" at ")[1].split()[0]
        urllib.request.urlopen(self.url + "static/favicon.svg").read()
        self.answered = time.perf_counter() - began

    def __enter__(self) -> Served:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()


def median(measure: Callable[[], float], runs: int) -> float:
    return statistics.median(measure() for _ in range(runs))


def first_picture(path: Path, cache: str) -> tuple[float, Chromium]:
    """(seconds from navigation to the first readable frame, the browser)."""
    with Served(path, cache) as served, Chromium() as browser:
        browser.open(served.url)
        browser.wait(READY, 120)
        return browser.ask(SINCE) / 1000, browser


def open_times(path: Path, runs: int) -> tuple[float, float]:
    """Medians without and with the index."""
    cold, warm = [], []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as cache:
            cold.append(first_picture(path, cache)[0])
            warm.append(first_picture(path, cache)[0])
    return statistics.median(cold), statistics.median(warm)


def interactions(path: Path) -> dict[str, float]:
    """Times in the page of one graph, in milliseconds, and what the first picture weighs."""
    out: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as cache, Served(path, cache) as served, Chromium() as browser:
        browser.call("Page.addScriptToEvaluateOnNewDocument", source=STALLS)
        browser.open(served.url)
        browser.wait(READY, 120)
        sizes = browser.ask(
            "performance.getEntriesByType('resource').filter(e => !e.name.includes('vendor/') && !e.name.includes('events'))"
            ".map(e => e.transferSize).concat(performance.getEntriesByType('navigation')[0].transferSize)"
        )
        out["kB"], out["requests"] = sum(sizes) / 1000, len(sizes)
        out["nodes"] = browser.ask("document.querySelectorAll('*').length")
        out["heap"] = browser.ask("performance.memory.usedJSHeapSize") / 1e6
        heights = browser.ask(
            "[...document.querySelectorAll('.box [data-label]')].map(() => 14 * document.querySelector('.picture g').getScreenCTM().a)"
        )
        out["labels"] = 100 * sum(h >= 9 for h in heights) / len(heights)
        group = browser.ask("document.querySelector('.box:not(.op)').dataset.id")
        for word, selector, done in (
            ("expand", f".box[data-id='{group}']", f"document.querySelector('.cluster[data-id=\"{group}\"]')"),
            ("select", ".box", "document.querySelector('.selected')"),
        ):
            began = time.perf_counter()
            browser.click(selector, 2 if word == "expand" else 1)
            browser.wait(done)
            out[word] = (time.perf_counter() - began) * 1000
        began = time.perf_counter()
        browser.key("t")
        browser.wait("document.querySelector('.traced')")
        out["trace"] = (time.perf_counter() - began) * 1000
        frames = browser.ask("""new Promise(done => { const c = document.querySelector('svg.picture'); const times = []; let last = performance.now(); let n = 0;
            const step = () => { const now = performance.now(); times.push(now - last); last = now;
              c.dispatchEvent(new WheelEvent('wheel', {deltaY: n % 40 < 20 ? -30 : 30, clientX: 700, clientY: 450, bubbles: true, cancelable: true}));
              if (++n < 120) requestAnimationFrame(step); else done(times.slice(5).sort((a, b) => a - b)); }; requestAnimationFrame(step); })""")
        out["frame"] = frames[int(len(frames) * 0.95)]
        browser.key("/")
        browser.type("op:Relu")
        browser.wait("document.querySelector('.hit')")
        browser.key("Enter")
        browser.wait("document.querySelector('#card:not([hidden]) h2')")
        time.sleep(1)
        out["stall"] = max(browser.ask("self.stalls"), default=0.0)
    return out


def search_time(buf: bytes) -> float:
    from graphflow.viewer.graph_tree import build
    from graphflow.viewer.search import search

    tree = build(buf)
    search(tree, buf, "first look-up makes the text")
    slowest = 0.0
    for query in ("matmul", "mtml", "op:MatMul scope:tower_0", "block_3 relu", "dead:yes"):
        began = time.perf_counter()
        search(tree, buf, query)
        slowest = max(slowest, time.perf_counter() - began)
    return slowest


def draw_time(path: Path, out: Path) -> float:
    env = {**os.environ, "GRAPHFLOW_CACHE": "", "PYTHONPATH": str(Path(__file__).parents[1])}
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "graphflow", "draw", str(path), str(out)], env=env, capture_output=True, text=True
    )
    return time.perf_counter() - began if done.returncode == 0 else float("nan")


def build_time(buf: bytes) -> float:
    from graphflow.viewer.graph_tree import build

    began = time.perf_counter()
    build(buf)
    return time.perf_counter() - began


def rows(folder: Path, runs: int, large: bool) -> list[tuple[str, str, str]]:
    paths: dict[str, Path] = {}
    sizes = [
        ("scoped", 100),
        ("scoped", 100_000),
        ("unscoped", 100_000),
        ("chain", 2000),
        ("chain", 100_000),
        ("fan_out", 50_000),
    ]
    for shape, count in sizes + ([("scoped", 1_000_000)] if large else []):
        paths[f"{shape} {count}"] = folder / f"{shape}_{count}.pb"
        paths[f"{shape} {count}"].write_bytes(SHAPES[shape](count))
    out: list[tuple[str, str, str]] = []

    def answered() -> float:
        with tempfile.TemporaryDirectory() as cache, Served(paths["scoped 100000"], cache) as served:
            return served.answered

    out.append(("command to answering server", "0.25 s", f"{median(answered, runs):.2f} s"))
    for name, path in paths.items():
        out.append((f"{name}: file to model (Python)", "", f"{build_time(path.read_bytes()):.2f} s"))
    out.append(
        (
            "search at 100,000 nodes, slowest of five queries (Python)",
            "50 ms",
            f"{search_time(paths['scoped 100000'].read_bytes()) * 1000:.0f} ms",
        )
    )
    out.append(
        (
            "`draw` of a collapsed 100k graph to SVG",
            "1.2 s",
            f"{median(lambda: draw_time(paths['scoped 100000'], folder / 'x.svg'), runs):.2f} s",
        )
    )
    if program() is None:
        return [*out, ("the page", "", "not measured: no Chromium")]
    bounds = {
        "scoped 100000": ("1.0 s", "0.3 s"),
        "unscoped 100000": ("2.0 s", ""),
        "chain 2000": ("0.3 s", ""),
        "chain 100000": ("2 s", ""),
        "scoped 1000000": ("8 s", "0.5 s"),
    }
    for name, (cold, warm) in bounds.items():
        if name in paths:
            a, b = open_times(paths[name], runs)
            out.append((f"{name}: open to readable picture", cold, f"{a:.2f} s"))
            out.append((f"{name}: with index", warm, f"{b:.2f} s"))
    for name in ("scoped 100000", "fan_out 50000", "chain 100000"):
        found = interactions(paths[name])
        out.append((f"{name}: labels >= 9 px", "80 %", f"{found['labels']:.0f} %"))
        if name == "scoped 100000":
            again = [found, *(interactions(paths[name]) for _ in range(runs - 1))]
            out += _weights({key: statistics.median(one[key] for one in again) for key in found})
    return out


def _weights(found: dict[str, Any]) -> list[tuple[str, str, str]]:
    table = [
        ("expand", "expand", "300 ms", "ms"),
        ("select", "select", "100 ms", "ms"),
        ("trace", "trace", "100 ms", "ms"),
        ("zoom, 95th percentile frame", "frame", "17 ms", "ms"),
        ("longest task of the main thread (open, expand, select, trace, zoom, search, go there; 0: none of 50 ms)", "stall", "50 ms", "ms"),
        ("first picture: bytes besides Graphviz", "kB", "200 kB", "kB"),
        ("first picture: requests", "requests", "6", ""),
        ("first picture: DOM nodes", "nodes", "2,500", ""),
        ("first picture: heap", "heap", "60 MB", "MB"),
    ]
    return [(title, bound, f"{found[key]:.0f} {unit}".strip()) for title, key, bound, unit in table]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="runs of which the median counts")
    parser.add_argument("--large", action="store_true", help="a million nodes too")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print("| figure | bound | measured |\n| --- | --- | --- |")
        for row in rows(Path(folder), args.runs, args.large):
            print("| " + " | ".join(row) + " |")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
