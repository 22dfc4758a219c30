"""TensorFlow's side of the tests of gradients through imported graphs: programs of control flow v1 without gradients, and the values of
these.

    python -m tests.oracle.forward_side FOLDER MODULE...     FOLDER/graphs.npz, FOLDER/programs.json

The GraphDef is taken before TensorFlow adds gradients of the sum of all floating fetches by all floating feeds and variables, and once more
after it ("recorded"): its gradients may be taken again. TensorFlow 1.15 runs this, too.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from tests.oracle.exported_side import V1


class Forward(V1):
    """TensorFlow in which programs get no gradients."""

    def gradients(self, ys: Any, xs: Any, *args: Any, **kwargs: Any) -> Any:
        return [None] * (len(xs) if isinstance(xs, (list, tuple)) else 1)


def exported(tf: Any, function: Any) -> tuple[list[bytes], dict[str, Any], list[Any]]:
    """(GraphDefs without and with gradients, names, values of the gradients) of a program."""
    with tf.Graph().as_default() as graph:
        given = function(Forward(tf))
        fetches, feeds = given if isinstance(given, tuple) else (given, {})
        ys = [f for f in fetches if f.dtype.base_dtype.is_floating]
        variables = tf.global_variables()
        inputs = [op.outputs[0] for op in graph.get_operations() if op.type in ("Placeholder", "PlaceholderWithDefault")
                  and op.outputs[0].dtype.is_floating]
        graph_defs = [graph.as_graph_def().SerializeToString()]
        xs = [*inputs, *[v for v in variables if v.dtype.base_dtype.is_floating]]
        found = tf.gradients(ys, xs) if ys and xs else []
        dense = [tf.convert_to_tensor(g) for g in found if g is not None]
        graph_defs.append(graph.as_graph_def().SerializeToString())
        with tf.Session(graph=graph) as session:
            if variables:
                session.run([v.initializer for v in variables])
            values = [np.asarray(v) for v in session.run(dense, feeds)] if dense else []
        names = {"initializers": [v.initializer.name for v in variables], "ys": [y.name for y in ys],
                 "xs": [getattr(x, "handle", x).name for x in xs], "connected": [g is not None for g in found],
                 "feeds": {t.name: np.asarray(v).tolist() for t, v in feeds.items()}}
        return graph_defs, names, values


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
                graph_defs, names, values = exported(tf, function)
            except Exception as error:      # not to be had with control flow v1
                programs[name] = {"refused": f"{type(error).__name__}: {error}"[:300]}
                continue
            if not values:
                programs[name] = {"refused": "no gradients"}
                continue
            arrays.update({key: np.frombuffer(graph, np.uint8) for key, graph in zip((name, f"{name}/recorded"), graph_defs)})
            arrays.update({f"{name}/{i}": value for i, value in enumerate(values)})
            programs[name] = names
    np.savez_compressed(folder / "graphs.npz", **arrays)
    (folder / "programs.json").write_text(json.dumps(programs), encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]), sys.argv[2:])
