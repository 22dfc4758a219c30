"""What compile() makes of a model's outputs: targets, losses, metrics, and the one number that training brings down."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core import context
from ...ops.scopes import name_scope
from ..losses import classes as losses
from ..losses.base import LossFunctionWrapper, Reduction, fit_together, reduced, weighted
from ..losses.functions import binary_crossentropy, categorical_crossentropy, sparse_categorical_crossentropy
from ..metrics import functions as accuracies
from ..metrics import named as metrics
from ..metrics.base import Mean, MeanMetricWrapper, Metric
from .layer import mask_of
from .node import shape_of


class Output:
    """One output of a model, with its loss; `loss` is None where nothing is asked of it."""

    def __init__(self, tensor: Any, name: str, loss: Any, weight: Any, mode: str | None, target: Any = None):
        self.tensor, self.name, self.loss, self.weight, self.mode = tensor, name, loss, weight, mode
        self.shape = shape_of(tensor)
        self.target: Any = target
        self.fed_target = target is None and loss is not None
        self.sample_weight: Any = None
        self.loss_metric: Any = None
        self.loss_result: Any = None
        self.metrics: list[Any] = []           # (metric, whether weights count)

    @property
    def function(self) -> Any:
        """The function behind the loss."""
        return self.loss.fn if isinstance(self.loss, LossFunctionWrapper) else self.loss

    @property
    def target_shape(self) -> Any:
        """What the arrays for the target are checked against; None where the loss takes what it likes."""
        if self.shape is None:
            return None
        if self.function is sparse_categorical_crossentropy or isinstance(self.loss, losses.SparseCategoricalCrossentropy):
            return (*self.shape[:-1], 1)
        known = isinstance(self.loss, LossFunctionWrapper) and getattr(self.loss.fn, "__module__", "").endswith("keras.losses.functions")
        return self.shape if known else None

    def make_target(self) -> None:
        """The placeholder that targets are fed to."""
        if self.fed_target and self.target is None:
            sizes = None if self.shape is None else [None] * len(self.shape)
            self.target = tf.placeholder(self.tensor.dtype.base_dtype, sizes, name=f"{self.name}_target")

    def make_weights(self, wanted: bool) -> None:
        """The placeholder that weights of samples are fed to, or none."""
        if not wanted:
            self.sample_weight = None
        elif self.sample_weight is None:
            sizes = [None, None] if self.mode == "temporal" else [None]
            self.sample_weight = tf.placeholder(tf.float32, sizes, name=f"{self.name}_sample_weights")

    def make_loss(self) -> Any:
        """The loss of this output."""
        weights, mask = self.sample_weight, mask_of(self.tensor)
        if mask is not None:
            mask = tf.cast(mask, self.tensor.dtype.base_dtype)
            if weights is None:
                weights = mask
            else:
                mask, _, weights = fit_together(mask, None, weights)
                weights = weights * mask
        if not hasattr(self.loss, "reduction"):
            return self.loss(self.target, self.tensor, sample_weight=weights)
        found = weighted(self.loss.call(self.target, self.tensor), weights)
        reduction = self.loss.reduction
        return reduced(found, Reduction.SUM_OVER_BATCH_SIZE if reduction in (Reduction.AUTO, Reduction.NONE) else reduction)

    def add_batch(self, metric: Any, with_weights: bool) -> Any:
        """The metric's result after this batch."""
        weights, mask = self.sample_weight if with_weights else None, mask_of(self.tensor)
        if mask is not None:
            mask = tf.cast(mask, self.tensor.dtype.base_dtype)
            if weights is None:
                weights = mask
            else:
                mask, _, weights = fit_together(mask, None, weights)
                weights = weights * mask
        return metric(self.target, self.tensor, sample_weight=weights)


