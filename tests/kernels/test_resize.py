"""Resampling by taps: what flows back is the transpose of what flowed forth."""

from __future__ import annotations

import numpy as np
import pytest

from graphflow.kernels import resize

SIZES = [(7, 4), (4, 7), (1, 5), (5, 1), (6, 6), (3, 11)]


def matrix(taps):
    found = np.zeros((len(taps.pixels), taps.size))
    np.add.at(found, (np.arange(len(found))[:, None], taps.pixels), taps.weights)
    return found


@pytest.mark.parametrize("size, out", SIZES)
@pytest.mark.parametrize("flags", [(False, False), (True, False), (False, True)])
@pytest.mark.parametrize("kind", [resize.linear_taps, resize.cubic_taps])
def test_the_transpose_of_taps_is_that_of_their_matrix(kind, flags, size, out):
    taps = kind(size, out, *flags)
    np.testing.assert_allclose(matrix(taps.transposed()), matrix(taps).T, rtol=1e-6)


@pytest.mark.parametrize("size, out", SIZES)
@pytest.mark.parametrize("align", [False, True])
def test_weights_of_an_area_sum_to_one(align, size, out):
    # with align_corners the last pixel reaches beyond the image, and the edge's pixel counts for what is missing
    np.testing.assert_allclose(matrix(resize.area_taps(size, out, align)).sum(1), 1, rtol=1e-5)


@pytest.mark.parametrize("flags", [(False, False), (True, False), (False, True)])
def test_a_flat_image_stays_exactly_flat(flags):
    image = np.full((1, 5, 7, 2), np.float32(0.3))
    assert np.all(resize.resize_linear(image, (9, 4), *flags) == np.float32(0.3))
    assert resize.nearest(1, 9, *flags).tolist() == [0] * 9


def test_resampling_one_axis_leaves_the_order_of_axes_open():
    x = np.random.default_rng(0).normal(size=(2, 6, 5, 3)).astype("float32")
    rows, cols = resize.cubic_taps(6, 9, False, True), resize.cubic_taps(5, 3, False, True)
    np.testing.assert_allclose(resize.resample(x, (rows, cols)), rows.apply(cols.apply(x, 2), 1), rtol=1e-5, atol=1e-6)
