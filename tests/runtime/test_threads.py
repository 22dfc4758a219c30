"""Sessions from several threads, and Ctrl-C in the middle of a run."""
import threading

import numpy as np
import pytest

import graphflow as tf


@pytest.fixture(autouse=True)
def fresh_graph():
    tf.reset_default_graph()


def in_threads(function, count=4):
    failures = []

    def body(i):
        try:
            function(i)
        except BaseException as error:  # reported by the test
            failures.append(error)
    threads = [threading.Thread(target=body, args=(i,)) for i in range(count)]
    for t in threads:
        t.start()
    for t in threads:
        t.join(60)
    assert not failures, failures[0]


def test_parallel_runs_do_not_share_buffers():
    x = tf.placeholder(tf.float32, [256])
    y = tf.tanh(tf.exp(x * 0.1) * 2.0) + x
    session = tf.Session()

    def body(i):
        value = np.full(256, i, np.float32)
        wanted = np.tanh(np.exp(value * np.float32(0.1)) * 2) + value
        for _ in range(200):
            np.testing.assert_allclose(session.run(y, {x: value}), wanted, rtol=1e-5)
    in_threads(body)


@pytest.mark.parametrize("resource", [False, True])
def test_no_update_is_lost_or_torn(resource):
    a = tf.Variable(np.zeros(1000, "f"), use_resource=resource)
    update, read = a.assign_add(np.ones(1000, "f")), a.read_value()
    session = tf.Session()
    session.run(tf.global_variables_initializer())

    def body(i):
        for _ in range(100):
            session.run(update.op)
            value = session.run(read)
            assert value.min() == value.max()
    in_threads(body)
    assert session.run(read)[0] == 400


def test_first_runs_in_parallel_compile_once_each_and_agree():
    x = tf.placeholder(tf.float32, [None])
    y = tf.reduce_sum(x * 2.0)
    session = tf.Session()
    in_threads(lambda i: [session.run(y, {x: np.ones(n)}) == 2 * n or pytest.fail() for n in range(1, 40)])


def test_py_func_may_run_the_session():
    a = tf.Variable(2.0)
    session = tf.Session()
    session.run(a.initializer)
    inner = a * 10.0
    outer = tf.py_func(lambda: np.float32(session.run(inner)), [], tf.float32) + a
    assert session.run(outer) == 22


def test_interrupt_leaves_the_session_usable():
    a = tf.Variable(np.zeros(3, "f"))
    flag = [True]

    def maybe(x):
        if flag[0]:
            raise KeyboardInterrupt
        return x
    update = a.assign_add(tf.py_func(maybe, [np.ones(3, "f")], tf.float32))
    session = tf.Session()
    session.run(a.initializer)
    with pytest.raises(KeyboardInterrupt):
        session.run(update)
    assert session.run(a).tolist() == [0, 0, 0]
    flag[0] = False
    assert session.run(update).tolist() == [1, 1, 1]


def test_default_graphs_and_sessions_are_per_thread():
    graph = tf.Graph()
    seen = []
    with graph.as_default(), tf.Session(graph=graph):
        in_threads(lambda i: seen.append((tf.get_default_graph() is graph, tf.get_default_session())), 1)
    assert seen == [(False, None)]
