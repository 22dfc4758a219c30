"""Big elementwise work gives the same numbers block by block as in one piece, whatever meets in a group."""
import numpy as np
import pytest

import graphflow as tf
from graphflow.plan.passes import fusion


@pytest.fixture(autouse=True)
def engine(monkeypatch):
    """The numpy engine, whose code goes by blocks."""
    monkeypatch.setenv("GRAPHFLOW_ENGINE", "numpy")


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(fusion, "MINIMUM", 8)
    monkeypatch.setattr(fusion, "BLOCK", 16)


def both(build, monkeypatch, feeds=None, steps=3):
    """What `build`'s fetches and variables are after some steps, blocked and not."""
    found = []
    for minimum in (8, 1 << 60):
        monkeypatch.setattr(fusion, "MINIMUM", minimum)
        tf.reset_default_graph()
        fetches, names = build()
        session = tf.Session()
        session.run(tf.global_variables_initializer())
        feed = {names[k]: v for k, v in (feeds or {}).items()}
        for _ in range(steps):
            values = session.run(fetches, feed)
        found.append([v for v in values if v is not None] + session.run(tf.global_variables()))
    return found


PROGRAMS = {}


def program(function):
    PROGRAMS[function.__name__] = function
    return function


@program
def chain_with_gradient_and_adam():
    w = tf.Variable(np.linspace(-1, 1, 60).reshape(6, 10).astype("f"))
    x = tf.constant(np.linspace(0, 2, 60).reshape(6, 10).astype("f"))
    loss = tf.reduce_sum(tf.tanh(x * w + 1.0) * tf.sigmoid(x - w) + tf.square(w) * 0.5)
    return [loss, tf.train.AdamOptimizer(0.1).minimize(loss)], {}


@program
def equal_and_unequal_dimensions():
    w = tf.Variable(np.linspace(-1, 1, 64).reshape(8, 8).astype("f"))
    row, column = tf.constant(np.arange(8, dtype="f")), tf.constant(np.arange(8, dtype="f")[:, None])
    y = tf.exp(w * 0.1) + row
    z = tf.exp(w * 0.1) * column + tf.transpose(y) - y
    return [y, z, w.assign(w * 0.5 + z * 0.01).op], {}


@program
def old_value_read_after_the_write():
    a = tf.Variable(np.arange(40, dtype="f"))
    y = a * 2.0 + 1.0
    update = a.assign(tf.sqrt(y) + a)
    z = tf.exp(a * -1.0) + a
    return [z, update.op, y], {}


@program
def masks_and_casts():
    a = tf.Variable(np.linspace(-2, 2, 50).astype("f"))
    mask = tf.logical_and(a > -1.0, a < 1.0)
    y = tf.where(mask, a * 3.0, -a) * tf.cast(mask, tf.float32)
    return [y, tf.cast(tf.round(a * 10.0), tf.int32) + 1, a.assign_add(y * 0.1).op], {}


@program
def swap_of_big_variables():
    a, b = tf.Variable(np.arange(40, dtype="f")), tf.Variable(-np.arange(40, dtype="f"))
    return [a.assign(b * 1.5 + 1.0).op, b.assign(a * 0.5 - 1.0).op], {}


@program
def sums_inside():
    a = tf.Variable(np.linspace(-2, 2, 50).astype("f"))
    y = tf.exp(a) * a
    normal = y / tf.reduce_sum(y * 2.0)
    return [normal, tf.reduce_sum(normal), a.assign(a - normal).op], {}


@program
def momentum_on_two_shapes():
    a, b = tf.Variable(np.linspace(-2, 2, 48).reshape(6, 8).astype("f")), tf.Variable(np.linspace(1, 2, 48).astype("f"))
    loss = tf.reduce_sum(tf.square(a)) * tf.reduce_sum(tf.sqrt(b)) * 1e-3
    return [loss, tf.train.MomentumOptimizer(0.01, 0.9).minimize(loss)], {}


