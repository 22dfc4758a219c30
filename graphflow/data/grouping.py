"""Transformations that gather elements of one key: windows by key, batches of sequences of about one length."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.dtypes import int64
from ..core.export import export
from ..core.make import make
from ..ops import functions as F
from ..ops.dataset.groups import GroupByWindowDataset
from . import structure
from .dataset import Dataset
from .functions import Function
from .transformations import Transformation


@export("data.experimental.group_by_window", "contrib.data.group_by_window")
def group_by_window(key_func: Callable[..., Any], reduce_func: Callable[..., Any], window_size: Any = None,
                    window_size_func: Any = None) -> Transformation:
    """The elements of reduce_func(key, window), a dataset for each window_size elements of one key_func(*element), an int64 scalar.

    window_size_func(key): the sizes where they depend on the key. At the end come the windows that are not full.
    """
    if (window_size is None) == (window_size_func is None):
        raise ValueError("Either the `window_size` argument or the `window_size_func` argument must be specified, and not both.")

    def apply(dataset: Dataset) -> Dataset:
        key, windows = structure.Leaf(int64, ()), structure.DatasetLeaf(dataset._structure, Dataset, Dataset)
        keys = Function("group_by_window_key", lambda *e: F.cast(key_func(*e), int64), _as_tuple(dataset._structure))
        made = Function("group_by_window_reduce", reduce_func, (key, windows))
        sizes = Function("group_by_window_size", lambda k: F.cast(window_size_func(k) if window_size is None else window_size, int64), key)
        if not isinstance(made.structure, structure.DatasetLeaf):
            raise TypeError("`reduce_func` must return a `Dataset` object.")
        kinds = {f"T{name}_func_other_arguments": tuple(t.dtype for t in f.captured)
                 for name, f in (("key", keys), ("reduce", made), ("window_size", sizes))}
        form = made.structure.structure
        return Dataset(make(GroupByWindowDataset, dataset._variant, keys.captured, made.captured, sizes.captured, name=None,
                            key_func=keys.name, reduce_func=made.name, window_size_func=sizes.name, **kinds,
                            **structure.flat_attributes(form)), form)
    return apply


def _as_tuple(form: Any) -> Any:
    return form if isinstance(form, tuple) else (form,)


@export("data.experimental.bucket_by_sequence_length", "contrib.data.bucket_by_sequence_length")
def bucket_by_sequence_length(element_length_func: Callable[..., Any], bucket_boundaries: Any, bucket_batch_sizes: Any,
                              padded_shapes: Any = None, padding_values: Any = None, pad_to_bucket_boundary: bool = False,
                              no_padding: bool = False, drop_remainder: bool = False) -> Transformation:
    """Batches of elements of about one length, padded: bucket i holds lengths from boundary i - 1 to below boundary i.

    bucket_batch_sizes: one more than there are boundaries. no_padding: plain batches.
    """
    if len(bucket_batch_sizes) != len(bucket_boundaries) + 1:
        raise ValueError("len(bucket_batch_sizes) must equal len(bucket_boundaries) + 1")
    if pad_to_bucket_boundary:
        raise NotImplementedError("bucket_by_sequence_length(pad_to_bucket_boundary=True) is not there yet: give padded_shapes instead")
    bounds, sizes = np.array(bucket_boundaries, np.int64), np.array(bucket_batch_sizes, np.int64)

    def bucket(*element: Any) -> Any:
        length = F.cast(element_length_func(*element), int64)
        return F.reduce_sum(F.cast(F.less_equal(bounds, length), int64))

    def size(key: Any) -> Any:
        return F.gather(sizes, key)

    def batched(key: Any, window: Dataset) -> Dataset:
        if no_padding:
            return window.batch(size(key), drop_remainder=drop_remainder)
        return window.padded_batch(size(key), window.output_shapes if padded_shapes is None else padded_shapes, padding_values,
                                   drop_remainder)
    return group_by_window(bucket, batched, window_size_func=size)
