"""Products of matrices: columns nobody takes, transposed factors, and what loops need not compute again."""
import numpy as np
import pytest

import graphflow as tf
from graphflow.plan.bodies import all_nodes

A = np.linspace(-1, 1, 12, dtype="f").reshape(3, 4)
W = np.linspace(-2, 1, 20, dtype="f").reshape(4, 5)


def planned(fetches, feeds):
    """(the last plan, the values) for fetches."""
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        return session.explain(fetches, feeds, stages=True)[-1][1], session.run(fetches, feeds)


def shapes(plan, prim):
    return [node.shape for node in all_nodes(plan) if node.prim == prim]


@pytest.mark.parametrize("transposed", [False, True])
def test_only_the_columns_that_are_taken_are_computed(transposed):
    x, w = tf.placeholder(tf.float32, [3, 4]), tf.Variable(W.T if transposed else W)
    plan, found = planned(tf.matmul(x, w, transpose_b=transposed)[:, 1:3], {x: A})
    assert shapes(plan, "matmul") == [(3, 2)]
    np.testing.assert_allclose(found, (A @ W)[:, 1:3], rtol=1e-6)


def test_columns_of_a_known_factor_are_cut_while_planning():
    x = tf.placeholder(tf.float32, [3, 4])
    plan, found = planned(tf.matmul(x, tf.constant(W))[:, 1:3], {x: A})
    assert {node.prim for node in plan.nodes} == {"matmul", "copy"} and shapes(plan, "matmul") == [(3, 2)]
    np.testing.assert_allclose(found, (A @ W)[:, 1:3], rtol=1e-6)


def test_a_product_that_is_taken_twice_stays_whole():
    x = tf.placeholder(tf.float32, [3, 4])
    y = tf.matmul(x, tf.Variable(W))
    plan, found = planned([y[:, 1:3], y[:, 4:]], {x: A})
    assert shapes(plan, "matmul") == [(3, 5)]
    np.testing.assert_allclose(found[1], (A @ W)[:, 4:], rtol=1e-6)


@pytest.mark.parametrize("index", [np.s_[0:2, :], np.s_[:, 0:5:2], np.s_[:, 1], np.s_[::-1, 1:3], np.s_[:, 2:2]])
def test_other_slices_of_a_product_are_taken_from_it(index):
    x = tf.placeholder(tf.float32, [3, 4])
    plan, found = planned(tf.matmul(x, tf.Variable(W))[index], {x: A})
    assert shapes(plan, "matmul") in ([(3, 5)], [])
    np.testing.assert_allclose(found, (A @ W)[index], rtol=1e-6)


@pytest.mark.parametrize("count", [7, 8])
def test_a_transposed_factor_of_eight_products_is_copied_once(count):
    x, w = tf.placeholder(tf.float32, [8, 5]), tf.Variable(W)
    fetches = [tf.matmul(x + k, w, transpose_b=True) for k in range(count)]
    start = np.linspace(0, 1, 40, dtype="f").reshape(8, 5)
    plan, found = planned([*fetches, w.assign_add(tf.ones([4, 5]))], {x: start})
    assert (4, 5) in shapes(plan, "transpose") or (5, 4) in shapes(plan, "transpose")
    assert shapes(plan, "copy").count((5, 4)) == (count == 8)
    for k, each in enumerate(found[:-1]):
        np.testing.assert_allclose(each, (start + k) @ W.T, rtol=1e-5, atol=1e-5)


def recurrence(turns, body):
    return tf.while_loop(lambda i, _: i < turns, lambda i, y: (i + 1, body(y)), (0, tf.ones([8, 4])))[1]


