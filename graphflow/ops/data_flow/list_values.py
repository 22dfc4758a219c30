"""Lists of tensors in a run: their elements read, merged with what is known of their shapes, and put together."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core.errors import InvalidArgumentError
from ...core.op import Shape
from ...core.shapes import merge
from ...kernels.tensor_list import TensorList, unwrapped


def refuse(message: str) -> InvalidArgumentError:
    return InvalidArgumentError(None, None, message)


def shape_of(value: Any) -> Shape:
    """A shape given as an array: a scalar -1 is unknown rank, -1 an unknown size."""
    if not value.ndim:
        return None
    return tuple([None if d < 0 else d for d in value.tolist()])


def known_shape(spec: Any) -> Shape:
    """What `infer` knows of a shape given as a tensor."""
    if spec.value is not None:
        return shape_of(spec.value)
    return spec.partial


def merged(a: Shape, b: Shape) -> Shape:
    if a is None or a == b:
        return b
    try:
        return merge(a, b)
    except ValueError:
        raise refuse(f"Tried to use a tensor list with incompatible element shapes: {list(a or ())} and {list(b or ())}") from None


def as_list(value: Any, op_type: str) -> TensorList:
    """The list of a variant."""
    if value.__class__ is TensorList:
        return value
    found = unwrapped(value)
    if not isinstance(found, TensorList):
        raise refuse(f"{op_type}: Input handle is not a list. Saw: '{found!r}'")
    return found


def element(found: Any, shape: Shape, handle: TensorList, what: str = "read") -> Any:
    """An element; zeros for one that was not set, where its shape is known."""
    if found is not None:
        return found if isinstance(found, TensorList) else np.array(found)
    shape = merged(shape, handle.shape)
    if shape is None or None in shape:
        others = [x.shape for x in handle.items if x is not None]
        if not others:
            raise refuse(f"Trying to {what} an uninitialized element of a list whose elements' shape is not fully defined")
        shape = others[0]
    return np.zeros(shape, handle.dtype)


def stacked(items: list[Any], handle: TensorList, shape: Shape, what: str) -> np.ndarray:
    """Elements along a new first dimension; for none of them the shape must be known."""
    shape = merged(shape, handle.shape)
    if not items:
        if shape is None or None in shape:
            raise refuse(f"Tried to {what} list which only contains uninitialized tensors and has a non-fully-defined element shape: "
                         f"{'<unknown>' if shape is None else list(shape)}")
        return np.zeros((0, *shape), handle.dtype)  # type: ignore[arg-type]
    arrays = [element(x, shape, handle, what) if x is None or handle.dtype.kind == "O" else x for x in items]
    first = arrays[0].shape
    different = next((a.shape for a in arrays if a.shape != first), None)
    if different is not None:
        raise refuse(f"Tried to {what} elements of different shapes in a list: {list(first)} and {list(different)}")
    merged(shape, first)
    if handle.dtype.kind == "O":
        return np.stack(arrays)
    return np.concatenate(arrays).reshape((len(arrays), *first)) if first else np.array(arrays, handle.dtype)
