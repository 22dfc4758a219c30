"""Families of a location and a scale: Normal, Laplace, StudentT, and Uniform between two bounds."""
from __future__ import annotations

import math
from typing import Any

import numpy as np

import graphflow as tf

from ..core.export import export
from .distribution import FULLY_REPARAMETERIZED, Distribution, arguments
from .divergence import RegisterKL
from .normal_tails import log_normal_cdf, normal_cdf, normal_quantile
from .seeds import new_seed


class Continuous(Distribution):
    """A family whose parameters are floating tensors of one dtype, each a property of its name."""
    _positive: tuple[str, ...] = ()

    def _start(self, name: str, validate_args: bool, allow_nan_stats: bool, given: dict[str, Any]) -> None:
        values = {parameter: given[parameter] for parameter in self.broadcasting}
        with tf.name_scope(name, values=list(values.values())) as scope:
            checks = [tf.assert_positive(values[parameter]) for parameter in self._positive] if validate_args else []
            checks += self._checks(values) if validate_args else []
            with tf.control_dependencies(checks):
                self._tensors = {parameter: tf.identity(value, name=parameter) for parameter, value in values.items()}
            tf.debugging.assert_same_float_dtype(list(self._tensors.values()))
        super().__init__(self._tensors[self.broadcasting[-1]].dtype, FULLY_REPARAMETERIZED, validate_args, allow_nan_stats, given,
                         list(self._tensors.values()), scope)

    def _checks(self, values: dict[str, Any]) -> list[Any]:
        return []

    def _dtype_of_values(self) -> Any:
        return self._dtype

    def _full(self, value: Any) -> Any:
        """value in the shape of the batch."""
        for name in self.broadcasting:
            if self._tensors[name] is not value:
                value = value * tf.ones_like(self._tensors[name])
        return value

    def _draw_shape(self, n: Any) -> Any:
        return tf.concat([[n], self.batch_shape_tensor()], 0)


class LocationScale(Continuous):
    """loc + scale * z, z of a standard distribution."""
    broadcasting: tuple[str, ...] = ("loc", "scale")
    _positive: tuple[str, ...] = ("scale",)

    loc = property(lambda self: self._tensors["loc"])
    scale = property(lambda self: self._tensors["scale"])

    def _z(self, value: Any) -> Any:
        with tf.name_scope("standardize", values=[value]):
            return (value - self.loc) / self.scale

    def _mean(self) -> Any:
        return self._full(self.loc)

    def _mode(self) -> Any:
        return self._mean()


@export("distributions.Normal")
class Normal(LocationScale):
    """The normal distribution of mean loc and standard deviation scale, both floating and broadcast together."""

    def __init__(self, loc: Any, scale: Any, validate_args: bool = False, allow_nan_stats: bool = True, name: str = "Normal"):
        self._start(name, validate_args, allow_nan_stats, arguments())

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        drawn = tf.random_normal(self._draw_shape(n), mean=0.0, stddev=1.0, dtype=self.dtype, seed=seed)
        return drawn * self.scale + self.loc

    def _log_prob(self, value: Any) -> Any:
        return -0.5 * tf.square(self._z(value)) - (0.5 * math.log(2 * math.pi) + tf.log(self.scale))

    def _cdf(self, value: Any) -> Any:
        return normal_cdf(self._z(value))

    def _log_cdf(self, value: Any) -> Any:
        return log_normal_cdf(self._z(value))

    def _survival_function(self, value: Any) -> Any:
        return normal_cdf(-self._z(value))

    def _log_survival_function(self, value: Any) -> Any:
        return log_normal_cdf(-self._z(value))

    def _quantile(self, p: Any) -> Any:
        return normal_quantile(p) * self.scale + self.loc

    def _entropy(self) -> Any:
        return 0.5 * math.log(2 * math.pi * math.e) + tf.log(self._full(self.scale))

    def _stddev(self) -> Any:
        return self._full(self.scale)


@RegisterKL(Normal, Normal)
def _normal_divergence(a: Any, b: Any, name: str | None = None) -> Any:
    with tf.name_scope(name, "kl_normal_normal", [a.loc, b.loc]):
        ratio = tf.square(a.scale / b.scale)
        return 0.5 * (tf.square((a.loc - b.loc) / b.scale) + ratio - 1.0 - tf.log(ratio))


@export("distributions.Laplace")
class Laplace(LocationScale):
    """exp(-|x - loc| / scale) / (2 scale)."""

    def __init__(self, loc: Any, scale: Any, validate_args: bool = False, allow_nan_stats: bool = True, name: str = "Laplace"):
        self._start(name, validate_args, allow_nan_stats, arguments())

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        least = np.nextafter(self.dtype.as_numpy_dtype(-1), self.dtype.as_numpy_dtype(0))
        u = tf.random_uniform(self._draw_shape(n), minval=least, maxval=1.0, dtype=self.dtype, seed=seed)
        return self.loc - self.scale * tf.sign(u) * tf.log1p(-tf.abs(u))

    def _log_prob(self, value: Any) -> Any:
        return -tf.abs(self._z(value)) - (math.log(2.0) + tf.log(self.scale))

    def _cdf(self, value: Any) -> Any:
        return tf.exp(self._log_cdf(value))

    def _log_cdf(self, value: Any) -> Any:
        return _log_laplace(self._z(value))

    def _survival_function(self, value: Any) -> Any:
        return tf.exp(_log_laplace(-self._z(value)))

    def _log_survival_function(self, value: Any) -> Any:
        return _log_laplace(-self._z(value))

    def _entropy(self) -> Any:
        return math.log(2.0) + 1.0 + tf.log(self._full(self.scale))

    def _stddev(self) -> Any:
        return math.sqrt(2.0) * self._full(self.scale)


