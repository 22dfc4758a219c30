"""tf.function: what is traced when, values, variables, gradients."""
from __future__ import annotations

import gc
import logging
import weakref

import numpy as np
import pytest

import graphflow as tf
from tests.eager.switched import eagerly


@pytest.fixture(autouse=True)
def _eager():
    with eagerly(v2=True):
        yield


def test_a_function_is_traced_once_per_kind_of_arguments():
    traced = []

    @tf.function
    def f(x, flag=True, **more):
        traced.append(x)
        return x + 1 if flag else x

    for call in (lambda: f(tf.constant(1.0)), lambda: f(tf.constant(2.0)), lambda: f(np.float32(3.0))):
        call()
    assert len(traced) == 1
    f(tf.constant([1.0]))
    f(tf.constant(1))
    f(tf.constant(1.0), flag=False)
    f(1.0)
    f(2.0)
    assert len(traced) == f.experimental_get_tracing_count() == 6
    f(flag=False, x=tf.constant(9.0))
    assert len(traced) == 6
    assert f(tf.constant(9.0), flag=False).numpy() == 9.0


def test_relaxed_shapes_are_traced_twice():
    traced = []

    @tf.function(reduce_retracing=True)
    def f(x):
        traced.append(x.shape.as_list())
        return tf.reduce_sum(x)

    assert [f(tf.ones(n)).numpy() for n in (1, 2, 3, 4)] == [1, 2, 3, 4]
    assert traced == [[1], [None]]


def test_an_input_signature_allows_one_kind():
    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32), {"b": tf.TensorSpec([], tf.int32)}])
    def f(x, y):
        return tf.reduce_sum(x) * tf.cast(y["b"], tf.float32)

    assert f([1.0, 2.0], {"b": 3}).numpy() == 9.0
    assert f(np.ones(4), {"b": 1}).numpy() == 4.0
    assert f.experimental_get_tracing_count() == 1
    with pytest.raises(TypeError, match="incompatible with input_signature"):
        f([[1.0]], {"b": 1})
    with pytest.raises(TypeError, match="too many positional arguments"):
        f([1.0], {"b": 1}, 2)
    concrete = f.get_concrete_function()
    assert concrete(tf.constant([2.0]), {"b": tf.constant(2)}).numpy() == 4.0
    assert concrete.structured_outputs.dtype is tf.float32


def test_results_keep_their_structure():
    @tf.function
    def f(x):
        return {"a": x * 2, "rest": (x, [None, 3])}

    found = f(tf.constant(1.0))
    assert found["a"].numpy() == 2.0
    assert found["rest"][1][0] is None
    assert found["rest"][1][1].numpy() == 3
    assert tf.function(lambda: None)() is None
    with pytest.raises(TypeError, match="must return zero or more Tensors"):
        tf.function(lambda: object())()


def test_reads_and_writes_of_variables_keep_the_order_of_the_program():
    v = tf.Variable(1.0)

    @tf.function
    def f(x):
        before = v.read_value()
        v.assign_add(x)
        between = v * 1.0
        v.assign(v * 2.0)
        return before, between, v

    assert [t.numpy() for t in f(tf.constant(2.0))] == [1.0, 3.0, 6.0]
    assert v.numpy() == 6.0
    kept = v.value()
    v.assign(0.5)
    f(tf.constant(0.5))
    assert v.numpy() == 2.0
    assert kept.numpy() == 6.0


def test_variables_are_made_at_the_first_call_only():
    class Model(tf.Module if hasattr(tf, "Module") else object):
        def __init__(self):
            self.w = None

        @tf.function
        def __call__(self, x):
            if self.w is None:
                self.w = tf.Variable(3.0)
            return self.w * x

    a, b = Model(), Model()
    assert (a(tf.constant(2.0)).numpy(), b(tf.constant(3.0)).numpy()) == (6.0, 9.0)
    a.w.assign(5.0)
    assert (a(tf.constant(2.0)).numpy(), b(tf.constant(3.0)).numpy()) == (10.0, 9.0)
    gone = weakref.ref(a)
    del a
    gc.collect()
    assert gone() is None

    @tf.function
    def wrong(x):
        return tf.Variable(1.0) * x

    with pytest.raises(ValueError, match="tried to create variables on non-first call"):
        wrong(tf.constant(1.0))