class Losses:
    """The loss of compile() as a function of targets and outputs, for steps that call it."""

    def __init__(self, model: Any, loss: Any, loss_weights: Any):
        self._model, self._loss, self._weights = model, loss, loss_weights
        self._outputs: list[Output] = []
        self._mean = Mean(name="loss")

    @property
    def metrics(self) -> list[Any]:
        """The mean loss, and those of several outputs."""
        return [self._mean, *(o.loss_metric for o in self._outputs if o.loss_metric is not None)] if self._loss is not None else []

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None, regularization_losses: Any = None) -> Any:
        """The weighted sum of losses of outputs, and of others."""
        self._outputs = outputs_like(self._model, self._outputs, y_true, y_pred, sample_weight, self._loss, self._weights)
        total = total_loss(self._outputs, list(regularization_losses or ()), len(self._outputs) > 1)
        if total is None:
            raise ValueError("The model cannot be trained because it has no loss: give compile() one, or add_loss in its layers.")
        self._mean.update_state(total, sample_weight=tf.cast(tf.shape(tf.nest.flatten(y_pred)[0])[0], total.dtype.base_dtype))
        return total


class Metrics:
    """The metrics of compile() for steps that call them."""

    def __init__(self, model: Any, metrics: Any, weighted: Any):
        self._model, self._given = model, ((metrics, False), (weighted, True))
        self._outputs: list[Output] = []

    @property
    def metrics(self) -> list[Any]:
        return [metric for output in self._outputs for metric, _ in output.metrics]

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds a batch to all of them."""
        made = bool(self._outputs)
        self._outputs = outputs_like(self._model, self._outputs, y_true, y_pred, sample_weight, self._model.loss, None)
        if not made:
            name_metrics(self._outputs, self._given, [o.name for o in self._outputs])
        for output in self._outputs:
            for metric, with_weights in output.metrics:
                output.add_batch(metric, with_weights)


def outputs_like(model: Any, known: list[Output], y_true: Any, y_pred: Any, sample_weight: Any, loss: Any, weights: Any) -> list[Output]:
    """The outputs with the values of a batch."""
    predictions = tf.nest.flatten(y_pred)
    names = getattr(model, "output_names", None) or [f"output_{i + 1}" for i in range(len(predictions))]
    if not known:
        known = [Output(x, name, loss_of(one), weight, None, target="given") for x, name, one, weight in zip(
            predictions, names, by_output(loss, names, "loss"), by_output(weights, names, "loss_weights"))]
    targets = _in_order(y_true, names) or [None] * len(known)
    given = _in_order(sample_weight, names)
    given = given * len(known) if len(given) == 1 else given or [None] * len(known)
    for output, x, target, weight in zip(known, predictions, targets, given):
        output.tensor, output.target, output.sample_weight = x, target, weight
    return known


def _in_order(values: Any, names: list[str]) -> list[Any]:
    if values is None:
        return []
    if isinstance(values, dict):
        return [values.get(name) for name in names]
    return list(tf.nest.flatten(values))


def by_output(value: Any, names: list[str], what: str) -> list[Any]:
    """An argument of compile() for each output: one for all, a list in order, or a dict by names."""
    if isinstance(value, dict):
        unknown = sorted(str(key) for key in value if key not in names)
        if unknown:
            raise ValueError(f"Unknown entries in {what} dictionary: {unknown}. Only expected following keys: {names}")
        return [value.get(name) for name in names]
    if isinstance(value, (list, tuple)):
        if len(value) != len(names):
            raise ValueError(f"When passing a list as {what}, it should have one entry per model output. The model has {len(names)} "
                             "outputs, "
                             f"but you passed {what}={value}")
        return list(value)
    return [value] * len(names)


def loss_of(value: Any) -> Any:
    """A Loss for a name, a function of (y_true, y_pred) or an object."""
    if value is None:
        return None
    found = losses.get(value)
    if not hasattr(found, "call") or not hasattr(found, "reduction"):
        return LossFunctionWrapper(found, name=getattr(found, "__name__", type(found).__name__))
    return found


def metrics_of(value: Any, names: list[str]) -> list[list[Any]]:
    """The metrics of each output."""
    if value is None:
        return [[] for _ in names]
    if isinstance(value, dict):
        return [_several(v) for v in by_output({k: v for k, v in value.items() if _known(k, names)}, names, "metrics")]
    if not isinstance(value, (list, tuple)):
        raise TypeError(f"Type of `metrics` argument not understood. Expected a list or dictionary, found: {value}")
    if any(isinstance(v, (list, tuple)) for v in value):
        if len(value) != len(names):
            raise ValueError("When passing a list of lists as `metrics`, it should have one entry per model output. The model has "
                             f"{len(names)} outputs, but you passed metrics={value}")
        return [_several(v) for v in value]
    if len(names) > 1 and any(isinstance(v, Metric) for v in value):
        return [[type(m).from_config(m.get_config()) if isinstance(m, Metric) else m for m in value] for _ in names]
    return [list(value) for _ in names]


def _known(name: str, names: list[str]) -> bool:
    if name not in names:
        raise ValueError(f"Unknown entry in metrics dictionary: {name}. Only expected following keys: {names}")
    return True


def _several(value: Any) -> list[Any]:
    return [] if value is None else list(value) if isinstance(value, (list, tuple)) else [value]


_ACCURACY = {"accuracy", "acc"}
_CROSSENTROPY = {"crossentropy", "ce"}


def metric_of(value: Any, output: Output, prefix: str) -> Any:
    """A Metric for a name, a function or an object, for that output. prefix: what comes before its name."""
    as_given = value if isinstance(value, str) and context.behavior.tensor_equality else None        # TensorFlow 2 keeps the names
    if isinstance(value, str) and value in _ACCURACY | _CROSSENTROPY:
        return MeanMetricWrapper(_of_loss(value, output), prefix + (as_given or ("acc" if value in _ACCURACY else "ce")))
    found = metrics.get(value)
    if isinstance(found, type):
        found = found()
    if isinstance(found, Metric):
        found._name = prefix + (as_given or found._name)
        return found
    name = found.name if hasattr(found, "name") else found.__name__
    return MeanMetricWrapper(found, prefix + (as_given or name))


def _of_loss(value: str, output: Output) -> Any:
    """The accuracy, or cross entropy, that goes with an output's shape and loss."""
    shape, function = output.shape, output.function
    table = {"binary": (accuracies.binary_accuracy, binary_crossentropy),
             "sparse": (accuracies.sparse_categorical_accuracy, sparse_categorical_crossentropy),
             "categorical": (accuracies.categorical_accuracy, categorical_crossentropy)}
    if shape is not None and shape[-1] == 1 or function is binary_crossentropy:
        kind = "binary"
    elif function is sparse_categorical_crossentropy:
        kind = "sparse"
    else:
        kind = "categorical"
    return table[kind][0 if value in _ACCURACY else 1]


