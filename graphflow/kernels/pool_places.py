"""Where the maxima of max pools lie, and the gradients, which flow to these places and from them.

The gradient goes to the first largest element of a window in row-major order, as in TensorFlow. It is found axis by axis, the last
axis first: each tap that is greater than all before it leaves its number. So k + k taps are compared, not k k, and the numbers are
bytes, many of which numpy compares at once. Then one indexed sum is the gradient.
"""
from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from .patches import accumulator
from .pool import lowest, max_pool
from .sliding import Job, axis_taps, each_job, jobs, last_taps, sorted_pixels
from .windows import Window, tap_slices, taps

Slices = tuple[slice, ...]
_MANY = 4       # taps from which on windows that lie side by side are compared all at once


def _numbers(x: np.ndarray, y: np.ndarray | None, win: Window) -> np.ndarray | None:
    """The number, in row-major order, of the tap of each window of x that sees the first largest element.

    None where that is not sure: a window holds NaN or nothing but the least number, or y is given and is not the maximum.
    """
    outputs, axes, start = win.outputs(x.shape[1:-1]), len(win.size), lowest(x.dtype)
    kind = np.dtype(next(t for t in (np.uint8, np.uint16, np.uint32) if math.prod(win.size) <= np.iinfo(t).max))
    inside, sizes = [slice(None)], [x.shape[0]]         # after the last axis: the array with the other axes' pads, and x in it
    for axis in range(axes - 1):
        lo = win.pads[axis][0]
        sizes.append((outputs[axis] - 1) * win.strides[axis] + win.size[axis])
        inside.append(slice(lo, max(lo, min(sizes[-1], lo + x.shape[1 + axis]))))
    shape = (*sizes, outputs[-1], x.shape[-1])
    best, number = np.empty(shape, x.dtype), np.empty(shape, kind)
    for axis, place in enumerate(inside[1:], 1):
        for edge in (slice(0, place.start), slice(place.stop, None)):
            best[(slice(None),) * axis + (edge,)] = start
            number[(slice(None),) * axis + (edge,)] = 0
    part = x[(slice(None), *(slice(0, place.stop - place.start) for place in inside[1:]))]
    k, s = win.size[-1], win.strides[-1]
    if s >= k >= _MANY:
        _first_of_all(sorted_pixels(part, outputs[-1], k, s, win.pads[-1][0], start), None, 1, best[tuple(inside)], number[tuple(inside)])
    else:
        _first(last_taps(part, win, start), None, 1, best[tuple(inside)], number[tuple(inside)])
    weight = k
    for axis in range(axes - 1, 0, -1):
        m, k, s = outputs[axis - 1], win.size[axis - 1], win.strides[axis - 1]
        if k > 1 or s > 1:
            shape = (*best.shape[:axis], m, *best.shape[axis + 1:])
            found, names = np.empty(shape, x.dtype), np.empty(shape, kind)
            if s == k >= _MANY:
                apart = (*best.shape[:axis], m, k, *best.shape[axis + 1:])
                seen, numbers = (np.moveaxis(each.reshape(apart), axis + 1, 0) for each in (best, number))
                _first_of_all(seen, numbers, weight, found, names)
            else:
                _first(axis_taps(best, axis, m, k, s), axis_taps(number, axis, m, k, s), weight, found, names)
            best, number, weight = found, names, weight * k
    return number if best.min() > start and (y is None or np.array_equal(best, y)) else None


def _first(seen: list[np.ndarray], numbers: list[np.ndarray] | None, weight: int, best: np.ndarray, number: np.ndarray) -> None:
    """best: the greatest of what the taps saw. number: of the first tap that saw it, times `weight`, plus its own in `numbers`.

    Those are below `weight`, so that a later tap's number is always the greater one.
    """
    if len(seen) == 1:
        np.copyto(best, seen[0])
        np.copyto(number, 0 if numbers is None else numbers[0])
        return
    kind, flag = number.dtype, np.empty(best.shape, bool)
    name, greater = np.empty(best.shape, kind), flag.view(np.uint8)
    before = seen[0]
    for tap, x in enumerate(seen[1:], 1):
        np.greater(x, before, out=flag)
        before = np.maximum(before, x, out=best)
        if numbers is not None:
            np.add(numbers[tap], kind.type(tap * weight), out=name)
            np.multiply(name, greater, out=name)
            np.maximum(number if tap > 1 else numbers[0], name, out=number)
        elif tap == 1:
            np.copyto(number, greater)
        else:
            np.multiply(greater, kind.type(tap), out=name, dtype=kind)
            np.maximum(number, name, out=number)


def _first_of_all(seen: np.ndarray, numbers: np.ndarray | None, weight: int, best: np.ndarray, number: np.ndarray) -> None:
    """The same for taps along the first axis of arrays, all at once: here a first tap has the greatest number, and is turned round."""
    kind, k = number.dtype, len(seen)
    np.maximum.reduce(seen, 0, out=best)
    names = np.subtract(k * weight, np.arange(k) * weight).astype(kind).reshape(k, *[1] * best.ndim)
    if numbers is not None:
        names = np.subtract(names, numbers)
    flags = np.equal(seen, best)
    names = np.multiply(names, flags.view(np.uint8), out=names if numbers is not None else None, dtype=kind)
    np.subtract(kind.type(k * weight), np.maximum.reduce(names, 0, out=number), out=number)


