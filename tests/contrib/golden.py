"""What tf-slim on TensorFlow makes of the programs beside this file: tests/data/contrib/<module>.json.gz, values among it.

    python -m tests.contrib.golden layer_programs PYTHON     with a python that has tensorflow-cpu==2.21.*, tf_keras and tf-slim==1.1.0

Floating values are kept with 6 digits; arrays as lists with dtype and shape.
"""
import gzip
import importlib
import json
import sys
import tempfile
from pathlib import Path

import numpy as np

import graphflow as tf
from tests.oracle.programs import node_differences, run_program, tensorflow_results

FOLDER = Path(__file__).parents[1] / "data" / "contrib"


def write(name, python):
    """Runs the programs with tf-slim and keeps what they give."""
    with tempfile.TemporaryDirectory() as folder:
        results = tensorflow_results(f"tests.contrib.{name}", python, Path(folder))
    for result in results.values():
        result["runs"] = [[_packed(value) for value in run] for run in result["runs"]]
    FOLDER.mkdir(exist_ok=True)
    with gzip.GzipFile(FOLDER / f"{name}.json.gz", "wb", mtime=0) as file:
        file.write(json.dumps(results, separators=(",", ":")).encode())


def _packed(value):
    if value is None:
        return None
    if value.dtype == np.uint8:
        return {"text": bytes(value).decode()}
    if value.dtype == object or value.dtype.kind in "SU":
        return {"dtype": "object", "shape": value.shape, "values": []}     # summaries: their bytes are not compared
    values = [float(f"{v:.6g}") for v in value.ravel().tolist()] if value.dtype.kind == "f" else value.ravel().tolist()
    return {"dtype": value.dtype.name, "shape": value.shape, "values": values}


def read(name):
    """{program: {'nodes', 'runs'}} as tf-slim gave them."""
    with gzip.open(FOLDER / f"{name}.json.gz", "rb") as file:
        return json.loads(file.read())


def check(module, name, expected, nodes=True):
    """Asserts that a program gives the stored values, texts and nodes."""
    ours = run_program(getattr(importlib.import_module(f"tests.contrib.{module}"), name), tf)
    for got, want in zip(ours["runs"], expected["runs"], strict=True):
        for a, b in zip(got, want, strict=True):
            if a is None or b is None:
                assert a is None and b is None
            elif "text" in b:
                assert bytes(a).decode() == b["text"]
            else:
                assert (a.dtype.name, list(a.shape)) == (b["dtype"], b["shape"])
                if b["dtype"] != "object":
                    np.testing.assert_allclose(a.ravel(), np.array(b["values"], b["dtype"]), rtol=1e-4, atol=1e-5)
    if nodes:
        assert not node_differences(_forward(ours["nodes"]), _forward(expected["nodes"]))


def check_built(module, name, expected):
    """Asserts that a program makes the stored nodes and texts, without running what is large."""
    with tf.Graph().as_default() as graph:
        fetches = getattr(importlib.import_module(f"tests.contrib.{module}"), name)(tf)
        nodes = [[op.name, op.type, [t.name for t in op.inputs], sorted(c.name for c in op.control_inputs)]
                 for op in graph.get_operations()]
        for fetch, want in zip(fetches, expected["runs"][0], strict=True):
            assert bytes(tf.get_static_value(fetch)).decode() == want["text"]
    assert not node_differences(_forward(nodes), _forward(expected["nodes"]))


def _forward(nodes):
    """Nodes without gradients, and without the values inside a cond that TensorFlow hands out in case a gradient wants them."""
    return [node for node in nodes if not node[0].startswith("gradients") and "/cond/Identity_" not in node[0]]


if __name__ == "__main__":
    write(sys.argv[1], sys.argv[2])
