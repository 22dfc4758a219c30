"""Random ops, seeded. The oracle suite compares their values with TensorFlow's, tests/ops/test_random.py with recorded ones."""

from __future__ import annotations

import numpy as np

from . import FLOATING, HALF, error, row, sample, zeros
from ._raw import raw

CLASSES = np.array([[1, 2], [3, 9]], np.int64)
SEED = np.array([5, -6], np.int64)


def shaped(rand):
    return [sample([2, 3], seed=1), sample([], seed=2), sample((0, 4), seed=3), sample([300], seed=4)]


row("RandomUniform", "random_uniform", dtypes=("float32",), gradient=False, samples=lambda rand: [
    *shaped(rand), sample([2, 3], -1.0, 1.0, seed=1), sample([4], dtype="float64", seed=1), sample([4], dtype="float16", seed=1),
    sample([2, 3], maxval=np.array([1.0, 2.0, 3.0], np.float32), seed=5)],
    errors=[error(ValueError, "Accepted dtypes are", [2], dtype="uint8")])
row("RandomUniformInt", "random_uniform", name="random_uniform of integers", dtypes=("float32",), gradient=False, samples=lambda rand: [
    sample([2, 3], -5, 9, dtype="int32", seed=1), sample([7], 0, 2**40, dtype="int64", seed=2)],
    errors=[error(ValueError, "Must specify maxval", [2], dtype="int32"),
            error("errors.InvalidArgumentError", "Need minval < maxval", [2], 5, 5, dtype="int32")])
row("RandomStandardNormal", "random_normal", dtypes=("float32",), gradient=False, samples=lambda rand: [
    *shaped(rand), sample([4], 1.0, 2.0, dtype="float64", seed=1), sample([2, 3], stddev=np.array([1.0, 2.0, 3.0], np.float32), seed=5)])
row("TruncatedNormal", "truncated_normal", dtypes=("float32",), gradient=False, samples=lambda rand: [
    *shaped(rand), sample([4], 1.0, 2.0, dtype="float64", seed=1), sample([9], dtype="float16", seed=1)])
row("RandomShuffle", "random_shuffle", dtypes=FLOATING + HALF + ("int32",), gradient=False,
    samples=lambda rand: [sample(rand(7), seed=1), sample(rand(5, 2), seed=2), sample(rand(1), seed=3)])
row("Multinomial", "random.categorical", dtypes=FLOATING, gradient=False, samples=lambda rand: [
    sample(rand(2, 3), 5, seed=1), sample(rand(1, 4), 2, dtype="int32", seed=2)],
    errors=[error(ValueError, "must be rank 2 but is rank 1", zeros(3), 5)])
row("Multinomial", "multinomial", dtypes=FLOATING, gradient=False, samples=lambda rand: [sample(rand(2, 3), 5, seed=1)])
row(("RandomGamma", "BroadcastArgs"), "random_gamma", dtypes=("float32",), gradient=False, domain=(0.3, 9.0), samples=lambda rand: [
    sample([3], rand(2), seed=1), sample([2, 2], rand(2, 1), rand(3), seed=2), sample([4], 1.0, seed=3)])
row("RandomGammaGrad", lambda tf, alpha, sample: raw(tf, "RandomGammaGrad", alpha=alpha, sample=sample), name="RandomGammaGrad",
    dtypes=FLOATING, gradient=False, domain=(0.2, 12.0), tolerance=5.0,
    samples=lambda rand: [sample(rand(4, 1), rand(4, 5)), sample(rand(3), rand(3) * 4 + 8)])
row("RandomPoissonV2", "random_poisson", dtypes=("float32",), gradient=False, domain=(0.0, 40.0), samples=lambda rand: [
    sample(rand(4), [3], seed=1), sample(2.5, [2, 2], "int64", seed=2)])
