"""Poisson, Deterministic, OneHotCategorical and its relaxed, differentiable kin; families with other parameters."""
from __future__ import annotations

from typing import Any

import numpy as np

import graphflow as tf

from ...core.export import export
from ...distributions.discrete import logits_and_probs
from ...distributions.distribution import FULLY_REPARAMETERIZED, NOT_REPARAMETERIZED, Distribution, arguments
from ...distributions.divergence import RegisterKL
from ...distributions.location_scale import Laplace, Normal


@export("contrib.distributions.Poisson")
class Poisson(Distribution):
    """Counts of mean rate; rate or log_rate is given, floating."""
    broadcasting = ("rate",)

    def __init__(self, rate: Any = None, log_rate: Any = None, validate_args: bool = False, allow_nan_stats: bool = True,
                 name: str = "Poisson"):
        given = arguments()
        if (rate is None) == (log_rate is None):
            raise ValueError("Must specify exactly one of `rate` and `log_rate`.")
        with tf.name_scope(name, values=[rate, log_rate]) as scope:
            if log_rate is None:
                self._rate = tf.convert_to_tensor(rate, name="rate")
                if validate_args:
                    with tf.control_dependencies([tf.assert_positive(self._rate)]):
                        self._rate = tf.identity(self._rate)
                self._log_rate = tf.log(self._rate, name="log_rate")
            else:
                self._log_rate = tf.convert_to_tensor(log_rate, name="log_rate")
                self._rate = tf.exp(self._log_rate, name="rate")
        super().__init__(self._rate.dtype, NOT_REPARAMETERIZED, validate_args, allow_nan_stats, given, [self._rate], scope)

    rate = property(lambda self: self._rate)
    log_rate = property(lambda self: self._log_rate)

    def _dtype_of_values(self) -> Any:
        return self._dtype

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        return tf.random_poisson(self.rate, [n], dtype=self.dtype, seed=seed)

    def _log_prob(self, x: Any) -> Any:
        return x * self.log_rate - tf.lgamma(1.0 + x) - self.rate

    def _cdf(self, x: Any) -> Any:
        return tf.igammac(1.0 + x + tf.zeros_like(self.rate), self.rate + tf.zeros_like(x))

    def _mean(self) -> Any:
        return tf.identity(self.rate)

    def _variance(self) -> Any:
        return tf.identity(self.rate)

    def _mode(self) -> Any:
        return tf.floor(self.rate)


@export("contrib.distributions.Deterministic")
class Deterministic(Distribution):
    """Always loc. prob is 1 at loc, within atol + rtol |loc|, and 0 elsewhere."""
    broadcasting = ("loc",)

    def __init__(self, loc: Any, atol: Any = None, rtol: Any = None, validate_args: bool = False, allow_nan_stats: bool = True,
                 name: str = "Deterministic"):
        given = arguments()
        with tf.name_scope(name, values=[loc, atol, rtol]) as scope:
            self._loc = tf.convert_to_tensor(loc, name="loc")
            self._near = sum(tf.convert_to_tensor(0 if part is None else part, self._loc.dtype) * factor
                             for part, factor in ((atol, 1), (rtol, tf.abs(self._loc))))
        super().__init__(self._loc.dtype, FULLY_REPARAMETERIZED, validate_args, allow_nan_stats, given, [self._loc], scope)

    loc = property(lambda self: self._loc)

    def _dtype_of_values(self) -> Any:
        return self._dtype

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        return self._loc + tf.zeros(tf.concat([[n], self.batch_shape_tensor()], 0), self.dtype)

    def _prob(self, x: Any) -> Any:
        return tf.cast(tf.abs(x - self._loc) <= self._near, self.dtype)

    def _cdf(self, x: Any) -> Any:
        return tf.cast(x >= self._loc - self._near, self.dtype)

    def _mean(self) -> Any:
        return tf.identity(self._loc)

    def _mode(self) -> Any:
        return tf.identity(self._loc)

    def _variance(self) -> Any:
        return tf.zeros_like(self._loc)

    def _entropy(self) -> Any:
        return tf.zeros_like(self._loc)


class _Vectors(Distribution):
    """Families over vectors as long as the last axis of their logits."""
    _logits: Any
    _probs: Any

    logits = property(lambda self: self._logits)
    probs = property(lambda self: self._probs)

    @property
    def event_size(self) -> Any:
        """int32 tensor: how many classes there are."""
        return tf.shape(self._logits)[-1]

    def _batch_shape(self) -> Any:
        return self._logits.shape.with_rank_at_least(1)[:-1]

    def _batch_shape_tensor(self) -> Any:
        return tf.shape(self._logits)[:-1]

    def _event_shape(self) -> Any:
        return self._logits.shape.with_rank_at_least(1)[-1:]

    def _event_shape_tensor(self) -> Any:
        return tf.shape(self._logits)[-1:]


