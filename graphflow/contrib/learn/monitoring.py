"""tf.contrib.learn.monitors: what looked into a training before session hooks did. Estimators run them as one hook."""
from __future__ import annotations

import copy
import time
from typing import Any

import numpy as np

import graphflow as tf

from ...core.export import export
from ...train.session_run_hook import SessionRunArgs, SessionRunHook

_HOME = "contrib.learn.monitors"


@export(f"{_HOME}.BaseMonitor")
class BaseMonitor:
    """Looks into a training: step_begin(step) names tensors to fetch, step_end(step, {name: value}) returns True to stop it."""

    def __init__(self) -> None:
        self._begun, self._max_steps, self._estimator = False, None, None

    @property
    def run_on_all_workers(self) -> bool:
        """There is one worker."""
        return False

    def set_estimator(self, estimator: Any) -> None:
        """The estimator that trains."""
        if estimator is None:
            raise ValueError("Missing estimator.")
        self._estimator = estimator

    def begin(self, max_steps: Any = None) -> None:
        """Before the training, while the graph may still grow."""
        self._max_steps, self._begun = max_steps, True

    def end(self, session: Any = None) -> None:
        """After the training."""
        self._begun = False

    def epoch_begin(self, epoch: int) -> None:
        """Never called by estimators, which know no epochs."""

    def epoch_end(self, epoch: int) -> None:
        """Never called by estimators, which know no epochs."""

    def step_begin(self, step: int) -> Any:
        """Names of tensors, or tensors, that step_end gets."""
        return []

    def step_end(self, step: int, output: Any) -> Any:
        """True stops the training."""
        return False

    def post_step(self, step: int, session: Any) -> None:
        """After step_end."""


@export(f"{_HOME}.EveryN")
class EveryN(BaseMonitor):
    """Calls every_n_step_begin, every_n_step_end and every_n_post_step at the first steps, every so many steps, and at the last."""

    def __init__(self, every_n_steps: int = 100, first_n_steps: int = 1):
        super().__init__()
        self._every_n_steps, self._first_n_steps = every_n_steps, first_n_steps
        self._last_active, self._last_seen = 0, 0
        self._active = False

    def every_n_step_begin(self, step: int) -> Any:
        """Names of tensors that every_n_step_end gets."""
        return []

    def every_n_step_end(self, step: int, outputs: Any) -> Any:
        """True stops the training."""
        return False

    def every_n_post_step(self, step: int, session: Any) -> None:
        """After every_n_step_end."""

    def step_begin(self, step: int) -> Any:
        """Decides whether this step is one of the chosen."""
        super().step_begin(step)
        first = step <= self._first_n_steps
        last = self._max_steps is not None and step == self._max_steps
        self._active = first or last or step >= self._every_n_steps + self._last_active
        if not self._active:
            return []
        self._last_active = step
        return self.every_n_step_begin(step)

    def step_end(self, step: int, output: Any) -> Any:
        """every_n_step_end at a chosen step."""
        super().step_end(step, output)
        self._last_seen = step
        return self.every_n_step_end(step, output) if self._active else False

    def post_step(self, step: int, session: Any) -> None:
        """every_n_post_step at a chosen step."""
        super().post_step(step, session)
        if self._active:
            self.every_n_post_step(step, session)

    def end(self, session: Any = None) -> None:
        """every_n_post_step for the last step, if it was none of the chosen."""
        super().end(session)
        if self._last_seen != self._last_active and session is not None and self._last_seen:
            self.every_n_post_step(self._last_seen, session)


@export(f"{_HOME}.StopAtStep")
class StopAtStep(BaseMonitor):
    """Stops after num_steps more steps, or at last_step. ValueError unless one of the two is given."""

    def __init__(self, num_steps: int | None = None, last_step: int | None = None):
        super().__init__()
        if (num_steps is None) == (last_step is None):
            raise ValueError("One of num_steps and last_step must be specified, not both.")
        self._num_steps, self._last_step = num_steps, last_step

    def step_begin(self, step: int) -> Any:
        """Counts from the first step that is seen."""
        if self._last_step is None:
            self._last_step = step + (self._num_steps or 0) - 1
        return []

    def step_end(self, step: int, output: Any) -> Any:
        """True from the last step on."""
        return step >= (self._last_step or 0)


@export(f"{_HOME}.PrintTensor")
class PrintTensor(EveryN):
    """Logs the values of tensors. tensor_names: names, or {what to call it: name}."""

    def __init__(self, tensor_names: Any, every_n: int = 100, first_n: int = 1):
        super().__init__(every_n, first_n)
        names = tensor_names if isinstance(tensor_names, dict) else {name: name for name in tensor_names}
        self._names = {label: name if isinstance(name, str) else name.name for label, name in names.items()}

    def every_n_step_begin(self, step: int) -> Any:
        """The tensors."""
        return list(self._names.values())

    def every_n_step_end(self, step: int, outputs: Any) -> Any:
        """Logs them."""
        shown = ", ".join(f"{label} = {_output(outputs, name)}" for label, name in self._names.items())
        tf.logging.info("Step %d: %s", step, shown)
        return False


