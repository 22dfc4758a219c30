"""Permutations and draws from categories."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .philox import Philox
from .uniforms import unit_float64


def permutation(place: Philox, count: int) -> NDArray[np.int64]:
    """A random order of 0 .. count-1: each position in turn trades places with itself or a later one (Fisher and Yates)."""
    order = list(range(count))
    left = np.arange(count, 1, -1, dtype=np.uint32)
    steps = (place.words(len(left)) % left).tolist()
    for position, step in enumerate(steps):
        other = position + step
        order[position], order[other] = order[other], order[position]
    return np.array(order, np.int64)


def permutation_words(count: int) -> int:
    """How many words of its stream a shuffle of `count` rows uses up."""
    return max(count - 1, 0)


def multinomial(place: Philox, logits: NDArray[Any], samples: int, dtype: DTypeLike) -> NDArray[Any]:
    """Draws of class numbers, shape [batch, samples], in proportion to exp(logits). logits: shape [batch, classes].

    A class whose logit is not finite is never drawn. Row after row takes two words a draw from the stream.
    (TensorFlow splits big batches over threads, and its draws then depend on how many there are; these are its draws
    with one thread.)
    """
    rows = len(logits)
    draws = _unit_float64s(place, rows * samples).reshape(rows, samples)
    out = np.empty((rows, samples), dtype)
    for row in range(rows):
        cumulative = _cumulative_weights(logits[row].astype(np.float64))
        out[row] = np.searchsorted(cumulative, draws[row] * cumulative[-1], side="right")
    return out


def multinomial_outputs(rows: int, samples: int) -> int:
    """How many outputs (of 256 blocks each) one run of a multinomial sets aside."""
    return rows * (-(-samples // 4) * 4) * 2


def _cumulative_weights(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    finite = np.isfinite(logits)
    top = logits[finite].max(initial=np.finfo(np.float64).min)
    weights = np.zeros_like(logits)
    np.exp(logits - top, out=weights, where=finite)
    return np.cumsum(weights)


def _unit_float64s(place: Philox, count: int) -> NDArray[np.float64]:
    words = place.words(2 * count).astype(np.uint64)
    return unit_float64(words[0::2], words[1::2])
