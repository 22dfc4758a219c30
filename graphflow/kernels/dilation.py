"""Grey-scale morphological dilation: the largest x + filter over each window. x [N, H, W, C], filter [kh, kw, C]."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from .depthwise import cuts, padded, seen
from .nans import has_nan
from .sliding import Job, each_job
from .windows import Window, tap_slices, taps


def dilation(x: np.ndarray, filters: np.ndarray, win: Window) -> np.ndarray:
    """out[n, h, w, c] = max over taps of x[n, ., ., c] + filters[tap, c]; padding never wins, NaN neither."""
    if x.dtype not in (np.float32, np.float64) or not np.isfinite(filters).all():
        return _best(x, filters, win)[0]
    out = np.empty((x.shape[0], *win.outputs(x.shape[1:-1]), x.shape[-1]), x.dtype)
    width, tables = out.shape[2], np.tile(filters, out.shape[2])           # a tap for all pixels of a row

    def work(job: Job) -> None:
        source = padded(x[job.inputs], job.win, width, -np.inf)
        total = out[job.outputs].reshape(*out[job.outputs].shape[:2], -1)
        total[...] = -np.inf
        value = np.empty(total.shape, x.dtype)
        for a, b in taps(win):
            np.add(seen(source, job.win, [b], total.shape)[a, 0], tables[a, b], out=value)
            np.maximum(total, value, out=total)

    if out.size and filters.size:
        each_job([[job] for job in cuts(x, win, x.dtype)], out.size * len(list(taps(win))), work)
        return _best(x, filters, win)[0] if has_nan(out) else out
    return _best(x, filters, win)[0]


def _best(x: np.ndarray, filters: np.ndarray, win: Window) -> tuple[np.ndarray, np.ndarray]:
    """(the maximum, the number of the first tap that gives it)."""
    outputs = win.outputs(x.shape[1:-1])
    shape = (x.shape[0], *outputs, x.shape[-1])
    low = np.iinfo(x.dtype).min if x.dtype.kind in "iu" else -np.inf
    best, which = np.full(shape, low, x.dtype), np.zeros(shape, np.int32)
    for number, tap in enumerate(taps(win)):
        out, place = tap_slices(win, tap, x.shape[1:-1], outputs)
        here = (slice(None), *out)
        value = x[(slice(None), *place)] + filters[tap]
        better = value > best[here]
        np.copyto(best[here], value, where=better)
        which[here][better] = number
    return best, which


def dilation_input_gradient(x: np.ndarray, filters: np.ndarray, dy: np.ndarray, win: Window) -> np.ndarray:
    """Gradient of sum(dilation(x, filters) * dy) by x: each dy goes to the first tap that gave the maximum."""
    dx = np.zeros(x.shape, dy.dtype)
    for _, place, share in _shares(x, filters, dy, win):
        dx[(slice(None), *place)] += share
    return dx


def dilation_filter_gradient(x: np.ndarray, filters: np.ndarray, dy: np.ndarray, win: Window) -> np.ndarray:
    """The same gradient by the filters."""
    df = np.zeros(filters.shape, dy.dtype)
    for tap, _, share in _shares(x, filters, dy, win):
        df[tap] = share.sum((0, 1, 2))
    return df


def _shares(x: np.ndarray, filters: np.ndarray, dy: np.ndarray, win: Window) -> Iterator[tuple[Any, Any, np.ndarray]]:
    """For each tap: the tap, the part of the input that it meets, and the dy that belong to it."""
    which = _best(x, filters, win)[1]
    for number, tap in enumerate(taps(win)):
        out, place = tap_slices(win, tap, x.shape[1:-1], dy.shape[1:-1])
        here = (slice(None), *out)
        yield tap, place, np.where(which[here] == number, dy[here], dy.dtype.type(0))
