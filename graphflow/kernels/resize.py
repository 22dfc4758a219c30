"""Resizing of [batch, height, width, channels] images: where output pixels lie in the input, and how they mix input pixels.

An axis is resampled by `Taps`: for each output pixel the input pixels that it mixes, with their weights. Positions and weights
are float32 throughout, in TensorFlow's order of operations, since a rounding more or less picks another pixel.

align_corners  position of output pixel i is i (in - 1) / (out - 1): corner pixels lie on each other
half_pixel     (i + 1/2) in / out - 1/2: pixels are areas with centres
neither        i in / out: the images' upper left pixels lie on each other
"""
from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from . import parallel

_F = np.float32
_CHANNELS = 8       # from which on pixels are taken as wholes, and not element by element
_BLOCK = 1 << 17    # elements of images at a time: what lies between two steps stays in the second-level cache
TABLE = 1024        # places between two pixels for which cubic weights are known


def scale(size: int, out: int, align_corners: bool) -> np.float32:
    """Input pixels per output pixel."""
    return _F(size - 1) / _F(out - 1) if align_corners and out > 1 else _F(size) / _F(out)


def positions(size: int, out: int, align_corners: bool, half_pixel: bool) -> np.ndarray:
    """Where each output pixel lies on an input axis, in input pixels."""
    places, step = np.arange(out, dtype=_F), scale(size, out, align_corners)
    return (places + _F(0.5)) * step - _F(0.5) if half_pixel else places * step


def nearest(size: int, out: int, align_corners: bool, half_pixel: bool) -> np.ndarray:
    """The input pixel that each output pixel copies."""
    places, step = np.arange(out, dtype=_F), scale(size, out, align_corners)
    at = (places + _F(0.5)) * step if half_pixel else places * step
    low = np.floor(at)
    if align_corners:
        low += at - low >= _F(0.5)
    return np.clip(low.astype(np.int64), 0, size - 1)


class Taps(NamedTuple):
    """What each output pixel of an axis mixes: pixels and weights, both [out, taps]; size: how many input pixels there are."""
    pixels: np.ndarray
    weights: np.ndarray
    size: int

    def take(self, x: np.ndarray, axis: int, tap: int) -> tuple[np.ndarray, np.ndarray]:
        """(the pixels of a tap along axis 1 or 2 of x, their weights), so that rows of all columns and channels lie together.

        [images, height, columns channels] both; the weights have one image, and one row or one element of each row.
        """
        pixels, weights, channels = self.pixels[:, tap], self.weights[:, tap], x.shape[3]
        if axis == 1:
            return np.take(x.reshape(*x.shape[:2], -1), pixels, 1, mode="clip"), weights[None, :, None]
        if channels < _CHANNELS:
            places = (pixels[:, None] * channels + np.arange(channels)).reshape(-1)
            found = np.take(x.reshape(*x.shape[:2], -1), places, 2, mode="clip")
        else:
            found = np.take(x, pixels, 2, mode="clip").reshape(*x.shape[:2], -1)
        return found, np.repeat(weights, channels)[None, None, :]

    def apply(self, x: np.ndarray, axis: int) -> np.ndarray:
        """x resampled along an axis, in the weights' dtype."""
        shape = (*x.shape[:axis], len(self.pixels), *x.shape[axis + 1:])
        total: np.ndarray | None = None
        for tap in range(self.pixels.shape[1] if x.size else 0):
            found, weights = self.take(x, axis, tap)
            found = np.multiply(found, weights, out=found if found.dtype == weights.dtype else None)
            total = found if total is None else np.add(total, found, out=total)
        return np.zeros(shape, self.weights.dtype) if total is None else total.reshape(shape)

    def transposed(self) -> Taps:
        """What each input pixel gets from the output pixels: the resampling of gradients."""
        out, taps = self.pixels.shape
        order = np.argsort(self.pixels, axis=None, kind="stable")
        to = self.pixels.ravel()[order]
        counts = np.bincount(to, minlength=self.size)
        place = np.arange(len(to)) - (np.cumsum(counts) - counts)[to]
        pixels = np.zeros((self.size, max(1, counts.max(initial=0))), np.int64)
        weights = np.zeros(pixels.shape, self.weights.dtype)
        pixels[to, place] = order // max(1, taps)
        weights[to, place] = self.weights.ravel()[order]
        return Taps(pixels, weights, out)


