"""A smaller program that still differs, found by leaving out runs, fetches and lines, and by cutting lines off from their inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from .program import Gradients, Line, Program, literal


def shrunk(program: Program, differs: Callable[[Program], bool], attempts: int = 300) -> Program:
    """The smallest program found in so many attempts; `differs` runs one in both modules."""
    best = program.pruned()
    left = attempts
    found = True
    while found and left > 0:
        found = False
        for candidate in candidates(best):
            left -= 1
            if left < 0:
                break
            if size(candidate) < size(best) and candidate.runs and differs(candidate):
                best, found = candidate, True
                break
    return best


def size(program: Program) -> tuple[int, int, int]:
    """What is made smaller: lines that compute, then runs and fetches, then the length of the text."""
    computing = sum(not line.code.startswith(("tf.constant", "tf.placeholder(")) for line in program.lines)
    return computing, sum(len(run.fetches) + len(run.feeds) for run in program.runs), len(program.text())


def candidates(program: Program) -> Iterator[Program]:
    """Smaller programs, the boldest first."""
    for run in program.runs:
        if len(program.runs) > 1:
            yield replace(program, runs=(run,)).pruned()
    for i, run in enumerate(program.runs):
        for fetch in run.fetches:
            if len(run.fetches) > 1:
                runs = (*program.runs[:i], replace(run, fetches=(fetch,)), *program.runs[i + 1:])
                yield replace(program, runs=runs).pruned()
    makers = {t.name: line for line in program.lines for t in line.targets}
    for i, run in enumerate(program.runs):
        for fetch in run.fetches:
            for earlier in sorted(makers[fetch].uses):
                fetches = tuple(earlier if f == fetch else f for f in run.fetches)
                yield replace(program, runs=(*program.runs[:i], replace(run, fetches=fetches), *program.runs[i + 1:])).pruned()
    for place, line in enumerate(program.lines):
        yield cut(program, line)
        for shorter in line.shorter() if isinstance(line, Gradients) else ():
            yield replace(program, lines=(*program.lines[:place], shorter, *program.lines[place + 1:])).pruned()
    for line in reversed(program.lines):
        yield program.without({t.name for t in line.targets})
    for i, run in enumerate(program.runs):
        placeholders = {t.name for line in program.lines if line.code.startswith("tf.placeholder(") for t in line.targets}
        for feed in run.feeds:
            if feed[0] not in placeholders:
                feeds = tuple(f for f in run.feeds if f != feed)
                yield replace(program, runs=(*program.runs[:i], replace(run, feeds=feeds), *program.runs[i + 1:])).pruned()


def cut(program: Program, line: Line) -> Program:
    """With constants in place of what the line computes."""
    if line.code.startswith(("tf.constant", "tf.Variable", "tf.placeholder(")) or line.within or line.targets[0].dtype == "op":
        return program
    made = [Line((t,), f"tf.constant({literal(some(t.shape, t.dtype))})", frozenset()) for t in line.targets]
    place = program.lines.index(line)
    return replace(program, lines=(*program.lines[:place], *made, *program.lines[place + 1:])).pruned()


def some(shape: tuple[int, ...], dtype: str) -> np.ndarray:
    """Values for a constant of this shape: small, positive, all different."""
    values = (np.arange(int(np.prod(shape, dtype=np.int64))).reshape(shape) % 7 + 1) / (4 if dtype.startswith("float") else 1)
    return np.asarray(values % 2 > 1 if dtype == "bool" else values).astype(dtype)
