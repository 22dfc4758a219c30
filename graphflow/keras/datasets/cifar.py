"""tf.keras.datasets.cifar10 and cifar100: small photographs."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ...core.export import export
from ..backend.settings import image_data_format
from .files import fetch, found
from .pickled import read

_SITE = "https://www.cs.toronto.edu/~kriz/"
_ARCHIVES = {"cifar-10-batches-py": "cifar-10-python", "cifar-100-python": "cifar-100-python"}


def _folder(name: str) -> Path:
    return found(name) or fetch(name, f"{_SITE}{_ARCHIVES[name]}.tar.gz", untar=True)


def _images(path: Path, key: str) -> tuple[Any, Any]:
    with open(path, "rb") as stream:
        values = read(stream, path, "bytes")
    pixels, labels = values.get(b"data"), values.get(key.encode())
    if pixels is None or labels is None:
        raise OSError(f"{path} has no data and {key}: it holds {sorted(map(str, values))}")
    return np.asarray(pixels, np.uint8).reshape(-1, 3, 32, 32), np.asarray(labels)


def _both(train: Any, test: Any) -> Any:
    (x_train, y_train), (x_test, y_test) = train, test
    if image_data_format() == "channels_last":
        x_train, x_test = x_train.transpose(0, 2, 3, 1), x_test.transpose(0, 2, 3, 1)
    return (x_train, y_train.reshape(-1, 1)), (x_test, y_test.reshape(-1, 1))


@export("keras.datasets.cifar10.load_data")
def load_cifar10() -> Any:
    """50,000 training and 10,000 test images of 10 classes: (x_train, y_train), (x_test, y_test); uint8 [n, 32, 32, 3] and [n, 1].

    Looked for in the folder cifar-10-batches-py of GRAPHFLOW_DATA or ~/.keras/datasets, then downloaded.
    """
    folder = _folder("cifar-10-batches-py")
    parts = [_images(folder / f"data_batch_{i}", "labels") for i in range(1, 6)]
    train = np.concatenate([x for x, _ in parts]), np.concatenate([y for _, y in parts]).astype(np.uint8)
    x, y = _images(folder / "test_batch", "labels")
    return _both(train, (x, y))


@export("keras.datasets.cifar100.load_data")
def load_cifar100(label_mode: str = "fine") -> Any:
    """The same of 100 classes ('fine') or 20 ('coarse'); in the folder cifar-100-python."""
    if label_mode not in ("fine", "coarse"):
        raise ValueError(f"`label_mode` must be one of `\"fine\"`, `\"coarse\"`. Received: label_mode={label_mode}")
    folder = _folder("cifar-100-python")
    return _both(_images(folder / "train", f"{label_mode}_labels"), _images(folder / "test", f"{label_mode}_labels"))
