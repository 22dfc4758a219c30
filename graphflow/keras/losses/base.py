"""Loss: a function of (y_true, y_pred), weights for samples, and how the numbers of samples become one."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export
from ..backend.settings import floatx


@export("keras.losses.Reduction")
class Reduction:
    """How the losses of samples become one: NONE, SUM, SUM_OVER_BATCH_SIZE (their mean); AUTO is the last."""
    AUTO, NONE, SUM, SUM_OVER_BATCH_SIZE = "auto", "none", "sum", "sum_over_batch_size"

    @classmethod
    def all(cls) -> tuple[str, ...]:
        """All of them."""
        return (cls.AUTO, cls.NONE, cls.SUM, cls.SUM_OVER_BATCH_SIZE)

    @classmethod
    def validate(cls, key: str) -> None:
        """ValueError for what is none of them."""
        if key not in cls.all():
            raise ValueError(f'Invalid Reduction Key: {key}. Expected keys are "{cls.all()}"')


def fit_together(y_pred: Any, y_true: Any, weights: Any = None) -> tuple[Any, Any, Any]:
    """Takes a last axis of size 1 away from the one that has one more than the other; weights too are squeezed or expanded."""
    if y_true is not None:
        predicted, true = y_pred.static, y_true.static
        if predicted is not None and true is not None:
            if len(predicted) == len(true) + 1 and predicted[-1] == 1:
                y_pred = tf.squeeze(y_pred, [-1])
            elif len(true) == len(predicted) + 1 and true[-1] == 1:
                y_true = tf.squeeze(y_true, [-1])
    if weights is None or weights.static is None or y_pred.static is None or len(weights.static) == 0:
        return y_pred, y_true, weights
    more = len(weights.static) - len(y_pred.static)
    if more == 1 and weights.static[-1] in (1, None):
        weights = tf.squeeze(weights, [-1])
    elif more == -1:
        weights = tf.expand_dims(weights, -1)
    return y_pred, y_true, weights


def weighted(losses: Any, weights: Any = None) -> Any:
    """Losses of samples times their weights."""
    losses = tf.convert_to_tensor(losses)
    if weights is None:
        return losses
    weights = tf.convert_to_tensor(weights)
    losses, _, weights = fit_together(losses, None, weights)
    return losses * tf.cast(weights, losses.dtype.base_dtype)


def reduced(losses: Any, reduction: str) -> Any:
    """The losses of samples as `reduction` wants them."""
    if reduction == Reduction.NONE:
        return losses
    total = tf.reduce_sum(losses)
    if reduction == Reduction.SUM:
        return total
    return tf.div_no_nan(total, tf.cast(tf.size(losses), losses.dtype.base_dtype))


@export("keras.losses.Loss")
class Loss:
    """Base class: subclasses define `call(y_true, y_pred)`, the losses of samples."""

    def __init__(self, reduction: str = Reduction.AUTO, name: str | None = None):
        Reduction.validate(reduction)
        self.reduction, self.name = reduction, name

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """The loss, a scalar unless the reduction is NONE. sample_weight: one for each sample, or of the losses' shape."""
        with tf.name_scope(self.name or type(self).__name__):
            losses = weighted(self.call(_tensor(y_true), _tensor(y_pred)), sample_weight)
            reduction = Reduction.SUM_OVER_BATCH_SIZE if self.reduction == Reduction.AUTO else self.reduction
            return reduced(losses, reduction)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The losses of samples."""
        raise NotImplementedError(f"{type(self).__name__} must define call(y_true, y_pred)")

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"reduction": self.reduction, "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A loss from what `get_config` gave."""
        return cls(**config)


def _tensor(x: Any) -> Any:
    if hasattr(x, "dtype") and hasattr(x, "static"):
        return x
    dtype = getattr(x, "dtype", None)
    return tf.convert_to_tensor(x, floatx() if dtype is None and _floats(x) else None)


def _floats(x: Any) -> bool:
    return isinstance(x, float) or isinstance(x, (list, tuple)) and any(map(_floats, x))


class LossFunctionWrapper(Loss):
    """A loss by a function of (y_true, y_pred, **kwargs)."""

    def __init__(self, fn: Any, reduction: str = Reduction.AUTO, name: str | None = None, **kwargs: Any):
        super().__init__(reduction, name)
        self.fn, self._fn_kwargs = fn, kwargs

    def call(self, y_true: Any, y_pred: Any) -> Any:
        y_pred, y_true, _ = fit_together(y_pred, y_true)
        return self.fn(y_true, y_pred, **self._fn_kwargs)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **self._fn_kwargs}
