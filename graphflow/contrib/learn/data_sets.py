"""tf.contrib.learn.datasets: small data sets from CSV files and from scikit-learn, where that is installed."""
from __future__ import annotations

import csv
import importlib
import os
import urllib.request
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ...core.export import export, export_values
from ...datasets.mnist import read_data_sets

_HOME = "contrib.learn.datasets"


class Dataset(NamedTuple):
    """data: [rows, numbers]. target: [rows]."""
    data: Any
    target: Any


class Datasets(NamedTuple):
    """A data set in three parts."""
    train: Any
    validation: Any
    test: Any


for _kind in (Dataset, Datasets):
    export(f"{_HOME}.base.{_kind.__name__}")(_kind)


@export(f"{_HOME}.base.load_csv_with_header")
def load_csv_with_header(filename: Any, target_dtype: Any, features_dtype: Any, target_column: int = -1) -> Dataset:
    """A CSV file whose first line says how many rows and numbers there are. ValueError where that is not so."""
    with open(filename, encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    try:
        count, width = int(rows[0][0]), int(rows[0][1])
    except (IndexError, ValueError):
        raise ValueError(f"{filename}: the first line must begin with the numbers of rows and features; use load_csv_without_header") \
            from None
    if len(rows) - 1 < count:
        raise ValueError(f"{filename}: the first line tells of {count} rows, and there are {len(rows) - 1}")
    found = _split(rows[1:count + 1], target_dtype, features_dtype, target_column)
    if found.data.shape[1:] != (width,):
        raise ValueError(f"{filename}: the first line tells of {width} features, and rows have {found.data.shape[1]}")
    return found


@export(f"{_HOME}.base.load_csv_without_header")
def load_csv_without_header(filename: Any, target_dtype: Any, features_dtype: Any, target_column: int = -1) -> Dataset:
    """A CSV file of numbers."""
    with open(filename, encoding="utf-8", newline="") as file:
        return _split(list(csv.reader(file)), target_dtype, features_dtype, target_column)


def _split(rows: list[list[str]], target_dtype: Any, features_dtype: Any, target_column: int) -> Dataset:
    targets = [row.pop(target_column) for row in rows]
    return Dataset(np.array(rows).astype(features_dtype), np.array([np.asarray(value).astype(target_dtype) for value in targets],
                                                                  dtype=target_dtype))


def _sklearn(name: str, advice: str) -> Any:
    try:
        found = importlib.import_module("sklearn.datasets")
    except ImportError:
        raise NotImplementedError(f"tf.contrib.learn.datasets: {name} comes from scikit-learn, which is not installed; {advice}") from None
    return getattr(found, f"load_{name}")


@export(f"{_HOME}.base.load_iris")
def load_iris(data_path: Any = None) -> Dataset:
    """Fisher's irises: 150 rows of 4 numbers, 3 classes; from a CSV file with a header, else from scikit-learn."""
    if data_path is not None:
        return load_csv_with_header(data_path, int, float)
    found = _sklearn("iris", "pip install scikit-learn, or give data_path")()
    return Dataset(found.data, found.target)


@export(f"{_HOME}.base.load_boston")
def load_boston(data_path: Any = None) -> Dataset:
    """House prices of Boston, from a CSV file with a header; scikit-learn has them no longer."""
    if data_path is None:
        raise NotImplementedError("load_boston: scikit-learn has these data no longer; give data_path, a CSV file of 506 rows of 13 "
                                  "numbers and a price")
    return load_csv_with_header(data_path, float, float)


@export(f"{_HOME}.mnist.load_mnist")
def load_mnist(train_dir: Any = "MNIST-data") -> Any:
    """read_data_sets."""
    return read_data_sets(train_dir)


DATASETS: dict[str, Callable[..., Any]] = {"iris": load_iris, "boston": load_boston, "mnist": load_mnist}
export_values(__name__, contrib__learn__datasets__DATASETS="DATASETS")


@export(f"{_HOME}.load_dataset")
def load_dataset(name: str, size: str = "small", test_with_fake_data: bool = False) -> Any:
    """'iris', 'boston' or 'mnist'. ValueError for another name."""
    if name not in DATASETS:
        raise ValueError(f"Name of dataset is not found: {name}. There are {', '.join(DATASETS)}; dbpedia is not there.")
    return DATASETS[name]()


@export(f"{_HOME}.base.maybe_download")
def maybe_download(filename: str, work_directory: Any, source_url: str) -> str:
    """The path of a file in a folder, fetched from source_url where it is not there yet. OSError, which names both, where that fails."""
    path = os.path.join(work_directory, filename)
    if os.path.exists(path):
        return path
    if os.environ.get("GRAPHFLOW_OFFLINE"):
        raise FileNotFoundError(f"{path} is not there, and GRAPHFLOW_OFFLINE is set: fetch {source_url} and put it there")
    os.makedirs(work_directory, exist_ok=True)
    partial = f"{path}.part"
    try:
        urllib.request.urlretrieve(source_url, partial)     # at most what the program itself would have fetched
    except OSError as error:
        raise OSError(f"{source_url} cannot be fetched ({error}): put the file to {path} yourself") from error
    os.replace(partial, path)
    return path
