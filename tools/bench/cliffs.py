"""A table of speed cliffs: one op at a time over many shapes, on graphflow's numpy engine and in TensorFlow, the slowest against it first.

    python -m tools.bench.cliffs --tensorflow venv/bin/python                 everything, about ten minutes
    python -m tools.bench.cliffs --tensorflow venv/bin/python --only 'conv2d|pool' --above 2
    python -m tools.bench.cliffs --profile 'segment_max 10'                    where graphflow's time goes

Times are processor time per run, the least of several interleaved rounds, so that a busy machine does not matter; TensorFlow and
BLAS have one thread, as threads that wait for others use processor time too.
"""

from __future__ import annotations

import argparse
import cProfile
import importlib
import json
import os
import pstats
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from tools.bench import cliff_cases_more, cliff_cases_other
from tools.bench.cliff_cases import CASES

ROOT = Path(__file__).parents[2]
assert cliff_cases_more and cliff_cases_other  # fill CASES


class Timer:
    """Builds a case in one module and runs it."""

    def __init__(self, implementation: str) -> None:
        self.tf = importlib.import_module("graphflow" if implementation == "graphflow" else "tensorflow.compat.v1")
        if implementation != "graphflow":
            self.tf.disable_v2_behavior()
        self.session: Any = None

    def build(self, name: str) -> None:
        if self.session is not None:
            self.session.close()
        tf = self.tf
        inputs, function = CASES[name]
        with tf.Graph().as_default() as graph:
            rand = np.random.RandomState(0)
            arrays = [x if isinstance(x, np.ndarray) else rand.standard_normal(x).astype(np.float32) for x in inputs]
            feeds = [tf.placeholder(tf.as_dtype(a.dtype) if a.dtype != object else tf.string, a.shape) for a in arrays]
            variables = [tf.Variable(feed, trainable=False, use_resource=False) for feed in feeds]
            self.fetch = function(tf, *variables)
            self.session = tf.Session(graph=graph, config=tf.ConfigProto(intra_op_parallelism_threads=1, inter_op_parallelism_threads=1))
            self.session.run(tf.global_variables_initializer(), dict(zip(feeds, arrays, strict=True)))
        self.session.run(self.fetch)
        self.session.run(self.fetch)

    def time(self, seconds: float) -> float:
        """Processor seconds of one run, the least of those that fit into `seconds`."""
        run, fetch, found = self.session.run, self.fetch, []
        end = time.process_time() + seconds
        while not found or time.process_time() < end:
            begin = time.process_time()
            run(fetch)
            found.append(time.process_time() - begin)
        return min(found)


def serve(timer: Any) -> None:
    """Answers requests, a line of JSON each: {"build": name} and {"time": seconds}."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = timer.build(request["build"]) if "build" in request else timer.time(request["time"])
            reply: Any = {"seconds": answer}
        except Exception as error:  # one of the modules lacks something: the row says so
            reply = {"error": f"{type(error).__name__}: {str(error).splitlines()[0][:120]}"}
        out.write(json.dumps(reply) + "\n")
        out.flush()


class Process:
    """A module in a process of its own."""

    def __init__(self, implementation: str, python: str, module: str = "tools.bench.cliffs", engine: str = "numpy") -> None:
        environment = os.environ | {
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "TF_USE_LEGACY_KERAS": "1",
            "GRAPHFLOW_ENGINE": engine,
            "OPENBLAS_NUM_THREADS": "1",
        }
        self.process = subprocess.Popen(
            [python, "-m", module, "--serve", implementation],
            cwd=ROOT,
            env=environment,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def ask(self, **request: Any) -> dict[str, Any]:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        return dict(json.loads(line)) if line else {"error": f"the process ended with exit code {self.process.wait()}"}

    def close(self) -> None:
        with self.process:
            pass


def measure(processes: dict[str, Process], name: str, rounds: int, seconds: float) -> tuple[dict[str, float], str]:
    """(least seconds of each module, what went wrong)."""
    for key, process in processes.items():
        reply = process.ask(build=name)
        if "error" in reply:
            return {}, f"{key}: {reply['error']}"
    times: dict[str, list[float]] = {key: [] for key in processes}
    for _ in range(rounds):
        for key, process in processes.items():
            times[key].append(process.ask(time=seconds).get("seconds", float("inf")))
    return {key: min(values) for key, values in times.items()}, ""


def profile(timer: Any, name: str) -> None:
    """Prints where the time of one case goes. timer: of graphflow, with `build` and `time` as `Timer`."""
    timer.build(name)
    profiler = cProfile.Profile()
    profiler.enable()
    timer.time(1.0)
    profiler.disable()
    pstats.Stats(profiler).sort_stats("tottime").print_stats(20)


def row(name: str, times: dict[str, float]) -> str:
    ours, theirs = times["graphflow"], times["tensorflow"]
    return f"| {name} | {ours * 1e3:.3g} | {theirs * 1e3:.3g} | {ours / theirs:.2f} |"


def table(rows: list[tuple[str, dict[str, float]]], above: float) -> list[str]:
    """Lines of markdown, the largest ratio first; rows below `above` are counted only."""

    def ratio(row: tuple[str, dict[str, float]]) -> float:
        return row[1]["graphflow"] / row[1]["tensorflow"]

    shown = [row for row in sorted(rows, key=ratio, reverse=True) if ratio(row) >= above]
    lines = ["| work | graphflow ms | TensorFlow ms | ratio |", "|---|---|---|---|"]
    lines += [row(*each) for each in shown]
    ratios = sorted(map(ratio, rows))
    if ratios:
        lines += [
            "",
            f"{len(ratios)} rows: median ratio {ratios[len(ratios) // 2]:.2f}, {sum(r > 3 for r in ratios)} above 3, "
            f"{sum(r < 1 for r in ratios)} below 1.",
        ]
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.bench.cliffs", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", type=re.compile, default=re.compile(""), metavar="REGEX", help="rows whose names match anywhere")
    parser.add_argument("--above", type=float, default=0.0, help="show rows from this ratio on")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=0.1, help="of each round and module")
    parser.add_argument("--tensorflow", default=os.environ.get("GRAPHFLOW_TF_PYTHON"), help="a python that has TensorFlow 2.x")
    parser.add_argument("--output", metavar="FILE", help="write the table here too")
    parser.add_argument("--profile", metavar="NAME", help="profile one row, by the start of its name, in graphflow alone")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve:
        serve(Timer(args.serve))
        return 0
    if args.profile:
        profile(Timer("graphflow"), next(name for name in CASES if name.startswith(args.profile)))
        return 0
    if not args.tensorflow:
        parser.error("--tensorflow, or GRAPHFLOW_TF_PYTHON, must name a python that has TensorFlow")
    processes = {"graphflow": Process("graphflow", sys.executable), "tensorflow": Process("tensorflow", args.tensorflow)}
    rows: list[tuple[str, dict[str, float]]] = []
    for name in CASES:
        if args.only.search(name):
            times, problem = measure(processes, name, args.rounds, args.seconds)
            if problem:
                print(f"{name}: {problem}", flush=True)
            else:
                rows.append((name, times))
                print(row(name, times), flush=True)
    for process in processes.values():
        process.close()
    text = "\n".join(table(rows, args.above))
    print(f"\n{text}")
    if args.output:
        Path(args.output).write_text(text + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
