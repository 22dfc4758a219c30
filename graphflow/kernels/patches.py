"""Patches of a convolution's input (im2col), gathered for one block of outputs at a time.

A block has about 1 MB, as much as a second-level cache, so memory stays bounded whatever the image.
"""
from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from . import parallel, workspace
from .windows import Box, Window, boxes

BLOCK_BYTES = 1 << 20
PADDED_BYTES = 8 << 20    # up to this size the input is padded at once, else block by block
LEAST_ROWS = 256          # so that products stay efficient where one patch is long
SHORT_RUN = 12            # contiguous elements per copy below which patches are gathered tap by tap


def accumulator(dtype: Any) -> np.dtype:
    """The type sums are made in."""
    dtype = np.dtype(dtype)
    return np.dtype(np.float32) if dtype.itemsize == 2 and dtype.kind not in "iu" else dtype


def padded(x: np.ndarray, win: Window, dtype: np.dtype) -> tuple[np.ndarray, Window]:
    """x in dtype `dtype` with its zeros around it, and the window without pads; both as they are where that takes much memory."""
    sizes = [n + max(lo, 0) + max(hi, 0) for n, (lo, hi) in zip(x.shape[1:-1], win.pads)]
    if x.shape[0] * math.prod(sizes) * x.shape[-1] * dtype.itemsize > PADDED_BYTES:
        return x, win
    target = np.zeros((x.shape[0], *sizes, x.shape[-1]), dtype)
    target[(slice(None), *(slice(max(lo, 0), max(lo, 0) + n) for n, (lo, _) in zip(x.shape[1:-1], win.pads)))] = x
    cropped = target[(slice(None), *(slice(max(-lo, 0), n - max(-hi, 0)) for n, (lo, hi) in zip(sizes, win.pads)))]
    return cropped, win._replace(pads=((0, 0),) * len(win.pads))


class Source:
    """The input of a convolution with the zeros around it, one region at a time."""

    def __init__(self, x: np.ndarray, win: Window) -> None:
        self.dtype = accumulator(x.dtype)
        if any(map(any, win.pads)) or x.dtype != self.dtype:
            x, win = padded(x, win, self.dtype)
        self.win = win
        self.copies = any(lo > 0 or hi > 0 for lo, hi in win.pads) or x.dtype != self.dtype
        self.x = x if self.copies or x.strides[-1] == x.itemsize else np.ascontiguousarray(x)

    def size(self, blocks: Iterable[Box]) -> int:
        """Elements of memory that the largest region needs."""
        if not self.copies:
            return 0
        return max(box.shape[0] * math.prod(b - a for a, b in self.win.region(box.ranges[1:])) * self.x.shape[-1] for box in blocks)

    def region(self, box: Box, memory: np.ndarray) -> np.ndarray:
        """What the outputs of the box see, [n, *space, C]: a view of the input, or a copy in `memory`."""
        batch, region = slice(*box.ranges[0]), self.win.region(box.ranges[1:])
        if not self.copies:
            return self.x[(batch, *(slice(a, b) for a, b in region))]
        shape = (box.shape[0], *(b - a for a, b in region), self.x.shape[-1])
        return fill_region(memory[:math.prod(shape)].reshape(shape), self.x[batch], region)


def fill_region(target: np.ndarray, x: np.ndarray, region: Sequence[tuple[int, int]]) -> np.ndarray:
    """Copies a region of x's spatial axes, which may reach beyond them, into target, with zeros outside."""
    inside, outside = [], []
    for (a, b), n in zip(region, x.shape[1:-1]):
        lo = min(max(a, 0), n)
        hi = max(lo, min(b, n))
        outside.append(slice(lo, hi))
        inside.append(slice(lo - a, hi - a))
    if any(s.start > 0 or s.stop < size for s, size in zip(inside, target.shape[1:])):
        target[...] = 0
    target[(slice(None), *inside)] = x[(slice(None), *outside)]
    return target


class Patches:
    """Gathers the patches of one block of outputs after another."""

    def __init__(self, x: np.ndarray, filter_shape: Sequence[int], win: Window, positions: Sequence[int],
                 scratch: workspace.Workspace | None) -> None:
        self.source, self.scratch = Source(x, win), scratch or workspace.shared
        self.win, self.dtype = self.source.win, self.source.dtype
        self.channels = filter_shape[-2]
        self.groups = x.shape[-1] // self.channels
        self.length = math.prod(win.size) * self.channels
        run = self.channels * (win.size[-1] if win.dilations[-1] == 1 and self.groups == 1 else 1)
        self.columns = run < SHORT_RUN
        patch = self.length * self.groups * self.dtype.itemsize
        total = math.prod(positions)
        most = max(BLOCK_BYTES // patch, LEAST_ROWS)
        if total * self.length * filter_shape[-1] >= parallel.WORTH * 30:
            blocks = -(-total // most)
            most = -(-total // (blocks + -blocks % parallel.THREADS))                # as many for each thread
        self.boxes = boxes(positions, most)
        self.work = total * self.length * max(self.groups, filter_shape[-1] // 30)
        self.rows = max(box.size for box in self.boxes)

    def buffers(self) -> Any:
        """One thread's scratch: a region of the input, and the patches of a box."""
        sizes = self.source.size(self.boxes), self.rows * self.length * self.groups
        return self.scratch.borrow_all(sizes, self.dtype)

    def by_group(self, filters: np.ndarray) -> np.ndarray:
        """[*size, C / groups, F] -> [groups, length, F / groups]."""
        return filters.reshape(self.length, self.groups, -1).swapaxes(0, 1)

    def gather(self, box: Box, memory: np.ndarray, patches: np.ndarray) -> np.ndarray:
        """[groups, positions, length], made in `patches`."""
        source = self.source.region(box, memory)
        strides = source.strides
        move = (strides[0], *(st * s for st, s in zip(strides[1:], self.win.strides)))
        inside = (*(st * d for st, d in zip(strides[1:], self.win.dilations)), strides[-1])
        group = (self.channels * strides[-1],)
        kernel = (*self.win.size, self.channels)
        target = patches[:box.size * self.length * self.groups]
        if self.columns:
            view = as_strided(source, (self.groups, *kernel, *box.shape), group + inside + move)
        else:
            view = as_strided(source, (self.groups, *box.shape, *kernel), group + move + inside)
        np.copyto(target.reshape(view.shape), view)
        if self.columns:
            return target.reshape(self.groups, self.length, box.size).swapaxes(1, 2)
        return target.reshape(self.groups, box.size, self.length)
