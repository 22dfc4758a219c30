"""Datasets of Example messages, by the features that they are parsed to; and names of old for moving datasets to devices."""
from __future__ import annotations

from typing import Any

from ..core.export import export
from ..core.values import SparseTensor
from ..ops import functions as F
from .dataset import Dataset
from .file_datasets import TFRecordDataset
from .filenames import matching_names
from .transformations import AUTOTUNE, Transformation, parallel_interleave


@export("data.experimental.parse_example_dataset", "contrib.data.parse_example_dataset")
def parse_example_dataset(features: Any, num_parallel_calls: Any = 1) -> Transformation:
    """Vectors of serialized Example messages, parsed to dicts of (sparse) tensors; features: as for tf.io.parse_example."""
    if features is None:
        raise ValueError("Argument `features` is required, but not specified.")

    def parsed(serialized: Any) -> Any:
        found = F.parse_example(serialized, features)
        for value in found.values():
            if isinstance(value, SparseTensor):
                value.set_shape([serialized.get_shape()[0], *value.get_shape()[1:]])
        return dict(sorted(found.items()))
    return lambda dataset: dataset.map(parsed, num_parallel_calls)


@export("data.experimental.make_batched_features_dataset", "contrib.data.make_batched_features_dataset")
def make_batched_features_dataset(file_pattern: Any, batch_size: Any, features: Any, reader: Any = TFRecordDataset, label_key: Any = None,
                                  reader_args: Any = None, num_epochs: Any = None, shuffle: bool = True, shuffle_buffer_size: int = 10000,
                                  shuffle_seed: Any = None, prefetch_buffer_size: Any = AUTOTUNE, reader_num_threads: Any = 1,
                                  parser_num_threads: Any = 2, sloppy_ordering: bool = False, drop_final_batch: bool = False) -> Dataset:
    """Batches of files' Example messages as dicts of features; (features, label) where label_key is given.

    reader: a class of datasets of serialized messages, made of (filename, *reader_args). num_epochs: how often (None: without end).
    """
    names = matching_names(file_pattern)
    files = Dataset.from_tensor_slices(names)
    if shuffle:
        files = files.shuffle(len(names), shuffle_seed)
    arguments = [] if reader_args is None else list(reader_args)
    threads = 1 if reader_num_threads in (None, AUTOTUNE) else reader_num_threads
    dataset = files.apply(parallel_interleave(lambda name: reader(name, *arguments), threads, 1, sloppy_ordering))
    if isinstance(dataset.output_types, tuple):
        dataset = dataset.map(lambda _, record: record)      # keys beside records
    if shuffle:
        dataset = dataset.shuffle(shuffle_buffer_size, shuffle_seed)
    if num_epochs != 1:
        dataset = dataset.repeat(num_epochs)
    dataset = dataset.batch(batch_size, drop_remainder=drop_final_batch or num_epochs is None)
    dataset = dataset.apply(parse_example_dataset(features, parser_num_threads))
    if label_key is not None:
        if label_key not in features:
            raise ValueError(f"The `label_key` provided ({label_key!r}) must be one of the `features` keys: {sorted(features)}.")
        dataset = dataset.map(lambda found: ({k: v for k, v in found.items() if k != label_key}, found[label_key]))
    return dataset.prefetch(prefetch_buffer_size)


@export("data.experimental.prefetch_to_device", "contrib.data.prefetch_to_device")
def prefetch_to_device(device: Any, buffer_size: Any = None) -> Transformation:
    """Dataset.prefetch: everything is on one device."""
    return lambda dataset: dataset.prefetch(1 if buffer_size is None else buffer_size)


@export("data.experimental.copy_to_device", "contrib.data.copy_to_device")
def copy_to_device(target_device: Any, source_device: Any = "/cpu:0") -> Transformation:
    """The dataset itself: everything is on one device."""
    return lambda dataset: dataset