def linear_taps(size: int, out: int, align_corners: bool, half_pixel: bool) -> Taps:
    """The two pixels around each position, weighted by nearness."""
    at = positions(size, out, align_corners, half_pixel)
    low = np.floor(at)
    share = at - low
    pixels = np.clip(np.stack([low, np.ceil(at)], 1).astype(np.int64), 0, max(0, size - 1))
    return Taps(pixels, np.stack([_F(1) - share, share], 1), size)


@lru_cache(maxsize=2)
def _cubic_table(a: float) -> tuple[np.ndarray, np.ndarray]:
    """Weights of a pixel i / TABLE away, and of one 1 + i / TABLE away, by the cubic convolution with parameter a (Keys 1981)."""
    x = (np.arange(TABLE + 1) / TABLE).astype(_F).astype(np.float64)
    y = x + 1
    return (((a + 2) * x - (a + 3)) * x * x + 1).astype(_F), (((a * y - 5 * a) * y + 8 * a) * y - 4 * a).astype(_F)


def cubic_taps(size: int, out: int, align_corners: bool, half_pixel: bool) -> Taps:
    """The four pixels around each position. Outside of the image lies the edge's pixel; with half_pixel nothing, and weights sum to 1."""
    at = positions(size, out, align_corners, half_pixel)
    low = np.floor(at)
    place = np.rint((at - low) * _F(TABLE)).astype(np.int64)
    near, far = _cubic_table(-0.5 if half_pixel else -0.75)
    weights = np.stack([far[place], near[place], near[TABLE - place], far[TABLE - place]], 1)
    wanted = low.astype(np.int64)[:, None] + np.arange(-1, 3)
    pixels = np.clip(wanted, 0, max(0, size - 1))
    if half_pixel:
        weights = np.where(pixels == wanted, weights, _F(0))
        total = weights.sum(1, keepdims=True)
        usable = np.abs(total) >= 1000 * np.finfo(_F).tiny
        weights = np.where(usable, weights * (_F(1) / np.where(usable, total, _F(1))), weights)
    return Taps(pixels, weights, size)


def area_taps(size: int, out: int, align_corners: bool) -> Taps:
    """All pixels that an output pixel covers, each by how much of it is covered, as a share of the output pixel."""
    step = scale(size, out, align_corners)
    if not step:        # one pixel, spread over the whole axis
        return Taps(np.zeros((out, 1), np.int64), np.ones((out, 1), _F), size)
    start, end = np.arange(out, dtype=_F) * step, np.arange(1, out + 1, dtype=_F) * step
    first, last = np.floor(start).astype(np.int64), np.ceil(end).astype(np.int64)
    wanted = first[:, None] + np.arange(max(1, int((last - first).max(initial=1))))
    left, right = np.maximum(wanted.astype(_F), start[:, None]), np.minimum((wanted + 1).astype(_F), end[:, None])
    covered = np.where(wanted < last[:, None], np.maximum(right - left, _F(0)), _F(0))
    return Taps(np.clip(wanted, 0, max(0, size - 1)), covered / step, size)


