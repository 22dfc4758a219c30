"""The gradient of a convolution by its input where spreading suits (kernels.spread): a product, whose parts are added where they belong."""
from __future__ import annotations

import math
from typing import Any

from ....kernels import spread
from ....kernels.windows import Window
from ....plan.node import Node
from . import blas
from .geometry import Image
from .loops import Work
from .products import Product
from .specify import Reach, arranged
from .walk import packed, sliced, sliced_shape

_MOST_STEPS = 64
_MOST_BYTES = 1 << 26      # of the product


def suits(filters: tuple[int, ...], dy: Image, dx: Image, win: Window, itemsize: int) -> bool:
    """Whether to do it this way, with filters of two axes."""
    return blas.found() is not None and spread.suits(filters, dy.shape, dx.shape, win) and \
        math.prod(dy.shape[:3]) * math.prod(filters[:3]) * itemsize <= _MOST_BYTES and len(_places(dy, dx, win)) <= _MOST_STEPS


def _places(dy: Image, dx: Image, win: Window) -> list[spread.Places]:
    return list(spread.places(win, ((0, dy.shape[1]), (0, dy.shape[2])), dx.shape[1:3]))


def input_gradient(table: Any, node: Node, filters: tuple[Any, int], sizes: tuple[int, int, int, int], dy: Image, dx: Image,
                   win: Window) -> None:
    """The steps; `filters` lie row by row."""
    kh, kw, channels, count = sizes
    rows, columns = math.prod(dy.shape[:3]), kh * kw * channels
    key = table.scratch("products", rows * columns * node.dtype.itemsize)
    table.multiply(Product((False, True), rows, columns, count, (count, count, columns), 1, (0, 0, 0)), node.dtype, (dy.base, dy.offset),
                   filters, (key, 0))
    table.fill(Reach(node, node.dtype, 0, packed(node.shape)), "sum")
    made = (*dy.shape[:3], kh, kw, channels)
    for outputs, taps, inputs in _places(dy, dx, win):
        place = (slice(None), *inputs)
        shape = sliced_shape(dx.shape, place)
        offset, strides = sliced(dx.shape, packed(dx.shape), place)
        into = Reach(node, node.dtype, offset, strides)
        start, found = _of_axes(made, outputs, taps)
        add = Work("add", (node.dtype.str,) * 3, (0, 1))
        table.loop(arranged(shape, [into, Reach(key, node.dtype, start, found)], [add], [(2, into)], []))


def _of_axes(made: tuple[int, ...], outputs: tuple[Any, ...], taps: tuple[Any, ...]) -> tuple[int, tuple[int, ...]]:
    """(offset, strides along the input's axes) of what belongs together in the product [n, h, w, kh, kw, c]."""
    steps = packed(made)
    offset, strides = 0, [steps[0]]
    for axis in range(2):
        output, tap = outputs[axis], taps[axis]
        by_output, by_tap = steps[1 + axis], steps[3 + axis]
        if isinstance(output, slice):
            offset += output.start * by_output + int(tap) * by_tap
            strides.append(by_output)
        else:
            offset += int(output) * by_output + tap.start * by_tap
            strides.append(by_tap)
    return offset, (*strides, steps[5])

