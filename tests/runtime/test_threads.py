"""Sessions from several threads, and in a forked child."""
import os
import signal
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
    if failures:
        raise failures[0]


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


def test_eight_threads_that_run_build_save_and_close(tmp_path):
    def body(i):
        graph = tf.Graph()
        for turn in range(3):
            with graph.as_default(), tf.name_scope("block"):
                w = tf.get_variable(f"w{turn}", [50], initializer=tf.ones_initializer())
                update = w.assign_add(tf.ones([50]))
            with tf.Session(graph=graph) as session:
                session.run(tf.global_variables_initializer() if turn < 0 else [v.initializer for v in tf.global_variables()])
                for _ in range(i):
                    session.run(update)
                with graph.as_default():
                    path = tf.train.Saver().save(session, str(tmp_path / f"{i}-{turn}"))
                assert session.run(w).tolist() == [1 + i] * 50
            with pytest.raises(RuntimeError, match="closed"):
                session.run(w)
            assert tf.train.list_variables(path) == [(f"w{n}", [50]) for n in range(turn + 1)]
    in_threads(body, 8)


@pytest.mark.filterwarnings("ignore:The graph grew")
def test_threads_that_share_a_session_run_build_save_and_restore(tmp_path):
    w = tf.Variable(np.zeros(100, "f"), name="w")
    graph, saver = tf.get_default_graph(), tf.train.Saver(max_to_keep=None)
    update, read = w.assign_add(np.ones(100, "f")), w.read_value()
    session = tf.Session()
    session.run(w.initializer)
    saver.save(session, str(tmp_path / "start"))

    def body(i):
        for turn in range(10):
            session.run(update.op)
            with graph.as_default():
                more = tf.reduce_max(read) - tf.reduce_min(read) + float(i)
            assert session.run(more) == i
            if i == 0:
                saver.save(session, str(tmp_path / f"at-{turn}"), write_meta_graph=False)
            if i == 1:
                saver.restore(session, str(tmp_path / "start"))
    in_threads(body, 8)
    names = [op.name for op in graph.get_operations()]
    assert len(set(names)) == len(names) and [op._id for op in graph.get_operations()] == list(range(len(names)))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_of_a_busy_parent_runs_its_sessions_on_whole_variables():
    w = tf.Variable(np.zeros(200_000, "f"))
    update, read = w.assign_add(np.ones(200_000, "f")).op, w.read_value()
    session = tf.Session()
    session.run(w.initializer)
    stop = threading.Event()

    def train():
        while not stop.is_set():
            session.run(update)
    thread = threading.Thread(target=train, daemon=True)
    thread.start()
    codes = []
    try:
        for _ in range(10):
            child = os.fork()
            if not child:
                signal.alarm(20)                    # a child that hangs is killed
                try:
                    value = session.run(read)
                    session.run(update)
                    os._exit(0 if value.min() == value.max() and session.run(read)[0] == value[0] + 1 else 1)
                finally:
                    os._exit(2)
            codes.append(os.waitpid(child, 0)[1])
    finally:
        stop.set()
        thread.join(20)
    assert codes == [0] * 10


def test_scopes_are_per_thread_and_names_are_not():
    graph, inside, seen = tf.get_default_graph(), threading.Barrier(3), []

    def body(i):
        with graph.as_default(), tf.variable_scope("foo"), tf.name_scope(f"thread{i}"):
            inside.wait(20)
            seen.append((tf.get_variable_scope().name, graph.get_name_scope().split("/")[-1], tf.constant(1.0, name="c").op.name))
            inside.wait(20)
    in_threads(body, 3)
    assert sorted(s[:2] for s in seen) == [("foo", "thread0"), ("foo", "thread1"), ("foo", "thread2")]
    assert len({s[2] for s in seen}) == 3 and graph.get_name_scope() == "" and tf.get_variable_scope().name == ""


def test_after_switch_to_thread_local_devices_and_control_dependencies_are_per_thread_too():
    graph, inside = tf.get_default_graph(), threading.Barrier(2)
    assert graph.switch_to_thread_local() is None
    graph.switch_to_thread_local()
    firsts = [tf.constant(float(i)).op for i in range(2)]
    seen = {}

    def body(i):
        with graph.as_default(), tf.device(f"/device:CPU:{i}"), tf.control_dependencies([firsts[i]]):
            inside.wait(20)
            made = tf.constant(1.0).op
            seen[i] = made.device, list(made.control_inputs)
            inside.wait(20)
    in_threads(body, 2)
    assert seen == {i: (f"/device:CPU:{i}", [firsts[i]]) for i in range(2)}
    assert tf.constant(2.0).op.device == "" and isinstance(graph, tf.Graph)
