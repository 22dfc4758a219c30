"""Datasets that are made of tensors."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core.dtypes import DType
from ...core.errors import InvalidArgumentError
from ...core.op import Shape, Spec, require
from .base import DatasetOp, Element, Next, Run, kept, number


class _OfTensors(DatasetOp):
    Toutput_types: list[DType]
    output_shapes: list[Shape]
    metadata: str = ""
    least = {"Toutput_types": 1, "output_shapes": 1}


class TensorDataset(_OfTensors, sig="components: [Toutput_types] -> handle: variant", stateful=True):
    """One element."""

    def start(self, run: Run, *components: Any) -> Next:
        element, left = tuple(map(kept, components)), [None]

        def following() -> Element:
            if not left:
                raise StopIteration
            left.pop()
            return element
        return following


class TensorSliceDataset(_OfTensors, sig="components: [Toutput_types] -> handle: variant", stateful=True):
    """The rows of tensors."""
    Toutput_types: list[DType]
    output_shapes: list[Shape]
    is_files: bool = False
    metadata: str = ""
    replicate_on_split: bool = False

    def infer(self, *components: Spec) -> Spec:
        rows: int | None = None
        for spec in components:
            require(spec.shape is None or len(spec.shape) >= 1, "Shape must be at least rank 1 but is rank 0")
            first = spec.shape[0] if spec.shape else None
            require(rows is None or first is None or rows == first, f"Dimensions {rows} and {first} are not compatible")
            rows = first if rows is None else rows
        return super().infer()

    def start(self, run: Run, *components: Any) -> Next:
        columns = [kept(c) for c in components]
        rows = len(columns[0])
        for i, column in enumerate(columns):
            if len(column) != rows:
                raise InvalidArgumentError(None, None, f"All components must have the same size in the 0th dimension: component 0 has "
                                                       f"{rows}, component {i} has {len(column)}")
        at = 0

        def following() -> Element:
            nonlocal at
            if at == rows:
                raise StopIteration
            at += 1
            return tuple([column[at - 1, ...] for column in columns])
        return following


class RangeDataset(DatasetOp, sig="start: int64, stop: int64, step: int64 -> handle: variant", stateful=True):
    """The numbers from start to stop, by step."""
    output_types: list[DType]
    output_shapes: list[Shape]
    metadata: str = ""
    replicate_on_split: bool = False
    least = {"output_types": 1, "output_shapes": 1}

    def start(self, run: Run, start: Any, stop: Any, step: Any) -> Next:
        if number(step) == 0:
            raise InvalidArgumentError(None, None, "step must be a non-zero integer.")
        numbers, dtype = iter(range(number(start), number(stop), number(step))), self.output_types[0].np

        def following() -> Element:
            return (np.array(next(numbers), dtype),)
        return following
