"""tf.contrib.learn's ready-made estimators: DNN, linear, and both together. Variables have the names of the time."""
from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import graphflow as tf

from ...core.export import export
from ..layers.feature_columns import input_from_feature_columns, weighted_sum_from_feature_columns
from ..layers.optimization import OPTIMIZER_CLS_NAMES
from . import heads
from .estimator import Estimator
from .model_functions import ModeKeys


def _as_dict(features: Any) -> dict[str, Any]:
    return features if isinstance(features, dict) else {"": features}


def _optimizer(given: Any, name: str, rate: float) -> Any:
    given = given or name
    if isinstance(given, str):
        return OPTIMIZER_CLS_NAMES[given](learning_rate=rate)
    return given if isinstance(given, tf.train.Optimizer) else given()


def _activation(given: Any) -> Callable[..., Any]:
    found: Callable[..., Any] = getattr(tf.nn, given) if isinstance(given, str) else given or tf.nn.relu
    return found


def _step(loss: Any, scope: str, optimizer: Any, clip: float | None, count: bool) -> Any:
    """One step of the variables below a scope."""
    variables = tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES, scope=f"{scope}/")
    pairs = optimizer.compute_gradients(loss, variables)
    if clip:
        gradients, _ = tf.clip_by_global_norm([gradient for gradient, _ in pairs], clip)
        pairs = list(zip(gradients, [variable for _, variable in pairs]))
    return optimizer.apply_gradients(pairs, global_step=tf.train.get_global_step() if count else None)


def _deep(features: dict[str, Any], mode: str, columns: Any, hidden_units: Any, outputs: int, activation_fn: Any, dropout: Any) -> Any:
    with tf.variable_scope("dnn", values=list(features.values())):
        with tf.variable_scope("input_from_feature_columns") as scope:
            net = input_from_feature_columns(features, columns, scope=scope)
        for i, units in enumerate(hidden_units):
            with tf.variable_scope(f"hiddenlayer_{i}") as scope:
                net = tf.contrib.layers.fully_connected(net, units, activation_fn=_activation(activation_fn), scope=scope)
                if dropout is not None and mode == ModeKeys.TRAIN:
                    net = tf.contrib.layers.dropout(net, keep_prob=1.0 - dropout)
            tf.summary.scalar(f"{scope.name}/fraction_of_zero_values", tf.nn.zero_fraction(net))
            tf.summary.histogram(f"{scope.name}/activation", net)
        with tf.variable_scope("logits") as scope:
            return tf.contrib.layers.fully_connected(net, outputs, activation_fn=None, scope=scope)


def _linear(features: dict[str, Any], columns: Any, outputs: int) -> Any:
    with tf.variable_scope("linear", values=list(features.values())) as scope:
        return weighted_sum_from_feature_columns(features, columns, outputs, scope=scope)[0]


class _Ready(Estimator):
    """An estimator whose model is made of a head and of logits."""
    _only: str      # the prediction that predict() gives when nothing is asked for

    def _start(self, head: heads.Head, logits_fn: Callable[..., Any], steps_fn: Callable[[Any], Any], model_dir: Any, config: Any,
               engineering: Any) -> None:
        def model(features: Any, labels: Any, mode: str) -> Any:
            features = _as_dict(features)
            logits = logits_fn(features, mode)
            return head.create_model_fn_ops(features, mode, labels, steps_fn, logits)
        self._only = heads.SCORES if isinstance(head, heads.ValueHead) else heads.CLASSES
        super().__init__(model, model_dir, config, None, engineering)

    def predict(self, x: Any = None, input_fn: Any = None, batch_size: int | None = None, outputs: Any = None,  # type: ignore[override]
                as_iterable: bool = True, iterate_batches: bool = False) -> Any:
        """The classes, or scores, one by one (as_iterable=False: as an array); with `outputs` dicts of those."""
        if outputs:
            return super().predict(x, input_fn, batch_size, outputs, as_iterable, iterate_batches)
        return self._one(self._only, x, input_fn, batch_size, as_iterable)

    def _one(self, key: str, x: Any, input_fn: Any, batch_size: Any, as_iterable: bool) -> Any:
        found = super().predict(x, input_fn, batch_size, [key], as_iterable)
        return (item[key] for item in found) if as_iterable else found[key]


class _Classes(_Ready):
    def predict_classes(self, x: Any = None, input_fn: Any = None, batch_size: int | None = None, as_iterable: bool = True) -> Any:
        """The class of each example."""
        return self._one(heads.CLASSES, x, input_fn, batch_size, as_iterable)

    def predict_proba(self, x: Any = None, input_fn: Any = None, batch_size: int | None = None, as_iterable: bool = True) -> Any:
        """The probabilities of all classes of each example."""
        return self._one(heads.PROBABILITIES, x, input_fn, batch_size, as_iterable)


