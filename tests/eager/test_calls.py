"""Calls whose arguments are of a kind seen before take a short way: what they give is what the first call of that kind gives."""
from __future__ import annotations

import numpy as np
import pytest

import graphflow as tf
from graphflow.eager.calls import NoKey, key_of
from graphflow.ops.array.axes import ExpandDims
from graphflow.ops.elementwise.binary import Maximum
from graphflow.ops.reduce.reduction import Sum
from tests.eager.switched import eagerly

X = np.arange(12, dtype=np.float32).reshape(3, 4)


@pytest.fixture(autouse=True)
def _eager():
    with eagerly():
        yield


CALLS = {
    "axis": (lambda x, n: tf.reduce_sum(x, axis=n), lambda x, n: x.sum(n)),
    "axis as a tensor": (lambda x, n: tf.reduce_sum(x, axis=tf.constant(n)), lambda x, n: x.sum(n)),
    "shape": (lambda x, n: tf.reshape(x, [n + 1, -1]), lambda x, n: x.reshape(n + 1, -1)),
    "shape with a tensor in it": (lambda x, n: tf.reshape(x, [tf.constant(n + 1), -1]), lambda x, n: x.reshape(n + 1, -1)),
    "index": (lambda x, n: x[n], lambda x, n: x[n]),
    "slice": (lambda x, n: x[n:, ::2], lambda x, n: x[n:, ::2]),
    "list of tensors": (lambda x, n: tf.concat([x] * (n + 1), n), lambda x, n: np.concatenate([x] * (n + 1), n)),
    "several outputs": (lambda x, n: tf.split(x, 4 - n, 1 - n)[-1], lambda x, n: np.split(x, 4 - n, 1 - n)[-1]),
    "number": (lambda x, n: tf.maximum(x, n * 3.0), lambda x, n: np.maximum(x, n * 3)),
    "array": (lambda x, n: tf.gather(x, np.array([n, 0])), lambda x, n: x[[n, 0]]),
    "unknown size": (lambda x, n: tf.where(tf.greater(x, float(n))), lambda x, n: np.argwhere(x > n)),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_second_call_gives_what_its_own_arguments_ask_for(name):
    ours, numpys = CALLS[name]
    for n in (0, 1, 0, 1):
        for x in (X, X + 1, X.astype(np.float64)[:, :4]):
            found = ours(tf.constant(x), n)
            wanted = numpys(x, n)
            assert found.shape.as_list() == list(wanted.shape)
            np.testing.assert_array_equal(found.numpy(), wanted)


def test_numbers_that_are_equal_but_not_the_same_are_told_apart():
    key = lambda value: key_of(Maximum, (tf.constant(X), value), {})  # noqa: E731
    assert key(0.0) == key(0.0) != key(-0.0) != key(0) != key(False)
    assert key(1) != key(1.0) != key(True)
    assert key([1.0, 2.0]) != key((1.0, 2.0))
    assert np.signbit(tf.negative(tf.maximum(tf.constant([-1.0]), -0.0)).numpy()) != np.signbit(
        tf.negative(tf.maximum(tf.constant([-1.0]), 0.0)).numpy())


def test_arguments_that_say_too_little_or_too_much_take_the_long_way():
    for value in (None, object(), np.zeros(1000), [0.0] * 1000, [object()], tf.TensorShape([None])):
        with pytest.raises(NoKey):
            key_of(Maximum, (tf.constant(X), value), {})
    with pytest.raises(NoKey):
        key_of(Sum, (tf.constant(X), tf.zeros([1000], tf.int32)), {})
    with pytest.raises(NoKey):
        key_of(ExpandDims, (tf.constant(X),), {})


def test_errors_and_gradients_are_those_of_the_first_call():
    x = tf.constant(X)
    for _ in range(3):
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"indices\[0\] = 7 is not in \[0, 3\)"):
            tf.gather(x, [7])
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            total = tf.reduce_sum(tf.concat([x, 2.0 * x], 0)[1:], axis=[0, 1])
            part = tf.split(x, 2, axis=1)[1]
        np.testing.assert_array_equal(tape.gradient(total, x).numpy(), [[2] * 4, [3] * 4, [3] * 4])
        np.testing.assert_array_equal(tape.gradient(part, x).numpy(), [[0, 0, 1, 1]] * 3)


def test_variables_stand_for_the_value_they_have():
    v = tf.Variable(X)
    w = tf.Variable(X.astype(np.float64))
    for n in range(3):
        v.assign_add(tf.ones_like(X))
        np.testing.assert_array_equal(tf.reduce_sum(v, axis=0).numpy(), (X + n + 1).sum(0))
        with tf.GradientTape() as tape:
            y = tf.reduce_sum(tf.square(v))
        np.testing.assert_array_equal(tape.gradient(y, v).numpy(), 2 * (X + n + 1))
        with pytest.raises(tf.errors.InvalidArgumentError, match="expected to be a float tensor but is a double tensor"):
            tf.matmul(v, w)
        with pytest.raises(tf.errors.InvalidArgumentError, match="must be the same size"):
            v.assign_add([1.0, 2.0])


def test_what_a_call_gives_is_never_what_another_one_holds():
    made = tf.identity([1.0, 2.0])
    made.numpy()[0] = 5
    with tf.GradientTape() as tape:
        tape.watch(made)
        other = tf.identity([1.0, 2.0])
        y = tf.reduce_sum(made * other)
    assert other is not made
    np.testing.assert_array_equal(tape.gradient(y, made).numpy(), [1, 2])
