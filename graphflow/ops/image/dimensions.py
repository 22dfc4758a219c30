"""What the image functions share: checks of ranks and sizes, sizes as numbers where they are known and as tensors elsewhere."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core.operation import Operation
from ...core.tensor import Tensor
from ..array.basic import shape_internal
from ..array.joining import unstack
from ..array.layout import rank
from ..checks import assert_, assert_greater_equal, assert_positive


def dimensions(image: Tensor, dims: int) -> list[Any]:
    """The sizes of a tensor of rank `dims`: ints where they are static, scalar tensors elsewhere."""
    static = image.static
    if static is not None and None not in static:
        return list(static)
    sizes = unstack(shape_internal(image), dims)
    return [size if static is None or d is None else d for d, size in zip(static or (None,) * dims, sizes)]


def check_at_least_3d(image: Tensor, require_static: bool = True) -> list[Operation]:
    """Checks that an image has three dimensions or more, and pixels: at once if its shape is known, else operations that check at run."""
    static = image.static
    if static is None and require_static:
        raise ValueError("'image' must be fully defined.")
    if static is not None and len(static) < 3:
        raise ValueError(f"'image' (shape {image.shape}) must be at least three-dimensional.")
    if static is not None and None not in static:
        if 0 in static[-3:]:
            raise ValueError(f"inner 3 dims of 'image.shape' must be > 0: {image.shape}")
        return []
    if static is not None and 0 in static[-3:]:
        raise ValueError(f"inner 3 dims of 'image.shape' must be > 0: {image.shape}")
    return [assert_positive(shape_internal(image)[-3:], ["inner 3 dims of 'image.shape' must be > 0."]),
            assert_greater_equal(rank(image), 3, message="'image' must be at least three-dimensional.")]


def check(condition: Any, error: type[Exception], message: str) -> list[Operation]:
    """`error` at once if the condition is known to be false; an operation that checks at run if it is a tensor."""
    if isinstance(condition, Tensor):
        return [assert_(condition, [message])]
    if not condition:
        raise error(message)
    return []


def is_number(value: Any) -> bool:
    """Whether a size or fraction is known while building."""
    return not isinstance(value, Tensor) and np.ndim(value) == 0
