"""Max and average pooling, for any number of spatial axes; arrays are channels-last, [N, *space, C].

Windows are combined axis by axis. The gradients of max pools are in `places`.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from .nans import has_nan
from .patches import accumulator
from .sliding import Job, each_job, jobs, slide, spread
from .windows import Window


def lowest(dtype: np.dtype) -> Any:
    """What loses against every other number."""
    return np.iinfo(dtype).min if dtype.kind in "iu" else np.asarray(-np.inf, dtype)[()]


def _least(dtype: np.dtype) -> Any:
    """The least finite number of a floating dtype."""
    if dtype.kind == "f":
        return np.finfo(dtype).min
    from ml_dtypes import finfo  # at first use: saves 5 ms; bfloat16 only
    return finfo(dtype).min


def max_pool(x: np.ndarray, win: Window, out: np.ndarray | None = None) -> np.ndarray:
    """Largest element of each window; padding never wins, NaN neither: of a window of nothing else comes the least number."""
    result = np.empty((x.shape[0], *win.outputs(x.shape[1:-1]), x.shape[-1]), x.dtype) if out is None else out
    start = lowest(x.dtype)

    def work(job: Job) -> None:
        part, target = x[job.inputs], result[job.outputs]
        slide(part, job.win, np.maximum, start, target)
        if has_nan(target):
            slide(part, job.win, np.fmax, start, target)
            np.copyto(target, _least(x.dtype), where=np.isnan(target))

    if result.size:
        each_job(jobs(x.shape, win, x.itemsize), x.size, work)
    return result


def counts(win: Window, inputs: tuple[int, ...]) -> np.ndarray:
    """[*outputs, 1]: how many taps of each window lie inside the input."""
    total = np.ones((1,) * (len(inputs) + 1))
    for axis, (n, m, k, s, (lo, _)) in enumerate(zip(inputs, win.outputs(inputs), win.size, win.strides, win.pads)):
        start = np.arange(m) * s - lo
        inside = np.minimum(start + k, n) - np.maximum(start, 0)
        total = total * inside.reshape([-1 if i == axis else 1 for i in range(len(inputs) + 1)])
    return total


def _shares(win: Window, inputs: tuple[int, ...], channels: int, dtype: np.dtype) -> np.ndarray:
    """What an element counts in its window: [rows, *other outputs, C], or of the shape (1, ..., 1) where all count the same."""
    shares = (1 / counts(win, inputs)).astype(dtype)
    if shares.size and (shares == shares.flat[0]).all():
        return shares[(slice(0, 1),) * shares.ndim]
    return np.repeat(shares, channels, -1)        # the whole shape: numpy multiplies short rows by a number each slowly


def avg_pool(x: np.ndarray, win: Window, out: np.ndarray | None = None) -> np.ndarray:
    """Mean of the elements of each window that lie inside the input."""
    dtype = accumulator(x.dtype)
    result = np.empty((x.shape[0], *win.outputs(x.shape[1:-1]), x.shape[-1]), x.dtype) if out is None else out
    shares = _shares(win, x.shape[1:-1], x.shape[-1], dtype)

    def work(job: Job) -> None:
        target = result[job.outputs]
        total = target if x.dtype == dtype else np.empty(target.shape, dtype)
        slide(np.asarray(x[job.inputs], dtype), job.win, np.add, 0, total)
        np.multiply(total, shares[job.outputs[1]] if len(shares) > 1 else shares, out=total)
        if total is not target:
            target[...] = total

    if result.size:
        each_job(jobs(x.shape, win, dtype.itemsize), x.size, work)
    return result


def avg_pool_gradient(dy: np.ndarray, input_shape: tuple[int, ...], win: Window, out: np.ndarray | None = None) -> np.ndarray:
    """Gradient by x, of shape input_shape, of sum(avg_pool(x) * dy): each dy shared equally by the inputs of its window."""
    input_shape = tuple(int(n) for n in input_shape)
    dtype = accumulator(dy.dtype)
    dx = np.empty(input_shape, dy.dtype) if out is None else out
    shares = _shares(win, input_shape[1:-1], input_shape[-1], dtype)

    def work(job: Job) -> None:
        images = job.inputs[0]
        target = dx[images]
        total = target if dx.dtype == dtype else np.empty(target.shape, dtype)
        spread(np.multiply(dy[images], shares, dtype=dtype), win, total)
        if total is not target:
            target[...] = total

    if dy.size:
        each_job(jobs(input_shape, win, dtype.itemsize, whole=True), dx.size, work)
    else:
        dx[...] = 0
    return dx
