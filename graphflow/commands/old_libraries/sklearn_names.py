"""What scikit-learn had and has no more."""
from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from graphflow.datasets import mnist


def datasets() -> Mapping[str, Any]:
    return {"fetch_mldata": fetch_mldata}


def preprocessing() -> Mapping[str, Any]:
    return {"Imputer": importlib.import_module("sklearn.impute").SimpleImputer}


class _Bunch(dict[str, Any]):
    """A dict whose items are attributes too."""

    __getattr__ = dict.__getitem__


def fetch_mldata(dataname: str, target_name: str = "label", data_name: str = "data", transpose_data: bool = True,
                 data_home: str | None = None) -> Any:
    """'MNIST original' (mldata.org is gone): uint8 images [n, 784] and labels as floats, training before test images."""
    if "mnist" not in dataname.lower():
        raise ValueError(f"fetch_mldata({dataname!r}): mldata.org is gone; only MNIST is known here. sklearn.datasets.fetch_openml has "
                         "many of its sets")
    sets = mnist.read_data_sets(data_home, dtype=np.uint8, validation_size=0)
    return _Bunch(data=np.concatenate([sets.train.images, sets.test.images]),
                  target=np.concatenate([sets.train.labels, sets.test.labels]).astype(float), DESCR="MNIST", COL_NAMES=["label", "data"])
