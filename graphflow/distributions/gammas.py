"""Gamma, Exponential, Beta and Dirichlet: what is made of gamma draws."""
from __future__ import annotations

from typing import Any

import numpy as np

import graphflow as tf

from ..core.export import export
from .distribution import FULLY_REPARAMETERIZED, Distribution, arguments
from .divergence import RegisterKL
from .location_scale import Continuous
from .seeds import new_seed


@export("distributions.Gamma")
class Gamma(Continuous):
    """x^(concentration - 1) exp(-rate x), up to a factor: the mean is concentration / rate."""
    broadcasting: tuple[str, ...] = ("concentration", "rate")
    _positive: tuple[str, ...] = ("concentration", "rate")

    concentration = property(lambda self: self._tensors["concentration"])
    rate = property(lambda self: self._tensors["rate"])

    def __init__(self, concentration: Any, rate: Any, validate_args: bool = False, allow_nan_stats: bool = True, name: str = "Gamma"):
        self._start(name, validate_args, allow_nan_stats, arguments())

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        return tf.random_gamma([n], alpha=self.concentration, beta=self.rate, dtype=self.dtype, seed=seed)

    def _valid(self, value: Any) -> Any:
        return self._checked(value, (tf.assert_positive, "a sample is positive"))

    def _log_prob(self, value: Any) -> Any:
        value = self._valid(value)
        normal = self.concentration * tf.log(self.rate) - tf.lgamma(self.concentration)
        return tf.math.xlogy(self.concentration - 1.0, value) - self.rate * value + normal

    def _cdf(self, value: Any) -> Any:
        value = self.rate * self._valid(value)
        return tf.igamma(self.concentration + tf.zeros_like(value), value + tf.zeros_like(self.concentration))

    def _entropy(self) -> Any:
        c = self.concentration
        return c - tf.log(self.rate) + tf.lgamma(c) + (1.0 - c) * tf.digamma(c)

    def _mean(self) -> Any:
        return self.concentration / self.rate

    def _variance(self) -> Any:
        return self.concentration / tf.square(self.rate)

    def _stddev(self) -> Any:
        return tf.sqrt(self.concentration) / self.rate

    def _mode(self) -> Any:
        return self._undefined(self._full(self.concentration) > 1.0, (self.concentration - 1.0) / self.rate,
                               "mode not defined when any concentration <= 1")


@RegisterKL(Gamma, Gamma)
def _gamma_divergence(a: Any, b: Any, name: str | None = None) -> Any:
    with tf.name_scope(name, "kl_gamma_gamma", [a.concentration, a.rate, b.concentration, b.rate]):
        of_shape = (a.concentration - b.concentration) * tf.digamma(a.concentration) - tf.lgamma(a.concentration) + \
            tf.lgamma(b.concentration)
        return of_shape + b.concentration * tf.log(a.rate / b.rate) + a.concentration * (b.rate / a.rate - 1.0)


@export("distributions.Exponential")
class Exponential(Gamma):
    """rate exp(-rate x), of x >= 0."""
    broadcasting = ("rate",)
    _positive = ("rate",)

    concentration = property(lambda self: tf.ones([], self.dtype))

    def __init__(self, rate: Any, validate_args: bool = False, allow_nan_stats: bool = True, name: str = "Exponential"):
        self._start(name, validate_args, allow_nan_stats, arguments())

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        least = np.finfo(self.dtype.as_numpy_dtype).tiny
        u = tf.random_uniform(self._draw_shape(n), minval=least, maxval=1.0, dtype=self.dtype, seed=seed)
        return -tf.log(u) / self.rate

    def _mode(self) -> Any:
        return self._undefined(tf.zeros_like(self.rate) > 1.0, tf.zeros_like(self.rate), "mode not defined when any concentration <= 1")


