"""Shapes that only runs tell, but that are always the same: plans that expect them give what plans give that know none."""

from __future__ import annotations

import threading

import numpy as np
import pytest

import graphflow as tf
from graphflow.plan import expected
from graphflow.runtime import engines

ENGINES = ["numpy", *(["native"] if engines.compiler() else [])]


def session(engine):
    sess = tf.Session(config=tf.ConfigProto(engine=engine))
    sess.run(tf.global_variables_initializer())
    return sess


def kept_rows(x, keep):
    """A few layers on the rows of x that are kept, and a training step."""
    w = tf.Variable(np.linspace(-1, 1, 12).reshape(3, 4).astype(np.float32))
    h = tf.tanh(tf.matmul(tf.boolean_mask(x, keep), w))
    loss = tf.reduce_mean(tf.square(tf.nn.softmax(h) - 0.3)) + tf.reduce_sum(tf.abs(h)) * 0.01
    return w, loss, tf.train.GradientDescentOptimizer(0.1).minimize(loss)


def better(sess):
    """The variants that expect shapes."""
    executors = [each.executor for each in sess._prepared.values()]
    return [v.better for each in executors for v in each.variants.values() if v.better is not None]


def trained(engine, masks):
    with tf.Graph().as_default():
        x, keep = tf.placeholder(tf.float32, [None, 3]), tf.placeholder(tf.bool, [None])
        w, loss, step = kept_rows(x, keep)
        with session(engine) as sess:
            feed = np.linspace(-2, 2, 18).reshape(6, 3)
            found = [sess.run([loss, step], {x: feed, keep: mask})[0] for mask in masks]
            return found, sess.run(w), len(better(sess))


def masks(counts):
    return [np.arange(6) < count for count in counts]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("counts", [[4] * 14, [4] * 10 + [2] + [4] * 3 + [6, 0, 4], [4] * 9 + [1, 2, 3, 5, 6] * 3])
def test_training_is_the_same_with_expected_shapes(engine, counts, monkeypatch):
    losses, w, made = trained(engine, masks(counts))
    monkeypatch.setattr(expected, "RUNS", 1 << 30)
    plain_losses, plain_w, none = trained(engine, masks(counts))
    np.testing.assert_allclose(losses, plain_losses, rtol=2e-6)
    np.testing.assert_allclose(w, plain_w, rtol=2e-6, atol=1e-7)
    assert none == 0
    assert made == 1


@pytest.mark.parametrize("engine", ENGINES)
def test_a_variable_is_not_written_before_a_shape_is_as_expected(engine):
    x, keep = tf.placeholder(tf.float32, [None, 3]), tf.placeholder(tf.bool, [None])
    w = tf.Variable(tf.zeros([8]), name="w")
    more = w + 1
    rows = tf.boolean_mask(x, keep)
    for _ in range(expected.WORTH):
        rows = tf.sin(rows)
    with tf.control_dependencies([rows]):
        step = w.assign(more)
    with session(engine) as sess:
        for i, mask in enumerate(masks([3] * 10 + [5, 3, 4, 3])):
            sess.run([step, rows], {x: np.ones([6, 3]), keep: mask})
            np.testing.assert_array_equal(sess.run(w), np.full(8, i + 1, np.float32))
        assert better(sess)


@pytest.mark.parametrize("engine", ENGINES)
def test_random_numbers_are_drawn_once_a_run(engine, monkeypatch):
    def drawn():
        with tf.Graph().as_default():
            keep = tf.placeholder(tf.bool, [None])
            rows = tf.boolean_mask(tf.random_uniform([6, 3], seed=4), keep)
            for _ in range(expected.WORTH + 2):
                rows = tf.sqrt(rows)
            with session(engine) as sess:
                return [sess.run(rows, {keep: mask}) for mask in masks([3] * 11 + [5, 3, 4, 3])]

    found = drawn()
    monkeypatch.setattr(expected, "RUNS", 1 << 30)
    for ours, wanted in zip(found, drawn(), strict=True):
        np.testing.assert_allclose(ours, wanted, rtol=2e-6)


def test_shapes_that_differ_from_run_to_run_are_not_expected():
    losses, _, made = trained("numpy", masks([1, 2, 3, 4, 5, 6] * 3))
    assert made == 1 and np.isfinite(losses).all()          # what follows the mean of the rows has one shape


def test_few_calls_are_not_worth_a_second_plan():
    keep = tf.placeholder(tf.bool, [None])
    rows = tf.boolean_mask(np.arange(6), keep) + 1
    with session("numpy") as sess:
        for mask in masks([3] * 12):
            assert sess.run(rows, {keep: mask}).tolist() == [1, 2, 3]
        assert not better(sess)


def test_threads_share_a_plan_that_expects_shapes():
    x, keep = tf.placeholder(tf.float32, [None, 3]), tf.placeholder(tf.bool, [None])
    rows = tf.boolean_mask(x, keep)
    for _ in range(expected.WORTH):
        rows = tf.sin(rows)
    total = tf.reduce_sum(rows, 0)
    wrong = []

    with session("numpy") as sess:
        wanted = [sess.run(total, {x: np.ones([6, 3]), keep: mask}) for mask in masks(range(7))]

        def work(number):
            for i in range(40):
                count = 3 if i % 9 else number
                found = sess.run(total, {x: np.ones([6, 3]), keep: masks([count])[0]})
                if not np.allclose(found, wanted[count], rtol=1e-5):
                    wrong.append((count, found))

        threads = [threading.Thread(target=work, args=(number,)) for number in (1, 5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not wrong