class _Scores(_Ready):
    def predict_scores(self, x: Any = None, input_fn: Any = None, batch_size: int | None = None, as_iterable: bool = True) -> Any:
        """The numbers of each example."""
        return self._one(heads.SCORES, x, input_fn, batch_size, as_iterable)


def _dnn(self: _Ready, head: heads.Head, hidden_units: Any, feature_columns: Any, model_dir: Any, optimizer: Any, activation_fn: Any,
         dropout: Any, clip: Any, config: Any, engineering: Any) -> None:
    columns, units = tuple(feature_columns or ()), list(hidden_units)
    self._start(head, lambda features, mode: _deep(features, mode, columns, units, head.logits_dimension, activation_fn, dropout),
                lambda loss: _step(loss, "dnn", _optimizer(optimizer, "Adagrad", 0.05), clip, True), model_dir, config, engineering)


@export("contrib.learn.DNNClassifier")
class DNNClassifier(_Classes):
    """Dense layers of hidden_units on feature columns, then a softmax of n_classes, or a sigmoid for two. Labels are ids of classes.

    feature_columns: of tf.contrib.layers or tf.feature_column. optimizer: an Optimizer, its name or a function that makes one; Adagrad with
    rate 0.05 by default. dropout: share of numbers left out in training. gradient_clip_norm: clips gradients together.
    """

    def __init__(self, hidden_units: Any, feature_columns: Any, model_dir: Any = None, n_classes: int = 2,
                 weight_column_name: str | None = None, optimizer: Any = None, activation_fn: Any = tf.nn.relu, dropout: Any = None,
                 gradient_clip_norm: Any = None, enable_centered_bias: bool = False, config: Any = None,
                 feature_engineering_fn: Any = None, embedding_lr_multipliers: Any = None, input_layer_min_slice_size: Any = None,
                 label_keys: Any = None):
        _dnn(self, heads.ClassHead(n_classes, weight_column_name, label_keys, enable_centered_bias), hidden_units, feature_columns,
             model_dir, optimizer, activation_fn, dropout, gradient_clip_norm, config, feature_engineering_fn)


@export("contrib.learn.DNNRegressor")
class DNNRegressor(_Scores):
    """As DNNClassifier, for label_dimension numbers, by squared error."""

    def __init__(self, hidden_units: Any, feature_columns: Any, model_dir: Any = None, weight_column_name: str | None = None,
                 optimizer: Any = None, activation_fn: Any = tf.nn.relu, dropout: Any = None, gradient_clip_norm: Any = None,
                 enable_centered_bias: bool = False, config: Any = None, feature_engineering_fn: Any = None, label_dimension: int = 1,
                 embedding_lr_multipliers: Any = None, input_layer_min_slice_size: Any = None):
        _dnn(self, heads.ValueHead(label_dimension, weight_column_name, enable_centered_bias), hidden_units, feature_columns, model_dir,
             optimizer, activation_fn, dropout, gradient_clip_norm, config, feature_engineering_fn)


def _flat(self: _Ready, head: heads.Head, feature_columns: Any, model_dir: Any, optimizer: Any, clip: Any, config: Any,
          engineering: Any) -> None:
    columns = tuple(feature_columns)
    if not columns:
        raise ValueError("a linear model needs feature_columns")
    rate = min(0.2, 1.0 / math.sqrt(len(columns)))
    self._start(head, lambda features, mode: _linear(features, columns, head.logits_dimension),
                lambda loss: _step(loss, "linear", _optimizer(optimizer, "Ftrl", 0.2 if optimizer else rate), clip, True), model_dir,
                config, engineering)


@export("contrib.learn.LinearClassifier")
class LinearClassifier(_Classes):
    """Logistic regression on feature columns; Ftrl by default."""

    def __init__(self, feature_columns: Any, model_dir: Any = None, n_classes: int = 2, weight_column_name: str | None = None,
                 optimizer: Any = None, gradient_clip_norm: Any = None, enable_centered_bias: bool = False, _joint_weight: bool = False,
                 config: Any = None, feature_engineering_fn: Any = None, label_keys: Any = None):
        _flat(self, heads.ClassHead(n_classes, weight_column_name, label_keys, enable_centered_bias), feature_columns, model_dir,
              optimizer, gradient_clip_norm, config, feature_engineering_fn)


