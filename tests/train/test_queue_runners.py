"""Queue runners: threads that fill queues until their input ends, a coordinator stops them, or one fails."""

from __future__ import annotations

import threading

import numpy as np
import pytest

import graphflow as tf


@pytest.fixture(autouse=True)
def fresh_graph():
    tf.reset_default_graph()


def counted(capacity=4, threads=2, name="numbers"):
    """A queue with a runner that puts 1, 2, 3, ... into it."""
    source = tf.get_variable(f"{name}_source", [], tf.int32, tf.zeros_initializer(), trainable=False, use_resource=True)
    value = source.assign_add(1)
    queue = tf.FIFOQueue(capacity, tf.int32, [[]], name=name)
    runner = tf.train.QueueRunner(queue, [queue.enqueue(value)] * threads)
    tf.train.add_queue_runner(runner)
    return queue, runner


def counted_by_python(limit, threads=2):
    """As `counted`, by a Python function that raises StopIteration at the end."""
    numbers, lock = iter(range(limit)), threading.Lock()

    def following():
        with lock:
            return np.int32(next(numbers))
    queue = tf.FIFOQueue(4, tf.int32, [[]], name="numbers")
    runner = tf.train.QueueRunner(queue, [queue.enqueue(tf.py_func(following, [], tf.int32))] * threads)
    tf.train.add_queue_runner(runner)
    return queue, runner


def drained(session, tensor):
    found = []
    with pytest.raises(tf.errors.OutOfRangeError, match="is closed and has insufficient elements"):
        while True:
            found.append(int(session.run(tensor)))
    return found


def test_runners_fill_the_queue_until_the_coordinator_stops():
    queue, runner = counted()
    out = queue.dequeue()
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        coord = tf.train.Coordinator()
        threads = tf.train.start_queue_runners(session, coord)
        assert [t.name for t in threads] == ["QueueRunnerThread-numbers-numbers_enqueue"] * 2 + ["QueueRunnerThread-numbers-close_on_stop"]
        assert all(t.daemon for t in threads) and runner.create_threads(session, coord) == []
        assert len({int(session.run(out)) for _ in range(20)}) == 20
        coord.request_stop()
        coord.join(threads)
        assert not any(t.is_alive() for t in threads) and coord.joined
        assert session.run(queue.is_closed())
    assert runner.exceptions_raised == []


def test_the_end_of_the_input_closes_the_queue_after_its_last_element():
    queue, _ = counted_by_python(30)
    out = queue.dequeue()
    with tf.Session() as session:
        coord = tf.train.Coordinator()
        threads = tf.train.start_queue_runners(session, coord)
        assert sorted(drained(session, out)) == list(range(30))
        assert not coord.should_stop()
        coord.request_stop()
        coord.join(threads)


def test_an_error_in_a_runner_reaches_who_joins():
    queue = tf.FIFOQueue(3, tf.float32, [[]])
    tf.train.add_queue_runner(tf.train.QueueRunner(queue, [queue.enqueue(tf.check_numerics(tf.log(tf.constant(-1.0)), "bad"))]))
    out = queue.dequeue()
    with tf.Session() as session:
        coord = tf.train.Coordinator()
        threads = tf.train.start_queue_runners(session, coord)
        with pytest.raises(tf.errors.OutOfRangeError):
            session.run(out)
        with pytest.raises(tf.errors.InvalidArgumentError, match="bad"):
            coord.join(threads)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_error_without_a_coordinator_is_kept():
    queue = tf.FIFOQueue(3, tf.float32, [[]])
    runner = tf.train.QueueRunner(queue, [queue.enqueue(tf.check_numerics(tf.log(tf.constant(-1.0)), "bad"))])
    with tf.Session() as session:
        threads = runner.create_threads(session, daemon=True, start=True)
        for thread in threads:
            thread.join(20)
    assert len(threads) == 1 and [type(e) for e in runner.exceptions_raised] == [tf.errors.InvalidArgumentError]


