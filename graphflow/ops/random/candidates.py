"""Candidate samplers: classes to compare the true ones with, for nce_loss and sampled_softmax_loss."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ...core.dtypes import float32, int64
from ...core.errors import InvalidArgumentError
from ...core.export import export
from ...core.make import make
from ...core.op import Spec, require
from ...core.outcomes import Several
from ...core.run_context import Context
from ...core.tensor import Tensor
from ...kernels import random as draws
from .base import RandomOp
from .seeds import seed_attributes

_SIG = "true_classes: int64 -> sampled_candidates: int64, true_expected_count: float32, sampled_expected_count: float32"


class SampledCandidates(NamedTuple):
    """sampled_candidates: int64 [num_sampled]; true_expected_count: float32 [batch, num_true] and sampled_expected_count:
    float32 [num_sampled], how often each class is expected in such a sample."""
    sampled_candidates: Tensor
    true_expected_count: Tensor
    sampled_expected_count: Tensor


class CandidateSampler(RandomOp, Several):
    """Base: keeps a sampler and a stream per session and operation."""
    num_true: int
    num_sampled: int
    unique: bool
    seed: int = 0
    seed2: int = 0

    def infer(self, true_classes: Any) -> Any:
        shape = true_classes.shape
        require(shape is None or len(shape) == 2, f"true_classes must be a matrix, got rank {len(shape or ())}")
        require(self.num_sampled > 0, f"num_sampled must be positive, got {self.num_sampled}")
        require(shape is None or shape[1] in (None, self.num_true),
                f"true_classes must have num_true columns, expected: {self.num_true} was: {shape and shape[1]}")
        rows = None if shape is None else shape[0]
        return Spec(int64, (self.num_sampled,)), Spec(float32, (rows, self.num_true)), Spec(float32, (self.num_sampled,))

    def sampler(self) -> draws.Sampler:
        raise NotImplementedError

    def run(self, ctx: Context, true_classes: np.ndarray) -> draws.Candidates:
        sampler, stream = ctx.state(lambda: (self.sampler(), draws.Stream(self.seed, self.seed2)))
        if self.unique and self.num_sampled > sampler.size:
            raise InvalidArgumentError(None, ctx.operation, f"Sampler's range is too small: {self.num_sampled} different classes are "
                                                            f"wanted, there are {sampler.size}.")
        if true_classes.size and not 0 <= true_classes.min() <= true_classes.max() < sampler.size:
            raise InvalidArgumentError(None, ctx.operation, f"`true_candidate` out of range [0, {sampler.size}), received "
                                                            f"{true_classes.min()} to {true_classes.max()}")
        place = stream.reserve_words(draws.WORDS_PER_SAMPLE * self.num_sampled)
        return draws.sample_candidates(sampler, place, true_classes, self.num_sampled, self.unique)


class UniformCandidateSampler(CandidateSampler, sig=_SIG):
    """Every class equally likely."""
    least = {"num_true": 1, "num_sampled": 1, "range_max": 1}
    range_max: int

    def sampler(self) -> draws.Sampler:
        return draws.UniformSampler(self.range_max)


class LogUniformCandidateSampler(CandidateSampler, sig=_SIG):
    """Small class numbers more often, by Zipf's law."""
    least = {"num_true": 1, "num_sampled": 1, "range_max": 1}
    range_max: int

    def sampler(self) -> draws.Sampler:
        return draws.LogUniformSampler(self.range_max)


class LearnedUnigramCandidateSampler(CandidateSampler, sig=_SIG):
    """In proportion to how often each class was a true one so far."""
    least = {"num_true": 1, "num_sampled": 1, "range_max": 1}
    range_max: int

    def sampler(self) -> draws.Sampler:
        return draws.LearnedUnigramSampler(self.range_max)


class ThreadUnsafeUnigramCandidateSampler(LearnedUnigramCandidateSampler, sig=_SIG):
    """The same; other graphs' name for it."""
    least = {"num_true": 1, "num_sampled": 1, "range_max": 1}


