"""Ctrl-C at any moment: whole variables, whole steps, free locks, no scope left, and the program's own handlers kept."""
import ast
import pathlib
import signal
import subprocess
import sys
import threading
import time
import weakref

import numpy as np
import pytest

import graphflow as tf
from graphflow.kernels import interrupts

PROGRAM = pathlib.Path(__file__).with_name("interrupted_training.py")


def interrupted(tmp_path, count, size):
    done = subprocess.run([sys.executable, str(PROGRAM), str(count), str(size), str(tmp_path)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return ast.literal_eval(done.stdout.splitlines()[-1])


def test_two_hundred_interrupts_of_a_training_loop(tmp_path):
    assert interrupted(tmp_path, 150, 100) == {"interrupts": 150}
    assert interrupted(tmp_path, 50, 300_000) == {"interrupts": 50}


@pytest.mark.slow
def test_two_thousand_interrupts_of_a_training_loop(tmp_path):
    assert interrupted(tmp_path, 1500, 100) == {"interrupts": 1500}
    assert interrupted(tmp_path, 500, 1_000_000) == {"interrupts": 500}


@pytest.fixture
def alarm():
    """Sets a handler for SIGALRM and puts the old one back."""
    before = signal.getsignal(signal.SIGALRM)
    yield lambda handler: signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def test_a_programs_own_handler_is_called(alarm):
    calls = []
    alarm(lambda number, frame: calls.append(number))
    with tf.Graph().as_default(), tf.Session() as session:
        session.run(tf.constant(1.0) + 1.0)
        signal.raise_signal(signal.SIGALRM)
    assert calls == [signal.SIGALRM]


def test_a_handler_waits_for_what_is_whole_and_then_runs(alarm):
    events = []
    alarm(lambda number, frame: events.append("handler"))
    interrupts.watch()

    @interrupts.whole
    def work():
        signal.raise_signal(signal.SIGALRM)
        time.sleep(0.02)
        events.append("whole")
    work()
    time.sleep(0.05)
    assert events == ["whole", "handler"]


def test_a_handler_does_not_wait_for_a_wait_inside(alarm):
    events = []
    alarm(lambda number, frame: events.append("handler"))
    interrupts.watch()

    @interrupts.open_to_signals
    def wait():
        signal.raise_signal(signal.SIGALRM)
        events.append("waited")

    @interrupts.whole
    def work():
        wait()
    work()
    assert events == ["handler", "waited"]


@pytest.mark.parametrize("inner", ["a run", "an operation"])
def test_a_signal_is_delivered_after_an_operation_or_a_run_but_not_inside_of_something_whole(alarm, inner):
    events = []
    alarm(lambda number, frame: events.append("handler"))
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.constant(1.0)
        session.run(x)
        act = (lambda: session.run(x)) if inner == "a run" else lambda: tf.add(x, x)

        @interrupts.whole
        def work():
            signal.raise_signal(signal.SIGALRM)
            for _ in range(20):
                act()
            events.append("whole")
        work()
        act()
        assert events == ["whole", "handler"]


@pytest.mark.parametrize("place", ["__del__", "callback"])
def test_a_signal_in_a_finalizer_is_not_lost_with_what_it_raises(alarm, place):
    """Python drops exceptions that leave `__del__` or the callback of a weak reference; so the handler runs after it."""
    def stop(number, frame):
        raise KeyboardInterrupt

    class Mortal:
        def __del__(self):
            if place == "__del__":
                signal.raise_signal(signal.SIGALRM)

    alarm(stop)
    interrupts.watch()
    with pytest.raises(KeyboardInterrupt):
        if place == "__del__":
            Mortal()
        else:
            reference = weakref.finalize(Mortal(), signal.raise_signal, signal.SIGALRM)
            assert not reference.alive
        time.sleep(1)


def test_an_interrupt_before_the_first_write_ends_a_step_and_one_after_it_does_not(alarm):
    """The plan's first half may be left, the half that writes may not."""
    def stop(number, frame):
        raise KeyboardInterrupt
    alarm(stop)
    with tf.Graph().as_default():
        a, b = tf.Variable(np.zeros(3, "f")), tf.Variable(np.zeros(3, "f"))
        early = tf.py_func(lambda: (signal.raise_signal(signal.SIGALRM), np.ones(3, "f"))[1], [], tf.float32)
        session = tf.Session()
        session.run(tf.global_variables_initializer())
        with pytest.raises(KeyboardInterrupt):
            session.run([a.assign_add(early), b.assign_add(early)])
        assert session.run(a).tolist() == session.run(b).tolist() == [0, 0, 0]


def test_an_interrupt_ends_the_wait_for_the_lock(alarm):
    def stop(number, frame):
        raise KeyboardInterrupt
    alarm(stop)
    with tf.Graph().as_default():
        a = tf.Variable(1.0)
        session = tf.Session()
        session.run(a.initializer)
        lock, held, done = session._store.lock, threading.Event(), threading.Event()

        def hold():
            lock.acquire(True)
            held.set()
            done.wait(20)
            lock.release()
        thread = threading.Thread(target=hold, daemon=True)
        thread.start()
        held.wait(10)
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with pytest.raises(KeyboardInterrupt):
            session.run(a)
        assert not lock._queue
        done.set()
        thread.join(10)
        assert session.run(a) == 1


def test_a_name_scope_is_left_when_an_interrupt_comes_on_its_way_out(alarm):
    def stop(number, frame):
        raise KeyboardInterrupt
    alarm(stop)
    with tf.Graph().as_default() as graph:
        interrupts.watch()
        with pytest.raises(KeyboardInterrupt):
            for _ in range(100_000):
                signal.setitimer(signal.ITIMER_REAL, 0.0003)
                while True:
                    with tf.name_scope("a"), tf.variable_scope("b"):
                        pass
        assert graph.get_name_scope() == "" and tf.get_variable_scope().name == ""
