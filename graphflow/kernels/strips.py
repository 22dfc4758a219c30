"""Convolution by strips: windows are gathered along every axis but the first, where they are left to overlap.

A strip holds, row of the input by row, the taps that one column of outputs sees in that row. The patch of an output is then a run of
successive rows, and the patches of all outputs lie in the strip at a fixed distance: a batched product reads them in place. So an input
is copied once per tap of a row, not once per tap (5 times instead of 25 for a 5x5 filter).

Forward, the batch is the innermost axis, up to 32 images at a time: one product makes one output of all of them, [n, taps C] by
[taps C, F], small enough for BLAS to go without packing (with 36 filters of 5x5x16: 100 GFLOP/s on a core, against 60 for patches).
The filter gradient keeps the images apart: for each row of taps, dy[n] transposed by the rows of strip n. Memory is bounded by blocks.
"""
from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import as_strided

from . import parallel, workspace
from .patches import Source, accumulator, fill_region
from .windows import Box, Window, boxes

FORWARD_BYTES = 2 << 20      # of strips at a time
GRADIENT_BYTES = 512 << 10
TURNED_BYTES = 4 << 20       # up to this size a block of images is turned at once, else column by column
IMAGES = 32                  # at most in one product
LEAST_IMAGES = 24            # fewer are better off with patches, as are many filters, whose products use the processor well anyhow
LEAST_POSITIONS = 128
FILTERS = range(8, 49)
LEAST_LENGTH = 8             # taps of a row times channels
PRODUCT = 1_000_000          # multiplications in a product that BLAS makes without packing


def _plain(x: np.ndarray, filter_shape: Sequence[int]) -> bool:
    return x.shape[-1] == filter_shape[-2] and filter_shape[-1] in FILTERS and accumulator(x.dtype).kind == "f"


def suits(x: np.ndarray, filter_shape: Sequence[int], win: Window) -> bool:
    """Whether `conv` here is the better way."""
    return _plain(x, filter_shape) and win.dilations[0] == 1 and _images(x.shape[0], filter_shape) >= LEAST_IMAGES


