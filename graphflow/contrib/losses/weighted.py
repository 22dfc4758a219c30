"""tf.contrib.losses: losses that take predictions first, and are the mean over the elements whose weight is not 0.

Each is put in GraphKeys.LOSSES. Their weights are a number, one for each example, or more: trailing axes of the losses that weights do
not have are summed first. tf.losses has the same with labels first.
"""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ..framework.arg_scopes import add_arg_scope
from ..homes import home

_named = home("losses", "slim.losses")


def _float(value: Any) -> Any:
    return tf.cast(value, tf.float32)


def _pair(predictions: Any, labels: Any) -> tuple[Any, Any]:
    """Both as float32; ValueError where their shapes do not fit."""
    predictions, labels = tf.convert_to_tensor(predictions), tf.convert_to_tensor(labels)
    predictions.shape.assert_is_compatible_with(labels.shape)
    return _float(predictions), _float(labels)


def _scaled_sum(losses: Any, weights: Any) -> Any:
    """The sum of losses times weights; axes that weights do not have are summed first."""
    rows = tf.reduce_sum(losses, axis=list(range(max(0, weights.shape.ndims), losses.shape.ndims)))
    return tf.reduce_sum(tf.multiply(rows, weights))


def _num_present(losses: Any, weights: Any, per_batch: bool = False) -> Any:
    """How many elements have a weight that is not 0: of each example, or of all."""
    rank = weights.shape.ndims
    if rank == 0:
        batch = tf.reshape(tf.slice(tf.shape(losses), [0], [1]), [])
        each = tf.realdiv(_float(tf.size(losses)), _float(batch), name="div")
        each = tf.where(tf.equal(weights, 0), 0.0, each)
        found = tf.multiply(tf.ones(tf.reshape(batch, [1])), each)
    else:
        given = tf.reduce_sum(_float(tf.not_equal(weights, 0)), axis=list(range(1, rank)))
        found = tf.multiply(given, _float(tf.reduce_prod(tf.slice(tf.shape(losses), [rank], [-1]))))
    return found if per_batch else tf.reduce_sum(found)


@_named("compute_weighted_loss")
def compute_weighted_loss(losses: Any, weights: Any = 1.0, scope: Any = None) -> Any:
    """The mean of losses times weights over the elements whose weight is not 0; 0 where there are none. ValueError for unknown ranks."""
    with tf.name_scope(scope, "weighted_loss", [losses, weights]):
        losses = tf.convert_to_tensor(losses)
        dtype = losses.dtype
        losses, weights = _float(losses), _float(tf.convert_to_tensor(weights))
        for name, value in (("losses", losses), ("weights", weights)):
            if value.shape.ndims is None:
                raise ValueError(f"{name}.get_shape().ndims cannot be None")
        if weights.shape.ndims > 1 and weights.shape.as_list()[-1] in (1, None):
            weights = tf.squeeze(weights, [-1])
        total = _scaled_sum(losses, weights)
        count = _num_present(losses, weights)
        mean = tf.cast(tf.div_no_nan(tf.reduce_sum(total), count, name="value"), dtype)
        add_loss(mean)
        return mean


@_named("add_loss")
@add_arg_scope
def add_loss(loss: Any, loss_collection: Any = tf.GraphKeys.LOSSES) -> None:
    """Puts a loss in a collection."""
    if loss_collection:
        tf.add_to_collection(loss_collection, loss)


@_named("get_losses")
def get_losses(scope: Any = None, loss_collection: Any = tf.GraphKeys.LOSSES) -> list[Any]:
    """The losses of a collection whose names begin with scope."""
    return tf.get_collection(loss_collection, scope)


@_named("get_regularization_losses")
def get_regularization_losses(scope: Any = None) -> list[Any]:
    """What is in GraphKeys.REGULARIZATION_LOSSES."""
    return tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES, scope)


@_named("get_total_loss")
def get_total_loss(add_regularization_losses: bool = True, name: str = "total_loss") -> Any:
    """The sum of all losses, with those of regularizers if asked."""
    return tf.add_n([*get_losses(), *(get_regularization_losses() if add_regularization_losses else ())], name=name)


@_named("absolute_difference")
def absolute_difference(predictions: Any, labels: Any = None, weights: Any = 1.0, scope: Any = None) -> Any:
    """|predictions - labels|, weighted mean."""
    with tf.name_scope(scope, "absolute_difference", [predictions, labels, weights]) as scope:
        predictions, labels = _pair(predictions, labels)
        return compute_weighted_loss(tf.abs(tf.subtract(predictions, labels)), weights, scope=scope)


@_named("sigmoid_cross_entropy")
def sigmoid_cross_entropy(logits: Any, multi_class_labels: Any, weights: Any = 1.0, label_smoothing: float = 0, scope: Any = None) -> Any:
    """Cross entropy of independent classes, weighted mean; label_smoothing draws labels to 1/2."""
    with tf.name_scope(scope, "sigmoid_cross_entropy_loss", [logits, multi_class_labels, weights]) as scope:
        logits = tf.convert_to_tensor(logits)
        labels = tf.convert_to_tensor(multi_class_labels)
        logits.shape.assert_is_compatible_with(labels.shape)
        labels = tf.cast(labels, logits.dtype)
        if label_smoothing > 0:
            labels = labels * (1 - label_smoothing) + 0.5 * label_smoothing
        losses = tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits, name="xentropy")
        return compute_weighted_loss(losses, weights, scope=scope)


