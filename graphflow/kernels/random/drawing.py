"""Random numbers as functions of arrays: a place in a stream is uint64 [3], key and counter (its low half first).

These are primitives of plans: whatever computes with arrays of counters can draw the same numbers.
"""
from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .normals import normal, truncated_normal
from .philox import Philox
from .stateless import key_counter, place_from_key_counter, place_from_seed
from .uniforms import full_int, uniform, uniform_int

DRAWS = {"uniform": uniform, "normal": normal, "truncated_normal": truncated_normal, "integers": full_int}


def as_words(place: Philox) -> NDArray[np.uint64]:
    """A place as an array."""
    key, (low, high) = key_counter(place)
    return np.array([key, low, high], np.uint64)


def _place(words: NDArray[np.uint64]) -> Philox:
    key, low, high = words.tolist()
    return place_from_key_counter(key, (low, high))


def place_from_seeds(seeds: NDArray[Any]) -> NDArray[np.uint64]:
    """The place where the stream of a pair of seeds starts. seeds: integers [2]."""
    first, second = seeds.tolist()
    return as_words(place_from_seed(first, second))


def draw(place: NDArray[np.uint64], how: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Numbers from a place on. how: 'uniform' in [0, 1), standard 'normal', 'truncated_normal', 'integers' of the whole range."""
    return DRAWS[how](_place(place), math.prod(shape), dtype).reshape(shape)


def draw_integers(place: NDArray[np.uint64], low: Any, high: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Uniform integers in [low, high), which is not empty."""
    count = math.prod(shape)
    return (uniform_int(_place(place), count, int(low), int(high), dtype) if count else np.empty(0, dtype)).reshape(shape)
