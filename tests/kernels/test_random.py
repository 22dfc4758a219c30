"""Random numbers against what TensorFlow drew for the same seeds (tests/data/random)."""

from __future__ import annotations

import math
import threading
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphflow.kernels import random as rnd
from graphflow.kernels.random import candidates, discrete, libm, philox, rejection, special

DATA = Path(__file__).parents[1] / "data" / "random"
SEEDLESS_GRAPH = 87654321
DRAW = {"uniform": rnd.uniform, "normal": rnd.normal, "truncated_normal": rnd.truncated_normal}


def load(name):
    with np.load(DATA / name, allow_pickle=False) as arrays:
        return dict(arrays)


STREAMS, DRAWS = load("streams.npz"), load("draws.npz")


def stream_cases(op, dtype):
    """(key, seeds as the op has them, parameter, run, value) of one op and dtype."""
    found = []
    for key, value in STREAMS.items():
        parts = key.split("|")
        if parts[0] != op or parts[3] != dtype:
            continue
        seed, seed2 = SEEDLESS_GRAPH if parts[1] == "None" else int(parts[1]), int(parts[2])
        if (seed, seed2) == (0, 0):
            seed2 = 2**31 - 1
        found.append((key, (seed, seed2), parts[4], int(parts[-1].removeprefix("run")), value))
    assert len(found) >= 9, (op, dtype)
    return found


def draw_cases(op):
    """(key, parameters, run, values) of one op in draws.npz; values: one per output."""
    found = {}
    for key, value in DRAWS.items():
        name = key.partition("#")[0]
        head, _, run = name.rpartition("|run")
        if head.split("|")[0] == op:
            found.setdefault((name, tuple(head.split("|")[1:]), int(run or -1)), []).append(value)
    assert found, op
    return [(*key, values) for key, values in found.items()]


def place_of_run(seeds, run, reserve):
    stream = rnd.Stream(*seeds)
    for _ in range(run):
        reserve(stream)
    return reserve(stream)


def ulps(got, want):
    assert got.dtype == want.dtype
    assert got.shape == want.shape
    whole = np.dtype(f"i{got.dtype.itemsize}")
    ordered = [np.where(v < 0, np.iinfo(whole).min - v, v).astype(object) for v in (got.ravel().view(whole), want.ravel().view(whole))]
    return max(abs(a - b) for a, b in zip(*ordered, strict=True))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("op", ["uniform", "normal", "truncated_normal"])
def test_floats_are_tensorflows_run_after_run(op, dtype):
    allowed = 2 if dtype == "float64" and op != "uniform" else 0
    for key, seeds, _, run, want in stream_cases(op, dtype):
        place = place_of_run(seeds, run, lambda s, n=want.size: s.reserve_outputs(n))
        assert ulps(DRAW[op](place, want.size, dtype).reshape(want.shape), want) <= allowed, key


@pytest.mark.parametrize("dtype", ["int32", "int64"])
def test_integers_are_tensorflows_run_after_run(dtype):
    for key, seeds, _, run, want in stream_cases("uniform_int", dtype):
        place = place_of_run(seeds, run, lambda s, n=want.size: s.reserve_outputs(n))
        got = rnd.uniform_int(place, want.size, -7, 1000, dtype)
        assert got.dtype == want.dtype
        np.testing.assert_array_equal(got.reshape(want.shape), want, key)


def test_shuffles_are_tensorflows_run_after_run():
    for key, seeds, count, run, want in stream_cases("shuffle", "int32"):
        place = place_of_run(seeds, run, lambda s, n=int(count): s.reserve_words(rnd.permutation_words(n)))
        np.testing.assert_array_equal(rnd.permutation(place, int(count)), want, key)
    for key, (shape,), run, (want,) in draw_cases("shuffle"):
        count = int(shape.split("x")[0])
        place = place_of_run((7, 3), run, lambda s, n=count: s.reserve_words(rnd.permutation_words(n)))
        rows = np.arange(want.size, dtype=np.int32).reshape(want.shape)
        np.testing.assert_array_equal(rows[rnd.permutation(place, count)], want, key)


