"""Reductions of short rows, and of rows in any order, beside numpy's own."""

import itertools

import numpy as np
import pytest

from graphflow.kernels.reductions import column_products, folded, folds
from graphflow.kernels.segments import reduce_rows
from graphflow.kernels.sparse_product import sparse_product

UFUNCS = {"sum": np.add, "prod": np.multiply, "max": np.maximum, "min": np.minimum}
SHAPES = [(9001, 10), (1000, 3, 7), (20, 1000, 5), (10007,), (4096, 2), (5000, 16), (3, 4, 5), (100, 90, 2), (0, 10), (9000, 0)]


@pytest.mark.parametrize("name", UFUNCS)
@pytest.mark.parametrize("shape", SHAPES)
def test_folded_reductions_give_what_numpy_gives(name, shape):
    rng, ufunc = np.random.default_rng(0), UFUNCS[name]
    x = 1 + rng.standard_normal(shape) / 100
    for dtype, count in itertools.product((np.float32, np.float64, np.int32), range(len(shape) + 1)):
        array = (x * (3 if np.dtype(dtype).kind == "i" else 1)).astype(dtype)
        for axes in itertools.combinations(range(len(shape)), count):
            if name in ("max", "min") and any(shape[a] == 0 for a in axes):
                continue
            kinds = (array.dtype,) if dtype == np.int32 else (None, array.dtype)      # numpy's own sums of int32 are int64
            for keep, kind in itertools.product((False, True), kinds):
                want = ufunc.reduce(array, axes, kind, None, keep)
                found = folded(ufunc)(array, axes, kind, None, keep)
                assert found.shape == want.shape and found.dtype == want.dtype
                np.testing.assert_allclose(found, want, rtol=1e-4 if dtype == np.float32 else 1e-9)
                out = np.empty_like(want)
                np.testing.assert_array_equal(folded(ufunc)(array, axes, kind, out, keep), found)


def test_other_layouts_and_nans():
    x = np.random.default_rng(1).standard_normal((10, 9001)).T
    np.testing.assert_allclose(folded(np.add)(x, (0,)), x.sum(0))
    y = np.ones((9001, 10))
    y[77, 3] = np.nan
    assert np.isnan(folded(np.maximum)(y, (0,))).tolist() == [i == 3 for i in range(10)]
    assert folds((100_000, 10), (0,), "sum") and not folds((10, 100_000), (0,), "sum") and not folds((10,), (0,), "max")


@pytest.mark.parametrize("name", UFUNCS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int32, np.int64, np.uint8, np.float16])
@pytest.mark.parametrize("rest, count", [((), 50), ((3,), 50), ((), 100_000)])
def test_rows_in_any_order_are_reduced_as_sorted_ones(name, dtype, rest, count):
    rng = np.random.default_rng(2)
    ids = rng.integers(-2, count - 3, 400).astype(np.int32)
    rows = rng.uniform(0.5, 1.5, (400, *rest)).astype(dtype)
    if name == "max" and np.dtype(dtype).kind == "f":
        rows[ids == ids.max()] = -np.inf
    found = reduce_rows(UFUNCS[name], rows, ids, count, 1)
    order = np.argsort(ids, kind="stable")
    want = reduce_rows(UFUNCS[name], rows[order], ids[order], count, 1)
    np.testing.assert_allclose(found, want, rtol=1e-2 if dtype == np.float16 else 1e-5)


@pytest.mark.parametrize("shape", [(3000, 17), (77, 100), (50, 512), (3, 700), (2000, 31), (5, 7, 40, 33)])
def test_long_rows_are_multiplied_by_halves_and_added_by_ones(shape):
    x = 1 + np.random.default_rng(0).standard_normal(shape) / 50
    axis = (len(shape) - 1,)
    for dtype in (np.float32, np.float64):
        rows = x.astype(dtype)
        np.testing.assert_allclose(folded(np.multiply)(rows, axis), np.prod(x, -1), rtol=1e-4)
        np.testing.assert_allclose(folded(np.add)(rows, axis, None, None, True), x.sum(-1, keepdims=True), rtol=1e-5)
    rows[0, ..., 3] = np.inf
    assert np.isinf(folded(np.add)(rows, axis)).sum() == np.prod(shape[1:-1])
    ones = np.where(np.arange(np.prod(shape)).reshape(shape) % 9, 1, 3).astype(np.int32)
    np.testing.assert_array_equal(folded(np.multiply)(ones, axis, np.int32), ones.prod(-1, dtype=np.int32))
    np.testing.assert_array_equal(folded(np.add)(ones, axis, np.int32), ones.sum(-1, dtype=np.int32))


