"""tf.contrib.learn.Estimator: tf.estimator's, with scikit-learn's calls (fit, evaluate and predict on arrays) and older model functions."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import graphflow as tf

from ...core.export import export
from ...estimator.estimator import Estimator as CoreEstimator
from ...estimator.model_inputs import arguments_of
from .arrays import as_array, input_fn_of
from .model_functions import ModelFnOps, learn_mode, metric_ops
from .monitoring import as_hooks


@export("contrib.learn.Trainable", "contrib.learn.trainable.Trainable")
class Trainable:
    """What has fit()."""


@export("contrib.learn.Evaluable", "contrib.learn.evaluable.Evaluable")
class Evaluable:
    """What has evaluate()."""


@export("contrib.learn.BaseEstimator", "contrib.learn.estimators.estimator.BaseEstimator")
class BaseEstimator(CoreEstimator, Evaluable, Trainable):
    """The base of tf.contrib.learn's estimators; their model is what the method `_model(features, labels, mode, params, config)` makes."""

    def __init__(self, model_dir: Any = None, config: Any = None, params: Any = None):
        def adapted(features: Any, labels: Any, mode: str, params: Any, config: Any) -> Any:
            return self._spec(features, labels, mode, config)
        self._metrics: Any = None
        self._labels_info: Any = None
        super().__init__(adapted, model_dir, config, params or {})

    def _model(self, features: Any, labels: Any, mode: str, config: Any) -> ModelFnOps:
        raise NotImplementedError(f"{type(self).__name__} has no model: define _model, or use tf.contrib.learn.Estimator with a model_fn")

    def _spec(self, features: Any, labels: Any, mode: str, config: Any) -> Any:
        if labels is not None:
            self._labels_info = tf.contrib.framework.nest.map_structure(_kind, labels)
        elif self._labels_info is not None:     # model functions of the time use labels in every mode; these are never fed
            labels = tf.contrib.framework.nest.map_structure(lambda kind: tf.placeholder(kind.dtype, kind.shape), self._labels_info)
        made = self._model(features, labels, learn_mode(mode), config)
        if self._metrics:
            made.eval_metric_ops.update(metric_ops(self._metrics, features, labels, made.predictions))
        made.eval_metric_ops.pop("loss", None)
        return made.estimator_spec()

    def fit(self, x: Any = None, y: Any = None, input_fn: Any = None, steps: int | None = None, batch_size: int | None = None,
            monitors: Any = None, max_steps: int | None = None) -> Any:
        """Trains, on arrays (shuffled, again and again: give steps or max_steps) or on what input_fn gives. Returns the estimator."""
        if steps is not None and max_steps is not None:
            raise ValueError("Can not provide both steps and max_steps.")
        if input_fn is None and steps is None and max_steps is None:
            raise ValueError("fit(x, y) goes through the arrays again and again: say how long by steps or max_steps")
        function = input_fn_of(x, y, input_fn, batch_size, True, None)
        self.train(function, hooks=as_hooks(monitors, self), steps=steps, max_steps=max_steps)
        return self

    def partial_fit(self, x: Any = None, y: Any = None, input_fn: Any = None, steps: int | None = 1, batch_size: int | None = None,
                    monitors: Any = None) -> Any:
        """fit, one step by default."""
        return self.fit(x, y, input_fn, steps, batch_size, monitors)

    def evaluate(self, x: Any = None, y: Any = None, input_fn: Any = None,      # type: ignore[override]
                 feed_fn: Any = None, batch_size: int | None = None, steps: int | None = None, metrics: Any = None,
                 name: str | None = None, checkpoint_path: Any = None, hooks: Any = None, log_progress: bool = True) -> dict[str, Any]:
        """{name: value} of the metrics, 'loss' and 'global_step', over the arrays once, or over what input_fn gives (`steps` batches).

        metrics: {name: MetricSpec or function of predictions and labels}, besides those of the model.
        """
        if metrics is not None and not isinstance(metrics, dict):
            raise ValueError(f"Metrics argument should be None or dict. Got {metrics}.")
        if feed_fn is not None:
            raise NotImplementedError("evaluate(feed_fn=...) is not there: give hooks=[tf.train.FeedFnHook(feed_fn)]")
        function = input_fn_of(x, y, input_fn, batch_size, False, 1)
        self._metrics = metrics
        try:
            return super().evaluate(function, steps, hooks, checkpoint_path, name)
        finally:
            self._metrics = None

    def predict(self, x: Any = None, input_fn: Any = None, batch_size: int | None = None, outputs: Any = None,  # type: ignore[override]
                as_iterable: bool = True, iterate_batches: bool = False) -> Any:
        """The predictions one by one (iterate_batches: batch by batch; as_iterable=False: all of them as arrays).

        outputs: the names of those that are wanted, of a dict.
        """
        function = input_fn_of(x, None, input_fn, batch_size, False, 1)
        keys = [outputs] if isinstance(outputs, str) else outputs
        found = super().predict(function, keys, yield_single_examples=not iterate_batches and as_iterable)
        return found if as_iterable else joined(found)

    def export_savedmodel(self, export_dir_base: Any, serving_input_fn: Any,    # type: ignore[override]
                          default_output_alternative_key: Any = None, assets_extra: Any = None, as_text: bool = False,
                          checkpoint_path: Any = None, graph_rewrite_specs: Any = None, strip_default_attrs: bool = False) -> bytes:
        """As tf.estimator's. serving_input_fn gives InputFnOps or a ServingInputReceiver."""
        def receiver() -> Any:
            made = serving_input_fn()
            if hasattr(made, "receiver_tensors"):
                return made
            features, _, inputs = made
            return tf.estimator.export.ServingInputReceiver(features, inputs)
        return super().export_savedmodel(export_dir_base, receiver, assets_extra, as_text, checkpoint_path, strip_default_attrs)

    def export(self, *args: Any, **kwargs: Any) -> Any:
        """NotImplementedError: session bundles were given up before TensorFlow 1.0."""
        raise NotImplementedError("Estimator.export wrote a session bundle, which nothing reads any more: use export_savedmodel")

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The params, as scikit-learn asks for them."""
        return dict(self.params)


@export("contrib.learn.Estimator", "contrib.learn.estimators.estimator.Estimator", "contrib.learn.estimators.Estimator")
class Estimator(BaseEstimator):
    """An estimator of model_fn(features, labels, mode, params, config, model_dir), of which all after labels may be left out.

    model_fn gives ModelFnOps, a tf.estimator.EstimatorSpec or a tuple (predictions, loss, train_op). feature_engineering_fn: of (features,
    labels) to what model_fn gets.
    """

    def __init__(self, model_fn: Callable[..., Any] | None = None, model_dir: Any = None, config: Any = None, params: Any = None,
                 feature_engineering_fn: Callable[..., Any] | None = None):
        if model_fn is None or not callable(model_fn):
            raise ValueError(f"model_fn must be a function of features and labels, given: {model_fn}")
        if params is not None and "params" not in arguments_of(model_fn):
            raise ValueError(f"Estimator's model_fn ({model_fn}) does not take params, but params {params} are given")
        self._users_model, self._engineering = model_fn, feature_engineering_fn
        super().__init__(model_dir, config, params)

    def _model(self, features: Any, labels: Any, mode: str, config: Any) -> ModelFnOps:
        if self._engineering is not None:
            features, labels = self._engineering(features, labels)
        offered = {"mode": mode, "params": self.params, "config": config, "model_dir": self.model_dir}
        names = arguments_of(self._users_model)
        made = self._users_model(features, labels, **{name: value for name, value in offered.items() if name in names})
        if isinstance(made, ModelFnOps):
            return made
        if isinstance(made, tf.estimator.EstimatorSpec):
            return ModelFnOps(mode, made.predictions, made.loss, made.train_op, made.eval_metric_ops, None, made.training_chief_hooks,
                              made.training_hooks, made.scaffold)
        if not isinstance(made, (list, tuple)) or len(made) != 3:
            raise ValueError(f"model_fn should return ModelFnOps or (predictions, loss, train_op), not {made!r}")
        return ModelFnOps(mode, made[0], made[1], made[2])


@export("contrib.learn.SKCompat", "contrib.learn.estimators.estimator.SKCompat", "contrib.learn.estimators.SKCompat")
class SKCompat:
    """An estimator with scikit-learn's fit(x, y), score(x, y) and predict(x), which gives arrays."""

    def __init__(self, estimator: Any):
        self._estimator = estimator

    def fit(self, x: Any, y: Any, batch_size: int = 128, steps: int | None = None, max_steps: int | None = None,
            monitors: Any = None) -> SKCompat:
        """Trains on arrays, shuffled, again and again. Returns itself."""
        if steps is None and max_steps is None:
            raise ValueError("fit(x, y) goes through the arrays again and again: say how long by steps or max_steps")
        self._estimator.train(input_fn_of(x, y, None, batch_size, True, None), hooks=as_hooks(monitors, self._estimator), steps=steps,
                              max_steps=max_steps)
        return self

    def score(self, x: Any, y: Any, batch_size: int = 128, steps: int | None = None, metrics: Any = None,
              name: str | None = None) -> dict[str, Any]:
        """{name: value} of the metrics over the arrays."""
        function = input_fn_of(x, y, None, batch_size, False, 1)
        found: dict[str, Any] = self._estimator.evaluate(input_fn=function, steps=steps, name=name,
                                                         **({"metrics": metrics} if metrics is not None else {}))
        return found

    def predict(self, x: Any, batch_size: int = 128, outputs: Any = None) -> Any:
        """An array, or {name: array}, of the predictions of all rows."""
        keys = [outputs] if isinstance(outputs, str) else outputs
        function = input_fn_of(x, None, None, batch_size, False, 1)
        return joined(CoreEstimator.predict(self._estimator, function, keys, yield_single_examples=False))


