"""Constant work is done while a plan is made, without arrays of one repeated number."""
import numpy as np

import graphflow as tf

BIG = 1 << 22       # elements: results of this size are else computed in the run


def plan(fetch):
    return tf.Session().explain(fetch, stages=True)[-1][1]


def test_work_on_one_repeated_number_leaves_one_number():
    x = tf.placeholder(tf.float32, [BIG])
    ones = tf.tile(tf.ones([1]), [BIG])
    found = tf.Session().explain(x * tf.exp(ones * 3.0 - tf.fill([BIG], 2.0)), {x: (BIG,)}, stages=True)[-1][1]
    assert [node.prim for node in found.nodes] == ["multiply"]
    (known,) = [a for a in found.nodes[-1].args if isinstance(a, np.ndarray)]
    assert known.shape == () and abs(known - np.e) < 1e-6


def test_arrays_broadcast_from_numbers_keep_shape_and_value():
    a, b = tf.fill([3, 1], 2.0), tf.fill([1, 4], 5.0)
    value = tf.Session().run(a * b + tf.zeros([2, 1, 1]))
    np.testing.assert_array_equal(value, np.full((2, 3, 4), 10, np.float32))
    value += 1                                                          # the user's own
    rows = tf.broadcast_to(tf.constant([1.0, 2.0]), [3, 2])              # two numbers: no such shortcut
    np.testing.assert_array_equal(tf.Session().run(rows + 1.0), [[2, 3]] * 3)


def test_big_constant_work_on_different_numbers_is_left_to_the_run():
    x = tf.constant(np.arange(BIG, dtype="f"))
    assert [node.prim for node in plan(x * 2.0).nodes if node.prim != "copy"] == ["call"]


def test_big_windows_and_repeated_numbers_cost_nothing_while_planning():
    x = tf.constant(np.arange(BIG, dtype="f"))
    row = tf.reshape(x, [1, -1])
    for window in (tf.identity(x), tf.stop_gradient(x), row, tf.expand_dims(x, 0), tf.squeeze(row), tf.ones_like(x, optimize=False)):
        assert [node.prim for node in plan(window).nodes if node.prim != "copy"] == [], window.op.type