@pytest.mark.parametrize("rows, columns", [(5000, 12), (1, 40), (1000, 3), (77, 2000), (1025, 1)])
def test_columns_of_products(rows, columns):
    a, b = np.random.default_rng(0).standard_normal((2, rows, columns))
    np.testing.assert_allclose(column_products(a, b), (a * b).sum(0), rtol=1e-9, atol=1e-9)
    out = np.empty(columns)
    assert column_products(a, b, out) is out
    np.testing.assert_allclose(out, (a * b).sum(0), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("count, width", [(10_000, 16), (5003, 3), (4096, 200)])
def test_sorted_rows_are_added_up_by_products(count, width):
    rng = np.random.default_rng(0)
    rows, ids = rng.standard_normal((count, width)), np.sort(rng.integers(0, count // 90, count))
    ids[ids == 7] = 8                                            # a segment without rows
    want = np.zeros((count // 90 + 3, width))
    np.add.at(want, ids, rows)
    np.testing.assert_allclose(reduce_rows(np.add, rows, ids, len(want), 0), want, rtol=1e-9, atol=1e-9)
    rows[5] = np.inf                                             # must not reach others as 0 * inf
    found = reduce_rows(np.add, rows, ids, len(want), 0)
    assert np.isinf(found[ids[5]]).all()
    np.testing.assert_allclose(found[ids[5] + 1:], want[ids[5] + 1:], rtol=1e-9, atol=1e-9)


def test_numbers_in_any_order_that_are_the_least_there_is():
    least, ids = np.float32(-np.inf), np.array([3, 1, 3, 0, 5])
    found = reduce_rows(np.maximum, np.array([least, 2, least, 1, 7], np.float32), ids, 6, -9)
    assert found.tolist() == [1, 2, -9, least, -9, 7]


@pytest.mark.parametrize("name", UFUNCS)
def test_wide_rows_are_reduced_one_by_one(name):
    rng = np.random.default_rng(0)
    rows, ids = rng.standard_normal((60, 300)), rng.integers(-1, 9, 60)
    ids[ids == 4] = 5
    found = reduce_rows(UFUNCS[name], rows, ids, 10, -7)
    for i in range(10):
        here = rows[ids == i]
        np.testing.assert_allclose(found[i], UFUNCS[name].reduce(here, 0) if len(here) else np.full(300, -7.0))


@pytest.mark.parametrize("many, width", [(400, 8), (3, 8), (400, 1), (0, 4)])
@pytest.mark.parametrize("spoilt", [False, True])
def test_products_of_matrices_given_by_their_elements(many, width, spoilt):
    rng = np.random.default_rng(0)
    rows, columns, values = rng.integers(0, 20, many), rng.integers(0, 30, many), rng.standard_normal(many)
    b = rng.standard_normal((30, width))
    if spoilt:
        b[7] = np.inf                                            # may reach only rows that hold an element of column 7
    want = np.zeros((20, width))
    np.add.at(want, rows, values[:, None] * b[columns])
    np.testing.assert_allclose(sparse_product(rows, columns, values, b, 20), want, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("count, shape", [(300, (500, 6)), (90, (40, 2, 3)), (1, (7, 4)), (9, (1, 5))])
def test_short_segments_are_summed_in_the_order_of_their_rows(count, shape, dtype):
    rng = np.random.default_rng(4)
    rows, ids = rng.standard_normal(shape).astype(dtype), rng.integers(-1, count, shape[0])
    want = np.zeros((count, *shape[1:]), dtype)
    for row, i in zip(rows, ids):
        if i >= 0:
            want[i] += row
    np.testing.assert_array_equal(reduce_rows(np.add, rows, ids, count, 0), want)
    np.testing.assert_array_equal(reduce_rows(np.add, rows[::-1][::-1], ids.astype(np.int32), count, 0), want)
    np.testing.assert_allclose(reduce_rows(np.add, rows, ids, count, 2), np.where(np.isin(np.arange(count), ids).reshape(
        -1, *[1] * (len(shape) - 1)), want, 2), rtol=1e-5, atol=1e-6)
