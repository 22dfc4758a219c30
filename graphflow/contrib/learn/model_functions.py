"""tf.contrib.learn.ModeKeys, ModelFnOps and MetricSpec: what model functions of tf.contrib.learn take and give."""
from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import graphflow as tf

from ...core.export import export


@export("contrib.learn.ModeKeys")
class ModeKeys:
    """What a model function is called for. INFER is tf.estimator's PREDICT."""
    TRAIN, EVAL, INFER = "train", "eval", "infer"

    @classmethod
    def validate(cls, key: str) -> None:
        """ValueError for another key."""
        if key not in (cls.TRAIN, cls.EVAL, cls.INFER):
            raise ValueError(f"Invalid mode {key}: it is one of {cls.TRAIN}, {cls.EVAL}, {cls.INFER}")


def core_mode(mode: str) -> str:
    """tf.estimator's name of a mode."""
    return tf.estimator.ModeKeys.PREDICT if mode == ModeKeys.INFER else mode


def learn_mode(mode: str) -> str:
    """tf.contrib.learn's name of a mode."""
    return ModeKeys.INFER if mode == tf.estimator.ModeKeys.PREDICT else mode


@export("contrib.learn.ProblemType")
class ProblemType:
    """What an output of a model is."""
    UNSPECIFIED, CLASSIFICATION, LINEAR_REGRESSION, LOGISTIC_REGRESSION, ANOMALY_DETECTION = range(5)


class _Ops(NamedTuple):
    predictions: Any
    loss: Any
    train_op: Any
    eval_metric_ops: dict[str, Any]
    output_alternatives: Any
    training_chief_hooks: Any
    training_hooks: Any
    scaffold: Any
    mode: Any


@export("contrib.learn.ModelFnOps")
class ModelFnOps(_Ops):
    """What a model function made: loss and train_op for TRAIN, loss for EVAL, predictions for INFER; ValueError for one that is missing."""
    __slots__ = ()

    def __new__(cls, mode: str, predictions: Any = None, loss: Any = None, train_op: Any = None, eval_metric_ops: Any = None,
                output_alternatives: Any = None, training_chief_hooks: Any = None, training_hooks: Any = None, scaffold: Any = None) -> Any:
        ModeKeys.validate(mode)
        if mode == ModeKeys.TRAIN and train_op is None:
            raise ValueError("Missing train_op.")
        if mode in (ModeKeys.TRAIN, ModeKeys.EVAL) and loss is None:
            raise ValueError("Missing loss.")
        if mode == ModeKeys.INFER and predictions is None:
            raise ValueError("Missing predictions.")
        return super().__new__(cls, predictions, loss, train_op, dict(eval_metric_ops or {}), output_alternatives,
                               list(training_chief_hooks or []), list(training_hooks or []), scaffold, mode)

    def estimator_spec(self, default_serving_output_alternative_key: Any = None) -> Any:
        """The same as a tf.estimator.EstimatorSpec."""
        return tf.estimator.EstimatorSpec(core_mode(self.mode), self.predictions, self.loss, self.train_op, self.eval_metric_ops,
                                          training_chief_hooks=self.training_chief_hooks, training_hooks=self.training_hooks,
                                          scaffold=self.scaffold)


@export("contrib.learn.MetricSpec")
class MetricSpec:
    """A metric on one of the predictions: metric_fn(predictions, labels, weights), arguments found by their names.

    prediction_key, label_key, weight_key: which of several predictions, labels and features. metric_fn gives (value, update), as functions
    of tf.metrics and tf.contrib.metrics do.
    """

    def __init__(self, metric_fn: Callable[..., Any], prediction_key: Any = None, label_key: Any = None, weight_key: Any = None):
        self._metric_fn, self._prediction_key, self._label_key, self._weight_key = metric_fn, prediction_key, label_key, weight_key

    metric_fn = property(lambda self: self._metric_fn)
    prediction_key = property(lambda self: self._prediction_key)
    label_key = property(lambda self: self._label_key)
    weight_key = property(lambda self: self._weight_key)

    def create_metric_ops(self, inputs: Any, labels: Any, predictions: Any) -> Any:
        """(value, update) for a batch. ValueError where several are there and no key tells which."""
        found = {"predictions": _chosen(predictions, self._prediction_key, "prediction_key"), "labels": _chosen(labels, self._label_key,
                                                                                                              "label_key")}
        weights = inputs[self._weight_key] if self._weight_key else None
        names = list(inspect.signature(self._metric_fn).parameters)
        arguments: dict[str, Any] = {}
        for kind, others in (("predictions", ("prediction", "predictions", "y_hat", "output", "outputs", "pred", "preds")),
                             ("labels", ("label", "labels", "target", "targets", "y", "ground_truth"))):
            name = next((name for name in names if name in others), None)
            if name is not None:
                arguments[name] = found[kind]
        if weights is not None:
            arguments["weights" if "weights" in names or "weight" not in names else "weight"] = weights
        if len(arguments) - (weights is not None) == 2:
            return self._metric_fn(**arguments)
        return self._metric_fn(found["predictions"], found["labels"], *([] if weights is None else [weights]))

    def __str__(self) -> str:
        return f"MetricSpec({self._metric_fn}, {self._prediction_key}, {self._label_key}, {self._weight_key})"


def _chosen(values: Any, key: Any, name: str) -> Any:
    if not isinstance(values, dict):
        if key:
            raise ValueError(f"MetricSpec without {name} is for one tensor: {name} = {key} was given, and there is no dict to look in")
        return values
    if key is None:
        if len(values) != 1:
            raise ValueError(f"MetricSpec needs a {name}: there are {sorted(values)}")
        return next(iter(values.values()))
    if key not in values:
        raise ValueError(f"MetricSpec: {name} = {key!r} is none of {sorted(values)}")
    return values[key]


def metric_ops(metrics: Any, features: Any, labels: Any, predictions: Any) -> dict[str, Any]:
    """{name: (value, update)} of a dict of MetricSpecs, functions of (predictions, labels), or, under (name, prediction), functions."""
    found = {}
    for name, metric in sorted((metrics or {}).items(), key=lambda item: str(item[0])):
        if isinstance(metric, MetricSpec):
            found[name] = metric.create_metric_ops(features, labels, predictions)
        elif isinstance(name, tuple):
            found[name[0]] = metric(predictions[name[1]], labels[name[1]] if isinstance(labels, dict) and name[1] in labels else labels)
        elif isinstance(predictions, dict):
            raise ValueError(f"The metric {name!r} does not say which of the predictions {sorted(predictions)} it is of: give a MetricSpec "
                             "with prediction_key")
        else:
            found[name] = metric(predictions, labels)
    return found
