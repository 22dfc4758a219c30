"""From convolutions of images to native steps.

The gradient by the input is the convolution of dy with filters turned round, one for each of the grids that a stride parts the input into
(kernels.conv.grids).
"""
from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ....kernels import parallel
from ....kernels.conv import grids
from ....kernels.windows import Window
from ....plan.node import Node
from . import convolve, machine, spreading
from .geometry import MOST_SUMS, Image, blocks, chunks, even, geometry, tail, vectors_at_once
from .specify import Reach, arranged
from .values import kind_of
from .walk import is_packed, packed, walk


def add(table: Any, node: Node) -> None:
    """The steps of a node."""
    win = flat(node.par[-1])
    if node.prim == "conv":
        x, filters = (laid(table, a, i) for i, a in enumerate(node.args))
        _conv(table, image(*x, node.args[0]), filters, _sizes(node.args[1].shape), win, image(node, 0, node), node.dtype)
    elif node.prim == "conv_filter_gradient":
        seen, dy = (image(*laid(table, a, i), a) for i, a in enumerate(node.args))
        _filter_gradient(table, seen, dy, _sizes(node.shape), win, node)
    else:
        _input_gradient(table, node, win)


def flat(win: Window) -> Window:
    """A window over two axes."""
    return win if len(win.size) == 2 else Window((1, *win.size), (1, *win.strides), (1, *win.dilations), ((0, 0), *win.pads))


def _sizes(shape: Sequence[int]) -> tuple[int, int, int, int]:
    """(rows, columns, channels of a group, filters) of filters."""
    return tuple(shape) if len(shape) == 4 else (1, *shape)  # type: ignore[return-value]


def image(base: Any, offset: int, value: Any) -> Image:
    n, *space, c = value.shape
    h, w = space if len(space) == 2 else (1, *space)
    size = value.dtype.itemsize
    return Image(base, offset, (n, h, w, c), h * w * c * size, w * c * size, c * size)


def laid(table: Any, value: Any, number: int) -> tuple[Any, int]:
    """(what owns the memory, offset in bytes) of a value that lies row by row; one that does not is copied."""
    each = walk(value, table.arrangement.owners)
    assert each is not None
    if is_packed(value.shape, each.strides):
        return each.root, each.offset * value.dtype.itemsize
    key = table.scratch(f"argument {number}", value.size * value.dtype.itemsize)
    table.copy(value, Reach(key, value.dtype, 0, packed(value.shape)))
    return key, 0


