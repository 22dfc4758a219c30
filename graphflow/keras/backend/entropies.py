"""Cross entropies of tf.keras.backend. Where an output is the result of a softmax or sigmoid op, its logits are used, which is exact."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export
from .settings import epsilon


def _logits(output: Any, kind: str) -> Any:
    """The input of the op `kind` that made the output; None where another did, or ops run at once."""
    op = getattr(output, "op", None) if isinstance(output, tf.Tensor) and not hasattr(output, "numpy") else None
    return op.inputs[0] if op is not None and op.type == kind else None


def _clipped(output: Any) -> Any:
    small = tf.constant(epsilon(), output.dtype.base_dtype)
    return tf.clip_by_value(output, small, 1.0 - small)


@export("keras.backend.categorical_crossentropy")
def categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Any:
    """Cross entropy between probabilities along `axis`. from_logits: output is no probability yet."""
    output, target = tf.convert_to_tensor(output), tf.convert_to_tensor(target)
    if not from_logits:
        logits = _logits(output, "Softmax")
        if logits is None:
            axis = axis % len(output.static)
            output = _clipped(output / tf.reduce_sum(output, axis, keepdims=True))
            return -tf.reduce_sum(target * tf.log(output), axis)
        output = logits
    return tf.nn.softmax_cross_entropy_with_logits_v2(labels=target, logits=output, axis=axis)


@export("keras.backend.sparse_categorical_crossentropy")
def sparse_categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Any:
    """Cross entropy with the probability of class number `target`; output's shape without `axis`."""
    output, target = tf.convert_to_tensor(output), tf.convert_to_tensor(target)
    if not from_logits:
        logits = _logits(output, "Softmax")
        output = tf.log(_clipped(output)) if logits is None else logits
    rank = len(output.static)
    axis %= rank
    if axis != rank - 1:
        output = tf.transpose(output, [*range(axis), *range(axis + 1, rank), axis])
    target = tf.cast(target, tf.int64)
    sizes = tf.shape(output)
    if target.static is not None and len(target.static) == rank - 1:
        return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=target, logits=output)
    flat = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=tf.reshape(target, [-1]), logits=tf.reshape(output, [-1, sizes[-1]]))
    return tf.reshape(flat, sizes[:-1]) if rank >= 3 else flat


@export("keras.backend.binary_crossentropy")
def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Any:
    """Cross entropy of each element with a probability of its own."""
    output, target = tf.convert_to_tensor(output), tf.convert_to_tensor(target)
    if not from_logits:
        logits = _logits(output, "Sigmoid")
        if logits is None:
            output = _clipped(output)
            found = target * tf.log(output + epsilon())
            return -(found + (1 - target) * tf.log(1 - output + epsilon()))
        output = logits
    return tf.nn.sigmoid_cross_entropy_with_logits(labels=target, logits=output)
