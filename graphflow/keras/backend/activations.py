"""Activations of tf.keras.backend."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export


@export("keras.backend.relu")
def relu(x: Any, alpha: float = 0.0, max_value: float | None = None, threshold: float = 0) -> Any:
    """max(x, 0); below the threshold alpha (x - threshold), at most max_value."""
    x = tf.convert_to_tensor(x)
    if alpha != 0.0:
        if max_value is None and threshold == 0:
            return tf.nn.leaky_relu(x, alpha=alpha)
        below = tf.nn.relu(-x + threshold) if threshold != 0 else tf.nn.relu(-x)
    clip = max_value is not None
    if threshold != 0:
        x = x * tf.cast(tf.greater(x, threshold), x.dtype.base_dtype)
    elif max_value == 6:
        x, clip = tf.nn.relu6(x), False
    else:
        x = tf.nn.relu(x)
    if clip:
        x = tf.clip_by_value(x, tf.cast(0.0, x.dtype.base_dtype), tf.cast(max_value, x.dtype.base_dtype))
    return x - tf.cast(alpha, x.dtype.base_dtype) * below if alpha != 0.0 else x


@export("keras.backend.elu")
def elu(x: Any, alpha: float = 1.0) -> Any:
    """x where it is positive, else alpha (exp(x) - 1)."""
    found = tf.nn.elu(x)
    return found if alpha == 1 else tf.where(x > 0, found, alpha * found)


@export("keras.backend.softmax")
def softmax(x: Any, axis: int = -1) -> Any:
    """exp(x) over its sum along `axis`."""
    return tf.nn.softmax(x, axis=axis)


@export("keras.backend.softplus")
def softplus(x: Any) -> Any:
    """log(exp(x) + 1)."""
    return tf.nn.softplus(x)


@export("keras.backend.softsign")
def softsign(x: Any) -> Any:
    """x / (|x| + 1)."""
    return tf.nn.softsign(x)


@export("keras.backend.sigmoid")
def sigmoid(x: Any) -> Any:
    """1 / (1 + exp(-x))."""
    return tf.sigmoid(x)


@export("keras.backend.hard_sigmoid")
def hard_sigmoid(x: Any) -> Any:
    """0.2 x + 0.5, cut to [0, 1]."""
    dtype = x.dtype.base_dtype
    found = tf.add(tf.multiply(x, tf.constant(0.2, dtype)), tf.constant(0.5, dtype))
    return tf.clip_by_value(found, tf.constant(0.0, dtype), tf.constant(1.0, dtype))


@export("keras.backend.tanh")
def tanh(x: Any) -> Any:
    """The hyperbolic tangent."""
    return tf.tanh(x)
