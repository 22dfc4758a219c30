"""Heads: what the ready-made estimators make of a model's logits: predictions, loss, metrics, outputs to serve.

A head has `logits_dimension`; `create_estimator_spec` gives the EstimatorSpec of a mode.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import graphflow as tf

from ..data.vocabulary import index_table_from_tensor, index_to_string_table_from_tensor
from ..feature_column.base import Features
from ..feature_column.numeric import NumericColumn, numeric_column
from .mode_keys import ModeKeys
from .outputs import ClassificationOutput, PredictOutput, RegressionOutput
from .spec import EstimatorSpec

_DEFAULT = "serving_default"


class Head:
    """Base of heads. loss_reduction: of tf.losses.Reduction, 'weighted_sum' by default. weight_column: name or numeric column."""

    logits_dimension = 1

    def __init__(self, weight_column: Any = None, loss_reduction: str = "weighted_sum", loss_fn: Any = None, name: str | None = None):
        if loss_reduction == tf.losses.Reduction.NONE or loss_reduction not in tf.losses.Reduction.all():
            raise ValueError(f"Invalid loss_reduction: {loss_reduction}")
        if weight_column is not None and not isinstance(weight_column, (str, NumericColumn)):
            raise TypeError(f"weight_column must be a name or a numeric column, not a {type(weight_column)}.")
        self._weight_column, self._reduction, self._loss_fn, self.name = weight_column, loss_reduction, loss_fn, name

    def predictions(self, logits: Any) -> dict[str, Any]:
        """{name: tensor} of what the model says."""
        raise NotImplementedError

    def exports(self, predictions: dict[str, Any]) -> dict[str, Any]:
        """The outputs to serve."""
        raise NotImplementedError

    def losses(self, labels: Any, logits: Any, features: Any) -> tuple[Any, Any]:
        """(loss of each example, labels as the metrics take them)."""
        raise NotImplementedError

    def metrics(self, labels: Any, predictions: dict[str, Any], weights: Any, losses: Any) -> dict[str, Any]:
        """{name: (value, update)}."""
        raise NotImplementedError

    def _key(self, key: str) -> str:
        return f"{key}/{self.name}" if self.name else key

    def create_estimator_spec(self, features: Any, mode: str, logits: Any, labels: Any = None, optimizer: Any = None,
                              train_op_fn: Callable[[Any], Any] | None = None, regularization_losses: Any = None) -> EstimatorSpec:
        """The spec of a mode. For training one of optimizer and train_op_fn(loss) is needed: ValueError for both or neither."""
        with tf.name_scope(self.name, "head"):
            logits = _checked_logits(tf.convert_to_tensor(logits), self.logits_dimension)
            predictions = self.predictions(logits)
            if mode == ModeKeys.PREDICT:
                return EstimatorSpec(mode, predictions, export_outputs=self.exports(predictions))
            labels = _checked_labels(labels, logits, self.logits_dimension if isinstance(self, RegressionHead) else 1)
            losses, targets = self.losses(labels, logits, features)
            weights = _weights(features, self._weight_column, logits)
            unregularized = tf.losses.compute_weighted_loss(losses, weights=weights, reduction=self._reduction)
            penalty = tf.add_n(regularization_losses) if regularization_losses else None
            loss = unregularized if penalty is None else tf.add_n([unregularized, penalty])
            if mode == ModeKeys.EVAL:
                metrics = self.metrics(targets, predictions, weights, losses)
                if penalty is not None:
                    metrics["regularization_loss"] = tf.metrics.mean(penalty, name="regularization_loss")
                return EstimatorSpec(mode, predictions, loss, eval_metric_ops={self._key(key): pair for key, pair in metrics.items()})
            if (optimizer is None) == (train_op_fn is None):
                raise ValueError("train_op_fn and optimizer cannot both be set." if optimizer is not None else
                                 "train_op_fn and optimizer cannot both be None.")
            train_op = train_op_fn(loss) if train_op_fn else optimizer.minimize(loss, global_step=tf.train.get_global_step())
            updates = tf.get_collection(tf.GraphKeys.UPDATE_OPS)
            train_op = tf.group(train_op, *updates) if updates else train_op
            mean = None
            if self._reduction == tf.losses.Reduction.SUM:
                mean = unregularized / tf.reduce_sum(weights * tf.ones_like(losses))
        with tf.name_scope(""):
            shown = {"loss": loss, "average_loss": mean, "regularization_loss": penalty}
            for key, value in shown.items():
                if value is not None:
                    tf.summary.scalar(self._key(key), value)
        return EstimatorSpec(mode, predictions, loss, train_op)


def _checked_logits(logits: Any, dimension: int) -> Any:
    last = logits.get_shape()[-1].value if logits.get_shape().ndims else None
    if last is not None and last != dimension:
        raise ValueError(f"logits shape must be [..., {dimension}] for this head, got {logits.get_shape()}.")
    return logits


def _checked_labels(labels: Any, logits: Any, dimension: int) -> Any:
    """Labels with a last axis of `dimension`."""
    if labels is None:
        raise ValueError("You must provide a labels Tensor: input_fn gave features alone. For training and evaluation it returns "
                         "(features, labels).")
    with tf.name_scope(None, "labels"):
        labels = tf.convert_to_tensor_or_sparse_tensor(labels)
        if isinstance(labels, tf.SparseTensor):
            raise ValueError(f"SparseTensor labels are not supported: make them dense, of shape [batch, {dimension}], by "
                             "tf.sparse.to_dense.")
        ranks = labels.get_shape().ndims, logits.get_shape().ndims
        if None not in ranks and ranks[0] == ranks[1] - 1:
            labels = tf.expand_dims(labels, -1)
        last = labels.get_shape()[-1].value if labels.get_shape().ndims else None
        if last is not None and last != dimension:
            raise ValueError(f"Mismatched label shape. Expected labels dimension={dimension}.  Received {last}. A classifier takes the "
                             "number of the class, not a row of zeros with a one: tf.argmax(labels, -1) gives it.")
        message = f"labels shape must be that of the logits, with {dimension} as its last size"
        wanted = tf.concat([tf.shape(logits)[:-1], [dimension]], axis=0)
        with tf.control_dependencies([tf.assert_equal(wanted, tf.shape(labels), message=message)]):
            return tf.identity(labels)


def _weights(features: Any, column: Any, logits: Any) -> Any:
    """1.0, or the weights of the examples, [batch, 1]."""
    if column is None:
        return 1.0
    with tf.name_scope(None, "weights"):
        column = numeric_column(column) if isinstance(column, str) else column
        weights = tf.cast(column.dense(Features(features)), tf.float32)
        wanted = tf.concat([tf.shape(logits)[:-1], [1]], axis=0)
        with tf.control_dependencies([tf.assert_equal(wanted, tf.shape(weights), message="weights shape must be [D0, D1, ... DN, 1]")]):
            return tf.identity(weights)


def _in_range(labels: Any, classes: int) -> Any:
    with tf.name_scope(None, "assert_range"), tf.control_dependencies([
            tf.assert_less_equal(labels, tf.cast(classes - 1, labels.dtype), message="Labels must <= n_classes - 1"),
            tf.assert_non_negative(labels, message="Labels must >= 0")]):
        return tf.identity(labels)


class ClassHead(Head):
    """n_classes exclusive classes, of softmax; two of them of one logit (BinaryHead). label_vocabulary: the classes' names, in order."""

    def __init__(self, n_classes: int, weight_column: Any = None, label_vocabulary: Any = None, loss_reduction: str = "weighted_sum",
                 loss_fn: Any = None, name: str | None = None):
        super().__init__(weight_column, loss_reduction, loss_fn, name)
        if n_classes < 2:
            raise ValueError(f"n_classes must be > 2 for multi-class classification, or 2: {n_classes}. For numbers use a Regressor.")
        if label_vocabulary is not None and not isinstance(label_vocabulary, (list, tuple)):
            raise ValueError(f"label_vocabulary must be a list or tuple of words, not a {type(label_vocabulary)}")
        self._classes, self._vocabulary = n_classes, label_vocabulary
        self.logits_dimension = n_classes

    def _named(self, logits: Any, class_ids: Any) -> dict[str, Any]:
        """Ids and names of the classes, of the likeliest one and all."""
        ids = tf.expand_dims(class_ids, axis=-1)
        names = self._vocabulary or tf.as_string(tf.range(self._classes))
        batch = tf.shape(logits)[0]

        def for_each(row: Any) -> Any:
            return tf.tile(tf.expand_dims(row, axis=0), [batch, 1])
        if self._vocabulary:
            chosen = index_to_string_table_from_tensor(self._vocabulary, name="class_string_lookup").lookup(ids)
        else:
            chosen = tf.as_string(ids, name="str_classes")
        return {"class_ids": ids, "classes": chosen, "all_class_ids": for_each(tf.range(self._classes)), "all_classes": for_each(names)}

    def predictions(self, logits: Any) -> dict[str, Any]:
        """logits, probabilities, class_ids, classes, all_class_ids, all_classes."""
        with tf.name_scope(None, "predictions"):
            probabilities = tf.nn.softmax(logits, name="probabilities")
            return {"logits": logits, "probabilities": probabilities, **self._named(logits, tf.argmax(logits, axis=-1, name="class_ids"))}

    def exports(self, predictions: dict[str, Any]) -> dict[str, Any]:
        """Classification by default, and the predictions."""
        classified = ClassificationOutput(scores=predictions["probabilities"], classes=predictions["all_classes"])
        return {_DEFAULT: classified, "classification": classified, "predict": PredictOutput(predictions)}

    def _ids(self, labels: Any) -> Any:
        if self._vocabulary is not None:
            if labels.dtype != tf.string:
                raise ValueError(f"Labels dtype should be string when there is a vocabulary. Instead got {labels.dtype}")
            return index_table_from_tensor(tuple(self._vocabulary), name="class_id_lookup").lookup(labels)
        return labels

    def losses(self, labels: Any, logits: Any, features: Any) -> tuple[Any, Any]:
        """Softmax cross entropy."""
        ids = self._ids(labels)
        if not ids.dtype.is_integer:
            raise ValueError(f"Labels dtype should be integer. Instead got {ids.dtype}.")
        ids = _in_range(ids, self._classes)
        if self._loss_fn:
            return self._loss_fn(labels=ids, logits=logits), ids
        losses = tf.losses.sparse_softmax_cross_entropy(ids, logits, reduction=tf.losses.Reduction.NONE)
        return tf.expand_dims(losses, axis=-1), ids

    def metrics(self, labels: Any, predictions: dict[str, Any], weights: Any, losses: Any) -> dict[str, Any]:
        """accuracy and average_loss."""
        with tf.name_scope(None, "metrics"):
            return {"average_loss": tf.metrics.mean(losses, weights, name="average_loss"),
                    "accuracy": tf.metrics.accuracy(labels, predictions["class_ids"], weights, name="accuracy")}


