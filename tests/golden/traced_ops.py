"""Which op types plans trace: `python -m tests.golden.traced_ops > tests/golden/traced_ops.txt`, and read the difference.

Every row of the op database runs with its inputs fed, so unknown while the plan is made; then its gradients do. A line per op type
that was lowered with unknown inputs, and what became of it:

    traced     its kernel became primitives
    host       the class says host = True: strings, files, decompositions, shapes that depend on values
    stateful   it has an effect on, or reads, something outside of the plan
    unknown    a value that the shapes of its results depend on is known only when the plan runs

Where rows differ, the rows stand behind the rarer outcomes. Op types that no row uses are made by hand (WITHOUT_ROWS). Inputs of unknown
shape, which follow from others' unknown values, are left out: what takes them is called.
"""
from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np

import graphflow as tf
from graphflow.plan.lowering import Lowering
from graphflow.plan.node import Node
from tests import opdb
from tests.opdb import _run
from tests.opdb._raw import raw

VECTOR, MATRIX, IMAGE = np.ones(2, np.float32), np.ones((2, 2), np.float32), np.ones((1, 2, 2, 3), np.float32)
TWO = np.int64(2)
WITHOUT_ROWS: dict[str, dict[str, Any]] = {        # op type: its arguments; those of graphs of TF's first versions
    "Add": {"x": VECTOR, "y": VECTOR},
    "AdjustContrast": {"images": IMAGE, "contrast_factor": np.float32(2), "min_value": np.float32(0), "max_value": np.float32(1)},
    "BatchMatrixBandPart": {"input": MATRIX, "num_lower": TWO, "num_upper": TWO},
    "BatchMatrixDiag": {"diagonal": VECTOR},
    "BatchMatrixDiagPart": {"input": MATRIX},
    "BatchMatrixSetDiag": {"input": MATRIX, "diagonal": VECTOR},
    "BatchNormWithGlobalNormalization": {"t": IMAGE, **dict.fromkeys(("m", "v", "beta", "gamma"), np.ones(3, np.float32)),
                                         "variance_epsilon": 0.1, "scale_after_normalization": True},
    "ConcatOffset": {"concat_dim": np.int32(0), "shape": [np.array([2, 3], np.int32), np.array([4, 3], np.int32)]},
    "ResizeBilinearGrad": {"grads": IMAGE, "original_image": IMAGE},
    "ResizeBicubicGrad": {"grads": IMAGE, "original_image": IMAGE},
}


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
        for name, arguments in WITHOUT_ROWS.items():
            _run_by_hand(recorder, name, arguments)
    return [f"{name:36s} {_outcomes(recorder.found[name])}" for name in sorted(recorder.found)]


def _run_gradients(built: _run.Built) -> None:
    with built.graph.as_default():
        ys = [tf.reduce_sum(y * y) for y in built.outputs if y.dtype is tf.float64]
        xs = [x for x in built.tensors if x.dtype is tf.float64]
        slopes = [tf.convert_to_tensor(dx) for dx in tf.gradients(ys, xs) if dx is not None] if xs else []
        with tf.Session() as session:
            session.run(slopes, built.feeds)


def _run_by_hand(recorder: Recorder, name: str, arguments: dict[str, Any]) -> None:
    recorder.row = name
    feeds: dict[Any, Any] = {}

    def fed(value: Any) -> Any:
        if isinstance(value, list):
            return [fed(v) for v in value]
        if not isinstance(value, (np.ndarray, np.generic)):
            return value
        tensor = tf.placeholder(value.dtype, value.shape)
        feeds[tensor] = value
        return tensor

    with tf.Graph().as_default(), tf.Session() as session:
        session.run(raw(tf, name, **{key: fed(value) for key, value in arguments.items()}), feeds)


def _outcomes(found: dict[str, set[str]]) -> str:
    often, *rest = sorted(found, key=lambda outcome: (-len(found[outcome]), outcome))
    return "; ".join([often, *[f"{outcome} in {', '.join(sorted(found[outcome]))}" for outcome in sorted(rest)]])


if __name__ == "__main__":
    import contextlib
    import io
    with contextlib.redirect_stdout(io.StringIO()):     # some rows print
        lines = table()
    print("\n".join(lines))
