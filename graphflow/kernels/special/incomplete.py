"""Incomplete gamma and beta functions, regularised. Source: Abramowitz and Stegun 6.5 and 26.5.

Elements whose series or fraction has converged are set aside: the slow ones go on alone, and change none of the others.
"""
from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from .blocks import blocked, where_true
from .gamma import digamma, lgamma, lgamma_positive

_LIMIT = 5000     # terms of a series or continued fraction
_EVERY = 4        # terms between two looks at which have converged
_SHORT = 1e-10    # the relative error where results have up to 4 bytes


def _converge(arrays: list[Any], step: Callable[[int, list[Any]], Any], results: tuple[int, ...], limit: int = _LIMIT) -> list[Any]:
    """step(n, arrays) for n = 1, 2, ... changes the arrays in place; it gives flags of those to go on with whenever n divides by _EVERY.

    The arrays at the places `results` are returned, each element as it was when its flag fell.
    """
    found = [arrays[i].copy() for i in results]
    places = np.arange(arrays[0].size)
    for n in range(1, limit):
        open_ = step(n, arrays)
        if n % _EVERY:
            continue
        left = np.count_nonzero(open_)
        if left == places.size:
            continue
        done = ~open_
        for each, i in zip(found, results):
            each[places[done]] = arrays[i][done]
        if not left:
            return found
        places, arrays = places[open_], [a[open_] for a in arrays]
    for each, i in zip(found, results):
        each[places] = arrays[i]
    return found


def lower_series(a: Any, x: Any, tolerance: float = 1e-17) -> Any:
    """The sum of x^n / ((a+1) ... (a+n)), for vectors of x > 0; quick for x up to a."""
    def step(n: int, arrays: list[Any]) -> Any:
        a, x, term, total = arrays
        a += 1
        term *= x
        term /= a
        total += term
        return None if n % _EVERY else term > tolerance * total
    return _converge([a.copy(), x, np.ones_like(a), np.ones_like(a)], step, (3,))[0]


def lower_series_and_slope(a: Any, x: Any) -> list[Any]:
    """[`lower_series`, its derivative by a]."""
    def step(n: int, arrays: list[Any]) -> Any:
        a, x, term, total, slope, drift = arrays
        a += 1
        term *= x
        term /= a
        drift -= 1 / a
        total += term
        slope += term * drift
        return None if n % _EVERY else term > 1e-17 * total
    one, zero = np.ones_like(a), np.zeros_like(a)
    return _converge([a.copy(), x, one, one.copy(), zero, zero.copy()], step, (3, 4))


def _upper_fraction(a: Any, x: Any, tolerance: float) -> Any:
    """The continued fraction of gamma(a, x) / (exp(-x) x^a), by Lentz's method; for x > a + 1."""
    def step(i: int, arrays: list[Any]) -> Any:
        a, b, c, d, h = arrays
        numerator = (a - i) * i
        b += 2
        d *= numerator
        d += b
        np.reciprocal(d, d)
        np.divide(numerator, c, c)
        c += b
        change = d * c
        h *= change
        return None if i % _EVERY else np.abs(change - 1) > tolerance
    b = x + 1 - a
    return _converge([a, b, np.full_like(x, 1e300), 1 / b, 1 / b], step, (4,))[0]


def _incomplete(a: Any, x: Any, upper: bool, tolerance: float) -> Any:
    """P or, for `upper`, Q: the regularised incomplete gamma functions."""
    scale = np.exp(a * np.log(x) - x - lgamma_positive(a))
    result = np.full_like(a, np.nan)            # where an argument is NaN or out of the domain
    within = (a > 0) & (x > 0) & (x < np.inf) & (a < np.inf)
    low, high = where_true(within & (x <= a + 1)), where_true(within & (x > a + 1))
    p = scale[low] * lower_series(a[low], x[low], tolerance / 10) / a[low]
    q = scale[high] * _upper_fraction(a[high], x[high], tolerance)
    result[low], result[high] = (1 - p, q) if upper else (p, 1 - q)
    result[(a > 0) & ((x == 0) | (a == np.inf) & (x > 0))] = float(upper)
    result[(a > 0) & (x == np.inf)] = float(not upper)
    result[(a == np.inf) & (x == np.inf)] = 0.0     # both of them, as TensorFlow has it
    return result


@blocked(partial(_incomplete, upper=False, tolerance=_SHORT))
def igamma(a: Any, x: Any) -> Any:
    """The regularised lower incomplete gamma function P(a, x), a > 0, x >= 0."""
    return _incomplete(a, x, False, 1e-16)


@blocked(partial(_incomplete, upper=True, tolerance=_SHORT))
def igammac(a: Any, x: Any) -> Any:
    """The regularised upper incomplete gamma function Q(a, x) = 1 - P(a, x)."""
    return _incomplete(a, x, True, 1e-16)


@blocked()
def igamma_grad_a(a: Any, x: Any) -> Any:
    """The derivative of P(a, x) by a, from its series."""
    result = np.where((x < 0) | (a <= 0) | np.isnan(a) | np.isnan(x), np.nan, 0.0)
    inside = where_true((x > 0) & (a > 0) & (x < 2000))
    a, x = a[inside], x[inside]
    total, slope = lower_series_and_slope(a, x)
    scale = np.exp(a * np.log(x) - x - lgamma(a + 1))
    result[inside] = scale * (total * (np.log(x) - digamma(a + 1)) + slope)
    return result


def _betainc(a: Any, b: Any, x: Any, tolerance: float) -> Any:
    swap = x > (a + 1) / (a + b + 2)
    p, q, y = np.where(swap, b, a), np.where(swap, a, b), np.where(swap, 1 - x, x)
    result = np.exp(p * np.log(y) + q * np.log1p(-y) + lgamma(p + q) - lgamma(p) - lgamma(q)) / p
    valid = (a > 0) & (b > 0) & (x >= 0) & (x <= 1)
    inside = where_true(valid)
    result[inside] *= _beta_fraction(p[inside], q[inside], y[inside], tolerance)
    result = np.where(swap, 1 - result, result)
    result = np.where(x == 0, 0.0, np.where(x == 1, 1.0, result))
    return np.where(valid, result, np.nan)


@blocked(partial(_betainc, tolerance=_SHORT))
def betainc(a: Any, b: Any, x: Any) -> Any:
    """The regularised incomplete beta function I_x(a, b); a, b > 0, 0 <= x <= 1."""
    return _betainc(a, b, x, 1e-16)


def _beta_fraction(a: Any, b: Any, x: Any, tolerance: float) -> Any:
    """The continued fraction 26.5.8, by Lentz's method."""
    def not_zero(value: Any) -> Any:
        value[np.abs(value) < 1e-300] = 1e-300
        return value

    def step(m: int, arrays: list[Any]) -> Any:
        a, b, x, c, d, h = arrays
        even = a + 2 * m
        for numerator in (m * (b - m) * x / ((even - 1) * even), -(a + m) * (a + b + m) * x / (even * (even + 1))):
            d *= numerator
            d += 1
            np.reciprocal(not_zero(d), d)
            np.divide(numerator, c, c)
            c += 1
            change = d * not_zero(c)
            h *= change
        return None if m % _EVERY else np.abs(change - 1) > tolerance
    d = 1 / not_zero(1 - (a + b) * x / (a + 1))
    return _converge([a, b, x, np.ones_like(x), d, d.copy()], step, (5,), 400)[0]
