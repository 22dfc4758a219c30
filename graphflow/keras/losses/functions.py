"""Losses as functions of (y_true, y_pred): one number for each sample, the last axis reduced."""
from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

import graphflow as tf

from ...core.export import export
from ..backend import entropies
from ..backend.settings import epsilon

T = TypeVar("T")


def named(*names: str) -> Callable[[T], T]:
    """Exports a function under tf.keras.losses and tf.keras.metrics."""
    return export(*(f"keras.{space}.{name}" for space in ("losses", "metrics") for name in names))


def both(y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    """Both as tensors of y_pred's dtype."""
    y_pred = tf.convert_to_tensor(y_pred)
    return tf.cast(y_true, y_pred.dtype.base_dtype), y_pred


@named("mean_squared_error", "mse", "MSE")
def mean_squared_error(y_true: Any, y_pred: Any) -> Any:
    """mean((y_pred - y_true)^2)."""
    y_true, y_pred = both(y_true, y_pred)
    return tf.reduce_mean(tf.squared_difference(y_pred, y_true), axis=-1)


@named("mean_absolute_error", "mae", "MAE")
def mean_absolute_error(y_true: Any, y_pred: Any) -> Any:
    """mean(|y_pred - y_true|)."""
    y_true, y_pred = both(y_true, y_pred)
    return tf.reduce_mean(tf.abs(y_pred - y_true), axis=-1)


@named("mean_absolute_percentage_error", "mape", "MAPE")
def mean_absolute_percentage_error(y_true: Any, y_pred: Any) -> Any:
    """100 mean(|y_true - y_pred| / |y_true|)."""
    y_true, y_pred = both(y_true, y_pred)
    return 100.0 * tf.reduce_mean(tf.abs((y_true - y_pred) / tf.maximum(tf.abs(y_true), epsilon())), axis=-1)


@named("mean_squared_logarithmic_error", "msle", "MSLE")
def mean_squared_logarithmic_error(y_true: Any, y_pred: Any) -> Any:
    """mean((log(y_true + 1) - log(y_pred + 1))^2)."""
    y_true, y_pred = both(y_true, y_pred)
    first, second = tf.log(tf.maximum(y_pred, epsilon()) + 1.0), tf.log(tf.maximum(y_true, epsilon()) + 1.0)
    return tf.reduce_mean(tf.squared_difference(first, second), axis=-1)


def _signs(y_true: Any) -> Any:
    """Labels 0 and 1 as -1 and 1; those that are -1 and 1 stay."""
    zeros, ones = tf.equal(y_true, 0), tf.equal(y_true, 1)
    binary = tf.reduce_all(tf.logical_or(zeros, ones))
    return tf.cond(binary, lambda: 2.0 * y_true - 1.0, lambda: tf.identity(y_true))


@named("squared_hinge")
def squared_hinge(y_true: Any, y_pred: Any) -> Any:
    """mean(max(1 - y_true y_pred, 0)^2); labels are -1 and 1, or 0 and 1."""
    y_true, y_pred = both(y_true, y_pred)
    return tf.reduce_mean(tf.square(tf.maximum(1.0 - _signs(y_true) * y_pred, 0.0)), axis=-1)


@named("hinge")
def hinge(y_true: Any, y_pred: Any) -> Any:
    """mean(max(1 - y_true y_pred, 0)); labels are -1 and 1, or 0 and 1."""
    y_true, y_pred = both(y_true, y_pred)
    return tf.reduce_mean(tf.maximum(1.0 - _signs(y_true) * y_pred, 0.0), axis=-1)


@export("keras.losses.categorical_hinge")
def categorical_hinge(y_true: Any, y_pred: Any) -> Any:
    """max(the best wrong class - the right one + 1, 0)."""
    y_true, y_pred = both(y_true, y_pred)
    right = tf.reduce_sum(y_true * y_pred, axis=-1)
    wrong = tf.reduce_max((1.0 - y_true) * y_pred, axis=-1)
    return tf.maximum(wrong - right + 1.0, tf.cast(0.0, y_pred.dtype.base_dtype))


@export("keras.losses.huber_loss", "keras.losses.huber")
def huber(y_true: Any, y_pred: Any, delta: float = 1.0) -> Any:
    """Squares of errors below delta, linear above it."""
    y_true, y_pred = both(y_true, y_pred)
    error = y_pred - y_true
    size = tf.abs(error)
    half = tf.constant(0.5, y_pred.dtype.base_dtype)
    return tf.reduce_mean(tf.where(size <= delta, half * tf.square(error), delta * size - half * delta ** 2), axis=-1)


@export("keras.losses.logcosh", "keras.losses.log_cosh")
def logcosh(y_true: Any, y_pred: Any) -> Any:
    """mean(log(cosh(y_pred - y_true)))."""
    y_true, y_pred = both(y_true, y_pred)
    error = y_pred - y_true
    return tf.reduce_mean(error + tf.nn.softplus(-2.0 * error) - tf.cast(math.log(2.0), error.dtype.base_dtype), axis=-1)


@named("categorical_crossentropy")
def categorical_crossentropy(y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: Any = 0, axis: int = -1) -> Any:
    """Cross entropy with one-hot labels. label_smoothing: the share of a label that is spread over all classes."""
    y_true, y_pred = both(y_true, y_pred)
    if label_smoothing:
        classes = tf.cast(tf.shape(y_true)[axis], y_pred.dtype.base_dtype)
        y_true = y_true * (1.0 - label_smoothing) + label_smoothing / classes
    return entropies.categorical_crossentropy(y_true, y_pred, from_logits, axis)


@named("sparse_categorical_crossentropy")
def sparse_categorical_crossentropy(y_true: Any, y_pred: Any, from_logits: bool = False, axis: int = -1) -> Any:
    """Cross entropy with labels that are numbers of classes."""
    return entropies.sparse_categorical_crossentropy(y_true, y_pred, from_logits, axis)


@named("binary_crossentropy")
def binary_crossentropy(y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: Any = 0, axis: int = -1) -> Any:
    """mean of the cross entropies of elements with probabilities of their own."""
    y_true, y_pred = both(y_true, y_pred)
    if label_smoothing:
        y_true = y_true * (1.0 - label_smoothing) + 0.5 * label_smoothing
    return tf.reduce_mean(entropies.binary_crossentropy(y_true, y_pred, from_logits), axis=axis)


@named("kullback_leibler_divergence", "kld", "KLD", "kl_divergence")
def kullback_leibler_divergence(y_true: Any, y_pred: Any) -> Any:
    """sum(y_true log(y_true / y_pred))."""
    y_true, y_pred = both(y_true, y_pred)
    y_true, y_pred = tf.clip_by_value(y_true, epsilon(), 1.0), tf.clip_by_value(y_pred, epsilon(), 1.0)
    return tf.reduce_sum(y_true * tf.log(y_true / y_pred), axis=-1)


@named("poisson")
def poisson(y_true: Any, y_pred: Any) -> Any:
    """mean(y_pred - y_true log(y_pred))."""
    y_true, y_pred = both(y_true, y_pred)
    return tf.reduce_mean(y_pred - y_true * tf.log(y_pred + epsilon()), axis=-1)


@named("cosine_proximity", "cosine", "cosine_similarity")
def cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """Minus the cosine of the angle between both: -1 for equal directions."""
    y_true, y_pred = both(y_true, y_pred)
    return -tf.reduce_sum(tf.nn.l2_normalize(y_true, axis=axis) * tf.nn.l2_normalize(y_pred, axis=axis), axis=axis)
