"""Answers that hold arrays: a line of JSON that says what follows, then the numbers as they lie in memory.

    4 bytes   length N of the JSON, little-endian
    N         JSON; where it says {"$": [type, offset, count]} an array stands, offset counted from the end of the JSON
    padding to a multiple of 8, then the arrays, each at a multiple of 8

The page reads it with static/page/packed.js, in place.
"""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np

_TYPES = {"float64": "f8", "float32": "f4", "uint8": "u1", "int32": "i4"}


def packed(value: Any) -> bytes:
    """The bytes of plain data with numpy arrays in it (float64, float32, int32, uint8; int64 goes as float64)."""
    arrays: list[bytes] = []
    size = 0

    def place(array: Any) -> Any:
        nonlocal size
        if array.dtype == np.int64:
            array = array.astype(np.float64)
        raw = np.ascontiguousarray(array).tobytes()
        described = {"$": [_TYPES[array.dtype.name], size, len(array)]}
        arrays.append(raw + bytes(-len(raw) % 8))
        size += len(arrays[-1])
        return described

    def walk(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            return place(value)
        if isinstance(value, dict):
            return {key: walk(inner) for key, inner in value.items()}
        return [walk(inner) for inner in value] if isinstance(value, list) else value

    head = json.dumps(walk(value), separators=(",", ":"), allow_nan=False).encode()
    head += b" " * (-(len(head) + 4) % 8)
    return struct.pack("<I", len(head)) + head + b"".join(arrays)


def unpacked(data: bytes) -> Any:
    """The value again."""
    length = struct.unpack_from("<I", data)[0]

    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            if set(value) == {"$"}:
                kind, offset, count = value["$"]
                return np.frombuffer(data, "<" + kind, count, 4 + length + offset)
            return {key: walk(inner) for key, inner in value.items()}
        return [walk(inner) for inner in value] if isinstance(value, list) else value

    return walk(json.loads(data[4 : 4 + length]))
