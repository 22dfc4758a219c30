"""The standard normal distribution's function, its logarithm and its inverse, accurate in both tails.

Abramowitz and Stegun, Handbook of Mathematical Functions: 26.2.29 (by erf) and 26.2.12 (the asymptotic series of the tail).
"""
from __future__ import annotations

import math
from typing import Any

import graphflow as tf

_FAR = {tf.float32: (-10.0, 5.0), tf.float64: (-20.0, 8.0)}       # below: the series; above: 1 - a tail
_TERMS = 3


def normal_cdf(x: Any) -> Any:
    """P(Z <= x) of a standard normal Z, elementwise."""
    w = x * math.sqrt(0.5)
    z = tf.abs(w)
    tail = tf.erfc(z)
    near = 1.0 + tf.erf(w)
    return 0.5 * tf.where_v2(z < math.sqrt(0.5), near, tf.where_v2(w > 0.0, 2.0 - tail, tail))


def log_normal_cdf(x: Any) -> Any:
    """log P(Z <= x), also where the probability itself would be 0; gradients are finite everywhere."""
    low, high = _FAR[x.dtype.base_dtype]
    far = tf.minimum(x, low)
    squared = tf.square(far)
    series, term = tf.ones_like(x), tf.ones_like(x)
    for n in range(1, _TERMS + 1):
        term = term * -(2 * n - 1) / squared
        series = series + term
    tail = -0.5 * squared - tf.log(-far) - 0.5 * math.log(2 * math.pi) + tf.log(series)
    middle = tf.log(normal_cdf(tf.maximum(x, low)))
    return tf.where_v2(x > high, -normal_cdf(-x), tf.where_v2(x > low, middle, tail))


def normal_quantile(p: Any) -> Any:
    """The x of P(Z <= x) = p, elementwise."""
    return tf.math.ndtri(p)
