"""Random parts of an image: of a random shape and size, that cover enough of one of its objects."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from .candidates import WordReader
from .philox import Philox

_F = np.float32
WORDS_PER_ATTEMPT = 4


class Box(NamedTuple):
    """A part of an image, in pixels; the ends are outside."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def area(self) -> int:
        return max(0, self.right - self.left) * max(0, self.bottom - self.top)

    def common(self, other: Box) -> Box:
        return Box(max(self.left, other.left), max(self.top, other.top), min(self.right, other.right), min(self.bottom, other.bottom))


class Limits(NamedTuple):
    """What a part must be like. aspect_ratio: width / height; area: share of the image; covered: least share of an object."""

    aspect_ratio: tuple[float, float]
    area: tuple[float, float]
    covered: float
    attempts: int


def sample_box(place: Philox, height: int, width: int, objects: list[Box], limits: Limits) -> Box:
    """The first of a number of random parts that covers enough of an object, or the whole image."""
    reader = WordReader(place)
    low, high = (_F(a) for a in limits.aspect_ratio)
    for _ in range(limits.attempts):
        ratio = _F(reader.unit_float32()) * (high - low) + low
        part = _random_part(reader, height, width, ratio, limits)
        if part is not None and _covers(part, objects, limits.covered):
            return part
    return Box(0, 0, width, height)


def _covers(part: Box, objects: list[Box], share: float) -> bool:
    return part.area >= 1 and any(each.area >= 1 and _F(part.common(each).area) / _F(each.area) >= _F(share) for each in objects)


def _rounded(x: float | np.floating[Any]) -> int:
    return int(np.rint(_F(x)))


def _random_part(reader: WordReader, height: int, width: int, ratio: np.float32, limits: Limits) -> Box | None:
    """A part of the aspect ratio, of a random height within what the areas allow, at a random place; None if nothing fits."""
    share_low, share_high = (_F(a) for a in limits.area)
    if share_high <= 0 or ratio <= 0 or width <= 0 or height <= 0 or share_low > share_high:
        return None
    least, most = share_low * _F(width) * _F(height), share_high * _F(width) * _F(height)
    rows, greatest = (_rounded(math.sqrt(area / ratio)) for area in (least, most))
    if _rounded(greatest * ratio) > width:
        greatest = int(_F(width + 0.5 - 1e-7) / ratio)
        if _rounded(greatest * ratio) > width:
            greatest -= 1
    greatest = min(greatest, height)
    rows = min(rows, greatest)
    if rows < greatest:
        rows += reader.below(greatest - rows + 1)
    cols = _rounded(rows * ratio)
    if _F(rows * cols) < least:             # one row more or less makes up for the rounding
        rows += 1
        cols = _rounded(rows * ratio)
    if _F(rows * cols) > most:
        rows -= 1
        cols = _rounded(rows * ratio)
    if not least <= _F(rows * cols) <= most or not 0 < cols <= width or not 0 < rows <= height:
        return None
    top = reader.below(height - rows) if rows < height else 0
    left = reader.below(width - cols) if cols < width else 0
    return Box(left, top, left + cols, top + rows)
