"""Programs of TensorFlow 2 in graphflow.compat.v2, compared with TensorFlow."""
from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from tests.eager import programs

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """
import importlib, json
from tests.eager import programs
import {module} as tf
tables = map(importlib.import_module, {tables})
print("\\n" + json.dumps({{p.__name__: programs.plain(p(tf)) for table in tables for p in table.PROGRAMS}}))
"""


def answers(python: str, module: str, *tables: ModuleType) -> dict:
    """What the programs of modules give in a process of their own, by name."""
    script = SCRIPT.format(module=module, tables=[table.__name__ for table in tables])
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([python, "-c", script], capture_output=True, text=True, env=environment, cwd=ROOT, timeout=600)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def assert_equal(ours, theirs, where):
    if isinstance(theirs, list):
        assert len(ours) == len(theirs), where
        for i, (a, b) in enumerate(zip(ours, theirs, strict=True)):
            assert_equal(a, b, f"{where}[{i}]")
    elif isinstance(theirs, float):
        np.testing.assert_allclose(ours, theirs, rtol=2e-5, atol=1e-6, err_msg=where)
    else:
        assert ours == theirs, where


@pytest.fixture(scope="module")
def ours() -> dict:
    return answers(sys.executable, "graphflow.compat.v2", programs)


def test_the_line_is_found(ours):
    losses, w, b = ours["line"]
    assert losses[0] == pytest.approx(15.6666, rel=1e-4)
    assert losses[-1] < 0.3
    assert (w, b) == (pytest.approx(1.75, abs=0.15), pytest.approx(-0.25, abs=0.6))


def test_seeds_repeat(ours):
    assert ours["seeds"][0][0] == ours["seeds"][1][0]
    assert ours["seeds"][0][2] != ours["seeds"][0][3]


def test_functions_are_traced_once(ours):
    assert ours["functions"][:4] == [111, 8, 1, 120.0]


@pytest.mark.oracle
@pytest.mark.parametrize("name", [p.__name__ for p in programs.PROGRAMS])
def test_programs_give_what_tensorflow_gives(name, ours, theirs):
    assert_equal(ours[name], theirs[name], name)


@pytest.fixture(scope="module")
def theirs(tensorflow_python) -> dict:
    return answers(tensorflow_python, "tensorflow", programs)
