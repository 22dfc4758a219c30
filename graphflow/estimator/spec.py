"""tf.estimator.EstimatorSpec: what a model function returns."""
from __future__ import annotations

from typing import Any, NamedTuple

import graphflow as tf

from ..core.export import export
from .mode_keys import ModeKeys
from .outputs import with_default


class _Fields(NamedTuple):
    mode: str
    predictions: Any
    loss: Any
    train_op: Any
    eval_metric_ops: dict[str, Any]
    export_outputs: Any
    training_chief_hooks: tuple[Any, ...]
    training_hooks: tuple[Any, ...]
    scaffold: Any
    evaluation_hooks: tuple[Any, ...]
    prediction_hooks: tuple[Any, ...]


@export("estimator.EstimatorSpec")
class EstimatorSpec(_Fields):
    """What a model function made, checked: `loss` and `train_op` are needed in mode TRAIN, `loss` in EVAL, `predictions` in PREDICT.

    predictions: tensor or {name: tensor}. loss: of one element. train_op: tensor or operation. eval_metric_ops: {name: (value, update_op)},
    as functions of tf.metrics give. export_outputs: {signature name: tf.estimator.export.*Output}. Hooks: tf.train.SessionRunHook.
    Raises ValueError for what is missing or of another graph, TypeError for what is of another type.
    """
    __slots__ = ()

    def __new__(cls, mode: str, predictions: Any = None, loss: Any = None, train_op: Any = None, eval_metric_ops: Any = None,
                export_outputs: Any = None, training_chief_hooks: Any = None, training_hooks: Any = None, scaffold: Any = None,
                evaluation_hooks: Any = None, prediction_hooks: Any = None) -> Any:
        train_op, loss, predictions = _train_op(train_op, mode), _loss(loss, mode), _predictions(predictions, mode)
        if mode == ModeKeys.PREDICT:
            export_outputs = with_default(export_outputs, predictions)
        training, evaluation, prediction, chief = map(_hooks, (training_hooks, evaluation_hooks, prediction_hooks, training_chief_hooks))
        scaffold = scaffold or tf.train.Scaffold()
        if not isinstance(scaffold, tf.train.Scaffold):
            raise TypeError(f"scaffold must be tf.train.Scaffold. Given: {scaffold}")
        return super().__new__(cls, mode, predictions, loss, train_op, _metrics(eval_metric_ops), export_outputs, chief, training, scaffold,
                               evaluation, prediction)

    def _replace(self, **kwds: Any) -> Any:
        """A spec with other fields; all but the mode may change. ValueError for another mode."""
        if kwds.get("mode", self.mode) != self.mode:
            raise ValueError("mode of EstimatorSpec cannot be changed.")
        return EstimatorSpec(**{**self._asdict(), **kwds})


def _here(what: str, tensor: Any, shown: str | None = None) -> Any:
    """The tensor or operation, if it is of the default graph."""
    if tensor.graph is not tf.get_default_graph():
        raise ValueError(f'{what} with "{shown or tensor.name}" must be from the default graph: it was made outside of this call of '
                         "model_fn, in another graph. Make it in model_fn.")
    return tensor


def _tensor(value: Any, what: str) -> Any:
    if not isinstance(value, (tf.Tensor, tf.SparseTensor, tf.Variable)):
        raise TypeError(f"{what} must be Tensor, given: {value}")
    return value


def _train_op(train_op: Any, mode: str) -> Any:
    if train_op is None:
        if mode == ModeKeys.TRAIN:
            raise ValueError("Missing train_op.")
        return None
    if not isinstance(train_op, (tf.Tensor, tf.Operation, tf.Variable)):
        raise TypeError(f"train_op must be Operation or Tensor, given: {train_op}")
    return _here("train_op", train_op.op if isinstance(train_op, tf.Variable) else train_op)


def _loss(loss: Any, mode: str) -> Any:
    if loss is None:
        if mode in (ModeKeys.TRAIN, ModeKeys.EVAL):
            raise ValueError("Missing loss.")
        return None
    shape = _tensor(loss, "loss").get_shape()
    if shape.num_elements() not in (None, 1):
        raise ValueError(f"Loss must be scalar, given: {loss}")
    _here("loss", loss)
    return loss if shape.is_compatible_with([]) else tf.reshape(loss, [])


def _predictions(predictions: Any, mode: str) -> Any:
    if predictions is None:
        if mode == ModeKeys.PREDICT:
            raise ValueError("Missing predictions.")
        return {}
    if isinstance(predictions, dict):
        return {name: _here("prediction values", _tensor(value, f"predictions[{name}]"), f"{name}: {value.name}")
                for name, value in predictions.items()}
    return _here("prediction values", _tensor(predictions, "predictions"))


def _hooks(hooks: Any) -> tuple[Any, ...]:
    found = tuple(hooks or ())
    for hook in found:
        if not isinstance(hook, tf.train.SessionRunHook):
            raise TypeError(f"All hooks must be SessionRunHook instances, given: {hook}")
    return found


def _metrics(metrics: Any) -> dict[str, Any]:
    if metrics is None:
        return {}
    if not isinstance(metrics, dict):
        raise TypeError(f"eval_metric_ops must be a dict, given: {metrics}")
    for name, pair in metrics.items():
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise TypeError("Values of eval_metric_ops must be (metric_value, update_op) tuples, as functions of tf.metrics give, given: "
                            f"{pair} for key: {name}")
        for tensor in pair:
            if isinstance(tensor, (tf.Tensor, tf.Operation)):
                _here("eval_metric_ops", tensor, f"{name}: {tensor.name}")
    return dict(metrics)