row("RandomPoisson", lambda tf, shape, rate, **seeds: raw(tf, "RandomPoisson", shape=shape, rate=rate, **seeds), name="RandomPoisson",
    dtypes=FLOATING, gradient=False, domain=(0.0, 40.0), oracle="TensorFlow 2 reads it in old graphs only, and makes none",
    nodes="the same", samples=lambda rand: [sample(np.array([3], np.int32), rand(4), seed=1, seed2=2)],
    # what TensorFlow 2.21 gives in a graph of GraphDef version 20
    reference=lambda shape, rate, seed, seed2: np.array([[18, 33, 36, 15], [21, 32, 24, 11], [27, 39, 33, 14]], rate.dtype))

row(("StatelessRandomUniformV2", "StatelessRandomGetKeyCounter"), "random.stateless_uniform", dtypes=("float32",), gradient=False,
    samples=lambda rand: [sample([2, 3], SEED), sample([5], [1, 2], -1.0, 3.0, "float64"), sample([3], SEED, dtype="float16")],
    errors=[error(ValueError, "seed must have shape [2]", [2], np.zeros(3, np.int32)),
            error(ValueError, "both None or not None", [2], SEED, None, 5, "int32")], shapes=False)
row("StatelessRandomUniformIntV2", "random.stateless_uniform", name="stateless_uniform of integers", dtypes=("float32",), gradient=False,
    samples=lambda rand: [sample([2, 3], SEED, -5, 9, "int32"), sample([7], SEED, 0, 2**40, "int64")])
row("StatelessRandomUniformFullIntV2", "random.stateless_uniform", name="stateless_uniform of all integers", dtypes=("float32",),
    gradient=False, samples=lambda rand: [sample([5], SEED, None, None, d) for d in ("int32", "int64", "uint32", "uint64")])
row("StatelessRandomNormalV2", "random.stateless_normal", dtypes=("float32",), gradient=False,
    samples=lambda rand: [sample([2, 3], SEED), sample([5], [1, 2], 1.0, 3.0, "float64")])
row("StatelessTruncatedNormalV2", "random.stateless_truncated_normal", dtypes=("float32",), gradient=False,
    samples=lambda rand: [sample([2, 3], SEED), sample([50], [1, 2], 1.0, 3.0, "float64")])
row("StatelessMultinomial", "random.stateless_categorical", dtypes=FLOATING, gradient=False,
    samples=lambda rand: [sample(rand(2, 3), 5, SEED), sample(rand(1, 3), 4, SEED, "int32")])
row("StatelessMultinomial", "random.stateless_multinomial", dtypes=FLOATING, gradient=False,
    samples=lambda rand: [sample(rand(2, 3), 5, SEED)])
row("StatelessRandomGammaV3", "random.stateless_gamma", dtypes=("float32",), gradient=False, domain=(0.3, 9.0),
    samples=lambda rand: [sample([3], SEED, 2.0), sample([4, 2], SEED, rand(2), 3.0)])
row("StatelessRandomPoisson", "random.stateless_poisson", dtypes=("float32",), gradient=False, domain=(0.0, 40.0),
    samples=lambda rand: [sample([3], SEED, 2.0), sample([4, 2], SEED, rand(2), "float32")])
row("StatelessRandomBinomial", "random.stateless_binomial", dtypes=("float32",), gradient=False, domain=(0.1, 0.9),
    samples=lambda rand: [sample([5, 3], SEED, 40.0, rand(3)), sample([4], [1, 2], 1000.0, 0.5, "float64")],
    errors=[error("errors.InvalidArgumentError", "must end with broadcasted shape", [3], SEED, 4.0, zeros(2))])
row("StatelessParameterizedTruncatedNormal", "random.stateless_parameterized_truncated_normal", dtypes=("float32",), gradient=False,
    domain=(1.0, 2.0), samples=lambda rand: [sample([5, 3], SEED, rand(3), rand(3), -rand(3), rand(3) + 3),
                                             sample([50], SEED, rand(), rand(), rand(), np.asarray(rand() + 9))],
    errors=[error("errors.InvalidArgumentError", "Invalid parameters", [3], SEED, 0.0, 1.0, 2.0, 1.0)])
row("StatelessRandomGetAlg", lambda tf: raw(tf, "StatelessRandomGetAlg"), name="StatelessRandomGetAlg", dtypes=("float32",),
    gradient=False, samples=lambda rand: [sample()])
