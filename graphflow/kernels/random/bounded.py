"""Normal numbers between two bounds of any kind.

C. P. Robert, "Simulation of truncated normal variables", 1995. Where the bounds leave much of the bell, normals are drawn until one
fits; where they are close to each other, uniforms accepted by the bell's height; far out, exponentials.
The values of one distribution read the stream one after the other; the next distribution starts at the next block.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .libm import log_float32
from .normals import normal
from .philox import Philox
from .uniforms import uniform

_ROOM = 1.3  # standard deviations between the mean and a bound from which on drawing normals is best


def bounded_normal(place: Philox, samples: int, means: NDArray[Any], stddevs: NDArray[Any], minvals: NDArray[Any], maxvals: NDArray[Any],
                   dtype: DTypeLike) -> NDArray[Any]:
    """Draws for each row of parameters (all flat, equally long), shape [samples, len(means)], float16, float32 or float64.

    ValueError unless stddev > 0, minval < maxval and one bound is finite.
    """
    dtype = np.dtype(dtype)
    one: Any = dtype.type
    out = np.empty((samples, len(means)), dtype)
    for column, parameters in enumerate(zip(means, stddevs, minvals, maxvals, strict=True)):
        mean, stddev, low, high = (one(p) for p in parameters)
        if not (stddev > 0 and low < high and (np.isfinite(low) or np.isfinite(high))):
            raise ValueError(f"Invalid parameters: stddev {stddev} must be positive, minval {low} less than maxval {high}, one of "
                             "them finite")
        if (np.isinf(low) and low < 0) or high < mean:  # turned over, so that the finite bound, or the nearer one, is below
            low, high, stddev = high, low, -stddev
        with np.errstate(over="ignore"):
            numbers, place = _standard(place, samples, (low - mean) / stddev, (high - mean) / stddev, dtype)
        out[:, column] = numbers * stddev + mean
    return out


def _standard(place: Philox, count: int, low: Any, high: Any, dtype: np.dtype[Any]) -> tuple[NDArray[Any], Philox]:
    """`count` standard normals in [low, high], and the place after them."""
    one: Any = dtype.type
    root = np.sqrt(low * low + one(4))
    cutoff = one(2) * np.exp(one(0.5) + (low * (low - root)) / one(4)) / (low + root)
    if (low < -_ROOM and high >= 0) or (high > _ROOM and low <= 0):
        def propose(place: Philox, blocks: int) -> NDArray[Any]:
            numbers = normal(place, blocks * per_block, dtype)
            return np.where((numbers >= low) & (numbers <= high), numbers, one(np.nan))
        step = 1
    elif high - low < cutoff:
        top = one(0) if low < 0 else low * low

        def propose(place: Philox, blocks: int) -> NDArray[Any]:
            pairs = uniform(place, 2 * blocks * per_block, dtype).reshape(blocks, 2, per_block)
            z = pairs[:, 0] * (high - low) + low
            return np.where(pairs[:, 1] <= np.exp((top - z * z) / one(2)), z, one(np.nan)).ravel()
        step = 2
    else:
        alpha = (low + root) / one(2)

        def propose(place: Philox, blocks: int) -> NDArray[Any]:
            pairs = uniform(place, blocks * per_block, dtype).reshape(-1, 2)
            with np.errstate(divide="ignore"):
                z = -_log(pairs[:, 0]) / alpha + low
            x = alpha - z if low < alpha else np.full_like(z, low - alpha)
            return np.where((pairs[:, 1] <= np.exp(-x * x / one(2))) & (z < high), z, one(np.nan))
        step = 1
    per_block = 2 if dtype == np.float64 else 4
    return _accepted(place, count, propose, step)


def _log(x: NDArray[Any]) -> NDArray[Any]:
    if x.dtype != np.float32:
        return np.log(x)
    smallest = np.finfo(np.float32).tiny
    return np.where(x > 0, log_float32(np.maximum(x, smallest)), np.float32(-np.inf))


def _accepted(place: Philox, count: int, propose: Callable[[Philox, int], NDArray[Any]], step: int) -> tuple[NDArray[Any], Philox]:
    """The first `count` proposals that are numbers, and the place after the `step` blocks that the last of them came from."""
    found: list[NDArray[Any]] = []
    have = 0
    while have < count:
        blocks = min(max(16, math.ceil((count - have) / 2)), 4096)
        proposals = propose(place, blocks)
        good = np.flatnonzero(~np.isnan(proposals))
        if have + len(good) >= count:
            last = int(good[count - have - 1])
            found.append(proposals[good[: count - have]])
            return np.concatenate(found), place.skip((last * blocks // len(proposals) + 1) * step)
        found.append(proposals[good])
        have += len(good)
        place = place.skip(blocks * step)
    return np.concatenate(found) if found else np.empty(0), place
