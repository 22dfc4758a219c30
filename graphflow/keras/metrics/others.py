"""MeanIoU, MeanRelativeError, RootMeanSquaredError, MeanTensor."""
from __future__ import annotations

from typing import Any

import numpy as np

import graphflow as tf

from ...core.export import export
from ..backend.sessions import batch_set_value
from ..losses.base import fit_together
from .base import Mean, Metric, weights_for


@export("keras.metrics.MeanIoU")
class MeanIoU(Metric):
    """The mean over classes of hits / (hits + misses + false alarms), by a confusion matrix [true, predicted]."""

    def __init__(self, num_classes: int, name: str | None = None, dtype: Any = None):
        super().__init__(name=name, dtype=dtype)
        self.num_classes = num_classes
        self.total_cm = self.add_weight("total_confusion_matrix", shape=(num_classes, num_classes))

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Adds a batch of labels and predicted classes, both numbers."""
        y_true, y_pred = tf.reshape(tf.cast(y_true, self._dtype), [-1]), tf.reshape(tf.cast(y_pred, self._dtype), [-1])
        if sample_weight is not None:
            sample_weight = tf.reshape(tf.cast(sample_weight, self._dtype), [-1])
        found = tf.confusion_matrix(tf.cast(y_true, tf.int64), tf.cast(y_pred, tf.int64), self.num_classes, weights=sample_weight,
                                    dtype=self._dtype)
        return tf.group(self.total_cm.assign_add(found))

    def result(self) -> Any:
        matrix = self.total_cm.value()
        hits = tf.diag_part(matrix)
        union = tf.reduce_sum(matrix, axis=0) + tf.reduce_sum(matrix, axis=1) - hits
        count = tf.reduce_sum(tf.cast(tf.not_equal(union, 0), self._dtype))
        return tf.div_no_nan(tf.reduce_sum(tf.div_no_nan(hits, union)), count)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "num_classes": self.num_classes}


@export("keras.metrics.RootMeanSquaredError")
class RootMeanSquaredError(Mean):
    """sqrt(mean((y_pred - y_true)^2))."""

    def __init__(self, name: str = "root_mean_squared_error", dtype: Any = None):
        super().__init__(name, dtype)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:  # type: ignore[override]
        """Adds a batch of labels and predictions."""
        y_true, y_pred = tf.cast(y_true, self._dtype), tf.cast(y_pred, self._dtype)
        y_pred, y_true, _ = fit_together(y_pred, y_true)
        return super().update_state(tf.squared_difference(y_pred, y_true), sample_weight)

    def result(self) -> Any:
        return tf.sqrt(tf.div_no_nan(self.total, self.count))


@export("keras.metrics.MeanRelativeError")
class MeanRelativeError(Mean):
    """The mean of |y_true - y_pred| / normalizer."""

    def __init__(self, normalizer: Any, name: str | None = None, dtype: Any = None):
        super().__init__(name or "mean_relative_error", dtype)
        self.normalizer = tf.cast(normalizer, self._dtype)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:  # type: ignore[override]
        """Adds a batch of labels and predictions."""
        y_true, y_pred = tf.cast(y_true, self._dtype), tf.cast(y_pred, self._dtype)
        y_pred, y_true, _ = fit_together(y_pred, y_true)
        return super().update_state(tf.div_no_nan(tf.abs(y_true - y_pred), self.normalizer), sample_weight)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "normalizer": tf.keras.backend.get_value(self.normalizer)}


@export("keras.metrics.MeanTensor")
class MeanTensor(Metric):
    """The mean of tensors of one shape, element by element; the first batch tells the shape."""

    def __init__(self, name: str = "mean_tensor", dtype: Any = None):
        super().__init__(name=name, dtype=dtype)
        self._shape: Any = None
        self.total: Any = None
        self.count: Any = None

    def update_state(self, values: Any, sample_weight: Any = None) -> Any:
        """Adds a tensor."""
        values = tf.cast(values, self._dtype)
        if self._shape is None:
            self._shape = values.shape
            self.total, self.count = self.add_weight("total", shape=self._shape), self.add_weight("count", shape=self._shape)
        elif values.shape.as_list() != self._shape.as_list():
            raise ValueError(f"MeanTensor input values must always have the same shape. Expected shape (set during the first call): "
                             f"{self._shape}. Got: {values.shape}.")
        count: Any = tf.ones_like(values)
        if sample_weight is not None:
            values, sample_weight = weights_for(values, sample_weight)
            count, values = count * sample_weight, values * sample_weight
        return tf.group(self.total.assign_add(values), self.count.assign_add(count))

    def result(self) -> Any:
        if self._shape is None:
            raise ValueError("MeanTensor does not have any result yet. Please call the MeanTensor instance or use `.update_state(value)` "
                             "before retrieving the result.")
        return tf.div_no_nan(self.total, self.count)

    def reset_states(self) -> None:
        """Forgets all batches."""
        if self._shape is not None:
            batch_set_value([(v, np.zeros(self._shape.as_list())) for v in self.variables])
