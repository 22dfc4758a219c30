"""Batches of pictures: by number (a Sequence) and without end (an iterator), in an order of numpy's global generator.

With a seed, a batch seeds that generator with seed + number of the batches given so far, so that a program gets the same pictures again.
"""
from __future__ import annotations

import os
import threading
from typing import Any

import numpy as np

from ...core.export import export
from ..utils.sequences import Sequence
from .pictures import array_to_img


@export("keras.preprocessing.image.Iterator")
class Iterator(Sequence):
    """Batches of n samples; subclasses define `_get_batches_of_transformed_samples(indices)`."""
    white_list_formats = ("png", "jpg", "jpeg", "bmp", "ppm", "tif", "tiff")

    def __init__(self, n: int, batch_size: int, shuffle: bool, seed: int | None):
        self.n, self.batch_size, self.shuffle, self.seed = n, batch_size, shuffle, seed
        self.batch_index = self.total_batches_seen = 0
        self.lock = threading.Lock()
        self.index_array: Any = None

    def _set_index_array(self) -> None:
        self.index_array = np.random.permutation(self.n) if self.shuffle else np.arange(self.n)

    def _seeded(self) -> None:
        if self.seed is not None:
            np.random.seed(self.seed + self.total_batches_seen)

    def __len__(self) -> int:
        return -(-self.n // self.batch_size)

    def __getitem__(self, idx: int) -> Any:
        if not 0 <= idx < len(self):
            raise ValueError(f"Asked to retrieve element {idx}, but the Sequence has length {len(self)}")
        self._seeded()
        self.total_batches_seen += 1
        if self.index_array is None:
            self._set_index_array()
        return self._get_batches_of_transformed_samples(self.index_array[self.batch_size * idx:self.batch_size * (idx + 1)])

    def on_epoch_end(self) -> None:
        self._set_index_array()

    def reset(self) -> None:
        """Begins again with the first batch."""
        self.batch_index = 0

    def __iter__(self) -> Any:
        return self

    def _next_indices(self) -> Any:
        self._seeded()
        if self.batch_index == 0:
            self._set_index_array()
        begin = self.batch_index * self.batch_size
        self.batch_index = self.batch_index + 1 if begin + self.batch_size < self.n else 0
        self.total_batches_seen += 1
        return self.index_array[begin:begin + self.batch_size]

    def __next__(self) -> Any:
        with self.lock:
            indices = self._next_indices()
        return self._get_batches_of_transformed_samples(indices)

    def next(self) -> Any:
        """The next batch."""
        return next(self)

    def _get_batches_of_transformed_samples(self, index_array: Any) -> Any:
        raise NotImplementedError("an Iterator of pictures must define _get_batches_of_transformed_samples(index_array)")


def save_batch(folder: Any, pictures: Any, numbers: Any, names: tuple[str, str], data_format: str, highest: int) -> None:
    """Writes the pictures of a batch into a folder, named prefix_number_token.format. names: prefix and format."""
    for number, pixels in zip(numbers, pictures):
        token = np.random.randint(highest)
        array_to_img(pixels, data_format, scale=True).save(os.path.join(folder, f"{names[0]}_{number}_{token}.{names[1]}"))


@export("keras.preprocessing.image.NumpyArrayIterator")
class NumpyArrayIterator(Iterator):
    """Batches of arrays x [samples, height, width, channels], or (x, [other arrays]), changed by an ImageDataGenerator."""

    def __init__(self, x: Any, y: Any, image_data_generator: Any, batch_size: int = 32, shuffle: bool = False, sample_weight: Any = None,
                 seed: int | None = None, data_format: str | None = None, save_to_dir: Any = None, save_prefix: str = "",
                 save_format: str = "png", subset: str | None = None, dtype: Any = None):
        more: list[Any] = []
        if isinstance(x, (tuple, list)):
            x, more = x[0], [np.asarray(a) for a in (x[1] if isinstance(x[1], list) else [x[1]])]
        for name, values in (("x[1]", more), ("y", [y]), ("sample_weight", [sample_weight])):
            for value in values:
                if value is not None and len(value) != len(x):
                    raise ValueError(f"`x` (images tensor) and `{name}` should have the same length. Found: {len(x)} and {len(value)}.")
        arrays = [np.asarray(x, dtype=dtype or image_data_generator.dtype), *more, *(None if a is None else np.asarray(a)
                                                                                     for a in (y, sample_weight))]
        if subset is not None:
            arrays = self._part(arrays, subset, int(len(x) * image_data_generator._validation_split))
        self.x, *self.x_misc = arrays[:-2]
        self.y, self.sample_weight = arrays[-2:]
        if self.x.ndim != 4:
            raise ValueError(f"Input data in `NumpyArrayIterator` should have rank 4. You passed an array with shape {self.x.shape}")
        self.dtype, self.image_data_generator = self.x.dtype, image_data_generator
        self.data_format = data_format or image_data_generator.data_format
        self.save_to_dir, self.save_prefix, self.save_format = save_to_dir, save_prefix, save_format
        super().__init__(len(self.x), batch_size, shuffle, seed)

    @staticmethod
    def _part(arrays: list[Any], subset: str, at: int) -> list[Any]:
        if subset not in ("training", "validation"):
            raise ValueError(f'Invalid subset name: {subset}; expected "training" or "validation".')
        labels = arrays[-2]
        if labels is not None and not np.array_equal(np.unique(labels[:at]), np.unique(labels[at:])):
            raise ValueError("Training and validation subsets have different number of classes after the split. If your numpy arrays are "
                             "sorted by the label, shuffle them first: order = numpy.random.permutation(len(x)); x, y = x[order], y[order]")
        part = slice(at) if subset == "validation" else slice(at, None)
        return [a if a is None else a[part] for a in arrays]

    def _get_batches_of_transformed_samples(self, index_array: Any) -> Any:
        batch = np.zeros((len(index_array), *self.x.shape[1:]), self.dtype)
        for i, j in enumerate(index_array):
            batch[i] = self.image_data_generator._changed(self.x[j].astype(self.dtype))
        if self.save_to_dir:
            save_batch(self.save_to_dir, batch, index_array, (self.save_prefix, self.save_format), self.data_format, 10_000)
        found: list[Any] = [[batch, *(a[index_array] for a in self.x_misc)] if self.x_misc else batch]
        if self.y is None:
            return found[0]
        found.append(self.y[index_array])
        if self.sample_weight is not None:
            found.append(self.sample_weight[index_array])
        return tuple(found)
