"""Recurrent programs give TensorFlow's values, states, gradients and variables; cells also its nodes."""
import numpy as np
import pytest

import graphflow as tf
from tests.oracle.programs import node_differences, run_program, tensorflow_results
from tests.rnn import programs

PROGRAMS = [name for name in sorted(vars(programs)) if name.startswith("program_")]
NODES = ("program_cells", "program_stacks", "program_dropout")


@pytest.fixture(scope="module")
def theirs(tensorflow_python, tmp_path_factory):
    return tensorflow_results(programs.__name__, tensorflow_python, tmp_path_factory.mktemp("rnn"))


@pytest.mark.oracle
@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_give_tensorflows_values_and_variables(name, theirs):
    ours, expected = run_program(getattr(programs, name), tf), theirs[name]
    for got, want in zip(ours["runs"], expected["runs"], strict=True):
        for a, b in zip(got, want, strict=True):
            if a is None or a.dtype == np.uint8:     # an operation, or the names of the variables
                assert (a if a is None else bytes(a)) == (b if b is None else bytes(b))
                continue
            assert (a.dtype, a.shape) == (b.dtype, b.shape)
            np.testing.assert_allclose(a, b, rtol=2e-4, atol=1e-5)
    if name in NODES:
        forward = [[node for node in side["nodes"] if "gradients" not in node[0]] for side in (ours, expected)]
        assert not node_differences(*forward)