for old in ("Uniform", "Normal"):
    row(f"StatelessRandom{old}", lambda tf, shape, seed, op=f"StatelessRandom{old}", **a: raw(tf, op, shape=shape, seed=seed, **a),
        name=f"StatelessRandom{old}", dtypes=("float32",), gradient=False,
        samples=lambda rand: [sample(np.array([3, 2]), SEED), sample(np.array([5]), SEED, dtype="float64")])
row("StatelessTruncatedNormal", lambda tf, shape, seed: raw(tf, "StatelessTruncatedNormal", shape=shape, seed=seed),
    name="StatelessTruncatedNormal", dtypes=("float32",), gradient=False, samples=lambda rand: [sample(np.array([3, 2]), SEED)])
row("StatelessRandomUniformInt",
    lambda tf, shape, seed, low, high: raw(tf, "StatelessRandomUniformInt", shape=shape, seed=seed, minval=low, maxval=high),
    name="StatelessRandomUniformInt", dtypes=("float32",), gradient=False,
    samples=lambda rand: [sample(np.array([3, 2]), SEED, np.int32(-3), np.int32(7)),
                          sample(np.array([5]), SEED, np.int64(0), np.int64(99))])
row("StatelessRandomUniformFullInt", lambda tf, shape, seed, **a: raw(tf, "StatelessRandomUniformFullInt", shape=shape, seed=seed, **a),
    name="StatelessRandomUniformFullInt", dtypes=("float32",), gradient=False,
    samples=lambda rand: [sample(np.array([3, 2]), SEED, dtype="int32"), sample(np.array([5]), SEED, dtype="uint64")])

RANGE_ERRORS = [error("errors.InvalidArgumentError", "range is too small", CLASSES, 2, 11, True, 10),
                error(ValueError, "must have num_true columns", CLASSES, 3, 2, True, 10),
                error(ValueError, "must be a matrix", np.zeros(3, np.int64), 3, 2, True, 10)]
for kind in ("Uniform", "LogUniform", "LearnedUnigram"):
    words = {"Uniform": "uniform", "LogUniform": "log_uniform", "LearnedUnigram": "learned_unigram"}[kind]
    row(f"{kind}CandidateSampler", f"nn.{words}_candidate_sampler", dtypes=("float32",), gradient=False, errors=RANGE_ERRORS,
        samples=lambda rand: [sample(CLASSES, 2, 5, True, 10, seed=1), sample(CLASSES, 2, 8, False, 1000, seed=2)])
row("ThreadUnsafeUnigramCandidateSampler",
    lambda tf, classes: list(raw(tf, "ThreadUnsafeUnigramCandidateSampler", true_classes=classes, num_true=2, num_sampled=5, unique=True,
                                 range_max=10, seed=3, seed2=4)),
    name="ThreadUnsafeUnigramCandidateSampler", dtypes=("float32",), gradient=False, samples=lambda rand: [sample(CLASSES)])
row("FixedUnigramCandidateSampler", "nn.fixed_unigram_candidate_sampler", dtypes=("float32",), gradient=False, samples=lambda rand: [
    sample(CLASSES, 2, 5, True, 10, unigrams=[1.0, 2.0, 3.0, 4.0, 5.0] * 2, seed=1),
    sample(CLASSES, 2, 8, False, 10, distortion=0.75, num_reserved_ids=2, unigrams=[1.0, 2.0, 3.0, 4.0] * 2, seed=2)])
row("AllCandidateSampler", "nn.all_candidate_sampler", dtypes=("float32",), gradient=False,
    samples=lambda rand: [sample(CLASSES, 2, 10, True, seed=1)])
row(("RandomUniformInt", "Assert"), "random_crop", dtypes=FLOATING + ("int32",), gradient=False, shapes=False,
    samples=lambda rand: [sample(rand(5, 6, 3), [2, 2, 3], seed=1), sample(rand(4), np.array([4], np.int32), seed=2)],
    errors=[error("errors.InvalidArgumentError", "Need value.shape >= size", zeros(2, 2), [3, 1])])
