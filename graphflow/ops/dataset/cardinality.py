"""How many elements a dataset has, as far as its parts tell without being read."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...core import dtypes
from ...core.dtypes import DType
from ...core.errors import FailedPreconditionError
from ...core.op import Op, Shape, Spec
from .base import DatasetOp, DatasetValue, Element, Next, Run, dataset_of, number
from .batches import BatchDataset, BatchDatasetV2, PaddedBatchDatasetV2, WindowDataset, _Held
from .functions import MapAndBatchDataset, MapDataset, ParallelMapDataset, ParallelMapDatasetV2, ScanDataset
from .plain import CacheDataset, ConcatenateDataset, RepeatDataset, ShardDataset, SkipDataset, TakeDataset, ZipDataset
from .sampling import DirectedInterleaveDataset, RandomDataset
from .shuffles import ShuffleAndRepeatDataset, ShuffleDataset
from .sources import RangeDataset, TensorDataset, TensorSliceDataset
from .threads import PrefetchDataset

INFINITE, UNKNOWN = -1, -2


def cardinality(dataset: DatasetValue) -> int:
    """The number of elements; INFINITE, or UNKNOWN where only reading tells."""
    rule = _RULES.get(type(dataset.op_def))
    return UNKNOWN if rule is None else rule(dataset.op_def, *dataset.inputs)


def _of(dataset: Any) -> int:
    return cardinality(dataset_of(dataset))


def _same(op_def: Any, dataset: Any, *rest: Any) -> int:
    return _of(dataset)


def _mapped(op_def: Any, dataset: Any, *rest: Any) -> int:
    return _of(dataset) if op_def.preserve_cardinality else UNKNOWN


def _repeated(dataset: Any, count: Any) -> int:
    n, times = _of(dataset), number(count)
    if n == 0 or times == 0:
        return 0
    if times < 0:
        return INFINITE
    return n if n < 0 else n * times


def _taken(dataset: Any, count: Any) -> int:
    n, most = _of(dataset), number(count)
    if n == UNKNOWN:
        return UNKNOWN
    if n == INFINITE:
        return INFINITE if most < 0 else most
    return n if most < 0 else min(n, most)


def _skipped(dataset: Any, count: Any) -> int:
    n, away = _of(dataset), number(count)
    return n if n < 0 else 0 if away < 0 else max(0, n - away)


def _batched(dataset: Any, size: Any, drop: Any = False) -> int:
    n, rows = _of(dataset), number(size)
    return n if n < 0 else n // rows if bool(np.asarray(drop)) else -(-n // rows)


def _windows(dataset: Any, size: Any, shift: Any, stride: Any, drop: Any) -> int:
    n, hop = _of(dataset), number(shift)
    if n < 0:
        return n
    if not bool(np.asarray(drop)):
        return -(-n // hop)
    span = (number(size) - 1) * number(stride) + 1
    return 0 if n < span else (n - span) // hop + 1


def _sharded(dataset: Any, shards: Any, index: Any) -> int:
    n, parts, place = _of(dataset), number(shards), number(index)
    return n if n < 0 else n // parts + (place < n % parts)


def _zipped(*datasets: Any) -> int:
    found = [_of(d) for d in datasets]
    finite = [n for n in found if n >= 0]
    return UNKNOWN if UNKNOWN in found else min(finite) if finite else INFINITE


def _chained(first: Any, second: Any) -> int:
    a, b = _of(first), _of(second)
    return INFINITE if INFINITE in (a, b) else UNKNOWN if UNKNOWN in (a, b) else a + b


def _in_turn(op_def: Any, selector: Any, *datasets: Any) -> int:
    return INFINITE if not op_def.stop_on_empty_dataset and INFINITE in map(_of, datasets) else UNKNOWN


def _padded(op_def: Any, dataset: Any, size: Any, *rest: Any) -> int:
    return _batched(dataset, size, rest[-1])


def _mapped_and_batched(op_def: Any, dataset: Any, *rest: Any) -> int:
    size, _, drop = rest[-3:]
    return _batched(dataset, size, drop) if op_def.preserve_cardinality else UNKNOWN


def _plain(rule: Callable[..., int]) -> Callable[..., int]:
    return lambda op_def, *inputs: rule(*inputs)


class AssertCardinalityDataset(DatasetOp, sig="input_dataset: variant, cardinality: int64 -> handle: variant"):
    """The elements, which must be as many as is said: another number is an error at the end, or as soon as there are more."""
    output_types: list[DType]
    output_shapes: list[Shape]
    least = {"output_types": 1, "output_shapes": 1}

    def start(self, run: Run, input_dataset: Any, wanted: Any) -> Next:
        source, count, seen = dataset_of(input_dataset).start(run), number(wanted), 0

        def shown(n: int) -> str:
            return "an infinite number of elements" if n == INFINITE else f"{n} element{'' if n == 1 else 's'}"

        def following() -> Element:
            nonlocal seen
            try:
                element = source()
            except StopIteration:
                if count not in (UNKNOWN, seen):
                    raise FailedPreconditionError(None, None, f"Input dataset was expected to contain {shown(count)} but contained only "
                                                              f"{shown(seen)}.") from None
                raise
            seen += 1
            if 0 <= count < seen:
                raise FailedPreconditionError(None, None, f"Input dataset was expected to contain {shown(count)} but contained at least "
                                                          f"{shown(seen)}.")
            return element
        return following


class _Cardinality(Op):
    """The number of elements of a dataset; -1 for endless ones, -2 where it is not known without reading."""

    def infer(self, input_dataset: Spec) -> Spec:
        return Spec(dtypes.int64, ())

    def kernel(self, xp: Any, input_dataset: Any) -> Any:
        return np.int64(_of(input_dataset))

    def grad(self, op: Any, dy: Any) -> Any:
        return [None]


class DatasetCardinality(_Cardinality, sig="input_dataset: variant -> cardinality: int64", host=True):
    """The number of elements of a dataset."""
    cardinality_options: str = ""


class ExperimentalDatasetCardinality(_Cardinality, sig="input_dataset: variant -> cardinality: int64", host=True):
    """DatasetCardinality of TF 1.15."""


_RULES: dict[type[DatasetOp], Callable[..., int]] = {
    TensorDataset: lambda op_def, *components: 1,
    TensorSliceDataset: lambda op_def, *components: len(components[0]),
    RangeDataset: lambda op_def, *bounds: len(range(*map(number, bounds))),
    RandomDataset: lambda op_def, *seeds: INFINITE,
    _Held: lambda op_def, *elements: len(elements),
    RepeatDataset: _plain(_repeated),
    TakeDataset: _plain(_taken),
    SkipDataset: _plain(_skipped),
    ShardDataset: _plain(_sharded),
    ZipDataset: _plain(_zipped),
    ConcatenateDataset: _plain(_chained),
    BatchDataset: _plain(_batched),
    BatchDatasetV2: _plain(_batched),
    PaddedBatchDatasetV2: _padded,
    WindowDataset: _plain(_windows),
    DirectedInterleaveDataset: _in_turn,
    MapAndBatchDataset: _mapped_and_batched,
    ShuffleAndRepeatDataset: lambda op_def, dataset, size, seed, seed2, count: _repeated(dataset, count),
    AssertCardinalityDataset: lambda op_def, dataset, count: number(count),
    **dict.fromkeys((MapDataset, ParallelMapDataset, ParallelMapDatasetV2, ScanDataset), _mapped),
    **dict.fromkeys((CacheDataset, ShuffleDataset, PrefetchDataset), _same),
}
