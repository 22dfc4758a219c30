"""Pools cut into blocks, of wide windows, of odd numbers and of short dtypes, against the largest of each window one by one."""
import itertools

import ml_dtypes
import numpy as np
import pytest

from graphflow.kernels import depthwise, parallel, pool, pool_places, sliding
from graphflow.kernels.windows import window


def seen(x, win):
    """[*outputs, taps] indices of the elements of x (flat) under each tap; -1 outside."""
    places = np.pad(np.arange(x.size).reshape(x.shape), [(0, 0), *win.pads, (0, 0)], constant_values=-1)
    outputs = win.outputs(x.shape[1:-1])
    views = [places[(slice(None), *(slice(t, t + (m - 1) * s + 1, s) for t, m, s in zip(tap, outputs, win.strides)))]
             for tap in itertools.product(*map(range, win.size))]
    return np.stack(views, -1)


def slow(x, dy, win):
    """(max pool, its gradient, the places of the maxima, mean pool, its gradient)."""
    under = seen(x, win)
    values = np.where(under < 0, -np.inf, x.reshape(-1)[under])
    first = np.take_along_axis(under, np.where(under < 0, -np.inf, np.maximum(values, -1e300)).argmax(-1)[..., None], -1)[..., 0]
    count = (under >= 0).sum(-1)
    dx, spread = np.zeros(x.size), np.zeros(x.size + 1)
    np.add.at(dx, first, dy)
    np.add.at(spread, under, (dy / count)[..., None])
    mean = np.where(under < 0, 0, x.reshape(-1)[under]).sum(-1) / count
    return values.max(-1), dx.reshape(x.shape), first, mean, spread[:-1].reshape(x.shape)


CASES = [((2, 9, 8, 3), (3, 2), (2, 1), "SAME"), ((3, 12, 10, 2), (4, 5), (4, 5), "VALID"), ((2, 13, 11, 1), (5, 4), (6, 5), "SAME"),
         ((1, 7, 70, 4), (2, 5), (1, 1), "VALID"), ((2, 20, 3), (6,), (6,), "SAME"), ((2, 6, 5, 7, 2), (2, 4, 3), (1, 4, 2), "SAME"),
         ((5, 6, 6, 64), (2, 2), (2, 2), "VALID"), ((2, 5, 6, 3), (5, 6), (1, 1), "VALID"), ((2, 16, 16, 2), (16, 16), (16, 16), "SAME")]


@pytest.mark.parametrize("shape, size, strides, padding", CASES)
@pytest.mark.parametrize("block", [1, 1 << 20])
def test_pools_do_not_depend_on_blocks_or_threads(monkeypatch, shape, size, strides, padding, block):
    monkeypatch.setattr(sliding, "BLOCK_BYTES", block)
    monkeypatch.setattr(parallel, "WORTH", 1)
    monkeypatch.setattr(parallel, "THREADS", 2)
    rng = np.random.default_rng(0)
    win = window(shape[1:-1], size, strides, padding)
    for x in (rng.standard_normal(shape), rng.integers(0, 3, shape).astype(np.float64)):        # the second has many ties
        y = pool.max_pool(x, win)
        dy = rng.standard_normal(y.shape)
        top, dx, first, mean, spread = slow(x, dy, win)
        np.testing.assert_array_equal(y, top)
        np.testing.assert_allclose(pool_places.max_pool_gradient(x, y, dy, win), dx, atol=1e-12)
        np.testing.assert_array_equal(pool_places.max_pool_positions(x, win, batch_in_index=True), first)
        np.testing.assert_array_equal(pool_places.max_pool_gradient_gradient(x, y, x, win), top)
        np.testing.assert_allclose(pool.avg_pool(x, win), mean, atol=1e-12)
        np.testing.assert_allclose(pool.avg_pool_gradient(dy, shape, win), spread, atol=1e-12)


def test_windows_of_nothing_but_the_least_number_or_nan_among_others():
    x = np.random.default_rng(0).standard_normal((2, 6, 6, 2))
    x[0, :3, :3] = -np.inf
    x[1, 2, 2, 0] = np.nan
    win = window((6, 6), (3, 3), (1, 1), "SAME")
    y = pool.max_pool(x, win)
    clean = np.where(np.isnan(x), -np.inf, x)
    dy = np.ones(y.shape)
    _, dx, _, _, _ = slow(clean, dy, win)
    found = pool_places.max_pool_gradient(x, y, dy, win)
    inner = found[0, 0, 0, 0]                # the window at the corner sees -inf and the pads only: its gradient stays inside
    assert inner == dx[0, 0, 0, 0] == 4 and found.sum() == dy.sum()
    np.testing.assert_array_equal(found[1], dx[1])
    assert found[1, 2, 2, 0] == 0