class FixedUnigramCandidateSampler(CandidateSampler, sig=_SIG):
    """In proportion to given counts, from a list or a file."""
    least = {"num_true": 1, "num_sampled": 1, "range_max": 1, "num_shards": 1}
    range_max: int
    vocab_file: str = ""
    distortion: float = 1.0
    num_reserved_ids: int = 0
    num_shards: int = 1
    shard: int = 0
    unigrams: list[float] = ()  # type: ignore[assignment]

    def sampler(self) -> draws.Sampler:
        counts = list(self.unigrams) or _counts_of_file(self.vocab_file)
        sampler = draws.FixedUnigramSampler(counts, self.distortion, self.num_reserved_ids, self.num_shards, self.shard)
        if sampler.size != self.range_max:
            raise InvalidArgumentError(None, None, f"range_max is {self.range_max}, but the reserved ids and the counts of this shard "
                                                   f"make {sampler.size} classes")
        return sampler


class AllCandidateSampler(CandidateSampler, sig=_SIG):
    """Every class once; for checks."""
    least = {"num_true": 1, "num_sampled": 1}

    def run(self, ctx: Context, true_classes: np.ndarray) -> draws.Candidates:
        return draws.all_candidates(true_classes, self.num_sampled)


def _counts_of_file(path: str) -> list[float]:
    """The counts in a vocabulary file: the last comma-separated entry of each line that is not empty."""
    with open(path, encoding="utf-8") as lines:
        return [float(line.rstrip().rpartition(",")[2]) for line in lines if line.strip()]


def _ranged(cls: type[CandidateSampler], name: str, what: str) -> Callable[..., SampledCandidates]:
    def function(true_classes: Any, num_true: int, num_sampled: int, unique: bool, range_max: int, seed: int | None = None,
                 name: str | None = None) -> SampledCandidates:
        return SampledCandidates(*make(cls, true_classes, name=name, num_true=num_true, num_sampled=num_sampled, unique=unique,
                                       range_max=range_max, **seed_attributes(seed)))
    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"""Samples num_sampled classes of [0, range_max), {what}.

    true_classes: int64 [batch, num_true]. unique: no class twice in a sample. Returns SampledCandidates: the classes and how often
    the true and the sampled ones are expected in a sample. One sample serves the whole batch.
    """
    return export(f"nn.{name}", f"random.{name}")(function)


uniform_candidate_sampler = _ranged(UniformCandidateSampler, "uniform_candidate_sampler", "each equally likely")
log_uniform_candidate_sampler = _ranged(
    LogUniformCandidateSampler, "log_uniform_candidate_sampler", "P(k) = log((k + 2) / (k + 1)) / log(range_max + 1)")
learned_unigram_candidate_sampler = _ranged(
    LearnedUnigramCandidateSampler, "learned_unigram_candidate_sampler", "in proportion to how often they were true classes so far")


@export("nn.fixed_unigram_candidate_sampler", "random.fixed_unigram_candidate_sampler")
def fixed_unigram_candidate_sampler(true_classes: Any, num_true: int, num_sampled: int, unique: bool, range_max: int, vocab_file: str = "",
                                    distortion: float = 1.0, num_reserved_ids: int = 0, num_shards: int = 1, shard: int = 0,
                                    unigrams: Any = (), seed: int | None = None, name: str | None = None) -> SampledCandidates:
    """Samples num_sampled classes of [0, range_max) in proportion to their counts to the power `distortion`.

    The counts are `unigrams` or the last entries of the lines of vocab_file; the first num_reserved_ids classes have none and
    never come. Returns SampledCandidates.
    """
    if bool(vocab_file) == bool(len(unigrams)):
        raise ValueError("Must provide exactly one of vocab_file and unigrams")
    return SampledCandidates(*make(
        FixedUnigramCandidateSampler, true_classes, name=name, num_true=num_true, num_sampled=num_sampled, unique=unique,
        range_max=range_max, vocab_file=vocab_file, distortion=distortion, num_reserved_ids=num_reserved_ids, num_shards=num_shards,
        shard=shard, unigrams=tuple(float(u) for u in unigrams), **seed_attributes(seed)))


@export("nn.all_candidate_sampler", "random.all_candidate_sampler")
def all_candidate_sampler(true_classes: Any, num_true: int, num_sampled: int, unique: bool, seed: int | None = None,
                          name: str | None = None) -> SampledCandidates:
    """Returns SampledCandidates of all classes [0, num_sampled), each expected once: the softmax itself, for checks."""
    return SampledCandidates(*make(AllCandidateSampler, true_classes, name=name, num_true=num_true, num_sampled=num_sampled, unique=unique,
                                   **seed_attributes(seed)))
