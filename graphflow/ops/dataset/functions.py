"""Datasets that call a function on each element: maps, filters, and datasets of datasets."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core.dtypes import DType
from ...core.errors import InvalidArgumentError, OpError
from ...core.op import Shape
from ...graphdef.attributes import FunctionName
from .base import DatasetOp, Element, Next, Run, dataset_of, ends_at, number
from .batches import batch_size_of, gathered, stacked
from .threads import Ordered, threads_for


class _Calling(DatasetOp):
    f: FunctionName
    Targuments: list[DType]
    output_types: list[DType]
    output_shapes: list[Shape]
    metadata: str = ""
    least = {"output_types": 1, "output_shapes": 1}


class MapDataset(_Calling, sig="input_dataset: variant, other_arguments: [Targuments] -> handle: variant"):
    """f of each element."""
    f: FunctionName
    Targuments: list[DType]
    output_types: list[DType]
    output_shapes: list[Shape]
    use_inter_op_parallelism: bool = True
    preserve_cardinality: bool = False
    force_synchronous: bool = False
    metadata: str = ""

    def start(self, run: Run, input_dataset: Any, *other_arguments: Any) -> Next:
        source, function = dataset_of(input_dataset).start(run), run.function(self.f, other_arguments)

        def following() -> Element:
            element = source()
            try:
                return function(*element)
            except OpError as error:
                raise _end(error, self.preserve_cardinality) from None
        return following


def _end(error: OpError, whole: bool) -> BaseException:
    """What an error of a function is for its dataset: its end, where the function says so."""
    if not ends_at(error):
        return error
    if whole:
        return InvalidArgumentError(None, error.op, f"Function invocation produced OutOfRangeError: {error.message}")
    return StopIteration()


class _ParallelMap(_Calling):
    """Base of maps in threads."""
    preserve_cardinality: bool = False

    def start(self, run: Run, input_dataset: Any, *rest: Any) -> Next:
        source, function, whole = dataset_of(input_dataset).start(run), run.function(self.f, rest[:-1]), self.preserve_cardinality
        calls = number(rest[-1])
        if calls == 0 or calls < -1:
            raise InvalidArgumentError(None, None, "num_parallel_calls must be greater than zero.")

        def call(element: Element) -> Element:
            try:
                return function(*element)
            except OpError as error:
                raise _end(error, whole) from None
        return Ordered(run, source, call, threads_for(calls))


class ParallelMapDatasetV2(_ParallelMap, sig="input_dataset: variant, other_arguments: [Targuments], num_parallel_calls: int64 "
                                             "-> handle: variant"):
    """f of each element, of several at a time in threads; in the order of the elements."""
    f: FunctionName
    Targuments: list[DType]
    output_types: list[DType]
    output_shapes: list[Shape]
    use_inter_op_parallelism: bool = True
    deterministic: str = "default"
    preserve_cardinality: bool = False
    use_unbounded_threadpool: bool = False
    metadata: str = ""


class ParallelMapDataset(_ParallelMap, sig="input_dataset: variant, other_arguments: [Targuments], num_parallel_calls: int32 "
                                           "-> handle: variant"):
    """ParallelMapDatasetV2 of TF 1.x."""
    f: FunctionName
    Targuments: list[DType]
    output_types: list[DType]
    output_shapes: list[Shape]
    use_inter_op_parallelism: bool = True
    sloppy: bool = False
    preserve_cardinality: bool = False
    metadata: str = ""


class FilterDataset(DatasetOp, sig="input_dataset: variant, other_arguments: [Targuments] -> handle: variant"):
    """The elements of which the predicate is true."""
    predicate: FunctionName
    Targuments: list[DType]
    output_types: list[DType]
    output_shapes: list[Shape]
    metadata: str = ""
    least = {"output_types": 1, "output_shapes": 1}

    def start(self, run: Run, input_dataset: Any, *other_arguments: Any) -> Next:
        source, predicate = dataset_of(input_dataset).start(run), run.function(self.predicate, other_arguments)

        def following() -> Element:
            while True:
                element = source()
                try:
                    wanted = predicate(*element)[0]
                except OpError as error:
                    raise _end(error, False) from None
                if np.shape(wanted) != ():
                    raise InvalidArgumentError(None, None, "Filter predicate `f` must return a scalar bool.")
                if wanted:
                    return element
        return following


class FlatMapDataset(_Calling, sig="input_dataset: variant, other_arguments: [Targuments] -> handle: variant"):
    """The elements of the datasets that f gives, one dataset after another."""

    def start(self, run: Run, input_dataset: Any, *other_arguments: Any) -> Next:
        source, function = dataset_of(input_dataset).start(run), run.function(self.f, other_arguments)
        inner: Next | None = None

        def following() -> Element:
            nonlocal inner
            while True:
                if inner is None:
                    inner = dataset_of(function(*source())[0]).start(run)
                try:
                    return inner()
                except StopIteration:
                    inner = None
        return following


class InterleaveDataset(_Calling, sig="input_dataset: variant, other_arguments: [Targuments], cycle_length: int64, block_length: int64 "
                                      "-> handle: variant"):
    """The elements of the datasets that f gives: block_length from each of cycle_length ones in turn."""

    def start(self, run: Run, input_dataset: Any, *rest: Any) -> Next:
        *captured, cycle, block = rest
        return interleaved(run, dataset_of(input_dataset).start(run), run.function(self.f, tuple(captured)), number(cycle), number(block))


def interleaved(run: Run, source: Next, function: Any, cycle: int, block: int) -> Next:
    """The way through datasets in turn; a place whose dataset has ended gets the next one when its turn comes."""
    if cycle == -1:
        cycle = threads_for(-1)
    for what, value in (("cycle_length", cycle), ("block_length", block)):
        if value <= 0:
            raise InvalidArgumentError(None, None, f"`{what}` must be > 0")
    places: list[Next | None] = [None] * cycle
    at, taken, is_open = 0, 0, 0
    ended = False

    def onward() -> None:
        nonlocal at, taken
        at, taken = (at + 1) % cycle, 0

    def following() -> Element:
        nonlocal taken, is_open, ended
        while not ended or is_open:
            inner = places[at]
            if inner is not None:
                try:
                    element = inner()
                    taken += 1
                    if taken == block:
                        onward()
                    return element
                except StopIteration:
                    places[at] = None
                    is_open -= 1
                    onward()
            elif not ended:
                try:
                    arguments = source()
                except StopIteration:
                    ended = True
                    continue
                places[at] = dataset_of(function(*arguments)[0]).start(run)
                is_open += 1
            else:
                onward()
        raise StopIteration
    return following


class ParallelInterleaveDatasetV2(_Calling, sig="input_dataset: variant, other_arguments: [Targuments], cycle_length: int64, "
                                                "block_length: int64, num_parallel_calls: int64 -> handle: variant"):
    """InterleaveDataset that may read ahead; here, in the same order, from one thread."""
    f: FunctionName
    Targuments: list[DType]
    output_types: list[DType]
    output_shapes: list[Shape]
    sloppy: bool = False
    metadata: str = ""

    def start(self, run: Run, input_dataset: Any, *rest: Any) -> Next:
        *captured, cycle, block, _ = rest
        return interleaved(run, dataset_of(input_dataset).start(run), run.function(self.f, tuple(captured)), number(cycle), number(block))


class LegacyParallelInterleaveDatasetV2(_Calling, sig="input_dataset: variant, other_arguments: [Targuments], cycle_length: int64, "
                                                      "block_length: int64, buffer_output_elements: int64, "
                                                      "prefetch_input_elements: int64 -> handle: variant"):
    """As InterleaveDataset, with room to read ahead; here, in the same order, from one thread."""
    f: FunctionName
    deterministic: str = "default"
    Targuments: list[DType]
    output_types: list[DType]
    output_shapes: list[Shape]
    metadata: str = ""

    def start(self, run: Run, input_dataset: Any, *rest: Any) -> Next:
        *captured, cycle, block, _, _ = rest
        function = run.function(self.f, tuple(captured))
        return interleaved(run, dataset_of(input_dataset).start(run), function, number(cycle), number(block))


class MapAndBatchDataset(_Calling, sig="input_dataset: variant, other_arguments: [Targuments], batch_size: int64, "
                                       "num_parallel_calls: int64, drop_remainder: bool -> handle: variant"):
    """f of each element, of several at a time in threads, stacked in batches."""
    f: FunctionName
    Targuments: list[DType]
    output_types: list[DType]
    output_shapes: list[Shape]
    preserve_cardinality: bool = False
    metadata: str = ""

    def start(self, run: Run, input_dataset: Any, *rest: Any) -> Next:
        *captured, batch_size, calls, drop_remainder = rest
        source, function = dataset_of(input_dataset).start(run), run.function(self.f, tuple(captured))
        size, drop = batch_size_of(batch_size), bool(np.asarray(drop_remainder))

        def call(element: Element) -> Element:
            try:
                return function(*element)
            except OpError as error:
                raise _end(error, self.preserve_cardinality) from None
        mapped = Ordered(run, source, call, threads_for(number(calls)))

        def following() -> Element:
            return stacked(gathered(mapped, size, drop))
        return following


class TakeWhileDataset(DatasetOp, sig="input_dataset: variant, other_arguments: [Targuments] -> handle: variant"):
    """The elements before the first one of which the predicate is false."""
    predicate: FunctionName
    Targuments: list[DType]
    output_types: list[DType]
    output_shapes: list[Shape]
    metadata: str = ""
    least = {"output_types": 1, "output_shapes": 1}

    def start(self, run: Run, input_dataset: Any, *other_arguments: Any) -> Next:
        source, predicate, ended = dataset_of(input_dataset).start(run), run.function(self.predicate, other_arguments), False

        def following() -> Element:
            nonlocal ended
            if not ended:
                element = source()
                if predicate(*element)[0]:
                    return element
                ended = True
            raise StopIteration
        return following


class ScanDataset(_Calling, sig="input_dataset: variant, initial_state: [Tstate], other_arguments: [Targuments] -> handle: variant"):
    """The second part of (state, output) = f(state, element), for each element in turn."""
    f: FunctionName
    Tstate: list[DType]
    Targuments: list[DType]
    output_types: list[DType]
    output_shapes: list[Shape]
    preserve_cardinality: bool = False
    use_default_device: bool = True
    metadata: str = ""
    least = {"Tstate": 1, "output_types": 1, "output_shapes": 1}

    def start(self, run: Run, input_dataset: Any, *rest: Any) -> Next:
        n = len(self.Tstate)
        source, function, state = dataset_of(input_dataset).start(run), run.function(self.f, rest[n:]), tuple(map(np.asarray, rest[:n]))

        def following() -> Element:
            nonlocal state
            found = function(*state, *source())
            state = found[:n]
            return found[n:]
        return following
