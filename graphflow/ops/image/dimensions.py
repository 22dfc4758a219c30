"""What the image functions share: checks of ranks and sizes, sizes as numbers where they are known and as tensors elsewhere."""
from __future__ import annotations

from typing import Any

from ...core.convert import convert_to_tensor
from ...core.make import make
from ...core.operation import Operation
from ...core.tensor import Tensor
from ..array.axes import expand_dims, rank
from ..array.basic import shape_internal
from ..array.stacking import unstack
from ..checks.asserts import assert_, assert_greater_equal, assert_positive
from ..elementwise.binary import Maximum, Minimum


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


def check(condition: Any, message: str) -> list[Operation]:
    """ValueError at once if the condition is known to be false; an operation that checks at run if it is a tensor."""
    if isinstance(condition, Tensor):
        return [assert_(condition, [message])]
    if not condition:
        raise ValueError(message)
    return []


def is_tensor(value: Any) -> bool:
    """Whether a size, offset or fraction is a tensor or variable, not a number."""
    return isinstance(value, Tensor) or hasattr(value, "_as_graph_element")


def greatest(x: Any, y: Any) -> Any:
    return make(Maximum, x, y) if is_tensor(x) or is_tensor(y) else max(x, y)


def least(x: Any, y: Any) -> Any:
    return make(Minimum, x, y) if is_tensor(x) or is_tensor(y) else min(x, y)


def batched(image: Any) -> tuple[Tensor, bool]:
    """An image as a batch of images, and whether it was one; an image of unknown rank is taken for a single one."""
    image = convert_to_tensor(image, name="image")
    rank = None if image.static is None else len(image.static)
    if rank == 4:
        return image, True
    if rank not in (3, None):
        raise ValueError(f"'image' (shape {image.shape}) must have either 3 or 4 dimensions.")
    image = expand_dims(image, 0)
    image.set_shape([None] * 4)
    return image, False
