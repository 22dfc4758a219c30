"""Functions whose ranks, sizes or axes are known only when run, against the same with static shapes or numpy."""
import numpy as np
import pytest

import graphflow as tf


@pytest.fixture
def session():
    with tf.Session() as s:
        yield s


def any_shape(dtype=tf.float32):
    return tf.placeholder(dtype)


@pytest.mark.parametrize("axis", [-1, 0, 1, -2, 2])
@pytest.mark.parametrize("direction", ["ASCENDING", "DESCENDING"])
def test_sort_of_unknown_rank(session, axis, direction):
    x, value = any_shape(), np.random.RandomState(0).randn(3, 4, 5).astype("f")
    up = np.sort(value, axis)
    assert np.array_equal(session.run(tf.sort(x, axis, direction), {x: value}), up if direction == "ASCENDING" else np.flip(up, axis))
    places = session.run(tf.argsort(x, axis, direction), {x: value})
    assert np.array_equal(np.take_along_axis(value, places, axis), up if direction == "ASCENDING" else np.flip(up, axis))


def test_sort_over_an_axis_that_is_not_there(session):
    x = any_shape()
    with pytest.raises(tf.errors.InvalidArgumentError):
        session.run(tf.sort(x, 2), {x: [[1.0, 2.0]]})
    with pytest.raises(ValueError, match="must be a constant scalar"):
        tf.sort(x, tf.placeholder_with_default(0, []))


@pytest.mark.parametrize("order", [1, 2, np.inf, "fro"])
@pytest.mark.parametrize("axis", [[-2, -1], [0, 1], [1, 0], [-1, 0], [0, 2]])
def test_norms_of_unknown_rank(session, order, axis):
    x, value = any_shape(), np.arange(12.0).reshape(2, 2, 3)
    found = session.run(tf.norm(x, ord=order, axis=axis), {x: value})
    assert found == pytest.approx(np.linalg.norm(value, order, tuple(axis)), rel=1e-5)


def test_hessians_of_unknown_sizes(session):
    q, m = tf.placeholder(tf.float32, [None]), any_shape()
    cubes = tf.hessians(tf.reduce_sum(q ** 3), q)[0]
    assert session.run(cubes, {q: [1.0, 2.0]}).tolist() == [[6, 0], [0, 12]]
    assert session.run(cubes, {q: [3.0]}).tolist() == [[18]]
    product = tf.hessians(tf.reduce_prod(q), [q])[0]
    assert session.run(product, {q: [1.0, 2.0, 3.0]}).tolist() == [[0, 3, 2], [3, 0, 1], [2, 1, 0]]
    fourth = tf.hessians(tf.reduce_sum(m ** 4), m)[0]
    assert session.run(fourth, {m: [[1.0, 2.0]]}).tolist() == [[[[12, 0]], [[0, 48]]]]


@pytest.mark.parametrize("batch, params, indices", [
    (1, (2, 3), (2, 1)), (1, (2, 3), (2, 4, 1)), (1, (2, 3, 4), (2, 1)), (1, (2, 3, 4), (2, 5, 2)), (2, (2, 3, 4), (2, 3, 1)),
    (2, (2, 3, 4, 5), (2, 3, 6, 2)), (1, (2, 3), (2, 0, 1)), (2, (2, 3), (2, 3, 0))])
def test_gather_nd_in_batches_of_unknown_rank(session, batch, params, indices):
    rand = np.random.RandomState(0)
    values, places = rand.randn(*params).astype("f"), rand.randint(0, 2, indices)
    x, i = any_shape(), any_shape(tf.int32)
    y = tf.gather_nd(x, i, batch_dims=batch)
    known = tf.gather_nd(tf.constant(values), tf.constant(places, tf.int32), batch_dims=batch)
    found, wanted = session.run([y, known], {x: values, i: places})
    assert np.array_equal(found, wanted)
    assert session.run(tf.gradients(y, x)[0], {x: values, i: places}).sum() == wanted.size


@pytest.mark.parametrize("equation, shapes", [
    ("i...j,jk...,k->i...", [(2, 3, 4), (4, 5, 3), (5,)]), ("...ij,...jk,...kl->...il", [(2, 3, 4), (2, 4, 5), (2, 5, 6)]),
    ("...ij,jk,...kl->...il", [(2, 3, 4), (4, 5), (7, 2, 5, 6)]), ("...i,i...,k->ik", [(3,), (3,), (2,)]),
    ("...,...,...->...", [(3,), (1,), (2, 3)]), ("a...,b...,c...,abc->...", [(2, 3), (4, 3), (5, 3), (2, 4, 5)])])