@export("contrib.learn.LinearRegressor")
class LinearRegressor(_Scores):
    """Linear regression on feature columns, by squared error; Ftrl by default."""

    def __init__(self, feature_columns: Any, model_dir: Any = None, weight_column_name: str | None = None, optimizer: Any = None,
                 gradient_clip_norm: Any = None, enable_centered_bias: bool = False, label_dimension: int = 1,
                 _joint_weights: bool = False, config: Any = None, feature_engineering_fn: Any = None):
        _flat(self, heads.ValueHead(label_dimension, weight_column_name, enable_centered_bias), feature_columns, model_dir, optimizer,
              gradient_clip_norm, config, feature_engineering_fn)


def _both(self: _Ready, head: heads.Head, linear: Any, linear_optimizer: Any, deep: Any, deep_optimizer: Any, hidden_units: Any,
          activation_fn: Any, dropout: Any, clip: Any, model_dir: Any, config: Any, engineering: Any) -> None:
    linear, deep = tuple(linear or ()), tuple(deep or ())
    if not linear and not deep:
        raise ValueError("Either linear_feature_columns or dnn_feature_columns must be defined.")
    if deep and not hidden_units:
        raise ValueError("dnn_hidden_units must be defined when dnn_feature_columns is specified.")

    def logits(features: dict[str, Any], mode: str) -> Any:
        found = []
        if deep:
            found.append(_deep(features, mode, deep, hidden_units, head.logits_dimension, activation_fn, dropout))
        if linear:
            found.append(_linear(features, linear, head.logits_dimension))
        return tf.add_n(found)

    def steps(loss: Any) -> Any:
        made = []
        if deep:
            made.append(_step(loss, "dnn", _optimizer(deep_optimizer, "Adagrad", 0.05), clip, False))
        if linear:
            rate = min(0.2, 1.0 / math.sqrt(len(linear)))
            made.append(_step(loss, "linear", _optimizer(linear_optimizer, "Ftrl", 0.2 if linear_optimizer else rate), clip, False))
        with tf.control_dependencies(made):
            return tf.assign_add(tf.train.get_global_step(), 1).op
    self._start(head, logits, steps, model_dir, config, engineering)


@export("contrib.learn.DNNLinearCombinedClassifier")
class DNNLinearCombinedClassifier(_Classes):
    """Wide and deep: a linear model and a DNN, trained together, whose logits are added. Either may be left out, not both."""

    def __init__(self, model_dir: Any = None, n_classes: int = 2, weight_column_name: str | None = None, linear_feature_columns: Any = None,
                 linear_optimizer: Any = None, _joint_linear_weights: bool = False, dnn_feature_columns: Any = None,
                 dnn_optimizer: Any = None, dnn_hidden_units: Any = None, dnn_activation_fn: Any = tf.nn.relu, dnn_dropout: Any = None,
                 gradient_clip_norm: Any = None, enable_centered_bias: bool = False, config: Any = None,
                 feature_engineering_fn: Any = None, embedding_lr_multipliers: Any = None, input_layer_min_slice_size: Any = None,
                 label_keys: Any = None, fix_global_step_increment_bug: bool = False):
        _both(self, heads.ClassHead(n_classes, weight_column_name, label_keys, enable_centered_bias), linear_feature_columns,
              linear_optimizer, dnn_feature_columns, dnn_optimizer, dnn_hidden_units, dnn_activation_fn, dnn_dropout, gradient_clip_norm,
              model_dir, config, feature_engineering_fn)


@export("contrib.learn.DNNLinearCombinedRegressor")
class DNNLinearCombinedRegressor(_Scores):
    """As DNNLinearCombinedClassifier, for label_dimension numbers, by squared error."""

    def __init__(self, model_dir: Any = None, weight_column_name: str | None = None, linear_feature_columns: Any = None,
                 linear_optimizer: Any = None, _joint_linear_weights: bool = False, dnn_feature_columns: Any = None,
                 dnn_optimizer: Any = None, dnn_hidden_units: Any = None, dnn_activation_fn: Any = tf.nn.relu, dnn_dropout: Any = None,
                 gradient_clip_norm: Any = None, enable_centered_bias: bool = False, label_dimension: int = 1, config: Any = None,
                 feature_engineering_fn: Any = None, embedding_lr_multipliers: Any = None, input_layer_min_slice_size: Any = None,
                 fix_global_step_increment_bug: bool = False):
        _both(self, heads.ValueHead(label_dimension, weight_column_name, enable_centered_bias), linear_feature_columns, linear_optimizer,
              dnn_feature_columns, dnn_optimizer, dnn_hidden_units, dnn_activation_fn, dnn_dropout, gradient_clip_norm, model_dir, config,
              feature_engineering_fn)
