"""Arrays as the input of estimators: `fit(x, y)`, `evaluate(x, y)`, `predict(x)`."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import graphflow as tf


def checked_input(x: Any, y: Any, input_fn: Any, feed_fn: Any, batch_size: Any) -> None:
    """ValueError unless either arrays or an input function are given."""
    if input_fn is None:
        if x is None:
            raise ValueError("Either x or input_fn must be provided.")
        if tf.is_tensor(x) or tf.is_tensor(y):
            raise ValueError("Inputs cannot be tensors. Please provide input_fn.")
    elif x is not None or y is not None:
        raise ValueError("Can not provide both input_fn and x or y.")
    elif batch_size is not None:
        raise ValueError("Can not provide both input_fn and batch_size.")


def input_fn_of(x: Any, y: Any, input_fn: Any, batch_size: Any, shuffle: bool, epochs: int | None) -> Callable[[], Any]:
    """The input function itself, or one that gives batches of the arrays."""
    checked_input(x, y, input_fn, None, batch_size)
    if input_fn is not None:
        found: Callable[[], Any] = input_fn
        return found
    features = {name: as_array(value) for name, value in x.items()} if isinstance(x, dict) else as_array(x)
    labels = {name: as_array(value) for name, value in y.items()} if isinstance(y, dict) else None if y is None else as_array(y)
    rows = len(next(iter(features.values())) if isinstance(features, dict) else features)
    return tf.estimator.inputs.numpy_input_fn(features, labels, batch_size=batch_size or rows, num_epochs=epochs, shuffle=shuffle)


def as_array(values: Any) -> Any:
    """Numbers as float32, int64 or what they are; a pandas frame or an iterator as an array."""
    if isinstance(values, Iterator):
        values = list(values)
    found = np.asarray(values)
    return found.astype(np.float32) if found.dtype in (np.float64, np.float16) else found
