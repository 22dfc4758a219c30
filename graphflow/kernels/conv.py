"""Convolution and its two gradients, for any number of spatial axes: blocked im2col and a matrix product.

Arrays are channels-last: x [N, *space, C], filters [*size, C / groups, F], result [N, *outputs, F]. Patches are gathered for a block of
outputs that fits in the second-level cache (about 640 KB) and multiplied at once, so memory stays bounded whatever the image; blocks
are split over threads. float16 and bfloat16 are computed in float32, integers wrap.

The gradient by the input is again a convolution, of dy with flipped filters; a stride splits the input into `stride` interleaved
grids, each the convolution of dy with every stride-th tap. Source: Dumoulin and Visin, "A guide to convolution arithmetic", chapter 4.
"""
from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from . import parallel, workspace
from .windows import Box, Window, boxes

BLOCK_BYTES = 640 << 10
PADDED_BYTES = 8 << 20    # up to this size the input is padded at once, else block by block
LEAST_ROWS = 256          # so that products stay efficient where one patch is long
SHORT_RUN = 12            # contiguous elements per copy below which patches are gathered tap by tap


def accumulator(dtype: Any) -> np.dtype:
    """The type sums are made in."""
    dtype = np.dtype(dtype)
    return np.dtype(np.float32) if dtype.itemsize == 2 and dtype.kind not in "iu" else dtype


