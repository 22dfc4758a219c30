"""Where data sets come from: the folder GRAPHFLOW_DATA, ~/.keras/datasets, or a download; never fewer examples in silence."""
from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from ...core.export import export
from ...datasets import mnist_files
from ..utils.downloads import get_file

_STORE = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"


def found(path: str) -> Path | None:
    """The file of that name in GRAPHFLOW_DATA or Keras's cache; None where neither has it."""
    folders = [os.environ.get("GRAPHFLOW_DATA"), Path(os.environ.get("KERAS_HOME", "~/.keras")).expanduser() / "datasets"]
    if os.path.isabs(path) and Path(path).is_file():
        return Path(path)
    for folder in folders:
        if folder and (Path(folder) / path).exists():
            return Path(folder) / path
    return None


def fetch(path: str, origin: str, file_hash: str | None = None, untar: bool = False) -> Path:
    """The same, downloaded where it is nowhere. OSError, with what to do, where there is no network."""
    there = found(path)
    if there is not None:
        return there
    if os.environ.get("GRAPHFLOW_OFFLINE"):
        raise OSError(f"{path} is neither in the folder GRAPHFLOW_DATA nor in ~/.keras/datasets, and GRAPHFLOW_OFFLINE is set: put the "
                      "file from "
                      f"{origin} into one of them.")
    return Path(get_file(path, origin, file_hash=file_hash, untar=untar))


@export("keras.datasets.mnist.load_data")
def load_mnist(path: str = "mnist.npz") -> Any:
    """60,000 training and 10,000 test digits: (x_train, y_train), (x_test, y_test); uint8 [n, 28, 28] and [n].

    Looked for in GRAPHFLOW_DATA (mnist.npz, or the four IDX files) and ~/.keras/datasets, then downloaded.
    """
    folder = os.environ.get("GRAPHFLOW_DATA")
    digits = mnist_files.read_folder(folder) if folder and found(path) is None else None
    if digits is None:
        digits = mnist_files.read_folder(fetch(path, _STORE + "mnist.npz"))
    if digits is None:
        raise OSError(f"no MNIST in {folder}: it needs mnist.npz or the four IDX files")
    return (digits.x_train, digits.y_train), (digits.x_test, digits.y_test)


def idx_set(name: str, origin: str) -> Any:
    """A set of four .gz files in the folder `name`."""
    arrays = []
    for part in ("train-labels-idx1-ubyte", "train-images-idx3-ubyte", "t10k-labels-idx1-ubyte", "t10k-images-idx3-ubyte"):
        there = found(f"{name}/{part}.gz") or found(f"{name}/{part}")
        path = there or fetch(f"{name}-{part}.gz", f"{origin}{part}.gz")
        arrays.append(mnist_files._read_idx_file(path))
    return (arrays[1], arrays[0]), (arrays[3], arrays[2])


@export("keras.datasets.fashion_mnist.load_data")
def load_fashion() -> Any:
    """60,000 training and 10,000 test images of clothes: (x_train, y_train), (x_test, y_test); uint8 [n, 28, 28] and [n]."""
    return idx_set("fashion-mnist", _STORE)


@export("keras.datasets.boston_housing.load_data")
def load_boston(path: str = "boston_housing.npz", test_split: float = 0.2, seed: int = 113) -> Any:
    """Prices of houses by 13 features: (x_train, y_train), (x_test, y_test); a share test_split for testing, shuffled by seed."""
    if not 0 <= test_split < 1:
        raise AssertionError(f"test_split must be in [0, 1): {test_split}")
    with np.load(fetch(path, _STORE + "boston_housing.npz"), allow_pickle=False) as data:
        x, y = data["x"], data["y"]
    order = np.arange(len(x))
    np.random.RandomState(seed).shuffle(order)
    x, y = x[order], y[order]
    at = int(len(x) * (1 - test_split))
    return (x[:at], y[:at]), (x[at:], y[at:])
