"""Batches of pictures in files: those in a folder's folders, and those that a table names."""
from __future__ import annotations

import os
import warnings
from typing import Any

import numpy as np

from ...core.export import export
from .picture_batches import Iterator, save_batch
from .pictures import img_to_array, load_img

_CHANNELS = {"rgb": 3, "rgba": 4, "grayscale": 1}
_WITHOUT_CLASSES = ("input", "multi_output", "raw", None)


class _Files(Iterator):
    """Batches of files `filepaths`, with `labels` (numbers of classes, or targets) and `sample_weight`."""
    modes: tuple[str | None, ...] = ()
    class_indices: dict[Any, int]
    filepaths: list[str]
    labels: Any
    sample_weight: Any = None

    def __init__(self, image_data_generator: Any, target_size: Any, color_mode: str, data_format: str | None, save_to_dir: Any,
                 save_prefix: str, save_format: str, subset: str | None, interpolation: str, class_mode: str | None, dtype: Any):
        if color_mode not in _CHANNELS:
            raise ValueError(f'Invalid color mode: {color_mode}; expected "rgb", "rgba", or "grayscale".')
        if class_mode not in self.modes:
            raise ValueError(f"Invalid class_mode: {class_mode}; expected one of: {self.modes}")
        if subset not in (None, "training", "validation"):
            raise ValueError(f'Invalid subset name: {subset}; expected "training" or "validation"')
        self.image_data_generator, self.target_size, self.color_mode = image_data_generator, tuple(target_size), color_mode
        self.data_format, self.dtype = data_format or image_data_generator.data_format, dtype or image_data_generator.dtype
        sizes = [_CHANNELS[color_mode]]
        self.image_shape = (*self.target_size, *sizes) if self.data_format == "channels_last" else (*sizes, *self.target_size)
        self.save_to_dir, self.save_prefix, self.save_format = save_to_dir, save_prefix, save_format
        self.interpolation, self.class_mode, self.subset = interpolation, class_mode, subset
        share = image_data_generator._validation_split
        self.split = None if subset is None else (0, share) if subset == "validation" else (share, 1)

    def _kept(self, count: int) -> slice:
        """Which of `count` files, in their order, belong to the subset."""
        return slice(None) if self.split is None else slice(int(self.split[0] * count), int(self.split[1] * count))

    def _get_batches_of_transformed_samples(self, index_array: Any) -> Any:
        batch = np.zeros((len(index_array), *self.image_shape), self.dtype)
        for i, j in enumerate(index_array):
            picture = load_img(self.filepaths[j], color_mode=self.color_mode, target_size=self.target_size,
                               interpolation=self.interpolation)
            batch[i] = self.image_data_generator._changed(np.array(img_to_array(picture, data_format=self.data_format)))
        if self.save_to_dir:
            save_batch(self.save_to_dir, batch, index_array, (self.save_prefix, self.save_format), self.data_format, 10_000_000)
        if self.class_mode is None:
            return batch
        targets = self._targets_of(batch, index_array)
        return (batch, targets) if self.sample_weight is None else (batch, targets, self.sample_weight[index_array])

    def _targets_of(self, batch: Any, numbers: Any) -> Any:
        if self.class_mode == "input":
            return batch.copy()
        if self.class_mode == "multi_output":
            return [target[numbers] for target in self.labels]
        if self.class_mode == "raw":
            return self.labels[numbers]
        classes = [self.labels[n] for n in numbers]
        if self.class_mode in ("binary", "sparse"):
            return np.asarray(classes, self.dtype)
        found = np.zeros((len(batch), len(self.class_indices)), self.dtype)
        for row, one in zip(found, classes):
            row[one] = 1.0
        return found


@export("keras.preprocessing.image.DirectoryIterator")
class DirectoryIterator(_Files):
    """Batches of the pictures below a folder, whose folders are the classes.

    class_indices: {name: number}; classes: a number for each of `filenames`, which are paths from the folder.
    """
    modes = ("categorical", "binary", "sparse", "input", None)

    def __init__(self, directory: Any, image_data_generator: Any, target_size: Any = (256, 256), color_mode: str = "rgb",
                 classes: Any = None, class_mode: str | None = "categorical", batch_size: int = 32, shuffle: bool = True,
                 seed: int | None = None, data_format: str | None = None, save_to_dir: Any = None, save_prefix: str = "",
                 save_format: str = "png", follow_links: bool = False, subset: str | None = None, interpolation: str = "nearest",
                 dtype: Any = None):
        super().__init__(image_data_generator, target_size, color_mode, data_format, save_to_dir, save_prefix, save_format, subset,
                         interpolation, class_mode, dtype)
        self.directory = directory
        names = list(classes or sorted(n for n in os.listdir(directory) if os.path.isdir(os.path.join(directory, n))))
        self.num_classes, self.class_indices = len(names), {name: i for i, name in enumerate(names)}
        self.filenames: list[str] = []
        numbers: list[int] = []
        for name in names:
            found = self._pictures(os.path.join(directory, name), follow_links)
            found = found[self._kept(len(found))]
            self.filenames += [os.path.join(name, file) for file in found]
            numbers += [self.class_indices[name]] * len(found)
        self.samples, self.classes = len(numbers), np.asarray(numbers, np.int32)
        self.filepaths, self.labels = [os.path.join(directory, name) for name in self.filenames], self.classes
        print(f"Found {self.samples} images belonging to {self.num_classes} classes.")
        Iterator.__init__(self, self.samples, batch_size, shuffle, seed)

    def _pictures(self, folder: str, follow_links: bool) -> list[str]:
        """The pictures below a folder, as paths from there: folder by folder, each sorted."""
        return [os.path.relpath(os.path.join(root, name), folder)
                for root, _, files in sorted(os.walk(folder, followlinks=follow_links), key=lambda found: found[0])
                for name in sorted(files) if name.lower().endswith(tuple(f".{ending}" for ending in self.white_list_formats))]


