"""The logits of the ready-made estimators: linear, deep, both together, and a bias alone; and their optimizers."""
from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, cast

import graphflow as tf

from ..core.export import export
from ..feature_column.base import DenseColumn, Features
from ..feature_column.layers import flat_dense, linear_sum, sorted_columns
from .mode_keys import ModeKeys

_OPTIMIZERS = {"Adagrad": "AdagradOptimizer", "Adam": "AdamOptimizer", "Ftrl": "FtrlOptimizer", "RMSProp": "RMSPropOptimizer",
               "SGD": "GradientDescentOptimizer"}


def optimizer_of(optimizer: Any, learning_rate: float) -> Any:
    """An optimizer from one, from its name, or from a function without arguments. ValueError for anything else."""
    if isinstance(optimizer, str):
        if optimizer not in _OPTIMIZERS:
            raise ValueError(f"Unsupported optimizer name: {optimizer}. Supported names are: {tuple(sorted(_OPTIMIZERS))}")
        return getattr(tf.train, _OPTIMIZERS[optimizer])(learning_rate=learning_rate)
    made = optimizer if isinstance(optimizer, tf.train.Optimizer) or not callable(optimizer) else optimizer()
    if not isinstance(made, tf.train.Optimizer):
        raise ValueError(f"not an Optimizer instance, nor the name of one, nor a function that makes one: {made}")
    return made


def _partitioner(config: Any, least: int = 64 << 20) -> Any:
    return tf.min_max_variable_partitioner(max_partitions=config.num_ps_replicas if config else 0, min_slice_size=least)


def _check(features: Any) -> None:
    if not isinstance(features, dict):
        raise ValueError(f"features should be a dictionary of tensors by the names of columns, not a {type(features)}")


def deep_logits(features: dict[str, Any], mode: str, units: int, hidden_units: Iterable[int], feature_columns: Any, activation_fn: Any,
                dropout: float | None, partitioner: Any, batch_norm: bool) -> Any:
    """[batch, units]: dense layers 'hiddenlayer_N' on the dense columns, and 'logits'."""
    training = mode == ModeKeys.TRAIN
    with tf.variable_scope("input_from_feature_columns", values=tuple(features.values()), partitioner=partitioner), \
            tf.variable_scope("input_layer"):
        net = _inputs(features, feature_columns)
    for i, width in enumerate(hidden_units):
        with tf.variable_scope(f"hiddenlayer_{i}") as scope:
            net = tf.layers.dense(net, width, activation_fn, kernel_initializer=tf.glorot_uniform_initializer(), name=cast(Any, scope))
            if dropout is not None and training:
                net = tf.layers.dropout(net, rate=dropout, training=True)
            if batch_norm:
                net = tf.layers.batch_normalization(net, momentum=0.999, training=training, name=f"batchnorm_{i}")
        _summaries(net, scope.name)
    with tf.variable_scope("logits") as scope:
        logits = tf.layers.dense(net, units, kernel_initializer=tf.glorot_uniform_initializer(), name=cast(Any, scope))
    _summaries(logits, scope.name)
    return logits


def _inputs(features: dict[str, Any], feature_columns: Any) -> Any:
    found, outputs = Features(features), []
    collections = [tf.GraphKeys.GLOBAL_VARIABLES, tf.GraphKeys.MODEL_VARIABLES]
    for column in sorted_columns(feature_columns, (DenseColumn,)):
        with tf.variable_scope(column.var_scope_name):
            outputs.append(flat_dense(column, found, collections))
    return tf.concat(outputs, axis=-1)


def _summaries(value: Any, tag: str) -> None:
    tf.summary.scalar(f"{tag}/fraction_of_zero_values", tf.nn.zero_fraction(value))
    tf.summary.histogram(f"{tag}/activation", value)


def linear_logits(features: dict[str, Any], units: int, feature_columns: Any, sparse_combiner: str) -> Any:
    """[batch, units]: linear_model, with summaries of its bias and weights."""
    kept: dict[Any, Any] = {}
    logits, bias = linear_sum(features, feature_columns, units, sparse_combiner, cols_to_vars=kept)
    kept.pop("bias")
    parts = list(bias) if hasattr(bias, "_get_variable_list") else [bias]
    if units > 1:
        tf.summary.histogram("bias", parts)
    else:
        tf.summary.scalar("bias", parts[0][0])
    weights = [variable for variables in kept.values() for variable in variables]
    with tf.name_scope("zero_fraction"):
        sizes = [tf.size(w) for w in weights]
        zeros = tf.add_n([tf.nn.zero_fraction(w) * tf.cast(size, tf.float32) for w, size in zip(weights, sizes)])
        fraction = zeros / tf.cast(tf.add_n(sizes), tf.float32)
    tf.summary.scalar("fraction_of_zero_weights", fraction)
    return logits