@export("contrib.distributions.OneHotCategorical")
class OneHotCategorical(_Vectors):
    """One of k classes as a vector of one 1 and zeros. logits or probs: [..., k]."""

    def __init__(self, logits: Any = None, probs: Any = None, dtype: Any = tf.int32, validate_args: bool = False,
                 allow_nan_stats: bool = True, name: str = "OneHotCategorical"):
        given = arguments()
        with tf.name_scope(name, values=[logits, probs]) as scope:
            self._logits, self._probs = logits_and_probs(logits, probs, True, validate_args)
        super().__init__(dtype, NOT_REPARAMETERIZED, validate_args, allow_nan_stats, given, [self._logits, self._probs], scope)

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        rows = self.logits if self.logits.shape.ndims == 2 else tf.reshape(self.logits, [-1, self.event_size])
        drawn = tf.reshape(tf.transpose(tf.multinomial(rows, n, seed=seed)), tf.concat([[n], self.batch_shape_tensor()], 0))
        return tf.one_hot(drawn, self.event_size, dtype=self.dtype)

    def _log_prob(self, x: Any) -> Any:
        x = tf.cast(x, self.logits.dtype)
        return tf.reduce_sum(tf.where_v2(x > 0.5, tf.nn.log_softmax(self.logits), tf.zeros([], x.dtype)), -1)

    def _entropy(self) -> Any:
        return -tf.reduce_sum(tf.nn.log_softmax(self.logits) * self.probs, -1)

    def _mean(self) -> Any:
        return tf.identity(self.probs)

    def _variance(self) -> Any:
        return self.probs * (1.0 - self.probs)

    def _covariance(self) -> Any:
        return tf.matrix_set_diag(-self.probs[..., tf.newaxis] * self.probs[..., tf.newaxis, :], self._variance())

    def _mode(self) -> Any:
        return tf.one_hot(tf.argmax(self.logits, -1), self.event_size, dtype=self.dtype)


@RegisterKL(OneHotCategorical, OneHotCategorical)
def _one_hot_divergence(a: Any, b: Any, name: str | None = None) -> Any:
    with tf.name_scope(name, "kl_categorical_categorical", [a.logits, b.logits]):
        return tf.reduce_sum(tf.nn.softmax(a.logits) * (tf.nn.log_softmax(a.logits) - tf.nn.log_softmax(b.logits)), -1)


@export("contrib.distributions.ExpRelaxedOneHotCategorical")
class ExpRelaxedOneHotCategorical(_Vectors):
    """Logarithms of the samples of RelaxedOneHotCategorical, which do not underflow at low temperatures."""

    def __init__(self, temperature: Any, logits: Any = None, probs: Any = None, dtype: Any = None, validate_args: bool = False,
                 allow_nan_stats: bool = True, name: str = "ExpRelaxedOneHotCategorical"):
        given = arguments()
        with tf.name_scope(name, values=[logits, probs, temperature]) as scope:
            self._logits, self._probs = logits_and_probs(logits, probs, True, validate_args)
            self._temperature = tf.convert_to_tensor(temperature, self._logits.dtype, name="temperature")
            if validate_args:
                with tf.control_dependencies([tf.assert_positive(self._temperature)]):
                    self._temperature = tf.identity(self._temperature)
        super().__init__(dtype or self._logits.dtype, FULLY_REPARAMETERIZED, validate_args, allow_nan_stats, given,
                         [self._logits, self._probs, self._temperature], scope)

    temperature = property(lambda self: self._temperature)

    def _dtype_of_values(self) -> Any:
        return self._dtype

    def _per_row(self) -> Any:
        return self._temperature[..., tf.newaxis]

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        shape = tf.concat([[n], tf.shape(self.logits)], 0)
        least = np.finfo(self.dtype.as_numpy_dtype).tiny
        u = tf.random_uniform(shape, minval=least, maxval=1, dtype=self.dtype, seed=seed)
        return tf.nn.log_softmax((-tf.log(-tf.log(u)) + self.logits) / self._per_row())

    def _log_prob(self, x: Any) -> Any:
        """Maddison, Mnih, Teh: The Concrete Distribution, appendix C.3."""
        k = tf.cast(self.event_size, x.dtype)
        weighted = tf.nn.log_softmax(self.logits - x * self._per_row())
        constant = tf.lgamma(k) + (k - 1.0) * tf.log(self._temperature)
        return tf.reduce_sum(weighted, -1) + constant


@export("contrib.distributions.RelaxedOneHotCategorical")
class RelaxedOneHotCategorical(ExpRelaxedOneHotCategorical):
    """Vectors near the corners of a simplex, through which gradients flow: softmax((logits + Gumbel noise) / temperature).

    Jang, Gu, Poole: Categorical Reparameterization with Gumbel-Softmax; Maddison, Mnih, Teh: The Concrete Distribution.
    """

    def __init__(self, temperature: Any, logits: Any = None, probs: Any = None, dtype: Any = None, validate_args: bool = False,
                 allow_nan_stats: bool = True, name: str = "RelaxedOneHotCategorical"):
        given = arguments()
        super().__init__(temperature, logits, probs, dtype, validate_args, allow_nan_stats, name)
        self._parameters = given

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        return tf.exp(super()._sample_n(n, seed))

    def _log_prob(self, x: Any) -> Any:
        return super()._log_prob(tf.log(x)) - tf.reduce_sum(tf.log(x), -1)


@export("contrib.distributions.NormalWithSoftplusScale")
class NormalWithSoftplusScale(Normal):
    """Normal whose deviation is softplus(scale)."""

    def __init__(self, loc: Any, scale: Any, validate_args: bool = False, allow_nan_stats: bool = True,
                 name: str = "NormalWithSoftplusScale"):
        given = arguments()
        super().__init__(loc, tf.nn.softplus(scale, name="softplus_scale"), validate_args, allow_nan_stats, name)
        self._parameters = given


@export("contrib.distributions.LaplaceWithSoftplusScale")
class LaplaceWithSoftplusScale(Laplace):
    """Laplace whose scale is softplus(scale)."""

    def __init__(self, loc: Any, scale: Any, validate_args: bool = False, allow_nan_stats: bool = True,
                 name: str = "LaplaceWithSoftplusScale"):
        given = arguments()
        super().__init__(loc, tf.nn.softplus(scale, name="softplus_scale"), validate_args, allow_nan_stats, name)
        self._parameters = given