@export(f"{_HOME}.LoggingTrainable")
class LoggingTrainable(EveryN):
    """Logs the values of trainable variables below a scope."""

    def __init__(self, scope: str | None = None, every_n: int = 100, first_n: int = 1):
        super().__init__(every_n, first_n)
        self._scope = scope
        self._names: list[str] = []

    def every_n_step_begin(self, step: int) -> Any:
        """The variables."""
        self._names = [v.name for v in tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES, scope=self._scope)]
        return self._names

    def every_n_step_end(self, step: int, outputs: Any) -> Any:
        """Logs them."""
        tf.logging.info("Logging Trainable: Step %d: %s", step, ", ".join(f"{name} = {_output(outputs, name)}" for name in self._names))
        return False


@export(f"{_HOME}.CaptureVariable")
class CaptureVariable(EveryN):
    """Keeps the values of a variable: `values` is {step: value}."""

    def __init__(self, var_name: str, every_n: int = 100, first_n: int = 1):
        super().__init__(every_n, first_n)
        self._name = var_name
        self._values: dict[int, Any] = {}

    values = property(lambda self: self._values)

    def every_n_step_begin(self, step: int) -> Any:
        """The variable."""
        return [self._name]

    def every_n_step_end(self, step: int, outputs: Any) -> Any:
        """Keeps it."""
        self._values[step] = _output(outputs, self._name)
        return False


@export(f"{_HOME}.NanLossDuringTrainingError")
class NanLossDuringTrainingError(RuntimeError):
    """The loss became nan."""

    def __str__(self) -> str:
        return "NaN loss during training."


@export(f"{_HOME}.NanLoss")
class NanLoss(EveryN):
    """Stops, or raises NanLossDuringTrainingError, when the loss is nan."""

    def __init__(self, loss_tensor: Any, every_n_steps: int = 100, fail_on_nan_loss: bool = True):
        super().__init__(every_n_steps=every_n_steps)
        self._loss, self._fail = loss_tensor if isinstance(loss_tensor, str) else loss_tensor.name, fail_on_nan_loss

    def every_n_step_begin(self, step: int) -> Any:
        """The loss."""
        return [self._loss]

    def every_n_step_end(self, step: int, outputs: Any) -> Any:
        """Looks at it."""
        if not np.isnan(_output(outputs, self._loss)).any():
            return False
        if self._fail:
            raise NanLossDuringTrainingError
        tf.logging.warning("Model diverged with loss = NaN.")
        return True


@export(f"{_HOME}.ValidationMonitor")
class ValidationMonitor(EveryN):
    """Evaluates the newest checkpoint every so many steps, and may stop the training.

    x, y, input_fn, batch_size, eval_steps, metrics, hooks, name: as of the estimator's evaluate. early_stopping_rounds: the training stops
    when early_stopping_metric has not become better for so many steps. A checkpoint is looked for at most every check_interval_secs.
    Checkpoints come as the RunConfig says: save_checkpoints_secs=1 or save_checkpoints_steps makes validations more frequent.
    """

    def __init__(self, x: Any = None, y: Any = None, input_fn: Any = None, batch_size: int | None = None, eval_steps: int | None = None,
                 every_n_steps: int = 100, metrics: Any = None, hooks: Any = None, early_stopping_rounds: int | None = None,
                 early_stopping_metric: str = "loss", early_stopping_metric_minimize: bool = True, name: str | None = None,
                 check_interval_secs: float | None = 5):
        super().__init__(every_n_steps=every_n_steps, first_n_steps=-1)
        if x is None and input_fn is None:
            raise ValueError("Either x or input_fn should be provided.")
        self.x, self.y, self.input_fn, self.batch_size, self.eval_steps = x, y, input_fn, batch_size, eval_steps
        self.metrics, self.hooks, self.name = metrics, hooks, name
        self.early_stopping_rounds, self.early_stopping_metric = early_stopping_rounds, early_stopping_metric
        self.early_stopping_metric_minimize = early_stopping_metric_minimize
        self._best: tuple[int, Any, dict[str, Any]] | None = None
        self._stopped, self._path, self._looked, self._interval = False, None, None, check_interval_secs

    early_stopped = property(lambda self: self._stopped)
    best_step = property(lambda self: self._best and self._best[0])
    best_value = property(lambda self: self._best and self._best[1])
    best_metrics = property(lambda self: self._best and self._best[2])

    def _evaluate(self) -> dict[str, Any]:
        estimator: Any = self._estimator
        given = {"x": self.x, "y": self.y, "batch_size": self.batch_size, "metrics": self.metrics}
        more = {name: value for name, value in given.items() if value is not None}
        found: dict[str, Any] = estimator.evaluate(input_fn=self.input_fn, steps=self.eval_steps, hooks=self.hooks, name=self.name, **more)
        return found

    def every_n_step_end(self, step: int, outputs: Any) -> Any:
        """Evaluates, if there is a new checkpoint; True when it is time to stop."""
        if self._estimator is None:
            raise ValueError("Missing call to set_estimator.")
        now = time.monotonic()
        if self._interval is not None and self._looked is not None and now - self._looked <= self._interval:
            return False
        self._looked = now
        path = tf.train.latest_checkpoint(self._estimator.model_dir)
        if path is None or path == self._path:
            return False
        self._path = path
        found = self._evaluate()
        tf.logging.info("Validation (step %d): %s", step, ", ".join(f"{name} = {value}" for name, value in found.items()))
        if self.early_stopping_rounds is None:
            return False
        if self.early_stopping_metric not in found:
            raise ValueError(f"Metric {self.early_stopping_metric} missing from outputs {sorted(found)}.")
        value = found[self.early_stopping_metric]
        if self._best is None or (value < self._best[1] if self.early_stopping_metric_minimize else value > self._best[1]):
            self._best = (step, value, copy.deepcopy(found))
        if step - self._best[0] < self.early_stopping_rounds:
            return False
        tf.logging.info("Stopping. Best step: %s with %s = %s.", self._best[0], self.early_stopping_metric, self._best[1])
        self._stopped = True
        return True


