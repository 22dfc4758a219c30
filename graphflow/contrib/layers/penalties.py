"""Regularizers of tf.contrib.layers: functions of a weight that give a scalar loss, or None where their scale is 0."""
from __future__ import annotations

import numbers
from collections.abc import Callable
from typing import Any

import graphflow as tf

from ..homes import layers_and_slim

Regularizer = Callable[[Any], Any]


def _scaled(scale: Any, scope: str | None, default: str, size: Callable[[Any], Any]) -> Regularizer:
    if isinstance(scale, numbers.Integral):
        raise ValueError(f"scale cannot be an integer: {scale}")
    if isinstance(scale, numbers.Real):
        if scale < 0.0:
            raise ValueError(f"Setting a scale less than 0 on a regularizer: {scale}.")
        if scale == 0.0:
            tf.logging.info("Scale of 0 disables regularizer.")
            return lambda _: None

    def regularizer(weights: Any) -> Any:
        with tf.name_scope(scope, default, [weights]) as name:
            factor = tf.convert_to_tensor(scale, dtype=weights.dtype.base_dtype, name="scale")
            return tf.multiply(factor, size(weights), name=name)

    return regularizer


@layers_and_slim("l1_regularizer")
def l1_regularizer(scale: float, scope: str | None = None) -> Regularizer:
    """scale times the sum of magnitudes; ValueError for an integer or a negative scale."""
    return _scaled(scale, scope, "l1_regularizer", lambda weights: tf.reduce_sum(tf.abs(weights)))


@layers_and_slim("l2_regularizer")
def l2_regularizer(scale: float, scope: str | None = None) -> Regularizer:
    """scale times half the sum of squares; ValueError for an integer or a negative scale."""
    return _scaled(scale, scope, "l2_regularizer", tf.nn.l2_loss)


@layers_and_slim("l1_l2_regularizer")
def l1_l2_regularizer(scale_l1: float = 1.0, scale_l2: float = 1.0, scope: str | None = None) -> Any:
    """The sum of l1_regularizer and l2_regularizer."""
    for name, scale in (("scale_l1", scale_l1), ("scale_l2", scale_l2)):
        if isinstance(scale, numbers.Integral):
            raise ValueError(f"{name} cannot be an integer: {scale}")
    name = scope or "l1_l2_regularizer"
    if scale_l1 == 0.0:
        return l2_regularizer(scale_l2, name)
    if scale_l2 == 0.0:
        return l1_regularizer(scale_l1, name)
    return sum_regularizer([l1_regularizer(scale_l1), l2_regularizer(scale_l2)], scope=name)


@layers_and_slim("sum_regularizer")
def sum_regularizer(regularizer_list: Any, scope: str | None = None) -> Any:
    """The sum of several regularizers, of which some may be None; None where all are."""
    chosen = [regularizer for regularizer in regularizer_list if regularizer is not None]
    if not chosen:
        return None

    def regularizer(weights: Any) -> Any:
        with tf.name_scope(scope, "sum_regularizer", [weights]) as name:
            losses = [loss for loss in (each(weights) for each in chosen) if loss is not None]
            return tf.add_n(losses, name=name) if losses else None

    return regularizer


@layers_and_slim("apply_regularization")
def apply_regularization(regularizer: Regularizer, weights_list: Any = None) -> Any:
    """The sum of the regularizer over weights (None: those of GraphKeys.WEIGHTS), put in GraphKeys.REGULARIZATION_LOSSES too.

    ValueError where there are no weights, and where the regularizer gives no scalar.
    """
    weights = weights_list or tf.get_collection(tf.GraphKeys.WEIGHTS)
    if not weights:
        raise ValueError("No weights to regularize.")
    with tf.name_scope("get_regularization_penalty", values=weights) as scope:
        losses = [regularizer(w) for w in weights]
        losses = [tf.constant(0.0) if loss is None else loss for loss in losses]
        for loss in losses:
            if loss.shape.ndims != 0:
                raise ValueError(f"regularizer must return a scalar Tensor instead of a Tensor with rank {loss.shape.ndims}.")
        total = tf.add_n(losses, name=scope)
        tf.add_to_collection(tf.GraphKeys.REGULARIZATION_LOSSES, total)
        return total
