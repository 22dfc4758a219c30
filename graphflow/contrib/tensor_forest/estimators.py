"""tf.contrib.tensor_forest.client: a forest as an estimator."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import graphflow as tf

from ...core.export import export
from ..learn.estimator import Estimator
from ..learn.model_functions import ModeKeys, ModelFnOps
from .forest import RandomForestGraphs, label_tensor

_HOME = "contrib.tensor_forest.client.random_forest"
_PREDICTION = {True: "scores", False: "probabilities"}


class _Stop(tf.train.SessionRunHook):
    """Stops when the trees have not grown for some steps."""

    def __init__(self, patience: int, size: Any):
        self._patience, self._size, self._best, self._since = patience, size, -1.0, 0

    def before_run(self, run_context: Any) -> Any:
        """Asks for the size."""
        return tf.train.SessionRunArgs(self._size)

    def after_run(self, run_context: Any, run_values: Any) -> None:
        """Counts steps without growth."""
        self._since = 0 if run_values.results > self._best else self._since + 1
        self._best = max(self._best, run_values.results)
        if self._since >= self._patience:
            run_context.request_stop()


@export(f"{_HOME}.TensorForestEstimator")
class TensorForestEstimator(Estimator):
    """A random forest. params: ForestHParams. It predicts 'probabilities' and 'classes', or 'scores' for a regression.

    early_stopping_rounds: the training stops when no tree has grown for so many steps. Features are dense: [batch, numbers], or a dict of
    such, side by side by their names.
    """

    def __init__(self, params: Any, device_assigner: Any = None, model_dir: Any = None, feature_engineering_fn: Any = None,
                 weights_name: Any = None, keys_name: Any = None, graph_builder_class: Callable[..., Any] = RandomForestGraphs,
                 config: Any = None, weights_column: Any = None, keys_column: Any = None, feature_columns: Any = None,
                 num_trainers: int = 1, trainer_id: int = 0, report_feature_importances: bool = False, local_eval: bool = False,
                 version: Any = None, head: Any = None, include_all_in_serving: bool = True, early_stopping_rounds: int = 100):
        for name, value in (("weights_name", weights_name), ("weights_column", weights_column), ("head", head),
                            ("feature_columns", feature_columns)):
            if value is not None:
                raise NotImplementedError(f"TensorForestEstimator({name}=...) is not there: leave it out")
        forest = params if hasattr(params, "bagged_features") else params.fill()

        def model(features: Any, labels: Any, mode: str) -> ModelFnOps:
            graphs = graph_builder_class(forest)
            found, _, _ = graphs.inference_graph(features)
            predictions = {_PREDICTION[forest.regression]: found}
            if not forest.regression:
                predictions["classes"] = tf.argmax(found, 1)
            if mode == ModeKeys.INFER:
                return ModelFnOps(mode, predictions)
            loss = graphs.training_loss(features, labels)
            step, metrics = None, {}
            if mode == ModeKeys.TRAIN:
                step = tf.group(graphs.training_graph(features, labels), tf.assign_add(tf.train.get_global_step(), 1))
            elif not forest.regression:
                metrics["accuracy"] = tf.metrics.accuracy(tf.reshape(tf.cast(labels, tf.int64), [-1]), predictions["classes"])
            else:
                target = tf.reshape(label_tensor(labels), [-1, forest.num_classes])
                metrics["mean_squared_error"] = tf.metrics.mean_squared_error(target, found)
            hooks = [_Stop(early_stopping_rounds, graphs.average_size())] if mode == ModeKeys.TRAIN and early_stopping_rounds else []
            return ModelFnOps(mode, predictions, loss, step, metrics, training_hooks=hooks)
        super().__init__(model, model_dir, config, None, feature_engineering_fn)