@export(f"{_HOME}.RunHookAdapterForMonitors")
class RunHookAdapterForMonitors(SessionRunHook):
    """Monitors as one session hook."""

    def __init__(self, monitors: Any):
        self._monitors = list(monitors)

    def begin(self) -> None:
        """Starts them."""
        self._last_step: int | None = None
        self._step = tf.train.get_global_step()
        for monitor in self._monitors:
            monitor.begin(max_steps=None)

    def before_run(self, run_context: Any) -> Any:
        """Asks for what they want to see."""
        if self._last_step is None:
            self._last_step = int(run_context.session.run(self._step)) + 1
        self._wanted = [list(monitor.step_begin(self._last_step) or []) for monitor in self._monitors]
        graph = run_context.session.graph
        return SessionRunArgs([[graph.as_graph_element(item, allow_operation=False) for item in wanted] for wanted in self._wanted])

    def after_run(self, run_context: Any, run_values: Any) -> None:
        """Shows them the values, and stops if one of them says so."""
        step: Any = self._last_step
        for monitor, wanted, values in zip(self._monitors, self._wanted, run_values.results):
            seen = {item if isinstance(item, str) else item.name: value for item, value in zip(wanted, values)}
            if monitor.step_end(step, seen):
                run_context.request_stop()
        for monitor in self._monitors:
            monitor.post_step(step, run_context.session)
        self._last_step = step + 1

    def end(self, session: Any) -> None:
        """Ends them."""
        self._last_step = None
        for monitor in self._monitors:
            monitor.end(session=session)


def as_hooks(monitors: Any, estimator: Any) -> list[Any]:
    """Session hooks for a list of monitors and hooks."""
    if monitors is None:
        return []
    given = list(monitors) if isinstance(monitors, (list, tuple)) else [monitors]
    hooks = [item for item in given if isinstance(item, tf.train.SessionRunHook)]
    others = [item for item in given if not isinstance(item, tf.train.SessionRunHook)]
    for monitor in others:
        if not isinstance(monitor, BaseMonitor):
            raise ValueError(f"monitors must be monitors or session hooks, given: {monitor!r}")
        monitor.set_estimator(estimator)
    return [*hooks, RunHookAdapterForMonitors(others)] if others else hooks


export(f"{_HOME}.replace_monitors_with_hooks")(as_hooks)


@export(f"{_HOME}.get_default_monitors")
def get_default_monitors(loss_op: Any = None, summary_op: Any = None, save_summary_steps: int = 100, output_dir: Any = None,
                         summary_writer: Any = None) -> list[Any]:
    """A monitor that logs the loss. ValueError for summaries, which estimators write themselves."""
    if summary_op is not None:
        raise ValueError("summaries are written by the estimator itself: leave out summary_op")
    return [] if loss_op is None else [PrintTensor({"loss": loss_op.name})]


def _output(outputs: Any, name: str) -> Any:
    if name in outputs:
        return outputs[name]
    return outputs[name.partition(":")[0]]

