"""What is known of a part of a shape is known of what is computed from it; a run that feeds another number has its own."""
import numpy as np
import pytest

import graphflow as tf


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default():
        yield


def wide():
    x = tf.placeholder(tf.float32, [None, 4])
    return x, tf.shape(x)[1], tf.placeholder(tf.int32, [3])


@pytest.mark.parametrize(("made", "shape"), [
    (lambda x, n, i: tf.one_hot(i, n * 2), [3, 8]),
    (lambda x, n, i: tf.unsorted_segment_sum(x[:3], i, n), [4, 4]),
    (lambda x, n, i: tf.range(1, n, 2), [2]),
    (lambda x, n, i: x[:, :n - 1], [None, 3]),
    (lambda x, n, i: tf.pad(x, [[0, 0], [n, 0]]), [None, 8]),
    (lambda x, n, i: tf.concat([x, x], n - 3), [None, 8]),
    (lambda x, n, i: tf.reduce_sum(x, n - 3), [None]),
    (lambda x, n, i: tf.sort(x), [None, 4]),
    (lambda x, n, i: tf.zeros([n, tf.shape(x)[0]]), [4, None]),
])
def test_static_shapes_are_tensorflows(made, shape):
    assert made(*wide()).shape.as_list() == shape


def test_a_number_that_is_fed_is_the_runs():
    _, n, i = wide()
    hot, ones = tf.one_hot(i, n), tf.ones([n - 1])
    found = tf.Session().run([hot, ones], {n: 6, i: [0, 5, 1]})
    assert found[0].shape == (3, 6) and found[0][1, 5] == 1 and found[1].shape == (5,)


def test_python_code_sees_no_value_where_tensorflow_has_none():
    assert tf.get_static_value(wide()[1]) is None


def test_a_variable_of_another_shape_takes_values_of_that_shape():
    w, y = tf.Variable(np.zeros((4, 2), np.float32)), tf.placeholder(tf.float32)
    other, plain = tf.assign(w, y, validate_shape=False), tf.assign(w, y)
    with tf.Session() as session:
        session.run(w.initializer)
        session.run(other, {y: np.ones((2, 3))})
        np.testing.assert_array_equal(session.run(plain, {y: np.full((2, 3), 2.0)}), np.full((2, 3), 2.0))
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"lhs shape= \[2,3\] rhs shape= \[4,2\]") as told:
            session.run(plain, {y: np.ones((4, 2))})
        assert "float32 []" not in str(told.value)
        np.testing.assert_array_equal(session.run(w), np.full((2, 3), 2.0))


def test_complex_vectors_are_scaled_to_length_one():
    x = np.array([[3 + 4j, 0], [1j, 1]], np.complex64)
    y = tf.nn.l2_normalize(x, 1)
    np.testing.assert_allclose(tf.Session().run(y), x / np.linalg.norm(x, axis=1, keepdims=True), rtol=1e-6)
    assert [op.type for op in tf.get_default_graph().get_operations()][-5:] == ["Real", "Mul", "Imag", "Mul", "Complex"]
