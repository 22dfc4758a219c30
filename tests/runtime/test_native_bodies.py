"""Loops and branches whose bodies are native code give what the numpy engine gives in every turn, and leave nothing to the next run."""

from __future__ import annotations

import numpy as np
import pytest

import graphflow as tf
from graphflow.runtime import engines

pytestmark = pytest.mark.skipif(not engines.compiler(), reason="needs llvmlite")


@pytest.fixture
def bodies(monkeypatch):
    """Whether each body that was written is native."""
    from graphflow.runtime.engines.native import bodies

    made = []
    arranged = bodies.arranged
    monkeypatch.setattr(bodies, "arranged", lambda *args: made.append(arranged(*args) is not None) or arranged(*args))
    return made


def both(build, feeds, rtol=2e-6):
    """The program's values for each feed, on both engines; compared at the end, so that no run changes what an earlier one gave."""
    found = []
    for engine in ("native", "numpy"):
        with tf.Graph().as_default():
            fetches, placeholders = build()
            with tf.Session(config=tf.ConfigProto(engine=engine)) as sess:
                sess.run(tf.global_variables_initializer())
                found.append([sess.run(fetches, dict(zip(placeholders, values))) for values in feeds])
    for ours, theirs in zip(*found, strict=True):
        for a, b in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(a, b, rtol=rtol, atol=1e-6)
    return found[0]


def weights(*shape):
    return (np.random.RandomState(sum(shape)).randn(*shape) * 0.5).astype(np.float32)


def recurrent(n, x):
    """Turns of a small network, and the gradients by all that it takes."""
    w, b = tf.Variable(weights(5, 5)), tf.Variable(weights(5))
    _, h = tf.while_loop(lambda i, h: i < n, lambda i, h: (i + 1, tf.tanh(tf.matmul(h, w) + b) * 0.9 + h * 0.1), [0, x])
    return h, w, b


def test_turns_and_their_gradients(bodies):
    def build():
        n, x = tf.placeholder(tf.int32, []), tf.placeholder(tf.float32, [3, 5])
        h, w, b = recurrent(n, x)
        return [h, *tf.gradients(tf.reduce_sum(h * h), [x, w, b])], (n, x)

    both(build, [(4, weights(3, 5)), (1, weights(3, 5)), (0, weights(3, 5)), (9, weights(3, 5))], 1e-5)
    assert any(bodies)


def test_steps_of_adam_over_a_loop():
    losses = {}
    for engine in ("native", "numpy"):
        with tf.Graph().as_default():
            n, x = tf.placeholder(tf.int32, []), tf.placeholder(tf.float32, [3, 5])
            h, _, b = recurrent(n, x)
            loss = tf.reduce_mean(tf.square(h - 0.2))
            step = tf.train.AdamOptimizer(0.05).minimize(loss)
            with tf.Session(config=tf.ConfigProto(engine=engine)) as sess:
                sess.run(tf.global_variables_initializer())
                losses[engine] = [sess.run([loss, step], {n: 1 + i % 4, x: weights(3, 5)})[0] for i in range(8)] + [*sess.run(b)]
    np.testing.assert_allclose(losses["native"], losses["numpy"], rtol=2e-5)


def test_what_a_loop_does_not_change_is_still_what_it_was_given(bodies):
    def build():
        n, x = tf.placeholder(tf.int32, []), tf.placeholder(tf.float32, [4, 6])
        v = tf.Variable(weights(4, 6))
        same, swapped, _, total = tf.while_loop(
            lambda i, a, b, s: i < n, lambda i, a, b, s: (i + 1, tf.identity(b), a, s + tf.exp(a * b) * tf.sin(s) + x),
            [0, v.read_value(), x, tf.zeros([4, 6])])
        with tf.control_dependencies([total]):
            changed = v.assign_add(tf.ones([4, 6]))
        return [same, swapped, total, changed], (n, x)

    both(build, [(k, weights(4, 6)) for k in (0, 1, 2, 5)])
    assert any(bodies)


