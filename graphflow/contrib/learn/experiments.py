"""tf.contrib.learn.Experiment and learn_runner: an estimator with its inputs, and what to do with them."""
from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, NamedTuple

import graphflow as tf

from ...core.export import export
from .estimator import BaseEstimator
from .monitoring import ValidationMonitor, as_hooks

_HOMES = ("contrib.learn", "contrib.learn.experiment")


@export(*(f"{home}.Experiment" for home in _HOMES))
class Experiment:
    """An estimator, its input functions, and how long to train and evaluate. Its methods do that; `learn_runner.run` calls one of them.

    train_steps: the training ends at this global step; None: when the input ends. eval_steps: batches of an evaluation, None for all.
    min_eval_frequency: evaluate newer checkpoints every so many steps while training; 0: at the end only. checkpoint_and_export:
    evaluate and export at every checkpoint. eval_metrics: {name: MetricSpec}, only with tf.contrib.learn's estimators.
    """

    def __init__(self, estimator: Any, train_input_fn: Callable[..., Any], eval_input_fn: Callable[..., Any], eval_metrics: Any = None,
                 train_steps: int | None = None, eval_steps: int | None = 100, train_monitors: Any = None, eval_hooks: Any = None,
                 local_eval_frequency: int | None = None, eval_delay_secs: float = 120, continuous_eval_throttle_secs: float = 60,
                 min_eval_frequency: int | None = None, delay_workers_by_global_step: bool = False, export_strategies: Any = None,
                 train_steps_per_iteration: int | None = None, checkpoint_and_export: bool = False, saving_listeners: Any = None,
                 check_interval_secs: float = 5):
        if not isinstance(estimator, tf.estimator.Estimator):
            raise ValueError(f"`estimator` must be an estimator of tf.contrib.learn or tf.estimator, not {estimator!r}")
        if eval_metrics is not None and not isinstance(estimator, BaseEstimator):
            raise ValueError("`eval_metrics` must be None with tf.estimator.Estimator: put metrics into its EstimatorSpec")
        self._estimator, self._train_input_fn, self._eval_input_fn = estimator, train_input_fn, eval_input_fn
        self._eval_metrics, self._train_steps, self._eval_steps = eval_metrics, train_steps, eval_steps
        self._train_monitors, self._eval_hooks = list(train_monitors or []), list(eval_hooks or [])
        self._local_eval_frequency, self._min_eval_frequency = local_eval_frequency, 1 if min_eval_frequency is None else min_eval_frequency
        self._steps_per_iteration, self._at_checkpoints = train_steps_per_iteration, checkpoint_and_export
        self._saving_listeners, self._interval = saving_listeners, check_interval_secs
        self.reset_export_strategies(export_strategies)

    estimator = property(lambda self: self._estimator)
    eval_metrics = property(lambda self: self._eval_metrics)
    train_steps = property(lambda self: self._train_steps)
    eval_steps = property(lambda self: self._eval_steps)

    def extend_train_hooks(self, additional_hooks: Any) -> None:
        """More hooks for the training."""
        self._train_monitors.extend(additional_hooks)

    def reset_export_strategies(self, new_export_strategies: Any = None) -> Any:
        """Other ExportStrategies; gives the old ones."""
        old = getattr(self, "_strategies", [])
        given = new_export_strategies or []
        self._strategies = [given] if isinstance(given, ExportStrategy) else list(given)
        for strategy in self._strategies:
            if not isinstance(strategy, ExportStrategy):
                raise ValueError(f"`export_strategies` must be ExportStrategies, not {strategy!r}")
        return old

    def train(self, delay_secs: Any = None) -> Any:
        """Trains until train_steps."""
        return self._train(max_steps=self._train_steps)

    def _train(self, **how_long: Any) -> Any:
        hooks = as_hooks(self._train_monitors, self._estimator)
        return self._estimator.train(self._train_input_fn, hooks=hooks, saving_listeners=self._saving_listeners, **how_long)

    def evaluate(self, delay_secs: Any = None, name: str | None = None) -> Any:
        """Evaluates the newest checkpoint."""
        return self._evaluate(name or "one_pass")

    def _evaluate(self, name: str | None = None, path: Any = None, steps: Any = None) -> Any:
        more = {"metrics": self._eval_metrics} if self._eval_metrics is not None else {}
        return self._estimator.evaluate(input_fn=self._eval_input_fn, steps=steps or self._eval_steps, hooks=self._eval_hooks, name=name,
                                        checkpoint_path=path, **more)

    def local_run(self) -> Any:
        """train_and_evaluate, evaluating every local_eval_frequency steps."""
        return self._train_and_evaluate(self._local_eval_frequency)

    def train_and_evaluate(self) -> Any:
        """Trains, with evaluations in between, and evaluates and exports at the end: (metrics, [what each export gave])."""
        return self._train_and_evaluate(self._min_eval_frequency)

    def _train_and_evaluate(self, frequency: int | None) -> Any:
        kept = list(self._train_monitors)
        try:
            if self._at_checkpoints:
                listener = _AtCheckpoints(self)
                self._saving_listeners = [*(self._saving_listeners or []), listener]
                self.train()
                return listener.found
            if frequency:
                validation = ValidationMonitor(input_fn=self._eval_input_fn, eval_steps=self._eval_steps, metrics=self._eval_metrics,
                                               every_n_steps=frequency, check_interval_secs=self._interval, hooks=self._eval_hooks)
                self._train_monitors.append(validation)
            self.train()
        finally:
            self._train_monitors = kept
        found = self._evaluate()
        return found, self._export(found)

    def continuous_train_and_eval(self, continuous_eval_predicate_fn: Callable[..., Any] | None = None) -> Any:
        """Trains and evaluates in turn, train_steps_per_iteration steps each, until train_steps or until the predicate says False."""
        found, exports = None, None
        steps = self._steps_per_iteration or (max(1, self._train_steps // 10) if self._train_steps else 1000)
        while continuous_eval_predicate_fn is None or continuous_eval_predicate_fn(found):
            if found and self._train_steps and found["global_step"] >= self._train_steps:
                break
            self._train(steps=steps)
            found = self._evaluate("one_pass")
            exports = self._export(found)
        return found, exports

    def test(self) -> Any:
        """One step of training and one of evaluation, to see that they work."""
        self._train(steps=1)
        found = self._evaluate("one_pass", steps=1)
        self._export(found)
        return found

    def _export(self, metrics: Any, path: Any = None) -> list[Any]:
        folder = os.path.join(self._estimator.model_dir, "export")
        return [strategy.export(self._estimator, os.path.join(folder, strategy.name), path, metrics) for strategy in self._strategies]

    def _refused(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError("an Experiment runs in one process here: use train_and_evaluate")

    run_std_server = continuous_eval = continuous_eval_on_train_data = _refused


class _AtCheckpoints(tf.train.CheckpointSaverListener):
    """Evaluates and exports at the checkpoints of a training, but its first."""

    def __init__(self, experiment: Experiment):
        self._experiment, self._first = experiment, True
        self.found: Any = (None, [])

    def after_save(self, session: Any, global_step_value: int) -> None:
        """Evaluates what was just saved."""
        if self._first:
            self._first = False
            return
        metrics = self._experiment._evaluate()
        self.found = metrics, self._experiment._export(metrics)


class _Strategy(NamedTuple):
    name: str
    export_fn: Callable[..., Any]
    strip_default_attrs: Any


@export("contrib.learn.ExportStrategy", "contrib.learn.export_strategy.ExportStrategy")
class ExportStrategy(_Strategy):
    """A name and a function of (estimator, folder, checkpoint path, metrics) that exports."""
    __slots__ = ()

    def __new__(cls, name: str, export_fn: Callable[..., Any], strip_default_attrs: Any = None) -> Any:
        return super().__new__(cls, name, export_fn, strip_default_attrs)

    def export(self, estimator: Any, export_path: Any, checkpoint_path: Any = None, eval_result: Any = None) -> Any:
        """Exports; gives what the function gives."""
        return self.export_fn(estimator, export_path, checkpoint_path=checkpoint_path)


@export("contrib.learn.make_export_strategy", "contrib.learn.utils.make_export_strategy",
        "contrib.learn.utils.saved_model_export_utils.make_export_strategy")
def make_export_strategy(serving_input_fn: Callable[[], Any], default_output_alternative_key: Any = None, assets_extra: Any = None,
                         as_text: bool = False, exports_to_keep: int | None = 5, strip_default_attrs: Any = None) -> ExportStrategy:
    """An ExportStrategy 'Servo' that writes SavedModels and keeps the newest exports_to_keep of them (None: all)."""
    def export_fn(estimator: Any, folder: Any, checkpoint_path: Any = None) -> Any:
        given = {"assets_extra": assets_extra, "as_text": as_text, "checkpoint_path": checkpoint_path,
                 "strip_default_attrs": bool(strip_default_attrs)}
        found = estimator.export_savedmodel(folder, serving_input_fn, **given)
        if exports_to_keep:
            names = sorted((name for name in os.listdir(folder) if name.isdigit()), key=int)
            for name in names[:-exports_to_keep]:
                tf.gfile.DeleteRecursively(os.path.join(folder, name))
        return found
    return ExportStrategy("Servo", export_fn, strip_default_attrs)


class InputFnOps(NamedTuple):
    """What an input function for serving gives: features, None, and the tensors that are fed."""
    features: Any
    labels: Any
    default_inputs: Any


for _name in ("contrib.learn.InputFnOps", "contrib.learn.utils.InputFnOps", "contrib.learn.utils.input_fn_utils.InputFnOps"):
    export(_name)(InputFnOps)


@export("contrib.learn.build_parsing_serving_input_fn", "contrib.learn.utils.input_fn_utils.build_parsing_serving_input_fn",
        "contrib.learn.utils.build_parsing_serving_input_fn")
def build_parsing_serving_input_fn(feature_spec: dict[str, Any], default_batch_size: int | None = None) -> Callable[[], InputFnOps]:
    """An input function that parses serialized Examples, which are fed as 'examples'."""
    def input_fn() -> InputFnOps:
        serialized = tf.placeholder(tf.string, [default_batch_size], name="input_example_tensor")
        return InputFnOps(tf.parse_example(serialized, feature_spec), None, {"examples": serialized})
    return input_fn


@export("contrib.learn.learn_runner.run")
def run(experiment_fn: Callable[..., Any], output_dir: Any = None, schedule: str | None = None, run_config: Any = None,
        hparams: Any = None) -> Any:
    """Makes an experiment, by experiment_fn(run_config, hparams) or experiment_fn(output_dir), and calls its method `schedule`.

    schedule: 'train_and_evaluate' by default. Returns what the method gives. ValueError for both or neither of output_dir and run_config,
    and for an unknown schedule; TypeError where the function gives no Experiment.
    """
    if (output_dir is None) == (run_config is None):
        raise ValueError("Give either `output_dir` or `run_config`, not both.")
    if not callable(experiment_fn):
        raise TypeError(f"Experiment builder {experiment_fn!r} is not callable.")
    if run_config is None:
        if hparams is not None:
            raise ValueError("hparams go with run_config: experiment_fn(output_dir) does not take them")
        experiment = experiment_fn(output_dir=output_dir)
    else:
        if not run_config.model_dir:
            raise ValueError("Must specify a model directory `model_dir` in `run_config`.")
        experiment = experiment_fn(run_config, hparams)
    if not isinstance(experiment, Experiment):
        raise TypeError(f"Experiment builder did not return an Experiment instance, got {type(experiment)} instead.")
    task = getattr(experiment, schedule or "train_and_evaluate", None)
    if task is None:
        raise ValueError(f"Schedule references non-existent task {schedule}")
    if not callable(task):
        raise TypeError(f"Schedule references non-callable member {schedule}")
    return task()
