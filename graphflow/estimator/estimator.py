"""tf.estimator.Estimator: trains, evaluates, predicts and exports the model that a function makes, each in a graph and session of its own.

What training learned lies in the model folder as checkpoints, so that the other calls, and other programs, find it there.
"""
from __future__ import annotations

import copy
import os
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

import graphflow as tf

from ..core.export import export
from ..train.evaluation import StopAfterNEvalsHook, get_or_create_eval_step
from .evaluating import evaluate_checkpoint, updates_and_values, with_loss, write_results
from .exporting import export_modes
from .mode_keys import ModeKeys
from .model_inputs import arguments_of, features_and_labels, features_only
from .run_config import RunConfig
from .spec import EstimatorSpec
from .warm_start import settings_of


@export("estimator.Estimator")
class Estimator:
    """A model with its training.

    model_fn(features, labels, mode, params, config): builds the model in the default graph and returns an EstimatorSpec; of its arguments
    all but features may be left out. model_dir: where checkpoints and summaries go; config.model_dir, else a new temporary folder. config:
    RunConfig. params: dict, handed to model_fn. warm_start_from: path or WarmStartSettings. ValueError for a function that does not fit.
    """

    def __init__(self, model_fn: Callable[..., Any], model_dir: Any = None, config: Any = None, params: Any = None,
                 warm_start_from: Any = None):
        self._config = _settled(config, model_dir)
        self._model_dir: str = self._config.model_dir
        self._session_config = self._config.session_config
        tf.logging.info("Using config: %s", vars(self._config))
        if model_fn is None:
            raise ValueError("model_fn must be provided to Estimator.")
        _check_arguments(model_fn, params)
        self._model_fn = model_fn
        self._params = copy.deepcopy(params or {})
        self._warm_start_settings = settings_of(warm_start_from)

    model_dir = property(lambda self: self._model_dir)
    config = property(lambda self: copy.deepcopy(self._config))
    params = property(lambda self: copy.deepcopy(self._params))

    @property
    def model_fn(self) -> Callable[..., Any]:
        """model_fn(features, labels, mode, config), with the params in it."""
        def public_model_fn(features: Any, labels: Any, mode: str, config: Any) -> Any:
            return self._call_model_fn(features, labels, mode, config)
        return public_model_fn

    def latest_checkpoint(self) -> str | None:
        """The path of the newest checkpoint of the model folder, None before any training."""
        found: str | None = tf.train.latest_checkpoint(self.model_dir)
        return found

    def get_variable_names(self) -> list[str]:
        """The names of the variables of the newest checkpoint. ValueError before any training."""
        return [name for name, _ in tf.train.list_variables(self._trained())]

    def get_variable_value(self, name: str) -> Any:
        """The array of a variable in the newest checkpoint. ValueError before any training."""
        return tf.train.load_variable(self._trained(), name)

    def _trained(self) -> str:
        path = self.latest_checkpoint()
        if path is None:
            raise ValueError(f"Couldn't find trained model at {self._model_dir}: call train() first.")
        return path

    def train(self, input_fn: Callable[..., Any], hooks: Any = None, steps: int | None = None, max_steps: int | None = None,
              saving_listeners: Any = None) -> Any:
        """Trains for `steps` more steps, until the global step is max_steps, or until the input ends. Returns the estimator itself.

        input_fn() gives (features, labels), or a Dataset of such pairs; it may take mode, params and config. hooks are
        tf.train.SessionRunHooks, saving_listeners tf.train.CheckpointSaverListeners.
        ValueError for both steps and max_steps, or for less than 1 of either.
        """
        if steps is not None and max_steps is not None:
            raise ValueError("Can not provide both steps and max_steps.")
        for name, value in (("steps", steps), ("max_steps", max_steps)):
            if value is not None and value <= 0:
                raise ValueError(f"Must specify {name} > 0, given: {value}")
        every = _checked_hooks(hooks)
        listeners = list(saving_listeners or [])
        for listener in listeners:
            if not isinstance(listener, tf.train.CheckpointSaverListener):
                raise TypeError(f"saving_listeners are CheckpointSaverListeners, and {listener} is none")
        if max_steps is not None and _saved_step(self._model_dir) >= max_steps:
            tf.logging.info("Skipping training since max_steps has already saved.")
            return self
        if steps is not None or max_steps is not None:
            every.append(tf.train.StopAtStepHook(steps, max_steps))
        loss = self._train_model(input_fn, every, listeners)
        tf.logging.info("Loss for final step: %s.", loss)
        return self

    def evaluate(self, input_fn: Callable[..., Any], steps: int | None = None, hooks: Any = None, checkpoint_path: Any = None,
                 name: str | None = None) -> dict[str, Any]:
        """{name: value} of the metrics of model_fn, 'loss' and 'global_step', over `steps` batches, or all until the input ends.

        checkpoint_path: the newest by default; without any the initial values are evaluated. The results are also written to
        `eval_dir(name)`, as summaries.
        """
        every = _checked_hooks(hooks)
        if steps is not None:
            if steps <= 0:
                raise ValueError(f"Must specify steps > 0, given: {steps}")
            every.append(StopAfterNEvalsHook(steps))
        path = self._found(checkpoint_path, "evaluate")
        with self._new_graph():
            features, labels, input_hooks = features_and_labels(self._call_input_fn(input_fn, ModeKeys.EVAL))
            spec = self._call_model_fn(features, labels, ModeKeys.EVAL, self.config)
            update, values = updates_and_values(with_loss(spec.eval_metric_ops, spec.loss))
            self._start_warm(path)
            values["global_step"] = tf.train.get_global_step()
            scaffold = spec.scaffold
            if scaffold.local_init_op is not None:      # made before the metrics' variables
                get_or_create_eval_step()
                everything = tf.group(scaffold.local_init_op, tf.train.Scaffold.default_local_init_op())
                scaffold = tf.train.Scaffold(local_init_op=everything, copy_from_scaffold=scaffold)
            results = evaluate_checkpoint(path, self._config.evaluation_master, scaffold, update, values,
                                          [*input_hooks, *every, *spec.evaluation_hooks], self._session_config)
        write_results(self.eval_dir(name), results, path)
        return results

    def predict(self, input_fn: Callable[..., Any], predict_keys: Any = None, hooks: Any = None, checkpoint_path: Any = None,
                yield_single_examples: bool = True) -> Iterator[Any]:
        """An iterator of the predictions, one by one in the form that model_fn gives them, until the input ends.

        predict_keys: the names of those that are wanted, of a dict. yield_single_examples=False: whole batches. ValueError for predictions
        of several lengths, or keys that are not there.
        """
        every = _checked_hooks(hooks)
        path = self._found(checkpoint_path, "predict")
        with self._new_graph():
            features, input_hooks = features_only(self._call_input_fn(input_fn, ModeKeys.PREDICT))
            spec = self._call_model_fn(features, None, ModeKeys.PREDICT, self.config)
            self._start_warm(path)
            predictions = _wanted(spec.predictions, predict_keys)
            creator = tf.train.ChiefSessionCreator(checkpoint_filename_with_path=path, master=self._config.master, scaffold=spec.scaffold,
                                                   config=self._session_config)
            with tf.train.MonitoredSession(creator, [*input_hooks, *every, *spec.prediction_hooks]) as session:
                while not session.should_stop():
                    batch = session.run(predictions)
                    if not yield_single_examples:
                        yield batch
                    elif not isinstance(predictions, dict):
                        yield from batch
                    else:
                        for i in range(_length(batch)):
                            yield {key: value[i] for key, value in batch.items()}

    def eval_dir(self, name: str | None = None) -> str:
        """The folder that `evaluate(name=name)` writes to: 'eval' in the model folder, or 'eval_NAME'."""
        return os.path.join(self._model_dir, f"eval_{name}" if name else "eval")

    def export_saved_model(self, export_dir_base: Any, serving_input_receiver_fn: Callable[[], Any], assets_extra: Any = None,
                           as_text: bool = False, checkpoint_path: Any = None, experimental_mode: str = ModeKeys.PREDICT) -> bytes:
        """Writes a SavedModel into a new folder of export_dir_base, named by the time, and returns its path.

        serving_input_receiver_fn() gives a tf.estimator.export.ServingInputReceiver. assets_extra: {path in 'assets.extra': file to copy}.
        ValueError without a checkpoint.
        """
        if serving_input_receiver_fn is None:
            raise ValueError("An input_receiver_fn must be defined.")
        return export_modes(self, export_dir_base, {experimental_mode: serving_input_receiver_fn}, assets_extra, as_text, checkpoint_path,
                            True)

    def export_savedmodel(self, export_dir_base: Any, serving_input_receiver_fn: Any = None, assets_extra: Any = None,
                          as_text: bool = False, checkpoint_path: Any = None, strip_default_attrs: bool = False) -> bytes:
        """The older name of export_saved_model."""
        if serving_input_receiver_fn is None:
            raise ValueError("serving_input_receiver_fn must be defined.")
        return export_modes(self, export_dir_base, {ModeKeys.PREDICT: serving_input_receiver_fn}, assets_extra, as_text, checkpoint_path,
                            strip_default_attrs)

    def experimental_export_all_saved_models(self, export_dir_base: Any, input_receiver_fn_map: Any, assets_extra: Any = None,
                                             as_text: bool = False, checkpoint_path: Any = None) -> bytes:
        """As export_saved_model, with a graph for each mode of input_receiver_fn_map, tagged 'train', 'eval' or 'serve'."""
        return export_modes(self, export_dir_base, input_receiver_fn_map, assets_extra, as_text, checkpoint_path, True)

    def _found(self, path: Any, verb: str) -> str | None:
        found = os.fsdecode(path) if path else self.latest_checkpoint()
        if not found:
            tf.logging.info("Could not find trained model in model_dir: %s, running initialization to %s.", self._model_dir, verb)
        return found or None

    def _new_graph(self) -> Any:
        return _Build(self)

    def _create_global_step(self, graph: Any) -> Any:
        """A hook for subclasses: makes the global step."""
        return tf.train.create_global_step(graph)

    def _start_warm(self, path: str | None) -> None:
        if path is None and self._warm_start_settings is not None:
            self._warm()

    def _warm(self) -> None:
        tf.logging.info("Warm-starting with WarmStartSettings: %s", self._warm_start_settings)
        tf.train.warm_start(*(self._warm_start_settings or ()))

    def _call_input_fn(self, input_fn: Callable[..., Any], mode: str, input_context: Any = None) -> Any:
        names = arguments_of(input_fn)
        offered = {"mode": mode, "params": self.params, "config": self.config, "input_context": input_context}
        return input_fn(**{name: value for name, value in offered.items() if name in names})

    def _call_model_fn(self, features: Any, labels: Any, mode: str, config: Any) -> Any:
        names = arguments_of(self._model_fn)
        if "labels" not in names and labels is not None:
            raise ValueError("model_fn does not take labels, but input_fn returns labels.")
        offered = {"labels": labels, "mode": mode, "params": self.params, "config": config}
        tf.logging.info("Calling model_fn.")
        spec = self._model_fn(features=features, **{name: value for name, value in offered.items() if name in names})
        tf.logging.info("Done calling model_fn.")
        if not isinstance(spec, EstimatorSpec):
            raise ValueError(f"model_fn should return an EstimatorSpec, not {spec!r}.")
        return spec

    def _train_model(self, input_fn: Callable[..., Any], hooks: list[Any], listeners: list[Any]) -> Any:
        with self._new_graph():
            features, labels, input_hooks = features_and_labels(self._call_input_fn(input_fn, ModeKeys.TRAIN))
            spec = self._call_model_fn(features, labels, ModeKeys.TRAIN, self.config)
            return self._train_spec([*input_hooks, *hooks], spec, listeners)

    def _train_spec(self, hooks: list[Any], spec: Any, listeners: list[Any]) -> Any:
        """Runs the training; the last loss, None where there was no step."""
        if self._warm_start_settings is not None:
            self._warm()
        config = self._config
        if not any(op.op.name == "loss" for op in tf.get_collection(tf.GraphKeys.SUMMARIES)):
            tf.summary.scalar("loss", spec.loss)
        tf.add_to_collection(tf.GraphKeys.LOSSES, spec.loss)
        hooks.append(tf.train.NanTensorHook(spec.loss))
        if config.log_step_count_steps is not None:
            shown = {"loss": spec.loss, "step": tf.train.get_global_step()}
            hooks.append(tf.train.LoggingTensorHook(shown, every_n_iter=config.log_step_count_steps))
        hooks.extend(spec.training_hooks)
        if not (spec.scaffold.saver or tf.get_collection(tf.GraphKeys.SAVERS)):
            tf.add_to_collection(tf.GraphKeys.SAVERS, tf.train.Saver(
                sharded=True, max_to_keep=config.keep_checkpoint_max, defer_build=True, save_relative_paths=True,
                keep_checkpoint_every_n_hours=config.keep_checkpoint_every_n_hours))
        chief_hooks = [*self._saving_hooks(hooks, spec, listeners), *spec.training_chief_hooks]
        with tf.train.MonitoredTrainingSession(
                master=config.master, is_chief=config.is_chief, checkpoint_dir=self._model_dir, scaffold=spec.scaffold, hooks=hooks,
                chief_only_hooks=chief_hooks, save_checkpoint_secs=0, save_summaries_steps=config.save_summary_steps,
                config=self._session_config, max_wait_secs=config.session_creation_timeout_secs,
                log_step_count_steps=config.log_step_count_steps) as session:
            loss = None
            while not session.should_stop():
                _, loss = session.run([spec.train_op, spec.loss])
        if loss is None:
            tf.logging.warning("The training made no step: the input function gave no batch.")
        return loss

    def _saving_hooks(self, hooks: list[Any], spec: Any, listeners: list[Any]) -> list[Any]:
        """The hook that saves checkpoints, where the config asks for it and no other hook does so; listeners go to the first that saves."""
        config, made = self._config, []
        saving = [hook for hook in (*hooks, *spec.training_chief_hooks) if isinstance(hook, tf.train.CheckpointSaverHook)]
        if (config.save_checkpoints_secs or config.save_checkpoints_steps) and not saving:
            made = saving = [tf.train.CheckpointSaverHook(self._model_dir, save_secs=config.save_checkpoints_secs,
                                                          save_steps=config.save_checkpoints_steps, scaffold=spec.scaffold)]
        if listeners and not saving:
            raise ValueError("There should be a CheckpointSaverHook for saving_listeners: set save_checkpoints_steps or "
                             "save_checkpoints_secs of the RunConfig.")
        if listeners:
            saving[0]._listeners.extend(listener for listener in listeners if listener not in saving[0]._listeners)
        return made


