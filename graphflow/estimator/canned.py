"""The ready-made estimators: DNN, linear, both together, and the baseline, as classifiers and regressors."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import graphflow as tf

from ..core.export import export
from . import models
from .estimator import Estimator
from .heads import RegressionHead, classification_head

_SUM = "weighted_sum"


def _relu(features: Any, name: str | None = None) -> Any:
    return tf.nn.relu(features, name=name)


def _with(model: Callable[..., Any], **given: Any) -> Callable[..., Any]:
    """A model function of these arguments; `config` is handed on where the model takes it."""
    def _model_fn(features: Any, labels: Any, mode: str, config: Any) -> Any:
        more = {} if model is models.baseline_model else {"config": config}
        return model(features=features, labels=labels, mode=mode, **given, **more)
    return _model_fn


class _DNN(Estimator):
    def _deep(self, head: Any, hidden_units: Any, feature_columns: Any, model_dir: Any, optimizer: Any, activation_fn: Any, dropout: Any,
              input_layer_partitioner: Any, config: Any, warm_start_from: Any, batch_norm: bool) -> None:
        model_fn = _with(models.dnn_model, head=head, hidden_units=list(hidden_units), feature_columns=tuple(feature_columns or []),
                         optimizer=optimizer, activation_fn=activation_fn, dropout=dropout,
                         input_layer_partitioner=input_layer_partitioner, batch_norm=batch_norm)
        Estimator.__init__(self, model_fn, model_dir, config, warm_start_from=warm_start_from)


@export("estimator.DNNClassifier")
class DNNClassifier(_DNN):
    """Dense layers of hidden_units on dense feature columns, then a softmax of n_classes, or a sigmoid for two.

    Labels are ids of classes, or names of label_vocabulary; weight_column is the feature that weighs examples. optimizer: an
    Optimizer, its name ('Adagrad' with rate 0.05 by default) or a function that makes one. dropout: share of numbers left out in training.
    """

    def __init__(self, hidden_units: Any, feature_columns: Any, model_dir: Any = None, n_classes: int = 2, weight_column: Any = None,
                 label_vocabulary: Any = None, optimizer: Any = "Adagrad", activation_fn: Any = _relu, dropout: float | None = None,
                 input_layer_partitioner: Any = None, config: Any = None, warm_start_from: Any = None, loss_reduction: str = _SUM,
                 batch_norm: bool = False):
        self._deep(classification_head(n_classes, weight_column, label_vocabulary, loss_reduction), hidden_units, feature_columns,
                   model_dir, optimizer, activation_fn, dropout, input_layer_partitioner, config, warm_start_from, batch_norm)


@export("estimator.DNNRegressor")
class DNNRegressor(_DNN):
    """As DNNClassifier, for label_dimension numbers, by squared error."""

    def __init__(self, hidden_units: Any, feature_columns: Any, model_dir: Any = None, label_dimension: int = 1, weight_column: Any = None,
                 optimizer: Any = "Adagrad", activation_fn: Any = _relu, dropout: float | None = None, input_layer_partitioner: Any = None,
                 config: Any = None, warm_start_from: Any = None, loss_reduction: str = _SUM, batch_norm: bool = False):
        self._deep(RegressionHead(label_dimension, weight_column, loss_reduction), hidden_units, feature_columns, model_dir, optimizer,
                   activation_fn, dropout, input_layer_partitioner, config, warm_start_from, batch_norm)


@export("estimator.DNNEstimator")
class DNNEstimator(_DNN):
    """As DNNClassifier, for a head of the program's own."""

    def __init__(self, head: Any, hidden_units: Any, feature_columns: Any, model_dir: Any = None, optimizer: Any = "Adagrad",
                 activation_fn: Any = _relu, dropout: float | None = None, input_layer_partitioner: Any = None, config: Any = None,
                 warm_start_from: Any = None, batch_norm: bool = False):
        self._deep(head, hidden_units, feature_columns, model_dir, optimizer, activation_fn, dropout, input_layer_partitioner, config,
                   warm_start_from, batch_norm)


