"""tf.keras.preprocessing.sequence: pairs of words that stand near each other, and windows of series in time."""
from __future__ import annotations

import random
from typing import Any

import numpy as np

from ...core.export import export
from ..utils.sequences import Sequence

_EULER = 0.577


@export("keras.preprocessing.sequence.make_sampling_table")
def make_sampling_table(size: int, sampling_factor: float = 1e-5) -> Any:
    """How probably the word of each rank is kept: by Zipf's law of its frequency, common ones seldom (T. Mikolov and others, 2013)."""
    rank = np.arange(size)
    rank[0] = 1
    rarity = rank * (np.log(rank) + _EULER) + 0.5 - 1.0 / (12.0 * rank)
    kept = sampling_factor * rarity
    return np.minimum(1.0, kept / np.sqrt(kept))


@export("keras.preprocessing.sequence.skipgrams")
def skipgrams(sequence: Any, vocabulary_size: int, window_size: int = 4, negative_samples: float = 1.0, shuffle: bool = True,
              categorical: bool = False, sampling_table: Any = None, seed: int | None = None) -> tuple[list[Any], list[Any]]:
    """(pairs [word, other], labels): 1 where the other stands within window_size, 0 for random others, negative_samples for each.

    0 is no word. sampling_table: how probably a word is kept. categorical: labels [0, 1] and [1, 0]. seed: of the order.
    """
    pairs: list[Any] = []
    for i, word in enumerate(sequence):
        if not word or sampling_table is not None and sampling_table[word] < random.random():
            continue
        near = range(max(0, i - window_size), min(len(sequence), i + window_size + 1))
        pairs += [[word, sequence[j]] for j in near if j != i and sequence[j]]
    labels: list[Any] = [[0, 1] if categorical else 1] * len(pairs)
    if negative_samples > 0:
        words = [word for word, _ in pairs]
        count = int(len(labels) * negative_samples)
        random.shuffle(words)
        pairs += [[words[i % len(words)], random.randint(1, vocabulary_size - 1)] for i in range(count)]
        labels += [[1, 0] if categorical else 0] * count
    if shuffle:
        seed = random.randint(0, 10_000_000) if seed is None else seed
        for items in (pairs, labels):
            random.seed(seed)
            random.shuffle(items)
    return pairs, labels


@export("keras.preprocessing.sequence.TimeseriesGenerator")
class TimeseriesGenerator(Sequence):
    """Batches of (windows of data, the target that follows each). data, targets: arrays of the same length, time first.

    length: of a window, of which each sampling_rate-th step is given; stride: between windows; start_index, end_index: what is used.
    shuffle: windows at random places; reverse: the latest step first. ValueError where lengths differ or there is no window.
    """

    def __init__(self, data: Any, targets: Any, length: int, sampling_rate: int = 1, stride: int = 1, start_index: int = 0,
                 end_index: int | None = None, shuffle: bool = False, reverse: bool = False, batch_size: int = 128):
        if len(data) != len(targets):
            raise ValueError(f"Data and targets have to be of same length. Data length is {len(data)} while target length is "
                             f"{len(targets)}")
        self.data, self.targets, self.length, self.sampling_rate, self.stride = data, targets, length, sampling_rate, stride
        self.start_index, self.end_index = start_index + length, len(data) - 1 if end_index is None else end_index
        self.shuffle, self.reverse, self.batch_size = shuffle, reverse, batch_size
        if self.start_index > self.end_index:
            raise ValueError(f"`start_index+length={self.start_index} > end_index={self.end_index}` is disallowed, as no part of the "
                             "sequence would be left to be used as current step.")

    def __len__(self) -> int:
        return -(-(self.end_index - self.start_index + 1) // (self.batch_size * self.stride))

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        if self.shuffle:
            ends = np.random.randint(self.start_index, self.end_index + 1, size=self.batch_size)
        else:
            first = self.start_index + self.batch_size * self.stride * index
            ends = np.arange(first, min(first + self.batch_size * self.stride, self.end_index + 1), self.stride)
        windows = np.array([self.data[end - self.length:end:self.sampling_rate] for end in ends])
        return windows[:, ::-1] if self.reverse else windows, np.array([self.targets[end] for end in ends])

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, data as lists."""
        lists = {name: np.asarray(getattr(self, name)).tolist() for name in ("data", "targets")}
        names = ("length", "sampling_rate", "stride", "start_index", "end_index", "shuffle", "reverse", "batch_size")
        return {**lists, **{name: getattr(self, name) for name in names}}
