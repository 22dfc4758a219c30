"""Sizes that no machine can serve, and windows far wider than their input: an error, or the right value, at once."""

import numpy as np
import pytest

import graphflow as tf

IMAGE = np.arange(16, dtype=np.float32).reshape(1, 4, 4, 1)
HUGE = 2**31 - 1
REFUSED = {
    "fill": lambda sizes: tf.fill(sizes, 1.0), "random": lambda sizes: tf.random_uniform(sizes), "zeros": lambda sizes: tf.zeros(sizes),
    "broadcast_to": lambda sizes: tf.broadcast_to(1.0, sizes), "one_hot": lambda sizes: tf.one_hot(tf.zeros(sizes, tf.int32), 2**20),
    "scatter_nd": lambda sizes: tf.scatter_nd(tf.constant([[0]], tf.int64), [1.0], sizes[:1] * 2**20),
    "eye": lambda sizes: tf.eye(sizes[0]),
    "pad": lambda sizes: tf.pad(tf.ones([1]), [[sizes[0], HUGE * 2**12]]), "tile": lambda sizes: tf.tile(tf.ones([1, 1]), sizes),
    "segment_sum": lambda sizes: tf.unsorted_segment_sum(tf.ones([2, 2]), [0, 1], sizes[0] * 2**20),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_more_elements_than_any_machine_holds_are_refused(name):
    sizes = tf.placeholder(tf.int64, [2])
    with tf.Session() as session, pytest.raises((tf.errors.ResourceExhaustedError, tf.errors.InvalidArgumentError)):
        session.run(REFUSED[name](sizes), {sizes: [HUGE, HUGE]})


@pytest.mark.parametrize("size", [9, 10**6, HUGE])
@pytest.mark.parametrize("pool, reduce", [(tf.nn.max_pool, np.max), (tf.nn.avg_pool, np.mean)])
def test_a_window_wider_than_its_image_sees_all_of_it(pool, reduce, size):
    x = tf.placeholder(tf.float32, [1, None, None, 1])
    y = pool(x, [1, size, size, 1], [1, 1, 1, 1], "SAME")
    with tf.Session() as session:
        value, slope = session.run([y, tf.gradients(y, x)[0]], {x: IMAGE})
    np.testing.assert_allclose(value, np.full(IMAGE.shape, reduce(IMAGE)))
    assert slope.sum() == pytest.approx(16)


@pytest.mark.parametrize("far", [9, 10**6, HUGE])
def test_far_taps_of_a_dilated_convolution_meet_padding_only(far):
    x = tf.placeholder(tf.float32, [1, None, None, 1])
    w = tf.constant(np.arange(1.0, 10.0, dtype=np.float32).reshape(3, 3, 1, 1))
    y = tf.nn.conv2d(x, w, strides=1, padding="SAME", dilations=[1, far, far, 1])
    with tf.Session() as session:
        value, dx, dw = session.run([y, *tf.gradients(y, [x, w])], {x: IMAGE})
    np.testing.assert_array_equal(value, 5 * IMAGE)
    np.testing.assert_array_equal(dx, np.full(IMAGE.shape, 5))
    assert dw[1, 1, 0, 0] == IMAGE.sum() and np.count_nonzero(dw) == 1


@pytest.mark.parametrize("limit", [float("inf"), float("nan")])
def test_a_range_without_end_is_refused(limit):
    with pytest.raises(ValueError, match="Requires"):
        tf.range(0.0, limit, 1.0)
    end = tf.placeholder(tf.float32, [])
    with tf.Session() as session, pytest.raises(tf.errors.InvalidArgumentError, match="Requires"):
        session.run(tf.range(0.0, end, 1.0), {end: limit})


def test_an_empty_shape_beside_sizes_that_numpy_cannot_hold_is_refused():
    x, shape = tf.placeholder(tf.float32, [None]), tf.placeholder(tf.int64, [3])
    with tf.Session() as session, pytest.raises(tf.errors.InvalidArgumentError, match="too large"):
        session.run(tf.reshape(x, shape), {x: [], shape: [2**40, 2**40, 0]})
