"""Datasets that give the elements of others: some of them, several times, in turn, side by side."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core.dtypes import DType
from ...core.errors import InvalidArgumentError, OpError, OutOfRangeError
from ...core.op import Shape
from .base import DatasetOp, Element, Next, Run, SameElements, dataset_of, ends_all, kept, nothing, number, text


class ZipDataset(DatasetOp, sig="input_datasets: variant*N -> handle: variant"):
    """Elements of several datasets side by side, until one of them ends."""
    output_types: list[DType]
    output_shapes: list[Shape]
    N: int
    metadata: str = ""
    least = {"output_types": 1, "output_shapes": 1, "N": 1}

    def start(self, run: Run, *input_datasets: Any) -> Next:
        sources = [dataset_of(d).start(run.within(i)) for i, d in enumerate(input_datasets)]

        def following() -> Element:
            return tuple([c for source in sources for c in source()])
        return following


class ConcatenateDataset(SameElements, sig="input_dataset: variant, another_dataset: variant -> handle: variant"):
    """The elements of one dataset, then those of another."""

    def start(self, run: Run, input_dataset: Any, another_dataset: Any) -> Next:
        source, second = dataset_of(input_dataset).start(run.within(0)), False

        def following() -> Element:
            nonlocal source, second
            try:
                return source()
            except StopIteration:
                if second:
                    raise
                source, second = dataset_of(another_dataset).start(run.within(1)), True
                return source()
        return following


class TakeDataset(SameElements, sig="input_dataset: variant, count: int64 -> handle: variant"):
    """The first elements; all of them where count is -1."""

    def start(self, run: Run, input_dataset: Any, count: Any) -> Next:
        source, left = dataset_of(input_dataset).start(run), number(count)
        if left < 0:
            return source

        def following() -> Element:
            nonlocal left
            if left == 0:
                raise StopIteration
            left -= 1
            return source()
        return following


class SkipDataset(SameElements, sig="input_dataset: variant, count: int64 -> handle: variant"):
    """All elements but the first ones; none where count is -1."""

    def start(self, run: Run, input_dataset: Any, count: Any) -> Next:
        source, left = dataset_of(input_dataset).start(run), number(count)
        if left < 0:
            return nothing

        def following() -> Element:
            nonlocal left
            while left:
                left -= 1
                source()
            return source()
        return following


class RepeatDataset(SameElements, sig="input_dataset: variant, count: int64 -> handle: variant"):
    """The elements several times; without end where count is -1."""

    def start(self, run: Run, input_dataset: Any, count: Any) -> Next:
        dataset, left, source = dataset_of(input_dataset), number(count), None
        if left == 0:
            return nothing
        fresh = True

        def following() -> Element:
            nonlocal left, source, fresh
            while left:
                if source is None:
                    source, fresh = dataset.start(run), True
                try:
                    element = source()
                    fresh = False
                    return element
                except StopIteration:
                    source = None
                    if fresh and left < 0:      # nothing in it: no end either
                        raise
                    left -= 1 if left > 0 else 0
            raise StopIteration
        return following


class ShardDataset(SameElements, sig="input_dataset: variant, num_shards: int64, index: int64 -> handle: variant"):
    """Every num_shards-th element, from that number `index` on."""
    require_non_empty: bool = False
    output_types: list[DType]
    output_shapes: list[Shape]
    metadata: str = ""

    def start(self, run: Run, input_dataset: Any, num_shards: Any, index: Any) -> Next:
        source, shards, place, at = dataset_of(input_dataset).start(run), number(num_shards), number(index), 0
        if shards < 1:
            raise InvalidArgumentError(None, None, f"Number of shards must be greater than zero (currently num_shards = {shards}).")
        if not 0 <= place < shards:
            raise InvalidArgumentError(None, None, f"Index must be between 0 and {shards - 1} (currently index = {place}).")

        def following() -> Element:
            nonlocal at
            while True:
                element = source()
                at += 1
                if (at - 1) % shards == place:
                    return element
        return following


class CacheDataset(SameElements, sig="input_dataset: variant, filename: string -> handle: variant"):
    """The elements, kept in memory once they were all read, for as long as the iterator lives."""
    remembers = True

    def start(self, run: Run, key: Any, input_dataset: Any, filename: Any) -> Next:
        if text(filename):
            raise NotImplementedError("Dataset.cache(filename): graphflow keeps the elements in memory only; use cache() without a file")
        whole = run.memory.get(key)
        if whole is not None:
            elements = iter(whole)
            return elements.__next__
        source, seen = dataset_of(input_dataset).start(run), list[Element]()

        def following() -> Element:
            try:
                element = tuple([kept(c) for c in source()])
            except StopIteration:
                run.memory[key] = seen
                raise
            seen.append(element)
            return element
        return following


class IgnoreErrorsDataset(DatasetOp, sig="input_dataset: variant -> handle: variant"):
    """The elements that come without an error."""
    output_types: list[DType]
    output_shapes: list[Shape]
    log_warning: bool = False
    least = {"output_types": 1, "output_shapes": 1}

    def start(self, run: Run, input_dataset: Any) -> Next:
        source = dataset_of(input_dataset).start(run)

        def following() -> Element:
            while True:
                try:
                    return source()
                except OutOfRangeError:
                    raise
                except OpError as error:
                    if ends_all(error):
                        raise
        return following


class UnbatchDataset(SameElements, sig="input_dataset: variant -> handle: variant"):
    """The rows of each element."""

    def start(self, run: Run, input_dataset: Any) -> Next:
        source, rows, at = dataset_of(input_dataset).start(run), tuple[np.ndarray, ...](), 0

        def following() -> Element:
            nonlocal rows, at
            while not rows or at == len(rows[0]):
                rows, at = tuple([kept(c) for c in source()]), 0
                if any(len(c) != len(rows[0]) for c in rows):
                    sizes = [len(c) for c in rows]
                    rows = ()
                    raise InvalidArgumentError(None, None, f"Input element must have the same batch size in each component: {sizes}")
            at += 1
            return tuple([c[at - 1, ...] for c in rows])
        return following
