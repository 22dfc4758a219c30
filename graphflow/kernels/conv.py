"""Convolution and its two gradients, for any number of spatial axes.

Arrays are channels-last: x [N, *space, C], filters [*size, C / groups, F], result [N, *outputs, F]. Where many images and few filters
meet, strips of the input are multiplied in place (`strips`); else patches are gathered and multiplied (im2col, `patches`). Both go by
blocks, so memory stays bounded whatever the image, and blocks are split over threads. float16 and bfloat16 are computed in float32,
integers wrap.

The gradient by the input, where it is not spread (`spread`), is again a convolution, of dy with flipped filters; a stride splits the
input into `stride` interleaved grids, each the convolution of dy with every stride-th tap. Source: Dumoulin and Visin, "A guide to
convolution arithmetic", chapter 4.
"""
from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from . import parallel, spread, strips, workspace
from .patches import Patches, accumulator
from .windows import Window

_FEW = 4         # filters for which BLAS takes three times as long at once as one after the other
_LONG = 64       # elements of a patch, below which that is not so

def conv(x: np.ndarray, filters: np.ndarray, win: Window, out: np.ndarray | None = None,
         scratch: workspace.Workspace | None = None) -> np.ndarray:
    """Cross-correlation of x with filters. The number of groups is C // filters.shape[-2]; `out` may be any strided view."""
    shape = (x.shape[0], *win.outputs(x.shape[1:-1]), filters.shape[-1])
    if out is None:
        out = np.empty(shape, x.dtype)
    win, met = win.trimmed(x.shape[1:-1])
    filters = filters[met]
    if not out.size or not filters.size:
        out[...] = 0
        return out
    dtype = accumulator(x.dtype)
    weights = np.asarray(filters, dtype)
    if win.is_point and x.shape[-1] == filters.shape[-2] and out.dtype == dtype and out.flags.c_contiguous:
        np.matmul(np.asarray(x, dtype).reshape(-1, x.shape[-1]), weights.reshape(-1, shape[-1]), out=out.reshape(-1, shape[-1]))
        return out
    if strips.suits(x, filters.shape, win):
        return strips.conv(x, weights, win, out, scratch)
    job = Patches(x, filters.shape, win, shape[:-1], scratch)
    table = job.by_group(weights)
    flat = out.reshape(-1, shape[-1]) if out.flags.c_contiguous and out.dtype == dtype else None
    few = job.groups == 1 and shape[-1] <= _FEW and job.length >= _LONG
    columns = [np.ascontiguousarray(table[0, :, f]) for f in range(shape[-1])] if few else []

    def task(piece: range) -> None:
        with job.buffers() as (padded, patches):
            for i in piece:
                box = job.boxes[i]
                rows = job.gather(box, padded, patches)
                if few:
                    made = np.stack([np.matmul(rows[0], column) for column in columns], -1)
                    if flat is not None:
                        flat[box.first:box.first + box.size] = made
                    else:
                        out[box.slices] = made.reshape(*box.shape, -1)
                elif flat is not None:
                    target = flat[box.first:box.first + box.size].reshape(box.size, job.groups, -1).swapaxes(0, 1)
                    np.matmul(rows, table, out=target)
                else:
                    out[box.slices] = np.matmul(rows, table).swapaxes(0, 1).reshape(*box.shape, -1)

    parallel.run(task, parallel.parts(len(job.boxes), job.work))
    return out


