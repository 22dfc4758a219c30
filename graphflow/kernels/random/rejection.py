"""Distributions whose values each read a stretch of the stream of their own: gamma and Poisson.

Value number i starts 256 blocks times i into the stream, so values do not depend on how often others were rejected. All values
that still need a draw are advanced together; `Readers` keeps where each of them is.

Values are laid out as [samples, parameters] and numbered parameter by parameter: i = parameter * samples + sample.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .normals import box_muller_float64
from .philox import BLOCKS_PER_OUTPUT, Philox
from .special import log_gamma
from .uniforms import unit_float64

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
AT_ONCE = 1 << 16


class Readers:
    """A reader of float64 uniforms and normals for each of the values `first` ... `first + count - 1`.

    A block of the stream makes two numbers of the kind it is asked for; the second made is handed out first.
    """

    def __init__(self, place: Philox, first: int, count: int, stride: int = BLOCKS_PER_OUTPUT) -> None:
        self._place = place.skip(first * stride)
        self._offsets = np.arange(count, dtype=np.uint64) * np.uint64(stride)
        self._spare = {kind: (np.zeros(count, np.bool_), np.empty(count)) for kind in ("uniform", "normal")}

    def uniform(self, which: Indices) -> Floats:
        """The next uniform in [0, 1) of each of the readers `which`."""
        return self._next("uniform", which)

    def normal(self, which: Indices) -> Floats:
        """The next standard normal of each of the readers `which`."""
        return self._next("normal", which)

    def _next(self, kind: str, which: Indices) -> Floats:
        has_spare, spare = self._spare[kind]
        out = spare[which]
        empty = ~has_spare[which]
        needy = which[empty]
        if len(needy):
            a, b, c, d = self._place.at(self._offsets[needy])
            self._offsets[needy] += np.uint64(1)
            if kind == "uniform":
                kept, given = unit_float64(a, b), unit_float64(c, d)
            else:
                kept, given = box_muller_float64(a, b, c, d)
            out[empty], spare[needy] = given, kept
        has_spare[which] = empty
        return out


def gamma(place: Philox, samples: int, alpha: NDArray[Any], dtype: DTypeLike) -> NDArray[Any]:
    """Draws from the gamma distributions of shape parameters alpha (scale 1), shape [samples, len(alpha)].

    alpha = 1 is the exponential distribution; else G. Marsaglia, W. W. Tsang, "A simple method for generating gamma variables",
    2000: d v^3-like transforms of a normal, accepted by a uniform; below 1, alpha + 1 times a uniform to the power 1/alpha.
    """
    return _by_parameter(place, samples, alpha, dtype, _exponential_or_gamma)


def poisson(place: Philox, samples: int, rate: NDArray[Any], dtype: DTypeLike) -> NDArray[Any]:
    """Draws from the Poisson distributions of the given rates, shape [samples, len(rate)], in floating or integer dtype.

    Below a rate of 10 Knuth's product of uniforms; from there W. Hoermann, "The transformed rejection method for
    generating Poisson random variables", 1993 (PTRS).
    """
    return _by_parameter(place, samples, rate, dtype, _poisson_of_rate)


def _by_parameter(place: Philox, samples: int, parameters: NDArray[Any], dtype: DTypeLike,
                  draw: Callable[[Readers, Floats], Floats]) -> NDArray[Any]:
    """draw(readers, the parameter of each of their values) for all values, some at a time, whatever parameters they belong to."""
    out = np.empty(len(parameters) * samples, dtype)
    wide = parameters.astype(np.float64)
    for first in range(0, out.size, AT_ONCE):
        part = out[first : first + AT_ONCE]
        part[...] = draw(Readers(place, first, part.size), wide[np.arange(first, first + part.size) // samples])
    return np.ascontiguousarray(out.reshape(len(parameters), samples).T)


def _exponential_or_gamma(readers: Readers, alpha: Floats) -> Floats:
    out = np.full(alpha.size, np.nan)  # what stays so has no such distribution
    ones = np.flatnonzero(alpha == 1)
    out[ones] = -np.log1p(-readers.uniform(ones))
    with np.errstate(invalid="ignore", divide="ignore"):
        d = alpha + np.where(alpha < 1, 2 / 3, -1 / 3)
        c = 1 / 3 / np.sqrt(d)
    waiting = np.flatnonzero((alpha > 0) & (alpha != 1))
    while len(waiting):
        x = readers.normal(waiting)
        v = 1 + c[waiting] * x
        possible = v > 0
        tried, x, v = waiting[possible], x[possible], v[possible] ** 3
        u = readers.uniform(tried)
        squeezed = u < 1 - 0.0331 * (x * x) * (x * x)
        with np.errstate(divide="ignore"):
            accepted = squeezed | (np.log(u) < 0.5 * x * x + d[tried] * (1 - v + np.log(v)))
        out[tried[accepted]] = (d[tried] * v)[accepted]
        waiting = waiting[np.isnan(out[waiting])]
    small = np.flatnonzero((alpha > 0) & (alpha < 1))
    out[small] *= readers.uniform(small) ** (1 / alpha[small])
    return out


def _poisson_of_rate(readers: Readers, rate: Floats) -> Floats:
    out = np.where(rate == np.inf, np.inf, np.nan)
    _poisson_by_product(readers, rate, np.flatnonzero((rate >= 0) & (rate < 10)), out)
    _poisson_by_rejection(readers, rate, np.flatnonzero((rate >= 10) & (rate < np.inf)), out)
    return out


def _poisson_by_product(readers: Readers, rate: Floats, waiting: Indices, out: Floats) -> None:
    """How many uniforms can be multiplied before the product is at most exp(-rate)."""
    out[waiting] = 0
    enough, product = np.ones(rate.size), np.ones(rate.size)
    enough[waiting] = np.exp(-rate[waiting])
    while len(waiting):
        product[waiting] *= readers.uniform(waiting)
        waiting = waiting[product[waiting] > enough[waiting]]
        out[waiting] += 1


def _poisson_by_rejection(readers: Readers, rates: Floats, waiting: Indices, out: Floats) -> None:
    while len(waiting):
        rate = rates[waiting]
        b = 0.931 + 2.53 * np.sqrt(rate)
        a = -0.059 + 0.02483 * b
        inverse_alpha = 1.1239 + 1.1328 / (b - 3.4)
        u = readers.uniform(waiting) - 0.5
        v = readers.uniform(waiting)
        edge = 0.5 - np.abs(u)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            k = np.floor((2 * a / edge + b) * u + rate + 0.43)
            inner = (edge >= 0.07) & (v <= 0.9277 - 3.6224 / (b - 2))
            impossible = (k < 0) | ((edge < 0.013) & (v > edge)) | ~np.isfinite(k)
            bound = np.log(v * inverse_alpha / (a / (edge * edge) + b))
            outer = bound <= -rate + k * np.log(rate) - log_gamma(np.where(impossible, 0, k) + 1)
        accepted = inner | (~impossible & outer)
        out[waiting[accepted]] = k[accepted]
        waiting = waiting[~accepted]