class _Linear(Estimator):
    def _flat(self, head: Any, feature_columns: Any, model_dir: Any, optimizer: Any, config: Any, partitioner: Any, warm_start_from: Any,
              sparse_combiner: str) -> None:
        model_fn = _with(models.linear_model, head=head, feature_columns=tuple(feature_columns or []), optimizer=optimizer,
                         partitioner=partitioner, sparse_combiner=sparse_combiner)
        Estimator.__init__(self, model_fn, model_dir, config, warm_start_from=warm_start_from)


@export("estimator.LinearClassifier")
class LinearClassifier(_Linear):
    """Logistic regression on dense and categorical columns. optimizer: as of DNNClassifier, 'Ftrl' by default."""

    def __init__(self, feature_columns: Any, model_dir: Any = None, n_classes: int = 2, weight_column: Any = None,
                 label_vocabulary: Any = None, optimizer: Any = "Ftrl", config: Any = None, partitioner: Any = None,
                 warm_start_from: Any = None, loss_reduction: str = _SUM, sparse_combiner: str = "sum"):
        self._flat(classification_head(n_classes, weight_column, label_vocabulary, loss_reduction), feature_columns, model_dir, optimizer,
                   config, partitioner, warm_start_from, sparse_combiner)


@export("estimator.LinearRegressor")
class LinearRegressor(_Linear):
    """Linear regression on dense and categorical columns, by squared error."""

    def __init__(self, feature_columns: Any, model_dir: Any = None, label_dimension: int = 1, weight_column: Any = None,
                 optimizer: Any = "Ftrl", config: Any = None, partitioner: Any = None, warm_start_from: Any = None,
                 loss_reduction: str = _SUM, sparse_combiner: str = "sum"):
        self._flat(RegressionHead(label_dimension, weight_column, loss_reduction), feature_columns, model_dir, optimizer, config,
                   partitioner, warm_start_from, sparse_combiner)


@export("estimator.LinearEstimator")
class LinearEstimator(_Linear):
    """As LinearClassifier, for a head of the program's own."""

    def __init__(self, head: Any, feature_columns: Any, model_dir: Any = None, optimizer: Any = "Ftrl", config: Any = None,
                 partitioner: Any = None, sparse_combiner: str = "sum"):
        self._flat(head, feature_columns, model_dir, optimizer, config, partitioner, None, sparse_combiner)


class _Combined(Estimator):
    def _both(self, head: Any, model_dir: Any, config: Any, warm_start_from: Any, **given: Any) -> None:
        Estimator.__init__(self, _with(models.combined_model, head=head, **given), model_dir, config, warm_start_from=warm_start_from)


@export("estimator.DNNLinearCombinedClassifier")
class DNNLinearCombinedClassifier(_Combined):
    """Wide and deep: a linear model and a DNN, trained together, whose logits are added. Either may be left out, not both."""

    def __init__(self, model_dir: Any = None, linear_feature_columns: Any = None, linear_optimizer: Any = "Ftrl",
                 dnn_feature_columns: Any = None, dnn_optimizer: Any = "Adagrad", dnn_hidden_units: Any = None,
                 dnn_activation_fn: Any = _relu, dnn_dropout: float | None = None, n_classes: int = 2, weight_column: Any = None,
                 label_vocabulary: Any = None, input_layer_partitioner: Any = None, config: Any = None, warm_start_from: Any = None,
                 loss_reduction: str = _SUM, batch_norm: bool = False, linear_sparse_combiner: str = "sum"):
        _check_columns(linear_feature_columns, dnn_feature_columns)
        self._both(classification_head(n_classes, weight_column, label_vocabulary, loss_reduction), model_dir, config, warm_start_from,
                   linear_feature_columns=linear_feature_columns, linear_optimizer=linear_optimizer,
                   dnn_feature_columns=dnn_feature_columns, dnn_optimizer=dnn_optimizer, dnn_hidden_units=dnn_hidden_units,
                   dnn_activation_fn=dnn_activation_fn,
                   dnn_dropout=dnn_dropout, input_layer_partitioner=input_layer_partitioner, batch_norm=batch_norm,
                   sparse_combiner=linear_sparse_combiner)


