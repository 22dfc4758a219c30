"""MNIST with the interface of TF1's `tensorflow.examples.tutorials.mnist.input_data`.

    mnist = read_data_sets("MNIST_data/", one_hot=True)
    images, labels = mnist.train.next_batch(100)

Pure numpy; see mnist_files.py for where the images come from. `python -m graphflow.datasets.mnist FOLDER` downloads the full set.
"""

from __future__ import annotations

import gzip
import os
import sys
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from graphflow.datasets import mnist_files
from graphflow.datasets.mnist_files import SOURCE_URL, Digits

DEFAULT_SOURCE_URL = SOURCE_URL
_DEFAULT_VALIDATION = 5000
_FAKE_EXAMPLES = 10000


class DataSet:
    """Images with their labels, handed out in shuffled batches.

    images: uint8 [n, rows, columns, 1]; labels: [n] or one-hot [n, classes].
    dtype float32 scales pixels to [0, 1], uint8 leaves them; reshape makes images [n, rows * columns].
    """

    def __init__(
        self,
        images: Any,
        labels: Any,
        fake_data: bool = False,
        one_hot: bool = False,
        dtype: Any = np.float32,
        reshape: bool = True,
        seed: int | None = None,
    ) -> None:
        wanted = _image_dtype(dtype)
        _seed_numpy(seed)
        self.one_hot = one_hot
        self._fake = fake_data
        self._epochs_completed = 0
        self._index_in_epoch = 0
        if fake_data:
            self._num_examples = _FAKE_EXAMPLES
        else:
            images, labels = np.asarray(images), np.asarray(labels)
            if images.shape[0] != labels.shape[0]:
                raise AssertionError(f"images.shape: {images.shape} labels.shape: {labels.shape}")
            self._num_examples = images.shape[0]
            if reshape:
                if images.shape[3] != 1:
                    raise AssertionError(f"reshape=True is for one channel; images have shape {images.shape}")
                images = images.reshape(images.shape[0], images.shape[1] * images.shape[2])
            if wanted == np.float32:
                images = np.multiply(images.astype(np.float32), 1.0 / 255.0)
        self._images, self._labels = images, labels

    @property
    def images(self) -> Any:
        """All images, in the order of the present epoch (a shuffled batch reorders them together with the labels)."""
        return self._images

    @property
    def labels(self) -> Any:
        """All labels, row for row those of `images`."""
        return self._labels

    @property
    def num_examples(self) -> int:
        return self._num_examples

    @property
    def epochs_completed(self) -> int:
        return self._epochs_completed

    def next_batch(self, batch_size: int, fake_data: bool = False, shuffle: bool = True) -> tuple[Any, Any]:
        """The next `batch_size` images and labels.

        A batch that crosses the end of an epoch holds the rest of it, then the first images of the next. Shuffling permutes
        with numpy's global generator, once before the first batch and once per finished epoch, as TF1 does.
        """
        if fake_data:
            label: Any = [1] + [0] * 9 if self.one_hot else 0
            return [[1] * 784 for _ in range(batch_size)], [label for _ in range(batch_size)]
        start = self._index_in_epoch
        if self._epochs_completed == 0 and start == 0 and shuffle:
            self._shuffle()
        if start + batch_size <= self._num_examples:
            self._index_in_epoch += batch_size
            return self._images[start : self._index_in_epoch], self._labels[start : self._index_in_epoch]
        self._epochs_completed += 1
        rest_images, rest_labels = self._images[start:], self._labels[start:]
        if shuffle:
            self._shuffle()
        self._index_in_epoch = end = batch_size - len(rest_images)
        return np.concatenate([rest_images, self._images[:end]]), np.concatenate([rest_labels, self._labels[:end]])

    def _shuffle(self) -> None:
        order = np.arange(self._num_examples)
        np.random.shuffle(order)
        # New arrays, not in place: batches handed out before are views of the old ones.
        self._images, self._labels = self._images[order], self._labels[order]


class Datasets(NamedTuple):
    train: DataSet
    validation: DataSet
    test: DataSet


