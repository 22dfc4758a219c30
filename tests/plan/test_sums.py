"""Sums of products that the numpy engine makes in one pass over memory."""
import numpy as np
import pytest

import graphflow as tf
from graphflow.plan.passes.sums import multiply_and_add
from graphflow.plan.verify import verify

A, B = (np.random.RandomState(i).standard_normal((40, 9, 8, 12)).astype("f") for i in (0, 1))


def programs(a, b):
    """(fetches, what they must be, whether they hold an einsum)"""
    product = A.astype(float) * B
    return {
        "columns": (tf.reduce_sum(a * b, [0, 1, 2]), product.sum((0, 1, 2)), True),
        "kept": (tf.reduce_sum(a * b, [0, 1, 2], keepdims=True), product.sum((0, 1, 2), keepdims=True), True),
        "two axes left": (tf.reduce_sum(a * b, [0, 1]), product.sum((0, 1)), True),
        "square": (tf.reduce_sum(a * a, [0, 1, 2]), (A.astype(float) ** 2).sum((0, 1, 2)), True),
        "inner axis": (tf.reduce_sum(a * b, [1, 2, 3]), product.sum((1, 2, 3)), False),
        "product used twice": ((tf.reduce_sum(a * b, [0, 1, 2]), a * b), (product.sum((0, 1, 2)), product), False),
        "scaled": (tf.reduce_sum(a * 2.0, [0, 1, 2]), A.astype(float).sum((0, 1, 2)) * 2, False),
    }


@pytest.mark.parametrize("name", list(programs(tf.constant(A), tf.constant(B))))
def test_sums_of_products_over_leading_axes(name):
    with tf.Graph().as_default(), tf.Session(config=tf.ConfigProto(engine="numpy")) as sess:
        a, b = tf.placeholder(tf.float32, A.shape), tf.placeholder(tf.float32, B.shape)
        fetches, wanted, one_pass = programs(a, b)[name]
        found = sess.run(fetches, {a: A, b: B})
        for x, y in zip(*([found, wanted] if isinstance(found, tuple) else [[found], [wanted]]), strict=True):
            np.testing.assert_allclose(x, y, rtol=2e-4, atol=1e-4)
        assert ("einsum(" in sess.explain(fetches, {a: A, b: B})) == one_pass


def test_a_second_round_changes_nothing():
    with tf.Graph().as_default(), tf.Session() as sess:
        a = tf.placeholder(tf.float32, A.shape)
        plan = sess.explain(tf.reduce_sum(a * a, [0, 1, 2]), {a: A}, stages=True)[-2][1]
        once = multiply_and_add(plan)
        assert once is not plan and multiply_and_add(once) is once
        verify(once)