class _Build:
    """`with` a new default graph that has the config's seed and a global step."""

    def __init__(self, estimator: Any):
        self._estimator = estimator

    def __enter__(self) -> Any:
        graph = tf.Graph()
        self._context = graph.as_default()
        self._context.__enter__()
        try:
            tf.set_random_seed(self._estimator._config.tf_random_seed)
            step = self._estimator._create_global_step(graph)
            if step is not tf.train.get_global_step() or not step.dtype.base_dtype.is_integer:
                raise AssertionError("_create_global_step must make the graph's global step, of an integer type")
        except BaseException as error:
            self._context.__exit__(type(error), error, error.__traceback__)
            raise
        return graph

    def __exit__(self, *error: Any) -> Any:
        return self._context.__exit__(*error)


def _settled(config: Any, model_dir: Any) -> Any:
    """A config that has a folder and a session's configuration; the caller's own stays as it is."""
    if config is None:
        config = RunConfig()
        tf.logging.info("Using default config.")
    if not isinstance(config, RunConfig):
        raise ValueError(f"config must be an instance of `RunConfig`, not {config}.")
    if model_dir is not None:
        model_dir = os.fspath(model_dir)
        if config.model_dir is not None and config.model_dir != model_dir:
            raise ValueError(f"model_dir is given twice, with different values: '{model_dir}' here and '{config.model_dir}' "
                             "in the RunConfig; leave one out")
        config = RunConfig.replace(config, model_dir=model_dir)
    elif config.model_dir is None:
        config = RunConfig.replace(config, model_dir=tempfile.mkdtemp())
        tf.logging.warning("Using temporary folder as model directory: %s", config.model_dir)
    if config.session_config is None:
        config = RunConfig.replace(config, session_config=tf.ConfigProto(allow_soft_placement=True))
    return config


