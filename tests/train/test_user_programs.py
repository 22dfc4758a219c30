"""Training programs as TF1's users wrote them give TensorFlow's nodes and values."""
import numpy as np
import pytest

import graphflow as tf
from tests.oracle.programs import node_differences, run_program, tensorflow_results
from tests.train import user_programs

PROGRAMS = [name for name in sorted(vars(user_programs)) if name.startswith("program_")]


@pytest.fixture(scope="module")
def theirs(tensorflow_python, tmp_path_factory):
    return tensorflow_results(user_programs.__name__, tensorflow_python, tmp_path_factory.mktemp("users"))


@pytest.mark.oracle
@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_give_tensorflows_nodes_and_values(name, theirs):
    ours, expected = run_program(getattr(user_programs, name), tf), theirs[name]
    if not name.endswith("_values"):
        assert not node_differences(ours["nodes"], expected["nodes"])
    for got, want in zip(ours["runs"], expected["runs"], strict=True):
        for a, b in zip(got, want, strict=True):
            assert (a is None) == (b is None)
            if a is not None:
                assert (a.dtype, a.shape) == (b.dtype, b.shape)
                np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default():
        yield


def started():
    session = tf.Session()
    session.run(tf.global_variables_initializer())
    return session


def test_averages_follow_the_values_that_training_wrote():
    w = tf.Variable([1.0, 2.0])
    step = tf.train.GradientDescentOptimizer(1.0).minimize(tf.reduce_sum(w * w))
    ema = tf.train.ExponentialMovingAverage(0.5)
    with tf.control_dependencies([step]):
        update = ema.apply([w])
    session = started()
    session.run(update)
    assert session.run(w).tolist() == [-1, -2]
    assert session.run(ema.average(w)).tolist() == [0, 0]     # (1 + -1) / 2, (2 + -2) / 2


def test_averages_start_from_initialized_variables():
    w = tf.Variable(tf.ones([2]) * 3.0)
    v = tf.Variable(w.initialized_value() * 2.0)
    ema = tf.train.ExponentialMovingAverage(0.5)
    ema.apply()
    session = started()
    assert session.run([ema.average(w), ema.average(v)])[0].tolist() == [3, 3]
    assert session.run(ema.average(v)).tolist() == [6, 6]
    assert ema.average_name(w) == "Variable/ExponentialMovingAverage"
    assert tf.moving_average_variables() == [w, v]


def test_slots_lie_in_the_scope_around_minimize():
    w = tf.Variable([1.0], name="w")
    with tf.variable_scope("train"):
        optimizer = tf.train.AdamOptimizer()
        optimizer.minimize(tf.reduce_sum(w))
    assert optimizer.get_slot(w, "m").op.name == "train/w/Adam"
    assert optimizer.get_slot(w, "v").op.name == "train/w/Adam_1"


def test_slots_under_a_scope_that_reuses_are_refused():
    with tf.variable_scope("net"):
        w = tf.get_variable("w", [1])
    with tf.variable_scope("net", reuse=True), \
            pytest.raises(ValueError, match=r"Variable net/net/w/Adam/ does not exist, or was not created with tf.get_variable\(\)"):
        tf.train.AdamOptimizer().minimize(tf.reduce_sum(w))


def test_safe_lookup_gives_zeros_for_rows_without_ids():
    ids = tf.SparseTensor([[0, 0], [2, 0], [2, 1]], tf.constant([1, 0, -1], tf.int64), [3, 2])
    found = tf.nn.safe_embedding_lookup_sparse(tf.constant([[1.0, 2.0], [3.0, 4.0]]), ids, combiner="sum")
    assert tf.Session().run(found).tolist() == [[3, 4], [0, 0], [1, 2]]


def test_iterating_over_a_tensor_is_refused():
    with pytest.raises(TypeError, match="'Tensor' object is not iterable.*tf.unstack"):
        _, _ = tf.zeros([2])


def test_unknown_sizes_print_as_question_marks():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    assert (str(x), repr(x)) == ('Tensor("x:0", shape=(?, 3), dtype=float32)', "<tf.Tensor 'x:0' shape=(?, 3) dtype=float32>")


def test_gradients_that_tensorflow_lacks_are_refused():
    x = tf.constant([1.0, 2.0])
    for y in (tf.truncatemod(x, 2.0), tf.unique(x)[0], tf.setdiff1d(x, [1.0])[0]):
        with pytest.raises(LookupError, match="No gradient defined for operation"):
            tf.gradients(y, x)


def test_shapes_of_tensors_in_lists_of_sizes():
    x = tf.placeholder(tf.float32, [None, 28, 28])
    sizes = x.get_shape()
    assert tf.reshape(x, [-1, sizes[1] * sizes[2]]).shape.as_list() == [None, 784]
    assert tf.zeros([sizes[1], 2]).shape.as_list() == [28, 2]
    assert tf.Session().run(tf.constant([[1, sizes[1]], [sizes[2], 2]])).tolist() == [[1, 28], [28, 2]]
    with pytest.raises(ValueError, match="unknown Dimension.*tf.shape"):
        tf.reshape(x, [sizes[0], 784])


def test_gradients_of_unknown_batches_keep_the_sizes_that_are_known():
    x = tf.placeholder(tf.float32, [None, 8, 8, 1])
    y = tf.nn.conv2d(x, tf.zeros([3, 3, 1, 2]), [1, 2, 2, 1], "SAME")
    joined = tf.concat([x, x * 2.0], 3)
    assert tf.gradients(y, x)[0].shape.as_list() == [None, 8, 8, 1]
    assert tf.gradients(joined, x)[0].shape.as_list() == [None, 8, 8, 1]
