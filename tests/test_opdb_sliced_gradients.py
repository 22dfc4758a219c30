"""Every op's gradient below a gather: rows (IndexedSlices) arrive there, and must mean what the dense gradient means."""

from __future__ import annotations

import numpy as np
import pytest

import graphflow as tf
from tests import opdb
from tests.opdb import _run

ROWS = [(row, row.dtypes[0]) for row in opdb.load() if row.dtypes[0].startswith(("float", "bfloat"))]


def gradients(ys, xs, below):
    """Of the sum of the rows 0 and 0 of y: by a gather, or by what it stands for."""
    if below == "gather":
        return tf.gradients([tf.gather(y, [0, 0]) for y in ys], xs)
    weights = [tf.reshape(tf.one_hot(0, y.static[0], np.float64(2), dtype=tf.float64), [-1] + [1] * (len(y.static) - 1)) for y in ys]
    return tf.gradients(ys, xs, grad_ys=[tf.zeros_like(y) + tf.cast(w, y.dtype) for y, w in zip(ys, weights, strict=True)])


@pytest.mark.parametrize("case", ROWS, ids=opdb.case_id)
def test_rows_mean_what_their_dense_gradient_means(case):
    row, dtype = case
    example = row.cases(dtype)[0]
    built = _run.Built(row, example)
    if any(op._op_def.stateful for op in built.graph.get_operations()):
        pytest.skip("stateful: two gradients see different numbers")
    with built.graph.as_default():
        ys = [y for y in built.outputs if y.dtype.is_floating and y.static and None not in y.static and y.static[0]]
        xs = [x for x in built.tensors if x.dtype.is_floating]
        try:
            wanted = gradients(ys, xs, "dense")
        except LookupError:
            pytest.skip("no gradient")
        found = gradients(ys, xs, "gather")
        assert [g is None for g in found] == [g is None for g in wanted]
        pairs = [(tf.convert_to_tensor(a), tf.convert_to_tensor(b)) for a, b in zip(found, wanted, strict=True) if a is not None]
    with tf.Session(graph=built.graph) as session:
        for a, b in session.run(pairs, built.feeds):
            _run.assert_close(a, b, dtype, 10 * row.tolerance, row.name)


def test_equal_shapes_pass_rows_on_as_rows():
    x = tf.placeholder(tf.float32, [4, 3])
    for y in (x + np.ones((4, 3)), x - np.ones((4, 3))):
        assert isinstance(tf.gradients(tf.gather(y, [0, 0]), x)[0], tf.IndexedSlices)
    product = tf.gradients(tf.gather(x * np.float32([[2.0]] * 4), [0, 0]), x)[0]
    with tf.Session() as session:
        assert session.run(product, {x: np.zeros((4, 3))}).tolist() == [[4.0] * 3] + [[0.0] * 3] * 3
