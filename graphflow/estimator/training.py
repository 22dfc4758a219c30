"""tf.estimator.train_and_evaluate: training that is evaluated, and exported, at its checkpoints."""
from __future__ import annotations

import inspect
import os
import time
from typing import Any, NamedTuple

import graphflow as tf

from ..core.export import export
from ..train.saving_hooks import CheckpointSaverListener
from .estimator import Estimator
from .exporter import Exporter
from .model_inputs import arguments_of
from .run_config import TaskType


class _Train(NamedTuple):
    input_fn: Any
    max_steps: int | None
    hooks: tuple[Any, ...]


@export("estimator.TrainSpec")
class TrainSpec(_Train):
    """How train_and_evaluate trains. max_steps: None trains until the input ends. hooks: tf.train.SessionRunHook."""
    __slots__ = ()

    def __new__(cls, input_fn: Any, max_steps: int | None = None, hooks: Any = None) -> Any:
        _check_input_fn(input_fn)
        if max_steps is not None and max_steps <= 0:
            raise ValueError(f"Must specify max_steps > 0, given: {max_steps}")
        return super().__new__(cls, input_fn, max_steps, _hooks(hooks))


class _Eval(NamedTuple):
    input_fn: Any
    steps: int | None
    name: str | None
    hooks: tuple[Any, ...]
    exporters: tuple[Any, ...]
    start_delay_secs: float
    throttle_secs: float


@export("estimator.EvalSpec")
class EvalSpec(_Eval):
    """How train_and_evaluate evaluates and exports.

    steps: batches of an evaluation, None for all. name: of the folder, as in Estimator.evaluate. exporters: one tf.estimator.Exporter or
    several of different names. throttle_secs: checkpoints that come sooner after an evaluation are passed over.
    """
    __slots__ = ()

    def __new__(cls, input_fn: Any, steps: int | None = 100, name: str | None = None, hooks: Any = None, exporters: Any = None,
                start_delay_secs: float = 120, throttle_secs: float = 600) -> Any:
        _check_input_fn(input_fn)
        if steps is not None and steps <= 0:
            raise ValueError(f"Must specify steps > 0, given: {steps}")
        if name is not None and not isinstance(name, str):
            raise TypeError(f"`name` must be string, given: {name}")
        for label, seconds in (("start_delay_secs", start_delay_secs), ("throttle_secs", throttle_secs)):
            if seconds < 0:
                raise ValueError(f"Must specify {label} >= 0, given: {seconds}")
        return super().__new__(cls, input_fn, steps, name, _hooks(hooks), _exporters(exporters), start_delay_secs, throttle_secs)


def _check_input_fn(input_fn: Any) -> None:
    if not callable(input_fn):
        raise TypeError(f"`input_fn` must be callable, given: {input_fn}")
    unknown = set(arguments_of(input_fn)) - {"mode", "params", "config", "input_context"}
    needed = [name for name in unknown if not _has_default(input_fn, name)]
    if needed:
        raise ValueError(f"`input_fn` must have only these arguments: mode, params, config, input_context; given: {sorted(needed)}")


def _has_default(function: Any, name: str) -> bool:
    parameter = inspect.signature(function).parameters.get(name)
    return parameter is not None and parameter.default is not inspect.Parameter.empty


def _hooks(hooks: Any) -> tuple[Any, ...]:
    found = tuple(hooks or ())
    for hook in found:
        if not isinstance(hook, tf.train.SessionRunHook):
            raise TypeError(f"All hooks must be `SessionRunHook` instances, given: {hook}")
    return found


def _exporters(exporters: Any) -> tuple[Any, ...]:
    if exporters is None:
        return ()
    found = (exporters,) if isinstance(exporters, Exporter) else tuple(exporters)
    names = []
    for exporter in found:
        if not isinstance(exporter, Exporter):
            raise TypeError(f"`exporters` must be an Exporter or several: {exporter} is none.")
        if not exporter.name or exporter.name in names:
            raise ValueError(f"`exporters` must have unique, non-empty names. Found twice: {exporter.name!r}")
        names.append(exporter.name)
    return found