def _behind(win: Window, space: tuple[int, ...], channels: int) -> np.ndarray:
    """By the number of a tap: how far its element lies behind that of the first tap, in a flat image."""
    strides = [math.prod(space[axis + 1:]) * channels for axis in range(len(space))]
    return sum(np.ix_(*(np.arange(k) * stride for k, stride in zip(win.size, strides))), start=np.int64(0)).reshape(-1)


def _corners(win: Window, shape: tuple[int, ...]) -> np.ndarray:
    """[images, *outputs, C]: where the element of each window's first tap lies, or would lie, in a flat array of this shape."""
    images, *space, channels = shape
    starts = [np.arange(m) * s - lo for m, s, (lo, _) in zip(win.outputs(space), win.strides, win.pads)]
    ends = [np.arange(images), *starts, np.arange(channels)]
    strides = [math.prod(shape[axis + 1:]) for axis in range(len(shape))]
    total: Any = np.int64(0)
    for part in reversed(np.ix_(*(end * stride for end, stride in zip(ends, strides)))):       # short axes first
        total = total + part
    return total


@lru_cache(maxsize=8)
def _tables(win: Window, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """(_behind, _corners) for inputs of a shape: a training step asks for the same ones again and again, and blocks bound their size."""
    return _behind(win, shape[1:-1], shape[-1]), _corners(win, shape)


def _places(x: np.ndarray, y: np.ndarray | None, win: Window) -> np.ndarray | None:
    """The flat place in x of each maximum, int64 [images, *outputs, C]; None: see `_numbers`."""
    number = _numbers(x, y, win) if all(win.size) else None
    if number is None:
        return None
    behind, corners = _tables(win, x.shape)
    found = np.take(behind, number, mode="clip")
    return np.add(found, corners, out=found)


def max_pool_gradient(x: np.ndarray, y: np.ndarray, dy: np.ndarray, win: Window, out: np.ndarray | None = None) -> np.ndarray:
    """Gradient by x of sum(max_pool(x) * dy), y being max_pool(x); of windows with three axes, whatever x is compared with."""
    dtype = accumulator(dy.dtype)
    result = np.empty(x.shape, dy.dtype) if out is None else out
    dx = result if result.flags.c_contiguous and result.dtype == dtype else np.empty(x.shape, dtype)
    apart = all(s >= k for s, k in zip(win.strides, win.size))

    def work(job: Job) -> None:
        largest, target = y[job.outputs], dx[job.inputs]
        grad = np.ascontiguousarray(dy[job.outputs], dtype)
        if job.outputs[1].start == 0:
            dx[job.inputs[0]] = 0
        found = _places(x[job.inputs], None if len(win.size) == 2 else largest, job.win)
        if found is None:
            def add(here: Slices, source: Slices, chosen: np.ndarray) -> None:
                target[source] += np.where(chosen, grad[here], dtype.type(0))
            _choose(x[job.inputs], largest, job.win, add)
        elif apart:
            target.reshape(-1)[found.reshape(-1)] = grad.reshape(-1)
        else:
            np.add.at(target.reshape(-1), found.reshape(-1), grad.reshape(-1))

    if dy.size:
        each_job(jobs(x.shape, win, x.itemsize), 2 * x.size, work)
    else:
        dx[...] = 0
    if dx is not result:
        result[...] = dx
    return result


def max_pool_gradient_gradient(x: np.ndarray, y: np.ndarray, ddx: np.ndarray, win: Window) -> np.ndarray:
    """ddx at the place of each window's maximum: the gradient of max_pool_gradient by dy. 0 where nothing in a window equals y."""
    result = np.zeros(y.shape, ddx.dtype)

    def work(job: Job) -> None:
        source, target = ddx[job.inputs], result[job.outputs]
        found = _places(x[job.inputs], y[job.outputs], job.win)
        if found is None:
            def pick(here: Slices, place: Slices, chosen: np.ndarray) -> None:
                np.copyto(target[here], source[place], where=chosen)
            _choose(x[job.inputs], y[job.outputs], job.win, pick)
        else:
            target[...] = np.take(source, found, mode="clip")

    if result.size:
        each_job(jobs(x.shape, win, x.itemsize), 2 * x.size, work)
    return result


def max_pool_positions(x: np.ndarray, win: Window, batch_in_index: bool = False) -> np.ndarray:
    """int64: the flat place of each maximum of max_pool(x): ((n H + h) W + w) C + c, without n's part unless batch_in_index."""
    y = max_pool(x, win)
    places = np.arange(math.prod(x.shape[1:])).reshape(1, *x.shape[1:])
    index = max_pool_gradient_gradient(x, y, np.broadcast_to(places, x.shape), win)
    if batch_in_index:
        index += (np.arange(x.shape[0]) * math.prod(x.shape[1:])).reshape(-1, *[1] * (x.ndim - 1))
    return index


def _choose(x: np.ndarray, y: np.ndarray, win: Window, each: Callable[[Slices, Slices, np.ndarray], None]) -> None:
    """Calls each(output slices, input slices, chosen) for every tap; chosen marks where that tap is the first equal to y."""
    taken = np.zeros(y.shape, bool)
    for tap in taps(win):
        out, source = tap_slices(win, tap, x.shape[1:-1], y.shape[1:-1])
        here = (slice(None), *out)
        chosen = x[(slice(None), *source)] == y[here]
        chosen &= ~taken[here]
        taken[here] |= chosen
        each(here, (slice(None), *source), chosen)
