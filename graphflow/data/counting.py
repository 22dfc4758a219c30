"""How many elements a dataset has; sparse batches; one element per key."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..core import dtypes
from ..core.convert import convert_to_tensor
from ..core.export import export, export_values
from ..core.make import make
from ..core.shapes import as_tuple
from ..core.tensor import Tensor
from ..ops import functions as F
from ..ops.dataset import cardinality as ops
from ..ops.dataset.reducers import GroupByReducerDataset
from ..ops.dataset.sparse_batches import DenseToSparseBatchDataset
from . import structure
from .dataset import Dataset
from .functions import Function
from .transformations import Transformation

INFINITE_CARDINALITY, UNKNOWN_CARDINALITY = ops.INFINITE, ops.UNKNOWN
export_values(__name__, data__experimental__INFINITE_CARDINALITY="INFINITE_CARDINALITY",
              data__experimental__UNKNOWN_CARDINALITY="UNKNOWN_CARDINALITY")


@export("data.experimental.cardinality")
def cardinality(dataset: Dataset) -> Tensor:
    """How many elements a dataset has, an int64 scalar: INFINITE_CARDINALITY, or UNKNOWN_CARDINALITY where it would have to be read."""
    found: Tensor = make(ops.DatasetCardinality, dataset._variant, name=None)
    return found


@export("data.experimental.assert_cardinality")
def assert_cardinality(expected_cardinality: Any) -> Transformation:
    """The same elements, which must be as many as is said; FailedPreconditionError at run where they are not."""
    def apply(dataset: Dataset) -> Dataset:
        return dataset._with(ops.AssertCardinalityDataset, convert_to_tensor(expected_cardinality, dtypes.int64, "expected_cardinality"))
    return apply


@export("data.experimental.dense_to_sparse_batch", "contrib.data.dense_to_sparse_batch")
def dense_to_sparse_batch(batch_size: Any, row_shape: Any) -> Transformation:
    """batch_size consecutive elements at a time, tensors of one dtype and different sizes, as a SparseTensor [n, *row_shape].

    row_shape: has room for each element; None is as large as the largest of the batch.
    """
    def apply(dataset: Dataset) -> Dataset:
        leaf = dataset._structure
        if type(leaf) is not structure.Leaf:
            raise TypeError("dense_to_sparse_batch takes a dataset whose elements are one tensor each; got elements of "
                            f"{dataset.output_types}")
        known = as_tuple(row_shape) or ()
        sizes = [-1 if d is None else d for d in known]
        form = structure.SparseLeaf(leaf.dtype, (None, *known))
        return dataset._with(DenseToSparseBatchDataset, convert_to_tensor(batch_size, dtypes.int64, "batch_size"),
                             convert_to_tensor(sizes, dtypes.int64, "row_shape"), form=form)
    return apply


@export("data.experimental.Reducer", "contrib.data.Reducer")
class Reducer:
    """How elements become one: init_func(key) -> state, reduce_func(state, element) -> state, finalize_func(state) -> result."""

    def __init__(self, init_func: Callable[..., Any], reduce_func: Callable[..., Any], finalize_func: Callable[..., Any]):
        self.init_func, self.reduce_func, self.finalize_func = init_func, reduce_func, finalize_func


@export("data.experimental.group_by_reducer", "contrib.data.group_by_reducer")
def group_by_reducer(key_func: Callable[..., Any], reducer: Reducer) -> Transformation:
    """One element per key, in the order of the keys: what a `Reducer` makes of the elements of that key_func(*element), int64."""
    def apply(dataset: Dataset) -> Dataset:
        element = dataset._structure if isinstance(dataset._structure, tuple) else (dataset._structure,)
        keys = Function("group_by_reducer_key", lambda *e: F.cast(key_func(*e), dtypes.int64), element)
        begin = Function("group_by_reducer_init", reducer.init_func, structure.Leaf(dtypes.int64, ()))
        reduce, form = structure.steady("reducer.reduce_func", begin.structure,
                                        lambda state: Function("group_by_reducer_reduce", reducer.reduce_func, (state, dataset._structure)))
        finish = Function("group_by_reducer_finalize", reducer.finalize_func, form)
        parts = {"key": keys, "init": begin, "reduce": reduce, "finalize": finish}
        return Dataset(make(GroupByReducerDataset, dataset._variant, *(f.captured for f in parts.values()), name=None,
                            **{f"{name}_func": f.name for name, f in parts.items()},
                            **{f"T{name}_func_other_arguments": tuple(t.dtype for t in f.captured) for name, f in parts.items()},
                            **structure.flat_attributes(finish.structure)), finish.structure)
    return apply
