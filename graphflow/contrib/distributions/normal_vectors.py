"""Normal distributions over vectors: MultivariateNormalDiag and MultivariateNormalTriL."""
from __future__ import annotations

import math
from typing import Any

import graphflow as tf

from ...core.export import export
from ...distributions.distribution import FULLY_REPARAMETERIZED, Distribution, arguments
from ...distributions.divergence import RegisterKL


class _NormalVectors(Distribution):
    """loc + scale z, z standard normal. Subclasses know the matrix `scale`, which is triangular."""
    _loc: Any           # [..., k], or None for zeros
    _event: Any         # a tensor of the shape of batch and event

    @property
    def loc(self) -> Any:
        """The mean, None for zeros."""
        return self._loc

    def _dtype_of_values(self) -> Any:
        return self._dtype

    def _batch_shape(self) -> Any:
        return self._event.shape.with_rank_at_least(1)[:-1]

    def _batch_shape_tensor(self) -> Any:
        return tf.shape(self._event)[:-1]

    def _event_shape(self) -> Any:
        return self._event.shape.with_rank_at_least(1)[-1:]

    def _event_shape_tensor(self) -> Any:
        return tf.shape(self._event)[-1:]

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        drawn = tf.random_normal(tf.concat([[n], tf.shape(self._event)], 0), dtype=self.dtype, seed=seed)
        scaled = self._times(drawn)
        return scaled if self._loc is None else scaled + self._loc

    def _log_prob(self, value: Any) -> Any:
        z = self._solved(value if self._loc is None else value - self._loc)
        k = tf.cast(self.event_shape_tensor()[0], self.dtype)
        return -0.5 * tf.reduce_sum(tf.square(z), -1) - 0.5 * math.log(2 * math.pi) * k - self._log_determinant()

    def _entropy(self) -> Any:
        k = tf.cast(self.event_shape_tensor()[0], self.dtype)
        return 0.5 * math.log(2 * math.pi * math.e) * k + self._log_determinant() + tf.zeros(self.batch_shape_tensor(), self.dtype)

    def _mean(self) -> Any:
        return tf.zeros_like(self._event) if self._loc is None else self._loc + tf.zeros_like(self._event)

    def _mode(self) -> Any:
        return self._mean()

    def _variance(self) -> Any:
        return tf.matrix_diag_part(self._covariance())

    def _covariance(self) -> Any:
        matrix = self._matrix()
        return tf.matmul(matrix, matrix, transpose_b=True)

    def _matrix(self) -> Any:
        """scale, [..., k, k], of the batch that its own parameter has: so do covariance and variance, as TensorFlow's."""
        raise NotImplementedError

    def _times(self, vectors: Any) -> Any:
        raise NotImplementedError

    def _solved(self, vectors: Any) -> Any:
        raise NotImplementedError

    def _log_determinant(self) -> Any:
        raise NotImplementedError


@export("contrib.distributions.MultivariateNormalDiag")
class MultivariateNormalDiag(_NormalVectors):
    """Independent normal elements: loc [..., k], standard deviations scale_diag [..., k] + scale_identity_multiplier [...].

    Without any of the two scales the deviations are 1. ValueError where nothing tells k.
    """

    def __init__(self, loc: Any = None, scale_diag: Any = None, scale_identity_multiplier: Any = None, validate_args: bool = False,
                 allow_nan_stats: bool = True, name: str = "MultivariateNormalDiag"):
        given = arguments()
        if loc is None and scale_diag is None:
            raise ValueError("Must provide loc or scale_diag: one of them tells how long the vectors are")
        with tf.name_scope(name, values=[loc, scale_diag, scale_identity_multiplier]) as scope:
            self._loc = None if loc is None else tf.convert_to_tensor(loc, name="loc")
            diagonal = None if scale_diag is None else tf.convert_to_tensor(scale_diag, name="scale_diag")
            known: Any = diagonal if self._loc is None else self._loc
            dtype = known.dtype
            if scale_identity_multiplier is not None:
                factor = tf.convert_to_tensor(scale_identity_multiplier, dtype, name="scale_identity_multiplier")[..., tf.newaxis]
                diagonal = factor * _ones(self._loc) if diagonal is None else diagonal + factor
            elif diagonal is None:
                diagonal = _ones(self._loc)
            if validate_args:
                with tf.control_dependencies([tf.assert_positive(diagonal, message="diagonal part must be positive")]):
                    diagonal = tf.identity(diagonal)
            self._diagonal = diagonal
            self._event = diagonal if self._loc is None else diagonal + tf.zeros_like(self._loc)
        super().__init__(dtype, FULLY_REPARAMETERIZED, validate_args, allow_nan_stats, given, [self._event], scope)

    def _matrix(self) -> Any:
        return tf.matrix_diag(self._diagonal)

    def _times(self, vectors: Any) -> Any:
        return vectors * self._diagonal

    def _solved(self, vectors: Any) -> Any:
        return vectors / self._diagonal

    def _log_determinant(self) -> Any:
        return tf.reduce_sum(tf.log(tf.abs(self._event)), -1)

    def _variance(self) -> Any:
        return tf.square(self._diagonal)

    def _stddev(self) -> Any:
        return tf.abs(self._diagonal)


