"""Families over whole numbers: Bernoulli, Categorical, Multinomial and DirichletMultinomial."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ..core.export import export
from .distribution import NOT_REPARAMETERIZED, Distribution, arguments
from .divergence import RegisterKL
from .seeds import new_seed


def logits_and_probs(logits: Any, probs: Any, several: bool, validate_args: bool) -> tuple[Any, Any]:
    """Both, from the one that is given: of one probability each, or of `several` along the last axis.

    ValueError for none or both, TypeError for one that is not floating.
    """
    if (logits is None) == (probs is None):
        raise ValueError("Must pass probs or logits, but not both.")
    given = tf.convert_to_tensor(logits, name="logits") if probs is None else tf.convert_to_tensor(probs, name="probs")
    if not given.dtype.is_floating:
        raise TypeError(f"{'logits' if probs is None else 'probs'} must having floating type, not {given.dtype.name}.")
    if probs is None:
        return given, tf.nn.softmax(given, name="probs") if several else tf.sigmoid(given, name="probs")
    if validate_args:
        checks = [tf.assert_non_negative(given)]
        if several:
            checks.append(tf.assert_near(tf.reduce_sum(given, -1), tf.ones([], given.dtype), message="probs does not sum to 1."))
        else:
            checks.append(tf.assert_less_equal(given, tf.ones([], given.dtype), message="probs has components greater than 1."))
        with tf.control_dependencies(checks):
            given = tf.identity(given)
    with tf.name_scope("logits"):
        return tf.log(given) if several else tf.log(given) - tf.log1p(-1.0 * given), given


@export("distributions.Bernoulli")
class Bernoulli(Distribution):
    """1 with probability probs, else 0; logits are log(probs / (1 - probs)). One of the two is given."""
    broadcasting = ("logits",)

    def __init__(self, logits: Any = None, probs: Any = None, dtype: Any = tf.int32, validate_args: bool = False,
                 allow_nan_stats: bool = True, name: str = "Bernoulli"):
        given = arguments()
        with tf.name_scope(name) as scope:
            self._logits, self._probs = logits_and_probs(logits, probs, False, validate_args)
        super().__init__(dtype, NOT_REPARAMETERIZED, validate_args, allow_nan_stats, given, [self._logits, self._probs], scope)

    logits = property(lambda self: self._logits)
    probs = property(lambda self: self._probs)

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        shape = tf.concat([[n], self.batch_shape_tensor()], 0)
        u = tf.random_uniform(shape, seed=seed, dtype=self.probs.dtype)
        return tf.cast(tf.less(u, self.probs), self.dtype)

    def _log_prob(self, event: Any) -> Any:
        if self.validate_args:
            event = _whole(event, 1)
        event = tf.cast(event, self.logits.dtype)
        logits = self.logits
        if not (event.shape.is_fully_defined() and logits.shape.is_fully_defined() and event.shape == logits.shape):
            logits, event = tf.ones_like(event) * logits, tf.ones_like(logits) * event
        return -tf.nn.sigmoid_cross_entropy_with_logits(labels=event, logits=logits)

    def _entropy(self) -> Any:
        return tf.nn.softplus(-self.logits) + self.logits * tf.sigmoid(-self.logits)

    def _mean(self) -> Any:
        return tf.identity(self.probs)

    def _variance(self) -> Any:
        return self.probs * (1.0 - self.probs)

    def _mode(self) -> Any:
        return tf.cast(self.probs > 0.5, self.dtype)


@RegisterKL(Bernoulli, Bernoulli)
def _bernoulli_divergence(a: Any, b: Any, name: str | None = None) -> Any:
    with tf.name_scope(name, "kl_bernoulli_bernoulli", [a.logits, b.logits]):
        zero = tf.nn.softplus(b.logits) - tf.nn.softplus(a.logits)
        one = tf.nn.softplus(-b.logits) - tf.nn.softplus(-a.logits)
        return tf.sigmoid(a.logits) * one + tf.sigmoid(-a.logits) * zero


@export("distributions.Categorical")
class Categorical(Distribution):
    """One of k classes, 0 to k - 1. logits or probs: [..., k]; logits are log probabilities up to a constant."""

    def __init__(self, logits: Any = None, probs: Any = None, dtype: Any = tf.int32, validate_args: bool = False,
                 allow_nan_stats: bool = True, name: str = "Categorical"):
        given = arguments()
        with tf.name_scope(name, values=[logits, probs]) as scope:
            self._logits, self._probs = logits_and_probs(logits, probs, True, validate_args)
            shape = self._logits.shape.with_rank_at_least(1)
            if shape.ndims is not None:
                self._batch_rank = tf.convert_to_tensor(shape.ndims - 1, tf.int32, name="batch_rank")
            else:
                with tf.name_scope("batch_rank"):
                    self._batch_rank = tf.rank(self._logits) - 1
            sizes = tf.shape(self._logits, name="logits_shape")
            known = None if shape.ndims is None else shape[-1].value
            if known is not None:
                self._event_size = tf.convert_to_tensor(known, tf.int32, name="event_size")
            else:
                with tf.name_scope("event_size"):
                    self._event_size = sizes[self._batch_rank]
            if shape.ndims is not None and shape[:-1].is_fully_defined():
                self._batch_sizes = tf.constant(shape[:-1].as_list(), tf.int32, name="batch_shape")
            else:
                with tf.name_scope("batch_shape"):
                    self._batch_sizes = sizes[:-1]
        super().__init__(dtype, NOT_REPARAMETERIZED, validate_args, allow_nan_stats, given, [self._logits, self._probs], scope)

    logits = property(lambda self: self._logits)
    probs = property(lambda self: self._probs)
    event_size = property(lambda self: self._event_size)

    def _batch_shape(self) -> Any:
        return self._logits.shape[:-1]

    def _batch_shape_tensor(self) -> Any:
        return tf.identity(self._batch_sizes)

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        logits = self.logits if self.logits.shape.ndims == 2 else tf.reshape(self.logits, [-1, self.event_size])
        drawn = tf.multinomial(logits, n, seed=seed, output_dtype=tf.int64 if self.dtype.size > 4 else tf.int32)
        drawn = tf.transpose(drawn)
        return tf.cast(tf.reshape(drawn, tf.concat([[n], self.batch_shape_tensor()], 0)), self.dtype)

    def _valid(self, k: Any) -> Any:
        k = tf.convert_to_tensor(k, name="k")
        return _whole(k) if self.validate_args else k

    def _log_prob(self, k: Any) -> Any:
        k, logits = _together(self._valid(k), self.logits)
        return -tf.nn.sparse_softmax_cross_entropy_with_logits(labels=k, logits=logits)

    def _cdf(self, k: Any) -> Any:
        k, probs = _together(self._valid(k), self.probs)
        below = tf.sequence_mask(tf.reshape(k, [-1]), self._event_size)
        flat = tf.reshape(probs, [-1, self._event_size])
        return tf.reshape(tf.reduce_sum(tf.where(below, flat, tf.zeros_like(flat)), -1), tf.shape(k))

    def _entropy(self) -> Any:
        return -tf.reduce_sum(tf.nn.log_softmax(self.logits) * self.probs, axis=-1)

    def _mode(self) -> Any:
        found = tf.cast(tf.argmax(self.logits, axis=self._batch_rank), self.dtype)
        found.set_shape(self.batch_shape)
        return found


@RegisterKL(Categorical, Categorical)
def _categorical_divergence(a: Any, b: Any, name: str | None = None) -> Any:
    with tf.name_scope(name, "kl_categorical_categorical", [a.logits, b.logits]):
        return tf.reduce_sum(tf.nn.softmax(a.logits) * (tf.nn.log_softmax(a.logits) - tf.nn.log_softmax(b.logits)), axis=-1)


def _together(k: Any, rows: Any) -> tuple[Any, Any]:
    """k as int32 and rows, broadcast so that there is one row for each k."""
    k = tf.cast(k, tf.int32) if not k.dtype.is_integer else k
    if k.shape.is_fully_defined() and rows.shape.is_fully_defined() and rows.shape[:-1] == k.shape:
        return k, rows
    rows = rows * tf.ones_like(k, dtype=rows.dtype)[..., tf.newaxis]
    k = k * tf.ones(tf.shape(rows)[:-1], k.dtype)
    if rows.shape.ndims is not None:
        k.set_shape(rows.shape[:-1])
    return k, rows


def _whole(value: Any, greatest: int | None = None) -> Any:
    """value, checked in runs to be a whole number of at least 0."""
    checks = [tf.assert_non_negative(value, message="must be non-negative")]
    if value.dtype.is_floating:
        checks.append(tf.assert_equal(value, tf.floor(value), message="must be a whole number"))
    if greatest is not None:
        checks.append(tf.assert_less_equal(value, tf.cast(greatest, value.dtype), message=f"must be at most {greatest}"))
    with tf.control_dependencies(checks):
        return tf.identity(value)


class _Counts(Distribution):
    """Families over vectors of counts that sum to total_count."""
    _total_count: Any
    _mean_val: Any

    total_count = property(lambda self: self._total_count)

    def _dtype_of_values(self) -> Any:
        return self._dtype

    def _batch_shape(self) -> Any:
        return self._mean_val.shape.with_rank_at_least(1)[:-1]

    def _batch_shape_tensor(self) -> Any:
        return tf.shape(self._mean_val)[:-1]

    def _event_shape(self) -> Any:
        return self._mean_val.shape.with_rank_at_least(1)[-1:]

    def _event_shape_tensor(self) -> Any:
        return tf.shape(self._mean_val)[-1:]

    def _mean(self) -> Any:
        return tf.identity(self._mean_val)

    def _valid(self, counts: Any) -> Any:
        if not self.validate_args:
            return counts
        sums = tf.assert_equal(self._total_count, tf.reduce_sum(counts, -1), message="counts must sum to `self.total_count`")
        with tf.control_dependencies([sums]):
            return _whole(counts)

    def _log_ways(self, counts: Any) -> Any:
        """The logarithm of the number of orders in which counts may come."""
        return tf.lgamma(1.0 + self._total_count) - tf.reduce_sum(tf.lgamma(1.0 + counts), -1)


@export("distributions.Multinomial")
class Multinomial(_Counts):
    """How often each of k classes comes in total_count draws. total_count: floating, [...]; logits or probs: [..., k]."""

    def __init__(self, total_count: Any, logits: Any = None, probs: Any = None, validate_args: bool = False,
                 allow_nan_stats: bool = True, name: str = "Multinomial"):
        given = arguments()
        with tf.name_scope(name, values=[total_count, logits, probs]) as scope:
            self._total_count = tf.convert_to_tensor(total_count, name="total_count")
            if validate_args:
                self._total_count = _whole(self._total_count)
            self._logits, self._probs = logits_and_probs(logits, probs, True, validate_args)
            self._mean_val = self._total_count[..., tf.newaxis] * self._probs
        super().__init__(self._probs.dtype, NOT_REPARAMETERIZED, validate_args, allow_nan_stats, given,
                         [self._total_count, self._logits, self._probs], scope)

    logits = property(lambda self: self._logits)
    probs = property(lambda self: self._probs)

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        counts = tf.cast(self._total_count, tf.int32) * tf.ones_like(self.logits[..., 0], dtype=tf.int32)
        k = self.event_shape_tensor()[0]
        logits = tf.ones_like(counts[..., tf.newaxis], dtype=self.logits.dtype) * self.logits
        rows, draws = tf.reshape(logits, [-1, k]), n * tf.reshape(counts, [-1])

        def one(row: Any) -> Any:
            drawn = tf.reshape(tf.multinomial(row[0][tf.newaxis, ...], row[1], seed), [n, -1])
            return tf.reduce_sum(tf.one_hot(drawn, depth=k, dtype=self.dtype), axis=-2)

        found = tf.transpose(tf.map_fn(one, [rows, draws], dtype=self.dtype), [1, 0, 2])
        return tf.reshape(found, tf.concat([[n], self.batch_shape_tensor(), [k]], 0))

    def _log_prob(self, counts: Any) -> Any:
        counts = self._valid(counts)
        return tf.reduce_sum(counts * tf.nn.log_softmax(self.logits), -1) + self._log_ways(counts)

    def _full_probs(self) -> Any:
        return self.probs * tf.ones_like(self._total_count)[..., tf.newaxis]

    def _variance(self) -> Any:
        return self._mean_val * (1.0 - self._full_probs())

    def _covariance(self) -> Any:
        apart = -self._mean_val[..., tf.newaxis] * self._full_probs()[..., tf.newaxis, :]
        return tf.matrix_set_diag(apart, self._variance())


@export("distributions.DirichletMultinomial")
class DirichletMultinomial(_Counts):
    """Counts of total_count draws of classes whose probabilities are a draw of a Dirichlet distribution of `concentration`."""

    def __init__(self, total_count: Any, concentration: Any, validate_args: bool = False, allow_nan_stats: bool = True,
                 name: str = "DirichletMultinomial"):
        given = arguments()
        with tf.name_scope(name, values=[total_count, concentration]) as scope:
            self._total_count = tf.convert_to_tensor(total_count, name="total_count")
            self._concentration = tf.convert_to_tensor(concentration, name="concentration")
            if validate_args:
                self._total_count = _whole(self._total_count)
                with tf.control_dependencies([tf.assert_positive(self._concentration,
                                                                 message="Concentration parameter must be positive.")]):
                    self._concentration = tf.identity(self._concentration)
            self._total_concentration = tf.reduce_sum(self._concentration, -1)
        super().__init__(self._concentration.dtype, NOT_REPARAMETERIZED, validate_args, allow_nan_stats, given,
                         [self._total_count, self._concentration], scope)

    concentration = property(lambda self: self._concentration)
    total_concentration = property(lambda self: self._total_concentration)

    def _batch_shape(self) -> Any:
        return self._total_concentration.shape

    def _batch_shape_tensor(self) -> Any:
        return tf.shape(self._total_concentration)

    def _event_shape(self) -> Any:
        return self._concentration.shape.with_rank_at_least(1)[-1:]

    def _event_shape_tensor(self) -> Any:
        return tf.shape(self._concentration)[-1:]

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        k = self.event_shape_tensor()[0]
        gamma = tf.random_gamma([n], alpha=self._concentration, dtype=self.dtype, seed=seed)
        drawn = tf.multinomial(tf.reshape(tf.log(gamma), [-1, k]), tf.cast(self._total_count, tf.int32),
                               seed=new_seed(seed, "dirichlet_multinomial"))
        counts = tf.reduce_sum(tf.one_hot(drawn, depth=k, dtype=self.dtype), -2)
        return tf.reshape(counts, tf.concat([[n], self.batch_shape_tensor(), [k]], 0))

    def _log_prob(self, counts: Any) -> Any:
        counts = self._valid(counts)
        return tf.lbeta(self._concentration + counts) - tf.lbeta(self._concentration) + self._log_ways(counts)

    def _mean(self) -> Any:
        return self._total_count[..., tf.newaxis] * self._concentration / self._total_concentration[..., tf.newaxis]

    def _spread(self) -> Any:
        total = self._total_concentration[..., tf.newaxis]
        return (self._total_count[..., tf.newaxis] + total) / (1.0 + total)

    def _variance(self) -> Any:
        return self._mean() * (1.0 - self._concentration / self._total_concentration[..., tf.newaxis]) * self._spread()

    def _covariance(self) -> Any:
        share = self._concentration / self._total_concentration[..., tf.newaxis]
        apart = -self._mean()[..., tf.newaxis] * share[..., tf.newaxis, :] * self._spread()[..., tf.newaxis]
        return tf.matrix_set_diag(apart, self._variance())
