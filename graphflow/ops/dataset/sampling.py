"""Datasets that draw: random numbers, elements of several datasets in an order that another one tells, elements without their twins."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core.dtypes import DType
from ...core.errors import InvalidArgumentError
from ...core.op import Shape
from ...kernels.random.philox import fresh_seed
from .base import DatasetOp, Element, Next, Run, SameElements, dataset_of, number
from .shuffles import words


class RandomDataset(DatasetOp, sig="seed: int64, seed2: int64 -> handle: variant", stateful=True):
    """Random numbers from 0 to 2^32 - 1 without end, as int64: TensorFlow's for the same seeds."""
    output_types: list[DType]
    output_shapes: list[Shape]
    metadata: str = ""
    least = {"output_types": 1, "output_shapes": 1}

    def start(self, run: Run, seed: Any, seed2: Any) -> Next:
        seeds = number(seed), number(seed2)
        following = words(*(seeds if any(seeds) else (fresh_seed(), fresh_seed())))
        return lambda: (np.array(following(), np.int64),)


class DirectedInterleaveDataset(DatasetOp, sig="selector_input_dataset: variant, data_input_datasets: variant*N -> handle: variant"):
    """Elements of several datasets; a dataset of numbers tells of which the next one is. Datasets that have ended are passed over."""
    N: int
    stop_on_empty_dataset: bool = False
    output_types: list[DType]
    output_shapes: list[Shape]
    least = {"output_types": 1, "output_shapes": 1, "N": 1}

    def start(self, run: Run, selector_input_dataset: Any, *data_input_datasets: Any) -> Next:
        selector = dataset_of(selector_input_dataset).start(run)
        sources: list[Next | None] = [dataset_of(d).start(run.within(i)) for i, d in enumerate(data_input_datasets)]

        def following() -> Element:
            while any(source is not None for source in sources):
                place = number(selector()[0])
                if not 0 <= place < len(sources):
                    raise InvalidArgumentError(None, None, f"Selector index out of range: {place} >= {len(sources)}")
                source = sources[place]
                if source is None:
                    continue
                try:
                    return source()
                except StopIteration:
                    sources[place] = None
                    if self.stop_on_empty_dataset:
                        sources[:] = [None] * len(sources)
            raise StopIteration
        return following


class UniqueDataset(SameElements, sig="input_dataset: variant -> handle: variant"):
    """Each element once: its first time."""

    def start(self, run: Run, input_dataset: Any) -> Next:
        source, seen = dataset_of(input_dataset).start(run), set()

        def following() -> Element:
            while True:
                element = source()
                key = tuple([(c.shape, tuple(c.ravel().tolist())) if c.dtype == object else (c.shape, c.tobytes()) for c in element])
                if key not in seen:
                    seen.add(key)
                    return element
        return following
