"""Loops over lists know the shapes in them, and lists hold on to arrays without sharing what is written."""
import tracemalloc

import numpy as np
import pytest

import graphflow as tf
from graphflow.core.contents import NOTHING, Contents, together
from graphflow.plan.bodies import all_nodes


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as made:
        yield made


def test_what_is_known_of_two_is_what_they_share():
    assert together(NOTHING, (2,)) == (2,) and together((2,), (3,)) is None and together((2,), (2,)) == (2,)
    assert together(Contents(2, NOTHING), Contents(2, (1,))) == Contents(2, (1,))
    assert together(Contents(2, (1,)), Contents(3, Contents(1, ()))) == Contents(None, None)


def calls(session, fetches, feed):
    """Op types that run on the host in this run's plan."""
    return {node.par.op.type for node in all_nodes(session.explain(fetches, feed, stages=True)[-1][1]) if node.prim == "call"}


def test_a_recurrent_loop_over_any_batch_and_length_is_traced_whole():
    x, lengths = tf.placeholder(tf.float32, [None, None, 3]), tf.placeholder(tf.int32, [None])
    outputs, state = tf.nn.dynamic_rnn(tf.nn.rnn_cell.BasicLSTMCell(4), x, lengths, dtype=tf.float32)
    train = tf.train.AdamOptimizer(0.1).minimize(tf.reduce_sum(outputs[:, -1]) + tf.reduce_sum(state.c))
    feed = {x: np.ones([2, 5, 3], np.float32), lengths: [5, 3]}
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        assert {kind for kind in calls(session, train, feed) if not kind.startswith("TensorList")} <= {"Assert"}


def test_elements_of_other_shapes_in_later_turns_are_read_as_they_are():
    n = tf.placeholder(tf.int32, [])
    start = tf.TensorArray(tf.float32, 4, clear_after_read=False, infer_shape=False).write(0, tf.zeros([n]))

    def body(i, array):
        return i + 1, array.write(i + 1, tf.concat([array.read(i), [tf.cast(i, tf.float32)]], 0))
    last = tf.while_loop(lambda i, _: i < 3, body, [0, start])[1].read(3)
    with tf.Session() as session:
        assert session.run(last, {n: 1}).tolist() == [0, 0, 1, 2]


def test_what_is_fetched_of_a_list_of_constants_may_be_written():
    i = tf.placeholder(tf.int32, [])
    array = tf.TensorArray(tf.float32, 2, clear_after_read=False).unstack(tf.constant([[1.0, 2.0], [3.0, 4.0]]))
    row, again = array.read(i), array.read(i)
    with tf.Session() as session:
        first, second = session.run([row, again], {i: 1})
        first[:] = 0
        assert second.tolist() == [3, 4] and session.run(row, {i: 1}).tolist() == [3, 4]


@pytest.mark.parametrize("use_resource", [False, True])
def test_a_list_keeps_what_a_variable_was(use_resource):
    v = tf.get_variable("v", initializer=np.float32([1, 2]), use_resource=use_resource)
    old = v.read_value() if use_resource else tf.identity(v)
    turns = tf.placeholder(tf.int32, [])
    kept = tf.while_loop(lambda i, _: i < turns, lambda i, a: (i + 1, a.write(i, old)),
                         [0, tf.TensorArray(tf.float32, turns, element_shape=[2])])[1]
    with tf.control_dependencies([kept.flow]):
        change = v.assign_add([10.0, 10.0])
    with tf.control_dependencies([change]):
        rows = kept.stack()
    with tf.Session() as session:
        session.run(v.initializer)
        assert session.run([rows, change], {turns: 2})[0].tolist() == [[1, 2], [1, 2]]
        assert session.run(v).tolist() == [11, 12]


def test_a_list_keeps_what_was_fed_and_carried():
    x = tf.placeholder(tf.float32, [2])
    _, last, rows = tf.while_loop(lambda i, *_: i < 3, lambda i, a, rows: (i + 1, a * 2.0, rows.write(i, a)),
                                  [0, x, tf.TensorArray(tf.float32, 3)])
    fed = np.float32([1, 3])
    with tf.Session() as session:
        found, all_rows = session.run([last, rows.stack()], {x: fed})
        assert found.tolist() == [8, 24] and all_rows.tolist() == [[1, 3], [2, 6], [4, 12]] and fed.tolist() == [1, 3]
        all_rows[:] = 0
        assert session.run(last, {x: fed}).tolist() == [8, 24]


def test_a_gradient_of_values_that_the_body_overwrites_in_its_buffers():
    x = tf.placeholder(tf.float64, [3])
    y = tf.while_loop(lambda i, _: i < 4, lambda i, a: (i + 1, tf.sin(a) * tf.exp(-a) + tf.reshape(a * a, [3])), [0, x])[1]
    first = tf.gradients(y, x)[0]
    value, step = np.array([0.3, -0.2, 0.5]), 1e-6
    with tf.Session() as session:
        found = session.run(first, {x: value})
        around = [session.run(y, {x: value + s}) for s in (step, -step)]
        np.testing.assert_allclose(found, (around[0] - around[1]) / (2 * step), rtol=1e-6)


@pytest.mark.parametrize("index", [-1, 3])
def test_an_element_that_is_not_there_is_refused_with_the_line_that_reads_it(index):
    i = tf.placeholder(tf.int32, [])
    array = tf.TensorArray(tf.float32, 3).unstack(tf.placeholder_with_default([1.0, 2.0, 3.0], [3]))
    row = array.read(i)
    with tf.Session() as session, pytest.raises(tf.errors.InvalidArgumentError, match=f"access element {index} in a list with 3 elements"):
        session.run(row, {i: index})


def test_lists_of_strings_and_of_lists_go_through_loops():
    words = tf.placeholder(tf.string, [None])
    joined = tf.map_fn(lambda w: tf.strings.join([w, "!"]), words)
    rows = tf.map_fn(lambda row: tf.map_fn(lambda v: v * v, row), tf.constant([[1.0, 2.0], [3.0, 4.0]]))
    with tf.Session() as session:
        assert session.run(joined, {words: ["a", "bc"]}).tolist() == [b"a!", b"bc!"]
        assert session.run(rows).tolist() == [[1, 4], [9, 16]]
        known = tf.map_fn(lambda w: tf.strings.join([w, "!"]), tf.constant(["a", "bc"]))
        assert session.run(known).tolist() == [b"a!", b"bc!"]


def test_a_gradient_keeps_little_more_than_the_values_of_each_turn():
    n, x = tf.placeholder(tf.int32, []), tf.placeholder(tf.float32, [1000])
    y = tf.while_loop(lambda i, _: i < n, lambda i, a: (i + 1, tf.sin(a) * 1.001), [0, x])[1]
    (gradient,) = tf.gradients(y, x)
    with tf.Session() as session:
        def most(turns):
            tracemalloc.start()
            session.run(gradient, {n: turns, x: np.ones(1000)})
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            return peak
        most(10)
        assert (most(1100) - most(100)) / 1000 < 1.2 * 4000      # 4,000 bytes of sin's argument per turn
