"""tf.data.experimental, and its names of old in tf.contrib.data: transformations for `Dataset.apply`."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..core import dtypes
from ..core.convert import convert_to_tensor
from ..core.export import export, export_values
from ..core.known import constant_value
from ..core.make import make
from ..ops.dataset import functions, plain, results, shuffles
from . import nest, structure
from .dataset import Dataset
from .functions import Function
from .seeds import seed_tensors

Transformation = Callable[[Dataset], Dataset]
AUTOTUNE = -1               # as num_parallel_calls or buffer_size: graphflow chooses
export_values(__name__, data__AUTOTUNE="AUTOTUNE", data__experimental__AUTOTUNE="AUTOTUNE")


def _int64(value: Any, name: str) -> Any:
    return convert_to_tensor(value, dtypes.int64, name)


@export("data.experimental.parallel_interleave", "contrib.data.parallel_interleave")
def parallel_interleave(map_func: Callable[..., Any], cycle_length: Any, block_length: Any = 1, sloppy: Any = False,
                        buffer_output_elements: Any = None, prefetch_input_elements: Any = None) -> Transformation:
    """The elements of the datasets map_func(*element), block_length from each of cycle_length ones in turn.

    The order is always that of sloppy=False; files are read from one thread.
    """
    def apply(dataset: Dataset) -> Dataset:
        function, form = dataset._of_datasets("interleave", map_func)
        inputs = (_int64(cycle_length, "cycle_length"), _int64(block_length, "block_length"),
                  _int64(2 * block_length if buffer_output_elements is None else buffer_output_elements, "buffer_output_elements"),
                  _int64(2 * cycle_length if prefetch_input_elements is None else prefetch_input_elements, "prefetch_input_elements"))
        return dataset._with(functions.LegacyParallelInterleaveDatasetV2, function.captured, *inputs, form=form, f=function.name,
                             **function.attributes())
    return apply


@export("data.experimental.map_and_batch", "contrib.data.map_and_batch")
def map_and_batch(map_func: Callable[..., Any], batch_size: Any, num_parallel_batches: Any = None, drop_remainder: Any = False,
                  num_parallel_calls: Any = None) -> Transformation:
    """map(map_func), then batch(batch_size, drop_remainder); num_parallel_calls elements, or num_parallel_batches, at a time in threads."""
    if num_parallel_calls is not None and num_parallel_batches is not None:
        raise ValueError("`map_and_batch` allows only one of `num_parallel_batches` and `num_parallel_calls` to be set, but "
                         f"`num_parallel_batches` was set to {num_parallel_batches} and `num_parallel_calls` was set to "
                         f"{num_parallel_calls}.")

    def apply(dataset: Dataset) -> Dataset:
        function = Function("map_and_batch", map_func, dataset._structure)
        size = _int64(batch_size, "batch_size")
        calls = batch_size * num_parallel_batches if num_parallel_batches is not None else num_parallel_calls
        parallel = _int64(1 if calls is None else calls, "num_parallel_calls")
        drop = convert_to_tensor(drop_remainder, dtypes.bool, "drop_remainder")
        kept, known = constant_value(drop), constant_value(size)
        rows = int(known) if kept is not None and kept and known is not None else None
        form = nest.map_structure(lambda leaf: leaf.batched(rows), function.structure)
        return dataset._with(functions.MapAndBatchDataset, function.captured, size, parallel, drop, form=form, f=function.name,
                             preserve_cardinality=True, **function.attributes())
    return apply


@export("data.experimental.shuffle_and_repeat", "contrib.data.shuffle_and_repeat")
def shuffle_and_repeat(buffer_size: Any, count: Any = None, seed: Any = None) -> Transformation:
    """shuffle(buffer_size, seed), then repeat(count); the buffer takes elements of the next time as soon as there is room."""
    def apply(dataset: Dataset) -> Dataset:
        size, times = _int64(buffer_size, "buffer_size"), _int64(-1 if count is None else count, "count")
        return dataset._with(shuffles.ShuffleAndRepeatDataset, size, *seed_tensors(seed), times)
    return apply


@export("data.experimental.unbatch", "contrib.data.unbatch")
def unbatch() -> Transformation:
    """Dataset.unbatch."""
    return lambda dataset: dataset.unbatch()


@export("data.experimental.ignore_errors", "contrib.data.ignore_errors")
def ignore_errors() -> Transformation:
    """The elements that come without an error."""
    return lambda dataset: dataset._with(plain.IgnoreErrorsDataset)


@export("data.experimental.enumerate_dataset", "contrib.data.enumerate_dataset")
def enumerate_dataset(start: Any = 0) -> Transformation:
    """Dataset.enumerate(start)."""
    return lambda dataset: dataset.enumerate(start)


@export("data.experimental.take_while")
def take_while(predicate: Callable[..., Any]) -> Transformation:
    """The elements before the first one for which predicate(*element) is false."""
    def apply(dataset: Dataset) -> Dataset:
        function = Function("take_while", predicate, dataset._structure)
        return dataset._with(functions.TakeWhileDataset, function.captured, predicate=function.name, **function.attributes())
    return apply


@export("data.experimental.scan", "contrib.data.scan")
def scan(initial_state: Any, scan_func: Callable[..., Any]) -> Transformation:
    """The outputs of (state, output) = scan_func(state, element) for each element in turn, from initial_state on."""
    def apply(dataset: Dataset) -> Dataset:
        state = structure.normalize(initial_state)
        form = structure.structure_of(state)
        function = Function("scan", scan_func, (form, dataset._structure))
        if not isinstance(function.structure, tuple) or len(function.structure) != 2:
            raise TypeError("Invalid `scan_func`. `scan_func` should return a pair consisting of new state and the output value.")
        if structure.types(function.structure[0]) != structure.types(form):
            raise TypeError(f"Invalid `scan_func`. The element types for the new state must match the initial state. Expected "
                            f"{structure.types(form)}; got {structure.types(function.structure[0])}.")
        tensors = structure.to_tensors(form, state)
        return dataset._with(functions.ScanDataset, tensors, function.captured, form=function.structure[1], f=function.name,
                             Tstate=tuple(t.dtype for t in tensors), preserve_cardinality=True, **function.attributes())
    return apply


@export("contrib.data.batch_and_drop_remainder")
def batch_and_drop_remainder(batch_size: Any) -> Transformation:
    """Dataset.batch(batch_size, drop_remainder=True)."""
    return lambda dataset: dataset.batch(batch_size, drop_remainder=True)


@export("data.experimental.get_single_element", "contrib.data.get_single_element")
def get_single_element(dataset: Dataset) -> Any:
    """The element of a dataset that has exactly one, as tensors. InvalidArgumentError at run for any other number."""
    if not isinstance(dataset, Dataset):
        raise TypeError(f"Invalid `dataset`. Expected a `tf.data.Dataset` object but got {type(dataset)}.")
    form = dataset._structure
    tensors = make(results.DatasetToSingleElement, dataset._variant, name=None, **structure.flat_attributes(form))
    return structure.from_tensors(form, tensors)


