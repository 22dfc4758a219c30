"""Metrics of decisions at thresholds: true and false positives, precision, recall, AUC."""
from __future__ import annotations

from typing import Any

import numpy as np

import graphflow as tf

from ...core.export import export
from ..backend.sessions import batch_set_value
from ..losses.base import fit_together
from .base import Metric


def _thresholds(value: Any, default: float = 0.5) -> list[float]:
    found = [default] if value is None else list(value) if isinstance(value, (list, tuple, np.ndarray)) else [value]
    for threshold in found:
        if threshold is None or not 0 <= threshold <= 1:
            raise ValueError(f"Threshold values must be in [0, 1]. Received: {found}")
    return found


def decisions(y_true: Any, y_pred: Any, thresholds: Any, sample_weight: Any, class_id: int | None = None,
              top_k: int | None = None) -> dict[str, Any]:
    """{'tp', 'fp', 'tn', 'fn'}: weighted counts at each threshold."""
    y_pred, y_true, sample_weight = fit_together(y_pred, y_true, sample_weight)
    dtype = y_pred.dtype.base_dtype
    if top_k is not None:
        best = tf.nn.top_k(y_pred, top_k).indices
        kept = tf.reduce_sum(tf.one_hot(best, tf.shape(y_pred)[-1], axis=-1), axis=-2)
        y_pred = y_pred * kept + -1e10 * (1 - kept)
    if class_id is not None:
        y_true, y_pred = y_true[..., class_id], y_pred[..., class_id]
    flat_true, flat_pred = tf.reshape(tf.cast(y_true, tf.bool), [1, -1]), tf.reshape(y_pred, [1, -1])
    limits = tf.reshape(tf.constant(np.asarray(thresholds), dtype), [-1, 1])
    positive = flat_pred > limits
    weights: Any = None
    if sample_weight is not None:
        spread = tf.cast(sample_weight, dtype) * tf.ones_like(y_pred)
        weights = tf.reshape(spread, [1, -1])

    def count(a: Any, b: Any) -> Any:
        both = tf.cast(tf.logical_and(a, b), dtype)
        return tf.reduce_sum(both if weights is None else both * weights, 1)

    not_true, not_positive = tf.logical_not(flat_true), tf.logical_not(positive)
    return {"tp": count(flat_true, positive), "fp": count(not_true, positive), "tn": count(not_true, not_positive),
            "fn": count(flat_true, not_positive)}


