"""Images under projective transforms: where each pixel of the result comes from, and what stands beyond the image's edges.

The eight numbers (a0, a1, a2, b0, b1, b2, c0, c1) send the point (x, y) of the result to ((a0 x + a1 y + a2) / k, (b0 x + b1 y + b2) / k)
of the image, with k = c0 x + c1 y + 1. Where k is 0 the result is 0.
"""
from __future__ import annotations

import numpy as np


def transformed(images: np.ndarray, transforms: np.ndarray, size: tuple[int, int], bilinear: bool, mode: str) -> np.ndarray:
    """images [batch, height, width, channels] become [batch, *size, channels]; transforms float32 [batch or 1, 8].

    mode: what lies beyond the edges, "CONSTANT" (0), "NEAREST", "REFLECT" or "WRAP".
    """
    batch, height, width, _ = images.shape
    y, x = (axis.astype(np.float32) for axis in np.mgrid[:size[0], :size[1]])
    t = transforms.astype(np.float32)[:, :, None, None]
    scale = t[:, 6] * x + t[:, 7] * y + np.float32(1)
    with np.errstate(divide="ignore", invalid="ignore"):
        from_x, from_y = (t[:, 0] * x + t[:, 1] * y + t[:, 2]) / scale, (t[:, 3] * x + t[:, 4] * y + t[:, 5]) / scale
    usable = (scale != 0) & np.isfinite(from_x) & np.isfinite(from_y)
    from_x, from_y = _inside(np.where(usable, from_x, -9), width, mode), _inside(np.where(usable, from_y, -9), height, mode)
    shape = (batch, *size)
    from_x, from_y, usable = (np.broadcast_to(part, shape) for part in (from_x, from_y, usable))
    if not bilinear:
        found = _read(images, _rounded(from_y), _rounded(from_x))
    else:
        left, top, pixels = np.floor(from_x), np.floor(from_y), images.astype(np.float32, copy=False)     # TensorFlow's precision for all
        rows = [_mixed(from_x, left, _read(pixels, y, left), _read(pixels, y, left + 1)) for y in (top, top + 1)]
        found = _mixed(from_y, top, *rows)
    return np.where(usable[..., None], found, 0).astype(images.dtype)


def _rounded(at: np.ndarray) -> np.ndarray:
    """To the nearest integer, halves away from zero."""
    return np.trunc(at + np.copysign(np.float32(0.5), at))


def _mixed(at: np.ndarray, low: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Between the values at `low` and one further."""
    return (low + np.float32(1) - at)[..., None] * first + (at - low)[..., None] * second


def _read(images: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """The pixels at these places [batch, ...], 0 outside of the images."""
    height, width = images.shape[1:3]
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    if not images.size:
        return np.zeros((*rows.shape, images.shape[-1]), images.dtype)
    which = np.arange(len(images)).reshape(-1, *[1] * (rows.ndim - 1))
    found = images[which, np.clip(rows, 0, height - 1).astype(np.int64), np.clip(columns, 0, width - 1).astype(np.int64)]
    return np.where(inside[..., None], found, np.zeros((), images.dtype))


def _inside(at: np.ndarray, size: int, mode: str) -> np.ndarray:
    """Places on an axis as the mode sends them into the image."""
    if mode == "CONSTANT" or size == 0:
        return at
    if mode == "REFLECT" and size > 1:      # d c b a | a b c d | d c b a
        period = np.float32(2 * size)
        below = period * np.trunc(-at / period) + at
        below = np.where(below < -size, below + period, -below - 1)
        above = at - period * np.trunc(at / period)
        above = np.where(above >= size, period - above - 1, above)
        at = np.where(at < 0, below, np.where(at > size - 1, above, at))
    elif mode == "WRAP" and size > 1:       # a b c d | a b c d | a b c d
        gap = np.float32(size - 1)
        at = np.where(at < 0, at + size * (np.trunc(-at / gap) + 1), np.where(at > gap, at - size * np.trunc(at / gap), at))
    elif mode != "NEAREST":
        at = np.where((at < 0) | (at > size - 1), 0, at)
    return np.clip(at, 0, size - 1).astype(np.float32)
