"""NaN, infinities, signed zeros, tails and the ends of integer ranges: what TensorFlow gives, with fed and with known inputs."""
from __future__ import annotations

import numpy as np
import pytest

import graphflow as tf

NAN, INF = np.nan, np.inf


def both_ways(function, *arrays):
    """The result for fed arrays, which constants must give too."""
    with tf.Graph().as_default(), tf.Session() as session:
        fed = [tf.placeholder(a.dtype, [None] * a.ndim) for a in arrays]
        found = session.run(function(*fed), dict(zip(fed, arrays)))
        known = session.run(function(*[tf.constant(a) for a in arrays]))
    if found.dtype.kind != "f":
        np.testing.assert_array_equal(found, known)
        return found
    np.testing.assert_allclose(found, known, rtol=4 * np.finfo(found.dtype).eps)     # what is known is numpy's, on every engine
    there = ~np.isnan(found)
    np.testing.assert_array_equal(np.signbit(found[there]), np.signbit(known[there]))
    return found


@pytest.mark.parametrize("repeats", [1, 100, 100_000])
@pytest.mark.parametrize(("dtype", "x", "wanted"), [
    ("float32", -20, 2.0611537e-09), ("float32", -80, 1.8048513e-35), ("float64", -50, 1.928749847963918e-22),
    ("float64", -700, 9.85967654375977e-305), ("float16", -9, 1.234e-4), ("float32", -200, 0), ("float32", 200, 1)])
def test_sigmoid_keeps_its_tail(dtype, x, wanted, repeats):
    found = both_ways(tf.sigmoid, np.full(repeats, x, dtype))
    np.testing.assert_allclose(found.astype(np.float64), wanted, rtol=8 * np.finfo(dtype).eps)


def test_the_logarithm_of_a_sigmoid_has_a_gradient_in_the_tail():
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [2])
        y = tf.log(tf.sigmoid(x))
        value, slope = session.run([y, tf.gradients(y, x)[0]], {x: [-20, -50]})
    np.testing.assert_allclose(value, [-20, -50], rtol=1e-6)
    np.testing.assert_allclose(slope, [1, 1], rtol=1e-6)


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "uint16", "int32", "uint32"])
def test_the_mean_of_integers_is_added_up_in_64_bits(dtype):
    top = np.iinfo(dtype).max
    assert both_ways(tf.reduce_mean, np.array([top] * 784, dtype)) == top
    assert both_ways(lambda x: tf.reduce_mean(x, 0), np.array([[top, 1], [top, 2]], dtype)).tolist() == [top, 1]


def test_the_mean_of_integers_is_divided_towards_zero_and_wraps_in_64_bits():
    assert both_ways(tf.reduce_mean, np.int32([-1, -2, -2])) == -1
    assert both_ways(tf.reduce_mean, np.int64([2**63 - 1] * 2)) == -1
    assert both_ways(tf.reduce_mean, np.uint64([2**64 - 1] * 2)) == 2**63 - 1
    assert both_ways(tf.reduce_mean, np.int32([])) == 0


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_nan_is_never_the_greatest_or_the_least(dtype):
    x = np.array([[NAN, 1, 2], [1, NAN, 2], [2, 1, NAN], [NAN] * 3, [NAN, NAN, 1], [INF, -INF, 0]], dtype)
    assert both_ways(lambda x: tf.argmax(x, 1), x).tolist() == [2, 2, 0, 0, 2, 0]
    assert both_ways(lambda x: tf.argmin(x, 1), x).tolist() == [1, 0, 1, 0, 2, 1]
    assert both_ways(lambda x: tf.argmax(x, 0), x[:5]).tolist() == [2, 0, 0]


@pytest.mark.parametrize("padding", ["VALID", "SAME"])
def test_nan_wins_no_window_of_a_pool(padding):
    x = np.array([NAN, 1, 2, 3, 4, 5, NAN, 6, NAN, NAN, 1, NAN, NAN, NAN, 2, NAN], "f").reshape(1, 4, 4, 1)
    found = both_ways(lambda x: tf.nn.max_pool(x, [1, 2, 2, 1], [1, 2, 2, 1], padding), x)
    assert found.ravel().tolist() == [5, 6, np.finfo("f").min, 2]


def test_an_infinite_window_is_no_reason_to_lose_it():
    x = np.array([INF, -INF, -INF, -INF], "f").reshape(1, 2, 2, 1)
    assert both_ways(lambda x: tf.nn.max_pool(x, [1, 1, 2, 1], [1, 1, 2, 1], "VALID"), x).ravel().tolist() == [INF, -INF]


def test_zeros_keep_their_signs_through_every_rewrite():
    x = np.float32([-0.0, 0.0])
    ones = np.float32([1, 1])
    for function, wanted in [(lambda x: 1 / (x + 0.0), [INF, INF]), (lambda x: 1 / (x + -0.0), [-INF, INF]),
                             (lambda x: 1 / (x - 0.0), [-INF, INF]), (lambda x: 1 / (x - -0.0), [INF, INF]),
                             (lambda x: 1 / (x * 1.0), [-INF, INF]), (lambda x: 1 / tf.negative(-x), [-INF, INF])]:
        assert both_ways(function, x).tolist() == wanted
    assert both_ways(lambda x: x / tf.constant([0.0, -0.0]), ones).tolist() == [INF, -INF]
    assert both_ways(lambda x: tf.atan2(x * 0, tf.constant([0.0, -0.0])), ones).tolist() == [0, np.float32(np.pi)]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("bound", [0.0, -0.0, 1.5, -3.0, np.inf, -np.inf, np.nan])
def test_bounds_treat_big_arrays_as_small_ones(dtype, bound):
    x = np.resize([0.0, -0.0, 1.5, -1.5, np.inf, -np.inf, np.nan, 1e-30, -1e-30, 7.0], 5000).astype(dtype)
    with tf.Graph().as_default(), tf.Session() as session:
        fed = tf.placeholder(dtype, [None])
        number = tf.constant(bound, dtype)
        fetches = [tf.maximum(fed, number), tf.maximum(number, fed), tf.minimum(fed, number), tf.minimum(number, fed), tf.nn.relu(fed),
                   tf.nn.leaky_relu(fed), tf.nn.leaky_relu(fed, alpha=0.0), tf.nn.relu6(fed), tf.clip_by_value(fed, -2.0, number)]
        big, small = session.run(fetches, {fed: x}), session.run(fetches, {fed: x[:10]})
    for found, wanted in zip(big, small, strict=True):
        assert np.array_equal(found, np.resize(wanted, 5000), equal_nan=True)
        assert np.array_equal(np.signbit(found[~np.isnan(found)]), np.signbit(np.resize(wanted, 5000)[~np.isnan(found)]))
