"""Windows bitmaps without compression, of 8, 24 or 32 bits a pixel."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np


def decode_bmp(data: bytes) -> np.ndarray[Any, Any]:
    """uint8 [height, width, 1, 3 or 4]; of 8 bits the numbers as stored, without the palette. ValueError says what is wrong."""
    if len(data) < 30 or data[:2] != b"BM":
        raise ValueError(f"no BMP header in {len(data)} bytes")
    offset, _, width, height = struct.unpack_from("<IIii", data, 10)
    bits = struct.unpack_from("<H", data, 28)[0]
    if bits not in (8, 24, 32):
        raise ValueError(f"BMP images of 8, 24 or 32 bits a pixel are read, not of {bits}")
    if width <= 0 or height == 0 or height == -(2**31):
        raise ValueError(f"a BMP image of {width} x {height} pixels")
    channels, rows = bits // 8, abs(height)
    pitch = (width * channels + 3) // 4 * 4     # rows are filled up to whole words
    if offset + pitch * rows > len(data):
        raise ValueError(f"a BMP image of {width} x {height} pixels needs {offset + pitch * rows} bytes, there are {len(data)}")
    pixels = np.frombuffer(data, np.uint8, pitch * rows, offset).reshape(rows, pitch)[:, : width * channels]
    pixels = pixels.reshape(rows, width, channels)
    if height > 0:
        pixels = pixels[::-1]       # stored from the bottom up
    order = {1: [0], 3: [2, 1, 0], 4: [2, 1, 0, 3]}[channels]
    return np.ascontiguousarray(pixels[:, :, order])
