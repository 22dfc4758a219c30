"""Kernels that are primitives of a plan: (arrays, then known parameters) -> one array, in a buffer that the engine chooses.

Each row gives the shape and dtype of the result. `graphflow.kernels` has functions of these names (see kernels.namespace). To add one:
a row here, its function there, and `xp.name(...)` in the kernels that use it; the tracer, `verify` and the numpy engine read this table.
What may go wrong only with certain values is not theirs to say: `xp.check` comes before them.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from .node import ELEMENTWISE, HOLDERS, REDUCTIONS, VIEWS

Shape = tuple[int, ...]


class Kernel(NamedTuple):
    """arrays: how many arguments are arrays. shape: of the result, from the arrays' shapes and the parameters. out: takes a buffer.

    dtype: of the result, from the arrays' dtypes and the parameters; None: that of the first array. in_place: `out` may be the first
    array itself; where it is another one, the first array is copied into it.
    """
    arrays: int
    shape: Callable[..., Shape]
    out: bool = True
    dtype: Callable[..., np.dtype[Any]] | None = None
    in_place: bool = False


def _windowed(x: Shape, win: Any) -> Shape:
    return (x[0], *win.outputs(x[1:-1]), x[-1])


def _windowed_by_two(x: Shape, _: Shape, win: Any) -> Shape:
    return _windowed(x, win)


def _same(x: Shape, *_: Any) -> Shape:
    return x


def _spread_out(x: Shape, on: Shape, off: Shape, depth: int, axis: int) -> Shape:
    return (*x[:axis], depth, *x[axis:])


def _bits(x: Shape, old: Any, new: Any) -> Shape:
    a, b = old.itemsize, new.itemsize
    return x if a == b else (*x, a // b) if a > b else x[:-1]


def _resized(x: Shape, how: str, size: Shape, *_: Any) -> Shape:
    return (x[0], *size, x[-1])


def _int64(*_: Any) -> Any:
    return np.dtype(np.int64)


KERNELS = {
    "conv": Kernel(2, lambda x, filters, win: (x[0], *win.outputs(x[1:-1]), filters[-1])),
    "conv_filter_gradient": Kernel(2, lambda x, dy, shape, win: shape, out=False),
    "conv_input_gradient": Kernel(2, lambda filters, dy, shape, win: shape),
    "max_pool": Kernel(1, _windowed),
    "max_pool_gradient": Kernel(3, lambda x, y, dy, win: x),
    "avg_pool": Kernel(1, _windowed),
    "avg_pool_gradient": Kernel(1, lambda dy, shape, win: shape),
    "max_pool_gradient_gradient": Kernel(3, lambda x, y, ddx, win: y, out=False),
    "max_pool_positions": Kernel(1, lambda x, win, batch: _windowed(x, win), out=False, dtype=_int64),
    "depthwise_conv": Kernel(2, lambda x, filters, win: (x[0], *win.outputs(x[1:-1]), filters[-2] * filters[-1])),
    "depthwise_filter_gradient": Kernel(2, lambda x, dy, shape, win: shape, out=False),
    "depthwise_input_gradient": Kernel(2, lambda filters, dy, shape, win: shape),
    "dilation": Kernel(2, _windowed_by_two, out=False),
    "dilation_input_gradient": Kernel(3, lambda x, filters, dy, win: x, out=False),
    "dilation_filter_gradient": Kernel(3, lambda x, filters, dy, win: filters, out=False),
    "scatter_rows": Kernel(3, _same, in_place=True),
    "write_slice": Kernel(2, lambda target, value, index: target, in_place=True),
    "sparse_product": Kernel(4, lambda rows, columns, values, b, count: (count, b[1]), out=False, dtype=lambda *all: all[2]),
    "one_hot": Kernel(3, _spread_out, dtype=lambda indices, on, off, *_: on),
    "band_part": Kernel(3, _same),
    "segment_reduce": Kernel(2, lambda rows, ids, count, how: (count, *rows[len(ids):]), out=False),
    "cumulative": Kernel(1, _same),
    "top_positions": Kernel(1, lambda x, k: (*x[:-1], k), out=False, dtype=_int64),
    "sorted_positions": Kernel(1, _same, out=False, dtype=_int64),
    "search_rows": Kernel(2, lambda rows, values, side: values, out=False, dtype=_int64),
    "take_along": Kernel(2, lambda x, positions: positions, out=False),
    "resize_images": Kernel(1, _resized, out=False, dtype=lambda *_: np.dtype(np.float32)),
    "resize_images_gradient": Kernel(1, _resized, out=False, dtype=lambda dy, how, *_: dy if how == "nearest" else np.dtype(np.float32)),
    "draw": Kernel(1, lambda place, how, shape, dtype: shape, out=False, dtype=lambda place, how, shape, dtype: dtype),
    "draw_integers": Kernel(3, lambda place, low, high, shape, dtype: shape, out=False, dtype=lambda *all: all[-1]),
    "place_from_seeds": Kernel(1, lambda seeds: (3,), out=False, dtype=lambda seeds: np.dtype(np.uint64)),
    "bitcast": Kernel(1, _bits, out=False, dtype=lambda x, old, new: new),
}


class Index:
    """An index tuple that can be hashed on every Python (slices cannot before 3.12)."""
    __slots__ = ("key", "value")

    def __init__(self, value: tuple[Any, ...]):
        self.value = value
        self.key = tuple(("slice", i.start, i.stop, i.step) if isinstance(i, slice) else "..." if i is Ellipsis else i for i in value)

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Index) and other.key == self.key

    def __repr__(self) -> str:
        return repr(self.value)


def hashable(value: Any) -> Any:
    """A parameter as plan nodes keep it: shapes are tuples of int."""
    if isinstance(value, tuple) and any(part is None or part is Ellipsis or isinstance(part, slice) for part in value):
        return Index(value)
    if hasattr(value, "_fields") or isinstance(value, (str, bool, int, float, np.dtype)) or value is None:
        return value
    return tuple(int(n) for n in value) if not isinstance(value, np.integer) else int(value)


# All that a node of a plan can be, beside its inputs.
PRIMITIVES = (ELEMENTWISE | REDUCTIONS | VIEWS | HOLDERS | KERNELS.keys()
              | {"call", "item", "copy", "matmul", "einsum", "concatenate", "take", "check", "stream"})
