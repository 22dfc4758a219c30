"""Scattering into rows, the largest of rows, running sums: against plain loops."""
from __future__ import annotations

import numpy as np
import pytest

from graphflow.kernels.arithmetic import widened
from graphflow.kernels.nans import has_nan
from graphflow.kernels.ordering import bitcast, cumulative, top_positions
from graphflow.kernels.scatter import scatter_rows, write_slice
from graphflow.kernels.segments import segment_reduce

STEPS = {"update": lambda a, b: b, "add": np.add, "sub": np.subtract, "mul": np.multiply, "min": np.minimum, "max": np.maximum}


@pytest.mark.parametrize("dtype", ["float32", "float16", "int32", "complex64"])
@pytest.mark.parametrize("how", STEPS)
@pytest.mark.parametrize("repeats", [False, True])
def test_scattered_rows_combine_one_after_the_other(how, dtype, repeats):
    if dtype == "complex64" and how in ("min", "max"):
        pytest.skip("complex numbers have no order")
    rng = np.random.default_rng(0)
    target, updates = rng.normal(size=(4, 3, 2)) * 9, rng.normal(size=(7, 2)) * 9
    target, updates = target.astype(dtype), updates.astype(dtype)
    places = rng.integers(0, 5, 7) if repeats else rng.permutation(12)[:7]
    wanted = target.copy()
    rows = wanted.reshape(12, 2)
    for place, update in zip(places, updates):
        rows[place] = STEPS[how](rows[place], update)
    np.testing.assert_array_equal(scatter_rows(target, places, updates, how, 2), wanted)
    buffer = np.empty_like(target)
    assert scatter_rows(target, places, updates, how, 2, out=buffer) is buffer
    np.testing.assert_array_equal(buffer, wanted)
    assert scatter_rows(target, places, updates, how, 2, out=target) is target
    np.testing.assert_array_equal(target, wanted)


def test_integers_are_divided_towards_zero_and_scalars_go_to_every_row():
    found = scatter_rows(np.int32([[-7, 7], [5, 5]]), np.int64([0, 0, 1]), np.int32([[2, 2], [-1, 2], [3, -3]]), "div")
    np.testing.assert_array_equal(found, [[3, 1], [1, -1]])
    np.testing.assert_array_equal(scatter_rows(np.float32([1, 2, 3]), np.int64([2, 2]), np.float32(2), "mul"), [1, 2, 12])


def test_a_slice_is_written_into_a_copy_or_in_place():
    target = np.arange(6).reshape(2, 3)
    np.testing.assert_array_equal(write_slice(target, 9, (slice(None), 1)), [[0, 9, 2], [3, 9, 5]])
    assert target[0, 1] == 1
    assert write_slice(target, 9, (0,), out=target) is target and target[0].tolist() == [9, 9, 9]


@pytest.mark.parametrize("dtype", ["float32", "float16", "float64", "int32", "uint8", "int64"])
@pytest.mark.parametrize("k", [0, 1, 4, 40])
def test_the_largest_come_first_and_of_equal_ones_the_first(dtype, k):
    rng = np.random.default_rng(1)
    x = rng.integers(-20 if dtype[0] != "u" else 0, 20, (3, 40)).astype(dtype)
    wanted = [sorted(range(40), key=lambda i, row=row: (-float(row[i]), i))[:k] for row in x]
    np.testing.assert_array_equal(top_positions(x, k), np.reshape(wanted, (3, k)))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_nan_is_smallest_and_the_zeros_are_equal(dtype):
    x = np.array([np.nan, -0.0, 0.0, -np.inf, np.inf, np.nan, -1, *[-5] * 25], dtype)
    assert top_positions(x, 3).tolist() == [4, 1, 2]
    assert top_positions(x, 32)[-3:].tolist() == [3, 0, 5]


def test_running_sums_keep_the_dtype_and_fill_a_buffer():
    x = np.float16([[1, 2], [3, 4]])
    out = np.empty_like(x)
    assert cumulative(x, "sum", 0, out=out) is out and out.tolist() == [[1, 2], [4, 6]]
    assert cumulative(np.int8([100, 100]), "prod", 0).dtype == np.int8


def test_segments_without_rows_hold_what_changes_nothing():
    rows, ids = np.float32([[1, 2], [3, 4], [5, 6]]), np.int32([2, -1, 2])
    lowest = np.finfo(np.float32).min
    assert segment_reduce(rows, ids, 3, "sum").tolist() == [[0, 0], [0, 0], [6, 8]]
    assert segment_reduce(rows, ids, 3, "max").tolist() == [[lowest] * 2, [lowest] * 2, [5, 6]]
    assert segment_reduce(np.int8([3]), np.int64([1]), 2, "min").tolist() == [127, 3]
    assert segment_reduce(rows, ids, 3, "prod").tolist() == [[1, 1], [1, 1], [5, 12]]


def test_bits_of_another_dtype_are_a_copy():
    x = np.float32([1, 2])
    found = bitcast(x, np.dtype(np.float32), np.dtype(np.int32))
    assert found.tolist() == [0x3F800000, 0x40000000] and not np.may_share_memory(x, found)
    assert bitcast(found, np.dtype(np.int32), np.dtype(np.uint8)).shape == (2, 4)
    assert bitcast(np.uint8([[0, 0, 128, 63]]), np.dtype(np.uint8), np.dtype(np.float32)).tolist() == [1]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_nan_is_found_and_infinities_are_none(dtype):
    big = np.finfo(dtype).max
    x = np.array([[np.inf, -np.inf, big], [-big, 0, 1]], dtype)
    for array in (x, x.T, x[:, ::2], x[:0]):
        assert not has_nan(array)
    x[1, 2] = np.nan
    assert has_nan(x) and has_nan(x.T) and has_nan(x[:, ::2])


def test_every_float16_is_widened_as_numpy_does():
    every = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    with np.errstate(invalid="ignore"):
        want = every.astype(np.float32)
    np.testing.assert_array_equal(widened(every), want)
    np.testing.assert_array_equal(np.signbit(widened(every)), np.signbit(want))
    out = np.empty((256, 256), np.float32)
    assert widened(every.reshape(256, 256), out) is out
    np.testing.assert_array_equal(out.reshape(-1), want)
    np.testing.assert_array_equal(widened(every[::3]), want[::3])