def test_multinomials_are_tensorflows_run_after_run():
    weights = np.log(np.array([[0.1, 0.2, 0.7], [0.5, 0.25, 0.25]], np.float32))
    for key, seeds, count, run, want in stream_cases("multinomial", "int64"):
        place = place_of_run(seeds, run, lambda s, n=int(count): s.reserve_outputs(rnd.multinomial_outputs(2, n)))
        np.testing.assert_array_equal(rnd.multinomial(place, weights, int(count), np.int64), want, key)
    for key, (dtype, count), run, (want,) in draw_cases("multinomial"):
        place = place_of_run((7, 9), run, lambda s, n=int(count): s.reserve_outputs(rnd.multinomial_outputs(3, n)))
        got = rnd.multinomial(place, DRAWS["logits"].astype(dtype), int(count), want.dtype)
        assert got.dtype == want.dtype
        np.testing.assert_array_equal(got, want, key)


def test_a_class_of_infinite_logit_is_never_drawn():
    logits = np.array([[0.0, -np.inf, 0.0, np.inf, np.nan]])
    drawn = rnd.multinomial(rnd.Philox.from_seeds(1, 2), logits, 1000, np.int64)
    assert set(drawn.ravel().tolist()) == {0, 2}


# numpy 1.26 rounds some logarithms and powers of float64 the other way; for alpha < 1 the power 1 / alpha multiplies that.
GAMMA_ULPS = 2 if int(np.__version__.split(".")[0]) >= 2 else 16


def test_gammas_and_poissons_are_tensorflows_run_after_run():
    for op, draw, parameters in (("gamma", rnd.gamma, [0.7, 2.5]), ("poisson", rnd.poisson, [0.5, 20])):
        for key, seeds, count, run, want in stream_cases(op, "float32"):
            place = place_of_run(seeds, run, lambda s, n=want.size: s.reserve_outputs(n))
            np.testing.assert_array_equal(draw(place, int(count), np.array(parameters, np.float32), np.float32), want, key)
    for key, (dtype,), run, (want,) in draw_cases("gamma"):
        place = place_of_run((7, 5), run, lambda s: s.reserve_outputs(200))
        got = rnd.gamma(place, 50, np.array([0.3, 1.0, 1.7, 30.0], dtype), dtype)
        assert ulps(np.maximum(got, np.finfo(dtype).tiny), want) <= GAMMA_ULPS * (dtype == "float64"), key
    for key, (dtype,), run, (want,) in draw_cases("poisson"):
        place = place_of_run((7, 5), run, lambda s: s.reserve_outputs(250))
        got = rnd.poisson(place, 50, np.array([0.3, 1.0, 1.7, 12.0, 300.0], np.float32), dtype)
        assert got.dtype == want.dtype
        np.testing.assert_array_equal(got, want, key)


def test_gamma_and_poisson_of_no_distribution_end():
    place = rnd.Philox.from_seeds(1, 2)
    assert np.isnan(rnd.gamma(place, 2, np.array([-1.0, 0.0, np.nan]), np.float64)).all()
    assert np.isnan(rnd.poisson(place, 2, np.array([-1.0, np.nan]), np.float64)).all()
    assert (rnd.poisson(place, 2, np.array([np.inf]), np.float64) == np.inf).all()


