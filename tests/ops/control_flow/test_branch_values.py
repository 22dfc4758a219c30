"""What is made in a branch and used outside, as programs of TensorFlow 1 do: summaries, losses, updates, training steps."""
import numpy as np
import pytest

import graphflow as tf


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as made:
        yield made


@pytest.fixture
def taken():
    return tf.placeholder_with_default(True, [])


def run(*fetches, feed=None, before=()):
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(list(before))
        return session.run(list(fetches), feed)


def kept(pred, make, other=lambda: tf.constant(1.0)):
    """(what a branch made, what the cond gives)"""
    found = []

    def branch():
        found.append(make())
        return found[0] * 2.0
    result = tf.cond(pred, branch, other)
    return found[0], result


def test_a_summary_of_a_branch_is_merged_with_the_others(taken):
    tf.cond(taken, lambda: (tf.summary.scalar("inside", 3.0), 1.0)[1], lambda: 2.0)
    tf.summary.scalar("outside", 4.0)
    (message,) = run(tf.summary.merge_all())
    values = tf.Summary.FromString(message).value
    assert {v.tag: v.simple_value for v in values} == {"inside": 3.0, "outside": 4.0}


def test_without_its_branch_a_value_is_missed_by_name(taken):
    inner, _ = kept(taken, lambda: tf.constant(3.0, name="inner"))
    outside = inner + 1.0
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"not taken in this run(.|\n)*cond/inner"):
        run(outside, feed={taken: False})
    assert run(outside) == [4.0]


def test_values_and_gradients_of_two_orders_flow_through(taken):
    x = tf.placeholder_with_default(1.5, [])
    inner, result = kept(taken, lambda: tf.sin(x))
    y = inner * inner + result
    (first,) = tf.gradients(y, x)
    (second,) = tf.gradients(first, x)
    s, c = np.sin(1.5), np.cos(1.5)
    np.testing.assert_allclose(run(y, first, second), [s * s + 2 * s, 2 * s * c + 2 * c, 2 * (c * c - s * s) - 2 * s], rtol=1e-5)


def test_a_branch_in_a_branch_hands_its_value_out_through_both(taken):
    x = tf.placeholder_with_default(2.0, [])
    found = []

    def inner():
        found.append(x * x)
        return found[0]
    tf.cond(taken, lambda: tf.cond(taken, inner, lambda: x), lambda: x)
    y = found[0] + 1.0
    assert run(y, tf.gradients(y, x)[0]) == [5.0, 4.0]


def test_another_cond_and_a_loop_use_it(taken):
    inner, _ = kept(taken, lambda: tf.constant(3.0))
    in_cond = tf.cond(taken, lambda: inner * 2.0, lambda: 0.0)
    in_loop = tf.while_loop(lambda i, _: i < 2, lambda i, a: (i + 1, a + inner), [0, 0.0])[1]
    assert run(in_cond, in_loop) == [6.0, 6.0]


def test_a_cond_that_ran_before_gives_more_later(taken):
    with tf.Session() as session:
        inner, result = kept(taken, lambda: tf.constant(3.0))
        assert session.run(result) == 6.0
        assert session.run([inner + 1.0, result]) == [4.0, 6.0] and session.run(result, {taken: False}) == 1.0


def test_a_value_of_a_loops_body_stays_in_it():
    found = []
    tf.while_loop(lambda i: i < 3, lambda i: found.append(i + 1) or found[0], [0])
    with pytest.raises(ValueError, match="Return it from the body to use it outside"):
        _ = found[0] * 2


def test_updates_of_a_branch_run_where_something_waits_for_them(taken):
    x = tf.ones([4, 3])
    tf.cond(taken, lambda: tf.layers.batch_normalization(x, training=True, name="norm"), lambda: x)
    with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
        train = tf.no_op()
    mean = next(v for v in tf.global_variables() if v.op.name == "norm/moving_mean")
    assert np.allclose(run(mean, before=[train]), 0.01) and np.allclose(run(mean), 0.0)


@pytest.mark.parametrize("use_resource", [False, True])
def test_a_training_step_may_be_a_branch(taken, use_resource):
    w = tf.get_variable("w", initializer=3.0, use_resource=use_resource)
    step = tf.cond(taken, lambda: tf.group(tf.train.AdamOptimizer(0.1).minimize(w * w)), tf.no_op)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(step, {taken: False})
        assert session.run(w) == 3.0
        session.run(step)
        np.testing.assert_allclose(session.run(w), 2.9, rtol=1e-6)


def test_a_regularizer_in_a_loop_is_the_graphs_own():
    def body(i, x):
        w = tf.get_variable("w", [2, 2], initializer=tf.ones_initializer(), regularizer=lambda v: tf.reduce_sum(v * v))
        return i + 1, tf.matmul(x, w)
    tf.while_loop(lambda i, _: i < 3, body, [0, tf.ones([1, 2])])
    loss = tf.losses.get_regularization_loss()
    assert run(loss) == [4.0] and [t.name for t in tf.losses.get_regularization_losses()] == ["w/Regularizer/Sum:0"]
