"""Eager execution over time: memory of many operations and functions, several threads, and Ctrl-C."""
from __future__ import annotations

import gc
import signal
import threading
import weakref

import numpy as np
import pytest

import graphflow as tf
from graphflow.core.operation import Operation
from graphflow.eager.tensor import EagerTensor
from tests.eager.switched import eagerly


@pytest.fixture(autouse=True)
def _eager():
    with eagerly(v2=True):
        yield


def alive(kind):
    gc.collect()
    return sum(1 for thing in gc.get_objects() if isinstance(thing, kind))


def many_ops(count):
    x, v = tf.constant([1.0, 2.0]), tf.Variable([0.0, 0.0])
    for i in range(count // 5):
        v.assign(tf.reshape(tf.concat([x, v], 0), [2, 2])[i % 2] * 0.5)
    return v


def test_operations_leave_nothing_behind():
    many_ops(500)
    before, ops = alive(EagerTensor), alive(Operation)
    v = many_ops(5000)
    assert np.isfinite(v.numpy()).all()
    assert alive(EagerTensor) - before < 100
    assert alive(Operation) - ops < 100


@pytest.mark.slow
def test_a_hundred_thousand_operations_leave_nothing_behind():
    many_ops(30_000)
    before = alive(EagerTensor)
    many_ops(100_000)
    assert alive(EagerTensor) - before < 100


def test_functions_that_nobody_holds_go_with_their_graphs():
    gone = []

    def make(i):
        v = tf.Variable(float(i))

        @tf.function
        def f(x):
            return x * v + float(i)
        assert float(f(tf.constant(2.0))) == 3 * i
        gone.append(weakref.ref(f.get_concrete_function(tf.constant(2.0)).graph))
        gone.append(weakref.ref(v))
    for i in range(20):
        make(i)
    gc.collect()
    assert sum(ref() is not None for ref in gone) <= 2


@pytest.mark.slow
def test_a_thousand_functions_go_with_their_graphs():
    gone = []
    for i in range(1000):
        f = tf.function(lambda x, i=i: x + float(i))
        f(tf.constant(1.0))
        gone.append(weakref.ref(f))
        del f
    gc.collect()
    assert sum(ref() is not None for ref in gone) <= 2


def test_threads_have_tapes_of_their_own():
    found, errors = {}, []
    start = threading.Barrier(4)

    def work(n):
        try:
            start.wait()
            for i in range(50):
                x = tf.constant(float(n + i))
                with tf.GradientTape() as tape:
                    tape.watch(x)
                    y = tf.reduce_sum(tf.stack([x, x * x]))
                found[n, i] = float(tape.gradient(y, x))
        except Exception as error:
            errors.append(error)
    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert found == {(n, i): 1.0 + 2 * (n + i) for n in range(4) for i in range(50)}


def test_threads_that_call_one_function_share_its_trace_and_count_every_update():
    v, seen = tf.Variable(0.0), []

    @tf.function
    def add(x):
        seen.append(1)
        v.assign_add(x)
    add(tf.constant(1.0))
    threads = [threading.Thread(target=lambda: [add(tf.constant(1.0)) for _ in range(50)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert float(v) == 201
    assert len(seen) == 1


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no interval timer")
def test_an_interrupt_leaves_whole_variables_and_no_tape_behind():
    v = tf.Variable(np.zeros(1000, np.float32))
    step = tf.function(lambda: v.assign_add(tf.ones(1000)))
    step()

    def stop(*_):
        signal.setitimer(signal.ITIMER_REAL, 1.0)       # once more, where a finalizer swallows the interrupt
        raise KeyboardInterrupt
    before = signal.signal(signal.SIGALRM, stop)
    try:
        for function in (lambda: v.assign_add(tf.ones(1000)), step):
            signal.setitimer(signal.ITIMER_REAL, 0.02)
            with pytest.raises(KeyboardInterrupt):
                while True:
                    with tf.GradientTape():
                        function()
            signal.setitimer(signal.ITIMER_REAL, 0)
            assert len(np.unique(v.numpy())) == 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    assert float(tape.gradient(y, x)) == 6
    step()
    assert len(np.unique(v.numpy())) == 1