@export("estimator.DNNLinearCombinedRegressor")
class DNNLinearCombinedRegressor(_Combined):
    """As DNNLinearCombinedClassifier, for label_dimension numbers, by squared error."""

    def __init__(self, model_dir: Any = None, linear_feature_columns: Any = None, linear_optimizer: Any = "Ftrl",
                 dnn_feature_columns: Any = None, dnn_optimizer: Any = "Adagrad", dnn_hidden_units: Any = None,
                 dnn_activation_fn: Any = _relu, dnn_dropout: float | None = None, label_dimension: int = 1, weight_column: Any = None,
                 input_layer_partitioner: Any = None, config: Any = None, warm_start_from: Any = None, loss_reduction: str = _SUM,
                 batch_norm: bool = False, linear_sparse_combiner: str = "sum"):
        _check_columns(linear_feature_columns, dnn_feature_columns)
        self._both(RegressionHead(label_dimension, weight_column, loss_reduction), model_dir, config, warm_start_from,
                   linear_feature_columns=linear_feature_columns, linear_optimizer=linear_optimizer,
                   dnn_feature_columns=dnn_feature_columns, dnn_optimizer=dnn_optimizer, dnn_hidden_units=dnn_hidden_units,
                   dnn_activation_fn=dnn_activation_fn,
                   dnn_dropout=dnn_dropout, input_layer_partitioner=input_layer_partitioner, batch_norm=batch_norm,
                   sparse_combiner=linear_sparse_combiner)


def _check_columns(linear: Any, deep: Any) -> None:
    if not linear and not deep:
        raise ValueError("Either linear_feature_columns or dnn_feature_columns must be defined.")


class _Baseline(Estimator):
    def _bias(self, head: Any, model_dir: Any, optimizer: Any, config: Any) -> None:
        Estimator.__init__(self, _with(models.baseline_model, head=head, optimizer=optimizer), model_dir, config)


@export("estimator.BaselineClassifier")
class BaselineClassifier(_Baseline):
    """Learns how often each class comes, whatever the features are."""

    def __init__(self, model_dir: Any = None, n_classes: int = 2, weight_column: Any = None, label_vocabulary: Any = None,
                 optimizer: Any = "Ftrl", config: Any = None, loss_reduction: str = _SUM):
        self._bias(classification_head(n_classes, weight_column, label_vocabulary, loss_reduction), model_dir, optimizer, config)


@export("estimator.BaselineRegressor")
class BaselineRegressor(_Baseline):
    """Learns the mean of the labels, whatever the features are."""

    def __init__(self, model_dir: Any = None, label_dimension: int = 1, weight_column: Any = None, optimizer: Any = "Ftrl",
                 config: Any = None, loss_reduction: str = _SUM):
        self._bias(RegressionHead(label_dimension, weight_column, loss_reduction), model_dir, optimizer, config)


class _Refused:
    def __init__(self, *args: Any, **kwargs: Any):
        raise NotImplementedError(f"tf.estimator.{type(self).__name__}: boosted trees are not in graphflow; use scikit-learn's "
                                  "GradientBoosting or HistGradientBoosting, or tf.estimator.DNNClassifier and its like")


@export("estimator.BoostedTreesClassifier")
class BoostedTreesClassifier(_Refused):
    """NotImplementedError: boosted trees are not here."""


@export("estimator.BoostedTreesRegressor")
class BoostedTreesRegressor(_Refused):
    """NotImplementedError: boosted trees are not here."""


@export("estimator.BoostedTreesEstimator")
class BoostedTreesEstimator(_Refused):
    """NotImplementedError: boosted trees are not here."""
