"""nn.max_pool_v2, avg_pool_v2 and conv_transpose: TensorFlow's values, and what is refused."""
import numpy as np
import pytest

import graphflow as tf
from tests.ops import any_rank_programs
from tests.oracle.programs import run_program, tensorflow_results

PROGRAMS = sorted(name for name in vars(any_rank_programs) if name.startswith("program_"))


@pytest.fixture(scope="module")
def theirs(tensorflow_python, tmp_path_factory):
    return tensorflow_results(any_rank_programs.__name__, tensorflow_python, tmp_path_factory.mktemp("any_rank"))


@pytest.mark.oracle
@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_give_tensorflows_values(name, theirs):
    ours = run_program(getattr(any_rank_programs, name), tf)["runs"][0]
    for a, b in zip(ours, theirs[name]["runs"][0], strict=True):
        assert a.shape == b.shape
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5)


@pytest.fixture(autouse=True)
def own_graph():
    with tf.Graph().as_default():
        yield


def test_the_rank_may_come_from_the_format():
    x = tf.placeholder(tf.float32)
    assert tf.nn.max_pool_v2(x, 2, 2, "SAME", "NHWC").op.type == "MaxPool"
    assert tf.nn.avg_pool_v2(x, 2, 2, "SAME", "NDHWC").op.type == "AvgPool3D"
    with pytest.raises(ValueError, match="rank must be 3, 4 or 5"):
        tf.nn.max_pool_v2(x, 2, 2, "SAME")
    with pytest.raises(ValueError, match="rank must be 3, 4 or 5"):
        tf.nn.avg_pool_v2(tf.ones([2, 3]), 2, 2, "SAME")


def test_gradients_for_the_shape_of_a_tensor():
    rand = np.random.default_rng(0)
    x, w, dy = (rand.standard_normal(shape).astype(np.float32) for shape in ((1, 5, 5, 2), (3, 3, 2, 4), (1, 6, 6, 4)))
    pairs = [[0, 0], [1, 2], [2, 1], [0, 0]]
    flat = [n for pair in pairs for n in pair]
    with tf.Session() as session:
        for new, old, first in ((tf.conv2d_backprop_input_v2, tf.nn.conv2d_backprop_input, (list(x.shape), w)),
                                (tf.conv2d_backprop_filter_v2, tf.nn.conv2d_backprop_filter, (x, list(w.shape)))):
            a, b = session.run([new(x, w, dy, [1, 1, 1, 1], "EXPLICIT", explicit_paddings=flat), old(*first, dy, [1, 1, 1, 1], pairs)])
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(("shape", "words"), [(3, "must be a tensor or sized collection"), ([1, 2], "must be of length 3, 4 or 5"),
                                              ([1] * 6, "must be of length 3, 4 or 5")])
def test_refused(shape, words):
    with pytest.raises(ValueError, match=words):
        tf.nn.conv_transpose(tf.ones([1, 2, 3]), tf.ones([1, 2, 3]), shape, 1)
