"""Where the elements of a value lie: the array that owns the memory, an offset and a stride per axis, in elements."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ....plan.node import VIEWS, Node

Shape = tuple[int, ...]


class Walk(NamedTuple):
    """root: a node that owns memory, laid out row by row, or a known array. offset, strides: in elements."""
    root: Any
    offset: int
    strides: Shape


def packed(shape: Shape) -> Shape:
    """The strides of an array that is laid out row by row."""
    strides, step = [], 1
    for d in reversed(shape):
        strides.append(step)
        step *= d
    return tuple(reversed(strides))


def is_packed(shape: Shape, strides: Shape) -> bool:
    return all(d == 1 or s == p for d, s, p in zip(shape, strides, packed(shape)))


def walk(value: Any, owners: Any = ()) -> Walk | None:
    """The walk of a value. owners: ids of views that have memory of their own. None for a view that is no regular walk."""
    if value.__class__ is not Node or value.prim not in VIEWS or value.id in owners:
        return Walk(value, 0, packed(value.shape))
    below = walk(value.args[0], owners)
    if below is None:
        return None
    root, offset, strides = below
    shape = value.args[0].shape
    if value.prim == "reshape":
        found = reshaped(shape, strides, value.shape)
        return None if found is None else Walk(root, offset, found)
    if value.prim == "transpose":
        return Walk(root, offset, tuple(strides[i] for i in value.par))
    if value.prim == "broadcast_to":
        return Walk(root, offset, spread(shape, strides, value.shape))
    more, found = sliced(shape, strides, value.par.value)
    return Walk(root, offset + more, found)


def spread(shape: Shape, strides: Shape, wide: Shape) -> Shape:
    """Strides of an array of `shape` that is broadcast to a wider shape."""
    lead = len(wide) - len(shape)
    return (0,) * lead + tuple(s if d == w else 0 for d, s, w in zip(shape, strides, wide[lead:]))


def reshaped(shape: Shape, strides: Shape, new: Shape) -> Shape | None:
    """Strides for another shape of the same elements in the same order; None where there are none."""
    if is_packed(shape, strides):
        return packed(new)
    runs: list[tuple[int, int]] = []                 # (length, stride) of axes that are one walk
    for d, s in zip(shape, strides):
        if d == 1:
            continue
        if runs and runs[-1][1] == s * d:
            runs[-1] = (runs[-1][0] * d, s)
        else:
            runs.append((d, s))
    found: list[int] = []
    for d in reversed(new):
        if d == 1:
            found.append(0)
            continue
        if not runs or runs[-1][0] % d:
            return None
        length, step = runs.pop()
        found.append(step)
        if length != d:
            runs.append((length // d, step * d))
    return tuple(reversed(found))


def sliced(shape: Shape, strides: Shape, index: Sequence[Any]) -> tuple[int, Shape]:
    """(offset, strides) of what an index of whole numbers, slices, None and Ellipsis takes."""
    index = list(index)
    taken = sum(i is not None and i is not Ellipsis for i in index)
    rest = [slice(None)] * (len(shape) - taken)
    places = [k for k, i in enumerate(index) if i is Ellipsis]
    index = [*index[:places[0]], *rest, *index[places[0] + 1:]] if places else [*index, *rest]
    offset, found, axis = 0, [], 0
    for i in index:
        if i is None:
            found.append(0)
            continue
        d, s = shape[axis], strides[axis]
        axis += 1
        if isinstance(i, slice):
            start, _, step = i.indices(d)
            offset += start * s if d else 0
            found.append(s * step)
        else:
            at = int(i)
            offset += (at + d if at < 0 else at) * s
    return offset, tuple(found)


def sliced_shape(shape: Shape, index: Sequence[Any]) -> Shape:
    """The shape of what an index takes."""
    return np.broadcast_to(np.zeros((), np.bool_), shape)[tuple(index)].shape


def merged(shape: Shape, walks: Sequence[Shape]) -> tuple[Shape, list[Shape]]:
    """The same iteration with as few axes as possible: none of length 1, and neighbours joined that every walk goes through in one."""
    axes = [i for i, d in enumerate(shape) if d != 1]
    lengths: list[int] = []
    steps: list[list[int]] = [[] for _ in walks]
    for i in axes:
        mine = [w[i] for w in walks]
        if lengths and all(steps[k][-1] == s * shape[i] for k, s in enumerate(mine)):
            lengths[-1] *= shape[i]
            for k, s in enumerate(mine):
                steps[k][-1] = s
        else:
            lengths.append(shape[i])
            for k, s in enumerate(mine):
                steps[k].append(s)
    return tuple(lengths), [tuple(s) for s in steps]
