"""Branches and loops have TensorFlow's nodes, values, static shapes and gradients; on the native engine its values too.

The oracle suite runs a sixth of the programs on the native engine, and all of them where GRAPHFLOW_CONTROL_FLOW_SEEDS is set
(`tools/check --full` does).
"""
import importlib.util
import os

import numpy as np
import pytest

import graphflow as tf
from tests.ops.control_flow import library_programs, programs, random_programs
from tests.oracle.programs import node_differences, run_program, tensorflow_results

PROGRAMS = [name for name in sorted(vars(programs)) if name.startswith("program_")]
RANDOM = [name for name in sorted(vars(random_programs)) if name.startswith("program_")]
SOME = slice(None, None, None if "GRAPHFLOW_CONTROL_FLOW_SEEDS" in os.environ else 6)
needs_llvm = pytest.mark.skipif(importlib.util.find_spec("llvmlite") is None, reason="the native engine needs llvmlite (extra jit)")


@pytest.fixture
def native(monkeypatch):
    monkeypatch.setenv("GRAPHFLOW_ENGINE", "native")


@pytest.fixture(scope="module")
def theirs(tensorflow_python, tmp_path_factory):
    return tensorflow_results(programs.__name__, tensorflow_python, tmp_path_factory.mktemp("control_flow"))


@pytest.fixture(scope="module")
def theirs_of_random(tensorflow_python, tmp_path_factory):
    return tensorflow_results(random_programs.__name__, tensorflow_python, tmp_path_factory.mktemp("random_control_flow"))


def test_there_are_enough_programs():
    assert len(PROGRAMS) >= 150


@pytest.mark.oracle
@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_give_tensorflows_nodes_and_values(name, theirs):
    ours, expected = run_program(getattr(programs, name), tf), theirs[name]
    check_values(ours["runs"], expected["runs"])
    assert not node_differences(_forward(ours["nodes"]), _forward(expected["nodes"]))


@needs_llvm
@pytest.mark.oracle
@pytest.mark.parametrize("name", PROGRAMS[SOME])
def test_programs_give_tensorflows_values_on_the_native_engine(name, theirs, native):
    check_values(run_program(getattr(programs, name), tf)["runs"], theirs[name]["runs"])


@pytest.mark.oracle
@pytest.mark.parametrize("name", RANDOM)
def test_random_programs_give_tensorflows_values(name, theirs_of_random):
    check_values(run_program(getattr(random_programs, name), tf)["runs"], theirs_of_random[name]["runs"], 1e-9, 1e-12)


@needs_llvm
@pytest.mark.oracle
@pytest.mark.parametrize("name", RANDOM[SOME])
def test_random_programs_give_tensorflows_values_on_the_native_engine(name, theirs_of_random, native):
    check_values(run_program(getattr(random_programs, name), tf)["runs"], theirs_of_random[name]["runs"], 1e-9, 1e-12)


def check_values(ours, theirs, rtol=2e-5, atol=1e-6):
    """What both runs of a program gave, dtypes and shapes too."""
    for got, want in zip(ours, theirs, strict=True):
        for a, b in zip(got, want, strict=True):
            assert (a.dtype, a.shape) == (b.dtype, b.shape)
            np.testing.assert_allclose(a, b, rtol=rtol, atol=atol)


LIBRARY = [name for name in sorted(vars(library_programs)) if name.startswith("program_")]


@pytest.fixture(scope="module")
def theirs_of_library(tensorflow_python, tmp_path_factory):
    return tensorflow_results(library_programs.__name__, tensorflow_python, tmp_path_factory.mktemp("library_control_flow"))


@pytest.mark.oracle
@pytest.mark.parametrize("name", LIBRARY)
def test_functions_of_the_library_make_tensorflows_branches_and_loops(name, theirs_of_library):
    ours, expected = run_program(getattr(library_programs, name), tf), theirs_of_library[name]
    for got, want in zip(ours["runs"], expected["runs"], strict=True):
        for a, b in zip(got, want, strict=True):
            assert (a.dtype, a.shape) == (b.dtype, b.shape)
            np.testing.assert_allclose(a, b, rtol=1e-6)
    if name != "program_losses_with_regularizers":      # TensorFlow 2 calls a regularizer again, outside of its scope; TensorFlow 1 did not
        assert not node_differences(_forward(ours["nodes"]), _forward(expected["nodes"]))


def _forward(nodes):
    """The nodes that are no gradients, without what gradients add to loops: which values those keep is the library's own choice."""
    return [[name, kind, [t for t in inputs if not t.startswith("gradients")], controls] for name, kind, inputs, controls in nodes
            if not name.startswith("gradients")]
