"""Orders and distinct values found without going through elements one by one: the same as by a loop."""

from __future__ import annotations

import numpy as np
import pytest

from graphflow.kernels import ordering
from graphflow.kernels.distinct import distinct, entries
from graphflow.kernels.random import discrete

RANDOM = np.random.default_rng(4)


def looped(x):
    """`distinct` by a loop; NaN is not equal to itself."""
    places, positions = [], []
    for i, value in enumerate(x):
        same = [k for k, place in enumerate(places) if x[place] == value]
        positions.append(same[0] if same else len(places))
        if not same:
            places.append(i)
    return places, positions


NAN = np.array([3, np.nan, 0.0, -0.0, np.nan, 3, -np.inf, np.inf, -np.inf])
VECTORS = {
    "few": RANDOM.integers(0, 9, 200), "bytes": RANDOM.integers(0, 256, 300).astype(np.uint8),
    "below 0": RANDOM.integers(-5, 5, 99).astype(np.int8),
    "far apart": RANDOM.integers(-(2**62), 2**62, 40).repeat(3)[RANDOM.permutation(120)], "flags": RANDOM.integers(0, 2, 50).astype(bool),
    "widest": np.array([2**63 - 1, -(2**63), 0, 2**63 - 1]), "unsigned": np.array([2**64 - 1, 2**64 - 3, 2**64 - 1], np.uint64),
    "short and far apart": RANDOM.integers(-(2**31), 2**31, 600).astype(np.int32).repeat(3)[RANDOM.permutation(1800)],
    "many short floats": np.resize([1.5, -0.0, 0.0, -2.25, np.inf, 1e-42, -1e-42], 2000).astype("f"),
    "half floats": RANDOM.integers(0, 99, 1500).astype(np.float16), "floats": RANDOM.integers(0, 30, 300) / 7, "specials": NAN,
    "short specials": NAN.astype(np.float16),
    "one": np.array([5]), "none": np.zeros(0, int),
}  # fmt: skip


@pytest.mark.parametrize("x", VECTORS.values(), ids=VECTORS.keys())
def test_distinct_values_are_those_of_a_loop(x):
    places, positions = distinct(x)
    wanted = looped(x.tolist() if x.dtype != np.float16 else x)
    assert (places.tolist(), positions.tolist()) == wanted


@pytest.mark.parametrize("count", [0, 1, 2, 3, 10, 1000, 5000])
@pytest.mark.parametrize("stretch", [1.0, 0.05], ids=["anywhere", "near"])
def test_trades_are_those_of_a_loop(count, stretch):
    here = np.arange(count)
    partners = here + (RANDOM.random(count) * np.minimum(count - here, max(1, count * stretch))).astype(np.int64)
    order = list(range(count))
    for position, other in enumerate(partners.tolist()):
        order[position], order[other] = order[other], order[position]
    assert discrete.trades(partners).tolist() == order


@pytest.mark.parametrize("below", [5, 1 << 16, 1 << 20, 1 << 32, 1 << 40])
@pytest.mark.parametrize("count", [0, 7, 3000])
def test_a_stable_order_by_counting_is_that_of_sorting(below, count):
    x = RANDOM.integers(0, below, count)
    assert np.array_equal(ordering.stable_order(x, below), np.argsort(x, kind="stable"))


@pytest.mark.parametrize("k", [0, 1, 2, 10, 200])
@pytest.mark.parametrize("dtype", [np.int64, np.uint8, np.float16, np.float32, np.float64])
@pytest.mark.parametrize("shape", [(20_000,), (2, 3, 17_001), (4, 300), (0, 20_000)])
@pytest.mark.parametrize("missing", [False, True])
def test_top_positions_are_those_of_a_stable_sort(shape, dtype, k, missing):
    x = RANDOM.integers(0, 60, shape).astype(dtype)
    value = x
    if missing and x.dtype.kind == "f":
        x = np.where(RANDOM.random(shape) < 0.1, np.asarray(np.nan, dtype), x)
        value = np.where(np.isnan(x), np.asarray(-1, dtype), x)
    wanted = np.argsort(-value.astype(np.float64), axis=-1, kind="stable")[..., :k]
    found = ordering.top_positions(x, k)
    assert found.dtype == np.int64
    assert np.array_equal(found, wanted)


def test_distinct_strings_and_rows_are_those_of_a_loop():
    words = np.array([b"b", b"a", b"", b"b", b"c", b"a", b"b"], object)
    rows = RANDOM.integers(0, 2, (60, 3))
    for x, keys in ((words, words.tolist()), (rows, [tuple(row) for row in rows.tolist()]), (np.zeros((0, 2)), []),
                    (np.array([[b"a", b"b"], [b"b", b"a"], [b"a", b"b"]], object), [1, 2, 1])):  # fmt: skip
        places, positions = entries(x)
        first: list = []
        assert positions.tolist() == [first.index(k) if k in first else first.append(k) or len(first) - 1 for k in keys]
        assert places.tolist() == [keys.index(k) for k in first]
