"""tf.data.Dataset: a pipeline of elements, in the graph."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core import context, dtypes, shapes
from ..core.convert import convert_to_tensor
from ..core.dtypes import as_dtype
from ..core.export import export
from ..core.known import constant_value
from ..core.make import make
from ..core.tensor import Tensor
from ..ops import functions as F
from ..ops.checks.asserts import assert_
from ..ops.dataset import batches, functions, plain, shuffles, sources, threads
from . import nest, padding, structure
from .functions import Function
from .generators import from_generator
from .iterator import Iterator, elements, initializable, one_shot
from .options import Options
from .reducing import reduced
from .seeds import seed_tensors


@export("data.Dataset", "contrib.data.Dataset")
class Dataset:
    """A sequence of elements, each a tensor or a structure (tuples, dicts) of tensors. Nothing is read before an iterator asks.

    Make one by a static method (`from_tensor_slices`, `range`, ...) or a class of files (`TextLineDataset`, ...), change it by methods,
    each of which gives a new one, and take elements by `make_one_shot_iterator().get_next()`.
    """

    def __init__(self, variant: Tensor, element: Any):
        self._variant, self._structure = variant, element
        self._graph, self._options = variant.graph, Options()

    output_types = property(lambda self: structure.types(self._structure), doc="The dtypes, in the form of an element.")
    output_shapes = property(lambda self: structure.shapes_of(self._structure), doc="The shapes, in the form of an element.")
    output_classes = property(lambda self: structure.classes(self._structure), doc="tf.Tensor or tf.SparseTensor, in that form.")
    element_spec = property(lambda self: structure.specs(self._structure), doc="tf.TensorSpec or tf.SparseTensorSpec, in that form.")

    def _leaf(self) -> structure.DatasetLeaf:
        return structure.DatasetLeaf(self._structure, Dataset, Dataset)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} shapes: {self.output_shapes}, types: {self.output_types}>"

    def __iter__(self) -> Any:
        if not context.default_graph().eager:
            raise RuntimeError("dataset.__iter__() is only supported when eager execution is enabled; use make_one_shot_iterator()")
        return elements(self)

    # -- made of tensors ----------------------------------------------------------------------------------------------
    @staticmethod
    def from_tensors(tensors: Any) -> Dataset:
        """One element: `tensors`."""
        element = structure.normalize(tensors)
        form = structure.structure_of(element)
        attributes = structure.flat_attributes(form)
        return Dataset(make(sources.TensorDataset, structure.to_tensors(form, element), name=None,
                            Toutput_types=attributes["output_types"], output_shapes=attributes["output_shapes"]), form)

    @staticmethod
    def from_tensor_slices(tensors: Any) -> Dataset:
        """The rows of `tensors`, which all have the same first size."""
        element = structure.normalize(tensors)
        for leaf in nest.flatten(element):
            if isinstance(leaf, Tensor) and leaf.static == ():
                raise ValueError("Unbatching a tensor is only supported for rank >= 1: from_tensor_slices needs tensors with rows, "
                                 f"{leaf.name} is a scalar")
        whole = structure.structure_of(element)
        form = nest.map_structure(lambda leaf: leaf.row(), whole)
        attributes = structure.flat_attributes(form)
        return Dataset(make(sources.TensorSliceDataset, structure.to_rows(whole, element), name=None,
                            Toutput_types=attributes["output_types"], output_shapes=attributes["output_shapes"]), form)

    @staticmethod
    def range(*args: Any, **kwargs: Any) -> Dataset:
        """int64 numbers: range(stop), range(start, stop) or range(start, stop, step). output_type: another dtype."""
        dtype = as_dtype(kwargs.pop("output_type", dtypes.int64))
        if kwargs.keys() - {"name"}:
            raise TypeError(f"range() got an unexpected keyword argument {sorted(kwargs)[0]!r}")
        if not 1 <= len(args) <= 3:
            raise ValueError(f"Invalid `args`. The length of `args` should be between 1 and 3 but was {len(args)}.")
        start, stop, step = (0, args[0], 1) if len(args) == 1 else (*args, 1)[:3]
        bounds = [convert_to_tensor(v, dtypes.int64, n) for v, n in ((start, "start"), (stop, "stop"), (step, "step"))]
        form = structure.Leaf(dtype, ())
        return Dataset(make(sources.RangeDataset, *bounds, name=None, **structure.flat_attributes(form)), form)

    @staticmethod
    def from_generator(generator: Callable[..., Any], output_types: Any, output_shapes: Any = None, args: Any = None) -> Dataset:
        """The elements that `generator(*args)` yields, in the form of output_types; each iterator calls it anew.

        output_shapes: of the leaves, unknown where None. args: tensors, which the generator gets as arrays.
        """
        return from_generator(Dataset, generator, output_types, output_shapes, args)

    @staticmethod
    def zip(datasets: Any) -> Dataset:
        """Elements of several datasets side by side, in the form in which these are given (a tuple, a dict)."""
        leaves = nest.flatten(datasets)
        for leaf in leaves:
            if not isinstance(leaf, Dataset):
                if isinstance(leaf, list):
                    raise TypeError("The argument to Dataset.zip() must be a (nested) structure of Dataset objects. Python lists are not "
                                    "supported, please use tuples instead.")
                raise TypeError(f"The argument to Dataset.zip() must be a (nested) structure of Dataset objects, not {type(leaf)}.")
        form = nest.pack(datasets, [leaf._structure for leaf in leaves])
        return Dataset(make(plain.ZipDataset, [leaf._variant for leaf in leaves], name=None, **structure.flat_attributes(form)), form)

    # -- changed ------------------------------------------------------------------------------------------------------
    def _with(self, cls: Any, *inputs: Any, form: Any = None, **attributes: Any) -> Dataset:
        form = self._structure if form is None else form
        return Dataset(make(cls, self._variant, *inputs, name=None, **structure.flat_attributes(form), **attributes), form)

    def concatenate(self, dataset: Dataset) -> Dataset:
        """These elements, then those of another dataset of the same dtypes."""
        return self._with(plain.ConcatenateDataset, dataset._variant, form=structure.merged(self._structure, dataset._structure))

    def repeat(self, count: Any = None) -> Dataset:
        """The elements `count` times; without end for None or -1."""
        return self._with(plain.RepeatDataset, _int64(-1 if count is None else count, "count"))

    def take(self, count: Any) -> Dataset:
        """The first `count` elements; all for -1."""
        return self._with(plain.TakeDataset, _int64(count, "count"))

    def skip(self, count: Any) -> Dataset:
        """All but the first `count` elements; none for -1."""
        return self._with(plain.SkipDataset, _int64(count, "count"))

    def shard(self, num_shards: Any, index: Any) -> Dataset:
        """Each num_shards-th element, from that of number `index` on."""
        if isinstance(num_shards, (int, np.integer)) and num_shards < 1:
            raise ValueError("num_shards must be >= 1; got: " + str(num_shards))
        return self._with(plain.ShardDataset, _int64(num_shards, "num_shards"), _int64(index, "index"))

    def cache(self, filename: Any = "") -> Dataset:
        """The elements, which are kept in memory once all of them were read. A file name is refused."""
        return self._with(plain.CacheDataset, convert_to_tensor(filename, dtypes.string, "filename"))

    def prefetch(self, buffer_size: Any) -> Dataset:
        """The elements; a thread makes up to buffer_size of them ahead of time (AUTOTUNE: a few)."""
        return self._with(threads.PrefetchDataset, _int64(-1 if buffer_size is None else buffer_size, "buffer_size"))

    def shuffle(self, buffer_size: Any, seed: Any = None, reshuffle_each_iteration: bool | None = None) -> Dataset:
        """The elements in random order, each drawn from a buffer of the next buffer_size ones; TensorFlow's order for the same seeds.

        reshuffle_each_iteration: whether each repetition has an order of its own (the default), or all the same.
        """
        size = _int64(buffer_size, "buffer_size")
        again = reshuffle_each_iteration is not False
        return self._with(shuffles.ShuffleDataset, size, *seed_tensors(seed), reshuffle_each_iteration=again)

    def batch(self, batch_size: Any, drop_remainder: Any = False) -> Dataset:
        """batch_size consecutive elements at a time, stacked. drop_remainder: leave out a last batch that is smaller."""
        size = _int64(batch_size, "batch_size")
        drop = convert_to_tensor(drop_remainder, dtypes.bool, "drop_remainder")
        known = constant_value(size) if _true(drop) else None
        form = nest.map_structure(lambda leaf: leaf.batched(None if known is None else int(known)), self._structure)
        return self._with(batches.BatchDatasetV2, size, drop, form=form)

    def padded_batch(self, batch_size: Any, padded_shapes: Any = None, padding_values: Any = None, drop_remainder: Any = False) -> Dataset:
        """As `batch`, for elements of different sizes: each is padded to `padded_shapes`, where None or -1 is the largest of the batch.

        padding_values: zeros or empty texts unless given.
        """
        size = _int64(batch_size, "batch_size")
        return Dataset(*padding.padded(self, size, padded_shapes, padding_values, drop_remainder))

    def unbatch(self) -> Dataset:
        """The rows of each element, one after another."""
        if structure.has_sparse(self._structure):
            return self._sparse_rows()
        return self._with(plain.UnbatchDataset, form=nest.map_structure(lambda leaf: leaf.row(), self._structure))

    def _sparse_rows(self) -> Dataset:
        """unbatch where elements hold sparse tensors, which must be apart by rows first."""
        def rows(*element: Any) -> Any:
            whole = element[0] if len(element) == 1 and not isinstance(self._structure, tuple) else element
            return tuple(structure.to_rows(self._structure, whole))
        apart = self.map(rows)
        form = nest.map_structure(lambda leaf: leaf.row(), self._structure)
        return Dataset(make(plain.UnbatchDataset, apart._variant, name=None, **structure.flat_attributes(form)), form)

    def window(self, size: Any, shift: Any = None, stride: Any = 1, drop_remainder: Any = False) -> Dataset:
        """Datasets of `size` consecutive elements (`stride` apart), which begin `shift` (None: size) elements apart."""
        form = nest.map_structure(lambda leaf: structure.DatasetLeaf(leaf, Dataset, Dataset), self._structure)
        wide = _int64(size, "size")
        return self._with(batches.WindowDataset, wide, _int64(size if shift is None else shift, "shift"), _int64(stride, "stride"),
                          convert_to_tensor(drop_remainder, dtypes.bool, "drop_remainder"), form=form)

    def enumerate(self, start: Any = 0) -> Dataset:
        """(number, element), counted from `start`."""
        return Dataset.zip((Dataset.range(start, np.iinfo(np.int64).max), self))

    # -- by functions -------------------------------------------------------------------------------------------------
    def map(self, map_func: Callable[..., Any], num_parallel_calls: Any = None, deterministic: bool | None = None) -> Dataset:
        """map_func(*element) of each element, of num_parallel_calls at a time in threads."""
        function = Function("Dataset_map", map_func, self._structure)
        if num_parallel_calls is None:
            return self._with(functions.MapDataset, function.captured, form=function.structure, f=function.name, preserve_cardinality=False,
                              **function.attributes())
        return self._with(functions.ParallelMapDatasetV2, function.captured, _int64(num_parallel_calls, "num_parallel_calls"),
                          form=function.structure, f=function.name, preserve_cardinality=False, **function.attributes())

    map_with_legacy_function = map

    def filter(self, predicate: Callable[..., Any]) -> Dataset:
        """The elements for which predicate(*element), a scalar bool, is true."""
        function = Function("Dataset_filter", predicate, self._structure)
        result = function.structure
        if not (isinstance(result, structure.Leaf) and result.dtype is dtypes.bool and shapes.compatible(result.shape, ())):
            raise ValueError(f"Invalid `predicate`. `predicate` must return a `tf.bool` scalar tensor, but its return type is {result}.")
        return self._with(functions.FilterDataset, function.captured, predicate=function.name, **function.attributes())

    filter_with_legacy_function = filter

    def flat_map(self, map_func: Callable[..., Any]) -> Dataset:
        """The elements of the datasets map_func(*element), one dataset after another."""
        function, form = self._of_datasets("flat_map", map_func)
        return self._with(functions.FlatMapDataset, function.captured, form=form, f=function.name, **function.attributes())

    def interleave(self, map_func: Callable[..., Any], cycle_length: Any = -1, block_length: Any = 1, num_parallel_calls: Any = None,
                   deterministic: bool | None = None) -> Dataset:
        """The elements of the datasets map_func(*element): block_length from each of cycle_length ones in turn."""
        function, form = self._of_datasets("interleave", map_func)
        turns = _int64(-1 if cycle_length is None else cycle_length, "cycle_length"), _int64(block_length, "block_length")
        if num_parallel_calls is None:
            return self._with(functions.InterleaveDataset, function.captured, *turns, form=form, f=function.name, **function.attributes())
        calls = _int64(num_parallel_calls, "num_parallel_calls")
        return self._with(functions.ParallelInterleaveDatasetV2, function.captured, *turns, calls, form=form, f=function.name,
                          **function.attributes())

    def _of_datasets(self, what: str, map_func: Any) -> tuple[Function, Any]:
        function = Function(f"Dataset_{what}", map_func, self._structure)
        if not isinstance(function.structure, structure.DatasetLeaf):
            raise TypeError(f"The `map_func` argument must return a `Dataset` object. Got {structure.classes(function.structure)!r}.")
        return function, function.structure.structure

    def apply(self, transformation_func: Callable[[Dataset], Any]) -> Dataset:
        """transformation_func(self)."""
        dataset: Dataset = transformation_func(self)
        if not isinstance(dataset, Dataset):
            raise TypeError(f"`transformation_func` must return a `tf.data.Dataset` object. Got {type(dataset)}.")
        return dataset

    def reduce(self, initial_state: Any, reduce_func: Callable[..., Any]) -> Any:
        """reduce_func(state, element) of all elements in turn, from initial_state on; tensors of the last state."""
        return reduced(self, initial_state, reduce_func)

    @staticmethod
    def list_files(file_pattern: Any, shuffle: bool | None = None, seed: Any = None) -> Dataset:
        """The names of the files that a pattern, or several, match; in random order unless shuffle=False.

        InvalidArgumentError at run when there are none.
        """
        with context.default_graph().name_scope("list_files"):
            patterns = convert_to_tensor(file_pattern, dtypes.string, "file_pattern")
            names = F.matching_files(patterns)
            some = F.greater(F.shape(names)[0], 0, name="match_not_empty")
            message = F.add("No files matched pattern: ", F.reduce_join(patterns, separator=", "), name="message")
            found = assert_(some, [message], summarize=1, name="assert_not_empty")
            with context.default_graph().control_dependencies([found]):
                names = F.identity(names)
            dataset = Dataset.from_tensor_slices(names)
            if shuffle is None or shuffle:
                dataset = dataset.shuffle(F.maximum(F.shape(names, out_type=dtypes.int64)[0], 1), seed=seed)
            return dataset

    def options(self) -> Options:
        """What `with_options` said of this dataset."""
        return self._options

    def with_options(self, options: Options) -> Dataset:
        """The same elements, with options besides those it has; they have no effect here."""
        found = Dataset(self._variant, self._structure)
        found._options = self._options.merge(options)
        return found

    # -- iterated -----------------------------------------------------------------------------------------------------
    def make_one_shot_iterator(self) -> Iterator:
        """An iterator that needs no initializing and goes once through the dataset, which may hold no placeholder and no state."""
        return one_shot(self)

    def make_initializable_iterator(self, shared_name: str | None = None) -> Iterator:
        """An iterator to be started by running its `initializer`, with feeds for the placeholders that the dataset holds."""
        return initializable(self, shared_name)


def _int64(value: Any, name: str) -> Tensor:
    return convert_to_tensor(value, dtypes.int64, name)


def _true(tensor: Tensor) -> bool:
    known = constant_value(tensor)
    return known is not None and bool(known)


@export("data.make_one_shot_iterator")
def make_one_shot_iterator(dataset: Dataset) -> Iterator:
    """dataset.make_one_shot_iterator()"""
    return dataset.make_one_shot_iterator()


@export("data.make_initializable_iterator")
def make_initializable_iterator(dataset: Dataset, shared_name: str | None = None) -> Iterator:
    """dataset.make_initializable_iterator(shared_name)"""
    return dataset.make_initializable_iterator(shared_name)


@export("data.get_output_types")
def get_output_types(dataset_or_iterator: Any) -> Any:
    """The dtypes of its elements, in their form."""
    return dataset_or_iterator.output_types


@export("data.get_output_shapes")
def get_output_shapes(dataset_or_iterator: Any) -> Any:
    """The shapes of its elements, in their form."""
    return dataset_or_iterator.output_shapes


@export("data.get_output_classes")
def get_output_classes(dataset_or_iterator: Any) -> Any:
    """tf.Tensor or tf.SparseTensor for each part of its elements, in their form."""
    return dataset_or_iterator.output_classes