class Evaluator:
    """Evaluates and exports an estimator's newest checkpoint, once for each."""

    def __init__(self, estimator: Any, spec: EvalSpec, max_steps: int | None):
        self._estimator, self._spec, self._max_steps, self._last = estimator, spec, max_steps, None

    def evaluate_and_export(self) -> tuple[dict[str, Any] | None, list[Any]]:
        """(metrics, what the exporters gave); (None, []) where there is no checkpoint that is new."""
        path = self._estimator.latest_checkpoint()
        if path is None or path == self._last:
            tf.logging.warning("There is no checkpoint yet to evaluate." if path is None else
                               "There is no newer checkpoint than the one that was evaluated: nothing to do.")
            return None, []
        spec = self._spec
        metrics = self._estimator.evaluate(spec.input_fn, steps=spec.steps, name=spec.name, checkpoint_path=path, hooks=spec.hooks)
        last = bool(self._max_steps) and metrics["global_step"] >= self._max_steps
        exports = [exporter.export(self._estimator, os.path.join(self._estimator.model_dir, "export", exporter.name), path, metrics, last)
                   for exporter in spec.exporters]
        self._last = path
        return metrics, exports


class _EvaluateCheckpoints(CheckpointSaverListener):
    """Evaluates at checkpoints of a training, not at its first, nor more often than throttle_secs."""

    def __init__(self, evaluator: Evaluator, throttle_secs: float):
        self._evaluator, self._throttle = evaluator, throttle_secs
        self.metrics: dict[str, Any] | None = None
        self.exports: list[Any] = []

    def begin(self) -> None:
        """Forgets the training before."""
        self._timer = tf.train.SecondOrStepTimer(every_secs=self._throttle)
        self._first = True

    def after_save(self, session: Any, global_step_value: int) -> None:
        """Evaluates, unless it is too soon."""
        if self._first:     # nothing is trained yet
            self._first = False
        elif self._timer.should_trigger_for_step(global_step_value):
            self._evaluate(global_step_value)
        else:
            tf.logging.info("A checkpoint is passed over: the last evaluation is less than throttle_secs=%s old.", self._throttle)

    def end(self, session: Any, global_step_value: int) -> None:
        """Evaluates the last checkpoint, if that is not done."""
        if global_step_value != self._timer.last_triggered_step():
            self._evaluate(global_step_value)

    def _evaluate(self, step: int) -> None:
        self._timer.update_last_triggered_step(step)
        metrics, self.exports = self._evaluator.evaluate_and_export()
        if metrics is None:
            raise RuntimeError("There was no new checkpoint after the training: it made no step, or saves none")
        self.metrics = metrics


@export("estimator.train_and_evaluate")
def train_and_evaluate(estimator: Any, train_spec: Any, eval_spec: Any) -> Any:
    """Trains, and evaluates and exports at checkpoints: (metrics of the last evaluation, [what each exporter gave]).

    How often checkpoints come the estimator's RunConfig says. A process whose TF_CONFIG calls it an evaluator evaluates checkpoints of
    another's training, until that is at max_steps; it returns None.
    """
    given = ((estimator, Estimator, "estimator"), (train_spec, TrainSpec, "train_spec"), (eval_spec, EvalSpec, "eval_spec"))
    for value, kind, name in given:
        if not isinstance(value, kind):
            raise TypeError(f"`{name}` must have type `tf.estimator.{kind.__name__}`, given {type(value)}")
    evaluator = Evaluator(estimator, eval_spec, train_spec.max_steps)
    config = estimator.config
    if config.task_type == TaskType.EVALUATOR:
        _evaluate_others(evaluator, train_spec.max_steps, eval_spec)
        return None
    tf.logging.info("Running training and evaluation locally (non-distributed).")
    tf.logging.info("Training with an evaluation at each checkpoint (save_checkpoints_steps=%s, save_checkpoints_secs=%s).",
                    config.save_checkpoints_steps, config.save_checkpoints_secs)
    listener = _EvaluateCheckpoints(evaluator, eval_spec.throttle_secs)
    estimator.train(input_fn=train_spec.input_fn, max_steps=train_spec.max_steps, hooks=train_spec.hooks, saving_listeners=[listener])
    return listener.metrics, listener.exports


def _evaluate_others(evaluator: Evaluator, max_steps: int | None, spec: EvalSpec) -> None:
    time.sleep(spec.start_delay_secs)
    while True:
        begin = time.monotonic()
        metrics, _ = evaluator.evaluate_and_export()
        if metrics is not None and max_steps and metrics["global_step"] >= max_steps:
            tf.logging.info("Exiting evaluation, global_step=%s >= train max_steps=%s", metrics["global_step"], max_steps)
            return
        time.sleep(max(0.0 if metrics is not None else 1.0, begin + spec.throttle_secs - time.monotonic()))
