"""Helpers of the string ops: a function over every element of an array of bytes."""
from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from ...kernels.packed import CHUNK


def by_thousands(x: Any, function: Callable[[list[Any]], Iterable[Any]], dtype: Any = object) -> np.ndarray:
    """function(some thousand elements) -> as many results, for all of an array: they are still in cache when they are stored."""
    x = np.asarray(x)
    flat, out = x.reshape(-1), np.empty(x.shape, dtype)
    into = out.reshape(-1)
    for low in range(0, flat.size, CHUNK):
        part = flat[low:low + CHUNK].tolist()
        found = function(part)
        into[low:low + CHUNK] = list(found) if dtype is object else np.fromiter(found, dtype, len(part))
    return out


def each(x: Any, function: Callable[[bytes], Any], dtype: Any = object) -> np.ndarray:
    """function of every element, as an array of that dtype."""
    return by_thousands(np.asarray(x, object), lambda part: map(function, part), dtype)


def strings(values: list[bytes], shape: Any = None) -> np.ndarray:
    """A list of bytes as an array."""
    out = np.empty(len(values), object)
    out[:] = values
    return out if shape is None else out.reshape(shape)
