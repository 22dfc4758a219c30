"""tf.contrib.learn.models and ops: small regressions as subgraphs, and helpers of recurrent models."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export

_HOME = "contrib.learn.models"


def _weights(scope: str, x: Any, y: Any, init_mean: float | None, init_stddev: float) -> tuple[Any, Any]:
    outputs = 1 if y.get_shape().ndims == 1 else y.get_shape()[1].value
    dtype = x.dtype.base_dtype
    given = None if init_mean is None else tf.random_normal_initializer(init_mean, init_stddev, dtype=dtype)
    name = tf.get_variable_scope().name
    for label, value in (("x", x), ("y", y)):
        tf.summary.histogram(f"{name}.{label}", value)
    weights = tf.get_variable("weights", [x.get_shape()[1].value, outputs], dtype, given)
    bias = tf.get_variable("bias", [outputs], dtype, given)
    for label, value in (("weights", weights), ("bias", bias)):
        tf.summary.histogram(f"{name}.{label}", value)
    return weights, bias


@export(f"{_HOME}.linear_regression")
def linear_regression(x: Any, y: Any, init_mean: float | None = None, init_stddev: float = 1.0) -> tuple[Any, Any]:
    """(predictions, mean squared error) of x [batch, numbers] and y [batch] or [batch, outputs], with variables 'linear_regression/...'.

    init_mean and init_stddev: of normal initial values; without init_mean the scope's initializer is used.
    """
    with tf.variable_scope("linear_regression"):
        weights, bias = _weights("linear_regression", x, y, init_mean, init_stddev)
        with tf.name_scope("mean_squared_error_regressor", values=[x, y]):
            predictions = tf.nn.xw_plus_b(x, weights, bias)
            if y.get_shape().ndims == 1:
                y = tf.expand_dims(y, 1)
            return predictions, tf.losses.mean_squared_error(y, predictions)


@export(f"{_HOME}.linear_regression_zero_init")
def linear_regression_zero_init(x: Any, y: Any) -> tuple[Any, Any]:
    """linear_regression that begins at zero."""
    return linear_regression(x, y, init_mean=0.0, init_stddev=0.0)


@export(f"{_HOME}.logistic_regression")
def logistic_regression(x: Any, y: Any, class_weight: Any = None, init_mean: float | None = None,
                        init_stddev: float = 1.0) -> tuple[Any, Any]:
    """(probabilities [batch, classes], mean cross entropy) of x [batch, numbers] and one-hot y [batch, classes].

    class_weight: a weight for each class; a tensor 'class_weight:0' of the graph is found by itself.
    """
    with tf.variable_scope("logistic_regression"):
        weights, bias = _weights("logistic_regression", x, y, init_mean, init_stddev)
        if class_weight is None:
            try:
                class_weight = tf.get_default_graph().get_tensor_by_name("class_weight:0")
            except KeyError:
                class_weight = None
        with tf.name_scope("softmax_classifier", values=[x, y]):
            logits = tf.nn.xw_plus_b(x, weights, bias)
            if class_weight is not None:
                logits = logits * class_weight
            return tf.nn.softmax(logits), tf.losses.softmax_cross_entropy(y, logits)


@export(f"{_HOME}.logistic_regression_zero_init")
def logistic_regression_zero_init(x: Any, y: Any) -> tuple[Any, Any]:
    """logistic_regression that begins at zero."""
    return logistic_regression(x, y, init_mean=0.0, init_stddev=0.0)


@export("contrib.learn.ops.split_squeeze")
def split_squeeze(dim: int, num_split: int, tensor_in: Any) -> list[Any]:
    """Parts of size 1 along an axis, each without that axis."""
    return [tf.squeeze(part, axis=[dim]) for part in tf.split(tensor_in, num_split, dim)]


@export("contrib.learn.ops.dnn")
def dnn(tensor_in: Any, hidden_units: Any, activation: Any = tf.nn.relu, dropout: float | None = None) -> Any:
    """Dense layers of hidden_units, each with the activation and, where dropout is given, a dropout that keeps 1 - dropout."""
    with tf.variable_scope("dnn"):
        for i, units in enumerate(hidden_units):
            with tf.variable_scope(f"layer{i}"):
                tensor_in = activation(tf.contrib.layers.legacy_linear(tensor_in, units))
                if dropout is not None:
                    tensor_in = tf.nn.dropout(tensor_in, rate=dropout)
        return tensor_in


@export("contrib.learn.estimators.rnn_common.select_last_activations")
def select_last_activations(activations: Any, sequence_lengths: Any) -> Any:
    """[batch, numbers]: of activations [batch, steps, numbers] those of each sequence's last step."""
    with tf.name_scope("select_last_activations", values=[activations, sequence_lengths]):
        rows = tf.range(tf.shape(activations)[0])
        last = tf.stack([rows, tf.maximum(0, tf.cast(sequence_lengths, tf.int32) - 1)], axis=1)
        found = tf.gather_nd(activations, last)
        found.set_shape([activations.get_shape()[0], activations.get_shape()[2]])
        return found