@export("distributions.Beta")
class Beta(Distribution):
    """x^(concentration1 - 1) (1 - x)^(concentration0 - 1), up to a factor, of 0 < x < 1."""
    broadcasting = ("concentration1", "concentration0")

    def __init__(self, concentration1: Any = None, concentration0: Any = None, validate_args: bool = False, allow_nan_stats: bool = True,
                 name: str = "Beta"):
        given = arguments()
        with tf.name_scope(name, values=[concentration1, concentration0]) as scope:
            self._c1, self._c0 = (_positive(tf.convert_to_tensor(value, name=label), validate_args)
                                  for value, label in ((concentration1, "concentration1"), (concentration0, "concentration0")))
            tf.debugging.assert_same_float_dtype([self._c1, self._c0])
            self._total = self._c1 + self._c0
        super().__init__(self._total.dtype, FULLY_REPARAMETERIZED, validate_args, allow_nan_stats, given, [self._c1, self._c0, self._total],
                         scope)

    concentration1 = property(lambda self: self._c1)
    concentration0 = property(lambda self: self._c0)
    total_concentration = property(lambda self: self._total)

    def _dtype_of_values(self) -> Any:
        return self._dtype

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        ones = tf.ones_like(self._total, dtype=self.dtype)
        draws = [tf.random_gamma([n], alpha=ones * c, dtype=self.dtype, seed=s)
                 for c, s in ((self._c1, seed), (self._c0, new_seed(seed, "beta")))]
        return draws[0] / (draws[0] + draws[1])

    def _valid(self, x: Any) -> Any:
        if not self.validate_args:
            return x
        with tf.control_dependencies([tf.assert_positive(x, message="sample must be positive"),
                                      tf.assert_less(x, tf.ones([], self.dtype), message="sample must be less than `1`.")]):
            return tf.identity(x)

    def _log_beta(self) -> Any:
        return tf.lgamma(self._c1) + tf.lgamma(self._c0) - tf.lgamma(self._total)

    def _log_prob(self, x: Any) -> Any:
        x = self._valid(x)
        return tf.math.xlogy(self._c1 - 1.0, x) + (self._c0 - 1.0) * tf.log1p(-x) - self._log_beta()

    def _cdf(self, x: Any) -> Any:
        x = self._valid(x)
        full = x + tf.zeros_like(self._total)
        return tf.betainc(self._c1 + tf.zeros_like(full), self._c0 + tf.zeros_like(full), full)

    def _entropy(self) -> Any:
        return (self._log_beta() - (self._c1 - 1.0) * tf.digamma(self._c1) - (self._c0 - 1.0) * tf.digamma(self._c0)
                + (self._total - 2.0) * tf.digamma(self._total))

    def _mean(self) -> Any:
        return self._c1 / self._total

    def _variance(self) -> Any:
        return self._mean() * (1.0 - self._mean()) / (1.0 + self._total)

    def _mode(self) -> Any:
        return self._undefined(tf.logical_and(self._c1 > 1.0, self._c0 > 1.0), (self._c1 - 1.0) / (self._total - 2.0),
                               "Mode undefined for concentration1 <= 1 or concentration0 <= 1.")


@RegisterKL(Beta, Beta)
def _beta_divergence(a: Any, b: Any, name: str | None = None) -> Any:
    with tf.name_scope(name, "kl_beta_beta", [a.concentration1, b.concentration1]):
        found = b._log_beta() - a._log_beta()
        for c, d in ((a.concentration1, b.concentration1), (a.concentration0, b.concentration0)):
            found += tf.digamma(c) * (c - d)
        return found + tf.digamma(a.total_concentration) * (b.total_concentration - a.total_concentration)