def conv_filter_gradient(x: np.ndarray, dy: np.ndarray, filter_shape: Sequence[int], win: Window,
                         scratch: workspace.Workspace | None = None) -> np.ndarray:
    """Gradient of sum(conv(x, filters) * dy) by filters, of dtype dy.dtype."""
    filter_shape = tuple(int(n) for n in filter_shape)
    if not x.size or not dy.size:
        return np.zeros(filter_shape, dy.dtype)
    trimmed, met = win.trimmed(x.shape[1:-1])
    if trimmed.size != win.size:
        total = np.zeros(filter_shape, dy.dtype)
        if all(trimmed.size):
            total[met] = conv_filter_gradient(x, dy, (*trimmed.size, *filter_shape[-2:]), trimmed, scratch)
        return total
    if strips.suits_gradient(x, filter_shape, win, dy.shape[1:-1]):
        return strips.filter_gradient(x, dy, filter_shape, win, scratch)
    dtype = accumulator(x.dtype)
    job = Patches(x, filter_shape, win, dy.shape[:-1], scratch)
    rows_of_dy = np.ascontiguousarray(dy).reshape(-1, dy.shape[-1])
    sums = (job.groups, job.length, filter_shape[-1] // job.groups)

    def task(piece: range) -> np.ndarray:
        total, product = np.zeros(sums, dtype), np.empty(sums, dtype)
        with job.buffers() as (padded, patches):
            for i in piece:
                box = job.boxes[i]
                rows = job.gather(box, padded, patches)
                part = np.asarray(rows_of_dy[box.first:box.first + box.size], dtype)
                if job.groups == 1:
                    np.dot(rows[0].T, part, out=product[0])      # matmul keeps the interpreter lock where the product is small
                else:
                    np.matmul(rows.swapaxes(1, 2), part.reshape(box.size, job.groups, -1).swapaxes(0, 1), out=product)
                np.add(total, product, out=total)
        return total

    total = sum(parallel.run(task, parallel.parts(len(job.boxes), job.work)))
    return total.swapaxes(0, 1).reshape(filter_shape).astype(dy.dtype, copy=False)


def conv_input_gradient(filters: np.ndarray, dy: np.ndarray, input_shape: Sequence[int], win: Window, out: np.ndarray | None = None,
                        scratch: workspace.Workspace | None = None) -> np.ndarray:
    """Gradient of sum(conv(x, filters) * dy) by x, whose shape is input_shape: also the transposed convolution of dy."""
    input_shape = tuple(int(n) for n in input_shape)
    groups = max(1, input_shape[-1] // max(1, filters.shape[-2]))
    win, met = win.trimmed(input_shape[1:-1])
    filters = filters[met]
    if dy.size and filters.size and spread.suits(filters.shape, dy.shape, input_shape, win):
        dx = np.empty(input_shape, dy.dtype) if out is None else out
        spread.input_gradient(filters, dy, dx, win)
        return dx
    flipped = _flip(filters, groups)
    dx = np.empty(input_shape, dy.dtype) if out is None else out
    empty = not dx.size or not dy.size or not filters.size
    if empty or any(s != 1 for s in win.strides):
        dx[...] = 0
    if empty:
        return dx
    for taps, part, place in grids(win, input_shape[1:-1], dy.shape[1:-1]):
        conv(dy, flipped[taps], part, out=dx[(slice(None), *place)], scratch=scratch)
    return dx


def grids(win: Window, inputs: Sequence[int], outputs: Sequence[int]) -> Iterator[tuple[tuple[slice, ...], Window, tuple[slice, ...]]]:
    """The input gradient's parts: (taps of the flipped filter, their window over dy, places in the input). Other places get nothing."""
    for residue in np.ndindex(*win.strides):
        plan = [_grid(r, n, m, k, s, d, lo) for r, n, m, k, s, d, (lo, _) in zip(
            residue, inputs, outputs, win.size, win.strides, win.dilations, win.pads)]
        found = [each for each in plan if each is not None]
        if len(found) == len(plan):
            size = tuple(len(range(*taps.indices(k))) for (_, taps, _, _), k in zip(found, win.size))
            part = Window(size, (1,) * len(size), tuple(each[2] for each in found), tuple(each[3] for each in found))
            yield tuple(each[1] for each in found), part, tuple(each[0] for each in found)


def _flip(filters: np.ndarray, groups: int) -> np.ndarray:
    """[*size, C / groups, F] reversed in space, in and out exchanged within each group: [*size, F / groups, C]."""
    *size, each, count = filters.shape
    turned = filters[(slice(None, None, -1),) * len(size)].reshape(*size, each, groups, count // groups)
    axes = len(size)
    return turned.transpose(*range(axes), axes + 2, axes + 1, axes).reshape(*size, count // groups, groups * each)


def _grid(residue: int, n: int, m: int, k: int, s: int, d: int, lo: int) -> tuple[slice, slice, int, tuple[int, int]] | None:
    """One axis of the grid of inputs whose padded index is residue modulo s.

    Input u - lo, u = residue + s q, gets dy[q - c - j e] times tap first + j step for each j. Returns (places in the input, taps of the
    flipped filter, their dilation e, pads of dy), or None if no tap or no input falls on the grid.
    """
    common = math.gcd(s, d)
    first = next((i for i in range(min(k, s // common)) if (i * d - residue) % s == 0), None)
    low = -(-(lo - residue) // s)                        # smallest q with an input at or after 0
    high = (n - 1 + lo - residue) // s
    if first is None or high < low:
        return None
    step, spread = s // common, d // common
    count = (k - 1 - first) // step + 1
    c = (first * d - residue) // s
    last = first + (count - 1) * step
    taps = slice(k - 1 - last, k - first, step)
    before = (count - 1) * spread - (low - c)            # window of q = low starts at dy[low - c - (count - 1) spread]
    after = high - c - (m - 1)
    start = residue + s * low - lo
    return slice(start, start + (high - low) * s + 1, s), taps, spread, (before, after)