class BinaryHead(ClassHead):
    """Two classes by one logit."""

    def __init__(self, weight_column: Any = None, thresholds: Any = None, label_vocabulary: Any = None,
                 loss_reduction: str = "weighted_sum", loss_fn: Any = None, name: str | None = None):
        super().__init__(2, weight_column, label_vocabulary, loss_reduction, loss_fn, name)
        self.logits_dimension = 1
        self._thresholds = tuple(thresholds or ())
        for threshold in self._thresholds:
            if not 0 < threshold < 1:
                raise ValueError(f"thresholds not in (0, 1): {self._thresholds}.")

    def predictions(self, logits: Any) -> dict[str, Any]:
        """As of ClassHead, with the sigmoid as 'logistic'."""
        with tf.name_scope(None, "predictions"):
            logistic = tf.sigmoid(logits, name="logistic")
            both = tf.concat((tf.zeros_like(logits), logits), axis=-1, name="two_class_logits")
            probabilities = tf.nn.softmax(both, name="probabilities")
            return {"logits": logits, "logistic": logistic, "probabilities": probabilities,
                    **self._named(logits, tf.argmax(both, axis=-1, name="class_ids"))}

    def exports(self, predictions: dict[str, Any]) -> dict[str, Any]:
        """Classification by default, regression of the probability, and the predictions."""
        return {**super().exports(predictions), "regression": RegressionOutput(predictions["logistic"])}

    def losses(self, labels: Any, logits: Any, features: Any) -> tuple[Any, Any]:
        """Sigmoid cross entropy."""
        targets = _in_range(tf.cast(self._ids(labels), tf.float32), 2)
        if self._loss_fn:
            return self._loss_fn(labels=targets, logits=logits), targets
        return tf.nn.sigmoid_cross_entropy_with_logits(labels=targets, logits=logits), targets

    def metrics(self, labels: Any, predictions: dict[str, Any], weights: Any, losses: Any) -> dict[str, Any]:
        """accuracy, precision, recall, areas under curves, means, and those at the thresholds."""
        m, ids, logistic = tf.metrics, predictions["class_ids"], predictions["logistic"]
        with tf.name_scope(None, "metrics"):
            value, update = label_mean = m.mean(labels, weights, name="label/mean")
            baseline = tf.maximum(value, 1.0 - value), tf.maximum(update, 1 - update)
            found: dict[str, Any] = {"average_loss": m.mean(losses, weights, name="average_loss"),
                     "accuracy": m.accuracy(labels, ids, weights, name="accuracy"),
                     "precision": m.precision(labels, ids, weights, name="precision"),
                     "recall": m.recall(labels, ids, weights, name="recall"),
                     "prediction/mean": m.mean(logistic, weights, name="prediction/mean"), "label/mean": label_mean,
                     "accuracy_baseline": baseline, "auc": m.auc(labels, logistic, weights, name="auc"),
                     "auc_precision_recall": m.auc(labels, logistic, weights, curve="PR", name="auc_precision_recall")}
            for threshold in self._thresholds:
                above = tf.cast(tf.greater_equal(logistic, threshold), tf.float32)
                found[f"accuracy/positive_threshold_{threshold:g}"] = m.accuracy(labels, above, weights)
                for name, metric in (("precision", m.precision_at_thresholds), ("recall", m.recall_at_thresholds)):
                    pair = metric(labels, logistic, (threshold,), weights)
                    found[f"{name}/positive_threshold_{threshold:g}"] = tuple(tf.squeeze(tensor) for tensor in pair)
            return found


