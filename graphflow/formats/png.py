"""PNG images of 8 or 16 bits a channel. One zlib stream between a header and an end mark; rows unfiltered."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}  # channels: grey, grey and alpha, RGB, RGBA


def encode_png(pixels: np.ndarray[Any, Any], level: int = -1) -> bytes:
    """The PNG file of an image. pixels: uint8 or uint16, [height, width, channels] with 1 to 4 channels, no side 0."""
    height, width, channels = pixels.shape
    if channels not in _COLOUR_TYPES or not pixels.size or pixels.dtype not in (np.uint8, np.uint16):
        raise ValueError(f"PNG images are uint8 or uint16 of [height, width, 1 to 4], not {pixels.dtype} of {list(pixels.shape)}")
    rows = np.ascontiguousarray(pixels, pixels.dtype.newbyteorder(">")).reshape(height, -1).view(np.uint8)
    unfiltered = np.zeros((height, 1 + rows.shape[1]), np.uint8)  # each row starts with its filter, 0 for none
    unfiltered[:, 1:] = rows
    header = struct.pack(">IIBBBBB", width, height, pixels.dtype.itemsize * 8, _COLOUR_TYPES[channels], 0, 0, 0)
    data = zlib.compress(unfiltered.tobytes(), level)
    return _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
