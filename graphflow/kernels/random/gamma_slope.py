"""How a gamma number changes with its shape parameter when everything else of the draw stays.

M. Figurnov, S. Mohamed, A. Mnih, "Implicit reparameterization gradients", 2018: the value x of the quantile that was drawn moves by
    dx/da = - (dP(a, x)/da) / (dP(a, x)/dx),    P the regularised lower incomplete gamma function.
From its series P = x^a e^-x / gamma(a + 1) * S, so dx/da = -(x / a) ((log x - digamma(a + 1)) S + dS/da). Far above a, where
that cancels, the same from the asymptotic series of Q = 1 - P = x^(a-1) e^-x / gamma(a) * U.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..special import digamma
from ..special.incomplete import lower_series_and_slope

_FAR = 15.0  # from here on above a the tail's series is good to float32's precision, and better further out
_TERMS = 20_000


def gamma_sample_slope(alpha: NDArray[Any], sample: NDArray[Any]) -> NDArray[Any]:
    """d sample / d alpha, for gamma numbers of scale 1; the arguments broadcast, the dtype is alpha's."""
    a, x = np.broadcast_arrays(alpha.astype(np.float64), sample.astype(np.float64))
    valid = (a > 0) & (x > 0)
    far = valid & (x > a + _FAR)
    near = valid & ~far
    out = np.where(valid | (x == 0), 0.0, np.nan)
    with np.errstate(all="ignore"):
        out[near] = _near(a[near], x[near])
        out[far] = _far(a[far], x[far])
    return out.astype(alpha.dtype)


def _near(a: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
    total, slope = lower_series_and_slope(a, x)
    return -(x / a) * ((np.log(x) - digamma(a + 1)) * total + slope)


def _far(a: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
    """U = sum of (a-1) ... (a-k) / x^k, taken as far as terms fall, and its derivative by a."""
    term, drift = np.ones_like(a), np.zeros_like(a)  # the term and its derivative, which goes on where the term ends (whole a)
    total, slope = term.copy(), drift.copy()
    falling = np.ones(a.shape, np.bool_)
    for k in range(1, _TERMS):
        factor = (a - k) / x
        falling = falling & (np.abs(factor) < 1) & (np.abs(term) + np.abs(drift) > 1e-17 * total)
        if not falling.any():
            break
        drift = drift * factor + term / x
        term = term * factor
        total = np.where(falling, total + term, total)
        slope = np.where(falling, slope + drift, slope)
    return (np.log(x) - digamma(a)) * total + slope
