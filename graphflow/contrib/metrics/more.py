"""tf.contrib.metrics: accuracy of one batch, F1, covariance and correlation, and maps of metrics."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ..homes import home

_named = home("metrics", "slim.metrics")


def _local(name: str, dtype: Any = tf.float32) -> Any:
    return tf.Variable(tf.zeros([], dtype), trainable=False, name=name,
                       collections=[tf.GraphKeys.LOCAL_VARIABLES, tf.GraphKeys.METRIC_VARIABLES])


def _collect(value: Any, update: Any, metrics_collections: Any, updates_collections: Any) -> tuple[Any, Any]:
    if metrics_collections:
        tf.add_to_collections(metrics_collections, value)
    if updates_collections:
        tf.add_to_collections(updates_collections, update)
    return value, update


@_named("accuracy")
def accuracy(predictions: Any, labels: Any, weights: Any = None, name: str | None = None) -> Any:
    """The share of predictions that equal their labels, in this batch: both of one dtype (no float) and shape, else ValueError."""
    predictions, labels = tf.convert_to_tensor(predictions), tf.convert_to_tensor(labels)
    if not (labels.dtype.is_integer or labels.dtype in (tf.bool, tf.string)):
        raise ValueError(f"Labels should have bool, integer, or string dtype, not {labels.dtype}")
    if predictions.dtype != labels.dtype:
        raise ValueError(f"Dtypes of predictions and labels should match. Given: predictions ({predictions.dtype}) and labels "
                         f"({labels.dtype})")
    predictions.shape.assert_is_compatible_with(labels.shape)
    with tf.name_scope(name, "accuracy", values=[predictions, labels]):
        correct = tf.cast(tf.equal(predictions, labels), tf.float32)
        if weights is None:
            return tf.reduce_mean(correct)
        correct = tf.multiply(correct, weights)
        count = tf.multiply(weights, tf.ones_like(correct))
        return tf.div_no_nan(tf.reduce_sum(correct), tf.reduce_sum(count))


@_named("f1_score")
def f1_score(labels: Any, predictions: Any, weights: Any = None, num_thresholds: int = 200, metrics_collections: Any = None,
             updates_collections: Any = None, name: str | None = None) -> tuple[Any, Any]:
    """(the largest F1 score over all thresholds, update operation). labels: booleans; predictions: in [0, 1]."""
    with tf.variable_scope(name, "f1", (labels, predictions, weights)):
        inner = [(i + 1) / (num_thresholds - 1) for i in range(num_thresholds - 2)]
        thresholds = [-1e-7, *inner, 1.0 + 1e-7]
        precision, update_precision = tf.metrics.precision_at_thresholds(labels, predictions, thresholds, weights, name="precision")
        recall, update_recall = tf.metrics.recall_at_thresholds(labels, predictions, thresholds, weights, name="recall")

        def best(p: Any, r: Any) -> Any:
            return tf.reduce_max(2 * p * r / tf.maximum(p + r, 1e-7))

        return _collect(best(precision, recall), best(update_precision, update_recall), metrics_collections, updates_collections)


def _moments(predictions: Any, labels: Any, weights: Any) -> tuple[list[Any], list[Any]]:
    """(sums before, sums after the update) of count, x, y, x^2, y^2, x y, of which covariances are made."""
    x, y = tf.cast(predictions, tf.float32), tf.cast(labels, tf.float32)
    x.shape.assert_is_compatible_with(y.shape)
    w = tf.ones_like(x) if weights is None else tf.multiply(tf.ones_like(x), tf.cast(weights, tf.float32))
    values = {"count": w, "x": w * x, "y": w * y, "xx": w * x * x, "yy": w * y * y, "xy": w * x * y}
    variables = [_local(name) for name in values]
    updates = [tf.assign_add(variable, tf.reduce_sum(value)) for variable, value in zip(variables, values.values())]
    return [variable.read_value() for variable in variables], updates


def _covariance(sums: list[Any]) -> Any:
    count, x, y, _, _, xy = sums
    return tf.div_no_nan(xy - tf.div_no_nan(x * y, count), count - 1.0)


@_named("streaming_covariance")
def streaming_covariance(predictions: Any, labels: Any, weights: Any = None, metrics_collections: Any = None,
                         updates_collections: Any = None, name: str | None = None) -> tuple[Any, Any]:
    """The unbiased sample covariance of predictions and labels; 0 for fewer than two."""
    with tf.variable_scope(name, "covariance", (predictions, labels, weights)):
        before, after = _moments(predictions, labels, weights)
        return _collect(_covariance(before), _covariance(after), metrics_collections, updates_collections)


@_named("streaming_pearson_correlation")
def streaming_pearson_correlation(predictions: Any, labels: Any, weights: Any = None, metrics_collections: Any = None,
                                  updates_collections: Any = None, name: str | None = None) -> tuple[Any, Any]:
    """Pearson's correlation of predictions and labels."""
    def correlation(sums: list[Any]) -> Any:
        count, x, y, xx, yy, _ = sums
        spread = [tf.div_no_nan(square - tf.div_no_nan(s * s, count), count - 1.0) for s, square in ((x, xx), (y, yy))]
        return tf.div_no_nan(_covariance(sums), tf.sqrt(tf.maximum(spread[0] * spread[1], 0.0)))

    with tf.variable_scope(name, "pearson_r", (predictions, labels, weights)):
        before, after = _moments(predictions, labels, weights)
        return _collect(correlation(before), correlation(after), metrics_collections, updates_collections)


@_named("count")
def count(values: Any, weights: Any = None, metrics_collections: Any = None, updates_collections: Any = None,
          name: str | None = None) -> tuple[Any, Any]:
    """How many values there were, each counted by its weight."""
    with tf.variable_scope(name, "count", (values, weights)):
        total = _local("count")
        more = tf.size(values, out_type=tf.int32) if weights is None else tf.reduce_sum(
            tf.multiply(tf.ones_like(values, tf.float32), tf.cast(weights, tf.float32)))
        return _collect(total.read_value(), tf.assign_add(total, tf.cast(more, tf.float32)), metrics_collections, updates_collections)


@_named("aggregate_metrics")
def aggregate_metrics(*value_update_tuples: Any) -> tuple[list[Any], list[Any]]:
    """([values], [update operations]) of (value, update) pairs; ValueError for none."""
    if not value_update_tuples:
        raise ValueError("Expected at least one value_tensor/update_op pair")
    values, updates = zip(*value_update_tuples)
    return list(values), list(updates)


@_named("aggregate_metric_map")
def aggregate_metric_map(names_to_tuples: dict[str, tuple[Any, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """({name: value}, {name: update operation}) of {name: (value, update)}."""
    return {name: pair[0] for name, pair in names_to_tuples.items()}, {name: pair[1] for name, pair in names_to_tuples.items()}
