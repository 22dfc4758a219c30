"""tf.get_static_value: TensorFlow's narrow rule of what is known while building, whole or in parts."""
import numpy as np
import pytest

import graphflow as tf


@pytest.fixture(autouse=True)
def own_graph():
    with tf.Graph().as_default():
        yield


@pytest.mark.parametrize("value", ["hi", 3, [1, 2], None])
def test_what_is_no_tensor_is_its_own_value(value):
    assert tf.get_static_value(value) is value


def test_stacks_are_known_along_the_first_axis_only():
    c = tf.constant([1.0, 2.0])
    assert tf.get_static_value(tf.stack([c, c])).tolist() == [[1, 2], [1, 2]]
    assert tf.get_static_value(tf.stack([c, c], 1)) is None
    assert tf.get_static_value(tf.unstack(tf.constant([[1, 2], [3, 4]]), axis=1)[0]) is None
    assert tf.get_static_value(tf.broadcast_to(c, [2, 2])) is None


@pytest.mark.parametrize("wrap", [lambda x: x, tf.identity, tf.stop_gradient])
def test_known_parts_of_a_stack(wrap):
    p = tf.placeholder(tf.float64)
    found = tf.get_static_value(wrap(tf.stack([np.ones(1), p])), partial=True)
    assert found.dtype == object and found[0].tolist() == [1.0] and found[1] is None
    assert tf.get_static_value(wrap(tf.stack([np.ones(1), p]))) is None
    assert tf.get_static_value(tf.unstack(wrap(tf.stack([1.0, tf.placeholder(tf.float32, [])])))[0], partial=True) == 1.0
    assert tf.get_static_value(p, partial=True) is None
