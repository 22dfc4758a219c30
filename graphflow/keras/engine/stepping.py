"""Training by a model's own functions `train_step`, `test_step` and `predict_step`, as TensorFlow 2 has it.

A model takes this way where eager execution is on and a subclass brings a step of its own, or compile(run_eagerly=True) was asked for;
else its steps are compiled from its graph of tensors (compiling.py).
"""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ..callbacks.base import PREDICT, TRAIN
from .network import Network
from .objectives import Losses, Metrics


class Stepping(Network):
    """A network with steps that a subclass may put its own in place of."""
    optimizer: Any
    compiled_loss: Any = None
    compiled_metrics: Any = None
    _form: Any = None               # how the arrays of a batch are nested: (x, y, weights)
    _logged: Any = None             # the names of what the last step gave
    _stepper: Any = None
    run_eagerly = False

    def train_step(self, data: Any) -> dict[str, Any]:
        """One step of training on a batch (x, y, weights); {name: value} of loss and metrics."""
        x, y, weights = unpacked(data)
        with tf.GradientTape() as tape:
            predictions = self(x, training=True) if self._takes("training") else self(x)
            loss = self.compiled_loss(y, predictions, weights, regularization_losses=self.losses)
        variables = self.trainable_variables
        self.optimizer.apply_gradients(zip(self.optimizer._clipped_known(tape.gradient(loss, variables)), variables))
        self.compiled_metrics.update_state(y, predictions, weights)
        return self._results_now()

    def test_step(self, data: Any) -> dict[str, Any]:
        """Loss and metrics of a batch."""
        x, y, weights = unpacked(data)
        predictions = self(x, training=False) if self._takes("training") else self(x)
        self.compiled_loss(y, predictions, weights, regularization_losses=self.losses)
        self.compiled_metrics.update_state(y, predictions, weights)
        return self._results_now()

    def predict_step(self, data: Any) -> Any:
        """The outputs for a batch."""
        x = unpacked(data)[0]
        return self(x, training=False) if self._takes("training") else self(x)

    def _results_now(self) -> dict[str, Any]:
        return {metric.name: metric.result() for metric in self.metrics}

    # -- which way ----------------------------------------------------------------------------------------------------
    @property
    def _is_free(self) -> bool:
        """Whether steps are functions of the class, and not made from a graph of tensors."""
        if not tf.executing_eagerly_outside_functions():
            return False
        own = any(getattr(type(self), name) is not getattr(Stepping, name) for name in ("train_step", "test_step", "predict_step"))
        return own or bool(self.run_eagerly) or any(getattr(layer, "_dynamic", False) for layer in (self, *self.submodules))

    def _prepare_free(self, loss: Any, metrics: Any, weighted_metrics: Any, loss_weights: Any) -> None:
        """compile() for such a model."""
        self.compiled_loss = Losses(self, loss, loss_weights)
        self.compiled_metrics = Metrics(self, metrics, weighted_metrics)
        self._stepper = None

    def _free_metrics(self) -> list[Any]:
        compiled = [x.metrics for x in (self.compiled_loss, self.compiled_metrics) if x is not None]
        return [metric for metrics in (*compiled, self._all("_metrics")) for metric in metrics]


class FreeStep:
    """A step of a mode as a function of arrays."""

    def __init__(self, model: Any, mode: str):
        self.model, self.mode = model, mode
        step = {TRAIN: model.train_step, PREDICT: model.predict_step}.get(mode, model.test_step)
        dynamic = any(getattr(layer, "_dynamic", False) for layer in (model, *model.submodules))
        self.function = step if model.run_eagerly or dynamic else tf.function(step, reduce_retracing=True)

    def bind(self) -> Any:
        """The function itself."""
        return self

    def __call__(self, arrays: list[Any]) -> list[Any]:
        """Loss and metrics, or the outputs."""
        form = self.model._form
        tensors = [None if a is None else tf.constant(a) for a in arrays]
        parts = tf.nest.pack_sequence_as(form, tensors)
        found = self.function(parts)
        if self.mode == PREDICT:
            return [_array(x) for x in tf.nest.flatten(found)]
        self.model._logged = list(found)
        return [_array(x) for x in found.values()]


def unpacked(data: Any) -> tuple[Any, Any, Any]:
    """(x, y, weights) of what a step is given."""
    if not isinstance(data, tuple):
        return data, None, None
    return (*data, *[None] * (3 - len(data)))


def _array(x: Any) -> Any:
    return x.numpy() if hasattr(x, "numpy") else x