@program
def operands_that_repeat():
    a, row = tf.Variable(np.linspace(-2, 2, 60).reshape(5, 3, 4).astype("f")), tf.Variable(np.arange(4, dtype="f"))
    plane, column = tf.constant(np.arange(6, dtype="f").reshape(1, 3, 2)), tf.constant(np.arange(3, dtype="f").reshape(3, 1))
    y = tf.nn.relu(a + row) * tf.reshape(row, [1, 1, 4]) - 0.5
    z = tf.reshape(y, [5, 6, 2]) + tf.reshape(plane, [6, 1]) * 0.1 + tf.tile(plane, [1, 2, 1])      # repeats after 12
    return [z * y[0, 0, 2:] + 1.0, y * column + row, a.assign(a * 0.9 + row).op, row.assign_add([1, 2, 3, 4]).op], {}


@pytest.mark.parametrize("name", PROGRAMS)
def test_blocked_work_equals_whole_work(name, monkeypatch):
    monkeypatch.setattr(fusion, "BLOCK", 16)
    blocked, whole = both(PROGRAMS[name], monkeypatch)
    assert len(blocked) == len(whole) > 0
    for mine, plain in zip(blocked, whole):
        np.testing.assert_allclose(mine, plain, rtol=2e-6, atol=1e-6)


def test_groups_form(small_blocks):
    tf.reset_default_graph()
    x = tf.placeholder(tf.float32, [50])
    session = tf.Session()
    value = np.linspace(0, 1, 50).astype("f")
    fetched = session.run(tf.exp(x) * 2.0 + 1.0, {x: value})
    np.testing.assert_allclose(fetched, np.exp(value) * 2 + 1, rtol=1e-6)
    program = next(iter(session._prepared.values())).executor.variants[(50,),].program
    assert "run_blocks(g0, 50, s0, 16)" in program.source


def test_feed_that_is_not_contiguous(small_blocks):
    tf.reset_default_graph()
    x = tf.placeholder(tf.float32, [5, 10])
    value = np.arange(50, dtype="f").reshape(10, 5).T
    assert tf.Session().run(x * 2.0 + 1.0, {x: value}).tolist() == (value * 2 + 1).tolist()


@pytest.mark.parametrize("keep", [False, True])
def test_sums_of_many_short_rows(keep):
    tf.reset_default_graph()
    value = np.random.default_rng(0).standard_normal((50, 40, 7))
    x = tf.placeholder(tf.float64, value.shape)
    y = tf.reduce_sum(x, [0, 1], keepdims=keep)
    session = tf.Session()
    np.testing.assert_allclose(session.run(y, {x: value}), value.sum((0, 1), keepdims=keep), rtol=1e-12)
    np.testing.assert_allclose(session.run(y * 2.0, {x: value}), value.sum((0, 1), keepdims=keep) * 2, rtol=1e-12)
    turned = tf.reduce_sum(tf.transpose(x, [1, 0, 2]), [0, 1])
    np.testing.assert_allclose(session.run(turned, {x: value}), value.sum((0, 1)), rtol=1e-12)


def test_big_selections_keep_every_bit():
    tf.reset_default_graph()
    rng = np.random.default_rng(0)
    x = rng.standard_normal((80, 64)).astype("f")
    x[0, :4] = np.nan, np.inf, -np.inf, -0.0
    condition, row = rng.random((80, 64)) < 0.5, rng.standard_normal(64).astype("f")
    a, c = tf.placeholder(tf.float32, x.shape), tf.placeholder(tf.bool, x.shape)
    for y, expected in ((tf.where_v2(c, a, 0.5), np.where(condition, x, np.float32(0.5))),
                        (tf.where_v2(c, row, a), np.where(condition, row, x)),
                        (tf.where_v2(c[:, :1], a, row), np.where(condition[:, :1], x, row)),
                        (tf.where_v2(c, tf.cast(a * 0 + 7, tf.int32), 3), np.where(condition, 7, 3))):
        if y.dtype == tf.int32:
            x = np.zeros_like(x)
        found = tf.Session().run([tf.transpose(y), tf.identity(y)], {a: x, c: condition})
        np.testing.assert_array_equal(found[0].view("i4"), expected.T.astype(found[0].dtype).view("i4"))