def _input_gradient(table: Any, node: Node, win: Window) -> None:
    filters, dy = node.args
    source, grad = walk(filters, table.arrangement.owners), image(*laid(table, dy, 1), dy)
    assert source is not None
    rows, columns, each, count = _sizes(filters.shape)
    down, right, by_channel, by_filter = source.strides if len(filters.shape) == 4 else (0, *source.strides)
    dx = image(node, 0, node)
    groups = dx.shape[3] // each
    size = node.dtype.itemsize
    if spreading.suits(_sizes(filters.shape), grad, dx, win, size):
        spreading.input_gradient(table, node, laid(table, filters, 0), _sizes(filters.shape), grad, dx, win)
        return
    if any(s > 1 for s in win.strides):
        table.fill(Reach(node, node.dtype, 0, packed(node.shape)), "sum")
    for taps, part, place in grids(win, dx.shape[1:3], grad.shape[1:3]):
        chosen = [range(*t.indices(k)) for t, k in zip(taps, (rows, columns))]
        shape = (*map(len, chosen), count // groups, groups, each)
        key = table.scratch("filters", math.prod(shape) * size)
        offset = source.offset + (rows - 1 - chosen[0][0]) * down + (columns - 1 - chosen[1][0]) * right
        strides = (-chosen[0].step * down, -chosen[1].step * right, by_filter, by_filter * (count // groups), by_channel)
        turned = Reach(key, node.dtype, 0, packed(shape))
        table.loop(arranged(shape, [Reach(source.root, node.dtype, offset, strides)], [], [(0, turned)], []))
        steps = [s.step or 1 for s in place]
        sizes = [len(range(*s.indices(n))) for s, n in zip(place, dx.shape[1:3])]
        into = Image(node, place[0].start * dx.row + place[1].start * dx.pixel, (dx.shape[0], sizes[0], sizes[1], dx.shape[3]),
                     dx.image, steps[0] * dx.row, steps[1] * dx.pixel)
        _conv(table, grad, (key, 0), (shape[0], shape[1], count // groups, dx.shape[3]), part, into, node.dtype)


def _step(table: Any, text: Any, names: Sequence[str], numbers: dict[str, int], arrays: Sequence[tuple[Any, int]]) -> None:
    """A step whose range is that of chunks."""
    split = numbers["chunks"] > 1
    table.texts[text[0]] = text[1]
    given = [n for base, offset in arrays for n in (table.cell(base), offset)]
    table.step(text[0], [*given, *(numbers[name] for name in names)], numbers["chunks"], split)


def _conv(table: Any, x: Image, filters: tuple[Any, int], sizes: tuple[int, int, int, int], win: Window, y: Image, dtype: Any) -> None:
    registers, lanes = machine.registers(dtype.itemsize)
    kh, kw, each, count = sizes
    groups = x.shape[3] // each
    vectors = -(-(count // groups) // lanes)
    v, rows, across = blocks(vectors, y.shape[2], y.shape[1], registers)
    numbers, copies = geometry(x, y, sizes, win, dtype.itemsize, lanes, v, rows)
    work = math.prod(y.shape) * kh * kw * each
    numbers["chunks"] = chunks(work, numbers["strips"], 4 * parallel.THREADS)
    numbers |= {"down": -(-numbers["rows"] // rows), "across": -(-y.shape[2] // across)}
    masked, shorter = tail(count // groups, numbers["blocks"], lanes, dtype.itemsize)
    shape = convolve.Shape(str(kind_of(dtype)), lanes, v, rows, across, win.strides[1] * x.pixel, masked, copies, shorter)
    strip = table.scratch("strips", numbers["chunks"] * numbers["strip_bytes"] if copies else 8)
    _step(table, text(convolve.conv, shape), convolve.CONV, numbers, [(x.base, x.offset), filters, (y.base, y.offset), (strip, 0)])


def _filter_gradient(table: Any, x: Image, dy: Image, sizes: tuple[int, int, int, int], win: Window, node: Node) -> None:
    dtype = node.dtype
    registers, lanes = machine.registers(dtype.itemsize)
    kh, kw, each, count = sizes
    groups = x.shape[3] // each
    vectors = -(-(count // groups) // lanes)
    v = vectors_at_once(vectors, registers)
    numbers, copies = geometry(x, dy, sizes, win, dtype.itemsize, lanes, v, 1)
    most = (registers - 2 - v) // v
    across = even(numbers["length"], most)
    rows = max(r for r in range(1, kh + 1) if kh % r == 0 and (r == 1 or (r * across <= most and across == numbers["length"])))
    work = math.prod(dy.shape) * kh * kw * each
    size = node.size * dtype.itemsize
    numbers["chunks"] = parts = chunks(work, numbers["strips"], parallel.THREADS * (1 if size > MOST_SUMS else 4))
    numbers |= {"window_blocks": kh // rows, "pieces": -(-numbers["length"] // across), "sums_bytes": size}
    masked, shorter = tail(count // groups, numbers["blocks"], lanes, dtype.itemsize)
    shape = convolve.Shape(str(kind_of(dtype)), lanes, v, rows, across, win.strides[1] * x.pixel, masked, copies, shorter)
    strip = table.scratch("strips", parts * numbers["strip_bytes"] if copies else 8)
    sums = node if parts == 1 else table.scratch("sums", parts * size)
    _step(table, text(convolve.filter_gradient, shape), convolve.GRADIENT, numbers,
          [(x.base, x.offset), (sums, 0), (dy.base, dy.offset), (strip, 0)])
    if parts > 1:
        total = Reach(node, dtype, 0, (0, 1))
        table.loop(arranged((parts, node.size), [Reach(sums, dtype, 0, (node.size, 1))], [], [], [("sum", 0, total)]))


_texts: dict[Any, tuple[str, list[str]]] = {}


def text(function: Any, shape: Any) -> tuple[str, list[str]]:
    """What a function of convolve or slide makes for a shape."""
    key = function, shape
    found = _texts.get(key)
    if found is None:
        found = _texts[key] = function(shape)
        if len(_texts) > 300:
            _texts.pop(next(iter(_texts)))
    return found