def test_loops_in_loops_and_branches(bodies):
    def build():
        n, x = tf.placeholder(tf.int32, []), tf.placeholder(tf.float32, [7, 3])
        w = tf.constant(weights(3, 3))

        def inner(i, h):
            return tf.while_loop(lambda j, _: j < i, lambda j, g: (j + 1, tf.tanh(tf.matmul(g, w)) + tf.sigmoid(g) - x * 0.1), [0, h])[1]

        def outer(i, h, s):
            h = tf.cond(tf.equal(i % 2, 0), lambda: inner(i, h) * tf.exp(-h * h), lambda: tf.maximum(tf.matmul(h, w) - 1, h * 0.5) + x)
            return i + 1, h, s + tf.reduce_sum(h, 0)

        _, h, s = tf.while_loop(lambda i, *_: i < n, outer, [0, x, tf.zeros([3])])
        return [h, s, *tf.gradients(tf.reduce_sum(h) + tf.reduce_sum(s * s), [x])], (n, x)

    both(build, [(k, weights(7, 3)) for k in (0, 1, 4)], 1e-4)
    assert bodies.count(True) >= 3


def test_elements_of_arrays_that_are_not_in_one_piece(bodies):
    def build():
        x = tf.placeholder(tf.float32, [4, 6, 5])
        cell = tf.nn.rnn_cell.LSTMCell(3, initializer=tf.random_uniform_initializer(-0.5, 0.5, seed=3))
        outputs, state = tf.nn.dynamic_rnn(cell, x, tf.constant([6, 1, 0, 4]), dtype=tf.float32)
        scanned = tf.scan(lambda a, row: tf.tanh(a + row * row) - tf.sin(row), tf.transpose(x, [1, 0, 2]))
        mapped = tf.map_fn(lambda row: tf.exp(row) * row - tf.matmul(row, row, transpose_b=True)[:, :5], tf.transpose(x[:, :5], [0, 2, 1]))
        loss = tf.reduce_sum(outputs * outputs) + tf.reduce_sum(state.c) + tf.reduce_sum(scanned) + tf.reduce_sum(mapped)
        return [outputs, scanned, mapped, *tf.gradients(loss, [x, *tf.trainable_variables()])], (x,)

    both(build, [(weights(4, 6, 5),)] * 3, 1e-4)
    assert any(bodies)


def test_lists_keep_what_each_turn_gave(bodies):
    def build():
        x, n = tf.placeholder(tf.float32, [3, 4]), tf.placeholder(tf.int32, [])
        rows = tf.TensorArray(tf.float32, 0, dynamic_size=True, element_shape=[3, 4])
        sums = tf.TensorArray(tf.float32, 0, dynamic_size=True, element_shape=[4])

        def turn(i, h, rows, sums):
            h = tf.sin(h) + tf.exp(-h * h) * x
            return i + 1, h, rows.write(i, h), sums.write(i, tf.reduce_sum(h, 0) + h[1])

        _, h, rows, sums = tf.while_loop(lambda i, *_: i < n, turn, [0, x, rows, sums])
        return [h, rows.stack(), sums.stack()], (x, n)

    found = both(build, [(weights(3, 4), k) for k in (1, 5, 2)])
    assert [each[1].shape[0] for each in found] == [1, 5, 2] and any(bodies)


def test_nan_odd_sizes_and_nothing(bodies):
    def build():
        x = tf.placeholder(tf.float64, [None, 17])
        _, h = tf.while_loop(lambda i, h: i < 3, lambda i, h: (i + 1, tf.maximum(h * h - x, tf.sqrt(tf.abs(h))) / (1 + tf.exp(h))), [0, x])
        return [h], (x,)

    odd = np.random.RandomState(1).randn(3, 17)
    odd[1, 2], odd[2, 16] = np.nan, np.inf
    both(build, [(odd,), (np.zeros([0, 17]),), (odd[:1],)], 1e-12)
    assert any(bodies)


def test_a_turn_that_fails_leaves_variables_as_they_were():
    v = tf.Variable(np.ones(20, np.float32))
    n = tf.placeholder(tf.int32, [])
    data = tf.constant(weights(4, 20))
    _, h = tf.while_loop(lambda i, h: i < n, lambda i, h: (i + 1, tf.exp(h) * tf.gather(data, i) + tf.sin(h) - h), [0, v.read_value()])
    step = v.assign_add(h)
    with tf.Session(config=tf.ConfigProto(engine="native")) as sess:
        sess.run(tf.global_variables_initializer())
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"indices = 4 is not in \[0, 4\)"):
            sess.run(step, {n: 6})
        assert sess.run(v).tolist() == [1] * 20
        assert np.isfinite(sess.run(step, {n: 2})).all()
