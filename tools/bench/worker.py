"""One implementation in one process: builds a workload when told, then times it, round by round.

    python -m tools.bench.worker graphflow|native|tensorflow|numpy

`native` is graphflow too; which engine it runs on says GRAPHFLOW_ENGINE.

Reads one JSON request per line: {"build": NAME, "small": bool} or {"time": SECONDS}; writes one JSON reply per line, {"error": text} where
the implementation lacks something.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

from tools.bench.workloads import WORKLOADS


class Bench:
    """The workload that is built at the moment."""

    def __init__(self, implementation: str) -> None:
        self.implementation = implementation
        self.prepare: Callable[[], Any] | None = None
        self.step: Callable[..., Any] = lambda: None
        self.once = 0.0
        self.clock = time.process_time if os.environ.get("BENCH_CLOCK") == "cpu" else time.perf_counter
        self.stack: Any = None

    def build(self, name: str, small: bool) -> dict[str, float]:
        """Builds and runs once; the time of both, in ms."""
        self.drop()
        begin = self.clock()
        if self.implementation == "numpy":
            from tools.bench.numpy_versions import VERSIONS

            if name not in VERSIONS:
                raise NotImplementedError("no numpy version")
            made: Any = VERSIONS[name](small)
        else:
            tf = framework(self.implementation)
            self.stack = tf.Graph().as_default()
            self.stack.__enter__()
            made = WORKLOADS[name].program(tf, small)
        self.prepare, self.step = made if isinstance(made, tuple) else (None, made)
        self.measure(1)
        first = self.clock() - begin
        self.once = self.measure(1)
        return {"first_ms": first * 1e3}

    def measure(self, count: int) -> float:
        """Seconds per step over `count` steps."""
        if self.prepare is not None:
            total = 0.0
            for _ in range(count):
                prepared = self.prepare()
                begin = self.clock()
                self.step(prepared)
                total += self.clock() - begin
            return total / count
        step = self.step
        begin = self.clock()
        for _ in range(count):
            step()
        return (self.clock() - begin) / count

    def time(self, seconds: float) -> dict[str, float]:
        """Seconds per step, over about `seconds` of work."""
        count = max(1, min(100_000, int(seconds / max(self.once, 1e-7))))
        gc.collect()
        self.once = self.measure(count)
        return {"seconds": self.once, "count": count}

    def drop(self) -> None:
        if self.stack is not None:
            self.stack.__exit__(None, None, None)
        self.prepare, self.step, self.stack = None, lambda: None, None
        gc.collect()


def framework(name: str) -> Any:
    """graphflow, or TensorFlow's v1 API."""
    if name in ("graphflow", "native"):
        return importlib.import_module("graphflow")
    tf = importlib.import_module("tensorflow.compat.v1")
    tf.disable_v2_behavior()
    return tf


def main() -> None:
    replies = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)    # what the implementation prints is not a reply
    bench = Bench(sys.argv[1])
    for line in sys.stdin:
        request = json.loads(line)
        try:
            reply = bench.build(request["build"], request["small"]) if "build" in request else bench.time(request["time"])
        except Exception as error:
            reply = {"error": f"{type(error).__name__}: {error}".split("\n")[0]}    # type: ignore[dict-item]
        replies.write(json.dumps(reply) + "\n")


if __name__ == "__main__":
    main()