@_named("softmax_cross_entropy")
def softmax_cross_entropy(logits: Any, onehot_labels: Any, weights: Any = 1.0, label_smoothing: float = 0, scope: Any = None) -> Any:
    """Cross entropy of one class out of several, weighted mean; label_smoothing draws labels to 1 / classes."""
    with tf.name_scope(scope, "softmax_cross_entropy_loss", [logits, onehot_labels, weights]) as scope:
        logits, labels = tf.convert_to_tensor(logits), tf.convert_to_tensor(onehot_labels)
        logits.shape.assert_is_compatible_with(labels.shape)
        labels = tf.cast(labels, logits.dtype)
        if label_smoothing > 0:
            classes = tf.cast(tf.shape(labels)[1], logits.dtype)
            share = label_smoothing / classes
            labels = labels * (1.0 - label_smoothing) + share
        losses = tf.nn.softmax_cross_entropy_with_logits(labels=labels, logits=logits, name="xentropy")
        return compute_weighted_loss(losses, weights, scope=scope)


@_named("sparse_softmax_cross_entropy")
def sparse_softmax_cross_entropy(logits: Any, labels: Any, weights: Any = 1.0, scope: Any = None) -> Any:
    """Cross entropy of class numbers, shape [n] or [n, 1], weighted mean."""
    with tf.name_scope(scope, "sparse_softmax_cross_entropy_loss", [logits, labels, weights]) as scope:
        labels = tf.convert_to_tensor(labels)
        labels = tf.reshape(labels, shape=[tf.shape(labels)[0]])
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits, name="xentropy")
        return compute_weighted_loss(losses, weights, scope=scope)


@_named("log_loss")
def log_loss(predictions: Any, labels: Any = None, weights: Any = 1.0, epsilon: float = 1e-7, scope: Any = None) -> Any:
    """Cross entropy of probabilities, weighted mean; epsilon is added inside of the logarithms."""
    with tf.name_scope(scope, "log_loss", [predictions, labels, weights]) as scope:
        predictions, labels = _pair(predictions, labels)
        losses = -tf.multiply(labels, tf.log(predictions + epsilon)) - tf.multiply(1 - labels, tf.log(1 - predictions + epsilon))
        return compute_weighted_loss(losses, weights, scope=scope)


@_named("hinge_loss")
def hinge_loss(logits: Any, labels: Any = None, scope: Any = None) -> Any:
    """max(0, 1 - y logits) elementwise, y = -1 or 1 for labels 0 or 1; it is in no collection."""
    with tf.name_scope(scope, "hinge_loss", [logits, labels]):
        logits, labels = tf.convert_to_tensor(logits), tf.convert_to_tensor(labels)
        logits.shape.assert_is_compatible_with(labels.shape)
        labels = _float(labels)
        ones = tf.ones_like(labels)
        return tf.nn.relu(tf.subtract(ones, tf.multiply(tf.subtract(2 * labels, ones), logits)))


@_named("mean_squared_error")
def mean_squared_error(predictions: Any, labels: Any = None, weights: Any = 1.0, scope: Any = None) -> Any:
    """(predictions - labels)^2, weighted mean."""
    with tf.name_scope(scope, "mean_squared_error", [predictions, labels, weights]) as scope:
        predictions, labels = _pair(predictions, labels)
        return compute_weighted_loss(tf.squared_difference(predictions, labels), weights, scope=scope)


@_named("mean_pairwise_squared_error")
def mean_pairwise_squared_error(predictions: Any, labels: Any = None, weights: Any = 1.0, scope: Any = None) -> Any:
    """Squared differences of the differences between all pairs of an example's elements."""
    with tf.name_scope(scope, "mean_pairwise_squared_error", [predictions, labels, weights]) as scope:
        predictions, labels = _pair(predictions, labels)
        weights = _float(tf.convert_to_tensor(weights))
        differences = tf.subtract(predictions, labels)
        for name, value in (("diffs", differences), ("weights", weights)):
            if value.shape.ndims is None:
                raise ValueError(f"{name}.get_shape().ndims cannot be None")
        axes = list(range(1, len(differences.shape.as_list())))
        squares = tf.reduce_sum(tf.square(differences), axis=axes)
        count = _num_present(differences, weights, per_batch=True)
        squares = 2.0 * tf.div_no_nan(squares, count, name="value")
        means = 2.0 * tf.div_no_nan(tf.square(tf.reduce_sum(differences, axis=axes)), tf.square(count), name="value")
        loss = _scaled_sum(squares - means, weights)
        found = tf.where(tf.reduce_sum(count) > 0, loss, tf.zeros_like(loss), name="value")
        add_loss(found)
        return found


@_named("cosine_distance")
def cosine_distance(predictions: Any, labels: Any = None, axis: int | None = None, weights: Any = 1.0, scope: Any = None,
                    dim: int | None = None) -> Any:
    """1 - the inner product of unit vectors along `axis` (`dim` is its old name), weighted mean; ValueError without axis."""
    axis = dim if axis is None else axis
    if axis is None:
        raise ValueError("You must specify 'axis'.")
    with tf.name_scope(scope, "cosine_distance_loss", [predictions, labels, weights]) as scope:
        predictions, labels = _pair(predictions, labels)
        return compute_weighted_loss(1 - tf.reduce_sum(tf.multiply(predictions, labels), axis=[axis]), weights, scope=scope)
