"""Small helpers on arrays."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core.export import export


@export("keras.utils.to_categorical")
def to_categorical(y: Any, num_classes: int | None = None, dtype: str = "float32") -> Any:
    """Numbers of classes as rows with a 1 at their place: [...] become [..., num_classes]."""
    y = np.array(y, dtype="int")
    shape = y.shape
    if shape and shape[-1] == 1 and len(shape) > 1:
        shape = shape[:-1]
    flat = y.ravel()
    num_classes = num_classes or int(np.max(flat)) + 1
    found = np.zeros((len(flat), num_classes), dtype=dtype)
    found[np.arange(len(flat)), flat] = 1
    return found.reshape((*shape, num_classes))


@export("keras.utils.normalize")
def normalize(x: Any, axis: int = -1, order: int = 2) -> Any:
    """x over its norm along an axis."""
    norms = np.atleast_1d(np.linalg.norm(x, order, axis))
    norms[norms == 0] = 1
    return x / np.expand_dims(norms, axis)
