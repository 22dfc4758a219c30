"""Runs the same small programs in graphflow and in TensorFlow and compares nodes and values.

A module of programs has functions `program_*(tf)` that build into the default graph and return a list of fetches (tensors or
operations). Each is built in a graph of its own and run twice in one session, after the initializers of its variables and tables; one
with `only_nodes = True` is only built. A function `prepare(tf)` of the module is called first in TensorFlow's process.

    theirs = tensorflow_results("tests.ops.random_programs", python, folder)     one TensorFlow process for the module
    ours = run_program(random_programs.program_uniform, graphflow)
    assert not node_differences(ours["nodes"], theirs["program_uniform"]["nodes"])
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
RUNS = 2


def run_programs(module: Any, tf: Any) -> dict[str, Any]:
    """{program: what `run_program` gives} of all programs of a module."""
    return {name: run_program(function, tf) for name, function in sorted(vars(module).items()) if name.startswith("program_")}


def run_program(function: Any, tf: Any) -> dict[str, Any]:
    """{'nodes': [[name, op, inputs, control inputs], ...], 'runs': [[array or None, ...], ...]}"""
    with tf.Graph().as_default() as graph:
        fetches = function(tf)
        nodes = [[op.name, op.type, [t.name for t in op.inputs], sorted(c.name for c in op.control_inputs)]
                 for op in graph.get_operations()]
        if getattr(function, "only_nodes", False):
            return {"nodes": nodes, "runs": []}
        variables = tf.global_variables() + tf.local_variables()
        with tf.Session(graph=graph) as session:
            if variables:
                session.run([v.initializer for v in variables])
            session.run(tf.get_collection(tf.GraphKeys.TABLE_INITIALIZERS))
            runs = [[None if value is None else np.asarray(value) for value in session.run(fetches)] for _ in range(RUNS)]
    return {"nodes": nodes, "runs": runs}


def tensorflow_results(module: str, python: str, folder: Path) -> dict[str, Any]:
    """What TensorFlow makes of the programs of a module, from one process of the interpreter `python`."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "TF_USE_LEGACY_KERAS": "1", "CUDA_VISIBLE_DEVICES": "-1",
                   "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    finished = subprocess.run([python, "-m", "tests.oracle.programs", module, str(folder)], cwd=ROOT, env=environment,
                              capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr[-4000:]
    results: dict[str, Any] = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    with np.load(folder / "values.npz", allow_pickle=False) as values:
        for result in results.values():
            result["runs"] = [[None if key is None else values[key] for key in run] for run in result["runs"]]
    return results


def write_results(module: str, folder: Path) -> None:
    """The TensorFlow side: results.json and values.npz in `folder`."""
    import tensorflow.compat.v1 as tf
    tf.disable_v2_behavior()
    tf.logging.set_verbosity(tf.logging.ERROR)
    programs = importlib.import_module(module)
    if hasattr(programs, "prepare"):
        programs.prepare(tf)
    results = run_programs(programs, tf)
    arrays: dict[str, np.ndarray] = {}
    for result in results.values():
        for run in result["runs"]:
            for i, value in enumerate(run):
                if value is not None:
                    key = f"a{len(arrays)}"
                    arrays[key], run[i] = value, key
    np.savez(folder / "values.npz", **arrays)
    (folder / "results.json").write_text(json.dumps(results), encoding="utf-8")


def node_differences(ours: list[Any], theirs: list[Any]) -> str:
    """'' when both node lists are equal, else the first places where they are not."""
    if ours == theirs:
        return ""
    lines = [f"{len(ours)} nodes, TensorFlow makes {len(theirs)}"]
    for i in range(max(len(ours), len(theirs))):
        a, b = (side[i] if i < len(side) else None for side in (ours, theirs))
        if a != b:
            lines.append(f"  {i}: {a}\n     TensorFlow: {b}")
    return "\n".join(lines[:9])


if __name__ == "__main__":
    write_results(sys.argv[1], Path(sys.argv[2]))
