"""Metric: variables that gather over batches, `update_state` that adds a batch, `result` that tells the value so far."""
from __future__ import annotations

import functools
from typing import Any

import numpy as np

import graphflow as tf

from ...core import context
from ...core.export import export
from ...ops.state.assign import Assign, AssignAdd, AssignAddVariableOp, AssignSub, AssignSubVariableOp, AssignVariableOp
from ..backend.sessions import batch_set_value
from ..backend.settings import floatx
from ..backend.symbolic import any_symbolic, keeps, symbolic
from ..engine.layer import Layer
from ..losses.base import fit_together

_WRITES = (Assign, AssignAdd, AssignSub, AssignVariableOp, AssignAddVariableOp, AssignSubVariableOp)


@export("keras.metrics.Metric")
class Metric(Layer):
    """Base class: subclasses make variables by `add_weight` in `__init__` and define `update_state(...)` and `result()`.

    Called, a metric adds a batch and gives the result after it.
    """
    _leaves_no_node = True

    def __init__(self, name: str | None = None, dtype: Any = None, **kwargs: Any):
        super().__init__(name=name, dtype=dtype or floatx(), **kwargs)
        self.stateful, self.built = True, True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "update_state" in cls.__dict__:
            cls.update_state = _collecting(cls.__dict__["update_state"])  # type: ignore[method-assign]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Adds a batch; the result after that."""
        if tf.executing_eagerly() and any_symbolic([args, kwargs]):
            with symbolic():
                return self(*args, **kwargs)
        update = self.update_state(*args, **kwargs)
        with tf.control_dependencies([] if update is None else [update]):
            result = self.result()
        if not hasattr(result, "numpy"):
            result = tf.identity(result)
        if keeps():
            self.__dict__["_last_result"] = result
        return result

    def update_state(self, *args: Any, **kwargs: Any) -> Any:
        """Adds a batch; an operation in a graph."""
        raise NotImplementedError("Must be implemented in subclasses.")

    def result(self) -> Any:
        """The value over all batches so far."""
        raise NotImplementedError("Must be implemented in subclasses.")

    def reset_states(self) -> None:
        """Forgets all batches."""
        batch_set_value([(v, np.zeros(v.shape.as_list())) for v in self.variables])

    def reset_state(self) -> None:
        """The newer name of reset_states."""
        self.reset_states()

    def add_weight(self, name: Any = None, shape: Any = (), aggregation: Any = None,  # type: ignore[override]
                   synchronization: Any = None, initializer: Any = None, dtype: Any = None, **kwargs: Any) -> Any:
        """A variable that gathers; it is in no collection of the graph."""
        with context.default_graph().control_dependencies(None):
            return super().add_weight(name=name, shape=shape, dtype=dtype or self._dtype, initializer=initializer or "zeros",
                                      trainable=False, collections=[], **kwargs)

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, "dtype": self.dtype}


def _collecting(update_state: Any) -> Any:
    """update_state that gives one operation of all writes, where it gave none itself."""
    @functools.wraps(update_state)
    def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
        graph = context.default_graph()
        eager = bool(tf.executing_eagerly())
        before = 0 if eager else len(graph.get_operations())
        args = tuple([tf.convert_to_tensor(x) if isinstance(x, np.ndarray) else x for x in args])
        kwargs = {key: tf.convert_to_tensor(x) if isinstance(x, np.ndarray) else x for key, x in kwargs.items()}
        found = update_state(self, *args, **kwargs)
        if found is None and not eager:
            writes = [op for op in graph.get_operations()[before:] if isinstance(op._op_def, _WRITES)]
            found = tf.group(*writes) if writes else None
        if found is not None and keeps() and not any(found is update for update in self._updates):
            self._updates.append(found)
        return found
    return wrapper


def weights_for(values: Any, sample_weight: Any) -> tuple[Any, Any]:
    """Values and weights of shapes that fit; values are reduced to the weights' rank where broadcasting is not enough."""
    sample_weight = tf.cast(sample_weight, values.dtype.base_dtype)
    values, _, sample_weight = fit_together(values, None, sample_weight)
    value_rank, weight_rank = len(values.static), len(sample_weight.static)
    if weight_rank and value_rank > weight_rank and not _broadcasts(sample_weight.static, values.static):
        values = tf.reduce_mean(values, list(range(weight_rank, value_rank)))
    return values, sample_weight


def _broadcasts(small: Any, large: Any) -> bool:
    return len(small) == len(large) and all(a in (1, b, None) or b is None for a, b in zip(small, large))


class Reduce(Metric):
    """A metric of sums: 'sum', 'sum_over_batch_size' or 'weighted_mean'."""

    def __init__(self, reduction: str, name: str, dtype: Any = None):
        super().__init__(name=name, dtype=dtype)
        self.reduction = reduction
        self.total = self.add_weight("total")
        self.count: Any = None
        if reduction != "sum":
            self.count = self.add_weight("count")

    def update_state(self, values: Any, sample_weight: Any = None) -> Any:
        """Adds values, weighted by sample_weight."""
        values = tf.cast(values, self._dtype)
        if sample_weight is not None:
            values, sample_weight = weights_for(values, sample_weight)
            values = values * sample_weight
        added = self.total.assign_add(tf.reduce_sum(values))
        if self.reduction == "sum":
            return tf.group(added)
        with tf.control_dependencies([] if tf.executing_eagerly() else [added]):
            if sample_weight is None or self.reduction == "sum_over_batch_size":
                count = tf.cast(tf.size(values), self._dtype)
            else:
                count = tf.reduce_sum(sample_weight)
            return tf.group(self.count.assign_add(count))

    def result(self) -> Any:
        if self.reduction == "sum":
            return tf.identity(self.total)
        return tf.div_no_nan(self.total, self.count)


@export("keras.metrics.Mean")
class Mean(Reduce):
    """The mean of values, weighted where weights are given."""

    def __init__(self, name: str = "mean", dtype: Any = None):
        super().__init__("weighted_mean", name, dtype)


@export("keras.metrics.Sum")
class Sum(Reduce):
    """The sum of values."""

    def __init__(self, name: str = "sum", dtype: Any = None):
        super().__init__("sum", name, dtype)


class MeanMetricWrapper(Mean):
    """The mean of a function of (y_true, y_pred, **kwargs)."""

    def __init__(self, fn: Any, name: str | None = None, dtype: Any = None, **kwargs: Any):
        super().__init__(name or fn.__name__, dtype)
        self._fn, self._fn_kwargs = fn, kwargs

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:  # type: ignore[override]
        """Adds a batch of labels and predictions."""
        y_true, y_pred = tf.cast(y_true, self._dtype), tf.cast(y_pred, self._dtype)
        y_pred, y_true, _ = fit_together(y_pred, y_true)
        return super().update_state(self._fn(y_true, y_pred, **self._fn_kwargs), sample_weight)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **self._fn_kwargs}


class SumOverBatchSizeMetricWrapper(MeanMetricWrapper):
    """The same, divided by the number of values whatever their weights."""

    def __init__(self, fn: Any, name: str | None = None, dtype: Any = None, **kwargs: Any):
        super().__init__(fn, name, dtype, **kwargs)
        self.reduction = "sum_over_batch_size"
