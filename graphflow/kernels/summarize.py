"""A tensor's first elements as text, in the manner of TensorFlow's Assert and Print."""
from __future__ import annotations

from typing import Any

import numpy as np


def element(value: Any) -> str:
    """One element: numbers shortest, booleans as 1 and 0, strings as they are."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if isinstance(value, (bool, np.bool_)):
        return "1" if value else "0"
    if isinstance(value, (complex, np.complexfloating)):
        return f"({element(value.real)},{element(value.imag)})"
    if isinstance(value, np.generic) and value.dtype.itemsize == 2 and value.dtype.kind not in "iu":  # 16-bit floats, by their value
        value = np.float32(value)
    if isinstance(value, (float, np.floating)):
        few, enough = (15, 17) if isinstance(value, float) else (6, 9)  # np.float64 is a float
        short = f"{float(value):.{few}g}"
        return short if type(value)(short) == value or value != value else f"{float(value):.{enough}g}"
    return str(value)


def summarize(array: Any, limit: int) -> str:
    """Up to `limit` elements (-1: all) in row-major order, rows in brackets, '...' where something is left out."""
    array = np.asarray(array)
    limit = array.size if limit < 0 else min(limit, array.size)
    if array.ndim == 0:
        return element(array[()]) if limit else "..."
    text, _ = _dimension(array, 0, 0, limit)
    return text + ("..." if array.size > limit else "")


def _dimension(part: Any, depth: int, done: int, limit: int) -> tuple[str, int]:
    if done >= limit:
        return "", done
    if part.ndim == 1:
        shown = part[:limit - done]
        text = " ".join(element(v) for v in shown)
        return text + ("..." if len(shown) < len(part) and depth else ""), done + len(shown)
    text = ""
    for row in part:
        if done >= limit:
            break
        inner, done = _dimension(row, depth + 1, done, limit)
        text += f"[{inner}]"
    return text, done
