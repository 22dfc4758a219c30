"""Runs the programs beside this file in graphflow and compares with what TensorFlow 1.15 made of them (tests/estimator/tf1_side.py)."""
import gzip
import importlib
import json
from pathlib import Path

import numpy as np

import graphflow as tf

from . import tf1_side


def stored(module):
    """{program: what TensorFlow 1.15 gave}."""
    with gzip.open(Path(tf1_side.DATA) / f"{module}.json.gz", "rb") as file:
        return json.loads(file.read())


def names(module):
    """The programs of a module."""
    programs = importlib.import_module(f"tests.estimator.{module}")
    return sorted(key for key in vars(programs) if key.startswith("program_"))


def start_from(initial, folder):
    """Writes a checkpoint of step 0 into a folder."""
    with tf.Graph().as_default(), tf.Session() as session:
        variables = {name: tf.Variable(array(value)) for name, value in initial.items()}
        session.run([v.initializer for v in variables.values()])
        tf.train.Saver(variables, max_to_keep=None).save(session, str(folder / "model.ckpt"), global_step=0, write_meta_graph=False)


def array(value):
    if value["dtype"] == "object":
        return np.array([str(item).encode() for item in value["values"]], object).reshape(value["shape"])
    return np.array(value["values"], value["dtype"]).reshape(value["shape"])


def check(module, name, folder, rtol=2e-4, atol=2e-5):
    """Asserts that a program, started from the same numbers, leaves the same variables, files and summaries and returns the same."""
    theirs = stored(module)[name]
    function = getattr(importlib.import_module(f"tests.estimator.{module}"), name)
    if "initial" in theirs:
        start_from(theirs["initial"], folder)
    ours = json.loads(json.dumps(tf1_side.packed(tf1_side.run(function, tf, str(folder)))))
    assert sorted(ours["variables"]) == sorted(theirs["variables"])
    for part in ("variables", "returned"):
        _same(ours[part], theirs[part], part, rtol, atol)
    assert ours["signatures"] == theirs["signatures"]
    assert ours["tags"] == theirs["tags"]
    assert ours["files"] == theirs["files"]


def _same(ours, theirs, where, rtol, atol):
    if isinstance(theirs, dict) and "dtype" in theirs:
        assert ours["dtype"] == theirs["dtype"], where
        assert ours["shape"] == theirs["shape"], where
        a, b = array(ours), array(theirs)
        if a.dtype == object:
            assert a.tolist() == b.tolist(), where
        else:
            np.testing.assert_allclose(a, b, rtol=rtol, atol=atol, err_msg=where)
    elif isinstance(theirs, dict):
        assert sorted(ours) == sorted(theirs), where
        for key, value in theirs.items():
            _same(ours[key], value, f"{where}[{key}]", rtol, atol)
    elif isinstance(theirs, list):
        assert len(ours) == len(theirs), where
        for i, value in enumerate(theirs):
            _same(ours[i], value, f"{where}[{i}]", rtol, atol)
    elif isinstance(theirs, float):
        np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=atol, err_msg=where)
    else:
        assert ours == theirs, where
