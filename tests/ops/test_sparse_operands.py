"""Functions of dense tensors that take sparse ones too, as in TensorFlow, whatever was imported before."""

import subprocess
import sys

import numpy as np
import pytest

import graphflow as tf


def sparse(values=(1.0, 4.0), dtype=None):
    return tf.SparseTensor([[0, 1], [1, 0]], tf.constant(values, dtype), [2, 2])


def dense(x):
    with tf.Session() as session:
        return session.run(tf.sparse_tensor_to_dense(x)).tolist()


FUNCTIONS = [tf.abs, tf.negative, tf.sign, tf.square, tf.sqrt, tf.erf, tf.tanh, tf.math.bessel_i0e, tf.math.bessel_i1e]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_functions_work_on_the_values(function):
    found = function(sparse())
    assert isinstance(found, tf.SparseTensor)
    with tf.Session() as session:
        np.testing.assert_allclose(*session.run([found.values, function(tf.constant([1.0, 4.0]))]))


def test_products_and_quotients():
    other = tf.constant([[3.0], [5.0]])
    assert dense(sparse() * other) == dense(other * sparse()) == [[0.0, 3.0], [20.0, 0.0]]
    assert dense(sparse() / other) == [[0.0, np.float32(1 / 3)], [np.float32(0.8), 0.0]]
    assert dense(sparse() * 2.0) == [[0.0, 2.0], [8.0, 0.0]]


def test_quotients_of_integers_are_true_ones():
    found = sparse((7, 9), tf.int32) / tf.constant([[2]])
    assert found.dtype == tf.float64
    assert dense(found) == [[0.0, 3.5], [4.5, 0.0]]


def test_cast_identity_stop_gradient_and_zeros_like():
    assert dense(tf.cast(sparse(), tf.int32)) == [[0, 1], [4, 0]]
    assert dense(tf.identity(sparse())) == dense(tf.stop_gradient(sparse())) == [[0.0, 1.0], [4.0, 0.0]]
    with tf.Session() as session:
        assert session.run(tf.zeros_like(sparse())).tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_what_was_imported_before_does_not_matter():
    program = ("import graphflow as tf; s = tf.SparseTensor([[0, 1]], [4.0], [2, 3]); "
               "print(*[type(x).__name__ for x in (s * tf.ones([2, 1]), tf.ones([2, 1]) * s, s / 2., tf.cast(s, tf.int32), tf.abs(s))])")
    for first in ("", "import graphflow; graphflow.sparse_add; "):
        out = subprocess.run([sys.executable, "-c", first + program], capture_output=True, text=True, check=True)
        assert out.stdout.split() == ["SparseTensor"] * 5


@pytest.mark.parametrize("shape", [(2, 2), (2, 1), (1, 2), (2,), (1,), ()])
@pytest.mark.parametrize("operator", ["times", "over"])
def test_gradients_of_both_operands(shape, operator):
    """Against the same in dense tensors."""
    values, other = tf.constant([2.0, 3.0]), tf.constant(np.arange(1.0, 1 + np.prod(shape)).reshape(shape), tf.float32)
    x = tf.SparseTensor([[0, 1], [1, 0]], values, [2, 2])
    whole = tf.scatter_nd([[0, 1], [1, 0]], values, [2, 2])
    weights = np.float32([10.0, 100.0])
    found = tf.gradients((x * other if operator == "times" else x / other).values, [values, other], grad_ys=tf.constant(weights))
    product = whole * other if operator == "times" else whole / other
    wanted = tf.gradients(tf.gather_nd(product, [[0, 1], [1, 0]]), [values, other], grad_ys=tf.constant(weights))
    with tf.Session() as session:
        for a, b in zip(*session.run([found, wanted]), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-6)


def test_sums_beyond_the_dense_shape():
    x = tf.SparseTensor([[1]], [1.0], [1])
    with tf.Session() as session:
        assert session.run(tf.sparse_add(x, x)) == ([[1]], [2.0], [1])


@pytest.mark.parametrize("function", [tf.nn.softmax, tf.nn.log_softmax])
@pytest.mark.parametrize("axis", [0, 1, -1, -2])
def test_softmax_over_an_axis_of_a_tensor_of_unknown_rank(function, axis):
    x = tf.placeholder(tf.float32)
    value = np.arange(6, dtype=np.float32).reshape(2, 3)
    with tf.Session() as session:
        np.testing.assert_allclose(session.run(function(x, axis), {x: value}), session.run(function(tf.constant(value), axis)), rtol=1e-6)
        assert session.run(function(x, axis), {x: value[:0]}).shape == (0, 3)
    if axis in (0, -1):
        with tf.Session() as session:
            assert session.run(function(x, axis), {x: value[0]}).shape == (3,)


def test_objects_that_numpy_can_read_keep_their_dtype():
    class Frame:
        def __array__(self, dtype=None, copy=None):
            return np.array([1.0, 2.0], dtype or np.float64)

    assert tf.constant(Frame()).dtype == tf.float64
    assert tf.constant(Frame(), tf.float32).dtype == tf.float32
    x = tf.placeholder(tf.float32, [2])
    with tf.Session() as session:
        assert session.run(x * 2, {x: Frame()}).tolist() == [2.0, 4.0]


@pytest.mark.parametrize("sizes", [(0, 0), (0, 7), (40, 25)])
@pytest.mark.parametrize("in_order", [True, False])
def test_sums_and_extremes_of_sparse_tensors_are_those_of_dense_ones(sizes, in_order):
    source = np.random.default_rng(sum(sizes))
    sides = []
    for size in sizes:
        places = source.choice(60, size, replace=False)
        places = np.sort(places) if in_order else places
        sides.append((np.stack(np.unravel_index(places, (6, 10)), 1).astype(np.int64), source.integers(-3, 4, size).astype(np.float32)))
    with tf.Graph().as_default(), tf.Session() as session:
        values = [tf.constant(v, tf.float32, [len(v)]) for _, v in sides]
        a, b = (tf.SparseTensor(i, v, [6, 10]) for (i, _), v in zip(sides, values, strict=True))
        total = tf.sparse_add(a, b, 2.5)
        weights = tf.sparse_tensor_to_dense(tf.sparse_reorder(total)) * tf.reshape(tf.range(60.0), [6, 10])
        extremes = [tf.sparse_minimum(a, b), tf.sparse_maximum(a, b)]
        found, slopes, (least, greatest) = session.run([total, tf.gradients(weights, values), extremes])
    dense = np.zeros((2, 6, 10), np.float32)
    for grid, (indices, numbers) in zip(dense, sides, strict=True):
        grid[tuple(indices.T)] = numbers
    there = sorted({tuple(place) for indices, _ in sides for place in indices.tolist()})
    kept = [place for place in there if abs(dense[(slice(None), *place)].sum()) >= 2.5]
    assert [tuple(place) for place in found.indices.tolist()] == kept
    assert found.values.tolist() == [dense[(slice(None), *place)].sum() for place in kept]
    for result, grid in ((least, dense.min(0)), (greatest, dense.max(0))):
        assert [tuple(place) for place in result.indices.tolist()] == there
        assert result.values.tolist() == [grid[place] for place in there]
    for slope, (indices, _) in zip(slopes, sides, strict=True):
        assert slope.tolist() == [10.0 * i + j if (i, j) in kept else 0.0 for i, j in indices.tolist()]