def dnn_model(features: Any, labels: Any, mode: str, head: Any, hidden_units: Any, feature_columns: Any, optimizer: Any, activation_fn: Any,
              dropout: Any, input_layer_partitioner: Any, config: Any, batch_norm: bool) -> Any:
    """The spec of a deep model."""
    _check(features)
    chosen = optimizer_of(optimizer, 0.05)
    with tf.variable_scope("dnn", values=tuple(features.values()), partitioner=_partitioner(config, 256 << 10)):
        logits = deep_logits(features, mode, head.logits_dimension, hidden_units, feature_columns, activation_fn, dropout,
                             input_layer_partitioner or _partitioner(config), batch_norm)
        return head.create_estimator_spec(features, mode, logits, labels, chosen)


def linear_model(features: Any, labels: Any, mode: str, head: Any, feature_columns: Any, optimizer: Any, partitioner: Any, config: Any,
                 sparse_combiner: str) -> Any:
    """The spec of a linear model."""
    _check(features)
    columns = list(feature_columns)
    with tf.variable_scope("linear", values=tuple(features.values()), partitioner=partitioner or _partitioner(config)):
        logits = linear_logits(features, head.logits_dimension, columns, sparse_combiner)
        rate = min(0.2, 1.0 / math.sqrt(len(columns)))
        chosen = tf.train.FtrlOptimizer(rate) if optimizer is None else optimizer_of(optimizer, 0.2)
        return head.create_estimator_spec(features, mode, logits, labels, chosen)


def combined_model(features: Any, labels: Any, mode: str, head: Any, linear_feature_columns: Any, linear_optimizer: Any,
                   dnn_feature_columns: Any, dnn_optimizer: Any, dnn_hidden_units: Any, dnn_activation_fn: Any, dnn_dropout: Any,
                   input_layer_partitioner: Any, config: Any, batch_norm: bool, sparse_combiner: str) -> Any:
    """The spec of a linear and a deep model whose logits are added, each with an optimizer of its own."""
    _check(features)
    linear, deep = list(linear_feature_columns or []), list(dnn_feature_columns or [])
    if not linear and not deep:
        raise ValueError("Either linear_feature_columns or dnn_feature_columns must be defined.")
    partitioner = input_layer_partitioner or _partitioner(config)
    logits, trained = [], []
    if deep:
        if not dnn_hidden_units:
            raise ValueError("dnn_hidden_units must be defined when dnn_feature_columns is specified.")
        with tf.variable_scope("dnn", values=tuple(features.values()), partitioner=_partitioner(config, 256 << 10)) as scope:
            logits.append(deep_logits(features, mode, head.logits_dimension, dnn_hidden_units, deep, dnn_activation_fn, dnn_dropout,
                                      partitioner, batch_norm))
        trained.append((optimizer_of(dnn_optimizer, 0.001), scope.name))
    if linear:
        with tf.variable_scope("linear", values=tuple(features.values()), partitioner=partitioner) as scope:
            logits.append(linear_logits(features, head.logits_dimension, linear, sparse_combiner))
            _summaries(logits[-1], scope.name)
        trained.append((optimizer_of(linear_optimizer, min(0.005, 1.0 / math.sqrt(len(linear)))), scope.name))

    def train(loss: Any) -> Any:
        steps = [optimizer.minimize(loss, var_list=tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES, scope=name))
                 for optimizer, name in trained]
        with tf.control_dependencies([tf.group(*steps)]):
            return tf.assign_add(tf.train.get_global_step(), 1).op
    both = logits[0] + logits[1] if len(logits) == 2 else logits[0]
    return head.create_estimator_spec(features, mode, both, labels, train_op_fn=train)


def baseline_model(features: Any, labels: Any, mode: str, head: Any, optimizer: Any) -> Any:
    """The spec of a model that has only a bias."""
    first = next(iter(features.values())) if isinstance(features, dict) else features
    batch = tf.shape(first.dense_shape if isinstance(first, tf.SparseTensor) else first)[0]
    with tf.variable_scope("baseline"):
        bias = tf.get_variable("bias", shape=[head.logits_dimension], initializer=tf.zeros_initializer())
        logits = tf.multiply(bias, tf.ones([batch, head.logits_dimension]))

    def train(loss: Any) -> Any:
        return optimizer_of(optimizer, 0.3).minimize(loss, global_step=tf.train.get_global_step())
    return head.create_estimator_spec(features, mode, logits, labels, train_op_fn=train)


@export("estimator.experimental.linear_logit_fn_builder")
def linear_logit_fn_builder(units: int, feature_columns: Any, sparse_combiner: str = "sum") -> Callable[..., Any]:
    """A function of features that gives the logits of a linear model."""
    def linear_logit_fn(features: dict[str, Any]) -> Any:
        return linear_logits(features, units, feature_columns, sparse_combiner)
    return linear_logit_fn


@export("estimator.experimental.dnn_logit_fn_builder")
def dnn_logit_fn_builder(units: int, hidden_units: Any, feature_columns: Any, activation_fn: Any, dropout: Any,
                         input_layer_partitioner: Any, batch_norm: bool) -> Callable[..., Any]:
    """A function of features and mode that gives the logits of a deep model."""
    def dnn_logit_fn(features: dict[str, Any], mode: str) -> Any:
        return deep_logits(features, mode, units, hidden_units, feature_columns, activation_fn, dropout, input_layer_partitioner,
                           batch_norm)
    return dnn_logit_fn
