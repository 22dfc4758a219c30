"""tf.function: variables that a function makes, names of its arguments, warnings of many traces, Python in place of what was traced."""
from __future__ import annotations

import logging

import numpy as np
import pytest

import graphflow as tf
from tests.eager.switched import eagerly


@pytest.fixture(autouse=True)
def _eager():
    with eagerly(v2=True):
        yield


@pytest.fixture
def warned(caplog):
    caplog.set_level(logging.WARNING, logger="tensorflow")
    return lambda: [r.getMessage()[:r.getMessage().index(" calls")] for r in caplog.records if "retracing" in r.getMessage()]


class Dense(tf.Module):
    def __init__(self, size):
        super().__init__()
        self.size, self.built, self.traces = size, False, 0

    @tf.function
    def __call__(self, x):
        self.traces += 1
        if not self.built:
            self.w = tf.Variable(tf.random.normal([x.shape[-1], self.size]), name="w")
            self.b = tf.Variable(tf.reduce_sum(x, axis=0)[:self.size])
            self.built = True
        return tf.matmul(x, self.w) + self.b


def test_a_variable_begins_with_what_the_arguments_of_the_first_call_give():
    layer = Dense(2)
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    first = layer(tf.constant(x))
    w, b = layer.w.numpy(), layer.b.numpy()
    np.testing.assert_array_equal(b, [3, 5])
    assert w.shape == (3, 2)
    assert len(np.unique(w)) == 6
    np.testing.assert_allclose(first.numpy(), x @ w + b, rtol=1e-5)
    np.testing.assert_allclose(layer(tf.constant(10 * x)).numpy(), 10 * x @ w + b, rtol=1e-5)
    assert layer.traces == 2
    assert [v.name for v in layer.variables] == ["Variable:0", "w:0"]


def test_without_values_such_a_variable_is_refused():
    layer = Dense(2)
    with pytest.raises(ValueError, match="the initial value of a variable that .* makes depends on its arguments: call it once"):
        layer.__call__.get_concrete_function(tf.TensorSpec([None, 3], tf.float32))


def test_tensors_among_the_arguments_are_called_as_the_parameters():
    @tf.function
    def f(x, pair, *rest, flag, **more):
        return x

    made = f.get_concrete_function(tf.ones(2), (tf.ones(1), 3, tf.ones(1)), tf.ones(1), flag=True, other=tf.ones(1))
    assert [t.name for t in made.inputs] == ["x:0", "pair:0", "pair_1:0", "args_2:0", "other:0"]


def test_many_traces_of_the_last_ten_calls_are_warned_of_twice(warned):
    @tf.function
    def f(x):
        return x

    for i in range(8):
        f(i)
    assert warned() == ["5 out of the last 5", "6 out of the last 6"]


def test_few_traces_among_many_calls_are_not_warned_of(warned):
    @tf.function
    def f(x):
        return x

    for i in range(40):
        f(i // 4)
    assert warned() == []


def test_functions_made_again_in_a_loop_are_warned_of(warned):
    for _ in range(5):
        @tf.function
        def f(x):
            return x
        f(1)
    assert warned() == ["5 out of the last 5"]


def test_functions_run_as_python_where_a_program_says_so():
    seen = []

    @tf.function
    def f(x):
        seen.append(float(x) if tf.executing_eagerly() else None)
        return x * 2

    f(tf.constant(1.0))
    tf.config.run_functions_eagerly(True)
    try:
        assert tf.config.functions_run_eagerly()
        assert float(f(tf.constant(2.0))) == 4
        assert float(f(tf.constant(3.0))) == 6
    finally:
        tf.config.run_functions_eagerly(False)
    f(tf.constant(4.0))
    assert seen == [None, 2.0, 3.0]
