"""Kernels that are primitives of a plan: (arrays, then known parameters) -> one array, in a buffer that the engine chooses.

Each row gives the shape and dtype of the result. `graphflow.kernels` has functions of these names (see kernels.namespace). To add one:
a row here, its function there, and `xp.name(...)` in the kernels that use it; the tracer, `verify` and the numpy engine read this table.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

Shape = tuple[int, ...]


class Kernel(NamedTuple):
    """arrays: how many arguments are arrays. shape: of the result, from the arrays' shapes and the parameters. out: takes a buffer.
    dtype: of the result, from the arrays' dtypes; None: that of the first array."""
    arrays: int
    shape: Callable[..., Shape]
    out: bool = True
    dtype: Callable[..., np.dtype[Any]] | None = None


def _windowed(x: Shape, win: Any) -> Shape:
    return (x[0], *win.outputs(x[1:-1]), x[-1])


KERNELS = {
    "conv": Kernel(2, lambda x, filters, win: (x[0], *win.outputs(x[1:-1]), filters[-1])),
    "conv_filter_gradient": Kernel(2, lambda x, dy, shape, win: shape, out=False),
    "conv_input_gradient": Kernel(2, lambda filters, dy, shape, win: shape),
    "max_pool": Kernel(1, _windowed),
    "max_pool_gradient": Kernel(3, lambda x, y, dy, win: x),
    "avg_pool": Kernel(1, _windowed),
    "avg_pool_gradient": Kernel(1, lambda dy, shape, win: shape),
}


def hashable(value: Any) -> Any:
    """A parameter as plan nodes keep it: shapes are tuples of int."""
    return value if hasattr(value, "_fields") else tuple(int(n) for n in value)