def test_an_output_that_is_not_the_maximum_is_looked_for_as_it_is():
    x = np.arange(16.0).reshape(1, 4, 2, 2, 1)
    win = window((4, 2, 2), (2, 2, 2), (2, 2, 2), "VALID")
    y = np.array([3.0, 99.0]).reshape(1, 2, 1, 1, 1)
    dx = pool_places.max_pool_gradient(x, y, np.ones_like(y), win)
    assert np.flatnonzero(dx).tolist() == [3]
    assert pool_places.max_pool_gradient_gradient(x, y, x + 1, win).reshape(-1).tolist() == [4.0, 0.0]


@pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16, np.int8, np.uint16, np.int64, np.float32])
def test_pools_of_other_dtypes(dtype):
    rng = np.random.default_rng(0)
    x = rng.integers(0, 5, (2, 7, 6, 3)).astype(dtype)
    win = window((7, 6), (3, 4), (2, 1), "SAME")
    y = pool.max_pool(x, win)
    dy = rng.integers(0, 3, y.shape).astype(dtype)
    top, dx, first, _, _ = slow(x.astype(float), dy.astype(float), win)
    np.testing.assert_array_equal(y.astype(float), top)
    got = pool_places.max_pool_gradient(x, y, dy, win)
    assert got.dtype == dtype
    np.testing.assert_array_equal(got.astype(float), dx)
    np.testing.assert_array_equal(pool_places.max_pool_positions(x, win, batch_in_index=True), first)


def test_pools_of_images_that_lie_channel_by_channel():
    x = np.random.default_rng(0).standard_normal((2, 3, 8, 8)).transpose(0, 2, 3, 1)
    win = window((8, 8), (3, 3), (2, 2), "SAME")
    y = pool.max_pool(x, win)
    plain = np.ascontiguousarray(x)
    np.testing.assert_array_equal(y, pool.max_pool(plain, win))
    np.testing.assert_array_equal(pool_places.max_pool_gradient(x, y, y, win), pool_places.max_pool_gradient(plain, y, y, win))


@pytest.mark.parametrize("strides, dilations", [((1, 1), (1, 1)), ((2, 3), (1, 1)), ((1, 1), (2, 3)), ((2, 2), (3, 3))])
@pytest.mark.parametrize("block", [1, 1 << 20])
def test_depthwise_convolutions_do_not_depend_on_blocks_or_threads(monkeypatch, strides, dilations, block):
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((3, 10, 9, 4)), rng.standard_normal((3, 2, 4, 3))
    win = window((10, 9), (3, 2), strides, "SAME", dilations)
    padded = np.pad(x, [(0, 0), *win.pads, (0, 0)])
    outputs = win.outputs((10, 9))
    y = sum(padded[:, a * dilations[0]:, b * dilations[1]:][:, ::strides[0], ::strides[1]][:, :outputs[0], :outputs[1], :, None] * w[a, b]
            for a in range(3) for b in range(2)).reshape(3, *outputs, 12)
    dy = rng.standard_normal(y.shape)
    monkeypatch.setattr(sliding, "BLOCK_BYTES", block)
    monkeypatch.setattr(parallel, "WORTH", 1)
    monkeypatch.setattr(parallel, "THREADS", 2)
    np.testing.assert_allclose(depthwise.depthwise_conv(x, w, win), y, atol=1e-12)
    dx, dw = depthwise.depthwise_input_gradient(w, dy, x.shape, win), depthwise.depthwise_filter_gradient(x, dy, w.shape, win)
    # both are linear in x and in w: the sums with what was put in must agree
    assert np.isclose((dx * x).sum(), (y * dy).sum()) and np.isclose((dw * w).sum(), (y * dy).sum())
    other_x, other_w = rng.standard_normal(x.shape), rng.standard_normal(w.shape)
    assert np.isclose((dx * other_x).sum(), (depthwise.depthwise_conv(other_x, w, win) * dy).sum())
    assert np.isclose((dw * other_w).sum(), (depthwise.depthwise_conv(x, other_w, win) * dy).sum())