def _check_arguments(model_fn: Callable[..., Any], params: Any) -> None:
    names = arguments_of(model_fn)
    if "features" not in names:
        raise ValueError(f"model_fn ({model_fn}) must include features argument.")
    if params is not None and "params" not in names:
        raise ValueError(f"model_fn ({model_fn}) does not include params argument: give it one, or leave out params={params}")
    if params is None and "params" in names:
        tf.logging.warning("model_fn (%s) takes params, and gets an empty dict: the Estimator was given none.", model_fn)
    other = sorted(set(names) - {"features", "labels", "mode", "params", "self", "config"})
    if other:
        raise ValueError(f"model_fn ({model_fn}) has following not expected args: {other}")


def _checked_hooks(hooks: Any) -> list[Any]:
    found = list(hooks or [])
    for hook in found:
        if not isinstance(hook, tf.train.SessionRunHook):
            raise TypeError(f"Hooks must be a SessionRunHook, given: {hook}")
    return found


def _saved_step(folder: str) -> int:
    """The global step of the newest checkpoint of a folder, 0 where there is none."""
    path = tf.train.latest_checkpoint(folder)
    if path is None:
        return 0
    reader = tf.train.NewCheckpointReader(path)
    return int(reader.get_tensor("global_step")) if reader.has_tensor("global_step") else 0


def _wanted(predictions: Any, keys: Any) -> Any:
    """Those of the predictions that the caller asks for."""
    if not keys:
        return predictions
    if not isinstance(predictions, dict):
        raise ValueError("predict_keys choose from a dict of predictions, and this model gives one tensor")
    keys = [keys] if isinstance(keys, str) else keys
    found = {key: value for key, value in predictions.items() if key in keys}
    if not found:
        raise ValueError(f"Expected to run at least one output from {sorted(predictions)}: predict_keys {list(keys)} name none.")
    return found


def _length(batch: dict[str, Any]) -> int:
    """How many predictions a batch has."""
    lengths = {key: value.shape[0] for key, value in batch.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"Batch length of predictions should be same. They are {lengths}.")
    return next(iter(lengths.values()), 0)