class RegressionHead(Head):
    """label_dimension numbers, by mean squared error."""

    def __init__(self, label_dimension: int = 1, weight_column: Any = None, loss_reduction: str = "weighted_sum", loss_fn: Any = None,
                 inverse_link_fn: Callable[[Any], Any] | None = None, name: str | None = None):
        super().__init__(weight_column, loss_reduction, loss_fn, name)
        if label_dimension < 1:
            raise ValueError(f"Invalid label_dimension {label_dimension}.")
        self.logits_dimension, self._link = label_dimension, inverse_link_fn

    def predictions(self, logits: Any) -> dict[str, Any]:
        """predictions, and logits where a link function makes the one of the other."""
        return {"predictions": self._link(logits), "logits": logits} if self._link else {"predictions": logits}

    def exports(self, predictions: dict[str, Any]) -> dict[str, Any]:
        """Regression by default, and the predictions."""
        value = RegressionOutput(predictions["predictions"])
        return {_DEFAULT: value, "regression": value, "predict": PredictOutput(predictions)}

    def losses(self, labels: Any, logits: Any, features: Any) -> tuple[Any, Any]:
        """Squared error."""
        labels = tf.cast(labels, tf.float32)
        if self._loss_fn:
            return self._loss_fn(labels=labels, logits=logits), labels
        return tf.losses.mean_squared_error(labels, logits, reduction=tf.losses.Reduction.NONE), labels

    def metrics(self, labels: Any, predictions: dict[str, Any], weights: Any, losses: Any) -> dict[str, Any]:
        """average_loss and the means of predictions and labels."""
        return {"average_loss": tf.metrics.mean(losses, weights),
                "prediction/mean": tf.metrics.mean(tf.cast(predictions["predictions"], tf.float32), weights, name="prediction/mean"),
                "label/mean": tf.metrics.mean(labels, weights)}


def classification_head(n_classes: int, weight_column: Any, label_vocabulary: Any, loss_reduction: str) -> ClassHead:
    """The head of a classifier."""
    if n_classes == 2:
        return BinaryHead(weight_column, None, label_vocabulary, loss_reduction)
    return ClassHead(n_classes, weight_column, label_vocabulary, loss_reduction)
