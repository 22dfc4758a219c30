"""tf.contrib.tpu.TPUEstimator on the CPU: what programs that may run on a TPU do with use_tpu=False."""
from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import graphflow as tf

from ...core.export import export
from ...estimator.estimator import Estimator
from ...estimator.mode_keys import ModeKeys
from .config import RunConfig

_HOMES = ("contrib.tpu", "contrib.tpu.tpu_estimator")


class _Spec(NamedTuple):
    mode: str
    predictions: Any
    loss: Any
    train_op: Any
    eval_metrics: Any
    export_outputs: Any
    scaffold_fn: Any
    host_call: Any
    training_hooks: Any
    evaluation_hooks: Any
    prediction_hooks: Any


@export(*(f"{home}.TPUEstimatorSpec" for home in _HOMES))
class TPUEstimatorSpec(_Spec):
    """What a model function of a TPUEstimator returns. eval_metrics: (function that gives {name: (value, update)}, its arguments as a list
    or dict of tensors). scaffold_fn: a function that gives a Scaffold."""
    __slots__ = ()

    def __new__(cls, mode: str, predictions: Any = None, loss: Any = None, train_op: Any = None, eval_metrics: Any = None,
                export_outputs: Any = None, scaffold_fn: Any = None, host_call: Any = None, training_hooks: Any = None,
                evaluation_hooks: Any = None, prediction_hooks: Any = None) -> Any:
        for name, value in (("eval_metrics", eval_metrics), ("host_call", host_call)):
            if value is not None and (not isinstance(value, (tuple, list)) or len(value) != 2 or not callable(value[0])):
                raise TypeError(f"{name} of TPUEstimatorSpec must be (function, tensors), given: {value}")
        return super().__new__(cls, mode, predictions, loss, train_op, eval_metrics, export_outputs, scaffold_fn, host_call,
                               tuple(training_hooks or ()), tuple(evaluation_hooks or ()), tuple(prediction_hooks or ()))

    def as_estimator_spec(self) -> Any:
        """The same as a tf.estimator.EstimatorSpec; the host call becomes part of the training step."""
        metrics = _called(self.eval_metrics) if self.eval_metrics else None
        train_op = self.train_op
        if self.host_call and train_op is not None:
            made = _called(self.host_call)
            train_op = tf.group(train_op, *tf.contrib.framework.nest.flatten([] if made is None else made))
        return tf.estimator.EstimatorSpec(self.mode, self.predictions, self.loss, train_op, metrics, self.export_outputs,
                                          scaffold=self.scaffold_fn() if self.scaffold_fn else None, training_hooks=self.training_hooks,
                                          evaluation_hooks=self.evaluation_hooks, prediction_hooks=self.prediction_hooks)


def _called(pair: Any) -> Any:
    function, tensors = pair
    return function(**tensors) if isinstance(tensors, dict) else function(*tensors)


@export(*(f"{home}.TPUEstimator" for home in _HOMES))
class TPUEstimator(Estimator):
    """An Estimator whose functions get the batch size as params["batch_size"], and whose model_fn gives a TPUEstimatorSpec.

    use_tpu=True: NotImplementedError, as there is no TPU here. train_batch_size, eval_batch_size, predict_batch_size: the sizes.
    ValueError for params that have a batch_size of their own.
    """

    def __init__(self, model_fn: Callable[..., Any] | None = None, model_dir: Any = None, config: Any = None, params: Any = None,
                 use_tpu: bool = True, train_batch_size: int | None = None, eval_batch_size: int | None = None,
                 predict_batch_size: int | None = None, batch_axis: Any = None, eval_on_tpu: bool = True, export_to_tpu: bool = True,
                 export_to_cpu: bool = True, warm_start_from: Any = None, **experimental: Any):
        if use_tpu:
            raise NotImplementedError("TPUEstimator(use_tpu=True): there is no TPU here; use_tpu=False runs the same model on the CPU")
        if config is None or not isinstance(config, RunConfig):
            raise ValueError(f"`config` must be a tf.contrib.tpu.RunConfig, given: {config!r}")
        if params is not None and any(key in params for key in ("batch_size", "context")):
            raise ValueError("params of a TPUEstimator have no 'batch_size' and no 'context': it adds them; give train_batch_size and "
                             "its like")
        self._sizes = {ModeKeys.TRAIN: train_batch_size, ModeKeys.EVAL: eval_batch_size, ModeKeys.PREDICT: predict_batch_size}
        super().__init__(_converting(model_fn), model_dir, config, params or {}, warm_start_from)

    def _sized(self, mode: str) -> Any:
        """The params of a mode."""
        size, params = self._sizes[mode], copy.deepcopy(self._params)
        if size is not None and hasattr(params, "add_hparam"):
            params.add_hparam("batch_size", size)
        elif size is not None:
            params["batch_size"] = size
        return params

    def _call_input_fn(self, input_fn: Callable[..., Any], mode: str, input_context: Any = None) -> Any:
        return self._in_mode(mode, lambda: super(TPUEstimator, self)._call_input_fn(input_fn, mode, input_context))

    def _call_model_fn(self, features: Any, labels: Any, mode: str, config: Any) -> Any:
        return self._in_mode(mode, lambda: super(TPUEstimator, self)._call_model_fn(features, labels, mode, config))

    def _in_mode(self, mode: str, call: Callable[[], Any]) -> Any:
        """What a call gives while params hold the batch size of a mode."""
        kept = self._params
        self._params = self._sized(mode)
        try:
            return call()
        finally:
            self._params = kept


def _converting(model_fn: Any) -> Any:
    """The same function, giving an EstimatorSpec."""
    if model_fn is None:
        raise ValueError("model_fn must be provided to TPUEstimator.")

    @functools.wraps(model_fn)
    def converted(*args: Any, **kwargs: Any) -> Any:
        made = model_fn(*args, **kwargs)
        return made.as_estimator_spec() if isinstance(made, TPUEstimatorSpec) else made
    return converted
