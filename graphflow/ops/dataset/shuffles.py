"""Datasets in random order: TensorFlow's, for the same seeds.

A buffer is kept full; the next element is drawn from it. The random words come from Philox with the two seeds; with
reshuffle_each_iteration each new way through draws seeds of its own from them.
"""
from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from ...core.dtypes import DType
from ...core.errors import InvalidArgumentError
from ...core.op import Shape
from ...kernels.random.philox import Philox, fresh_seed
from .base import Element, Next, Run, SameElements, dataset_of, number

_CHUNK = 256        # blocks of random words that are made at once


def words(seed: int, seed2: int) -> Callable[[], int]:
    """The random words of two seeds, in turn."""
    def chunks() -> Iterator[Any]:
        place, blocks = Philox.from_seeds(seed, seed2), 4
        while True:
            yield place.words(4 * blocks).tolist()
            place, blocks = place.skip(blocks), _CHUNK
    return itertools.chain.from_iterable(chunks()).__next__


class _Seeds:
    """The seeds of each way through a dataset: always the same, or drawn."""

    def __init__(self, seed: int, seed2: int, again: bool):
        if seed == 0 and seed2 == 0:
            seed, seed2 = fresh_seed(), fresh_seed()
        self.seeds, self.draw = (seed, seed2), words(seed, seed2) if again else None

    def following(self) -> tuple[int, int]:
        return self.seeds if self.draw is None else (self.draw(), self.draw())


class _Slice:
    """What one epoch has in the buffer: places from start to end, modulo the buffer's size."""
    __slots__ = ("end", "start")

    def __init__(self, start: int):
        self.start = self.end = start


class _Shuffling:
    """One way through, `epochs` (-1: endless) times over the input."""

    def __init__(self, run: Run, dataset: Any, size: int, epochs: int, seeds: _Seeds):
        self.run, self.dataset, self.epochs, self.seeds = run, dataset, epochs, seeds
        self.random = words(*seeds.following())
        self.buffer: list[Any] = [None] * min(size, 1024)
        self.size, self.held = size, 0
        self.source: Next | None = None
        self.slices: list[_Slice] = []
        self.found_nothing = False

    def fill(self) -> None:
        while self.held < self.size and not self.found_nothing:
            if self.source is None:
                if self.epochs == 0:
                    return
                self.source, self.epochs = self.dataset.start(self.run), self.epochs - 1 if self.epochs > 0 else -1
                self.slices.append(_Slice(self.slices[-1].end if self.slices else 0))
            try:
                element = self.source()
            except StopIteration:
                self.source = None
                self.found_nothing = self.held == 0 and self.slices[-1].end == 0     # an empty input, which may not be repeated for ever
                continue
            last = self.slices[-1]
            if last.end >= len(self.buffer) and len(self.buffer) < self.size:
                self.buffer.extend([None] * min(len(self.buffer), self.size - len(self.buffer)))
            self.buffer[last.end % self.size] = element
            last.end += 1
            self.held += 1

    def __call__(self) -> Element:
        self.fill()
        if not self.held:
            raise StopIteration
        while self.slices[0].start == self.slices[0].end:
            del self.slices[0]
            self.random = words(*self.seeds.following())     # each epoch has seeds of its own
        first, buffer = self.slices[0], self.buffer
        at = (first.start + self.random() % (first.end - first.start)) % self.size
        element: Element = buffer[at]
        start = first.start % self.size
        buffer[at], buffer[start] = buffer[start], None
        first.start += 1
        self.held -= 1
        return element


class ShuffleDataset(SameElements, sig="input_dataset: variant, buffer_size: int64, seed: int64, seed2: int64 -> handle: variant"):
    """The elements in random order: each drawn from a buffer of the next buffer_size ones."""
    reshuffle_each_iteration: bool = True
    output_types: list[DType]
    output_shapes: list[Shape]
    metadata: str = ""
    remembers = True
    shared: ClassVar[bool] = True       # all ways through draw from one row of seeds

    def start(self, run: Run, key: Any, input_dataset: Any, buffer_size: Any, seed: Any, seed2: Any, count: Any = 1) -> Next:
        size = number(buffer_size)
        if size <= 0:
            raise InvalidArgumentError(None, None, "buffer_size must be greater than zero.")
        place = key if self.shared else (key, run.place)
        seeds = run.memory.get(place)
        if seeds is None:
            seeds = run.memory[place] = _Seeds(number(seed), number(seed2), self.reshuffle_each_iteration)
        return _Shuffling(run, dataset_of(input_dataset), size, number(count), seeds)


class ShuffleAndRepeatDataset(ShuffleDataset, sig="input_dataset: variant, buffer_size: int64, seed: int64, seed2: int64, count: int64 "
                                                  "-> handle: variant"):
    """The elements in random order several times (-1: without end); the buffer takes those of the next time as soon as there is room.

    Used in two places of a pipeline, it gives the same order in both.
    """
    shared = False
    output_types: list[DType]
    output_shapes: list[Shape]
    reshuffle_each_iteration: bool = True
    metadata: str = ""
