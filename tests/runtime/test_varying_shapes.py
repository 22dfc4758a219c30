"""Feeds whose shapes change from run to run: the first get plans of their own, later ones share one, and what comes often is planned."""

import numpy as np
import pytest

import graphflow as tf
from graphflow.kernels import parallel
from graphflow.plan import expected
from graphflow.runtime import executor


@pytest.fixture
def compiled(monkeypatch):
    """The fed shapes that plans were made for."""
    made = []
    compile_ = executor.Executor._compile
    monkeypatch.setattr(executor.Executor, "_compile", lambda self, shapes: made.append(shapes) or compile_(self, shapes))
    return made


def test_two_hundred_lengths_are_planned_a_few_times_and_give_their_values(compiled):
    x = tf.placeholder(tf.float32, [None, None])
    v = tf.get_variable("v", initializer=np.float32([[1, 2], [3, 4]]))
    loss = tf.reduce_sum(tf.square(tf.matmul(x, v)))
    gradient = tf.gradients(loss, v)[0]
    count = v.assign_add(tf.ones_like(v))
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        values = np.float32([[1, 2], [3, 4]])
        del compiled[:]
        for length in range(200):
            a = np.arange(2.0 * length, dtype=np.float32).reshape(length, 2) % 7
            total, slope = session.run([loss, gradient], {x: a})
            np.testing.assert_allclose(total, np.square(a @ values).sum(), 1e-5)
            np.testing.assert_allclose(slope, 2 * a.T @ (a @ values), 1e-5, 1e-5)
        assert len(compiled) == executor._AT_ONCE + 1 and compiled[-1] == (None,)
        session.run(count)                                           # the shared plan sees what others write
        np.testing.assert_allclose(session.run([loss, gradient], {x: a})[0], np.square(a @ (values + 1)).sum(), 1e-5)


def test_shapes_that_keep_coming_get_a_plan_of_their_own(compiled):
    x = tf.placeholder(tf.float32, [None])
    y = tf.reduce_sum(x * 2)
    with tf.Session() as session:
        for length in range(100):
            session.run(y, {x: np.ones(length)})
        for _ in range(executor._OFTEN + 3):
            assert session.run(y, {x: np.ones(1000)}) == 2000
        assert compiled.count(((1000,),)) == 1
        for length in range(200, 400):                               # does not drive out what is in use
            assert session.run(y, {x: np.ones(length)}) == 2 * length
            session.run(y, {x: np.ones(1000)})
        assert compiled.count(((1000,),)) == 1


def test_a_run_that_knows_no_shapes_still_names_wrong_ones():
    x, y = tf.placeholder(tf.float32, [None]), tf.placeholder(tf.float32, [None])
    z = x + y
    with tf.Session() as session:
        for length in range(2, 40):
            assert session.run(z, {x: np.ones(length), y: np.ones(length)}).shape == (length,)
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"(?s)\[50\] vs. \[51\].*z = x \+ y"):
            session.run(z, {x: np.ones(50), y: np.ones(51)})


@pytest.mark.parametrize(("size", "held"), [(4, False), (100, True)])
def test_blas_is_held_to_one_thread_for_products_that_it_would_split(size, held, monkeypatch):
    entered = []

    limit = parallel.limit_blas
    monkeypatch.setattr(parallel, "limit_blas", lambda: entered.append(True) or limit())
    x = tf.placeholder(tf.float32, [64, size])
    y = tf.matmul(x, tf.ones([size, size]))
    assert (tf.Session().run(y, {x: np.ones((64, size))}) == size).all()
    assert bool(entered) is held


@pytest.mark.parametrize(("dtype", "shape", "held"), [("string", [], False), ("int32", [4, 4], False), ("float32", [4], False),
                                                      ("float32", [4, 4], True), ("float32", None, True)])
def test_blas_is_held_for_calls_that_may_multiply_matrices(dtype, shape, held, monkeypatch):
    entered = []

    limit = parallel.limit_blas
    monkeypatch.setattr(parallel, "limit_blas", lambda: entered.append(True) or limit())
    x = tf.placeholder(dtype, shape)
    y = tf.as_string(x) if dtype != "string" else tf.string_to_number(x)       # what is computed by a call
    tf.Session().run(y, {x: "1.5" if dtype == "string" else np.ones([4, 4] if shape is None else shape)})
    assert bool(entered) is held


def test_shapes_are_noted_only_where_a_second_plan_may_be_worth_it(monkeypatch):
    noted = []
    monkeypatch.setattr(expected.Observed, "note", lambda self, op, values: noted.append(op))
    x = tf.placeholder(tf.string, [None])
    y = tf.unique(x)[0]
    with tf.Session() as session:
        for _ in range(3):
            assert session.run(y, {x: ["a", "b", "a"]}).tolist() == [b"a", b"b"]
    assert not noted
