"""tf.contrib.metrics: streaming metrics that take predictions first; tf.metrics has the same with labels first.

Each gives (value, update operation) and keeps its counts in local variables.
"""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ..homes import home

_named = home("metrics", "slim.metrics")


@_named("streaming_accuracy")
def streaming_accuracy(predictions: Any, labels: Any, weights: Any = None, metrics_collections: Any = None,
                       updates_collections: Any = None, name: str | None = None) -> tuple[Any, Any]:
    """The share of predictions that equal their labels."""
    return tf.metrics.accuracy(labels, predictions, weights, metrics_collections, updates_collections, name)


@_named("streaming_precision")
def streaming_precision(predictions: Any, labels: Any, weights: Any = None, metrics_collections: Any = None,
                        updates_collections: Any = None, name: str | None = None) -> tuple[Any, Any]:
    """Of the positive predictions the share that are right."""
    return tf.metrics.precision(labels, predictions, weights, metrics_collections, updates_collections, name)


@_named("streaming_recall")
def streaming_recall(predictions: Any, labels: Any, weights: Any = None, metrics_collections: Any = None,
                     updates_collections: Any = None, name: str | None = None) -> tuple[Any, Any]:
    """Of the positive labels the share that were predicted."""
    return tf.metrics.recall(labels, predictions, weights, metrics_collections, updates_collections, name)


@_named("streaming_true_positives")
def streaming_true_positives(predictions: Any, labels: Any, weights: Any = None, metrics_collections: Any = None,
                             updates_collections: Any = None, name: str | None = None) -> tuple[Any, Any]:
    """How many positive predictions are right."""
    return tf.metrics.true_positives(labels, predictions, weights, metrics_collections, updates_collections, name)


@_named("streaming_true_negatives")
def streaming_true_negatives(predictions: Any, labels: Any, weights: Any = None, metrics_collections: Any = None,
                             updates_collections: Any = None, name: str | None = None) -> tuple[Any, Any]:
    """How many negative predictions are right."""
    return tf.metrics.true_negatives(labels, predictions, weights, metrics_collections, updates_collections, name)


@_named("streaming_false_positives")
def streaming_false_positives(predictions: Any, labels: Any, weights: Any = None, metrics_collections: Any = None,
                              updates_collections: Any = None, name: str | None = None) -> tuple[Any, Any]:
    """How many positive predictions are wrong."""
    return tf.metrics.false_positives(labels, predictions, weights, metrics_collections, updates_collections, name)


@_named("streaming_false_negatives")
def streaming_false_negatives(predictions: Any, labels: Any, weights: Any = None, metrics_collections: Any = None,
                              updates_collections: Any = None, name: str | None = None) -> tuple[Any, Any]:
    """How many negative predictions are wrong."""
    return tf.metrics.false_negatives(labels, predictions, weights, metrics_collections, updates_collections, name)


@_named("streaming_auc")
def streaming_auc(predictions: Any, labels: Any, weights: Any = None, num_thresholds: int = 200, metrics_collections: Any = None,
                  updates_collections: Any = None, curve: str = "ROC", name: str | None = None) -> tuple[Any, Any]:
    """The area under the ROC or PR curve, by thresholds."""
    return tf.metrics.auc(labels, predictions, weights, num_thresholds, metrics_collections, updates_collections, curve, name)


@_named("streaming_sensitivity_at_specificity")
def streaming_sensitivity_at_specificity(predictions: Any, labels: Any, specificity: float, weights: Any = None, num_thresholds: int = 200,
                                         metrics_collections: Any = None, updates_collections: Any = None,
                                         name: str | None = None) -> tuple[Any, Any]:
    """The sensitivity at the threshold whose specificity is nearest to the given one."""
    return tf.metrics.sensitivity_at_specificity(labels, predictions, specificity, weights, num_thresholds, metrics_collections,
                                                 updates_collections, name)


@_named("streaming_specificity_at_sensitivity")
def streaming_specificity_at_sensitivity(predictions: Any, labels: Any, sensitivity: float, weights: Any = None, num_thresholds: int = 200,
                                         metrics_collections: Any = None, updates_collections: Any = None,
                                         name: str | None = None) -> tuple[Any, Any]:
    """The specificity at the threshold whose sensitivity is nearest to the given one."""
    return tf.metrics.specificity_at_sensitivity(labels, predictions, sensitivity, weights, num_thresholds, metrics_collections,
                                                 updates_collections, name)


@_named("streaming_precision_at_thresholds")
def streaming_precision_at_thresholds(predictions: Any, labels: Any, thresholds: Any, weights: Any = None, metrics_collections: Any = None,
                                      updates_collections: Any = None, name: str | None = None) -> tuple[Any, Any]:
    """The precision at each threshold."""
    return tf.metrics.precision_at_thresholds(labels, predictions, thresholds, weights, metrics_collections, updates_collections, name)


