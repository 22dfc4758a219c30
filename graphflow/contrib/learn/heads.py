"""What tf.contrib.learn's ready-made estimators make of logits: predictions, a mean loss, metrics, a training step."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import graphflow as tf

from .model_functions import ModeKeys, ModelFnOps

CLASSES, PROBABILITIES, LOGITS, LOGISTIC, SCORES = "classes", "probabilities", "logits", "logistic", "scores"


class Head:
    """Base of heads. weight_column_name: the feature that weighs examples. centered_bias: a bias of its own besides the model's."""

    def __init__(self, dimension: int, weight_column_name: str | None = None, centered_bias: bool = False):
        if centered_bias:
            raise NotImplementedError("enable_centered_bias=True is not there: leave it out, the model has a bias")
        self.logits_dimension, self._weight_column = dimension, weight_column_name

    def predictions(self, logits: Any) -> dict[str, Any]:
        """{name: tensor}."""
        raise NotImplementedError

    def losses(self, labels: Any, logits: Any) -> tuple[Any, Any]:
        """(labels as metrics take them, the loss of each example)."""
        raise NotImplementedError

    def metrics(self, labels: Any, predictions: dict[str, Any], weights: Any) -> dict[str, Any]:
        """{name: (value, update)}."""
        raise NotImplementedError

    def create_model_fn_ops(self, features: Any, mode: str, labels: Any, train_op_fn: Callable[[Any], Any], logits: Any) -> ModelFnOps:
        """What a model function gives."""
        predictions = self.predictions(logits)
        if mode == ModeKeys.INFER:
            return ModelFnOps(mode, predictions)
        if labels is None:
            raise ValueError("labels are needed for training and evaluation: the input function gave none")
        labels, losses = self.losses(next(iter(labels.values())) if isinstance(labels, dict) and len(labels) == 1 else labels, logits)
        weights = None
        if self._weight_column:
            weights = tf.reshape(_float(features[self._weight_column]), [-1, 1])
            losses = losses * weights
        loss = tf.reduce_mean(losses, name="training_loss")
        tf.summary.scalar("loss", loss)
        metrics = self.metrics(labels, predictions, weights) if mode == ModeKeys.EVAL else {}
        return ModelFnOps(mode, predictions, loss, train_op_fn(loss) if mode == ModeKeys.TRAIN else None, metrics)


class ClassHead(Head):
    """Several classes, by a softmax; two, by a sigmoid."""

    def __init__(self, n_classes: int, weight_column_name: str | None = None, label_keys: Any = None, centered_bias: bool = False):
        if n_classes < 2:
            raise ValueError(f"n_classes must be > 1 for classification: {n_classes}.")
        if label_keys is not None:
            raise NotImplementedError("label_keys is not there: use tf.estimator.DNNClassifier(label_vocabulary=...)")
        super().__init__(1 if n_classes == 2 else n_classes, weight_column_name, centered_bias)

    def predictions(self, logits: Any) -> dict[str, Any]:
        """Logits, probabilities, classes, and for two classes 'logistic'."""
        with tf.name_scope(None, "predictions", (logits,)):
            if self.logits_dimension > 1:
                return {LOGITS: logits, PROBABILITIES: tf.nn.softmax(logits, name=PROBABILITIES),
                        CLASSES: tf.argmax(logits, 1, name=CLASSES)}
            both = tf.concat([tf.zeros_like(logits), logits], 1)
            return {LOGITS: logits, LOGISTIC: tf.sigmoid(logits, name=LOGISTIC), PROBABILITIES: tf.nn.softmax(both, name=PROBABILITIES),
                    CLASSES: tf.argmax(both, 1, name=CLASSES)}

    def losses(self, labels: Any, logits: Any) -> tuple[Any, Any]:
        """Cross entropies, [batch, 1]."""
        ids = tf.reshape(tf.cast(labels, tf.int64), [-1, 1])
        if self.logits_dimension == 1:
            return ids, tf.nn.sigmoid_cross_entropy_with_logits(labels=_float(ids), logits=logits, name="loss")
        found = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=tf.reshape(ids, [-1]), logits=logits, name="loss")
        return ids, tf.reshape(found, [-1, 1])

    def metrics(self, labels: Any, predictions: dict[str, Any], weights: Any) -> dict[str, Any]:
        """Accuracy; for two classes the areas under curves, means, and precision and recall at 0.5."""
        found = {"accuracy": tf.metrics.accuracy(labels, tf.reshape(predictions[CLASSES], [-1, 1]), weights)}
        if self.logits_dimension > 1:
            return found
        positive = predictions[LOGISTIC]
        found["labels/prediction_mean"] = tf.metrics.mean(positive, weights)
        found["labels/actual_label_mean"] = tf.metrics.mean(_float(labels), weights)
        found["accuracy/baseline_label_mean"] = tf.metrics.mean(_float(labels), weights)
        found["auc"] = tf.metrics.auc(labels, positive, weights)
        found["auc_precision_recall"] = tf.metrics.auc(labels, positive, weights, curve="PR")
        at = _float(positive >= 0.5)
        found["accuracy/threshold_0.500000_mean"] = tf.metrics.accuracy(labels, tf.cast(at, labels.dtype), weights)
        found["precision/positive_threshold_0.500000_mean"] = tf.metrics.precision(labels, at, weights)
        found["recall/positive_threshold_0.500000_mean"] = tf.metrics.recall(labels, at, weights)
        return found


class ValueHead(Head):
    """Numbers, by squared error."""

    def predictions(self, logits: Any) -> dict[str, Any]:
        """'scores': [batch], or [batch, dimension]."""
        return {SCORES: tf.squeeze(logits, [1]) if self.logits_dimension == 1 else logits}

    def losses(self, labels: Any, logits: Any) -> tuple[Any, Any]:
        """Squared differences, [batch, dimension]."""
        values = tf.reshape(_float(labels), [-1, self.logits_dimension])
        return values, tf.square(logits - values)

    def metrics(self, labels: Any, predictions: dict[str, Any], weights: Any) -> dict[str, Any]:
        """The loss says it all."""
        return {}


def _float(values: Any) -> Any:
    return tf.cast(values, tf.float32)
