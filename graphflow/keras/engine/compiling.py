"""compile(): what a model is trained for, and the steps of training, testing and predicting that follow from it."""
from __future__ import annotations

from typing import Any

import numpy as np

import graphflow as tf

from ...ops.scopes import name_scope
from ..backend.settings import floatx
from ..backend.symbolic import keeps, model_graph, symbolic
from ..callbacks.base import PREDICT, TRAIN
from ..optimizers import named as optimizers
from .functions import Step
from .objectives import Output, by_output, loss_of, name_metrics, total_loss
from .stepping import FreeStep, Stepping


class Compiled(Stepping):
    """A network with an optimizer, losses and metrics."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.optimizer: Any = None
        self.loss: Any = None
        self.history: Any = None
        self.stop_training = False
        self._compiled = False
        self._outputs: list[Output] = []
        self._compiled_metrics: list[Any] = []
        self._metric_results: list[Any] = []
        self._steps: dict[str, Any] = {}
        self.total_loss: Any = None
        self._compile_arguments: dict[str, Any] = {}

    def compile(self, optimizer: Any = "rmsprop", loss: Any = None, metrics: Any = None, loss_weights: Any = None,
                sample_weight_mode: Any = None, weighted_metrics: Any = None, target_tensors: Any = None, distribute: Any = None,
                **kwargs: Any) -> None:
        """Says how the model is trained. optimizer, loss, metrics: names, functions or objects; of several outputs lists or dicts by names.

        loss_weights: of the outputs' losses in the sum. sample_weight_mode='temporal': weights [samples, timesteps].
        """
        self.run_eagerly = bool(kwargs.pop("run_eagerly", None))
        for ignored in ("experimental_run_tf_function", "jit_compile", "steps_per_execution"):
            kwargs.pop(ignored, None)
        if kwargs:
            raise TypeError(f"Invalid keyword argument(s) in `compile()`: {set(kwargs)}")
        if distribute is not None:
            raise NotImplementedError("compile(distribute=...): a model trains in one process; leave it out.")
        self.optimizer, self.loss, self.loss_weights = optimizers.get(optimizer), loss, loss_weights
        self.sample_weight_mode = sample_weight_mode
        self._compile_metrics, self._compile_weighted_metrics, self._target_tensors = metrics, weighted_metrics, target_tensors
        self._compile_arguments = {"optimizer": self.optimizer, "loss": loss, "metrics": metrics, "loss_weights": loss_weights,
                                   "sample_weight_mode": sample_weight_mode, "weighted_metrics": weighted_metrics}
        self._compiled, self._steps, self._outputs, self.total_loss = True, {}, [], None
        self._trained_weights: Any = None
        self._prepare_free(loss, metrics, weighted_metrics, loss_weights)
        if self.outputs is not None and not self._is_free:
            self._make_objectives()

    # -- inputs of models that learn them from data -------------------------------------------------------------------
    def _ensure_inputs(self, x: Any) -> None:
        """Gives a model without inputs placeholders like the data, and calls it on them."""
        if self._is_free:
            return
        if self.inputs is None:
            self._set_inputs_like(x)
        if self._compiled and not self._outputs and self.outputs is not None:
            self._make_objectives()

    def _set_inputs_like(self, x: Any) -> None:
        names = list(x) if isinstance(x, dict) else None
        values = list(x.values()) if isinstance(x, dict) else list(x) if isinstance(x, (list, tuple)) and _is_list(x) else [x]
        tensors = []
        for number, value in enumerate(values):
            if isinstance(value, tf.Tensor) and not hasattr(value, "numpy"):
                tensors.append(value)
                continue
            value = np.asarray(value)
            sizes = (None, *(value.shape[1:] if value.ndim > 1 else (1,)))
            dtype = floatx() if value.dtype.kind == "f" else value.dtype
            with symbolic():
                tensors.append(tf.placeholder(dtype, sizes, name=names[number] if names else f"input_{number + 1}"))
        self._input_form = dict(zip(names, tensors)) if names else tensors if _is_list(x) and isinstance(x, (list, tuple)) else tensors[0]
        self.input_names = names or [f"input_{i + 1}" for i in range(len(tensors))]
        if self._map is None:
            self(self._input_form)
        if self.inputs is None:
            raise ValueError(f"Model {self.name} has no inputs after its first call.")

    def _after_call(self, inputs: Any, outputs: Any) -> None:
        """A model that is a class learns its inputs and outputs from its first call."""
        if self._map is None and self.inputs is None and keeps():
            self.inputs, self.outputs = list(tf.nest.flatten(inputs)), list(tf.nest.flatten(outputs))
            self._nested_inputs, self._nested_outputs = inputs, outputs
            if not hasattr(self, "input_names"):
                self.input_names = [f"input_{i + 1}" for i in range(len(self.inputs))]
            self.output_names = [f"output_{i + 1}" for i in range(len(self.outputs))]
            self._feed_inputs = [x for x in self.inputs if x.op._op_def.must_be_fed]

    # -- objectives ---------------------------------------------------------------------------------------------------
    def _make_objectives(self) -> None:
        names = self.output_names
        wanted = by_output(self.loss, names, "loss")
        if self.loss_weights is not None and not isinstance(self.loss_weights, (list, tuple, dict)):
            raise TypeError(f"Could not interpret loss_weights argument: {self.loss_weights} - expected a list of dicts.")
        weights = by_output(self.loss_weights, names, "loss_weights")
        modes = by_output(self.sample_weight_mode, names, "sample_weight_mode")
        targets = by_output(self._target_tensors, names, "target_tensors") if self._target_tensors is not None and not isinstance(
            self._target_tensors, tf.Tensor) else [self._target_tensors] * len(names)
        self._outputs = [Output(*each) for each in zip(self.outputs, names, map(loss_of, wanted), weights, modes, targets)]
        with symbolic():
            for output in self._outputs:
                output.make_target()
            self._make_metrics()
            self._make_loss()

    def _make_metrics(self) -> None:
        """The metrics' objects, with names that differ."""
        name_metrics(self._outputs, ((self._compile_metrics, False), (self._compile_weighted_metrics, True)), self.output_names)

    def _make_loss(self) -> None:
        """The total loss and the metrics' results, with the weights that are fed now."""
        several = len(self._outputs) > 1
        with symbolic():
            self._make_loss_of(several)

    def _make_loss_of(self, several: bool) -> None:
        self.total_loss = total_loss(self._outputs, self.losses, several)
        if self.total_loss is None:
            raise ValueError("The model cannot be compiled because it has no loss to optimize.")
        self._compiled_metrics, self._metric_results = [], []
        if several:
            for output in self._outputs:
                if output.loss_metric is not None:
                    self._compiled_metrics.append(output.loss_metric)
                    self._metric_results.append(output.loss_result)
        for output in self._outputs:
            for metric, with_weights in output.metrics:
                with name_scope(f"metrics/{metric.name}"):
                    result = output.add_batch(metric, with_weights)
                self._compiled_metrics.append(metric)
                self._metric_results.append(result)

    def _use_weights(self, weights: list[Any]) -> None:
        """Makes the loss anew where other outputs than before are given weights of samples."""
        changed = False
        for output, value in zip(self._outputs, weights):
            if (value is not None) != (output.sample_weight is not None) and output.loss is not None:
                with symbolic():
                    output.make_weights(value is not None)
                changed = True
        if changed:
            self._steps = {}
            self._make_loss()

    @property
    def metrics(self) -> list[Any]:
        """The metrics of compile(), then those that layers added."""
        if self._is_free:
            return self._free_metrics()
        return [*self._compiled_metrics, *self._all("_metrics")]

    @property
    def metrics_names(self) -> list[str]:
        """The names of what evaluate() returns."""
        if self._is_free:
            return list(self._logged) if self._logged else list(dict.fromkeys(["loss", *(metric.name for metric in self.metrics)]))
        return ["loss", *(metric.name for metric in self.metrics)]

    def reset_metrics(self) -> None:
        """Starts all metrics anew."""
        step = self._steps.get("reset")
        metrics = self.metrics
        if not metrics:
            return
        if tf.executing_eagerly():
            for metric in metrics:
                metric.reset_states()
            return
        if step is None:
            with self._graph.as_default():
                writes = [v.assign(tf.zeros_like(v)) for m in metrics for v in m.variables]
            special = [m for m in metrics if not m.variables]
            step = self._steps["reset"] = Step([], [], [w.op if hasattr(w, "op") else w for w in writes], False, self._graph) \
                if writes and not special else Step([], [], [], False, self._graph)
        if step.updates:
            step([])

    @property
    def _graph(self) -> Any:
        if not self.outputs:
            return model_graph()
        graph = self.outputs[0].graph
        return graph if graph.takes_symbolic else graph.shared

    # -- steps --------------------------------------------------------------------------------------------------------
    def _check_compiled(self) -> None:
        if not self._compiled:
            raise RuntimeError("You must compile your model before training/testing. Use `model.compile(optimizer, loss)`.")

    def _step(self, mode: str) -> Any:
        """The step of a mode, made at its first use, and anew where another set of weights is trainable."""
        if self._is_free:
            if mode not in self._steps:
                self._steps[mode] = FreeStep(self, mode)
            return self._steps[mode]
        trained = [id(v) for v in self.trainable_weights] if mode == TRAIN else None
        if mode == TRAIN and trained != self._trained_weights:
            self._steps.pop(TRAIN, None)
            self._trained_weights = trained
        if mode not in self._steps:
            with self._graph.as_default(), self._graph.control_dependencies(None):
                self._steps[mode] = self._make_step(mode)
        return self._steps[mode]

    def _make_step(self, mode: str) -> Step:
        if mode == PREDICT:
            return Step(self._feed_inputs, self.outputs, self.state_updates, False)
        feeds = [*self._feed_inputs, *(o.target for o in self._outputs if o.fed_target),
                 *(o.sample_weight for o in self._outputs if o.sample_weight is not None)]
        results = [*self._metric_results, *(m._last_result for m in self._all("_metrics"))]
        if mode != TRAIN:
            return Step(feeds, [self.total_loss, *results], self.state_updates, False)
        if not self.trainable_weights:
            updates = self.updates
        else:
            with name_scope("training"), name_scope(getattr(self.optimizer, "_name", type(self.optimizer).__name__)):
                updates = [*self.optimizer.get_updates(self.total_loss, self.trainable_weights), *self.updates]
        with name_scope("training"):      # TensorFlow opens this scope twice: the names of the next model's slots show it
            return Step(feeds, [self.total_loss, *results], updates, True)


def _is_list(x: Any) -> bool:
    """Whether it is a list of arrays, one for each input, and not one array as nested lists."""
    return not isinstance(x, np.ndarray) and bool(len(x)) and hasattr(x[0], "shape")

