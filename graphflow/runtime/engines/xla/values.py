"""Variables of the xla engine."""
from __future__ import annotations

import functools
from typing import Any

import jax
import numpy as np


def x64() -> Any:
    """The context in which JAX keeps 64-bit types, as programs ask for them; other users of JAX in the process are left alone."""
    return jax.enable_x64(True)


@functools.lru_cache(maxsize=256)
def on_device(dtype: np.dtype[Any]) -> bool:
    """Whether arrays of a type can lie on a device: numbers and truth values do, strings and lists do not."""
    if dtype.kind in "OSUV" and dtype.name != "bfloat16":
        return False
    try:
        with x64():
            jax.dtypes.canonicalize_dtype(dtype)
    except TypeError:
        return False
    return True


class XlaValue:
    """A variable: `data` is replaced by each write, shape and dtype stay. Arrays of what no device holds stay numpy's."""
    __slots__ = ("data", "dtype", "key", "on_device", "shape", "where")

    def __init__(self, shape: tuple[int, ...], dtype: np.dtype[Any], key: str, placement: Any):
        """key: the variable's name. placement: says where it lies, see mesh.py."""
        self.key, self.where = key, placement.variable(key, shape)
        self.shape, self.dtype, self.on_device = tuple(shape), dtype, on_device(dtype)
        with x64():
            self.data: Any = placement.put(np.zeros(shape, dtype), self.where) if self.on_device else np.empty(shape, dtype)
