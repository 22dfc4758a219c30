"""Rows by number in native code, as nodes of a plan and as what kernels on the host call, beside numpy's."""

from __future__ import annotations

import numpy as np
import pytest

import graphflow as tf
from graphflow.kernels.scatter import scatter_rows
from graphflow.kernels.segments import segment_reduce
from graphflow.runtime import engines

pytestmark = pytest.mark.skipif(not engines.compiler(), reason="needs llvmlite")
DTYPES = ["float32", "float64", "uint8", "int64"]


@pytest.fixture
def namespace(monkeypatch):
    """The module, which calls native code for small arrays too."""
    from graphflow.runtime.engines.native import namespace

    monkeypatch.setenv("GRAPHFLOW_CACHE", "")
    monkeypatch.setattr(namespace, "WORTH", 0)
    return namespace


@pytest.fixture
def calls(namespace, monkeypatch):
    """How often native code was called."""
    made = []
    combined = namespace.combined
    monkeypatch.setattr(namespace, "combined", lambda *args: made.append(args) or combined(*args))
    return made


def numbers(dtype, *shape):
    draw = np.random.RandomState(sum(shape) + 3)
    return draw.randint(0, 9, shape).astype(dtype) if np.dtype(dtype).kind in "iu" else draw.randn(*shape).astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("width", [(), (8,), (3, 11)])
def test_rows_are_combined_as_numpy_combines_them(namespace, calls, dtype, width):
    target, updates = numbers(dtype, 5, *width), numbers(dtype, 23, *width)
    for indices in (np.arange(23, dtype=np.int32) % 5, np.full(23, 4, np.int64)):
        for how in ("add", "sub", "mul", "min", "max", "update"):
            found = namespace.native_namespace.scatter_rows(target, indices, updates, how, 1)
            np.testing.assert_allclose(found, scatter_rows(target, indices, updates, how), rtol=1e-5, atol=1e-5)
            own = target.copy()
            assert namespace.in_place_namespace.scatter_rows(own, indices, updates, how, 1) is own
            np.testing.assert_array_equal(own, found)
    assert len(calls) == 24


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("width", [(), (2, 5)])
def test_segments_are_combined_as_numpy_combines_them(namespace, calls, dtype, width):
    rows = numbers(dtype, 6, 4, *width)
    ids = np.array([[3, 0, -1, 3], [3, 1, 0, 0], [-7, -1, 3, 3], [1, 1, 1, 5], [0, 3, 3, 3], [5, 5, 0, 1]])
    for kind in (np.int32, np.int64):
        for how in ("sum", "prod", "max", "min"):
            found = namespace.native_namespace.segment_reduce(rows, ids.astype(kind), 7, how)
            np.testing.assert_allclose(found, segment_reduce(rows, ids, 7, how), rtol=2e-5, atol=1e-5)
            assert found.dtype == rows.dtype
    assert len(calls) == 4


def test_segments_of_nothing_and_nan(namespace, calls):
    reduce = namespace.native_namespace.segment_reduce
    assert reduce(np.zeros([0, 3], np.float32), np.zeros(0, np.int32), 2, "sum").tolist() == [[0, 0, 0]] * 2
    assert reduce(np.zeros([2, 0], np.float32), np.zeros(2, np.int32), 2, "sum").shape == (2, 0)
    assert reduce(np.zeros([0, 3], np.float32), np.zeros(0, np.int32), 0, "prod").shape == (0, 3)
    found = reduce(np.float32([[1, np.nan], [np.inf, 2], [-np.inf, 3]]), np.int32([0, 1, 1]), 3, "sum")
    np.testing.assert_array_equal(found, np.float32([[1, np.nan], [np.nan, 5], [0, 0]]))
    assert len(calls) == 1


def test_an_id_that_is_too_large_is_refused(namespace):
    with pytest.raises(ValueError, match="out of range"):
        namespace.native_namespace.segment_reduce(np.ones([3, 2], np.float32), np.int32([0, 2, 1]), 2, "sum")


def test_arrays_that_are_not_laid_out_row_by_row(namespace, calls):
    target, updates = numbers("float32", 4, 6).T, numbers("float32", 5, 6)[::-1, ::2]
    indices = np.arange(10, dtype=np.int32)[::2] % 6
    found = namespace.native_namespace.scatter_rows(target[:, :3], indices, updates, "add", 1)
    np.testing.assert_allclose(found, scatter_rows(target[:, :3], indices, updates, "add"), rtol=1e-6)
    assert len(calls) == 1


@pytest.mark.parametrize("dtype", ["float32", "int32"])
@pytest.mark.parametrize("function", ["unsorted_segment_sum", "unsorted_segment_prod", "unsorted_segment_max"])
@pytest.mark.parametrize("width", [(), (5,), (0,)])
def test_a_plans_segments(function, dtype, width):
    x, ids = tf.placeholder(dtype, [7, *width]), tf.placeholder(tf.int32, [7])
    y = getattr(tf.math, function)(x * 2, ids, 4) + 1
    feed = {x: numbers(dtype, 7, *width), ids: [3, 0, 0, -1, 3, 3, 1]}
    found = []
    for engine in ("native", "numpy"):
        with tf.Session(config=tf.ConfigProto(engine=engine)) as sess:
            found.append(sess.run(y, feed))
            with pytest.raises(tf.errors.InvalidArgumentError, match=r"is out of range \[0, 4\)"):
                sess.run(y, {**feed, ids: [4] * 7})
    np.testing.assert_allclose(*found, rtol=1e-6)
