"""Modified Bessel functions of the first two orders. Source: Abramowitz and Stegun 9.6 and 9.7."""
from __future__ import annotations

from functools import partial
from math import factorial
from typing import Any

import numpy as np

from .blocks import blocked, polynomial, where_true

# For results of up to 4 bytes: the power series in x^2 / 4, for x up to 8; sqrt(x) times the function as a polynomial in 1 / x beyond,
# fitted to relative errors of 1e-10
_SERIES = tuple(tuple(1 / (factorial(k) * factorial(k + order)) for k in reversed(range(18))) for order in (0, 1))
_FAR = ((8.486240836930998, -1.8893933945019334, 0.33465811654358096, 0.030350445691037134, 0.02966188095565596, 0.02804410888900996,
         0.04986782106467336, 0.3989422803691815),
        (-9.61085493271521, 2.145643726397245, -0.3920139675205454, -0.04074140376585977, -0.041430190461332846, -0.04674322213482886,
         -0.14960339915049117, 0.39894228044165597))


def _scaled_short(x: Any, order: int) -> Any:
    """As `_scaled`, good to 1e-10."""
    size = np.abs(x)
    near = np.minimum(size, 8.0)
    result = polynomial(near * near / 4, _SERIES[order])
    result *= np.exp(-near)
    if order:
        result *= near / 2
    far = where_true(size > 8)
    y = size[far]
    result[far] = polynomial(1 / y, _FAR[order]) / np.sqrt(y)
    result[np.isnan(x)] = np.nan
    return np.copysign(result, x) if order else result


def _scaled(x: Any, order: int) -> Any:
    """exp(-|x|) I_order(x): the power series up to 30, beyond that the asymptotic one."""
    size = np.abs(x.astype(np.longdouble))          # many roundings: more bits where there are any
    near = np.minimum(size, 30.0)
    quarter = near * near / 4
    term = np.ones_like(near) if order == 0 else near / 2
    total = term.copy()
    for k in range(1, 120):
        term *= quarter
        term /= k * (k + order)
        total += term
        if not (term > 1e-20 * total).any():
            break
    result = total * np.exp(-near)
    far = where_true(~(size <= 30))
    y = size[far]
    tail, part = np.ones_like(y), np.ones_like(y)
    for k in range(1, 20):
        part = -part * (4 * order * order - (2 * k - 1) ** 2) / (k * 8 * y)
        tail += part
    result[far] = tail / np.sqrt(2 * np.pi * y)
    return np.copysign(result, x) if order else result


def _unscaled(x: Any, order: int, scaled: Any) -> Any:
    return scaled(x, order) * np.exp(np.abs(x))


@blocked(partial(_scaled_short, order=0))
def bessel_i0e(x: Any) -> Any:
    """exp(-|x|) I0(x)."""
    return _scaled(x, 0)


@blocked(partial(_scaled_short, order=1))
def bessel_i1e(x: Any) -> Any:
    """exp(-|x|) I1(x)."""
    return _scaled(x, 1)


@blocked(partial(_unscaled, order=0, scaled=_scaled_short))
def bessel_i0(x: Any) -> Any:
    """The modified Bessel function of order 0."""
    return _unscaled(x, 0, _scaled)


@blocked(partial(_unscaled, order=1, scaled=_scaled_short))
def bessel_i1(x: Any) -> Any:
    """The modified Bessel function of order 1."""
    return _unscaled(x, 1, _scaled)
