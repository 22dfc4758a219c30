"""What is known, while a plan is made, of the values inside of lists and optionals: how many there are, and of which shape.

The shapes of values that loops read from lists come from here where the graph has unknown sizes in them (a batch of any size): an op's
hook `contents` says what its outputs hold, from what its inputs hold.
"""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..kernels.tensor_list import TensorList, unwrapped

NOTHING = "nothing"      # no element is set yet: any shape may come


class Contents(NamedTuple):
    """size: how many, None where a run may differ. of: what is known of each: a shape, `Contents`, NOTHING, or None: they differ."""
    size: int | None = None
    of: Any = None


def known_of(value: Any) -> Any:
    """Of a value of a plan: its shape, or the `Contents` of a list or optional; None where nothing is known."""
    if isinstance(value, (np.ndarray, np.generic)):
        inside = unwrapped(value) if value.dtype.kind == "O" and value.shape == () else None
        return _of_items(inside) if hasattr(inside, "zeros") else value.shape
    found = value.contents
    return value.shape if found is None else found


def _of_items(value: Any) -> Any:
    """Of a real list or optional."""
    if isinstance(value, TensorList):
        return Contents(len(value.items), joined(_of_item(x) for x in value.items))
    return Contents(None, NOTHING if value.values is None else _of_item(value.values[0]) if len(value.values) == 1 else None)


def _of_item(item: Any) -> Any:
    return NOTHING if item is None else _of_items(item) if hasattr(item, "zeros") else np.shape(item)


def joined(found: Any) -> Any:
    """What holds of each of several things, by what holds of one."""
    result: Any = NOTHING
    for one in found:
        result = together(result, one)
        if result is None:
            break
    return result


def together(a: Any, b: Any) -> Any:
    """What holds of a thing that is one or the other."""
    if a is b or a is NOTHING:
        return b
    if b is NOTHING:
        return a
    if isinstance(a, Contents) and isinstance(b, Contents):
        return Contents(a.size if a.size == b.size else None, together(a.of, b.of))
    return a if a.__class__ is b.__class__ and a == b else None


def grown(holder: Any, item: Any, count: int | None = None) -> Contents:
    """A list of `count` with one more value set in it. holder, item: values of a plan."""
    before = known_of(holder)
    return Contents(count, together(before.of, known_of(item)) if isinstance(before, Contents) else None)


def inside(holder: Any) -> Any:
    """What is known of an element of a list or optional: a shape or `Contents`; None where nothing is."""
    found = known_of(holder)
    return found.of if isinstance(found, Contents) and found.of is not NOTHING else None


def count_of(holder: Any) -> int | None:
    """How many elements a list has."""
    found = known_of(holder)
    return found.size if isinstance(found, Contents) else None


def rows(count: int | None, of: Any) -> Any:
    """The shape of `count` elements along a new first dimension, where all that is known."""
    return None if count is None or of is None or of is NOTHING or isinstance(of, Contents) else (count, *of)


def of_rows(tensor: Any) -> Contents:
    """The list of a tensor's rows."""
    shape = known_of(tensor)
    return Contents(shape[0], tuple(shape[1:])) if shape else Contents()


def number(value: Any) -> int | None:
    """A count given as a scalar, where it is known and not negative."""
    return int(value) if isinstance(value, (np.ndarray, np.generic)) and value.shape == () and int(value) >= 0 else None


def all_of(holders: Sequence[Any]) -> Any:
    """What holds of each of several values of a plan."""
    return joined(known_of(holder) for holder in holders)