def test_gradients_go_through_functions_to_arguments_and_variables():
    v = tf.Variable(2.0)

    @tf.function
    def f(x):
        return tf.sin(x * v), x

    x = tf.constant(0.5)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y, same = f(x)
        total = y + same
    assert tape.watched_variables() == (v,) or tape.watched_variables()[0] is v
    np.testing.assert_allclose(tape.gradient(total, x).numpy(), 2 * np.cos(1) + 1, rtol=1e-6)
    np.testing.assert_allclose(tape.gradient(total, v).numpy(), 0.5 * np.cos(1), rtol=1e-6)


def test_gradients_of_higher_order_go_through_functions():
    @tf.function
    def f(x):
        return tf.exp(tf.sin(x * x))

    x = tf.constant(0.7)

    def orders(function):
        with tf.GradientTape() as t3:
            t3.watch(x)
            with tf.GradientTape() as t2:
                t2.watch(x)
                with tf.GradientTape() as t1:
                    t1.watch(x)
                    y = function(x)
                first = t1.gradient(y, x)
            second = t2.gradient(first, x)
        return [first.numpy(), second.numpy(), t3.gradient(second, x).numpy()]

    np.testing.assert_allclose(orders(f), orders(f.python_function), rtol=1e-5)


def test_tapes_inside_of_functions():
    v = tf.Variable(1.0)

    @tf.function
    def step(x, y):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((x * v - y) ** 2)
        v.assign_sub(0.1 * tape.gradient(loss, v))
        return loss

    found = [float(step(tf.constant([1.0, 2.0]), tf.constant([3.0, 6.0]))) for _ in range(3)]
    np.testing.assert_allclose(found, [10.0, 2.5, 0.625], rtol=1e-6)
    np.testing.assert_allclose(v.numpy(), 2.75, rtol=1e-6)


def test_functions_call_functions():
    v = tf.Variable(3.0)
    inner = tf.function(lambda x: x * v)
    outer = tf.function(lambda x: inner(x) + inner(x + 1))
    with tf.GradientTape() as tape:
        y = outer(tf.constant(1.0))
    assert y.numpy() == 9.0
    assert tape.gradient(y, v).numpy() == 3.0


def test_gathered_rows_keep_their_slices_through_a_function():
    table = tf.Variable(tf.ones((4, 2)))
    f = tf.function(lambda i: tf.reduce_sum(tf.gather(table, i)))
    with tf.GradientTape() as tape:
        y = f(tf.constant([1, 1, 3]))
    found = tape.gradient(y, table)
    assert isinstance(found, tf.IndexedSlices)
    assert tf.convert_to_tensor(found).numpy().tolist() == [[0, 0], [2, 2], [0, 0], [1, 1]]


def test_what_a_function_captures_is_the_tensor_it_met():
    x = tf.constant(2.0)
    f = tf.function(lambda y: x * y)
    assert f(tf.constant(3.0)).numpy() == 6.0
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(tf.constant(3.0))
    assert tape.gradient(y, x).numpy() == 3.0


def test_many_traces_are_warned_of(caplog):
    f = tf.function(lambda x: x)
    with caplog.at_level(logging.WARNING, "tensorflow"):
        for i in range(4):
            f(i)
        assert not caplog.records
        f(5)
    assert "triggered tf.function retracing" in caplog.text


def test_defun_is_the_name_of_tf1():
    with eagerly():
        f = tf.contrib.eager.defun(lambda x: x * 2)
        assert f(tf.constant(2.0)).numpy() == 4.0
