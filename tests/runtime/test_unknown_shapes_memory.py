"""Runs whose shapes only they know make no copies that nobody needs, and what leaves them is nobody else's."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import graphflow as tf
from graphflow.kernels import heap
from graphflow.runtime import engines

ENGINES = ["numpy", *(["native"] if engines.compiler() else [])]


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default():
        yield


def session(engine):
    sess = tf.Session(config=tf.ConfigProto(engine=engine))
    sess.run(tf.global_variables_initializer())
    return sess


def source(sess, fetch):
    """The text of the newest program of a fetch's."""
    executors = [each.executor for each in sess._prepared.values()]
    return next(e for e in executors if fetch in e.fetches or fetch in e.members).newest.program.source


def decayed(decay=0.5):
    """A variable that is scaled, and then gets rows added whose count only a run tells."""
    ids, rows = tf.placeholder(tf.int32, [None]), tf.placeholder(tf.float32, [None, 3])
    m = tf.Variable(np.arange(12, dtype=np.float32).reshape(4, 3), name="m")
    small = m * decay
    scaled = m.assign(small)
    keep = tf.greater(ids, 0)
    with tf.control_dependencies([scaled]):
        step = tf.scatter_add(m, tf.boolean_mask(ids, keep), tf.boolean_mask(rows, keep))
    return ids, rows, m, small, step


@pytest.mark.parametrize("engine", ENGINES)
def test_a_variable_that_is_scaled_and_gets_rows_is_written_where_it_lies(engine):
    ids, rows, m, _, step = decayed()
    with session(engine) as sess:
        wanted = np.arange(12, dtype=np.float32).reshape(4, 3)
        for numbers in ([0, 1, 3], [2, 2, 0], [0, 0, 0]):
            numbers, more = np.array(numbers), np.random.RandomState(0).standard_normal((3, 3)).astype(np.float32)
            wanted = wanted * np.float32(0.5)
            np.add.at(wanted, numbers[numbers > 0], more[numbers > 0])
            sess.run(step.op, {ids: numbers, rows: more})
            np.testing.assert_allclose(sess.run(m), wanted, rtol=1e-6)
        text = source(sess, step.op)
        assert "np.array(" not in text and "copyto" not in text, text


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_fetched_between_two_writes_is_a_copy(engine):
    ids, rows, m, small, step = decayed()
    with session(engine) as sess:
        middle, _ = sess.run([small, step.op], {ids: [1, 1], rows: np.ones((2, 3))})
        np.testing.assert_array_equal(middle, np.arange(12).reshape(4, 3) * 0.5)
        np.testing.assert_array_equal(sess.run(m)[1], middle[1] + 2)


def kept(x):
    return tf.boolean_mask(x, tf.greater(x, 0))


@pytest.mark.parametrize("engine", ENGINES)
def test_views_inside_of_a_run_are_not_copied_and_fetched_ones_are(engine):
    x = tf.placeholder(tf.float32, [None])
    rows = kept(x)
    table = tf.reshape(rows, [-1, 2])
    same, total = tf.identity(table), tf.reduce_sum(tf.reshape(table, [2, -1]), 1)
    feed = np.array([1, -1, 2, 3, -5, 4], np.float32)
    with session(engine) as sess:
        for fetches in ([rows, table], [table, same], [rows, table, same]):
            found = sess.run(fetches, {x: feed})
            assert not any(np.may_share_memory(a, b) for i, a in enumerate(found) for b in (feed, *found[:i]))
            for array in found:
                array[...] = 0
        np.testing.assert_array_equal(sess.run(total, {x: feed}), [3, 7])
        np.testing.assert_array_equal(feed, [1, -1, 2, 3, -5, 4])


@pytest.mark.parametrize("engine", ENGINES)
def test_a_view_of_a_variable_is_read_before_the_variable_changes(engine):
    v, count = tf.Variable(np.arange(6, dtype=np.float32)), tf.placeholder(tf.int32, [])
    shape = tf.stack([count, -1])
    table = tf.reshape(v, shape)
    with tf.control_dependencies([table]):
        change = v.assign(v * 10)
    with tf.control_dependencies([change]):
        after = table + 0
    with session(engine) as sess:
        for turn in range(3):
            before, _ = sess.run([after, change], {count: 2})
            np.testing.assert_array_equal(before, np.arange(6).reshape(2, 3) * 10.0 ** turn)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc is Linux's")
def test_memory_that_is_made_anew_in_each_step_comes_from_the_heap():
    if not heap.keep():
        pytest.skip("the C library is not glibc, or is set up by the environment")

    def made():
        assert len([np.full(1 << 20, i, np.uint8) for i in range(8)]) == 8

    resource = pytest.importorskip("resource")
    made()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(4):
        made()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before < 2000       # of 8,192 pages
