"""Datasets that put elements together: batches, padded batches, windows."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core.dtypes import DType
from ...core.errors import InvalidArgumentError
from ...core.op import Shape
from ...core.shapes import describe
from .base import DatasetOp, DatasetValue, Element, Next, Run, SameElements, dataset_of, number


def stacked(elements: list[Element]) -> Element:
    """Elements one above another, component by component; InvalidArgumentError where their shapes differ."""
    return tuple([_stack([e[i] for e in elements], i) for i in range(len(elements[0]))])


def _stack(parts: list[np.ndarray], component: int) -> np.ndarray:
    first = parts[0]
    out = np.empty((len(parts), *first.shape), first.dtype)
    for i, part in enumerate(parts):
        if part.shape != first.shape:
            raise InvalidArgumentError(None, None, f"Cannot batch tensors with different shapes in component {component}. First element "
                                                   f"had shape {describe(first.shape)} and element {i} had shape {describe(part.shape)}.")
        out[i, ...] = part
    return out


def gathered(source: Next, size: int, drop: bool) -> list[Element]:
    """The next `size` elements, or fewer at the end; StopIteration where there are none, or too few that are to be dropped."""
    elements: list[Element] = []
    try:
        while len(elements) < size:
            elements.append(source())
    except StopIteration:
        if not elements or drop:
            raise
    return elements


def batch_size_of(value: Any) -> int:
    size = number(value)
    if size <= 0:
        raise InvalidArgumentError(None, None, "Batch size must be greater than zero.")
    return size


class BatchDataset(SameElements, sig="input_dataset: variant, batch_size: int64 -> handle: variant"):
    """BatchDatasetV2 that keeps a smaller last batch."""

    def start(self, run: Run, input_dataset: Any, batch_size: Any, drop_remainder: Any = False) -> Next:
        source, size, drop = dataset_of(input_dataset).start(run), batch_size_of(batch_size), bool(drop_remainder)

        def following() -> Element:
            return stacked(gathered(source, size, drop))
        return following


class BatchDatasetV2(BatchDataset, sig="input_dataset: variant, batch_size: int64, drop_remainder: bool -> handle: variant"):
    """Consecutive elements, stacked."""
    parallel_copy: bool = False
    output_types: list[DType]
    output_shapes: list[Shape]
    metadata: str = ""


class PaddedBatchDatasetV2(DatasetOp, sig="input_dataset: variant, batch_size: int64, padded_shapes: int64*N, "
                                          "padding_values: [Toutput_types], drop_remainder: bool -> handle: variant"):
    """Consecutive elements, each made as large as padded_shapes say (-1: as the largest of the batch), stacked."""
    parallel_copy: bool = False
    Toutput_types: list[DType]
    output_shapes: list[Shape]
    N: int
    metadata: str = ""
    least = {"Toutput_types": 1, "output_shapes": 1, "N": 1}

    def start(self, run: Run, input_dataset: Any, batch_size: Any, *rest: Any) -> Next:
        source, size, n = dataset_of(input_dataset).start(run), batch_size_of(batch_size), self.N
        shapes = [tuple(int(d) for d in np.asarray(s)) for s in rest[:n]]
        values, drop = rest[n:2 * n], bool(np.asarray(rest[2 * n]))

        def following() -> Element:
            elements = gathered(source, size, drop)
            return tuple([_padded([e[i] for e in elements], shapes[i], values[i], i) for i in range(n)])
        return following


def _padded(parts: list[np.ndarray], wanted: tuple[int, ...], value: Any, component: int) -> np.ndarray:
    sizes = list(wanted)
    for part in parts:
        if part.ndim != len(wanted):
            raise InvalidArgumentError(None, None, "All elements in a batch must have the same rank as the padded shape for component"
                                                   f"{component}: expected rank {len(wanted)} but got element with rank {part.ndim}")
        for axis, (asked, has) in enumerate(zip(wanted, part.shape)):
            if asked >= 0 and has > asked:
                raise InvalidArgumentError(None, None, f"Attempted to pad to a smaller size than the input element: component {component} "
                                                       f"has shape {describe(part.shape)}, padded shape is {describe(wanted)}")
            sizes[axis] = max(sizes[axis], has)
    out = np.empty((len(parts), *sizes), parts[0].dtype)
    out[...] = np.asarray(value, parts[0].dtype)
    for i, part in enumerate(parts):
        place: Any = (i, *[slice(n) for n in part.shape])
        out[place] = part
    return out


class _Held(DatasetOp):
    """Elements that are at hand: a window."""

    def start(self, run: Run, *elements: Any) -> Next:
        return iter(elements).__next__


class WindowDataset(SameElements, sig="input_dataset: variant, size: int64, shift: int64, stride: int64, drop_remainder: bool "
                                      "-> handle: variant"):
    """Datasets of `size` elements each, `stride` apart, which begin `shift` elements apart: one per component."""

    def start(self, run: Run, input_dataset: Any, size: Any, shift: Any, stride: Any, drop_remainder: Any) -> Next:
        source, wide, hop, gap = dataset_of(input_dataset).start(run), number(size), number(shift), number(stride)
        for what, value in (("size", wide), ("shift", hop), ("stride", gap)):
            if value <= 0:
                raise InvalidArgumentError(None, None, f"Window {what} must be greater than zero.")
        drop, buffer, ended, skip, span = bool(drop_remainder), list[Element](), False, 0, (wide - 1) * gap + 1

        def following() -> Element:
            nonlocal ended, skip
            while not ended and len(buffer) - skip < span:
                try:
                    buffer.append(source())
                except StopIteration:
                    ended = True
            del buffer[:skip]
            skip = 0
            if not buffer or (drop and len(buffer) < span):
                buffer.clear()
                raise StopIteration
            window = buffer[:span:gap]
            skip = min(hop, len(buffer))
            missing = hop - skip
            while missing and not ended:
                try:
                    source()
                    missing -= 1
                except StopIteration:
                    ended = True
            return tuple([held([(e[i],) for e in window]) for i in range(len(window[0]))])
        return following


def held(elements: list[Element]) -> np.ndarray:
    """The dataset of elements that are at hand, as the value of a variant."""
    op_def: Any = _Held.of()
    out = np.empty((), object)
    out[()] = DatasetValue(op_def, tuple(elements))
    return out
