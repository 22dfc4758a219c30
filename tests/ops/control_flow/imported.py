"""Runs programs that TensorFlow exported with its control flow v1 (tests.oracle.exported_side) and compares their values."""
from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import numpy as np

import graphflow as tf

ROOT = Path(__file__).resolve().parents[3]


def read(folder):
    """({program: its names}, {program: GraphDef bytes; "program/run/fetch": value})"""
    programs = json.loads((folder / "programs.json").read_text(encoding="utf-8"))
    with np.load(folder / "graphs.npz", allow_pickle=False) as arrays:
        return programs, dict(arrays)


def from_tensorflow(python, folder, *modules, side="exported_side"):
    """What TensorFlow makes of the programs of some modules, from one process of the interpreter `python`."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "TF_USE_LEGACY_KERAS": "1", "CUDA_VISIBLE_DEVICES": "-1",
                   "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    finished = subprocess.run([python, "-m", f"tests.oracle.{side}", str(folder), *modules], cwd=ROOT, env=environment,
                              capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr[-4000:]
    return read(folder)


def imported(arrays, name):
    """The graph of a program, as the default graph's nodes."""
    graph_def = tf.GraphDef()
    graph_def.ParseFromString(arrays[name].tobytes())
    tf.import_graph_def(graph_def, name="")


def check(programs, arrays, name, rtol=2e-5, atol=1e-6):
    """Holds the values of both runs of a program against TensorFlow's."""
    names = programs[name]
    with tf.Graph().as_default(), tf.Session() as session:
        imported(arrays, name)
        if names["initializers"]:
            session.run(names["initializers"])
        runs = sorted({int(key.split("/")[1]) for key in arrays if key.startswith(name + "/")})
        assert runs
        for r in runs:
            for i, got in enumerate(session.run(names["fetches"], names["feeds"])):
                want = arrays.get(f"{name}/{r}/{i}")
                if want is None:
                    continue
                got = np.asarray(got)
                got = got.astype(bytes) if got.dtype == object else got
                assert (got.dtype, got.shape) == (want.dtype, want.shape), names["fetches"][i]
                if want.dtype.kind in "fc":
                    np.testing.assert_allclose(got, want, rtol=rtol, atol=atol, err_msg=names["fetches"][i])
                else:
                    np.testing.assert_array_equal(got, want, err_msg=names["fetches"][i])
