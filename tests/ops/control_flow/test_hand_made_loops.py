"""Gradients of loops that were made by their op type, without the counter and the limit that tf.while_loop gives."""
import numpy as np
import pytest

import graphflow as tf
from graphflow.ops.control_flow.defun import Defun

START = np.array([1.5, 1.2])


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as made:
        yield made


@Defun(tf.float64, tf.float64)
def small(x, factor):
    return tf.reduce_sum(x) < 100.0


@Defun(tf.float64, tf.float64)
def grown(x, factor):
    return x * x * factor, factor


@Defun(tf.int32, tf.int32, tf.float64)
def below(i, end, x):
    return i < end


def squares(step):
    @Defun(tf.int32, tf.int32, tf.float64)
    def squared(i, end, x):
        return i + step, end, x * x
    return squared


def result(x, factor):
    while x.sum() < 100:
        x = x * x * factor
    return x.sum()


def test_a_loop_without_a_counter_has_its_gradients_of_two_orders():
    x, factor = tf.placeholder(tf.float64, [2]), tf.placeholder(tf.float64, [])
    out = tf.raw_ops.While(input=[x, factor], cond=small, body=grown)
    first = tf.gradients(out[0], [x, factor])
    second = tf.gradients(first[0], x)[0]
    with tf.Session() as session:
        dx, df, ddx = session.run([*first, second], {x: START, factor: 1.1})
    h = 1e-5
    around = [(result(START + h * e, 1.1), result(START - h * e, 1.1)) for e in np.eye(2)]
    np.testing.assert_allclose(dx, [(a - b) / (2 * h) for a, b in around], rtol=1e-6)
    np.testing.assert_allclose(df, (result(START, 1.1 + h) - result(START, 1.1 - h)) / (2 * h), rtol=1e-6)
    np.testing.assert_allclose(ddx, [(a - 2 * result(START, 1.1) + b) / h ** 2 for a, b in around], rtol=1e-4)


@pytest.mark.parametrize(("start", "step"), [(0, 2), (2, 1), (0, 1)])
@pytest.mark.parametrize("kind", ["While", "StatelessWhile"])
def test_a_first_variable_that_counts_otherwise_is_not_taken_for_the_counter(kind, start, step):
    x = tf.placeholder(tf.float64, [2])
    out = getattr(tf.raw_ops, kind)(input=[start, start + 2 * step, x], cond=below, body=squares(step))
    with tf.Session() as session:
        np.testing.assert_allclose(session.run(tf.gradients(out[2], x)[0], {x: START}), 4 * START ** 3)
