"""Sampling of candidate classes (nce_loss, sampled_softmax_loss and their samplers).

A sampler draws class numbers one after the other from a stream of words, and knows each class's probability. With `unique`
a class already drawn is drawn again, and the expected counts follow from the number of tries.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .philox import Philox

WORDS_PER_SAMPLE = 2048  # a run sets this many words aside for each candidate
Counts = NDArray[np.float32]
Classes = NDArray[np.int64]


class WordReader:
    """Words of a stream one by one, and the numbers made of them."""

    def __init__(self, place: Philox) -> None:
        self._place = place
        self._words: Iterator[int] = iter(())
        self._piece = 64

    def word(self) -> int:
        for value in self._words:
            return value
        self._words = iter(self._place.words(4 * self._piece).tolist())
        self._place = self._place.skip(self._piece)
        self._piece = min(2 * self._piece, 4096)
        return next(self._words)

    def double_word(self) -> int:
        low = self.word()
        return self.word() << 32 | low

    def below(self, bound: int) -> int:
        """A number in [0, bound), bound < 2**32, all equally likely: words that would favour small numbers are skipped."""
        return self._below(bound, 32)

    def below_64(self, bound: int) -> int:
        """As `below`, from 64 bits."""
        return self._below(bound, 64)

    def _below(self, bound: int, bits: int) -> int:
        draw = self.word if bits == 32 else self.double_word
        if bound & (bound - 1) == 0:
            return draw() & (bound - 1)
        favoured = (1 << bits) % bound
        value = draw()
        while value < favoured:
            value = draw()
        return value % bound

    def unit_float32(self) -> float:
        return (self.word() & 0x7FFFFF) * 2.0**-23

    def unit_float64(self) -> float:
        high = self.word() & 0xFFFFF
        return (high << 32 | self.word()) * 2.0**-52


class Sampler:
    """Draws classes in [0, size)."""

    def __init__(self, size: int) -> None:
        self.size = size

    def draw(self, reader: WordReader) -> int:
        raise NotImplementedError

    def probability(self, classes: Classes) -> Counts:
        """float32, shape of `classes`."""
        raise NotImplementedError

    def update(self, classes: Classes) -> None:
        """Learn from classes that occurred. Only the learned sampler does."""


class UniformSampler(Sampler):
    """Every class equally likely."""

    def draw(self, reader: WordReader) -> int:
        return reader.below_64(self.size)

    def probability(self, classes: Classes) -> Counts:
        return np.full(classes.shape, 1.0 / self.size, np.float32)


class LogUniformSampler(Sampler):
    """P(k) = log((k + 2) / (k + 1)) / log(size + 1): Zipf's law for classes in order of falling frequency."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self._log_range = float(np.log1p(size))

    def draw(self, reader: WordReader) -> int:
        return (int(np.exp(reader.unit_float64() * self._log_range)) - 1) % self.size

    def probability(self, classes: Classes) -> Counts:
        k = classes.astype(np.float64)
        return (np.log((k + 2.0) / (k + 1.0)) / self._log_range).astype(np.float32)


class LearnedUnigramSampler(Sampler):
    """In proportion to how often a class occurred so far, plus one."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self._weights = np.ones(size, np.int64)
        self._total = size
        self._cumulative: Classes | None = None

    def draw(self, reader: WordReader) -> int:
        if self._cumulative is None:
            self._cumulative = np.cumsum(self._weights)
        return int(np.searchsorted(self._cumulative, reader.below(self._total), side="right"))

    def probability(self, classes: Classes) -> Counts:
        return self._weights[classes].astype(np.float32) / np.float32(self._total)

    def update(self, classes: Classes) -> None:
        room = (1 << 31) - 1 - self._total  # the weights' sum stays a 32-bit integer
        np.add.at(self._weights, classes.ravel()[:room], 1)
        self._total = int(self._weights.sum())
        self._cumulative = None


class FixedUnigramSampler(Sampler):
    """In proportion to given counts to the power `distortion`; reserved ids (the first ones) have weight 0.

    Draws by the alias method: M. D. Vose, "A linear algorithm for generating random numbers with a given
    distribution", 1991.
    """

    def __init__(self, unigrams: Sequence[float], distortion: float = 1.0, reserved: int = 0, shards: int = 1, shard: int = 0) -> None:
        counts = np.asarray(unigrams, np.float32)[shard::shards]
        weights = np.concatenate([np.zeros(reserved, np.float32), counts ** np.float32(distortion)])
        super().__init__(len(weights))
        self._weights = weights
        self._total = np.float32(0)
        for weight in weights[reserved:]:
            self._total += weight  # in this order, in float32
        self._keep, self._alias = _alias_table(weights)

    def draw(self, reader: WordReader) -> int:
        fraction = reader.unit_float32()
        column = reader.below(self.size)
        return column if fraction < self._keep[column] else self._alias[column]

    def probability(self, classes: Classes) -> Counts:
        return (self._weights[classes].astype(np.float64) / np.float64(self._total)).astype(np.float32)


class Candidates(NamedTuple):
    """What a candidate sampler op returns."""

    sampled: Classes  # [num_sampled]
    true_expected: Counts  # shape of the true classes
    sampled_expected: Counts  # [num_sampled]


def sample_candidates(sampler: Sampler, place: Philox, true_classes: Classes, count: int, unique: bool) -> Candidates:
    """`count` classes and the expected number of times that the true and the sampled classes are in such a sample.

    Then the sampler learns from the true classes. `unique` needs count <= sampler.size.
    """
    reader = WordReader(place)
    if unique:
        sampled, tries = _draw_unique(sampler, reader, count)
    else:
        sampled, tries = [sampler.draw(reader) for _ in range(count)], count
    chosen = np.array(sampled, np.int64)
    result = Candidates(
        chosen,
        expected_count(sampler.probability(true_classes), count, tries),
        expected_count(sampler.probability(chosen), count, tries),
    )
    sampler.update(true_classes)
    return result


def expected_count(probability: Counts, count: int, tries: int) -> Counts:
    """How often a class of this probability is in a sample of `count` that took `tries` draws."""
    if tries == count:
        return probability * np.float32(count)
    return -np.expm1(np.float32(tries) * np.log1p(-probability))


def all_candidates(true_classes: Classes, count: int) -> Candidates:
    """Every class once: 0 .. count-1, expected count 1."""
    return Candidates(np.arange(count), np.ones(true_classes.shape, np.float32), np.ones(count, np.float32))


def _draw_unique(sampler: Sampler, reader: WordReader, count: int) -> tuple[list[int], int]:
    drawn: dict[int, None] = {}
    tries = 0
    while len(drawn) < count:
        tries += 1
        drawn[sampler.draw(reader)] = None
    return list(drawn), tries


def _alias_table(weights: Counts) -> tuple[list[float], list[int]]:
    """For each column the share it keeps of its own (float32) and the class that has the rest."""
    size = len(weights)
    total = sum(weights.tolist())
    share = [float(np.float32(weight * np.float32(size))) / total for weight in weights]
    alias = [-1] * size
    low = [i for i in range(size) if share[i] < 1.0]
    high = [i for i in range(size) if share[i] >= 1.0]
    while low and high:
        small, big = low.pop(), high.pop()
        alias[small] = big
        share[big] -= 1.0 - share[small]
        (low if share[big] < 1.0 else high).append(big)
    for left in low + high:  # rounding left them a little off 1
        share[left], alias[left] = 1.0, left
    return [float(np.float32(value)) for value in share], alias
