"""Eager execution beside TensorFlow's: 30 common ops on arrays of four by four, a step by a tape, calls of a `tf.function`.

    python -m tools.bench.eager --tensorflow venv/bin/python          everything, two minutes
    python -m tools.bench.eager --only 'concat|stack'
    python -m tools.bench.eager --profile 'reduce_sum'                where graphflow's time goes

Times are processor time per call, the least of several interleaved rounds, as in `tools.bench.cliffs`.
"""

from __future__ import annotations

import argparse
import importlib
import os
import re
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from tools.bench.cliffs import Process, measure, profile, serve
from tools.bench.eager_cases import OPS, STEPS

MODULES = {"graphflow": "graphflow.compat.v2", "tensorflow": "tensorflow"}
ENOUGH = 0.01  # seconds of calls that are timed together


class Timer:
    """Builds a case in one module and calls it."""

    def __init__(self, implementation: str) -> None:
        self.tf = importlib.import_module(MODULES[implementation])
        self.step: Callable[[], Any] = lambda: None
        self.count = 1

    def build(self, name: str) -> None:
        self.step = {**OPS, **STEPS}[name](self.tf)
        for _ in range(3):
            self.step()
        self.count = 1
        while self.calls() < ENOUGH:
            self.count *= 2

    def calls(self) -> float:
        """Processor seconds of `count` calls."""
        step = self.step
        begin = time.process_time()
        for _ in range(self.count):
            step()
        return time.process_time() - begin

    def time(self, seconds: float) -> float:
        """Processor seconds of one call, the least of those that fit into `seconds`."""
        found = []
        end = time.process_time() + seconds
        while not found or time.process_time() < end:
            found.append(self.calls())
        return min(found) / self.count


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.bench.eager", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", type=re.compile, default=re.compile(""), metavar="REGEX", help="rows whose names match anywhere")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=0.2, help="of each round and module")
    parser.add_argument("--tensorflow", default=os.environ.get("GRAPHFLOW_TF_PYTHON"), help="a python that has TensorFlow 2.x")
    parser.add_argument("--profile", metavar="NAME", help="profile one row in graphflow alone")
    parser.add_argument("--serve", choices=MODULES, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve:
        serve(Timer(args.serve))
        return 0
    if args.profile:
        profile(Timer("graphflow"), args.profile)
        return 0
    pythons = {"graphflow": sys.executable, **({"tensorflow": args.tensorflow} if args.tensorflow else {})}
    processes = {key: Process(key, python, "tools.bench.eager") for key, python in pythons.items()}
    print("| work | graphflow us | TensorFlow us | TensorFlow's time / graphflow's |\n|---|---|---|---|")
    ratios = []
    for name in filter(args.only.search, (*OPS, *STEPS)):
        times, problem = measure(processes, name, args.rounds, args.seconds)
        if problem:
            print(f"{name}: {problem}", flush=True)
            continue
        ours, theirs = times["graphflow"] * 1e6, times.get("tensorflow", float("nan")) * 1e6
        if name in OPS:
            ratios.append(theirs / ours)
        print(f"| {name} | {ours:.3g} | {theirs:.3g} | {theirs / ours:.2f} |", flush=True)
    if ratios:
        low = sum(r < 3 for r in ratios)
        print(f"\n{len(ratios)} ops: median {statistics.median(ratios):.2f}, least {min(ratios):.2f}, {low} below 3.")
    for process in processes.values():
        process.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