def read_data_sets(
    train_dir: str | os.PathLike[str] | None,
    fake_data: bool = False,
    one_hot: bool = False,
    dtype: Any = np.float32,
    reshape: bool = True,
    validation_size: int = _DEFAULT_VALIDATION,
    seed: int | None = None,
    source_url: str = DEFAULT_SOURCE_URL,
) -> Datasets:
    """MNIST as (train, validation, test); validation is the first `validation_size` training images.

    Looked for in `train_dir`, then in the folder GRAPHFLOW_DATA (mnist.npz or the four IDX files), then downloaded into
    `train_dir`. Without a network, or with GRAPHFLOW_OFFLINE=1, the 7,000 digits inside the package are used and a line
    on stderr says so; of these the default validation_size takes the same share as of the full set, one twelfth.
    """
    if fake_data:
        return Datasets(*(DataSet([], [], fake_data=True, one_hot=one_hot, dtype=dtype, seed=seed) for _ in range(3)))
    digits = _find(train_dir, source_url)
    total = len(digits.x_train)
    if total != 60000 and validation_size == _DEFAULT_VALIDATION:
        validation_size = total // 12
    if not 0 <= validation_size <= total:
        raise ValueError(f"Validation size should be between 0 and {total}. Received: {validation_size}.")
    images, test_images = digits.x_train[..., None], digits.x_test[..., None]
    labels, test_labels = digits.y_train, digits.y_test
    if one_hot:
        labels, test_labels = dense_to_one_hot(labels, 10), dense_to_one_hot(test_labels, 10)
    options: dict[str, Any] = {"one_hot": one_hot, "dtype": dtype, "reshape": reshape, "seed": seed}
    return Datasets(
        train=DataSet(images[validation_size:], labels[validation_size:], **options),
        validation=DataSet(images[:validation_size], labels[:validation_size], **options),
        test=DataSet(test_images, test_labels, **options),
    )


def load_mnist(train_dir: str = "MNIST-data") -> Datasets:
    """read_data_sets with its defaults."""
    return read_data_sets(train_dir)


def dense_to_one_hot(labels_dense: np.ndarray, num_classes: int) -> np.ndarray:
    """float64 [n, num_classes], 1 at each label."""
    one_hot = np.zeros((len(labels_dense), num_classes))
    one_hot[np.arange(len(labels_dense)), labels_dense.ravel()] = 1
    return one_hot


def extract_images(f: BinaryIO) -> np.ndarray:
    """uint8 [n, rows, columns, 1] from an open images .gz file."""
    with gzip.GzipFile(fileobj=f) as stream:
        return mnist_files.read_idx(stream, getattr(f, "name", "images"))[..., None]  # type: ignore[arg-type]


def extract_labels(f: BinaryIO, one_hot: bool = False, num_classes: int = 10) -> np.ndarray:
    """uint8 [n] from an open labels .gz file, or one-hot float64 [n, num_classes]."""
    with gzip.GzipFile(fileobj=f) as stream:
        labels = mnist_files.read_idx(stream, getattr(f, "name", "labels"))  # type: ignore[arg-type]
    return dense_to_one_hot(labels, num_classes) if one_hot else labels


def _find(train_dir: str | os.PathLike[str] | None, source_url: str) -> Digits:
    for folder in (train_dir, os.environ.get("GRAPHFLOW_DATA")):
        if folder and (digits := mnist_files.read_folder(folder)) is not None:
            return digits
    reason = "GRAPHFLOW_OFFLINE is set"
    if train_dir and not os.environ.get("GRAPHFLOW_OFFLINE"):
        try:
            return mnist_files.download(train_dir, source_url)
        except OSError as error:
            reason = f"download failed: {getattr(error, 'reason', error)}"
    print(
        f"graphflow: no MNIST files in {train_dir or 'GRAPHFLOW_DATA'} ({reason}); using the 6,000 training and 1,000 test digits "
        "inside the package. For the full set name a folder that has it in GRAPHFLOW_DATA.",
        file=sys.stderr,
    )
    return mnist_files.shipped()


def _image_dtype(dtype: Any) -> np.dtype:
    wanted = np.dtype(getattr(dtype, "as_numpy_dtype", dtype))
    if wanted not in (np.uint8, np.float32):
        raise TypeError(f"Invalid image dtype {dtype!r}, expected uint8 or float32")
    return wanted


def _seed_numpy(seed: int | None) -> None:
    """Seed numpy's global generator by TF1's rule: the given seed, else the default graph's.

    With neither, TF1 draws a fresh seed; here the generator is left alone, so that an np.random.seed by the program holds.
    """
    if seed is None and (context := sys.modules.get("graphflow.core.context")) is not None:
        seed = context.default_graph().seed    # no framework loaded: nobody set a graph seed
    if seed is not None:
        np.random.seed(seed)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m graphflow.datasets.mnist FOLDER     downloads MNIST (11 MB) into FOLDER")
    print({key: value.shape for key, value in mnist_files.download(sys.argv[1])._asdict().items()})