def _log_laplace(z: Any) -> Any:
    low = tf.minimum(z, 0.0)
    return tf.where_v2(z < 0.0, low - math.log(2.0), tf.log1p(-0.5 * tf.exp(-tf.maximum(z, 0.0))))


@export("distributions.StudentT")
class StudentT(LocationScale):
    """loc + scale * t, t of Student's distribution with df degrees of freedom. The mean is nan for df <= 1, the variance for df <= 1
    nan and for df <= 2 infinite."""
    broadcasting = ("df", "loc", "scale")
    _positive = ("df",)

    df = property(lambda self: self._tensors["df"])

    def __init__(self, df: Any, loc: Any, scale: Any, validate_args: bool = False, allow_nan_stats: bool = True, name: str = "StudentT"):
        self._start(name, validate_args, allow_nan_stats, arguments())

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        normal = tf.random_normal(self._draw_shape(n), dtype=self.dtype, seed=seed)
        df = self.df * tf.ones(self.batch_shape_tensor(), dtype=self.dtype)
        gamma = tf.random_gamma([n], 0.5 * df, beta=0.5, dtype=self.dtype, seed=new_seed(seed, "student_t"))
        return normal * tf.rsqrt(gamma / df) * self.scale + self.loc

    def _log_prob(self, value: Any) -> Any:
        spread = -0.5 * (self.df + 1.0) * tf.log1p(tf.square((value - self.loc) / self.scale) / self.df)
        return spread - (tf.log(tf.abs(self.scale)) + 0.5 * tf.log(self.df) + self._log_beta())

    def _log_beta(self) -> Any:
        """log B(1/2, df / 2)."""
        return 0.5 * math.log(math.pi) + tf.lgamma(0.5 * self.df) - tf.lgamma(0.5 * (self.df + 1.0))

    def _cdf(self, value: Any) -> Any:
        y = (value - self.loc) / tf.abs(self.scale)
        x = self.df / (tf.square(y) + self.df)
        df = self.df + tf.zeros_like(x)
        tail = 0.5 * tf.betainc(0.5 * df, 0.5 * tf.ones_like(x), x)
        return tf.where_v2(y < 0.0, tail, 1.0 - tail)

    def _entropy(self) -> Any:
        half = 0.5 * (self.df + 1.0)
        found = 0.5 * tf.log(self.df) + self._log_beta() + half * (tf.digamma(half) - tf.digamma(0.5 * self.df))
        return tf.log(tf.abs(self._full(self.scale))) + found

    def _mean(self) -> Any:
        return self._undefined(self._full(self.df) > 1.0, self._full(self.loc), "mean not defined for components of df <= 1")

    def _variance(self) -> Any:
        df = self._full(self.df)
        finite = tf.square(self.scale) * df / tf.where_v2(df > 2.0, df - 2.0, tf.ones_like(df))
        found = tf.where_v2(df > 2.0, finite, tf.constant(np.inf, df.dtype))
        return self._undefined(df > 1.0, found, "variance not defined for components of df <= 1")

    def _mode(self) -> Any:
        return tf.identity(self.loc)


@export("distributions.Uniform")
class Uniform(Continuous):
    """Any number of [low, high) alike. Nothing is checked unless validate_args: then low < high."""
    broadcasting = ("low", "high")

    low = property(lambda self: self._tensors["low"])
    high = property(lambda self: self._tensors["high"])

    def __init__(self, low: Any = 0.0, high: Any = 1.0, validate_args: bool = False, allow_nan_stats: bool = True, name: str = "Uniform"):
        self._start(name, validate_args, allow_nan_stats, arguments())

    def _checks(self, values: dict[str, Any]) -> list[Any]:
        return [tf.assert_less(values["low"], values["high"], message="uniform not defined when low >= high.")]

    def range(self, name: str = "range") -> Any:
        """high - low."""
        with self._scope(name):
            return self.high - self.low

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        drawn = tf.random_uniform(self._draw_shape(n), dtype=self.dtype, seed=seed)
        return self.low + self.range() * drawn

    def _prob(self, value: Any) -> Any:
        width = self.high - self.low
        inside = tf.where_v2(tf.logical_or(value < self.low, value >= self.high), tf.zeros_like(value), tf.ones_like(value) / width)
        return tf.where_v2(tf.is_nan(value), value, inside)

    def _cdf(self, value: Any) -> Any:
        return tf.clip_by_value((value - self.low) / (self.high - self.low), 0.0, 1.0)

    def _entropy(self) -> Any:
        return tf.log(self.range())

    def _mean(self) -> Any:
        return (self.low + self.high) / 2.0

    def _variance(self) -> Any:
        return tf.square(self.range()) / 12.0

    def _stddev(self) -> Any:
        return self.range() / math.sqrt(12.0)