@export("distributions.Dirichlet")
class Dirichlet(Distribution):
    """The product of x_i^(concentration_i - 1), up to a factor, over vectors x of positive numbers that sum to 1.

    concentration: [..., k] with k >= 2.
    """

    def __init__(self, concentration: Any, validate_args: bool = False, allow_nan_stats: bool = True, name: str = "Dirichlet"):
        given = arguments()
        with tf.name_scope(name, values=[concentration]) as scope:
            self._concentration = _positive(tf.convert_to_tensor(concentration, name="concentration"), validate_args, least_rank=1)
            self._total = tf.reduce_sum(self._concentration, -1)
        super().__init__(self._concentration.dtype, FULLY_REPARAMETERIZED, validate_args, allow_nan_stats, given,
                         [self._concentration, self._total], scope)

    concentration = property(lambda self: self._concentration)
    total_concentration = property(lambda self: self._total)

    def _dtype_of_values(self) -> Any:
        return self._dtype

    def _batch_shape(self) -> Any:
        return self._total.shape

    def _batch_shape_tensor(self) -> Any:
        return tf.shape(self._total)

    def _event_shape(self) -> Any:
        return self._concentration.shape.with_rank_at_least(1)[-1:]

    def _event_shape_tensor(self) -> Any:
        return tf.shape(self._concentration)[-1:]

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        gamma = tf.random_gamma([n], alpha=self._concentration, dtype=self.dtype, seed=seed)
        return gamma / tf.reduce_sum(gamma, -1, keepdims=True)

    def _log_prob(self, x: Any) -> Any:
        if self.validate_args:
            sums = tf.assert_near(tf.ones([], self.dtype), tf.reduce_sum(x, -1), message="sample last-dimension must sum to `1`")
            with tf.control_dependencies([tf.assert_positive(x, message="samples must be positive"), sums]):
                x = tf.identity(x)
        return tf.reduce_sum(tf.math.xlogy(self._concentration - 1.0, x), -1) - tf.lbeta(self._concentration)

    def _entropy(self) -> Any:
        k = tf.cast(self.event_shape_tensor()[0], self.dtype)
        weighted = tf.reduce_sum((self._concentration - 1.0) * tf.digamma(self._concentration), -1)
        return tf.lbeta(self._concentration) + (self._total - k) * tf.digamma(self._total) - weighted

    def _mean(self) -> Any:
        return self._concentration / self._total[..., tf.newaxis]

    def _variance(self) -> Any:
        mean = self._mean()
        return mean * (1.0 - mean) / (1.0 + self._total[..., tf.newaxis])

    def _covariance(self) -> Any:
        mean = self._mean()
        apart = -mean[..., tf.newaxis] * mean[..., tf.newaxis, :] / (1.0 + self._total[..., tf.newaxis, tf.newaxis])
        return tf.matrix_set_diag(apart, self._variance())

    def _mode(self) -> Any:
        k = tf.cast(self.event_shape_tensor()[0], self.dtype)
        found = (self._concentration - 1.0) / (self._total[..., tf.newaxis] - k)
        return self._undefined(tf.reduce_all(self._concentration > 1.0, -1, keepdims=True), found,
                               "Mode undefined when any concentration <= 1")


@RegisterKL(Dirichlet, Dirichlet)
def _dirichlet_divergence(a: Any, b: Any, name: str | None = None) -> Any:
    with tf.name_scope(name, "kl_dirichlet_dirichlet", [a.concentration, b.concentration]):
        centred = tf.digamma(a.concentration) - tf.digamma(tf.reduce_sum(a.concentration, -1, keepdims=True))
        apart = tf.reduce_sum((a.concentration - b.concentration) * centred, -1)
        return apart - tf.lbeta(a.concentration) + tf.lbeta(b.concentration)


def _positive(concentration: Any, validate_args: bool, least_rank: int = 0) -> Any:
    if not validate_args:
        return concentration
    checks = [tf.assert_positive(concentration, message="Concentration parameter must be positive.")]
    if least_rank:
        checks.append(tf.assert_rank_at_least(concentration, least_rank))
        checks.append(tf.assert_less(1, tf.shape(concentration)[-1], message="Event size must be at least 2"))
    with tf.control_dependencies(checks):
        return tf.identity(concentration)