def name_metrics(outputs: list[Output], given: Any, names: list[str]) -> None:
    """Makes the metrics' objects of all outputs, with names that differ. given: pairs (metrics, whether weights count)."""
    several = len(outputs) > 1
    for wanted, with_weights in given:
        for output, own in zip(outputs, metrics_of(wanted, names)):
            output.metrics += [(metric, with_weights) for metric in own] if output.loss is not None else []
    known: set[str] = set()
    with name_scope("metrics"):
        for output in outputs:
            made = []
            for value, with_weights in output.metrics:
                prefix = f"{output.name}_" if several else ""
                if with_weights and isinstance(value, str) and value in ("accuracy", "acc", "crossentropy", "ce"):
                    prefix += "weighted_"
                metric = metric_of(value, output, prefix)
                base, number = metric._name, 1
                while metric._name in known:
                    metric._name = f"{base}_{number}"
                    number += 1
                known.add(metric._name)
                made.append((metric, with_weights))
            output.metrics = made


def total_loss(outputs: list[Output], others: list[Any], has_several: bool) -> Any:
    """The weighted sum of the losses of outputs and of `others`. Outputs of several get a metric of their loss."""
    found: list[Any] = []
    with name_scope("loss"):
        for output in outputs:
            if output.loss is None:
                continue
            with name_scope(f"{output.name}_loss"):
                loss = output.make_loss()
            if has_several:
                output.loss_metric = output.loss_metric or Mean(name=f"{output.name}_loss")
                output.loss_result = output.loss_metric(loss)
            found.append(output.weight * loss if output.weight is not None and output.weight != 1 else loss)
        losses_of_outputs = len(found)
        found += [x if x.static == () else tf.reduce_mean(x) for x in others]
        if not found:
            return None
        widest = max((x.dtype.base_dtype for x in found), key=lambda dtype: dtype.size)
        found = [x if x.dtype.base_dtype is widest else tf.cast(x, widest) for x in found]
        parts = [*found[:losses_of_outputs], *([tf.add_n(found[losses_of_outputs:])] if others else [])]
        total = parts[0]
        for part in parts[1:]:
            total = total + part
    return total
