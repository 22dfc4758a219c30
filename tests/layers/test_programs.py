"""Programs of tf.layers make TensorFlow's nodes, variables and collections, and train as there."""
import numpy as np
import pytest

import graphflow as tf
from tests.layers import programs
from tests.oracle.programs import node_differences, run_program, tensorflow_results

PROGRAMS = [name for name in sorted(vars(programs)) if name.startswith("program_")]


@pytest.fixture(scope="module")
def theirs(tensorflow_python, tmp_path_factory):
    return tensorflow_results(programs.__name__, tensorflow_python, tmp_path_factory.mktemp("layers"))


@pytest.mark.oracle
@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_give_tensorflows_nodes_and_values(name, theirs):
    ours, expected = run_program(getattr(programs, name), tf), theirs[name]
    for got, want in zip(ours["runs"], expected["runs"], strict=True):
        for a, b in zip(got, want, strict=True):
            if a is None or a.dtype == np.uint8:     # an operation, or the text of the collections
                assert (a if a is None else bytes(a)) == (b if b is None else bytes(b))
                continue
            assert (a.dtype, a.shape) == (b.dtype, b.shape)
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)
    assert not node_differences(_forward(ours["nodes"]), _forward(expected["nodes"]))


def _forward(nodes):
    """Nodes without gradients, and without the values inside a cond that TensorFlow hands out in case a gradient wants them."""
    return [node for node in nodes if not node[0].startswith("gradients") and "/cond/Identity_" not in node[0]]
