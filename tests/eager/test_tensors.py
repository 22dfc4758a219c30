"""Eager tensors: how they print, what numpy and Python make of them, what operations say that fail."""
from __future__ import annotations

import pickle

import numpy as np
import pytest

import graphflow as tf
from tests.eager.switched import eagerly


@pytest.fixture(autouse=True)
def _eager():
    with eagerly():
        yield


def test_texts_are_those_of_tensorflow():
    with eagerly(v2=True):
        assert repr(tf.constant(1.5)) == "<tf.Tensor: shape=(), dtype=float32, numpy=1.5>"
    assert str(tf.constant([1, 2])) == "tf.Tensor([1 2], shape=(2,), dtype=int32)"
    assert str(tf.constant(np.eye(2))) == "tf.Tensor(\n[[1. 0.]\n [0. 1.]], shape=(2, 2), dtype=float64)"
    assert str(tf.constant("a")) == "tf.Tensor(b'a', shape=(), dtype=string)"
    tensor = tf.constant([1.0, 2.0])
    text = repr(tensor)
    assert text == repr(tensor)
    assert text.startswith("<tf.Tensor: id=")
    assert text.endswith(", shape=(2,), dtype=float32, numpy=array([1., 2.], dtype=float32)>")


def test_python_reads_scalars_and_rows():
    x = tf.constant([1.25, 2.5])
    assert (float(x[0]), int(x[1]), len(x), [float(v) for v in x]) == (1.25, 2, 2, [1.25, 2.5])
    assert f"{x[0]:.1f} {x[1]}" == "1.2 2.5"
    assert [10, 20, 30][tf.constant(1)] == 20
    assert bool(tf.constant(3) > 2)
    assert round(tf.constant(2.6)) == 3
    assert tf.constant(2 + 1j).numpy() == complex(tf.constant(2 + 1j)) == 2 + 1j
    for wrong, kind in ((lambda: len(x[0]), TypeError), (lambda: list(x[0]), TypeError), (lambda: bool(x), ValueError),
                        (lambda: int(x), TypeError), (lambda: [1][tf.constant(0.0)], TypeError), (lambda: x.name, AttributeError),
                        (lambda: x.op, AttributeError), (lambda: x.graph, AttributeError)):
        with pytest.raises(kind):
            wrong()


def test_numpy_takes_tensors_and_cannot_change_them():
    given = np.ones((2, 2), np.float32)
    x = tf.constant(given)
    given[:] = 5
    taken = x.numpy()
    taken[:] = 7
    assert not np.asarray(x).flags.writeable
    np.testing.assert_array_equal(x, np.ones((2, 2)))
    mixed = np.array([1.0, 2.0], np.float32) * tf.constant([3.0, 4.0])
    assert isinstance(mixed, tf.Tensor)
    assert mixed.numpy().tolist() == [3.0, 8.0]
    assert np.add(tf.constant([1.0]), 1).tolist() == [2.0]
    assert np.asarray(tf.constant([1.5]), np.int32).tolist() == [1]
    with pytest.raises(TypeError):
        x[0, 0] = 3.0


def test_a_pickled_tensor_comes_back():
    x = pickle.loads(pickle.dumps(tf.constant([[1, 2]], tf.int64)))
    assert x.dtype is tf.int64
    assert x.numpy().tolist() == [[1, 2]]


@pytest.mark.parametrize(("call", "kind", "text"), [
    (lambda: tf.constant(1) + tf.constant(1.0), "InvalidArgumentError",
     "cannot compute AddV2 as input #1(zero-based) was expected to be a int32 tensor but is a float tensor [Op:AddV2]"),
    (lambda: tf.add(1, 2.5), "TypeError", "int32"),
    (lambda: tf.constant(1) * 2.5, "TypeError", "Cannot convert 2.5 to EagerTensor of dtype int32"),
    (lambda: tf.matmul(tf.ones((2, 3)), tf.ones((2, 3))), "InvalidArgumentError", "[Op:MatMul]"),
    (lambda: tf.constant([1, 2]) + tf.constant([1, 2, 3]), "InvalidArgumentError", "Incompatible shapes: [2] vs. [3] [Op:AddV2]"),
    (lambda: tf.gather([1, 2], 5), "InvalidArgumentError", "indices = 5 is not in [0, 2) [Op:GatherV2]"),
    (lambda: tf.placeholder(tf.float32), "RuntimeError", "not compatible with eager execution"),
    (lambda: tf.gradients(tf.constant(1.0), tf.constant(1.0)), "RuntimeError", "Use tf.GradientTape instead"),
])
def test_what_does_not_fit_is_said_in_tensorflows_words(call, kind, text):
    with pytest.raises(getattr(tf.errors, kind, None) or getattr(__import__("builtins"), kind)) as caught:
        call()
    assert text in str(caught.value)


def test_a_tensor_where_a_number_stands_decides_the_dtype():
    x = tf.constant([1.5], tf.float64)
    assert (1 + x).dtype is (x + 1).dtype is tf.add(1, x).dtype is tf.float64
    assert tf.concat([[0.5], x], 0).dtype is tf.float64


def test_division_by_zero_is_silent_and_errors_of_numpy_stay_the_programs():
    assert np.isinf((tf.constant(1.0) / 0.0).numpy())
    with np.errstate(divide="raise"), pytest.raises(FloatingPointError):
        np.ones(1) / np.zeros(1)


def test_graphs_work_beside_eager_execution():
    x = tf.constant([1.0, 2.0])
    with tf.Graph().as_default():
        assert not tf.executing_eagerly()
        y = tf.placeholder(tf.float32, [2]) * x
        with tf.Session() as session:
            assert session.run(y, {y.op.inputs[0]: [3.0, 4.0]}).tolist() == [3.0, 8.0]
    assert tf.executing_eagerly()
    with pytest.raises(TypeError, match="is a symbolic tensor of a graph"):
        y + 1


def test_control_flow_runs_in_python():
    x = tf.constant(3)
    assert tf.cond(x > 2, lambda: x * 2, lambda: x).numpy() == 6
    assert tf.case([(x > 5, lambda: x), (x > 1, lambda: -x)], default=lambda: x).numpy() == -3
    assert tf.switch_case(tf.constant(7), [lambda: x, lambda: x + 1]).numpy() == 4
    found = tf.while_loop(lambda i, a: i < 4, lambda i, a: (i + 1, a * 2), [tf.constant(0), tf.constant(1)])
    assert [v.numpy() for v in found] == [4, 16]
    assert tf.while_loop(lambda i: i < 10, lambda i: i + 1, [0], maximum_iterations=3).numpy() == 3
    assert tf.map_fn(lambda v: v * v, tf.constant([1, 2, 3])).numpy().tolist() == [1, 4, 9]
    assert tf.scan(lambda a, v: a + v, tf.constant([1, 2, 3])).numpy().tolist() == [1, 3, 6]
    array = tf.TensorArray(tf.float32, 2)
    array.write(0, 1.0)
    array.write(1, 2.0)
    assert array.stack().numpy().tolist() == [1.0, 2.0]
    tf.assert_equal(x, 3)
    with pytest.raises(tf.errors.InvalidArgumentError):
        tf.assert_equal(x, 4)


def test_values_that_nobody_needs_go_at_once():
    import weakref
    x = tf.ones((3,))
    y = x + 1
    gone = weakref.ref(y)
    y = y * 2
    assert gone() is None


def test_eager_execution_is_switched_on_at_the_start():
    with eagerly():
        tf.disable_eager_execution()
        tf.constant(1.0)
        with pytest.raises(ValueError, match="must be called at program startup"):
            tf.enable_eager_execution()
