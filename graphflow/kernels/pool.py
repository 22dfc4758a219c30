"""Max and average pooling with their gradients, for any number of spatial axes; arrays are channels-last, [N, *space, C].

The maximum of a window is found axis by axis. The gradient goes to the first largest element of a window in row-major order, as in
TensorFlow. Where windows do not overlap and cover the input, the taps of a block are compared plane by plane and dy is kept or
cleared by masks of bits.
"""
from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from . import parallel, workspace
from .nans import has_nan
from .patches import accumulator
from .windows import Window, tap_slices, taps

BLOCK_BYTES = 4 << 20     # threads that make many short numpy calls spend their time handing the interpreter lock over


def _blocks(shape: tuple[int, ...], itemsize: int) -> list[slice]:
    """Slices of the batch, of bounded size."""
    per = max(1, math.prod(shape[1:]) * itemsize)
    step = max(1, min(BLOCK_BYTES // per, -(-shape[0] // parallel.THREADS)))
    return [slice(a, min(a + step, shape[0])) for a in range(0, shape[0], step)]


def _each_block(shape: tuple[int, ...], itemsize: int, work: Callable[[slice], None]) -> None:
    blocks = _blocks(shape, itemsize)

    def task(piece: range) -> None:
        for i in piece:
            work(blocks[i])

    parallel.run(task, parallel.parts(len(blocks), math.prod(shape)))


def _lowest(dtype: np.dtype) -> Any:
    return np.iinfo(dtype).min if dtype.kind in "iu" else np.asarray(-np.inf, dtype)[()]


def _least(dtype: np.dtype) -> Any:
    """The least finite number of a floating dtype."""
    if dtype.kind == "f":
        return np.finfo(dtype).min
    from ml_dtypes import finfo  # at first use: saves 5 ms; bfloat16 only
    return finfo(dtype).min


def _slide(x: np.ndarray, axis: int, win: Window, outputs: int, ufunc: Any, start: Any, out: np.ndarray | None = None) -> np.ndarray:
    """ufunc over the window along one axis (1 + axis of the array)."""
    one = Window((win.size[axis],), (win.strides[axis],), (1,), (win.pads[axis],))
    before = (slice(None),) * (axis + 1)
    result = np.empty((*x.shape[:axis + 1], outputs, *x.shape[axis + 2:]), x.dtype) if out is None else out
    whole = [(*before, source) for tap in range(one.size[0])
             for (place,), (source,) in [tap_slices(one, (tap,), (x.shape[axis + 1],), (outputs,))] if place == slice(0, outputs)]
    if len(whole) == one.size[0] >= 2:                                      # no tap reaches into the pads
        ufunc(x[whole[0]], x[whole[1]], out=result)
        for each in whole[2:]:
            ufunc(result, x[each], out=result)
        return result
    result[...] = start
    for tap in range(one.size[0]):
        (place,), (source,) = tap_slices(one, (tap,), (x.shape[axis + 1],), (outputs,))
        target = result[(*before, place)]
        ufunc(target, x[(*before, source)], out=target)
    return result


def max_pool(x: np.ndarray, win: Window, out: np.ndarray | None = None) -> np.ndarray:
    """Largest element of each window; padding never wins, NaN neither: of a window of nothing else comes the least number."""
    outputs = win.outputs(x.shape[1:-1])
    result = np.empty((x.shape[0], *outputs, x.shape[-1]), x.dtype) if out is None else out
    start = _lowest(x.dtype)

    def work(block: slice) -> None:
        slide(block, np.maximum)
        if has_nan(result[block]):
            slide(block, np.fmax)
            part = result[block]
            np.copyto(part, _least(x.dtype), where=np.isnan(part))

    def slide(block: slice, ufunc: Any) -> None:
        part = x[block]
        for axis in range(len(outputs)):
            part = _slide(part, axis, win, outputs[axis], ufunc, start, result[block] if axis == len(outputs) - 1 else None)

    if result.size:
        _each_block(x.shape, x.itemsize, work)
    return result


def _tiles(x: np.ndarray, win: Window) -> bool:
    """Windows lie side by side and cover the input exactly."""
    return win.size == win.strides and not any(map(any, win.pads)) and all(n % k == 0 for n, k in zip(x.shape[1:-1], win.size))


def _planes(x: np.ndarray, win: Window) -> np.ndarray:
    """x, tiled by windows, as a view [taps..., N, *outputs, C]."""
    axes = len(win.size)
    split: list[int] = []
    for n, k in zip(x.shape[1:-1], win.size):
        split += [n // k, k]
    view = x.reshape(x.shape[0], *split, x.shape[-1])
    return view.transpose(*range(2, 2 * axes + 1, 2), 0, *range(1, 2 * axes, 2), 2 * axes + 1)


Slices = tuple[slice, ...]


def _choose(x: np.ndarray, y: np.ndarray, win: Window, each: Callable[[Slices, Slices, np.ndarray], None]) -> None:
    """Calls each(output slices, input slices, chosen) for every tap; chosen marks where that tap is the first largest."""
    taken = np.zeros(y.shape, bool)
    for tap in taps(win):
        out, source = tap_slices(win, tap, x.shape[1:-1], y.shape[1:-1])
        here = (slice(None), *out)
        chosen = x[(slice(None), *source)] == y[here]
        chosen &= ~taken[here]
        taken[here] |= chosen
        each(here, (slice(None), *source), chosen)


def max_pool_gradient(x: np.ndarray, y: np.ndarray, dy: np.ndarray, win: Window, out: np.ndarray | None = None) -> np.ndarray:
    """Gradient by x of sum(max_pool(x) * dy), y being max_pool(x)."""
    dx = np.empty(x.shape, dy.dtype) if out is None else out
    bits, pixel = np.dtype(f"i{dy.dtype.itemsize}"), np.dtype((np.void, dy.dtype.itemsize * x.shape[-1]))

    def tiled(block: slice) -> None:
        """Tap by tap in planes of their own: moving whole pixels there and back is cheaper than short strided loops."""
        largest, grad = np.ascontiguousarray(y[block]), np.ascontiguousarray(dy[block]).view(bits)
        borrow, shape = workspace.shared.borrow, largest.shape
        with borrow((*win.size, *shape), x.dtype) as planes, borrow((2, *shape), bool) as (chosen, free), borrow(shape, bits) as mask:
            np.copyto(planes.view(pixel), _planes(x[block].view(pixel), win))
            free[...] = True
            for tap in taps(win):
                np.equal(planes[tap], largest, out=chosen)
                np.logical_and(chosen, free, out=chosen)
                np.greater(free, chosen, out=free)
                np.negative(chosen.view(np.int8), out=mask, dtype=bits)        # all bits set where chosen: keeps or clears dy exactly
                np.bitwise_and(mask, grad, out=planes[tap].view(bits))
            np.copyto(_planes(dx[block].view(pixel), win), planes.view(pixel))

    def general(block: slice) -> None:
        target, grad = dx[block], dy[block]
        target[...] = 0

        def add(here: Slices, source: Slices, chosen: np.ndarray) -> None:
            target[source] += np.where(chosen, grad[here], grad.dtype.type(0))

        _choose(x[block], y[block], win, add)

    plain = _tiles(x, win) and x.flags.c_contiguous and dx.flags.c_contiguous and x.dtype == dy.dtype
    if dy.size:
        _each_block(x.shape, 2 * x.itemsize, tiled if plain else general)
    else:
        dx[...] = 0
    return dx


def max_pool_gradient_gradient(x: np.ndarray, y: np.ndarray, ddx: np.ndarray, win: Window) -> np.ndarray:
    """ddx at the place of each window's maximum: the gradient of max_pool_gradient by dy."""
    result = np.zeros(y.shape, ddx.dtype)

    def work(block: slice) -> None:
        source, target = ddx[block], result[block]

        def pick(here: Slices, place: Slices, chosen: np.ndarray) -> None:
            np.copyto(target[here], source[place], where=chosen)

        _choose(x[block], y[block], win, pick)

    if result.size:
        _each_block(x.shape, 2 * x.itemsize, work)
    return result


def max_pool_positions(x: np.ndarray, win: Window, batch_in_index: bool = False) -> np.ndarray:
    """int64: the flat place of each maximum of max_pool(x): ((n H + h) W + w) C + c, without n's part unless batch_in_index."""
    y = max_pool(x, win)
    places = np.arange(math.prod(x.shape[1:])).reshape(1, *x.shape[1:])
    index = max_pool_gradient_gradient(x, y, np.broadcast_to(places, x.shape), win)
    if batch_in_index:
        index += (np.arange(x.shape[0]) * math.prod(x.shape[1:])).reshape(-1, *[1] * (x.ndim - 1))
    return index


def counts(win: Window, inputs: tuple[int, ...]) -> np.ndarray:
    """[*outputs, 1]: how many taps of each window lie inside the input."""
    total = np.ones((1,) * (len(inputs) + 1))
    for axis, (n, m, k, s, (lo, _)) in enumerate(zip(inputs, win.outputs(inputs), win.size, win.strides, win.pads)):
        start = np.arange(m) * s - lo
        inside = np.minimum(start + k, n) - np.maximum(start, 0)
        total = total * inside.reshape([-1 if i == axis else 1 for i in range(len(inputs) + 1)])
    return total


def avg_pool(x: np.ndarray, win: Window, out: np.ndarray | None = None) -> np.ndarray:
    """Mean of the elements of each window that lie inside the input."""
    outputs, kind = win.outputs(x.shape[1:-1]), accumulator(x.dtype)
    result = np.empty((x.shape[0], *outputs, x.shape[-1]), x.dtype) if out is None else out
    scale = (1 / counts(win, x.shape[1:-1])).astype(kind)

    def work(block: slice) -> None:
        part = np.asarray(x[block], kind)
        for axis in range(len(outputs)):
            part = _slide(part, axis, win, outputs[axis], np.add, 0)
        np.multiply(part, scale, out=part)
        result[block] = part

    if result.size:
        _each_block(x.shape, kind.itemsize, work)
    return result


def avg_pool_gradient(dy: np.ndarray, input_shape: tuple[int, ...], win: Window, out: np.ndarray | None = None) -> np.ndarray:
    """Gradient by x, of shape input_shape, of sum(avg_pool(x) * dy): each dy shared equally by the inputs of its window."""
    input_shape = tuple(int(n) for n in input_shape)
    kind = accumulator(dy.dtype)
    dx = np.empty(input_shape, dy.dtype) if out is None else out
    scale = (1 / counts(win, input_shape[1:-1])).astype(kind)

    def work(block: slice) -> None:
        part = np.asarray(dy[block], kind) * scale
        for axis in range(len(win.size)):
            part = _spread(part, axis, win, input_shape[axis + 1])
        dx[block] = part

    if dy.size:
        _each_block(input_shape, kind.itemsize, work)
    else:
        dx[...] = 0
    return dx


def _spread(dy: np.ndarray, axis: int, win: Window, inputs: int) -> np.ndarray:
    """The transpose of a sliding sum along one axis."""
    one = Window((win.size[axis],), (win.strides[axis],), (1,), (win.pads[axis],))
    result = np.zeros((*dy.shape[:axis + 1], inputs, *dy.shape[axis + 2:]), dy.dtype)
    place = (slice(None),) * (axis + 1)
    for tap in range(one.size[0]):
        (out,), (source,) = tap_slices(one, (tap,), (inputs,), (dy.shape[axis + 1],))
        result[(*place, source)] += dy[(*place, out)]
    return result
