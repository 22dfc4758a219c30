"""TensorArray.grad: arrays of gradients, in which writes add up. Values are those of TensorFlow 1.15."""
import numpy as np
import pytest

import graphflow as tf


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as made:
        yield made


def run(fetches, feeds=None):
    with tf.Session() as session:
        return session.run(fetches, feeds)


def array(size=3, shape=(), **kwargs):
    return tf.TensorArray(tf.float32, size, element_shape=shape, **kwargs)


def test_writes_to_one_element_add_up():
    forward = array().write(0, 1.0)
    gradient = forward.grad("mine").write(0, 2.0).write(0, 3.0)
    assert run([gradient.read(0), forward.read(0)]) == [5.0, 1.0]


def test_what_was_not_written_is_zeros():
    gradient = array(shape=[2]).write(0, [1.0, 2.0]).grad("mine").write(1, [2.0, 3.0])
    assert run(gradient.stack()).tolist() == [[0, 0], [2, 3], [0, 0]]


def test_arrays_of_one_name_are_one_and_those_of_others_are_not():
    forward = array()
    a, b, c = (forward.grad(name) for name in ("one", "one", "other"))
    with tf.control_dependencies([a.write(0, 2.0).flow]):
        assert run([b.read(0), c.read(0)]) == [2.0, 0.0]


def test_rows_parts_and_gathered_elements():
    forward = array(shape=[2]).unstack(tf.reshape(tf.range(6.0), [3, 2]))
    gradient = forward.grad("mine").scatter([0, 2], tf.ones([2, 2])).write(0, [5.0, 5.0]).unstack(tf.fill([3, 2], 0.5))
    assert run(gradient.gather([2, 0])).tolist() == [[1.5, 1.5], [6.5, 6.5]]
    parts = tf.TensorArray(tf.float32, 2, infer_shape=False).split([1.0, 2.0, 3.0], [1, 2]).grad("mine").split([5.0, 6.0, 7.0], [1, 2])
    assert run(parts.concat()).tolist() == [5, 6, 7]


def test_an_array_that_grew_has_gradients_of_its_size():
    gradient = array(2, dynamic_size=True).write(4, 1.0).grad("mine")
    assert run([gradient.size(), gradient.write(4, 2.0).read(4)]) == [5, 2.0]


def test_an_array_of_gradients_is_a_loop_variable_and_written_in_a_branch():
    x, p = tf.placeholder_with_default(np.float32([1, 2, 3]), [3]), tf.placeholder_with_default(True, [])
    gradient = array().unstack(x).grad("mine")
    looped = tf.while_loop(lambda i, g: i < 4, lambda i, g: (i + 1, g.write(i % 3, x[i % 3] * tf.cast(i, tf.float32))), [0, gradient])[1]
    taken = tf.cond(p, lambda: looped.write(0, 4.0).flow, lambda: looped.flow)
    with tf.control_dependencies([taken]):
        total = gradient.stack()
    assert run(total).tolist() == [7, 2, 6]
    assert run(total, {p: False}).tolist() == [3, 2, 6]


def test_its_elements_have_gradients():
    x = tf.placeholder_with_default(np.float32(3), [])
    gradient = array(2, clear_after_read=False).write(0, x).grad("mine").write(0, x * x).write(1, x)
    y = gradient.read(0) + gradient.read(1)
    assert run([y, tf.gradients(y, x)[0]]) == [12.0, 7.0]


@pytest.mark.parametrize(("use", "error", "text"), [
    (lambda g: g.write(2, 1.0).read(2), tf.errors.InvalidArgumentError, "Tried to write to index 2 but array is not resizeable"),
    (lambda g: g.write(1, tf.constant(1)).read(1), ValueError, "TensorArray dtype is float32 but Op is trying to write dtype int32"),
    (lambda g: g.write(1, [1.0]).read(1), ValueError, "Inconsistent shapes"),
    (lambda g: g.grad(None), TypeError, "Expected string for argument 'source'"),
])
def test_what_does_not_fit_is_refused(use, error, text):
    with pytest.raises(error, match=text):
        run(use(array(2).write(0, 1.0).grad("mine")))


def test_the_arrays_of_tf_gradients_are_refused():
    with pytest.raises(NotImplementedError, match=r"grad\('gradients'\): tf.gradients keeps no array of that name"):
        array().grad("gradients")
    with pytest.raises(NotImplementedError, match="raw_ops.TensorArrayReadV3"):
        tf.TensorArray(tf.float32, handle=tf.raw_ops.TensorArrayV3(size=1, dtype=tf.float32)[0], flow=tf.constant(0.0))


def test_an_array_of_gradients_made_in_a_body_stays_there():
    forward = array().write(0, 1.0)
    y = tf.cond(tf.placeholder_with_default(True, []), lambda: forward.grad("mine").write(0, 2.0).read(0), lambda: 0.0)
    assert run(y) == 2.0
    with pytest.raises(NotImplementedError, match="first called in the body"):
        forward.grad("mine")
