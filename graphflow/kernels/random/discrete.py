"""Permutations and draws from categories."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .philox import Philox
from .uniforms import unit_float64

AT_ONCE = 1 << 16       # weights of classes
_COMPARED = 256         # classes times draws of a row up to which each draw is compared with each class


def permutation(place: Philox, count: int) -> NDArray[Any]:
    """A random order of 0 .. count-1: each position in turn trades places with itself or a later one (Fisher and Yates)."""
    if count < 2:
        return np.arange(count)
    left = np.arange(count, 1, -1, dtype=np.uint32)
    partners = np.arange(count)
    partners[:-1] += place.words(count - 1) % left
    return trades(partners)


def trades(partners: NDArray[np.int64]) -> NDArray[Any]:
    """What stands where after position 0, 1, ... of 0 .. n-1 in turn traded places with partners[position] >= position.

    Without going through the trades one by one: what position p hands over when its turn comes is what the last one that traded with it
    handed over, and so on back to one that nobody traded with, which holds its own number. And p gets what the last one before it that
    traded with the same partner handed over, or, if it is the first, the partner's number.
    """
    here: NDArray[Any] = np.arange(len(partners), dtype=np.int32 if len(partners) < 1 << 31 else np.int64)
    places = np.flatnonzero(partners != here)
    movers, visited = places.astype(here.dtype), partners.take(places)
    source = here.copy()
    source[visited] = movers                                # the last one that traded with each: of several assignments the last stands
    before = _earlier(movers, visited, source.copy())
    on = np.flatnonzero(source != here)
    while on.size:                                          # to the start of each chain, which is at least twice as near every time
        now = source.take(on)
        further = source.take(now)
        moving = np.flatnonzero(further != now)
        on = on.take(moving)
        source[on] = further.take(moving)
    result = source.copy()                                  # of those that stay
    result[places] = visited
    again = np.flatnonzero(before >= 0)
    result[again] = source.take(before.take(again))
    return result


def _earlier(movers: NDArray[Any], visited: NDArray[Any], last: NDArray[Any]) -> NDArray[Any]:
    """For each position the last one before it that traded with the same partner, or -1. last: the very last by partner; overwritten."""
    before = np.full_like(last, -1)
    while True:
        rest = np.flatnonzero(last.take(visited) != movers)
        movers, visited = movers.take(rest), visited.take(rest)
        if not movers.size:
            return before
        later = last.take(visited)
        last[visited] = movers
        found = np.flatnonzero(last.take(visited) == movers)
        before[later.take(found)] = movers.take(found)


def permutation_words(count: int) -> int:
    """How many words of its stream a shuffle of `count` rows uses up."""
    return max(count - 1, 0)


def multinomial(place: Philox, logits: NDArray[Any], samples: int, dtype: DTypeLike) -> NDArray[Any]:
    """Draws of class numbers, shape [batch, samples], in proportion to exp(logits). logits: shape [batch, classes].

    A class whose logit is not finite is never drawn. Row after row takes two words a draw from the stream.
    (TensorFlow splits big batches over threads, and its draws then depend on how many there are; these are its draws
    with one thread.)
    """
    rows, classes = logits.shape
    draws = _unit_float64s(place, rows * samples).reshape(rows, samples)
    out = np.empty((rows, samples), dtype)
    at_once = max(1, AT_ONCE // max(1, classes))
    for first in range(0, rows, at_once):
        part = slice(first, first + at_once)
        cumulative = _cumulative_weights(logits[part].astype(np.float64))
        wanted = draws[part] * cumulative[:, -1:]
        if classes * samples <= _COMPARED:
            out[part] = (cumulative[:, None, :] <= wanted[:, :, None]).sum(2)
        else:
            for row, (weights, values) in enumerate(zip(cumulative, wanted, strict=True), first):
                out[row] = np.searchsorted(weights, values, side="right")
    return out


def multinomial_outputs(rows: int, samples: int) -> int:
    """How many outputs (of 256 blocks each) one run of a multinomial sets aside."""
    return rows * (-(-samples // 4) * 4) * 2


def _cumulative_weights(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    finite = np.isfinite(logits)
    top = logits.max(1, initial=np.finfo(np.float64).min, where=finite, keepdims=True)
    weights = np.zeros_like(logits)
    with np.errstate(invalid="ignore"):
        np.exp(logits - top, out=weights, where=finite)
    return np.cumsum(weights, axis=1)


def _unit_float64s(place: Philox, count: int) -> NDArray[np.float64]:
    words = place.words(2 * count).astype(np.uint64)
    return unit_float64(words[0::2], words[1::2])