@_named("streaming_recall_at_thresholds")
def streaming_recall_at_thresholds(predictions: Any, labels: Any, thresholds: Any, weights: Any = None, metrics_collections: Any = None,
                                   updates_collections: Any = None, name: str | None = None) -> tuple[Any, Any]:
    """The recall at each threshold."""
    return tf.metrics.recall_at_thresholds(labels, predictions, thresholds, weights, metrics_collections, updates_collections, name)


@_named("streaming_mean_absolute_error")
def streaming_mean_absolute_error(predictions: Any, labels: Any, weights: Any = None, metrics_collections: Any = None,
                                  updates_collections: Any = None, name: str | None = None) -> tuple[Any, Any]:
    """The mean of |labels - predictions|."""
    return tf.metrics.mean_absolute_error(labels, predictions, weights, metrics_collections, updates_collections, name)


@_named("streaming_mean_squared_error")
def streaming_mean_squared_error(predictions: Any, labels: Any, weights: Any = None, metrics_collections: Any = None,
                                 updates_collections: Any = None, name: str | None = None) -> tuple[Any, Any]:
    """The mean of (labels - predictions)^2."""
    return tf.metrics.mean_squared_error(labels, predictions, weights, metrics_collections, updates_collections, name)


@_named("streaming_root_mean_squared_error")
def streaming_root_mean_squared_error(predictions: Any, labels: Any, weights: Any = None, metrics_collections: Any = None,
                                      updates_collections: Any = None, name: str | None = None) -> tuple[Any, Any]:
    """The root of the mean of (labels - predictions)^2."""
    return tf.metrics.root_mean_squared_error(labels, predictions, weights, metrics_collections, updates_collections, name)


@_named("streaming_mean_relative_error")
def streaming_mean_relative_error(predictions: Any, labels: Any, normalizer: Any, weights: Any = None, metrics_collections: Any = None,
                                  updates_collections: Any = None, name: str | None = None) -> tuple[Any, Any]:
    """The mean of |labels - predictions| / normalizer."""
    return tf.metrics.mean_relative_error(labels, predictions, normalizer, weights, metrics_collections, updates_collections, name)


@_named("streaming_mean_cosine_distance")
def streaming_mean_cosine_distance(predictions: Any, labels: Any, dim: int, weights: Any = None, metrics_collections: Any = None,
                                   updates_collections: Any = None, name: str | None = None) -> tuple[Any, Any]:
    """The mean of 1 - the inner product along dim."""
    return tf.metrics.mean_cosine_distance(labels, predictions, dim, weights, metrics_collections, updates_collections, name)


@_named("streaming_mean_iou")
def streaming_mean_iou(predictions: Any, labels: Any, num_classes: int, weights: Any = None, metrics_collections: Any = None,
                       updates_collections: Any = None, name: str | None = None) -> tuple[Any, Any]:
    """The mean over classes of intersection over union."""
    return tf.metrics.mean_iou(labels, predictions, num_classes, weights, metrics_collections, updates_collections, name)


@_named("streaming_recall_at_k")
def streaming_recall_at_k(predictions: Any, labels: Any, k: int, weights: Any = None, metrics_collections: Any = None,
                          updates_collections: Any = None, name: str | None = None) -> tuple[Any, Any]:
    """The share of labels (one for each example) that are among the k largest predictions."""
    with tf.name_scope(name, "recall_at_k", [predictions, labels]):
        found = tf.cast(tf.nn.in_top_k(predictions, labels, k), tf.float32)
        return tf.metrics.mean(found, weights, metrics_collections, updates_collections, name or f"recall_at_{k}")


@_named("streaming_sparse_recall_at_k")
def streaming_sparse_recall_at_k(predictions: Any, labels: Any, k: int, class_id: int | None = None, weights: Any = None,
                                 metrics_collections: Any = None, updates_collections: Any = None,
                                 name: str | None = None) -> tuple[Any, Any]:
    """tf.metrics.recall_at_k: several labels for each example."""
    return tf.metrics.recall_at_k(labels, predictions, k, class_id, weights, metrics_collections, updates_collections, name)


@_named("streaming_sparse_precision_at_k")
def streaming_sparse_precision_at_k(predictions: Any, labels: Any, k: int, class_id: int | None = None, weights: Any = None,
                                    metrics_collections: Any = None, updates_collections: Any = None,
                                    name: str | None = None) -> tuple[Any, Any]:
    """tf.metrics.precision_at_k: several labels for each example."""
    return tf.metrics.precision_at_k(labels, predictions, k, class_id, weights, metrics_collections, updates_collections, name)


@_named("streaming_sparse_average_precision_at_k")
def streaming_sparse_average_precision_at_k(predictions: Any, labels: Any, k: int, weights: Any = None, metrics_collections: Any = None,
                                            updates_collections: Any = None, name: str | None = None) -> tuple[Any, Any]:
    """tf.metrics.average_precision_at_k."""
    return tf.metrics.average_precision_at_k(labels, predictions, k, weights, metrics_collections, updates_collections, name)
