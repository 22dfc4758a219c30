"""tf.contrib.tensor_forest: random forests that learn from batches, as operations. Their trees are variables, so checkpoints hold them."""
from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np

import graphflow as tf

from ..homes import home
from . import trees

exported = home("tensor_forest", "tensor_forest.tensor_forest")


@exported("ForestHParams")
class ForestHParams:
    """Settings of a forest; num_classes and num_features are needed, and fill() sets what follows from them.

    num_trees; max_nodes of a tree; num_splits_to_consider: splits that a leaf tries; split_after_samples: examples that a leaf waits for;
    bagging_fraction: share of a batch that a tree sees; feature_bagging_fraction: share of the features that it sees; regression: learn
    num_classes numbers in place of a class; base_random_seed: repeats a run where it is not 0.
    """

    def __init__(self, num_trees: int = 100, max_nodes: int = 10000, bagging_fraction: float = 1.0, num_splits_to_consider: int = 0,
                 feature_bagging_fraction: float = 1.0, max_fertile_nodes: int = 0, split_after_samples: int = 250,
                 valid_leaf_threshold: int = 1, dominate_method: str = "bootstrap", dominate_fraction: float = 0.99,
                 model_name: str = "all_dense", split_finish_name: str = "basic", split_pruning_name: str = "none",
                 prune_every_samples: int = 0, early_finish_check_every_samples: int = 0, collate_examples: bool = False,
                 checkpoint_stats: bool = False, use_running_stats_method: bool = False, initialize_average_splits: bool = False,
                 inference_tree_paths: bool = False, param_file: Any = None, split_name: str = "less_or_equal", **kwargs: Any):
        given = {key: value for key, value in locals().items() if key not in ("self", "kwargs")}
        for name, only in (("split_name", "less_or_equal"), ("split_finish_name", "basic"), ("split_pruning_name", "none")):
            if given[name] != only:
                raise NotImplementedError(f"ForestHParams({name}={given[name]!r}) is not there: only {only!r}")
        self.__dict__.update(given, **kwargs)

    def values(self) -> dict[str, Any]:
        """All settings."""
        return self.__dict__

    def fill(self) -> Any:
        """Sets what follows from the others, and gives the settings. AttributeError without num_classes or num_features."""
        settings: Any = self
        features, _ = settings.num_features, settings.num_classes
        settings.regression = getattr(self, "regression", False)
        settings.base_random_seed = getattr(self, "base_random_seed", 0)
        settings.bagged_num_features = int(settings.feature_bagging_fraction * features)
        settings.bagged_features = None
        if settings.feature_bagging_fraction < 1.0:
            chooser = random.Random(settings.base_random_seed or None)
            settings.bagged_features = [chooser.sample(range(features), settings.bagged_num_features) for _ in range(settings.num_trees)]
        settings.num_outputs = settings.num_classes if settings.regression else 1
        settings.num_output_columns = settings.num_classes + 1
        settings.num_splits_to_consider = settings.num_splits_to_consider or min(max(10, math.isqrt(features)), 1000)
        return self


