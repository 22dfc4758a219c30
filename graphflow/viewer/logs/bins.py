"""A series thinned to what a screen can show: for each pixel the least, the greatest, the mean and the last value.

A window is shown in `count` pixels; what lies left and right of it is thinned more coarsely, so that smoothing has its past and a
moved view something to show. A series with few points is left as it is.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
OUTSIDE = 60  # pixels for each side of a window
NAN, PLUS, MINUS = 1, 2, 4  # what else than numbers a pixel holds


def edges(x: Array, count: int, window: tuple[float, float] | None, log: bool) -> Array:
    """Starts of the pixels as places in x, which ascends."""
    low, high = (float(x[0]), float(x[-1])) if window is None else window
    inside = _grid(low, high, count, log)
    parts = [inside]
    if window is not None:
        parts = [_grid(float(x[0]), low, OUTSIDE, False), inside, _grid(high, float(x[-1]), OUTSIDE, False)]
    places = np.searchsorted(x, np.concatenate(parts), side="left")
    places = np.unique(np.concatenate([[0, 1], places]))  # the first point stands alone: where a series begins is often asked
    return places[places < len(x)]


def _grid(low: float, high: float, count: int, log: bool) -> Array:
    if not high > low:
        return np.array([low])
    if log and low > 0:
        return np.geomspace(low, high, count + 1)
    return np.linspace(low, high, count + 1)


def thinned(x: Array, y: Array, count: int, window: tuple[float, float] | None = None, log: bool = False) -> dict[str, Array] | None:
    """Pixels of y over x (ascending): `at` (the last point of each), `low`, `high`, `mean`, `last` (of what is finite; NaN where
    nothing is), `count` (finite values), `odd` (flags of what is not finite). None when there are few points."""
    inside = len(x) if window is None else int(((x >= window[0]) & (x <= window[1])).sum())
    if inside <= 2 * count and len(x) <= 4 * count:
        return None
    starts = edges(x, count, window, log)
    y = y.astype(np.float64, copy=False)
    fine = np.isfinite(y)
    clean = fine.all()
    low = np.minimum.reduceat(y if clean else np.where(fine, y, np.inf), starts)
    high = np.maximum.reduceat(y if clean else np.where(fine, y, -np.inf), starts)
    ends = np.append(starts[1:], len(x))
    amounts = (ends - starts) if clean else np.add.reduceat(fine.astype(np.int64), starts)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        mean = np.add.reduceat(y if clean else np.where(fine, y, 0.0), starts) / amounts
    last = y[ends - 1]
    odd = np.zeros(len(starts), np.uint8)
    if not clean:
        places = np.maximum.accumulate(np.where(fine, np.arange(len(y)), -1))[ends - 1]
        last = np.where(places >= starts, y[np.maximum(places, 0)], np.nan)
        low, high = np.where(amounts > 0, low, np.nan), np.where(amounts > 0, high, np.nan)
        for flag, rows in ((NAN, np.isnan(y)), (PLUS, y == np.inf), (MINUS, y == -np.inf)):
            odd |= np.where(np.logical_or.reduceat(rows, starts), np.uint8(flag), np.uint8(0))
    return {"at": ends - 1, "low": low, "high": high, "mean": mean, "last": last, "count": amounts, "odd": odd}