class _Counting(Metric):
    """Variables of counts, one number for each threshold."""
    counts: dict[str, str] = {}

    def _make(self) -> None:
        for key, name in self.counts.items():
            setattr(self, key, self.add_weight(name, shape=(len(self.thresholds),)))

    thresholds: Any = ()
    class_id: Any = None
    top_k: Any = None

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Adds a batch of labels and predictions."""
        y_true, y_pred = tf.cast(y_true, self._dtype), tf.cast(y_pred, self._dtype)
        found = decisions(y_true, y_pred, self.thresholds, sample_weight, self.class_id, self.top_k)
        return tf.group(*[getattr(self, key).assign_add(found[key]) for key in self.counts])

    def reset_states(self) -> None:
        """Forgets all batches."""
        batch_set_value([(v, np.zeros(v.shape.as_list())) for v in self.variables])

    def _one(self, value: Any) -> Any:
        return value[0] if len(self.thresholds) == 1 else value


def _counter(public: str, key: str, doc: str) -> Any:
    def __init__(self: Any, thresholds: Any = None, name: str | None = None, dtype: Any = None) -> None:
        Metric.__init__(self, name=name, dtype=dtype)
        self.init_thresholds, self.thresholds = thresholds, _thresholds(thresholds)
        self.accumulator = self.add_weight("accumulator", shape=(len(self.thresholds),))

    def update_state(self: Any, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        y_true, y_pred = tf.cast(y_true, self._dtype), tf.cast(y_pred, self._dtype)
        return tf.group(self.accumulator.assign_add(decisions(y_true, y_pred, self.thresholds, sample_weight)[key]))

    def result(self: Any) -> Any:
        return self.accumulator[0] if len(self.thresholds) == 1 else tf.identity(self.accumulator)

    def get_config(self: Any) -> Any:
        return {"name": self.name, "dtype": self.dtype, "thresholds": self.init_thresholds}

    body = {"__init__": __init__, "update_state": update_state, "result": result, "get_config": get_config, "__doc__": doc,
            "__module__": __name__}
    return export(f"keras.metrics.{public}")(type(public, (Metric,), body))


TruePositives = _counter("TruePositives", "tp", "How many are positive and called so.")
TrueNegatives = _counter("TrueNegatives", "tn", "How many are negative and called so.")
FalsePositives = _counter("FalsePositives", "fp", "How many are negative and called positive.")
FalseNegatives = _counter("FalseNegatives", "fn", "How many are positive and called negative.")


@export("keras.metrics.Precision")
class Precision(_Counting):
    """The share of true ones among those called positive. top_k: the k best of each sample are; class_id: one class only."""
    counts = {"tp": "true_positives", "fp": "false_positives"}

    def __init__(self, thresholds: Any = None, top_k: int | None = None, class_id: int | None = None, name: str | None = None,
                 dtype: Any = None):
        super().__init__(name=name, dtype=dtype)
        self.init_thresholds, self.top_k, self.class_id = thresholds, top_k, class_id
        self.thresholds = _thresholds(thresholds, 0.5) if top_k is None or thresholds is not None else [-1e9]
        self._make()

    def result(self) -> Any:
        other = self.fp if "fp" in self.counts else self.fn
        return self._one(tf.div_no_nan(self.tp.value(), self.tp.value() + other.value()))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "thresholds": self.init_thresholds, "top_k": self.top_k, "class_id": self.class_id}

    tp: Any
    fp: Any
    fn: Any


@export("keras.metrics.Recall")
class Recall(Precision):
    """The share of the true ones that are called positive."""
    counts = {"tp": "true_positives", "fn": "false_negatives"}


class _At(_Counting):
    """Counts at many thresholds between 0 and 1."""
    counts = {"tp": "true_positives", "tn": "true_negatives", "fp": "false_positives", "fn": "false_negatives"}
    tp: Any
    tn: Any
    fp: Any
    fn: Any

    def _set(self, num_thresholds: int) -> None:
        self.num_thresholds = num_thresholds
        inner = [(i + 1) / (num_thresholds - 1) for i in range(num_thresholds - 2)]
        self.thresholds = [-1e-7, *inner, 1.0 + 1e-7] if num_thresholds > 1 else [0.5]
        self._make()

    def _shares(self) -> tuple[Any, Any]:
        """(sensitivity, specificity) at each threshold."""
        return tf.div_no_nan(self.tp.value(), self.tp.value() + self.fn.value()), \
            tf.div_no_nan(self.tn.value(), self.tn.value() + self.fp.value())


@export("keras.metrics.SensitivityAtSpecificity")
class SensitivityAtSpecificity(_At):
    """The sensitivity where the specificity comes nearest to a value."""

    def __init__(self, specificity: float, num_thresholds: int = 200, name: str | None = None, dtype: Any = None):
        if not 0 <= specificity <= 1:
            raise ValueError(f"`specificity` must be in the range [0, 1]. Received: {specificity}")
        super().__init__(name=name, dtype=dtype)
        self.specificity = specificity
        self._set(num_thresholds)

    def result(self) -> Any:
        sensitivity, specificity = self._shares()
        good = tf.where(specificity >= self.specificity, sensitivity, tf.zeros_like(sensitivity))
        return tf.reduce_max(good)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "num_thresholds": self.num_thresholds, "specificity": self.specificity}


@export("keras.metrics.SpecificityAtSensitivity")
class SpecificityAtSensitivity(_At):
    """The specificity where the sensitivity comes nearest to a value."""

    def __init__(self, sensitivity: float, num_thresholds: int = 200, name: str | None = None, dtype: Any = None):
        if not 0 <= sensitivity <= 1:
            raise ValueError(f"`sensitivity` must be in the range [0, 1]. Received: {sensitivity}")
        super().__init__(name=name, dtype=dtype)
        self.sensitivity = sensitivity
        self._set(num_thresholds)

    def result(self) -> Any:
        sensitivity, specificity = self._shares()
        return tf.reduce_max(tf.where(sensitivity >= self.sensitivity, specificity, tf.zeros_like(specificity)))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "num_thresholds": self.num_thresholds, "sensitivity": self.sensitivity}


@export("keras.metrics.AUC")
class AUC(_At):
    """The area under the curve of true over false positives ('ROC'), or of precision over recall ('PR').

    summation_method: 'interpolation' (trapezoids; for 'PR' that of Davis and Goadrich, 2006), 'minoring' or 'majoring'.
    """

    def __init__(self, num_thresholds: int = 200, curve: str = "ROC", summation_method: str = "interpolation", name: str | None = None,
                 dtype: Any = None, thresholds: Any = None):
        if curve not in ("ROC", "PR"):
            raise ValueError(f"Invalid `curve`: {curve}. Valid options are 'ROC' and 'PR'.")
        if summation_method not in ("interpolation", "minoring", "majoring"):
            raise ValueError(f"Invalid `summation_method`: {summation_method}. Valid options are 'interpolation', 'minoring', 'majoring'.")
        super().__init__(name=name, dtype=dtype)
        self.curve, self.summation_method, self.given = curve, summation_method, thresholds
        if thresholds is None:
            if num_thresholds <= 1:
                raise ValueError(f"`num_thresholds` must be > 1. Got: {num_thresholds}.")
            self._set(num_thresholds)
        else:
            self.thresholds = [-1e-7, *sorted(_thresholds(thresholds)), 1.0 + 1e-7]
            self.num_thresholds = len(self.thresholds)
            self._make()

    def result(self) -> Any:
        tp, fp = self.tp.value(), self.fp.value()
        if self.curve == "PR" and self.summation_method == "interpolation":
            return self._interpolated(tp, fp)
        recall = tf.div_no_nan(tp, tp + self.fn.value())
        if self.curve == "ROC":
            x, y = tf.div_no_nan(fp, fp + self.tn.value()), recall
        else:
            x, y = recall, tf.div_no_nan(tp, tp + fp)
        first, second = y[:self.num_thresholds - 1], y[1:]
        heights = {"interpolation": (first + second) / 2.0, "minoring": tf.minimum(first, second),
                   "majoring": tf.maximum(first, second)}[self.summation_method]
        return tf.reduce_sum((x[:self.num_thresholds - 1] - x[1:]) * heights)

    def _interpolated(self, tp: Any, fp: Any) -> Any:
        last = self.num_thresholds - 1
        steps = tp[:last] - tp[1:]
        positive = tp + fp
        slope = tf.div_no_nan(steps, tf.maximum(positive[:last] - positive[1:], 0.0))
        intercept = tp[1:] - slope * positive[1:]
        ratio = tf.where(tf.logical_and(positive[:last] > 0, positive[1:] > 0), tf.div_no_nan(positive[:last], tf.maximum(positive[1:],
                                                                                                                          0.0)),
                         tf.ones_like(positive[1:]))
        area = slope * (steps + intercept * tf.log(ratio))
        return tf.reduce_sum(tf.div_no_nan(area, tf.maximum(tp[1:] + self.fn.value()[1:], 0.0)))

    def get_config(self) -> dict[str, Any]:
        config = {**super().get_config(), "num_thresholds": self.num_thresholds, "curve": self.curve,
                  "summation_method": self.summation_method}
        if self.given is not None:
            config["thresholds"] = self.thresholds[1:-1]
        return config
