"""Depthwise convolution: each channel with its own filters. x [N, H, W, C], filters [kh, kw, C, M], result [N, H', W', C M].

With one input channel per product there is nothing for a matrix product to do. einsum's inner loop, which multiplies and adds in one
pass over memory, gets rows of whole pixels: a filter's tap is laid out once for all pixels of a row, and a stride along the rows is
taken care of by sorting pixels (`sliding`). float16 and bfloat16 are computed in float32.

The gradient by the input is again such a convolution, as in `conv`.
"""
from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from . import parallel
from .conv import grids
from .patches import accumulator
from .sliding import Job, copy_pixels, each_job, jobs, sorted_pixels
from .windows import Window


def depthwise_conv(x: np.ndarray, filters: np.ndarray, win: Window, out: np.ndarray | None = None) -> np.ndarray:
    """out[n, h, w, c M + m] = sum over taps of x[n, ., ., c] filters[tap, c, m]."""
    channels, many = filters.shape[-2:]
    if out is None:
        out = np.empty((x.shape[0], *win.outputs(x.shape[1:-1]), channels * many), x.dtype)
    for m in range(many):
        _correlate([x], [filters[..., m]], win, out[..., m::many])
    return out


def depthwise_input_gradient(filters: np.ndarray, dy: np.ndarray, input_shape: tuple[int, ...], win: Window,
                             out: np.ndarray | None = None) -> np.ndarray:
    """Gradient by x of sum(depthwise_conv(x, filters) * dy)."""
    many = filters.shape[-1]
    input_shape = tuple(int(n) for n in input_shape)
    dx = np.empty(input_shape, dy.dtype) if out is None else out
    if not dy.size or any(s > 1 for s in win.strides):
        dx[...] = 0
    if dy.size and dx.size:
        flipped = filters[::-1, ::-1]
        planes = [dy] if many == 1 else [np.ascontiguousarray(dy[..., m::many]) for m in range(many)]
        for taps, part, place in grids(win, input_shape[1:-1], dy.shape[1:-1]):
            _correlate(planes, [flipped[taps][..., m] for m in range(many)], part, dx[(slice(None), *place)])
    return dx


def depthwise_filter_gradient(x: np.ndarray, dy: np.ndarray, filter_shape: tuple[int, ...], win: Window) -> np.ndarray:
    """Gradient by filters of sum(depthwise_conv(x, filters) * dy)."""
    kh, kw, channels, many = (int(n) for n in filter_shape)
    dtype, width = accumulator(x.dtype), dy.shape[2]
    shape = many, kh, kw, width * channels
    work = cuts(x, win, dtype) if x.size and dy.size else []

    def task(piece: range) -> np.ndarray:
        total = np.zeros(shape, dtype)
        for outputs, inputs, part in work[piece.start:piece.stop]:
            source, grad = padded(np.asarray(x[inputs], dtype), part, width), dy[outputs]
            for m in range(many):
                plane = np.ascontiguousarray(grad[..., m::many], dtype).reshape(*grad.shape[:2], -1)
                for a, b in np.ndindex(kh, kw):
                    total[m, a, b] += np.einsum("nhx,nhx->x", seen(source, part, [b], plane.shape)[a, 0], plane)
        return total

    sums = sum(parallel.run(task, parallel.parts(len(work), dy.size * kh * kw)), start=np.zeros(shape, dtype))
    return sums.reshape(many, kh, kw, width, channels).sum(3).transpose(1, 2, 3, 0).astype(dy.dtype)


def _correlate(planes: list[np.ndarray], filters: list[np.ndarray], win: Window, out: np.ndarray) -> None:
    """out[n, h, w, c] = sum over planes and taps of plane[n, ., ., c] filter[tap, c]; out may be any strided view."""
    if not out.size or not all(win.size):
        out[...] = 0
        return
    dtype, (kw, stride, dilation) = accumulator(out.dtype), (win.size[1], win.strides[1], win.dilations[1])
    width, channels = out.shape[2:]
    residues = [[b for b in range(kw) if b * dilation % stride == r] for r in range(stride)]
    rows = [[np.tile(np.asarray(f[:, bs], dtype), width) for bs in residues if bs] for f in filters]

    def work(job: Job) -> None:
        target = out[job.outputs]
        shape = *target.shape[:2], width * channels
        total = target if target.flags.c_contiguous and target.dtype == dtype else np.empty(target.shape, dtype)
        first = True
        for plane, tables in zip(planes, rows):
            source = padded(np.asarray(plane[job.inputs], dtype), job.win, width)
            for bs, table in zip(filter(None, residues), tables):
                into = total.reshape(shape) if first else np.empty(shape, dtype)
                np.einsum("abnhx,abx->nhx", seen(source, job.win, bs, shape), table, out=into)
                if not first:
                    np.add(total.reshape(shape), into, out=total.reshape(shape))
                first = False
        if total is not target:
            copy_pixels(target, total)

    each_job([[job] for job in cuts(planes[0], win, dtype)], out.size * len(planes) * win.size[0] * kw, work)


def cuts(x: np.ndarray, win: Window, dtype: np.dtype) -> list[Job]:
    return [job for group in jobs(x.shape, win, dtype.itemsize) for job in group]


def padded(x: np.ndarray, win: Window, width: int, fill: Any = 0) -> np.ndarray:
    """x with its pads, its pixels sorted for the stride along the rows: [residues, images, rows, places, C]."""
    (lo, hi), reach, stride = win.pads[0], (win.size[1] - 1) * win.dilations[1] + 1, win.strides[1]
    rows = x[:, max(0, -lo):x.shape[1] - max(0, -hi)]
    height = max(0, lo) + rows.shape[1] + max(0, hi)
    found = np.empty((min(stride, reach), len(x), height, (reach - 1) // stride + width, x.shape[-1]), x.dtype)
    top, below = max(0, lo), max(0, lo) + rows.shape[1]
    found[:, :, :top] = fill
    found[:, :, below:] = fill
    sorted_pixels(rows, width, reach, stride, win.pads[1][0], fill, found[:, :, top:below])
    return found


def seen(source: np.ndarray, win: Window, columns: list[int], shape: tuple[int, ...]) -> np.ndarray:
    """[kh, columns, images, rows, outputs C]: what the taps of some columns of the filter, of one residue, see; a view."""
    (_, image, row, pixel, element), (down, right) = source.strides, win.dilations
    places = [b * right for b in columns]
    first = source[places[0] % win.strides[1], :, :, places[0] // win.strides[1]:]
    step = (places[1] - places[0]) // win.strides[1] if len(places) > 1 else 0
    return as_strided(first, (win.size[0], len(places), *shape), (row * down, pixel * step, image, row * win.strides[0], element))
