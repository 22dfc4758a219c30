"""A compiled program and its instances, each with buffers of its own, so that runs in several threads never share one."""
from __future__ import annotations

import itertools
import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from ....kernels import parallel
from ....kernels.interrupts import PLAN
from . import blocks

_NAMES = re.compile(r"\bt\d+\b")
ALIGNMENT = 64     # bytes: a line of the cache


class Program:
    """A compiled plan. `instance()` gives a function of the feeds that returns the outputs as a tuple."""
    __slots__ = ("buffers", "code", "environment", "large", "nodes", "scratch", "source", "threaded")

    def __init__(self, source: str, environment: dict[str, Any], buffers: Mapping[str, Any], scratch: dict[str, Any], large: bool,
                 threaded: bool = False, nodes: Mapping[str, Any] | None = None):
        self.source, self.environment, self.buffers, self.scratch, self.large = source, environment, buffers, scratch, large
        self.threaded, self.nodes = threaded, nodes or {}
        self.code = compile(source, PLAN, "exec")

    def instance(self) -> Any:
        environment = dict(self.environment)
        environment.update(arena(self.buffers))
        for name, dtypes in self.scratch.items():
            environment[name] = blocks.scratch(dtypes)
        exec(self.code, environment)
        step = np.errstate(all="ignore")(environment["step"])     # as TensorFlow, silent about overflow, NaN and division by 0
        return held(step) if self.threaded else step


    def blamed(self, error: Exception) -> Any:
        """The node at whose line an error was raised, None where that cannot be told."""
        lines = self.source.split("\n")
        frame, found = error.__traceback__, None
        while frame is not None:
            if frame.tb_frame.f_code.co_filename == PLAN:
                text = lines[frame.tb_lineno - 1]
                found = next((self.nodes[name] for name in _NAMES.findall(text) if name in self.nodes), None)
            frame = frame.tb_next
        return found


def arena(buffers: Mapping[str, tuple[tuple[int, ...], np.dtype[Any]]]) -> dict[str, np.ndarray]:
    """The buffers, side by side in one piece of memory: a big one lies in huge pages, whose addresses are found faster."""
    sizes = [math.prod(shape) * dtype.itemsize for shape, dtype in buffers.values()]
    ends = list(itertools.accumulate(size + -size % ALIGNMENT for size in sizes))
    memory = np.empty((ends[-1] if ends else 0) + ALIGNMENT, np.uint8)
    start = -memory.__array_interface__["data"][0] % ALIGNMENT
    return {name: memory[start + end - (size + -size % ALIGNMENT):][:size].view(dtype).reshape(shape)
            for (name, (shape, dtype)), size, end in zip(buffers.items(), sizes, ends)}


def held(step: Any) -> Any:
    """The step, with BLAS held to one thread so that its threads do not take the cores from ours."""
    def run(*feeds: Any) -> Any:
        parallel.limit_blas()
        try:
            return step(*feeds)
        finally:
            parallel.free_blas()
    return run