def conv(x: np.ndarray, filters: np.ndarray, win: Window, out: np.ndarray | None = None,
         scratch: workspace.Workspace | None = None) -> np.ndarray:
    """Cross-correlation of x with filters. The number of groups is C // filters.shape[-2]; `out` may be any strided view."""
    shape = (x.shape[0], *win.outputs(x.shape[1:-1]), filters.shape[-1])
    if out is None:
        out = np.empty(shape, x.dtype)
    if not out.size or not filters.size:
        out[...] = 0
        return out
    kind = accumulator(x.dtype)
    weights = np.asarray(filters, kind)
    if win.is_point and x.shape[-1] == filters.shape[-2] and out.dtype == kind and out.flags.c_contiguous:
        np.matmul(np.asarray(x, kind).reshape(-1, x.shape[-1]), weights.reshape(-1, shape[-1]), out=out.reshape(-1, shape[-1]))
        return out
    if _pays_in_pairs(shape, filters.shape, win, x.shape[-1]) and out.flags.c_contiguous and out.dtype == kind:
        paired = out.reshape(*shape[:-2], shape[-2] // 2, 2 * shape[-1])
        conv(x, *_in_pairs(weights, win), out=paired, scratch=scratch)
        return out
    job = _Patches(x, filters.shape, win, shape[:-1], scratch)
    table = job.by_group(weights)
    flat = out.reshape(-1, shape[-1]) if out.flags.c_contiguous and out.dtype == kind else None

    def task(piece: range) -> None:
        with job.buffers() as (padded, patches):
            for i in piece:
                box = job.boxes[i]
                rows = job.gather(box, padded, patches)
                if flat is not None:
                    target = flat[box.first:box.first + box.size].reshape(box.size, job.groups, -1).swapaxes(0, 1)
                    np.matmul(rows, table, out=target)
                else:
                    out[box.slices] = np.matmul(rows, table).swapaxes(0, 1).reshape(*box.shape, -1)

    parallel.run(task, parallel.parts(len(job.boxes), job.work))
    return out


def _pays_in_pairs(shape: Sequence[int], filter_shape: Sequence[int], win: Window, channels: int) -> bool:
    """Whether two neighbouring outputs at a time are faster: a product with few columns leaves the processor's units idle."""
    return (win.strides[-1] == 1 and win.dilations[-1] == 1 and win.size[-1] >= 5 and shape[-1] <= 48 and shape[-2] % 2 == 0
            and filter_shape[-2] == channels and channels >= 8)


def _in_pairs(filters: np.ndarray, win: Window) -> tuple[np.ndarray, Window]:
    """Filters one tap wider, moved by two, that give two neighbouring outputs: the second half is the first shifted by one tap."""
    *size, channels, count = filters.shape
    wide = np.zeros((*size[:-1], size[-1] + 1, channels, 2 * count), filters.dtype)
    wide[..., :-1, :, :count] = filters
    wide[..., 1:, :, count:] = filters
    return wide, win._replace(size=(*win.size[:-1], win.size[-1] + 1), strides=(*win.strides[:-1], 2))


def conv_filter_gradient(x: np.ndarray, dy: np.ndarray, filter_shape: Sequence[int], win: Window,
                         scratch: workspace.Workspace | None = None) -> np.ndarray:
    """Gradient of sum(conv(x, filters) * dy) by filters, of dtype dy.dtype."""
    filter_shape = tuple(int(n) for n in filter_shape)
    if not x.size or not dy.size:
        return np.zeros(filter_shape, dy.dtype)
    kind = accumulator(x.dtype)
    job = _Patches(x, filter_shape, win, dy.shape[:-1], scratch)
    rows_of_dy = np.ascontiguousarray(dy).reshape(-1, dy.shape[-1])
    sums = (job.groups, job.length, filter_shape[-1] // job.groups)

    def task(piece: range) -> np.ndarray:
        total, product = np.zeros(sums, kind), np.empty(sums, kind)
        with job.buffers() as (padded, patches):
            for i in piece:
                box = job.boxes[i]
                rows = job.gather(box, padded, patches)
                part = np.asarray(rows_of_dy[box.first:box.first + box.size], kind)
                np.matmul(rows.swapaxes(1, 2), part.reshape(box.size, job.groups, -1).swapaxes(0, 1), out=product)
                np.add(total, product, out=total)
        return total

    total = sum(parallel.run(task, parallel.parts(len(job.boxes), job.work)))
    return total.swapaxes(0, 1).reshape(filter_shape).astype(dy.dtype, copy=False)


def conv_input_gradient(filters: np.ndarray, dy: np.ndarray, input_shape: Sequence[int], win: Window,
                        scratch: workspace.Workspace | None = None) -> np.ndarray:
    """Gradient of sum(conv(x, filters) * dy) by x, whose shape is input_shape: also the transposed convolution of dy."""
    input_shape = tuple(int(n) for n in input_shape)
    groups = max(1, input_shape[-1] // max(1, filters.shape[-2]))
    flipped = _flip(filters, groups)
    stride_one = all(s == 1 for s in win.strides)
    dx = np.empty(input_shape, dy.dtype) if stride_one else np.zeros(input_shape, dy.dtype)
    if not dx.size or not dy.size:
        dx[...] = 0
        return dx
    for residue in np.ndindex(*win.strides):
        plan = [_grid(r, n, m, k, s, d, lo) for r, n, m, k, s, d, (lo, _) in zip(
            residue, input_shape[1:-1], dy.shape[1:-1], win.size, win.strides, win.dilations, win.pads)]
        if any(each is None for each in plan):
            continue
        grids = [each for each in plan if each is not None]
        sub = flipped[tuple(grid[1] for grid in grids)]
        part = Window(sub.shape[:len(grids)], (1,) * len(grids), tuple(grid[2] for grid in grids), tuple(grid[3] for grid in grids))
        conv(dy, sub, part, out=dx[(slice(None), *(grid[0] for grid in grids))], scratch=scratch)
    return dx


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


def _padded(x: np.ndarray, win: Window, kind: np.dtype) -> tuple[np.ndarray, Window]:
    """x in dtype `kind` with its zeros around it, and the window without pads; both as they are where that takes much memory."""
    sizes = [n + max(lo, 0) + max(hi, 0) for n, (lo, hi) in zip(x.shape[1:-1], win.pads)]
    if x.shape[0] * math.prod(sizes) * x.shape[-1] * kind.itemsize > PADDED_BYTES:
        return x, win
    target = np.zeros((x.shape[0], *sizes, x.shape[-1]), kind)
    target[(slice(None), *(slice(max(lo, 0), max(lo, 0) + n) for n, (lo, _) in zip(x.shape[1:-1], win.pads)))] = x
    cropped = target[(slice(None), *(slice(max(-lo, 0), n - max(-hi, 0)) for n, (lo, hi) in zip(sizes, win.pads)))]
    return cropped, win._replace(pads=((0, 0),) * len(win.pads))


class _Patches:
    """Gathers the patches of one block of outputs after another."""

    def __init__(self, x: np.ndarray, filter_shape: Sequence[int], win: Window, positions: Sequence[int],
                 scratch: workspace.Workspace | None) -> None:
        self.scratch, self.kind = scratch or workspace.shared, accumulator(x.dtype)
        if any(map(any, win.pads)) or x.dtype != self.kind:
            x, win = _padded(x, win, self.kind)
        self.win = win
        self.channels = filter_shape[-2]
        self.groups = x.shape[-1] // self.channels
        self.length = math.prod(win.size) * self.channels
        copy_needed = any(lo > 0 or hi > 0 for lo, hi in win.pads) or x.dtype != self.kind
        self.x = x if copy_needed or x.strides[-1] == x.itemsize else np.ascontiguousarray(x)
        self.copies = copy_needed
        run = self.channels * (win.size[-1] if win.dilations[-1] == 1 and self.groups == 1 else 1)
        self.columns = run < SHORT_RUN
        patch = self.length * self.groups * self.kind.itemsize
        total = math.prod(positions)
        most = max(BLOCK_BYTES // patch, LEAST_ROWS)
        if total * self.length * filter_shape[-1] >= parallel.WORTH * 30:
            most = min(most, max(1, total // parallel.THREADS))
        self.boxes = boxes(positions, most)
        self.work = total * self.length * max(self.groups, filter_shape[-1] // 30)
        self.rows = max(box.size for box in self.boxes)

    def buffers(self) -> Any:
        return _Buffers(self)

    def by_group(self, filters: np.ndarray) -> np.ndarray:
        """[*size, C / groups, F] -> [groups, length, F / groups]."""
        return filters.reshape(self.length, self.groups, -1).swapaxes(0, 1)

    def region(self, box: Box) -> list[tuple[int, int]]:
        """Range of each spatial axis of x, pads included, that the box sees."""
        return [(a * s - lo, (b - 1) * s + (k - 1) * d + 1 - lo)
                for (a, b), k, s, d, (lo, _) in zip(box.ranges[1:], *self.win)]

    def gather(self, box: Box, padded: np.ndarray, patches: np.ndarray) -> np.ndarray:
        """[groups, positions, length], made in `patches`."""
        source = self._source(box, padded)
        strides, axes = source.strides, len(self.win.size)
        move = (strides[0], *(st * s for st, s in zip(strides[1:], self.win.strides)))
        inside = (*(st * d for st, d in zip(strides[1:], self.win.dilations)), strides[-1])
        group = (self.channels * strides[-1],)
        kernel = (*self.win.size, self.channels)
        target = patches[:box.size * self.length * self.groups]
        if self.columns:
            view = as_strided(source, (self.groups, *kernel, *box.shape), group + inside + move)
        else:
            view = as_strided(source, (self.groups, *box.shape, *kernel), group + move + inside)
        assert axes + 1 == len(box.shape)
        np.copyto(target.reshape(view.shape), view)
        if self.columns:
            return target.reshape(self.groups, self.length, box.size).swapaxes(1, 2)
        return target.reshape(self.groups, box.size, self.length)

    def _source(self, box: Box, padded: np.ndarray) -> np.ndarray:
        batch = slice(*box.ranges[0])
        region = self.region(box)
        if not self.copies:
            return self.x[(batch, *(slice(a, b) for a, b in region))]
        shape = (box.shape[0], *(b - a for a, b in region), self.x.shape[-1])
        target = padded[:math.prod(shape)].reshape(shape)
        inside, outside = [], []
        for (a, b), n in zip(region, self.x.shape[1:-1]):
            lo, hi = min(max(a, 0), n), max(min(b, n), 0)
            outside.append(slice(lo, max(lo, hi)))
            inside.append(slice(lo - a, max(lo, hi) - a))
        target[...] = 0
        target[(slice(None), *inside)] = self.x[(batch, *outside)]
        return target


class _Buffers:
    """Borrows one thread's scratch: the padded input region of a box, and its patches."""

    def __init__(self, job: _Patches) -> None:
        largest = 0
        if job.copies:
            for box in {box.shape: box for box in job.boxes}.values():
                largest = max(largest, box.shape[0] * math.prod(b - a for a, b in job.region(box)) * job.x.shape[-1])
        self.padded = job.scratch.borrow((largest,), job.kind)
        self.patches = job.scratch.borrow((job.rows * job.length * job.groups,), job.kind)

    def __enter__(self) -> tuple[np.ndarray, np.ndarray]:
        return self.padded.__enter__(), self.patches.__enter__()

    def __exit__(self, *error: Any) -> None:
        self.patches.__exit__(*error)
        self.padded.__exit__(*error)
