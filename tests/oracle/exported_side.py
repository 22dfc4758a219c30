"""TensorFlow's side of the tests of imported graphs: builds programs with its control flow v1 and writes each as a GraphDef, with values.

    python -m tests.oracle.exported_side FOLDER MODULE...     FOLDER/graphs.npz, FOLDER/programs.json

What control flow v1 cannot do (second gradients of loops) is left out of a program.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

RUNS = 2


class V1:
    """TensorFlow with the few differences between its two kinds of control flow made up for."""

    def __init__(self, tf: Any):
        self.tf = tf

    def __getattr__(self, name: str) -> Any:
        return getattr(self.tf, name)

    def gradients(self, ys: Any, xs: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return self.tf.gradients(ys, xs, *args, **kwargs)
        except TypeError as error:
            if "Second-order gradient" not in str(error):
                raise
            return [None] * (len(xs) if isinstance(xs, (list, tuple)) else 1)

    def while_loop(self, cond: Any, body: Any, loop_vars: Any, *args: Any, **kwargs: Any) -> Any:
        def listed(*values: Any) -> Any:
            found = body(*values)
            return list(found) if type(found) is tuple else found

        with_limit = isinstance(loop_vars, list) and kwargs.get("maximum_iterations") is not None
        return self.tf.while_loop(cond, listed if with_limit else body, loop_vars, *args, **kwargs)


def exported(tf: Any, function: Any) -> tuple[bytes, dict[str, Any], list[list[Any]]]:
    """(GraphDef, names, values of two runs in one session) of a program, which gives fetches, or (fetches, feeds)."""
    with tf.Graph().as_default() as graph:
        given = function(V1(tf))
        fetches, feeds = given if isinstance(given, tuple) else (given, {})
        variables = tf.global_variables() + tf.local_variables()
        with tf.Session(graph=graph) as session:
            if variables:
                session.run([v.initializer for v in variables])
            runs = [[None if v is None else _plain(np.asarray(v)) for v in session.run(fetches, feeds)] for _ in range(RUNS)]
        names = {"initializers": [v.initializer.name for v in variables], "fetches": [f.name for f in fetches],
                 "feeds": {t.name: np.asarray(v).tolist() for t, v in feeds.items()}}
        return graph.as_graph_def().SerializeToString(), names, runs


def _plain(value: np.ndarray) -> np.ndarray:
    return value.astype(bytes) if value.dtype == object else value


def write(folder: Path, modules: list[str]) -> None:
    """graphs.npz and programs.json for all programs of some modules."""
    import tensorflow.compat.v1 as tf
    tf.disable_v2_behavior()
    tf.disable_control_flow_v2()
    tf.logging.set_verbosity(tf.logging.ERROR)
    programs: dict[str, Any] = {}
    arrays: dict[str, np.ndarray] = {}
    for module in modules:
        for name, function in sorted(vars(importlib.import_module(module)).items()):
            if not name.startswith("program_"):
                continue
            try:
                graph, names, runs = exported(tf, function)
            except (ValueError, TypeError, RecursionError, tf.errors.OpError) as error:      # not to be had with control flow v1
                programs[name] = {"refused": f"{type(error).__name__}: {error}"[:300]}
                continue
            arrays[name] = np.frombuffer(graph, np.uint8)
            for r, run in enumerate(runs):
                for i, value in enumerate(run):
                    if value is not None:
                        arrays[f"{name}/{r}/{i}"] = value
            programs[name] = names
    np.savez_compressed(folder / "graphs.npz", **arrays)
    (folder / "programs.json").write_text(json.dumps(programs), encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]), sys.argv[2:])
