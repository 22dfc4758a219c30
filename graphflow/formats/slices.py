"""Rectangular parts of stored tensors: how they are named, and how a tensor is put together from them.

Partitioned variables are stored in slices. A slice is named in three ways: in a spec string that a user or a save op gives, in a
TensorSliceProto, and in the key of its entry in the table. A dimension may be taken whole, which a slice writes as length -1.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np

WHOLE = -1
Extent = tuple[int, int]  # start, length; (0, WHOLE) for a dimension taken whole


class Slice(NamedTuple):
    """One (start, length) per dimension."""

    extents: tuple[Extent, ...]

    @classmethod
    def whole(cls, rank: int) -> Slice:
        return cls(((0, WHOLE),) * rank)

    @classmethod
    def from_proto(cls, proto: Any) -> Slice:
        """From a TensorSliceProto, in which an absent length means the whole dimension."""
        return cls(tuple((extent.start, extent.length if extent.HasField("length") else WHOLE) for extent in proto.extent))

    def to_proto(self, proto: Any) -> None:
        """Fill an empty TensorSliceProto."""
        for start, length in self.extents:
            extent = proto.extent.add()
            if length != WHOLE:
                extent.start, extent.length = start, length

    def __str__(self) -> str:
        return ":".join("-" if length == WHOLE else f"{start},{length}" for start, length in self.extents)

    def resolved(self, full_shape: Sequence[int]) -> Box:
        """Start and size in a tensor of that shape; ValueError where it has another rank or reaches outside."""
        if len(self.extents) != len(full_shape):
            raise ValueError(f"slice {self or '-'} has {len(self.extents)} dimensions, the tensor {len(full_shape)}")
        starts, sizes = [], []
        for axis, ((start, length), size) in enumerate(zip(self.extents, full_shape, strict=True)):
            if length == WHOLE:
                start, length = 0, size
            if start < 0 or length < 0 or start + length > size:
                raise ValueError(f"slice {self} reaches outside of shape {list(full_shape)}: dimension {axis} takes "
                                 f"{length} from {start}, but has {size}")
            starts.append(start)
            sizes.append(length)
        return Box(tuple(starts), tuple(sizes))


class Box(NamedTuple):
    """A slice with its lengths known."""

    start: tuple[int, ...]
    shape: tuple[int, ...]

    def within(self, outer: Box) -> tuple[slice, ...]:
        """This box as an index into an array that holds `outer`."""
        return tuple(slice(a - o, a - o + n) for a, o, n in zip(self.start, outer.start, self.shape, strict=True))

    def overlap(self, other: Box) -> Box | None:
        """What two boxes share; None if nothing. A box without elements shares nothing."""
        start = tuple(map(max, self.start, other.start))
        ends = (min(a + n, b + m) for a, n, b, m in zip(self.start, self.shape, other.start, other.shape, strict=True))
        shape = tuple(end - first for first, end in zip(start, ends, strict=True))
        return None if any(size <= 0 for size in shape) else Box(start, shape)


def parse_spec(spec: str) -> tuple[tuple[int, ...], Slice]:
    """Full shape and slice of a spec such as "10 4 0,4:-"; ValueError if it is not of that form."""
    *dims, extents = spec.split(" ")
    try:
        shape = tuple(map(_natural, dims))
        parsed = tuple(_extent(text) for text in extents.split(":")) if extents else ()
    except ValueError:
        raise ValueError(f'not a shape and slice: {spec!r}; expected such as "10 4 0,4:-" for four rows of a [10, 4] tensor') from None
    Slice(parsed).resolved(shape)
    return shape, Slice(parsed)


def _extent(text: str) -> Extent:
    if text == "-":
        return 0, WHOLE
    start, length = text.split(",")
    return _natural(start), _natural(length)


def _natural(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ValueError(text)
    return int(text)


def assemble(box: Box, dtype: np.dtype[Any], parts: Sequence[tuple[Box, Callable[[], np.ndarray]]],
             out: np.ndarray | None = None) -> np.ndarray:
    """The elements of `box`, copied together from stored parts; only those that overlap it are read.

    parts: where each lies in the full tensor, and a function that reads it. ValueError unless they cover the box exactly once;
    this is checked before memory is taken.
    """
    needed = [(shared, part, read) for part, read in parts if (shared := part.overlap(box))]
    _check_cover(box, [shared for shared, _, _ in needed])
    if out is None:
        out = np.empty(box.shape, dtype)
    for shared, part, read in needed:
        out[shared.within(box)] = read()[shared.within(part)]
    return out


def _check_cover(box: Box, pieces: list[Box]) -> None:
    """Pieces inside a box cover it once if none overlap and their elements add up to the box's."""
    clash = _first_overlap(pieces)
    if clash:
        raise ValueError("the stored slices overlap: " + " and ".join(f"start {list(b.start)} shape {list(b.shape)}" for b in clash))
    covered, wanted = sum(prod(piece.shape) for piece in pieces), prod(box.shape)
    if covered != wanted:
        raise ValueError(f"the stored slices cover {covered} of {wanted} elements")


def _first_overlap(pieces: list[Box]) -> tuple[Box, Box] | None:
    """Two pieces that share elements, or None. Each is compared with all later ones at once."""
    if len(pieces) < 2:
        return None
    starts = np.array([piece.start for piece in pieces], np.int64)
    ends = starts + np.array([piece.shape for piece in pieces], np.int64)
    for at in range(len(pieces) - 1):
        meets = ((starts[at + 1:] < ends[at]) & (starts[at] < ends[at + 1:])).all(axis=1)
        if meets.any():
            return pieces[at], pieces[at + 1 + int(meets.argmax())]
    return None
