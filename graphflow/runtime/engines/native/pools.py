"""From pools and depthwise convolutions to native steps (slide.py)."""
from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ....kernels import parallel
from ....kernels.windows import Window
from ....plan.node import Node
from . import machine, slide
from .geometry import Image
from .images import flat, image, laid, text
from .specify import Reach, arranged
from .values import kind_of

_WORTH = 1 << 17          # elements looked at from which on work is split over threads


def add(table: Any, node: Node) -> None:
    """The steps of a node."""
    _NODES[node.prim](table, node, flat(node.par[-1]))


def _argument(table: Any, node: Node, i: int) -> Image:
    return image(*laid(table, node.args[i], i), node.args[i])


def _max_pool(table: Any, node: Node, win: Window) -> None:
    _slide(table, slide.max_pool, _argument(table, node, 0), image(node, 0, node), None, win, node.dtype, True)


def _avg_pool(table: Any, node: Node, win: Window) -> None:
    _slide(table, slide.avg_pool, _argument(table, node, 0), image(node, 0, node), None, win, node.dtype, True)


def _max_pool_gradient(table: Any, node: Node, win: Window) -> None:
    x, dy = laid(table, node.args[0], 0), _argument(table, node, 2)
    _slide(table, slide.max_pool_gradient, image(node, 0, node), dy, x, win, node.dtype, False)


def _avg_pool_gradient(table: Any, node: Node, win: Window) -> None:
    _slide(table, slide.avg_pool_gradient, image(node, 0, node), _argument(table, node, 0), None, win, node.dtype, False)


def _depthwise(table: Any, node: Node, win: Window) -> None:
    filters = laid(table, node.args[1], 1)
    _slide(table, slide.depthwise, _argument(table, node, 0), image(node, 0, node), filters, win, node.dtype, True)


def _depthwise_input_gradient(table: Any, node: Node, win: Window) -> None:
    filters = laid(table, node.args[0], 0)
    _slide(table, slide.depthwise_input_gradient, image(node, 0, node), _argument(table, node, 1), filters, win, node.dtype, False)


def _depthwise_filter_gradient(table: Any, node: Node, win: Window) -> None:
    x, dy = (_argument(table, node, i) for i in range(2))
    n, size = x.shape[0], node.size * node.dtype.itemsize
    work = math.prod(dy.shape) * math.prod(win.size)
    chunks = min(n, 4 * parallel.THREADS) if work >= _WORTH and parallel.THREADS > 1 else 1
    sums = node if chunks == 1 else table.scratch("sums", chunks * size)
    _slide(table, slide.depthwise_filter_gradient, x, dy, (sums, 0), win, node.dtype, True, chunks)
    if chunks > 1:
        table.loop(arranged((chunks, node.size), [Reach(sums, node.dtype, 0, (node.size, 1))], [], [],
                            [("sum", 0, Reach(node, node.dtype, 0, (0, 1)))]))


def _slide(table: Any, function: Callable[[slide.Shape], tuple[str, list[str]]], x: Image, y: Image, other: Any, win: Window,
           dtype: np.dtype[Any], by_row: bool, chunks: int = 0) -> None:
    """by_row: whether the range is one of rows of y, else of images; with `chunks`, of these."""
    n, h, w, c = x.shape
    size = dtype.itemsize
    lanes = machine.registers(size)[1]
    while lanes > 2 and c <= lanes // 2:
        lanes //= 2
    shape = slide.Shape(str(kind_of(dtype)), lanes, bool(c % lanes), float(np.finfo(dtype).min))
    numbers = {"height": h, "width": w, "outputs": y.shape[1], "across": y.shape[2], "x_image": x.image, "x_row": x.row, "x_pixel": x.pixel,
               "y_image": y.image, "y_row": y.row, "y_pixel": y.pixel, "vectors": -(-c // lanes), "last": (c - 1) % lanes + 1,
               "filter_row": win.size[1] * c * size, "filter_column": c * size, "chunks": chunks, "images": n,
               "sums_bytes": math.prod(win.size) * c * size}
    for way, axis in (("", 0), ("_across", 1)):
        numbers |= {"stride" + way: win.strides[axis], "dilation" + way: win.dilations[axis], "before" + way: win.pads[axis][0],
                    "window_columns" if way else "window_rows": win.size[axis]}
    made = text(function, shape)
    base, offset = other if other is not None else (x.base, x.offset)
    given = [n for each, at in ((x.base, x.offset), (y.base, y.offset), (base, offset)) for n in (table.cell(each), at)]
    table.texts[made[0]] = made[1]
    split = math.prod(y.shape) * math.prod(win.size) >= _WORTH
    length = chunks or (n * y.shape[1] if by_row else n)
    table.step(made[0], [*given, *(numbers[name] for name in slide.NAMES)], length, split and length > 1)


_NODES = {"max_pool": _max_pool, "avg_pool": _avg_pool, "max_pool_gradient": _max_pool_gradient, "avg_pool_gradient": _avg_pool_gradient,
          "depthwise_conv": _depthwise, "depthwise_input_gradient": _depthwise_input_gradient,
          "depthwise_filter_gradient": _depthwise_filter_gradient}