def resize_linear(x: np.ndarray, size: tuple[int, int], align_corners: bool, half_pixel: bool) -> np.ndarray:
    """Along the width and then the height, each a + (b - a) share."""
    rows = linear_taps(x.shape[1], size[0], align_corners, half_pixel)
    cols = linear_taps(x.shape[2], size[1], align_corners, half_pixel)
    x = x.astype(_F, copy=False)
    if 2 * size[0] <= x.shape[1]:               # only rows that are needed are resampled
        parts = []
        for tap in range(2):
            part = np.take(x.reshape(*x.shape[:2], -1), rows.pixels[:, tap], 1, mode="clip")
            parts.append(_mixed(cols, part.reshape(len(x), size[0], *x.shape[2:]), 2))
        a, b = parts
        b -= a
        b *= rows.weights[None, :, 1, None]
        b += a
        return b.reshape(len(x), *size, x.shape[3])
    for taps, axis in ((cols, 2), (rows, 1)):
        x = _mixed(taps, x, axis).reshape(*x.shape[:axis], len(taps.pixels), *x.shape[axis + 1:])
    return x


def _mixed(taps: Taps, x: np.ndarray, axis: int) -> np.ndarray:
    """a + (b - a) share along an axis, [images, height, width channels]."""
    a, _ = taps.take(x, axis, 0)
    b, share = taps.take(x, axis, 1)
    b -= a                                  # in place: both are fresh
    b *= share
    b += a
    return b


def resample(x: np.ndarray, taps: tuple[Taps, Taps]) -> np.ndarray:
    """Along the height and the width, first what leaves fewer rows: along them pixels are taken one by one."""
    rows, cols = taps
    if len(rows.pixels) < x.shape[1]:
        return cols.apply(rows.apply(x, 1), 2)
    return rows.apply(cols.apply(x, 2), 1)


def _nearest_taps(size: int, out: int, align_corners: bool, half_pixel: bool) -> Taps:
    return Taps(nearest(size, out, align_corners, half_pixel)[:, None], np.ones((out, 1), _F), size)


TAPS: dict[str, Callable[[int, int, bool, bool], Taps]] = {
    "linear": linear_taps, "cubic": cubic_taps, "area": lambda size, out, align_corners, _: area_taps(size, out, align_corners),
    "nearest": _nearest_taps}


def resize_images(x: np.ndarray, how: str, size: tuple[int, int], align_corners: bool, half_pixel: bool) -> np.ndarray:
    """Images at another size, float32. how: 'linear', 'cubic' or 'area'. (The nearest pixels are a matter of taking them.)"""
    if how == "linear":
        return _in_blocks(x, size, _F, lambda part: resize_linear(part, size, align_corners, half_pixel))
    rows, cols = (TAPS[how](x.shape[axis], size[axis - 1], align_corners, half_pixel) for axis in (1, 2))
    return _in_blocks(x, size, _F, lambda part: resample(part.astype(_F, copy=False), (rows, cols)))


def resize_images_gradient(dy: np.ndarray, how: str, size: tuple[int, int], align_corners: bool, half_pixel: bool) -> np.ndarray:
    """What flows back to images of a size. how: 'linear' or 'cubic' (float32), or 'nearest' (dy's dtype)."""
    rows, cols = (TAPS[how](size[axis - 1], dy.shape[axis], align_corners, half_pixel).transposed() for axis in (1, 2))
    if how == "nearest":
        rows, cols = (taps._replace(weights=taps.weights.astype(dy.dtype)) for taps in (rows, cols))
        return _in_blocks(dy, size, dy.dtype, lambda part: cols.apply(rows.apply(part, 1), 2))
    return _in_blocks(dy, size, rows.weights.dtype, lambda part: resample(part, (rows, cols)))


def _in_blocks(x: np.ndarray, size: tuple[int, int], dtype: Any, work: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """work(x), some images at a time."""
    out = np.empty((len(x), *size, x.shape[3]), dtype)
    step = max(1, _BLOCK // max(1, x[:1].size, out[:1].size))

    def task(piece: range) -> None:
        for i in piece:
            images = slice(i * step, (i + 1) * step)
            out[images] = work(np.ascontiguousarray(x[images]))

    if out.size:
        parallel.run(task, parallel.parts(-(-len(x) // step), out.size + x.size))
    return out
