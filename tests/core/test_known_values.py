"""What inference may fold: constants and static shapes, never the default of a placeholder. Right values are TensorFlow's."""

import numpy as np
import pytest

import graphflow as tf


def size(default=3):
    return tf.placeholder_with_default(default, [])


STATIC = {
    "zeros": (lambda n: tf.zeros([n]), (None,)),
    "ones": (lambda n: tf.ones([n, 2]), (None, 2)),
    "fill": (lambda n: tf.fill([n, 2], 1.0), (None, 2)),
    "range": (tf.range, (None,)),
    "linspace": (lambda n: tf.linspace(0.0, 1.0, n), (None,)),
    "one_hot": (lambda n: tf.one_hot([0, 1], n), (2, None)),
    "tile": (lambda n: tf.tile([1], [n]), (None,)),
    "eye": (tf.eye, (None, None)),
    "reshape": (lambda n: tf.reshape(tf.range(n * 2), [n, 2]), (None, 2)),
    "slice": (lambda n: tf.slice(np.arange(9), [0], [n]), (None,)),
    "strided slice": (lambda n: tf.range(9)[:n], (None,)),
    "top_k": (lambda n: tf.nn.top_k(np.arange(9.0), n)[0], (None,)),
    "random": (lambda n: tf.random_uniform([n], seed=1), (None,)),
    "sequence_mask": (lambda n: tf.sequence_mask([1, 2], n), (2, None)),
    "arithmetic": (lambda n: tf.zeros([tf.cast(n, tf.int64) * 2 - tf.cast(n, tf.int64)]), (None,)),
    "resize": (lambda n: tf.image.resize_bilinear(np.ones((1, 2, 2, 1), np.float32), tf.stack([n, 2]))[0, :, 0, 0], (None,)),
    "broadcast_to": (lambda n: tf.broadcast_to(1.0, [n]), (None,)),
}


@pytest.mark.parametrize("name", STATIC)
def test_the_default_of_a_placeholder_is_no_constant(name):
    build, static = STATIC[name]
    n = size()
    out = build(n)
    assert tuple(out.shape.as_list()) == static
    with tf.Session() as session:
        for fed in (3, 5, 1):
            assert session.run(out, {n: fed}).shape == tuple(fed if d is None else d for d in static)


def test_a_batch_size_with_a_default_gives_right_gradients_and_losses():
    n = size()
    w = tf.constant([[1.0, 2.0]])
    tiled = tf.ones([n, 1]) * w
    loss = tf.losses.mean_squared_error(tf.ones([n, 2]), tf.zeros([n, 2]))
    of_sum, of_mean = tf.gradients(tiled, w)[0], tf.gradients(tf.reduce_mean(tiled), w)[0]
    with tf.Session() as session:
        for fed in (1, 3, 6):
            found = session.run([of_sum, of_mean, loss], {n: fed})
            assert found[0].tolist() == [[fed, fed]]
            np.testing.assert_allclose(found[1], [[0.5, 0.5]])
            assert found[2] == 1.0


def test_static_operations_do_not_refuse_another_default():
    n = size()
    assert tf.matmul(tf.ones([2, n]), tf.placeholder(tf.float32, [5, 4])).shape.as_list() == [2, 4]


def test_tensors_between_are_fed_like_any_other():
    """A constant's value shapes what is built, as in TensorFlow; a run takes what is fed in its place."""
    c = tf.constant(2)
    filled, picked = tf.fill([c + 1], 7.0), tf.reduce_sum(np.arange(6.0).reshape(2, 3), axis=tf.constant(1, name="axis"))
    assert filled.shape.as_list() == [3]
    with tf.Session() as session:
        assert session.run(filled, {c: 4}).tolist() == [7.0] * 5
        assert session.run(picked, {"axis:0": 0}).tolist() == [3.0, 5.0, 7.0]