def test_many_values_of_one_parameter_do_not_depend_on_the_pieces_they_are_drawn_in(monkeypatch):
    place = rnd.Philox.from_seeds(3, 4)
    whole = rnd.gamma(place, 100, np.array([0.5, 4.0]), np.float64), rnd.truncated_normal(place, 100, np.float32)
    monkeypatch.setattr("graphflow.kernels.random.rejection.AT_ONCE", 7)
    monkeypatch.setattr("graphflow.kernels.random.normals._GROUPS_AT_ONCE", 3)
    pieces = rnd.gamma(place, 100, np.array([0.5, 4.0]), np.float64), rnd.truncated_normal(place, 100, np.float32)
    for a, b in zip(whole, pieces, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("op", ["uniform", "normal", "truncated_normal"])
def test_bfloat16_is_tensorflows(op):
    for key, (name,), run, (want,) in draw_cases("bfloat16"):
        if name == op:
            place = place_of_run((7, 4), run, lambda s: s.reserve_outputs(33))
            got = DRAW[op](place, 33, ml_dtypes.bfloat16)
            assert got.dtype == ml_dtypes.bfloat16
            np.testing.assert_array_equal(got.astype(np.float32), want, key)


def test_stateless_draws_are_tensorflows():
    draw = {
        "uniform": lambda p, n, d: rnd.uniform_int(p, n, -5, 100, d) if d.startswith("int") else rnd.uniform(p, n, d),
        "full": rnd.full_int,
        "normal": rnd.normal,
        "truncated_normal": rnd.truncated_normal,
        "gamma": lambda p, n, d: rnd.gamma(p, n, np.array([1.7], d), d)[:, 0],
        "poisson": lambda p, n, d: rnd.poisson(p, n, np.array([13.0], d), d)[:, 0],
        "multinomial": lambda p, n, d: rnd.multinomial(p, DRAWS["logits"], 5, np.int64),
    }
    for op, function in draw.items():
        for key, (seed, dtype), _, (want,) in draw_cases(f"stateless_{op}"):
            place = rnd.place_from_seed(*(int(s) for s in seed.strip("[]").split(",")))
            assert rnd.place_from_key_counter(*rnd.key_counter(place)) == place
            got = function(place, 37, dtype)
            if want.dtype.kind == "f":
                assert ulps(got, want) <= (GAMMA_ULPS if op == "gamma" else 2) * (dtype == "float64"), key
            else:
                np.testing.assert_array_equal(got, want, key)
    for op in ("uniform", "normal"):
        for key, seed, _, _, want in stream_cases(f"stateless_{op}", "float32"):
            assert ulps(DRAW[op](rnd.place_from_seed(*seed), want.size, np.float32), want) == 0, key


SAMPLERS = {"uniform": rnd.UniformSampler, "log_uniform": rnd.LogUniformSampler, "learned_unigram": rnd.LearnedUnigramSampler,
            "fixed_unigram": lambda size: rnd.FixedUnigramSampler([float(i % 5 + 1) for i in range(size - 2)], 0.75, reserved=2)}


@pytest.mark.parametrize("kind", SAMPLERS)
def test_candidates_are_tensorflows_run_after_run(kind):
    for key, (unique, size, count), run, want in draw_cases(f"{kind}_sampler"):
        sampler, stream, n = SAMPLERS[kind](int(size)), rnd.Stream(7, 11), int(count)
        for _ in range(run + 1):
            place = stream.reserve_words(rnd.WORDS_PER_SAMPLE * n)
            got = rnd.sample_candidates(sampler, place, DRAWS["true_classes"], n, bool(int(unique)))
        np.testing.assert_array_equal(got.sampled, want[0], key)
        assert ulps(got.true_expected, want[1]) <= 3, key  # float32 logarithms of the platform
        assert ulps(got.sampled_expected, want[2]) <= 3, key


def test_all_candidates_are_every_class_once():
    for _, _, _, want in draw_cases("all_sampler"):
        for got, value in zip(rnd.all_candidates(DRAWS["true_classes"], 12), want, strict=True):
            assert got.dtype == value.dtype
            np.testing.assert_array_equal(got, value)


@given(st.integers(0, 2**128 - 1), st.integers(0, 2**64 - 1), st.integers(0, 2**40))
@settings(max_examples=60)
def test_skipping_reaches_the_block_that_reading_reaches(counter, key, distance):
    place = rnd.Philox(key, counter)
    straight = place.at(np.arange(20, dtype=np.uint64) + np.uint64(distance))  # many go through arrays, few through Python's integers
    for index in range(20):
        single = place.skip(distance + index).words(4)
        assert single.tolist() == [int(lane[index]) for lane in straight]


def test_the_counter_carries_into_its_high_half():
    place = rnd.Philox(5, (9 << 64) | (2**64 - 2))
    words = place.words(64).reshape(16, 4)
    for index in range(16):
        np.testing.assert_array_equal(words[index], rnd.Philox(5, (9 << 64) + 2**64 - 2 + index).words(4))


def test_known_answers_of_philox():
    """The vectors that come with the Random123 library (kat_vectors: philox4x32 10)."""
    def words(lanes, key):
        return [hex(int(word)) for word in philox.rounds(tuple(np.uint64(lane) for lane in lanes), key)]

    def same(key, counter):
        lanes = [(counter >> shift) & (2**32 - 1) for shift in (0, 32, 64, 96)]
        return words(lanes, key) == [hex(word) for word in philox.single_block(key, counter)]

    assert same(0, 0)
    assert same(2**64 - 1, 2**128 - 1)
    assert same(0x299F31D0A4093822, 0x0370734413198A2E85A308D3243F6A88)
    assert words([0] * 4, 0) == ["0x6627e8d5", "0xe169c58d", "0xbc57ac4c", "0x9b00dbd8"]
    assert words([2**32 - 1] * 4, 2**64 - 1) == ["0x408f276d", "0x41c83b0e", "0xa20bc7c6", "0x6d5451fd"]
    digits = 0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344
    assert words(digits, 0x299F31D0A4093822) == ["0xd16cfe09", "0x94fdcceb", "0x5001e420", "0x24126ea1"]


def test_unseeded_streams_differ():
    first, second = rnd.Stream(), rnd.Stream()
    assert first.reserve(1) != second.reserve(1)


def test_a_stream_gives_each_thread_its_own_share():
    stream, places = rnd.Stream(1, 2), []
    threads = [threading.Thread(target=lambda: places.extend(stream.reserve(3) for _ in range(200))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(p.counter & (2**64 - 1) for p in places) == list(range(0, 2400, 3))


@pytest.mark.parametrize("draw", [rnd.uniform, rnd.normal, rnd.truncated_normal, rnd.full_int])
def test_no_values_and_few_values(draw):
    dtype = np.int64 if draw is rnd.full_int else np.float64
    place = rnd.Philox.from_seeds(1, 2)
    nine = draw(place, 9, dtype)
    for count in range(9):
        np.testing.assert_array_equal(draw(place, count, dtype), nine[:count])


def test_wrong_dtypes_and_ranges_are_named():
    place = rnd.Philox.from_seeds(1, 2)
    with pytest.raises(TypeError, match="float16, bfloat16, float32 or float64, not int32"):
        rnd.uniform(place, 1, np.int32)
    with pytest.raises(TypeError, match="not complex64"):
        rnd.normal(place, 1, np.complex64)
    with pytest.raises(TypeError, match="int32, int64, uint32 or uint64, not int8"):
        rnd.uniform_int(place, 1, 0, 5, np.int8)
    with pytest.raises(ValueError, match="Need minval < maxval, got 5 >= 5"):
        rnd.uniform_int(place, 1, 5, 5, np.int32)


def test_integers_fill_the_whole_range():
    for dtype in (np.int32, np.int64):
        info = np.iinfo(dtype)
        values = rnd.uniform_int(rnd.Philox.from_seeds(1, 2), 1000, info.min, info.max, dtype)
        assert values.min() < info.min // 2
        assert values.max() > info.max // 2
        assert (values < info.max).all()


def test_float32_logarithm_sine_and_cosine_round_well():
    words = np.arange(1, 1 << 23, 97)
    unit = (words * 2.0**-23).astype(np.float32)
    angle = (words * (2 * math.pi * 2.0**-23)).astype(np.float32)
    sine, cosine = libm.sin_cos_float32(angle)
    for got, exact in ((libm.log_float32(unit), np.log(unit.astype(np.float64))), (sine, np.sin(angle.astype(np.float64))),
                       (cosine, np.cos(angle.astype(np.float64)))):
        assert got.dtype == np.float32
        assert (np.abs(got - exact) <= 0.82 * np.spacing(np.abs(exact).astype(np.float32))).all()


def test_log_gamma():
    x = np.concatenate([np.arange(1, 400) / 8, [1e3, 1e6, 1e15]])
    exact = np.array([math.lgamma(v) for v in x])
    assert (np.abs(special.log_gamma(x) - exact) <= 2e-14 * np.maximum(1, np.abs(exact))).all()


def test_moments():
    place = rnd.Philox.from_seeds(17, 4)
    count = 200_000
    for values, mean, variance in (
        (rnd.normal(place, count, np.float32), 0, 1),
        (rnd.uniform(place, count, np.float32), 0.5, 1 / 12),
        (rnd.truncated_normal(place, count, np.float32), 0, 0.7737),
        (rnd.gamma(place, count, np.array([3.0]), np.float64), 3, 3),
        (rnd.poisson(place, count, np.array([15.0]), np.float64), 15, 15),
        (rnd.poisson(place, count, np.array([4.0]), np.float64), 4, 4),
    ):
        assert values.mean(dtype=np.float64) == pytest.approx(mean, abs=6 * math.sqrt(variance / count))
        assert values.var(dtype=np.float64) == pytest.approx(variance, rel=0.03)


def test_expected_counts_sum_to_the_sample():
    """Over all classes the expected counts of a sample without repetition are about its size."""
    sampler = rnd.LogUniformSampler(50)
    everything = np.arange(50)
    places = [rnd.Philox.from_seeds(seed, 1) for seed in range(50)]
    sizes = [rnd.sample_candidates(sampler, place, everything, 20, True).true_expected.sum() for place in places]
    assert np.mean(sizes) == pytest.approx(20, rel=0.1)
    assert candidates.expected_count(np.float32([0.5]), 4, 4)[0] == 2


def test_binomial_edges_and_moments():
    place = rnd.Philox.from_seeds(1, 2)
    cases = [(0, 0.5), (7, 0.0), (7, 1.0), (-1, 0.5), (5, 1.5), (5, np.nan)]
    counts, probs = (np.array(column, np.float64) for column in zip(*cases, strict=True))
    got = rnd.binomial(place, 3, counts, probs, np.float64)
    np.testing.assert_array_equal(got, np.tile([0, 0, 7, np.nan, np.nan, np.nan], (3, 1)))
    for count, prob in ((30, 0.1), (300, 0.2), (300, 0.9)):
        values = rnd.binomial(place, 50_000, np.array([count]), np.array([prob]), np.int64)
        assert values.dtype == np.int64
        assert values.min() >= 0
        assert values.max() <= count
        assert values.mean() == pytest.approx(count * prob, rel=0.01)
        assert values.var() == pytest.approx(count * prob * (1 - prob), rel=0.05)


@pytest.mark.parametrize("low, high", [(-1.0, 3.0), (0.2, 0.6), (2.0, 9.0), (-9.0, -3.0), (-np.inf, -2.0), (1.0, np.inf)])
def test_bounded_normals_stay_inside_and_have_the_right_mean(low, high):
    draws = rnd.bounded_normal(rnd.Philox.from_seeds(5, 6), 40_000, *(np.array([v]) for v in (0.0, 1.0, low, high)), np.float64)
    assert draws.min() >= low
    assert draws.max() <= high
    density = [math.exp(-v * v / 2) / math.sqrt(2 * math.pi) for v in (low, high)]
    mass = 0.5 * (math.erf(high / math.sqrt(2)) - math.erf(low / math.sqrt(2)))
    assert draws.mean() == pytest.approx((density[0] - density[1]) / mass, abs=0.02)


def test_bounded_normals_of_no_distribution_are_refused():
    for parameters in ((0.0, 0.0, -1.0, 1.0), (0.0, 1.0, 1.0, 1.0), (0.0, 1.0, -np.inf, np.inf)):
        with pytest.raises(ValueError, match="Invalid parameters"):
            rnd.bounded_normal(rnd.Philox.from_seeds(1, 2), 3, *(np.array([v]) for v in parameters), np.float32)


def test_gamma_numbers_move_with_their_parameter_along_a_quantile():
    """Against differences of the quantile: P(a + da, x + dx) = P(a, x)."""
    from graphflow.kernels.special import igamma
    a = np.array([0.3, 0.9, 1.0, 4.0, 4.0, 30.0, 300.0])
    x = np.array([0.01, 0.5, 3.0, 1.0, 9.0, 33.0, 290.0])
    step = 1e-5 * a
    slope = (igamma(a - step, x) - igamma(a + step, x)) / (2 * step)
    density = (igamma(a, x * (1 + 1e-5)) - igamma(a, x * (1 - 1e-5))) / (2e-5 * x)
    np.testing.assert_allclose(rnd.gamma_sample_slope(a, x), slope / density, 1e-4)
    assert rnd.gamma_sample_slope(np.float32([1.0]), np.float32([0.0])).tolist() == [0.0]
    assert np.isnan(rnd.gamma_sample_slope(np.array([-1.0]), np.array([1.0]))).all()
    far = rnd.gamma_sample_slope(np.array([2.0, 2.5]), np.array([16.999, 17.499])) / rnd.gamma_sample_slope(
        np.array([2.0, 2.5]), np.array([17.001, 17.501]))
    np.testing.assert_allclose(far, 1, 2e-3)  # both ways of computing meet


@pytest.mark.parametrize("draw, parameters", [
    (rnd.gamma, [0.3, 1.0, 2.5, 1.0, 40.0, 0.05, np.inf, -1.0, 0.0, np.nan]),
    (rnd.poisson, [0.5, 9.99, 10.0, 300.0, 0.0, np.inf, -2.0, np.nan, 3.0]),
], ids=["gamma", "poisson"])  # fmt: skip
@pytest.mark.parametrize("samples", [1, 5])
def test_draws_for_many_parameters_are_those_for_each(draw, parameters, samples, monkeypatch):
    place = philox.Philox(3, 1 << 70)
    with np.errstate(invalid="ignore"):
        alone = [draw(place.skip(i * samples * 256), samples, np.array([one]), np.float64)[:, 0] for i, one in enumerate(parameters)]
        monkeypatch.setattr(rejection, "AT_ONCE", 7)
        together = draw(place, samples, np.array(parameters), np.float64)
    assert together.shape == (samples, len(parameters))
    np.testing.assert_array_equal(together, np.transpose(alone))


@pytest.mark.parametrize("classes, samples", [(1, 3), (4, 1), (7, 40), (300, 2)])
def test_draws_of_classes_for_many_rows_are_those_of_each(classes, samples, monkeypatch):
    place, logits = philox.Philox(3, 5), np.random.default_rng(1).normal(0, 3, (50, classes)) if classes < 300 else np.zeros((50, classes))
    logits[3, 0], logits[4, 0], logits[5] = np.nan, np.inf, -np.inf
    alone = [rnd.multinomial(place.skip(row * samples // 2), logits[row : row + 1], samples, np.int64)[0] for row in range(0, 50, 2)]
    monkeypatch.setattr(discrete, "AT_ONCE", 30)
    assert np.array_equal(rnd.multinomial(place, logits, samples, np.int64)[::2], alone)
    monkeypatch.setattr(discrete, "_COMPARED", 0)
    assert np.array_equal(rnd.multinomial(place, logits, samples, np.int64)[::2], alone)
