"""log-gamma without scipy, which graphflow does not depend on."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

# Stirling's series: B(2n) / (2n (2n-1)), NIST DLMF 5.11.1
_STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156)
_SHIFT = 10.0


def log_gamma(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """log(gamma(x)) for x > 0, float64, to about 2e-14 of the larger of 1 and the result."""
    small = x < _SHIFT
    shifted = np.where(small, x + _SHIFT, x)
    inverse = 1 / shifted
    square = inverse * inverse
    series = np.zeros_like(shifted)
    for coefficient in reversed(_STIRLING):
        series = series * square + coefficient
    result = (shifted - 0.5) * np.log(shifted) - shifted + 0.5 * math.log(2 * math.pi) + series * inverse
    if small.any():  # gamma(x) = gamma(x + 10) / (x (x+1) ... (x+9))
        product = np.ones_like(x)
        for step in range(int(_SHIFT)):
            product = np.where(small, product * (x + step), 1.0)
        result = result - np.log(product)
    return result