def _images(count: int, filter_shape: Sequence[int]) -> int:
    """Images per block: blocks of about equal size."""
    most = min(IMAGES, PRODUCT // math.prod(filter_shape))
    return -(-count // -(-count // most)) if most else 0


def conv(x: np.ndarray, filters: np.ndarray, win: Window, out: np.ndarray, scratch: workspace.Workspace | None = None) -> np.ndarray:
    """Cross-correlation of x [N, *space, C] with filters [*size, C, F] into out [N, *outputs, F], any strided view."""
    dtype, outputs = accumulator(x.dtype), out.shape[1:-1]
    table = np.ascontiguousarray(filters.reshape(-1, filters.shape[-1]).T, dtype)
    step = _images(x.shape[0], filters.shape)
    row = math.prod(win.size[1:]) * x.shape[-1] * step                     # elements of one row of a strip
    whole = Box(((0, 1), *((0, m) for m in outputs)), 0, 0)
    turned = math.prod(b - a for a, b in win.region(whole.ranges[1:])) * x.shape[-1] * step
    cuts = boxes((*outputs[1:], outputs[0]), max(1, FORWARD_BYTES // (row * win.strides[0] * dtype.itemsize)))
    jobs = [(slice(n, min(n + step, x.shape[0])), (box.ranges[-1], *box.ranges[:-1])) for n in range(0, x.shape[0], step) for box in cuts]
    at_once = turned * dtype.itemsize <= TURNED_BYTES
    if not at_once:
        turned = max(math.prod(b - a for a, b in win.region(ranges)) for _, ranges in jobs[:len(cuts)]) * x.shape[-1] * step
    strips = max(math.prod(b - a for a, b in ranges[1:]) * _reach(ranges[0], win) for _, ranges in jobs[:len(cuts)]) * row

    def task(piece: range) -> None:
        with (scratch or workspace.shared).borrow_all((turned, strips), dtype) as (memory, target):
            last = None
            for images, ranges in jobs[piece.start:piece.stop]:
                region = win.region(whole.ranges[1:] if at_once else ranges)
                if (images, region) != last:
                    source, last = _turned(x[images], region, memory), (images, region)
                here = source[tuple(slice(a - c, b - c) for (a, b), (c, _) in zip(win.region(ranges), region))]
                place = out[(images, *(slice(a, b) for a, b in ranges))].transpose(*range(1, out.ndim - 1), 0, out.ndim - 1)
                _product(_patches(here, win, place.shape, target), table.T, place)

    work = math.prod(out.shape) * math.prod(filters.shape[:-1])
    parallel.run(task, parallel.parts(len(jobs), work // 30))
    return out


def _reach(outputs: tuple[int, int], win: Window) -> int:
    """Rows of the input that a range of outputs sees."""
    return (outputs[1] - outputs[0] - 1) * win.strides[0] + (win.size[0] - 1) * win.dilations[0] + 1


def _turned(x: np.ndarray, region: Sequence[tuple[int, int]], memory: np.ndarray) -> np.ndarray:
    """A region of x as [*space, C, n], with the zeros around it."""
    shape = (*(b - a for a, b in region), x.shape[-1], x.shape[0])
    target = memory[:math.prod(shape)].reshape(shape)
    fill_region(target.transpose(target.ndim - 1, *range(target.ndim - 1)), x, region)
    return target


def _patches(source: np.ndarray, win: Window, places: tuple[int, ...], memory: np.ndarray) -> np.ndarray:
    """[*outputs, n, taps C] for source [*space, C, n], as a view of strips [*other outputs, rows, *other taps, C, n]."""
    first, *others = source.strides[:-2]
    outputs, (channels, images) = places[:-2], source.shape[-2:]
    if others or source.strides[0] != channels * source.strides[-2]:
        shape = (*outputs[1:], source.shape[0], *win.size[1:], channels, images)
        strides = (*(st * s for st, s in zip(others, win.strides[1:])), first,
                   *(st * d for st, d in zip(others, win.dilations[1:])), *source.strides[-2:])
        strips = memory[:math.prod(shape)].reshape(shape)
        np.copyto(strips, as_strided(source, shape, strides))
    else:
        strips = source                                                    # one axis: nothing to gather
    *apart, down = strips.strides[:len(outputs)]
    return as_strided(strips, (*outputs, images, math.prod(win.size) * channels),
                      (down * win.strides[0], *apart, strips.strides[-1], strips.strides[-2]))


def _product(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> None:
    if out.dtype == a.dtype:
        np.matmul(a, b, out=out)
    else:
        out[...] = np.matmul(a, b)


def suits_gradient(x: np.ndarray, filter_shape: Sequence[int], win: Window, outputs: Sequence[int]) -> bool:
    """Whether `filter_gradient` here is the better way."""
    return (_plain(x, filter_shape) and win.strides[0] == 1 and math.prod(outputs) >= LEAST_POSITIONS
            and math.prod(filter_shape[1:-1]) >= LEAST_LENGTH)


def filter_gradient(x: np.ndarray, dy: np.ndarray, filter_shape: Sequence[int], win: Window,
                    scratch: workspace.Workspace | None = None) -> np.ndarray:
    """Gradient of sum(conv(x, filters) * dy) by filters, of dtype dy.dtype."""
    source, outputs = Source(x, win), dy.shape[1:-1]
    dtype, win = source.dtype, source.win
    dy = np.ascontiguousarray(dy)
    rows, length = math.prod(outputs[1:]), math.prod(win.size[1:]) * x.shape[-1]
    count = dy.shape[-1]
    most = max(1, GRADIENT_BYTES // (rows * length * dtype.itemsize))
    images = max(1, GRADIENT_BYTES // (win.size[0] * length * count * dtype.itemsize))
    cuts = boxes((x.shape[0], outputs[0]), min(most, images * outputs[0]))
    blocks = [Box((*box.ranges, *((0, m) for m in outputs[1:])), 0, 0) for box in cuts]
    strips = max(box.shape[0] * _reach(box.ranges[1], win) for box in blocks) * rows * length
    sums = (win.size[0], count, length)

    def task(piece: range) -> np.ndarray:
        total = np.zeros(sums, dtype)
        sizes = source.size(blocks), strips, max(box.shape[0] for box in blocks) * math.prod(sums)
        with (scratch or workspace.shared).borrow_all(sizes, dtype) as (memory, target, products):
            for box in blocks[piece.start:piece.stop]:
                a = _rows(source.region(box, memory), win, outputs[1:], target, (box.shape[1]) * rows)
                b = np.asarray(dy[box.slices[:2]], dtype).reshape(box.shape[0], -1, count).swapaxes(1, 2)
                product = products[:box.shape[0] * math.prod(sums)].reshape(win.size[0], box.shape[0], count, length)
                total += np.matmul(b, a, out=product).sum(1)
        return total

    total = sum(parallel.run(task, parallel.parts(len(blocks), math.prod(dy.shape) * win.size[0] * length // 30)))
    return total.swapaxes(1, 2).reshape(filter_shape).astype(dy.dtype, copy=False)


def _rows(source: np.ndarray, win: Window, outputs: Sequence[int], memory: np.ndarray, positions: int) -> np.ndarray:
    """[first taps, n, positions, other taps C] for source [n, *space, C], as a view of strips [n, rows, *outputs, *taps, C]."""
    batch, first, *others, last = source.strides
    shape = (*source.shape[:2], *outputs, *win.size[1:], source.shape[-1])
    strides = (batch, first, *(st * s for st, s in zip(others, win.strides[1:])),
               *(st * d for st, d in zip(others, win.dilations[1:])), last)
    strips = memory[:math.prod(shape)].reshape(shape)
    np.copyto(strips, as_strided(source, shape, strides))
    length = math.prod(shape[2 + len(outputs):])
    return as_strided(strips, (win.size[0], shape[0], positions, length),
                      (strips.strides[1] * win.dilations[0], strips.strides[0], length * strips.itemsize, strips.itemsize))
