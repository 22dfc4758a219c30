"""Helpers of the string ops: a function over every element of an array of bytes."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def each(x: Any, function: Callable[[bytes], Any], dtype: Any = object) -> np.ndarray:
    """function of every element, as an array of that dtype."""
    x = np.asarray(x, object)
    out = np.empty(x.shape, dtype)
    flat = out.reshape(-1)
    for i, item in enumerate(x.ravel().tolist()):
        flat[i] = function(item)
    return out


def strings(values: list[bytes], shape: Any = None) -> np.ndarray:
    """A list of bytes as an array."""
    out = np.empty(len(values), object)
    out[:] = values
    return out if shape is None else out.reshape(shape)
