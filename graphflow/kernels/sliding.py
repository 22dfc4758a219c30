"""Windows that slide along one axis after another: how pools combine elements, and how they give gradients back.

numpy's loops are quick where their innermost run is long. Along every axis but the last spatial one rows of whole pixels lie together.
Along the last one they do with stride 1 only; with a longer stride its pixels are first sorted by their place modulo the stride, by
copies of whole pixels, so that what a tap sees lies together again.
"""
from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from . import parallel
from .windows import Window, tap_slices

BLOCK_BYTES = 1 << 20     # of input at a time: what lies between two steps stays in the second-level cache
_WIDE = 256               # elements in a run that make numpy's loop over runs cheap
_PIXEL = 48               # channels from which on strided pixels are combined as they lie, if there are two taps


class Job(NamedTuple):
    """A block of images, or of rows of one: where its outputs and its inputs lie, and the window over these inputs."""
    outputs: tuple[slice, slice]
    inputs: tuple[slice, slice]
    win: Window


def jobs(shape: tuple[int, ...], win: Window, itemsize: int, whole: bool = False) -> list[list[Job]]:
    """Jobs for an input of a shape, [images, *space, C]: only those of one list may share inputs. whole: images are not cut."""
    rows, per, count = shape[1], max(1, math.prod(shape[1:]) * itemsize), math.prod(shape)
    many = max(1, min(BLOCK_BYTES // per, -(-shape[0] // (parallel.THREADS if count >= parallel.WORTH else 1))))
    total, (lo, _) = win.outputs(shape[1:-1])[0], win.pads[0]
    step = total if whole or per <= 2 * BLOCK_BYTES else max(1, total * BLOCK_BYTES // per)
    found = []
    for n in range(0, shape[0], many):
        images, group = slice(n, min(n + many, shape[0])), []
        for a in range(0, total, step):
            b = min(a + step, total)
            first, last = a * win.strides[0] - lo, (b - 1) * win.strides[0] + (win.size[0] - 1) * win.dilations[0] + 1 - lo
            start, stop = (min(max(0, i), rows) for i in (first, last)) if step < total else (0, rows)
            pads = ((start - first, last - stop), *win.pads[1:])
            group.append(Job((images, slice(a, b)), (images, slice(start, stop)), win._replace(pads=pads)))
        found.append(group)
    return found


def each_job(groups: list[list[Job]], size: int, work: Callable[[Job], None]) -> None:
    """work(job) for all, over several threads where `size`, the number of elements, makes it worth while."""
    def task(piece: range) -> None:
        for i in piece:
            for job in groups[i]:
                work(job)

    parallel.run(task, parallel.parts(len(groups), size))


def _pixels(x: np.ndarray) -> np.ndarray:
    """The array with all channels of a pixel as one element, where they lie together: copying these is far quicker."""
    if x.shape[-1] > 1 and x.strides[-1] == x.itemsize and x.dtype.kind != "O":
        return x.view(np.dtype((np.void, x.shape[-1] * x.itemsize)))
    return x


def copy_pixels(target: np.ndarray, source: np.ndarray) -> None:
    """target[...] = source, by whole pixels where both have them in one piece."""
    if target.dtype == source.dtype:
        a, b = _pixels(target), _pixels(source)
        if a.dtype == b.dtype:
            target, source = a, b
    np.copyto(target, source)


def sorted_pixels(x: np.ndarray, m: int, k: int, s: int, lo: int, fill: Any, out: np.ndarray | None = None) -> np.ndarray:
    """[min(s, k), images, *other space, places, C]: of the last spatial axis, pixel i is place q of residue r with i + lo = q s + r.

    There is a place for all that m windows of k pixels see; `fill` stands in the pads.
    """
    n, length = x.shape[-2], (k - 1) // s + m
    found = np.empty((min(s, k), *x.shape[:-2], length, x.shape[-1]), x.dtype) if out is None else out
    if lo == 0 and n == m * s == m * k:
        copy_pixels(np.moveaxis(found, 0, -2), x.reshape(*x.shape[:-2], m, s, x.shape[-1]))
        return found
    for r in range(min(s, k)):
        first = min(length, max(0, -((r - lo) // s)))
        last = max(first, min(length, (n - 1 + lo - r) // s + 1))
        found[r, ..., :first, :] = fill
        found[r, ..., last:, :] = fill
        if last > first:
            start = first * s + r - lo
            copy_pixels(found[r, ..., first:last, :], x[..., start:start + (last - first - 1) * s + 1:s, :])
    return found


def last_taps(x: np.ndarray, win: Window, fill: Any, look: bool = False) -> list[np.ndarray]:
    """What each tap of the last spatial axis sees, [images, *other space, outputs, C] each; `fill` in the pads.

    look: each is looked at once only.
    """
    m, k, s, (lo, _) = win.outputs(x.shape[1:-1])[-1], win.size[-1], win.strides[-1], win.pads[-1]
    if lo == 0 and (m - 1) * s + k <= x.shape[-2]:
        together = s == 1 and (m * x.shape[-1] >= _WIDE or m == x.shape[-2])
        if together or (look and k <= 2 and x.shape[-1] >= _PIXEL):
            return axis_taps(x, x.ndim - 2, m, k, s)
    pixels = sorted_pixels(x, m, k, s, lo, fill)
    return [pixels[t % s][..., t // s:t // s + m, :] for t in range(k)]


def axis_taps(x: np.ndarray, axis: int, m: int, k: int, s: int) -> list[np.ndarray]:
    """What each tap of an axis of an array sees; the pads are in the array."""
    before = (slice(None),) * axis
    return [x[(*before, slice(t, t + (m - 1) * s + 1, s))] for t in range(k)]


def slide(x: np.ndarray, win: Window, ufunc: np.ufunc, fill: Any, out: np.ndarray) -> None:
    """out = ufunc over each window of x, an axis at a time; `fill` stands in the pads and changes nothing."""
    outputs = win.outputs(x.shape[1:-1])
    for axis in range(1, x.ndim - 2):
        if win.size[axis - 1] > 1 or win.strides[axis - 1] > 1:
            target = np.empty((*x.shape[:axis], outputs[axis - 1], *x.shape[axis + 1:]), out.dtype)
            _along(x, axis, win.size[axis - 1], win.strides[axis - 1], win.pads[axis - 1][0], ufunc, fill, target)
            x = target
    if outputs[-1] == 1 and win.size[-1] > 1:
        _along(x, x.ndim - 2, win.size[-1], 1, win.pads[-1][0], ufunc, fill, out)
    else:
        _combine(ufunc, last_taps(x, win, fill, look=True), out)


def _combine(ufunc: np.ufunc, parts: list[np.ndarray], out: np.ndarray) -> None:
    if len(parts) == 1:
        np.copyto(out, parts[0])
        return
    ufunc(parts[0], parts[1], out=out)
    for part in parts[2:]:
        ufunc(out, part, out=out)


def _along(x: np.ndarray, axis: int, k: int, s: int, lo: int, ufunc: np.ufunc, fill: Any, out: np.ndarray) -> None:
    """ufunc over the windows of one axis: out[o] of x[o s - lo], ..., x[o s - lo + k - 1], as far as there are these; of none, `fill`."""
    n, m, before = x.shape[axis], out.shape[axis], (slice(None),) * axis
    if m == 1 and k > 1:
        first, last = max(0, -lo), min(n, k - lo)
        if last > first:
            ufunc.reduce(x[(*before, slice(first, last))], axis, out=out, keepdims=True)
            return
    win = Window((k,), (s,), (1,), ((lo, 0),))
    reach = [tap_slices(win, (t,), (n,), (m,)) for t in range(k)]
    whole = [x[(*before, *source)] for (there,), source in reach if there == slice(0, m)]
    some = [(there, x[(*before, *source)]) for (there,), source in reach if there != slice(0, m) and there.stop > there.start]
    if len(whole) == 1 and some:                # the first two at once; where the second does not reach, the first alone
        there, part = some.pop(0)
        ufunc(whole[0][(*before, there)], part, out=out[(*before, there)])
        for rest in (slice(0, there.start), slice(there.stop, m)):
            out[(*before, rest)] = whole[0][(*before, rest)]
    elif whole:
        _combine(ufunc, whole, out)
    else:
        out[...] = fill
    for there, part in some:
        target = out[(*before, there)]
        ufunc(target, part, out=target)


def spread(dy: np.ndarray, win: Window, out: np.ndarray) -> None:
    """The transpose of `slide` with np.add: each input is the sum over the windows that it lies in."""
    inputs = out.shape[1:-1]
    for axis in range(1, dy.ndim - 1):
        last, k, s, lo = axis == dy.ndim - 2, win.size[axis - 1], win.strides[axis - 1], win.pads[axis - 1][0]
        target = out if last else np.empty((*dy.shape[:axis], inputs[axis - 1], *dy.shape[axis + 1:]), dy.dtype)
        if k == s and lo == 0 and inputs[axis - 1] == s * dy.shape[axis] and target.flags.c_contiguous:
            copy_pixels(target.reshape(*dy.shape[:axis + 1], s, *dy.shape[axis + 1:]), np.expand_dims(dy, axis + 1))
        else:
            for residue in range(s):
                _give_back(dy, axis, k, s, lo, residue, target, last)
        dy = target


def _give_back(dy: np.ndarray, axis: int, k: int, s: int, lo: int, r: int, out: np.ndarray, last: bool) -> None:
    """The inputs i of an axis with i + lo = q s + r: the sum of the windows q, q - 1, ..., q - count + 1."""
    first, count = -((r - lo) // s), len(range(r, k, s))
    part = out[(*(slice(None),) * axis, slice(first * s + r - lo, None, s))]
    if not part.size or not count:
        part[...] = 0
    elif s == 1 or not last:
        _along(dy, axis, count, 1, count - 1 - first, np.add, 0, part)
    else:
        sums = np.empty(part.shape, dy.dtype)
        _along(dy, axis, count, 1, count - 1 - first, np.add, 0, sums)
        copy_pixels(part, sums)