def test_einsum_of_three_and_more_with_an_ellipsis(session, equation, shapes):
    rand = np.random.RandomState(0)
    values = [rand.randn(*shape) for shape in shapes]
    wanted = np.einsum(equation, *values)
    inputs = [any_shape(tf.float64) for _ in values]
    assert np.allclose(session.run(tf.einsum(equation, *map(tf.constant, values))), wanted)
    y = tf.einsum(equation, *inputs)
    feeds = dict(zip(inputs, values))
    assert np.allclose(session.run(y, feeds), wanted)
    for x, dx in zip(inputs, session.run(tf.gradients(tf.reduce_sum(y), inputs), feeds)):
        step = 1e-6 * rand.randn(*feeds[x].shape)
        change = np.einsum(equation, *[v + step if v is feeds[x] else v for v in values]).sum() - wanted.sum()
        assert change == pytest.approx((dx * step).sum(), rel=1e-3, abs=1e-10)


def test_einsum_does_not_sum_over_an_ellipsis(session):
    x = any_shape()
    with pytest.raises(ValueError, match=r"without ellipsis"):
        tf.einsum("...i,...i->", np.ones((2, 3)), np.ones((2, 3)))
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"without ellipsis"):
        session.run(tf.einsum("...i,...i->", x, x), {x: np.ones((2, 3))})
    assert session.run(tf.einsum("...i,...i->", x, x), {x: [1.0, 2.0]}) == 5


@pytest.mark.parametrize("windows", [2, 3, 12])
@pytest.mark.parametrize("static", [True, False])
def test_max_pool_over_channels(session, windows, static):
    value = np.random.RandomState(0).randn(2, 3, 2, 12).astype("f")
    x = tf.placeholder(tf.float32, value.shape if static else None)
    y = tf.nn.max_pool(x, [1, 1, 1, windows], [1, 1, 1, windows], "SAME")
    groups = value.reshape(2, 3, 2, 12 // windows, windows)
    assert np.array_equal(session.run(y, {x: value}), groups.max(-1))
    dx = session.run(tf.gradients(y * y, x)[0], {x: value})
    assert np.array_equal(dx, (2 * groups * (groups == groups.max(-1, keepdims=True))).reshape(value.shape))
    (second,) = tf.gradients(tf.reduce_sum(tf.gradients(tf.reduce_sum(y ** 3), x)[0] ** 2), x)
    assert np.allclose(session.run(second, {x: value}), (36 * groups ** 3 * (groups == groups.max(-1, keepdims=True))).reshape(value.shape))


@pytest.mark.parametrize("size, strides, text", [
    ([1, 1, 1, 5], [1, 1, 1, 5], "evenly divide the input depth"), ([1, 1, 1, 2], [1, 1, 1, 1], "equal the depth stride"),
    ([1, 2, 1, 2], [1, 1, 1, 2], "exactly one of"), ([2, 1, 1, 1], [1, 1, 1, 1], "batch dimension")])
def test_max_pools_over_channels_that_do_not_fit(session, size, strides, text):
    x = any_shape()
    with pytest.raises(ValueError, match=text):
        tf.nn.max_pool(tf.ones([1, 2, 2, 12]), size, strides, "VALID")
    with pytest.raises((ValueError, tf.errors.InvalidArgumentError), match=text):
        session.run(tf.nn.max_pool(x, size, strides, "VALID"), {x: np.ones((1, 2, 2, 12))})


def test_sparse_reset_shape_is_checked_when_run(session):
    sp = tf.SparseTensor([[0, 0, 5]], [1], [2, 5, 6])
    size, narrow = any_shape(tf.int64), any_shape(tf.int32)
    with pytest.raises(tf.errors.InvalidArgumentError, match="x <= y did not hold"):
        session.run(tf.sparse_reset_shape(sp, size), {size: [3, 7, 5]})
    with pytest.raises(tf.errors.InvalidArgumentError, match="x == y did not hold"):
        session.run(tf.sparse_reset_shape(sp, size), {size: [3, 7]})
    assert session.run(tf.sparse_reset_shape(sp, narrow), {narrow: [3, 7, 8]}).dense_shape.tolist() == [3, 7, 8]
    with pytest.raises(ValueError, match="should have dimension sizes"):
        tf.sparse_reset_shape(sp, [3, 7, 5])


def test_gradients_in_a_body_go_through_what_it_captures(session):
    x = tf.placeholder(tf.float32, [None])
    g = tf.gradients(tf.reduce_sum(x ** 3), x)[0]
    rows = tf.map_fn(lambda i: tf.gradients(g[i], x)[0], tf.range(tf.size(x)), dtype=tf.float32)
    assert session.run(rows, {x: [1.0, 2.0]}).tolist() == [[6, 0], [0, 12]]
    w = tf.Variable([1.0, 2.0])
    loss, both = tf.reduce_sum(w ** 3), tf.placeholder(tf.bool, [])
    inside = tf.cond(both, lambda: tf.cond(both, lambda: tf.gradients(loss * w[0], w)[0], lambda: w * 0.0), lambda: w * 1.0)
    session.run(w.initializer)
    assert session.run(inside, {both: True}).tolist() == [12, 12]
    step = tf.cond(both, lambda: tf.group(tf.train.GradientDescentOptimizer(0.1).minimize(loss)), tf.no_op)
    session.run(step, {both: True})
    assert session.run(w) == pytest.approx([0.7, 0.8])
