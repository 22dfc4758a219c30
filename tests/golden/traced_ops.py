"""Which op types plans trace: `python -m tests.golden.traced_ops > tests/golden/traced_ops.txt`, and read the difference.

Every row of the op database runs with its inputs fed, so unknown while the plan is made; then its gradients do. A line per op type
that was lowered with unknown inputs, and what became of it:

    traced     its kernel became primitives
    host       the class says host = True: strings, files, decompositions, shapes that depend on values
    stateful   it has an effect on, or reads, something outside of the plan
    unknown    a value that the shapes of its results depend on is known only when the plan runs

Where rows differ, the rows stand behind the rarer outcomes. Inputs of unknown shape, which follow from others' unknown values, are left
out: what takes them is called.
"""
from __future__ import annotations

from collections import defaultdict
from typing import Any

import graphflow as tf
from graphflow.plan.lowering import Lowering
from graphflow.plan.node import Node
from tests import opdb
from tests.opdb import _run


class Recorder:
    """While it is entered: {op type: {outcome: {row}}} of every lowered operation with unknown inputs."""

    def __init__(self) -> None:
        self.found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        self.row = ""

    def __enter__(self) -> Recorder:
        self.evaluate, self.call = Lowering.evaluate, Lowering.call
        recorder, called = self, []

        def call(lowering: Any, op: Any, *rest: Any) -> Any:
            called.append(op)
            return recorder.call(lowering, op, *rest)

        def evaluate(lowering: Any, op: Any, op_def: Any, args: Any, *rest: Any) -> Any:
            results = recorder.evaluate(lowering, op, op_def, args, *rest)
            nodes = [a for a in args if a.__class__ is Node]
            if (nodes or op_def.stateful) and all(a.shape is not None for a in nodes):
                outcome = "traced" if op not in called else \
                    "stateful" if op_def.stateful else "host" if op_def.host else "unknown"
                recorder.found[op.type][outcome].add(recorder.row)
            return results

        Lowering.evaluate, Lowering.call = evaluate, call  # type: ignore[method-assign]
        return self

    def __exit__(self, *error: object) -> None:
        Lowering.evaluate, Lowering.call = self.evaluate, self.call  # type: ignore[method-assign]


def table() -> list[str]:
    """The lines of the golden, by op type."""
    with Recorder() as recorder:
        for row in opdb.load():
            recorder.row = row.name
            for dtype in row.dtypes:
                for case in row.cases(dtype):
                    built = _run.Built(row, case)
                    built.run()
                    if row.gradient and dtype == "float64":
                        _run_gradients(built)
    return [f"{name:36s} {_outcomes(recorder.found[name])}" for name in sorted(recorder.found)]


def _run_gradients(built: _run.Built) -> None:
    with built.graph.as_default():
        ys = [tf.reduce_sum(y * y) for y in built.outputs if y.dtype is tf.float64]
        xs = [x for x in built.tensors if x.dtype is tf.float64]
        slopes = [tf.convert_to_tensor(dx) for dx in tf.gradients(ys, xs) if dx is not None] if xs else []
        with tf.Session() as session:
            session.run(slopes, built.feeds)


def _outcomes(found: dict[str, set[str]]) -> str:
    often, *rest = sorted(found, key=lambda outcome: (-len(found[outcome]), outcome))
    return "; ".join([often, *[f"{outcome} in {', '.join(sorted(found[outcome]))}" for outcome in sorted(rest)]])


if __name__ == "__main__":
    import contextlib
    import io
    with contextlib.redirect_stdout(io.StringIO()):     # some rows print
        lines = table()
    print("\n".join(lines))
