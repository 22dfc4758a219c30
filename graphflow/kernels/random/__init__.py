"""Random numbers as TensorFlow's CPU kernels give them for the same seeds: pure numpy, no graph.

    place = Stream(graph_seed, op_seed).reserve_outputs(count)     one run of a stateful op
    place = place_from_seed(seed, seed2)                            a stateless op
    normal(place, count, np.float32)                                flat values

Exact: all integers, uniforms, float16/bfloat16/float32 normals (whole and truncated), permutations, candidate samplers.
Within 2 ulp: float64 normals and gammas, whose logarithms are numpy's.
"""

from .binomial import binomial
from .bounded import bounded_normal
from .boxes import WORDS_PER_ATTEMPT, Box, Limits, sample_box
from .candidates import (
    WORDS_PER_SAMPLE,
    Candidates,
    FixedUnigramSampler,
    LearnedUnigramSampler,
    LogUniformSampler,
    Sampler,
    UniformSampler,
    all_candidates,
    expected_count,
    sample_candidates,
)
from .discrete import multinomial, multinomial_outputs, permutation, permutation_words
from .gamma_slope import gamma_sample_slope
from .normals import normal, truncated_normal
from .philox import Philox, Stream, fresh_seed, repeat_from
from .rejection import gamma, poisson
from .stateless import key_counter, place_from_key_counter, place_from_seed
from .uniforms import full_int, uniform, uniform_int

__all__ = [
    "WORDS_PER_ATTEMPT",
    "WORDS_PER_SAMPLE",
    "Box",
    "Candidates",
    "FixedUnigramSampler",
    "LearnedUnigramSampler",
    "Limits",
    "LogUniformSampler",
    "Philox",
    "Sampler",
    "Stream",
    "UniformSampler",
    "all_candidates",
    "binomial",
    "bounded_normal",
    "expected_count",
    "fresh_seed",
    "full_int",
    "gamma",
    "gamma_sample_slope",
    "key_counter",
    "multinomial",
    "multinomial_outputs",
    "normal",
    "permutation",
    "permutation_words",
    "place_from_key_counter",
    "place_from_seed",
    "poisson",
    "repeat_from",
    "sample_box",
    "sample_candidates",
    "truncated_normal",
    "uniform",
    "uniform_int",
]
