"""Binomial numbers: how many of `count` trials of probability p succeed.

Few expected successes: gaps between successes are geometric and added up. Ten and more: W. Hoermann, "The generation of binomial
random variates", 1993 (BTRS). Probabilities above a half count the failures.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .philox import BLOCKS_PER_OUTPUT, Philox
from .rejection import Floats, Readers

_BLOCKS_PER_SUM = 42  # so far apart are the values made of gaps
_STIRLING_TAIL = np.array([0.0810614667953272, 0.0413406959554092, 0.0276779256849983, 0.02079067210376509, 0.0166446911898211,
                           0.0138761288230707, 0.0118967099458917, 0.0104112652619720, 0.00925546218271273, 0.00833056343336287])


def binomial(place: Philox, samples: int, counts: NDArray[Any], probs: NDArray[Any], dtype: DTypeLike) -> NDArray[Any]:
    """Draws for each pair of a count and a probability (both flat, equally long), shape [samples, len(counts)].

    A count below 0, or a probability outside [0, 1], gives NaN (in integer dtypes the smallest value).
    """
    out = np.empty((samples, len(counts)), dtype)
    pairs = zip(counts.astype(np.float64).tolist(), probs.astype(np.float64).tolist(), strict=True)
    with np.errstate(invalid="ignore"):
        for column, (count, prob) in enumerate(pairs):
            out[:, column] = _draw(place, column * samples, samples, count, prob).astype(dtype)
    return out


def _draw(place: Philox, first: int, samples: int, count: float, prob: float) -> Floats:
    if not (count >= 0 and 0 <= prob <= 1):
        return np.full(samples, np.nan)
    rare = prob if prob <= 0.5 else 1 - prob
    if count == 0 or rare == 0:
        hits = np.zeros(samples)
    elif count * rare >= 10:
        hits = _by_rejection(Readers(place, first, samples, BLOCKS_PER_OUTPUT), samples, count, rare)
    else:
        hits = _by_gaps(Readers(place, first, samples, _BLOCKS_PER_SUM), samples, count, rare)
    return hits if prob <= 0.5 else count - hits


def _by_gaps(readers: Readers, samples: int, count: float, prob: float) -> Floats:
    """How many gaps fit into `count` trials."""
    hits, trials = np.zeros(samples), np.zeros(samples)
    waiting = np.arange(samples)
    while len(waiting):
        with np.errstate(divide="ignore"):
            trials[waiting] += np.ceil(np.log(readers.uniform(waiting)) / math.log1p(-prob))
        waiting = waiting[trials[waiting] <= count]
        hits[waiting] += 1
    return hits


def _by_rejection(readers: Readers, samples: int, count: float, prob: float) -> Floats:
    deviation = math.sqrt(count * prob * (1 - prob))
    b = 1.15 + 2.53 * deviation
    a = -0.0873 + 0.0248 * b + 0.01 * prob
    c = count * prob + 0.5
    inside = 0.92 - 4.2 / b
    odds = prob / (1 - prob)
    alpha = (2.83 + 5.1 / b) * deviation
    mode = math.floor((count + 1) * prob)
    hits = np.zeros(samples)
    waiting = np.arange(samples)
    while len(waiting):
        u = readers.uniform(waiting) - 0.5
        v = readers.uniform(waiting)
        edge = 0.5 - np.abs(u)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            k = np.floor((2 * a / edge + b) * u + c)
            inner = (edge >= 0.07) & (v <= inside)
            possible = (k >= 0) & (k <= count)
            k = np.where(possible, k, 0.0)
            bound = ((mode + 0.5) * math.log((mode + 1) / (odds * (count - mode + 1)))
                     + (count + 1) * np.log((count - mode + 1) / (count - k + 1)) + (k + 0.5) * np.log(odds * (count - k + 1) / (k + 1))
                     + _stirling_tail(np.array([mode])) + _stirling_tail(np.array([count - mode])) - _stirling_tail(k)
                     - _stirling_tail(count - k))
            outer = np.log(v * alpha / (a / (edge * edge) + b)) <= bound
        accepted = possible & (inner | outer)
        hits[waiting[accepted]] = k[accepted]
        waiting = waiting[~accepted]
    return hits


def _stirling_tail(k: NDArray[Any]) -> Floats:
    """log(k!) less Stirling's formula for it."""
    k = np.asarray(k, np.float64)
    squared = (k + 1) ** 2
    series = (1 / 12 - (1 / 360 - 1 / 1260 / squared) / squared) / (k + 1)
    return np.where(k <= 9, _STIRLING_TAIL[np.clip(k, 0, 9).astype(np.intp)], series)
