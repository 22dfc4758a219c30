"""Boxes cut out of images and resized to one size, and the gradients of that.

A box is (y1, x1, y2, x2) in shares of the image: 0 is the first row or column of pixels, 1 the last one. The corner pixels of the
crop lie on the corners of the box; a crop one pixel high or wide takes the middle. Where y1 > y2 the crop is upside down.
"""
from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

_F = np.float32


class Places(NamedTuple):
    """Where the pixels of each crop lie on an axis of the image; all [boxes, size]."""
    at: np.ndarray          # in pixels; may lie outside
    low: np.ndarray         # the pixel before and the one after
    high: np.ndarray
    share: np.ndarray       # how near to `high`
    inside: np.ndarray


def places(first: np.ndarray, last: np.ndarray, size: int, crop: int) -> Places:
    """first, last: float32 [boxes], edges in shares of an axis of `size` pixels; crop: pixels of the crop."""
    reach = _F(size - 1)
    if crop > 1:
        step = (last - first) * reach / _F(crop - 1)
        at = first[:, None] * reach + np.arange(crop, dtype=_F) * step[:, None]
    else:
        at = (_F(0.5) * (first + last) * reach)[:, None]
    inside = (at >= 0) & (at <= reach)
    usable = np.where(inside, at, _F(0))
    low = np.floor(usable)
    return Places(at, low.astype(np.int64), np.ceil(usable).astype(np.int64), usable - low, inside)


def _both_axes(boxes: np.ndarray, height: int, width: int, size: tuple[int, int]) -> tuple[Places, Places]:
    return places(boxes[:, 0], boxes[:, 2], height, size[0]), places(boxes[:, 1], boxes[:, 3], width, size[1])


def _nearest(place: Places) -> np.ndarray:
    return np.where(place.share >= _F(0.5), place.high, place.low)


def _taken(image: np.ndarray, which: np.ndarray, rows: np.ndarray, cols: np.ndarray) -> np.ndarray:
    """The pixels at rows [boxes, height] and columns [boxes, width]; float32 [boxes, height, width, channels]."""
    batch, height, width, depth = image.shape
    at = (which[:, None] * height + rows)[:, :, None] * width + cols[:, None, :]
    if not image.size:
        return np.zeros((*at.shape, depth), _F)
    return np.take(image.reshape(batch * height * width, depth), at, 0, mode="clip").astype(_F, copy=False)


def _corners(image: np.ndarray, which: np.ndarray, rows: Places, cols: Places) -> list[np.ndarray]:
    """The pixels around each place: top left, top right, bottom left, bottom right; float32 [boxes, height, width, channels]."""
    return [_taken(image, which, r, c) for r in (rows.low, rows.high) for c in (cols.low, cols.high)]


def crop_and_resize(image: np.ndarray, boxes: np.ndarray, which: np.ndarray, size: tuple[int, int], nearest: bool,
                    outside: float) -> np.ndarray:
    """image: [batch, height, width, channels]; boxes: [n, 4]; which: [n], the image of each box. float32 [n, *size, channels]."""
    rows, cols = _both_axes(boxes, image.shape[1], image.shape[2], size)
    shape = (len(boxes), *size, image.shape[3])
    if not image.size or not math.prod(shape):
        return np.full(shape, outside, _F)
    if nearest:
        found = _taken(image, which, _nearest(rows), _nearest(cols))
    else:
        flat = (len(boxes), size[0], size[1] * image.shape[3])           # rows in one piece, as numpy's loops want them
        share = np.repeat(cols.share, image.shape[3], 1)[:, None, :]
        top_left, top_right, bottom_left, bottom_right = (each.reshape(flat) for each in _corners(image, which, rows, cols))
        for left, right in ((top_left, top_right), (bottom_left, bottom_right)):
            right -= left                                                # in place: all are fresh
            right *= share
            right += left
        bottom_right -= top_right
        bottom_right *= rows.share[:, :, None]
        bottom_right += top_right
        found = bottom_right.reshape(shape)
    if rows.inside.all() and cols.inside.all():
        return found
    inside = rows.inside[:, :, None] & cols.inside[:, None, :]
    return np.where(inside[..., None], found, _F(outside))


def crop_image_gradient(dy: np.ndarray, boxes: np.ndarray, which: np.ndarray, shape: tuple[int, ...], nearest: bool,
                        dtype: np.dtype) -> np.ndarray:
    """What flows back to the image, of the given shape."""
    batch, height, width, depth = shape
    rows, cols = _both_axes(boxes, height, width, (dy.shape[1], dy.shape[2]))
    inside = rows.inside[:, :, None] & cols.inside[:, None, :]
    if nearest:
        parts = [(_nearest(rows), _nearest(cols), inside.astype(_F))]
    else:
        parts = [(r, c, wr[:, :, None] * wc[:, None, :] * inside)
                 for r, wr in ((rows.low, 1 - rows.share), (rows.high, rows.share))
                 for c, wc in ((cols.low, 1 - cols.share), (cols.high, cols.share))]
    flat = np.zeros((batch * height * width, depth))
    for r, c, weight in parts:
        at = ((which[:, None, None] * height + r[:, :, None]) * width + c[:, None, :]).ravel()
        flow = (dy * weight[..., None]).reshape(len(at), depth)
        for channel in range(depth):        # bincount adds duplicates up much faster than add.at
            flat[:, channel] += np.bincount(at, flow[:, channel], len(flat))
    return flat.reshape(shape).astype(dtype)


def crop_boxes_gradient(dy: np.ndarray, image: np.ndarray, boxes: np.ndarray, which: np.ndarray) -> np.ndarray:
    """What flows back to the boxes: float32 [n, 4]."""
    size = dy.shape[1], dy.shape[2]
    height, width = image.shape[1:3]
    rows, cols = _both_axes(boxes, height, width, size)
    top_left, top_right, bottom_left, bottom_right = _corners(image, which, rows, cols)
    by_row, by_col = rows.share[:, :, None, None], cols.share[:, None, :, None]
    down = (1 - by_col) * (bottom_left - top_left) + by_col * (bottom_right - top_right)
    right = (1 - by_row) * (top_right - top_left) + by_row * (bottom_right - bottom_left)
    flow = dy * (rows.inside[:, :, None] & cols.inside[:, None, :])[..., None]
    found = []
    for slope, axis, length, crop in ((down, 1, height, size[0]), (right, 2, width, size[1])):
        along = (flow * slope).sum(tuple(i for i in (1, 2, 3) if i != axis))
        reach = _F(length - 1)
        to_last = np.arange(crop, dtype=_F) * (reach / _F(crop - 1)) if crop > 1 else np.full(1, _F(0.5) * reach)
        to_first = reach - to_last
        found.append(((along * to_first).sum(1), (along * to_last).sum(1)))
    (y1, y2), (x1, x2) = found
    return np.stack([y1, x1, y2, x2], 1).astype(_F)
