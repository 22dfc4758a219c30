"""Accuracies as functions of (y_true, y_pred), one number for each sample, and as metrics."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export
from ..backend.settings import floatx
from ..losses import functions as losses
from ..utils.signatures import bound, constructor
from .base import MeanMetricWrapper


def _metric(public: str, name: str, function: Any, leading: str | None = None, **arguments: Any) -> Any:
    """A class of tf.keras.metrics for the mean of a function; arguments: those of its constructor, with their defaults.

    leading: the one that stands before name and dtype.
    """
    first = {leading: arguments.pop(leading)} if leading else {}
    defaults = {**first, "name": name, "dtype": None, **arguments}
    signature = constructor(defaults)

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        given = {**defaults, **bound(signature, self, args, kwargs)}
        MeanMetricWrapper.__init__(self, function, given.pop("name"), given.pop("dtype"), **given)
    __init__.__signature__ = signature    # type: ignore[attr-defined]
    found = type(public, (MeanMetricWrapper,), {"__init__": __init__, "__module__": __name__, "__doc__": function.__doc__})
    return export(f"keras.metrics.{public}")(found)


@export("keras.metrics.accuracy")
def accuracy(y_true: Any, y_pred: Any) -> Any:
    """1 where both are equal."""
    if y_true.dtype.base_dtype != y_pred.dtype.base_dtype:
        y_pred = tf.cast(y_pred, y_true.dtype.base_dtype)
    return tf.cast(tf.equal(y_true, y_pred), floatx())


@export("keras.metrics.binary_accuracy")
def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> Any:
    """The share of elements where y_pred is on y_true's side of the threshold."""
    y_pred = tf.convert_to_tensor(y_pred)
    above = tf.cast(y_pred > tf.cast(threshold, y_pred.dtype.base_dtype), y_pred.dtype.base_dtype)
    return tf.reduce_mean(tf.cast(tf.equal(tf.cast(y_true, above.dtype.base_dtype), above), floatx()), axis=-1)


@export("keras.metrics.categorical_accuracy")
def categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """1 where the most probable class is that of the one-hot label."""
    return tf.cast(tf.equal(tf.argmax(y_true, axis=-1), tf.argmax(y_pred, axis=-1)), floatx())


@export("keras.metrics.sparse_categorical_accuracy")
def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """1 where the most probable class is the label."""
    y_pred, y_true = tf.convert_to_tensor(y_pred), tf.convert_to_tensor(y_true)
    predicted, true = y_pred.static, y_true.static
    if predicted is not None and true is not None and len(true) == len(predicted) and true[-1] in (1, None):
        y_true = tf.squeeze(y_true, [-1])
    found = tf.cast(tf.argmax(y_pred, axis=-1), y_true.dtype.base_dtype)
    return tf.cast(tf.equal(y_true, found), floatx())


@export("keras.metrics.top_k_categorical_accuracy")
def top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5) -> Any:
    """1 where the class of the one-hot label is among the k most probable ones."""
    return tf.cast(tf.nn.in_top_k(y_pred, tf.argmax(y_true, axis=-1), k), floatx())


@export("keras.metrics.sparse_top_k_categorical_accuracy")
def sparse_top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5) -> Any:
    """1 where the label is among the k most probable classes."""
    y_true = tf.convert_to_tensor(y_true)
    if y_true.static is not None and len(y_true.static) == len(y_pred.static):
        y_true = tf.squeeze(y_true, [-1])
    return tf.cast(tf.nn.in_top_k(y_pred, tf.cast(y_true, tf.int32), k), floatx())


def positive_cosine(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """The cosine of the angle between both."""
    return -losses.cosine_similarity(y_true, y_pred, axis)


Accuracy = _metric("Accuracy", "accuracy", accuracy)
BinaryAccuracy = _metric("BinaryAccuracy", "binary_accuracy", binary_accuracy, threshold=0.5)
CategoricalAccuracy = _metric("CategoricalAccuracy", "categorical_accuracy", categorical_accuracy)
SparseCategoricalAccuracy = _metric("SparseCategoricalAccuracy", "sparse_categorical_accuracy", sparse_categorical_accuracy)
TopKCategoricalAccuracy = _metric("TopKCategoricalAccuracy", "top_k_categorical_accuracy", top_k_categorical_accuracy, "k", k=5)
SparseTopKCategoricalAccuracy = _metric("SparseTopKCategoricalAccuracy", "sparse_top_k_categorical_accuracy",
                                        sparse_top_k_categorical_accuracy, "k", k=5)
CosineSimilarity = _metric("CosineSimilarity", "cosine_similarity", positive_cosine, axis=-1)
MeanAbsoluteError = _metric("MeanAbsoluteError", "mean_absolute_error", losses.mean_absolute_error)
MeanAbsolutePercentageError = _metric("MeanAbsolutePercentageError", "mean_absolute_percentage_error",
                                      losses.mean_absolute_percentage_error)
MeanSquaredError = _metric("MeanSquaredError", "mean_squared_error", losses.mean_squared_error)
MeanSquaredLogarithmicError = _metric("MeanSquaredLogarithmicError", "mean_squared_logarithmic_error",
                                      losses.mean_squared_logarithmic_error)
Hinge = _metric("Hinge", "hinge", losses.hinge)
SquaredHinge = _metric("SquaredHinge", "squared_hinge", losses.squared_hinge)
CategoricalHinge = _metric("CategoricalHinge", "categorical_hinge", losses.categorical_hinge)
LogCoshError = _metric("LogCoshError", "logcosh", losses.logcosh)
Poisson = _metric("Poisson", "poisson", losses.poisson)
KLDivergence = _metric("KLDivergence", "kullback_leibler_divergence", losses.kullback_leibler_divergence)
BinaryCrossentropy = _metric("BinaryCrossentropy", "binary_crossentropy", losses.binary_crossentropy, from_logits=False, label_smoothing=0)
CategoricalCrossentropy = _metric("CategoricalCrossentropy", "categorical_crossentropy", losses.categorical_crossentropy,
                                  from_logits=False, label_smoothing=0)
SparseCategoricalCrossentropy = _metric("SparseCategoricalCrossentropy", "sparse_categorical_crossentropy",
                                        losses.sparse_categorical_crossentropy, from_logits=False, axis=-1)
