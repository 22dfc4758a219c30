"""What TensorBoard's plugins read where a summary holds a tensor, as TensorFlow 2 writes it: buckets, pictures, sounds."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphflow.formats.png import encode_png
from graphflow.formats.wav import encode_wav

WAV = b"\x10\x0b"  # AudioPluginData: its field encoding is WAV, 11


def buckets(values: np.ndarray[Any, Any], count: int) -> np.ndarray[Any, Any]:
    """float64 [count, 3]: left edge, right edge and number of values of each of `count` buckets of one width.

    The last one has its right edge among its values. No values: zeros. All values alike: all buckets are that point, the last has them.
    """
    values = values.astype(np.float64).ravel()
    if not count or not values.size:
        return np.zeros((count, 3))
    low, high = values.min(), values.max()
    if low == high:
        return np.column_stack([np.full(count, low), np.full(count, high), np.append(np.zeros(count - 1), values.size)])
    width = (high - low) / count
    places = np.minimum(np.floor((values - low) / width).astype(np.int64), count - 1)
    edges = np.linspace(low, high, count + 1)
    return np.column_stack([edges[:-1], edges[1:], np.bincount(places, minlength=count)])


def pictures(images: np.ndarray[Any, Any], most: int) -> np.ndarray[Any, Any]:
    """Strings [2 + n]: width, height and the PNG files of the first images of uint8 [batch, height, width, 1 to 4 channels]."""
    if images.ndim != 4:
        raise ValueError(f"Expected images of rank 4 [batch, height, width, channels], got shape {images.shape}")
    found = [str(images.shape[2]).encode(), str(images.shape[1]).encode(), *(encode_png(image) for image in images[:most])]
    return _strings(found)


def sounds(values: np.ndarray[Any, Any], rate: int, most: int) -> np.ndarray[Any, Any]:
    """Strings [n, 2]: the WAV files of the first sounds of [batch, frames, channels], and labels, which are empty."""
    if values.ndim != 3:
        raise ValueError(f"Expected sounds of rank 3 [batch, frames, channels], got shape {values.shape}")
    return _strings([part for sound in values[:most] for part in (encode_wav(sound.astype(np.float32), rate), b"")]).reshape(-1, 2)


def _strings(parts: list[bytes]) -> np.ndarray[Any, Any]:
    found = np.empty(len(parts), object)
    found[:] = parts
    return found
