"""Branches and loops have TensorFlow's nodes, values, static shapes and gradients."""
import numpy as np
import pytest

import graphflow as tf
from tests.ops.control_flow import library_programs, programs, random_programs
from tests.oracle.programs import node_differences, run_program, tensorflow_results

PROGRAMS = [name for name in sorted(vars(programs)) if name.startswith("program_")]


RANDOM = [name for name in sorted(vars(random_programs)) if name.startswith("program_")]


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
    for got, want in zip(ours["runs"], expected["runs"], strict=True):
        for a, b in zip(got, want, strict=True):
            assert (a.dtype, a.shape) == (b.dtype, b.shape)
            np.testing.assert_allclose(a, b, rtol=2e-5, atol=1e-6)
    assert not node_differences(_forward(ours["nodes"]), _forward(expected["nodes"]))


@pytest.mark.oracle
@pytest.mark.parametrize("name", RANDOM)
def test_random_programs_give_tensorflows_values(name, theirs_of_random):
    for got, want in zip(run_program(getattr(random_programs, name), tf)["runs"], theirs_of_random[name]["runs"], strict=True):
        for a, b in zip(got, want, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


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