def test_a_runner_starts_again_in_another_session():
    queue, _ = counted()
    out = queue.dequeue()
    for _ in range(2):
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            coord = tf.train.Coordinator()
            threads = tf.train.start_queue_runners(session, coord)
            assert len(threads) == 3 and session.run(out) > 0
            coord.request_stop()
            coord.join(threads)


def test_a_monitored_session_starts_and_stops_the_runners():
    queue, _ = counted_by_python(25)
    out, found = queue.dequeue(), []
    with tf.train.MonitoredTrainingSession() as session:
        assert tf.train.start_queue_runners(session) == []
        while not session.should_stop():
            found.append(int(session.run(out)))
    assert sorted(found) == list(range(25))
    assert not [t for t in threading.enumerate() if t.name.startswith("QueueRunnerThread")]


def test_a_monitored_session_raises_what_a_runner_failed_with():
    queue = tf.FIFOQueue(3, tf.float32, [[]])
    tf.train.add_queue_runner(tf.train.QueueRunner(queue, [queue.enqueue(tf.check_numerics(tf.log(tf.constant(-1.0)), "bad"))]))
    out = queue.dequeue()
    with pytest.raises(tf.errors.InvalidArgumentError, match="bad"), tf.train.MonitoredTrainingSession() as session:
        while not session.should_stop():
            session.run(out)


def test_a_runner_goes_through_its_message_and_a_meta_graph():
    _, runner = counted()
    message = runner.to_proto()
    assert list(message.enqueue_op_name) == ["numbers_enqueue"] * 2 and message.queue_name == "numbers"
    assert (message.close_op_name, message.cancel_op_name) == ("numbers_Close", "numbers_Close_1")
    assert list(message.queue_closed_exception_types) == [tf.errors.OUT_OF_RANGE]
    meta = tf.train.export_meta_graph()
    again = tf.train.QueueRunner.from_proto(message)
    assert again.name == "numbers" and again.queue_closed_exception_types == (tf.errors.OutOfRangeError,)
    with tf.Graph().as_default() as graph:
        tf.train.import_meta_graph(meta, import_scope="s")
        loaded, = graph.get_collection(tf.GraphKeys.QUEUE_RUNNERS)
        assert loaded.name == "s/numbers" and [op.name for op in loaded.enqueue_ops] == ["s/numbers_enqueue"] * 2
        assert loaded.to_proto(export_scope="s") == message and loaded.to_proto(export_scope="other") is None
        out = graph.get_operation_by_name("s/numbers")
        assert out.type == "FIFOQueueV2"


@pytest.mark.parametrize(("arguments", "kind", "text"), [
    ({}, ValueError, "Must provide queue and enqueue_ops."), ({"enqueue_ops": [1]}, ValueError, "Must provide queue and enqueue_ops."),
    ({"queue_runner_def": 1, "queue": 2}, ValueError, "mutually exclusive")])
def test_a_runner_needs_a_queue_and_operations(arguments, kind, text):
    with pytest.raises(kind, match=text):
        tf.train.QueueRunner(**arguments)


def test_closing_exceptions_must_be_errors_of_runs():
    queue = tf.FIFOQueue(3, tf.int32, [[]])
    with pytest.raises(TypeError, match="must be a tuple of tf.error types"):
        tf.train.QueueRunner(queue, [queue.enqueue(1)], queue_closed_exception_types=[tf.errors.OutOfRangeError])


def test_runners_start_in_a_session_only():
    with pytest.raises(ValueError, match="No default session is registered"):
        tf.train.start_queue_runners()
    with pytest.raises(TypeError, match=r"sess must be a `tf.Session` object. Given class: <class 'int'>"):
        tf.train.start_queue_runners(sess=3)


def test_the_old_module_of_queue_runners_is_there():
    assert tf.train.queue_runner.QueueRunner is tf.train.QueueRunner
    assert tf.train.queue_runner.start_queue_runners is tf.train.start_queue_runners
