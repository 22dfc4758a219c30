"""Static shapes. Inside graphflow a shape is a plain tuple of int or None (unknown size), or None for unknown rank; these
functions work on those. What users see are the thin wrappers of `tensor_shape.py`, made on demand.
"""

from __future__ import annotations

import operator
from typing import Any

Shape = tuple[int | None, ...] | None



class HoldsShape:
    """What users see of a shape: `TensorShape`."""
    __slots__ = ("_dims",)
    _dims: Shape


class HoldsSize:
    """What users see of one size: `Dimension`."""
    __slots__ = ("_value",)
    _value: int | None


def as_tuple(shape: Any) -> Shape:
    """The tuple for anything that describes a shape: None, TensorShape, sequence of int/None/Dimension, one int, a
    TensorShapeProto, a numpy vector. TypeError for a size that is no integer, ValueError for a negative one."""
    if shape is None:
        return None
    if type(shape) in (tuple, list):
        return tuple([d if d is None else as_size(d) for d in shape])
    if isinstance(shape, HoldsShape):
        return shape._dims
    if hasattr(shape, "unknown_rank"):  # a TensorShapeProto: -1 is an unknown size
        return None if shape.unknown_rank else tuple([None if d.size == -1 else d.size for d in shape.dim])
    if isinstance(shape, (HoldsSize, int)) or not hasattr(shape, "__iter__"):
        return (as_size(shape),)
    return tuple([as_size(d) for d in shape])


def as_size(value: Any) -> int | None:
    """One size as int or None."""
    if value is None:
        return None
    if isinstance(value, HoldsSize):
        return value._value
    try:
        size = value if type(value) is int else operator.index(value)
    except TypeError:
        raise TypeError("Dimension value must be integer or None or have an __index__ method, "
                        f"got value '{value!r}' with type '{type(value)!r}'") from None
    if size < 0:
        raise ValueError(f"Dimension {size} must be >= 0")
    return size


def describe(shape: Shape, comma: str = ",") -> str:
    """'[2,?]' for (2, None), '<unknown>' for None: as TensorFlow's messages write shapes; comma=", " in our own."""
    return "<unknown>" if shape is None else "[" + comma.join("?" if d is None else str(d) for d in shape) + "]"


def num_elements(shape: Shape) -> int | None:
    """Product of the sizes, None where one is unknown."""
    if shape is None:
        return None
    count = 1
    for d in shape:
        if d is None:
            return None
        count *= d
    return count


def is_fully_defined(shape: Shape) -> bool:
    return shape is not None and None not in shape


def compatible(a: Shape, b: Shape) -> bool:
    """Whether one concrete shape could fit both."""
    if a is None or b is None or a == b:
        return True
    return len(a) == len(b) and all(x is None or y is None or x == y for x, y in zip(a, b, strict=True))


def merge(a: Shape, b: Shape) -> Shape:
    """What is known when a value has both shapes; ValueError when none can."""
    if a is None or a == b:
        return b
    if b is None:
        return a
    if len(a) != len(b):
        raise ValueError(f"Shapes must be equal rank, but are {len(a)} and {len(b)}")
    merged = []
    for i, (x, y) in enumerate(zip(a, b, strict=True)):
        if x is not None and y is not None and x != y:
            raise ValueError(f"Dimension {i} in both shapes must be equal, but are {x} and {y}. "
                             f"Shapes are {describe(a)} and {describe(b)}.")
        merged.append(y if x is None else x)
    return tuple(merged)


def relax(a: Shape, b: Shape) -> Shape:
    """The most specific shape that both fit into: sizes that differ become unknown."""
    if a == b:
        return a
    if a is None or b is None or len(a) != len(b):
        return None
    return tuple([x if x == y else None for x, y in zip(a, b, strict=True)])


def broadcast(a: Shape, b: Shape) -> Shape:
    """Shape of an elementwise result by numpy's rule; ValueError when sizes differ and neither is 1."""
    if a is None or b is None:
        return None
    if a == b or not b:
        return a
    if not a:
        return b
    n = max(len(a), len(b))
    out: list[int | None] = []
    for x, y in zip((1,) * (n - len(a)) + a, (1,) * (n - len(b)) + b, strict=True):
        if x == y or y == 1:
            out.append(x)
        elif x == 1 or x is None:  # an unknown size beside one above 1 must turn out equal to it, or 1
            out.append(y)
        elif y is None:
            out.append(x)
        else:
            raise ValueError(f"Dimensions must be equal, but are {x} and {y}")
    return tuple(out)
