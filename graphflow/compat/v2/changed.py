"""Functions of TensorFlow 2 that TensorFlow 1 has none of, or quite different ones."""
from __future__ import annotations

from typing import Any

from graphflow.ops.array import fill


def zeros_like(input: Any, dtype: Any = None, name: str | None = None, layout: Any = None) -> Any:
    """Zeros of the shape of `input`, and its dtype unless another is given."""
    return fill.zeros_like(input, dtype, name)


def ones_like(input: Any, dtype: Any = None, name: str | None = None, layout: Any = None) -> Any:
    """Ones of the shape of `input`, and its dtype unless another is given."""
    return fill.ones_like(input, dtype, name)
