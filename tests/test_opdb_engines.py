"""Every engine on every row of the op database, against the numpy engine; an engine takes part once runtime.engines knows its name.

GRAPHFLOW_ENGINE=NAME runs all the other suites on an engine too.
"""

from __future__ import annotations

import importlib.util
import sys
import types

import pytest

import graphflow as tf
from graphflow.runtime import engines
from graphflow.runtime.engines import numpy_engine
from tests import opdb
from tests.opdb import _run

NEEDS = {"native": "llvmlite", "xla": "jax"}
CASES = [(*case, name) for name in engines.HOMES if name != "numpy" and importlib.util.find_spec(NEEDS[name]) for case in opdb.cases()]
MARKED = [case if case[2] != "xla" or i % 40 == 0 else pytest.param(case, marks=pytest.mark.slow)      # JAX compiles each for a while
          for i, case in enumerate(CASES)]


@pytest.fixture(autouse=True)
def no_files(monkeypatch):
    """No compiled code is kept."""
    monkeypatch.setenv("GRAPHFLOW_CACHE", "")


def assert_same(row, dtype, engine):
    """Each sample in a session of either engine."""
    for number, example in enumerate(row.cases(dtype)):
        built = _run.Built(row, example)
        found = built.run(tf.ConfigProto(engine=engine))
        wanted = built.run(tf.ConfigProto(engine="numpy"))
        for i, (ours, theirs) in enumerate(zip(found, wanted, strict=True)):
            assert ours.dtype == theirs.dtype
            _run.assert_close(ours, theirs, dtype, row.tolerance, f"{row.name} sample {number} output {i} on {engine}")


@pytest.mark.parametrize("case", MARKED, ids=[f"{case[2]}-{opdb.case_id(case)}" for case in CASES])
def test_engines_give_what_the_numpy_engine_gives(case):
    assert_same(*case)


class Wrong:
    """The numpy engine, but the first result of every plan is 1 too large."""

    def __getattr__(self, name):
        return getattr(numpy_engine.ENGINE, name)

    def compile(self, plan, binding, mark=None):
        return WrongProgram(numpy_engine.ENGINE.compile(plan, binding, mark))


class WrongProgram:
    def __init__(self, program):
        self.program, self.large = program, program.large

    def instance(self):
        right = self.program.instance()

        def run(*feeds):
            first, *rest = right(*feeds)
            return (first + 1, *rest)
        return run


def test_a_wrong_engine_is_found_out(monkeypatch):
    monkeypatch.setitem(engines.HOMES, "wrong", "an_engine_of_a_test")
    monkeypatch.setitem(sys.modules, "an_engine_of_a_test", types.SimpleNamespace(ENGINE=Wrong()))
    row = next(r for r in opdb.load() if r.name == "nn.relu")
    with pytest.raises(AssertionError, match="on wrong"):
        assert_same(row, "float32", "wrong")
    assert_same(row, "float32", "numpy")