@export("keras.preprocessing.image.DataFrameIterator")
class DataFrameIterator(_Files):
    """Batches of the pictures that a table (of pandas, or a dict of columns) names, with labels of another column."""
    modes = ("binary", "categorical", "input", "multi_output", "raw", "sparse", None)

    def __init__(self, dataframe: Any, directory: Any = None, image_data_generator: Any = None, x_col: str = "filename",
                 y_col: Any = "class", weight_col: str | None = None, target_size: Any = (256, 256), color_mode: str = "rgb",
                 classes: Any = None, class_mode: str | None = "categorical", batch_size: int = 32, shuffle: bool = True,
                 seed: int | None = None, data_format: str = "channels_last", save_to_dir: Any = None, save_prefix: str = "",
                 save_format: str = "png", subset: str | None = None, interpolation: str = "nearest", dtype: Any = None,
                 validate_filenames: bool = True):
        super().__init__(image_data_generator, target_size, color_mode, data_format, save_to_dir, save_prefix, save_format, subset,
                         interpolation, class_mode, dtype)
        self.directory = directory or ""
        with_classes = class_mode not in _WITHOUT_CLASSES
        if class_mode == "multi_output" and not isinstance(y_col, list):
            raise TypeError(f'If class_mode="{class_mode}", y_col must be a list. Received {type(y_col).__name__}.')
        files = list(dataframe[x_col])
        if not all(isinstance(name, str) for name in files):
            raise TypeError(f"All values in column x_col={x_col} must be strings.")
        rows = self._existing(files, x_col) if validate_filenames else list(range(len(files)))
        labels: list[Any] = []
        if with_classes:
            labels = list(dataframe[y_col])
            self._check_labels(labels, y_col)
            rows, names = self._of_classes(rows, labels, classes)
            self.class_indices = {name: i for i, name in enumerate(names)}
        elif classes:
            warnings.warn(f'`classes` will be ignored given the class_mode="{class_mode}"', stacklevel=4)
        rows = rows[self._kept(len(rows))]
        if with_classes:
            self.classes = [[self.class_indices[v] for v in labels[i] if v in self.class_indices] if isinstance(labels[i], (list, tuple))
                            else self.class_indices[labels[i]] for i in rows]
            self.labels = self.classes
        elif class_mode == "multi_output":
            self.labels = [np.array([list(dataframe[name])[i] for i in rows]) for name in y_col]
        elif class_mode == "raw":
            columns = [np.asarray(dataframe[name])[rows] for name in (y_col if isinstance(y_col, (list, tuple)) else [y_col])]
            self.labels = np.stack(columns, -1) if isinstance(y_col, (list, tuple)) else columns[0]
        self.filenames = [files[i] for i in rows]
        self.filepaths = [os.path.join(self.directory, name) for name in self.filenames]
        if weight_col:
            weights = np.asarray(dataframe[weight_col])
            if not np.issubdtype(weights.dtype, np.number):
                raise TypeError(f"Column weight_col={weight_col} must be numeric.")
            self.sample_weight = weights[rows]
        self.samples = len(rows)
        of = f" belonging to {len(self.class_indices)} classes" if with_classes else ""
        print(f"Found {self.samples} {'' if validate_filenames else 'non-'}validated image filenames{of}.")
        Iterator.__init__(self, self.samples, batch_size, shuffle, seed)

    def _existing(self, files: list[str], column: str) -> list[int]:
        """The rows whose file is a picture that is there."""
        endings = tuple(f".{ending}" for ending in self.white_list_formats)
        rows = [i for i, name in enumerate(files) if name.lower().endswith(endings) and os.path.isfile(os.path.join(self.directory, name))]
        if len(rows) < len(files):
            warnings.warn(f'Found {len(files) - len(rows)} invalid image filename(s) in x_col="{column}". These filename(s) will be '
                          "ignored.", stacklevel=5)
        return rows

    def _check_labels(self, labels: list[Any], column: str) -> None:
        kinds: Any = (str, list, tuple) if self.class_mode == "categorical" else str
        if not all(isinstance(label, kinds) for label in labels):
            what = "type string, list or tuple" if self.class_mode == "categorical" else "strings"
            raise TypeError(f'If class_mode="{self.class_mode}", y_col="{column}" column values must be {what}.')

    def _of_classes(self, rows: list[int], labels: list[Any], classes: Any) -> tuple[list[int], list[Any]]:
        """(rows with a label among the classes, the classes sorted)."""
        named = [set(label) if isinstance(label, (list, tuple)) else {label} for label in labels]
        known = set(classes) if classes else set().union(*(named[i] for i in rows))
        if self.class_mode == "binary" and len(known) != 2:
            raise ValueError(f'If class_mode="binary" there must be 2 classes. Found {len(known)} classes.')
        return [i for i in rows if named[i] & known], sorted(known)
