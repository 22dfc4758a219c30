"""The gradient of a convolution by its input where the input is larger than the output: each position's products are spread over the
inputs that its window sees.

As a convolution of dy it would multiply once for each input and tap, zeros of the padding included: for a filter as wide as the input (a
text classifier's, over the words' whole vectors) that is input / output times too many. Here it is one product for each output and tap.
"""
from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import numpy as np

from . import parallel
from .patches import accumulator
from .windows import Window, boxes

_BLOCK = 1 << 20       # elements of products made at a time, per thread
_GAIN = 6              # times fewer products than by convolution, from which on the scattered sums pay
_FEW = 8               # channels, with which the interleaved grids of a strided convolution are slow


def suits(filters: tuple[int, ...], dy: tuple[int, ...], dx: tuple[int, ...], win: Window) -> bool:
    """Whether spreading is clearly faster than convolving; one group only."""
    by_input = math.prod(-(-n // s) for n, s in zip(dx[1:-1], win.strides))
    few = dx[-1] < _FEW and max(win.strides) > 1
    return filters[-2] == dx[-1] and by_input >= (1 if few else _GAIN) * math.prod(dy[1:-1])


def input_gradient(filters: np.ndarray, dy: np.ndarray, dx: np.ndarray, win: Window) -> None:
    """Writes the gradient into dx, any strided view."""
    dtype = accumulator(dy.dtype)
    count = dy.shape[-1]
    table = np.ascontiguousarray(np.asarray(filters, dtype).reshape(-1, count).T)
    most = max(1, _BLOCK // table.shape[1])

    def task(piece: range) -> None:
        part = dx[piece.start:piece.stop]
        total = part if part.dtype == dtype else np.zeros(part.shape, dtype)
        total[...] = 0
        for box in boxes((len(piece), *dy.shape[1:-1]), most):
            rows = np.asarray(dy[piece.start:piece.stop][box.slices], dtype).reshape(-1, count)
            products = (rows @ table).reshape(*box.shape, *win.size, filters.shape[-2])
            images = slice(*box.ranges[0])
            # of axes with several outputs these are left by an index, of the others the taps
            several = [b - a > 1 for a, b in box.ranges[1:]]
            left = sorted(range(len(several)), key=several.__getitem__, reverse=True)
            order = (0, *[1 + left.index(i) for i in range(len(left))], 1 + len(left))
            for at, taps, place in places(win, box.ranges[1:], dx.shape[1:-1]):
                total[(images, *place)] += products[(slice(None), *at, *taps)].transpose(order)
        if total is not part:
            part[...] = total

    parallel.run(task, parallel.parts(len(dx), dx.size + dy.size))


Places = tuple[tuple[slice | int, ...], tuple[slice | int, ...], tuple[slice, ...]]


def places(win: Window, ranges: tuple[tuple[int, int], ...], inputs: tuple[int, ...]) -> Iterator[Places]:
    """(outputs of the block, taps, inputs) that belong together; of each axis either one tap for a slice of outputs, or all taps of one."""
    axes = [_axis(*axis) for axis in zip(ranges, inputs, win.size, win.strides, win.dilations, (lo for lo, _ in win.pads))]
    for combined in itertools.product(*axes):
        yield tuple(a for a, _, _ in combined), tuple(t for _, t, _ in combined), tuple(p for _, _, p in combined)


def _axis(outputs: tuple[int, int], n: int, k: int, s: int, d: int, lo: int) -> list[tuple[slice | int, slice | int, slice]]:
    first, stop = outputs
    found: list[tuple[slice | int, slice | int, slice]] = []
    if stop - first == 1:        # input = first s + tap d - lo
        shift = first * s - lo
        a, b = max(0, -(shift // d)), min(k, (n - 1 - shift) // d + 1)
        return [(0, slice(a, b), slice(shift + a * d, shift + (b - 1) * d + 1, d))] if b > a else []
    for tap in range(k):         # input = output s + shift
        shift = tap * d - lo
        a, b = max(first, -(shift // s)), min(stop, (n - 1 - shift) // s + 1)
        if b > a:
            found.append((slice(a - first, b - first), tap, slice(a * s + shift, (b - 1) * s + shift + 1, s)))
    return found