def joined(batches: Any) -> Any:
    """Batches as one array, or one {name: array}."""
    found = list(batches)
    if not found:
        raise ValueError("there was no batch to predict")
    if isinstance(found[0], dict):
        return {key: np.concatenate([batch[key] for batch in found]) for key in found[0]}
    return np.concatenate(found)


def _kind(tensor: Any) -> Any:
    if isinstance(tensor, tf.SparseTensor):
        raise NotImplementedError("sparse labels are not there in tf.contrib.learn's estimators: use tf.estimator")
    shape = tensor.get_shape()
    return tf.TensorSpec([None, *shape.as_list()[1:]] if shape.ndims else None, tensor.dtype.base_dtype)


@export("contrib.learn.infer_real_valued_columns_from_input_fn")
def infer_real_valued_columns_from_input_fn(input_fn: Callable[[], Any]) -> list[Any]:
    """A column of numbers for each feature that input_fn gives."""
    with tf.Graph().as_default():
        features, _ = input_fn()
        found: list[Any] = tf.contrib.layers.infer_real_valued_columns(features)
        return found


@export("contrib.learn.infer_real_valued_columns_from_input")
def infer_real_valued_columns_from_input(x: Any) -> list[Any]:
    """A column of numbers for the rows of an array, or for each array of a dict."""
    def input_fn() -> Any:
        given = x if isinstance(x, dict) else {"": x}
        features = {name: tf.placeholder(array.dtype, [None, *array.shape[1:]]) for name, array in
                    ((name, as_array(values)) for name, values in given.items())}
        return features if isinstance(x, dict) else features[""], None
    return infer_real_valued_columns_from_input_fn(input_fn)