@exported("RandomForestGraphs")
class RandomForestGraphs:
    """A forest's variables, and the operations that train it and ask it. params: ForestHParams that were filled."""

    def __init__(self, params: Any, tree_configs: Any = None, tree_stats: Any = None, device_assigner: Any = None, variables: Any = None,
                 tree_variables_class: Any = None, tree_graphs: Any = None, training: bool = True):
        self.params = params
        self._regression: bool = params.regression
        self._outputs: int = params.num_classes
        columns = 1 + 2 * self._outputs if self._regression else self._outputs
        self._features = params.bagged_features or [list(range(params.num_features))] * params.num_trees
        self.variables = []
        for i in range(params.num_trees):
            with tf.variable_scope(f"tree-{i}"):
                self.variables.append({field: _variable(field, *kind) for field, kind in
                                       trees.shapes(params.max_nodes, params.num_splits_to_consider, columns).items()})

    def training_graph(self, input_data: Any, input_labels: Any, num_trainers: int = 1, trainer_id: int = 0, **tree_kwargs: Any) -> Any:
        """An operation that shows a batch to the trees: input_data [batch, num_features], input_labels [batch] or [batch, outputs]."""
        data, labels = dense_features(input_data), label_tensor(input_labels)
        steps = []
        for i, variables in enumerate(self.variables):
            state = [variables[field] for field in trees.FIELDS]
            grown = tf.py_func(self._grower(i), [data, labels, *state], [v.dtype.base_dtype for v in state])
            steps += [tf.assign(variable, _shaped(value, variable)) for variable, value in zip(state, grown)]
        return tf.group(*steps, name="train")

    def _grower(self, number: int) -> Callable[..., Any]:
        params, features = self.params, self._features[number]
        chooser = np.random.default_rng(params.base_random_seed + number if params.base_random_seed else None)

        def grown(x: Any, labels: Any, *state: Any) -> Any:
            tree = {field: np.array(value) for field, value in zip(trees.FIELDS, state)}
            if params.bagging_fraction < 1.0:
                kept = chooser.random(len(x)) < params.bagging_fraction
                x, labels = x[kept], labels[kept]
            trees.grow(tree, x[:, features], labels, self._outputs, self._regression, int(params.split_after_samples), chooser)
            return [tree[field] for field in trees.FIELDS]
        return grown

    def inference_graph(self, input_data: Any, **inference_args: Any) -> tuple[Any, Any, Any]:
        """([batch, classes]: mean over the trees of the shares of classes, or of the predicted numbers; the leaf of each tree
        [batch, trees]; the variance over the trees)."""
        data, answers, leaves = dense_features(input_data), [], []
        for number, variables in enumerate(self.variables):
            state = [variables[field] for field in ("feature", "left", "threshold", "totals")]
            answer, leaf = tf.py_func(self._asker(number), [data, *state], [tf.float32, tf.int32])
            answer.set_shape([data.get_shape()[0], self._outputs])
            leaf.set_shape([data.get_shape()[0]])
            answers.append(answer)
            leaves.append(leaf)
        every = tf.stack(answers, axis=1)
        mean = tf.reduce_mean(every, 1, name="probabilities")
        return mean, tf.stack(leaves, axis=1), tf.maximum(0.0, tf.reduce_mean(tf.square(every), 1) - tf.square(mean))

    def _asker(self, number: int) -> Callable[..., Any]:
        features = self._features[number]

        def asked(x: Any, feature: Any, left: Any, threshold: Any, totals: Any) -> Any:
            leaf = trees.leaves_of({"feature": feature, "left": left, "threshold": threshold}, x[:, features])
            return trees.values(totals[leaf], self._regression), leaf
        return asked

    def average_size(self) -> Any:
        """The mean number of nodes of a tree."""
        return tf.reduce_mean(tf.cast(tf.concat([variables["size"] for variables in self.variables], 0), tf.float32))

    def training_loss(self, features: Any, labels: Any, name: str = "training_loss") -> Any:
        """Minus the mean size of the trees: it falls while they grow."""
        return tf.negative(self.average_size(), name=name)

    def validation_loss(self, features: Any, labels: Any) -> Any:
        """As training_loss."""
        return tf.negative(self.average_size())

    def feature_importances(self) -> Any:
        """[num_features]: how often each feature splits a node, as shares."""
        counts = []
        for variables, features in zip(self.variables, self._features):
            used = tf.boolean_mask(variables["feature"], variables["feature"] >= 0)
            counts.append(tf.bincount(tf.gather(tf.constant(features, tf.int32), used), minlength=self.params.num_features,
                                      maxlength=self.params.num_features, dtype=tf.float32))
        total = tf.add_n(counts)
        return total / tf.maximum(tf.reduce_sum(total), 1.0)


def _variable(field: str, shape: list[int], dtype: Any) -> Any:
    first = {"size": 1, "feature": -1, "left": -1, "tried_feature": -1}.get(field, 0)
    return tf.get_variable(field, shape, tf.as_dtype(dtype), tf.constant_initializer(first), trainable=False)


def _shaped(value: Any, variable: Any) -> Any:
    value.set_shape(variable.get_shape())
    return value


@home("tensor_forest.data_ops")("ParseDataTensorOrDict")
def parsed(data: Any) -> tuple[Any, Any, Any]:
    """(dense features [batch, numbers], None, None). NotImplementedError for sparse ones."""
    return dense_features(data), None, None


def dense_features(data: Any) -> Any:
    """[batch, numbers], float32, of a tensor or of a dict of tensors, side by side by their names."""
    given = [data[name] for name in sorted(data)] if isinstance(data, dict) else [data]
    columns = []
    for tensor in given:
        if isinstance(tensor, tf.SparseTensor):
            raise NotImplementedError("forests of sparse features are not there: use tf.sparse.to_dense")
        tensor = tf.cast(tf.convert_to_tensor(tensor), tf.float32)
        columns.append(tf.expand_dims(tensor, 1) if tensor.get_shape().ndims == 1 else tensor)
    return columns[0] if len(columns) == 1 else tf.concat(columns, 1)


@home("tensor_forest.data_ops")("ParseLabelTensorOrDict")
def label_tensor(labels: Any) -> Any:
    """The labels, float32: one tensor, or those of a dict side by side."""
    if isinstance(labels, dict):
        return tf.concat([tf.cast(labels[name], tf.float32) for name in sorted(labels)], 1)
    return tf.cast(labels, tf.float32)