def test_a_loop_gets_its_transposed_factor_row_by_row():
    w = tf.Variable(W[:, :4])
    plan, found = planned(recurrence(5, lambda y: tf.tanh(tf.matmul(y, w, transpose_b=True))), {})
    (loop,) = [node for node in plan.nodes if node.prim == "loop"]
    assert not [node for node in loop.par.body.nodes if node.prim == "transpose"]
    assert [node.args[0].prim for node in plan.nodes if node.prim == "copy" and node.shape == (4, 4)] == ["transpose"]
    wanted = np.ones((8, 4), "f")
    for _ in range(5):
        wanted = np.tanh(wanted @ W[:, :4].T)
    np.testing.assert_allclose(found, wanted, rtol=1e-5)


def test_the_gradient_of_a_part_of_a_recurrent_input_multiplies_by_its_weights_alone():
    x, w = tf.placeholder(tf.float32, [8, 3]), tf.Variable(np.linspace(-1, 1, 28, dtype="f").reshape(7, 4))
    y = recurrence(5, lambda y: tf.tanh(tf.matmul(tf.concat([x, y], 1), w)))
    plan, _ = planned(tf.gradients(y, w), {x: np.ones((8, 3), "f")})
    assert (8, 7) not in shapes(plan, "matmul") and (8, 4) in shapes(plan, "matmul")


@pytest.mark.parametrize("turns", [0, 1, 3])
def test_what_stays_the_same_in_a_loop_is_computed_before_it(turns):
    x, n = tf.placeholder(tf.float32, [8, 4]), tf.placeholder(tf.int32, [])
    y = recurrence(n, lambda y: y * 0.5 + tf.exp(tf.reduce_sum(x * 2.0, 0)))
    value = np.linspace(-0.1, 0.1, 32, dtype="f").reshape(8, 4)
    plan, found = planned(y, {x: value, n: turns})
    (loop,) = [node for node in plan.nodes if node.prim == "loop"]
    assert {node.prim for node in loop.par.body.nodes} == {"add", "multiply"}
    assert "exp" in {node.prim for node in plan.nodes}
    wanted = np.ones((8, 4), "f")
    for _ in range(turns):
        wanted = wanted * np.float32(0.5) + np.exp((value * 2).sum(0))
    np.testing.assert_allclose(found, wanted, rtol=1e-6)


def test_a_loop_without_a_turn_raises_nothing_that_its_body_would():
    x, n = tf.placeholder(tf.int32, [2]), tf.placeholder(tf.int32, [])
    y = tf.while_loop(lambda i, _: i < n, lambda i, y: (i + 1, y + tf.pow(x, [-1, -2]) + tf.gather(x, x)), (0, tf.zeros([2], tf.int32)))[1]
    with tf.Session() as session:
        assert session.run(y, {x: [2, 3], n: 0}).tolist() == [0, 0]
        with pytest.raises(tf.errors.InvalidArgumentError):
            session.run(y, {x: [2, 3], n: 1})


def test_what_moves_out_of_an_inner_loop_may_move_out_of_the_outer_one():
    x = tf.placeholder(tf.float32, [8, 4])

    def outer(y):
        return tf.while_loop(lambda i, _: i < 2, lambda i, z: (i + 1, z * 0.5 + tf.sin(x)), (0, y))[1]
    value = np.linspace(0, 3, 32, dtype="f").reshape(8, 4)
    plan, found = planned(recurrence(3, outer), {x: value})
    assert "sin" in {node.prim for node in plan.nodes}
    wanted = np.ones((8, 4), "f")
    for _ in range(6):
        wanted = wanted * np.float32(0.5) + np.sin(value)
    np.testing.assert_allclose(found, wanted, rtol=1e-6)


def test_columns_of_a_known_matrix_are_cut_while_planning():
    x = tf.placeholder(tf.float32, [3, 4])
    plan, found = planned(tf.matmul(x, tf.constant(W))[:, 1:3], {x: A})
    assert shapes(plan, "matmul") == [(3, 2)] and shapes(plan, "slice") == []
    np.testing.assert_allclose(found, (A @ W)[:, 1:3], rtol=1e-6)
