"""PNG images: written with 8 or 16 bits a channel, one zlib stream of unfiltered rows; read where they have 16."""

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


def decode_png16(data: bytes) -> np.ndarray[Any, Any]:
    """uint16 [height, width, channels] of an image with 16 bits a channel that is not interlaced. ValueError says what is wrong."""
    header, parts, at = None, [], len(_SIGNATURE)
    if not data.startswith(_SIGNATURE):
        raise ValueError("Invalid PNG. Failed to initialize decoder.")
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        content = data[at + 8 : at + 8 + length]
        if len(content) < length or len(data) < at + 12 + length or zlib.crc32(kind + content) != _crc_at(data, at + 8 + length):
            raise ValueError(f"Invalid PNG data, size {len(data)}: a {kind!r} chunk is damaged or cut off")
        if kind == b"IHDR" and length == 13:
            header = struct.unpack(">IIBBBBB", content)
        elif kind == b"IDAT":
            parts.append(content)
        at += 12 + length
    if header is None or header[2] != 16 or header[3] not in _CHANNELS or header[6] != 0:
        raise ValueError(f"Invalid PNG data, size {len(data)}: no header of a plain image with 16 bits a channel")
    width, height, channels = header[0], header[1], _CHANNELS[header[3]]
    pitch, pixel = 2 * channels * width, 2 * channels
    try:
        packed = zlib.decompressobj().decompress(b"".join(parts), height * (pitch + 1) + 1)
    except zlib.error as error:
        raise ValueError(f"Invalid PNG data, size {len(data)}: {error}") from None
    if len(packed) != height * (pitch + 1) or not height or not width:
        raise ValueError(f"Invalid PNG data, size {len(data)}: {len(packed)} bytes of pixels for {width} x {height}")
    rows = np.frombuffer(packed, np.uint8).reshape(height, pitch + 1)
    found = np.zeros((height + 1, pixel + pitch), np.uint8)     # a row of zeros above, a pixel of zeros to the left
    for y in range(height):
        _unfilter(int(rows[y, 0]), rows[y, 1:], found[y], found[y + 1], pixel)
    return found[1:, pixel:].copy().view(">u2").astype(np.uint16).reshape(height, width, channels)


_CHANNELS = {colour: channels for channels, colour in _COLOUR_TYPES.items()}


def _crc_at(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "big")


def _unfilter(kind: int, row: Any, above: Any, out: Any, pixel: int) -> None:
    """Writes the row that was filtered (none, by its left neighbours, those above, their mean, or Paeth's choice) behind its margin."""
    if kind > 4:
        raise ValueError(f"Invalid PNG data: a row of filter {kind}")
    if kind == 0:
        out[pixel:] = row
    elif kind == 1:
        out[pixel:] = np.add.accumulate(row.reshape(-1, pixel), axis=0, dtype=np.uint8).reshape(-1)
    elif kind == 2:
        out[pixel:] = row + above[pixel:]
    else:
        left, upper, values = out.tolist(), above.tolist(), row.tolist()
        for i, value in enumerate(values, pixel):
            a, b, c = left[i - pixel], upper[i], upper[i - pixel]
            left[i] = (value + ((a + b) // 2 if kind == 3 else _paeth(a, b, c))) & 255
        out[pixel:] = left[pixel:]


def _paeth(a: int, b: int, c: int) -> int:
    guess = a + b - c
    return min((abs(guess - a), 0, a), (abs(guess - b), 1, b), (abs(guess - c), 2, c))[2]