@export("contrib.distributions.MultivariateNormalDiagWithSoftplusScale")
class MultivariateNormalDiagWithSoftplusScale(MultivariateNormalDiag):
    """MultivariateNormalDiag whose deviations are softplus(scale_diag)."""

    def __init__(self, loc: Any, scale_diag: Any, validate_args: bool = False, allow_nan_stats: bool = True,
                 name: str = "MultivariateNormalDiagWithSoftplusScale"):
        given = arguments()
        with tf.name_scope(name, values=[loc, scale_diag]):
            deviations = tf.nn.softplus(scale_diag)
        super().__init__(loc, deviations, validate_args=validate_args, allow_nan_stats=allow_nan_stats, name=name)
        self._parameters = given


@export("contrib.distributions.MultivariateNormalTriL")
class MultivariateNormalTriL(_NormalVectors):
    """Normal vectors of mean loc [..., k] and covariance scale_tril times its transpose; scale_tril: [..., k, k], lower triangular."""

    def __init__(self, loc: Any = None, scale_tril: Any = None, validate_args: bool = False, allow_nan_stats: bool = True,
                 name: str = "MultivariateNormalTriL"):
        given = arguments()
        if scale_tril is None:
            raise ValueError("Must provide scale_tril; for a diagonal matrix use MultivariateNormalDiag")
        with tf.name_scope(name, values=[loc, scale_tril]) as scope:
            self._loc = None if loc is None else tf.convert_to_tensor(loc, name="loc")
            self._scale = tf.matrix_band_part(tf.convert_to_tensor(scale_tril, name="scale_tril"), -1, 0)
            if validate_args:
                diagonal = tf.matrix_diag_part(self._scale)
                with tf.control_dependencies([tf.assert_none_equal(diagonal, tf.zeros([], diagonal.dtype), message="scale is singular")]):
                    self._scale = tf.identity(self._scale)
            self._event = tf.zeros_like(self._scale[..., 0])
            if self._loc is not None:
                self._event = self._event + tf.zeros_like(self._loc)
        super().__init__(self._scale.dtype, FULLY_REPARAMETERIZED, validate_args, allow_nan_stats, given, [self._event, self._scale], scope)

    def _full_scale(self) -> Any:
        return self._scale + tf.zeros_like(self._event)[..., tf.newaxis]

    def _matrix(self) -> Any:
        return self._scale

    def _times(self, vectors: Any) -> Any:
        return tf.reduce_sum(self._scale * vectors[..., tf.newaxis, :], -1)

    def _solved(self, vectors: Any) -> Any:
        vectors = vectors[..., tf.newaxis]
        scale = self._full_scale() + tf.zeros_like(vectors)
        return tf.squeeze(tf.linalg.triangular_solve(scale, vectors + tf.zeros_like(scale[..., :1])), -1)

    def _log_determinant(self) -> Any:
        return tf.reduce_sum(tf.log(tf.abs(tf.matrix_diag_part(self._full_scale()))), -1)


@RegisterKL(_NormalVectors, _NormalVectors)
def _normal_vectors_divergence(a: Any, b: Any, name: str | None = None) -> Any:
    with tf.name_scope(name, "kl_mvn"):
        inner = tf.linalg.triangular_solve(b._matrix() + tf.zeros_like(a._matrix()), a._matrix() + tf.zeros_like(b._matrix()))
        trace = tf.reduce_sum(tf.square(inner), [-2, -1])
        apart = tf.reduce_sum(tf.square(b._solved(b.mean() - a.mean())), -1)
        k = tf.cast(a.event_shape_tensor()[0], a.dtype)
        return 0.5 * (trace + apart - k) + b._log_determinant() - a._log_determinant()


def _ones(vectors: Any) -> Any:
    """[k], without the batch of the vectors."""
    return tf.ones(tf.shape(vectors)[-1:], vectors.dtype)
