"""tf.metrics: averages and counts over many batches, kept in local variables.

Each function returns (value, update_op): `update_op` takes a batch into account and gives the new value, `value` reads it. The
variables are in GraphKeys.LOCAL_VARIABLES (initialise with tf.local_variables_initializer) and METRIC_VARIABLES.
`metrics_collections` and `updates_collections` are collections that the two tensors join.
"""
from __future__ import annotations

from typing import Any

from ..core.collections import GraphKeys
from ..core.convert import convert_to_tensor
from ..core.dtypes import DType, bool_, float32
from ..core.export import export
from ..core.tensor import Tensor
from ..losses.weights import broadcast_weights
from ..ops import functions as F
from ..ops.array.axes import expand_dims, size, squeeze
from ..ops.array.basic import cast, identity
from ..ops.array.fill import zeros
from ..ops.array.select import where
from ..ops.checks.shapes import assert_type
from ..ops.elementwise import binary
from ..ops.elementwise.comparison import equal, greater, less, logical_and
from ..ops.elementwise.division import div_no_nan, truediv
from ..ops.elementwise.unary import abs_, sqrt
from ..ops.reduce.counting import remove_squeezable_dimensions
from ..ops.reduce.reduction import reduce_sum
from ..ops.scopes import add_to_collections, control_dependencies
from ..ops.state.assign import assign_add
from ..variables.scope import variable_scope
from ..variables.variable import Variable

Pair = tuple[Tensor, Tensor]


def _variable(shape: list[int], dtype: DType, name: str) -> Any:
    collections = [GraphKeys.LOCAL_VARIABLES, GraphKeys.METRIC_VARIABLES]
    return Variable(lambda: zeros(shape, dtype), trainable=False, collections=collections, validate_shape=True, name=name)


def _finish(value: Tensor, update: Tensor, metrics_collections: Any, updates_collections: Any) -> Pair:
    for collections, tensor in ((metrics_collections, value), (updates_collections, update)):
        if collections:
            add_to_collections(collections, tensor)
    return value, update


def _matched(predictions: Any, labels: Any, weights: Any) -> tuple[Any, Any, Any]:
    """Predictions and labels of one rank: a last dimension of size 1 that only one of them has goes; weights follow the predictions."""
    predictions = convert_to_tensor(predictions)
    if labels is not None:
        labels, predictions = remove_squeezable_dimensions(labels, predictions)
        predictions.shape.assert_is_compatible_with(labels.shape)
    if weights is not None:
        weights = convert_to_tensor(weights)
    if weights is not None and (weights.static is None or predictions.static is None) and weights.static != ():
        weights = _weights_in_run(weights, predictions)
    elif weights is not None and weights.static != ():
        difference = len(weights.static) - len(predictions.static)
        if difference == 1 and weights.static[-1] == 1:
            weights = squeeze(weights, [-1])
        elif difference == -1:
            weights = expand_dims(weights, [-1])
    return predictions, labels, weights


def _weights_in_run(weights: Tensor, predictions: Tensor) -> Tensor:
    """The same where only a run knows the weights' rank, or the predictions'."""
    count = F.rank(weights)
    extra = count - F.rank(predictions)

    def lacking() -> Tensor:
        return F.cond(equal(extra, -1), lambda: expand_dims(weights, [-1]), lambda: weights)

    def adjusted() -> Tensor:
        ends_in_one = not weights.static or weights.static[-1] in (1, None)
        return F.cond(equal(extra, 1), lambda: squeeze(weights, [-1]) if ends_in_one else weights, lacking)
    return F.cond(equal(count, 0), lambda: weights, adjusted)


@export("metrics.mean")
def mean(values: Any, weights: Any = None, metrics_collections: Any = None, updates_collections: Any = None,
         name: str | None = None) -> Pair:
    """The weighted mean of all values so far, float32; 0 before the first batch. weights broadcast to values, 0 leaves one out."""
    with variable_scope(name, "mean", (values, weights)):
        values = cast(convert_to_tensor(values), float32)
        total, count = _variable([], float32, "total"), _variable([], float32, "count")
        if weights is None:
            added = cast(size(values), float32)
        else:
            values, _, weights = _matched(values, None, weights)
            weights = broadcast_weights(cast(convert_to_tensor(weights), float32), values)
            values = binary.multiply(values, weights)
            added = reduce_sum(weights)
        new_total = assign_add(total, reduce_sum(values))
        with control_dependencies([values]):
            new_count = assign_add(count, added)
        value = div_no_nan(total, binary.maximum(count, 0.0), name="value")
        update = div_no_nan(new_total, binary.maximum(new_count, 0.0), name="update_op")
        return _finish(value, update, metrics_collections, updates_collections)


@export("metrics.accuracy")
def accuracy(labels: Any, predictions: Any, weights: Any = None, metrics_collections: Any = None, updates_collections: Any = None,
             name: str | None = None) -> Pair:
    """How often predictions equal labels. Both of one shape and dtype (labels are cast)."""
    predictions, labels, weights = _matched(predictions, labels, weights)
    if labels.dtype != predictions.dtype:
        predictions = cast(predictions, labels.dtype)
    return mean(cast(equal(predictions, labels), float32), weights, metrics_collections, updates_collections, name or "accuracy")


@export("metrics.mean_absolute_error")
def mean_absolute_error(labels: Any, predictions: Any, weights: Any = None, metrics_collections: Any = None,
                        updates_collections: Any = None, name: str | None = None) -> Pair:
    """Mean of |predictions - labels|."""
    predictions, labels, weights = _matched(predictions, labels, weights)
    return mean(abs_(predictions - labels), weights, metrics_collections, updates_collections, name or "mean_absolute_error")


@export("metrics.mean_relative_error")
def mean_relative_error(labels: Any, predictions: Any, normalizer: Any, weights: Any = None, metrics_collections: Any = None,
                        updates_collections: Any = None, name: str | None = None) -> Pair:
    """Mean of |labels - predictions| / normalizer, 0 where the normalizer is 0."""
    predictions, labels, weights = _matched(predictions, labels, weights)
    predictions, normalizer, _ = _matched(predictions, normalizer, None)
    errors = where(equal(normalizer, 0.0), labels * 0, div_no_nan(abs_(labels - predictions), normalizer))
    return mean(errors, weights, metrics_collections, updates_collections, name or "mean_relative_error")


@export("metrics.mean_squared_error")
def mean_squared_error(labels: Any, predictions: Any, weights: Any = None, metrics_collections: Any = None,
                       updates_collections: Any = None, name: str | None = None) -> Pair:
    """Mean of (predictions - labels)^2."""
    predictions, labels, weights = _matched(predictions, labels, weights)
    errors = binary.squared_difference(labels, predictions)
    return mean(errors, weights, metrics_collections, updates_collections, name or "mean_squared_error")


@export("metrics.root_mean_squared_error")
def root_mean_squared_error(labels: Any, predictions: Any, weights: Any = None, metrics_collections: Any = None,
                            updates_collections: Any = None, name: str | None = None) -> Pair:
    """Square root of the mean of (predictions - labels)^2."""
    value, update = mean_squared_error(labels, predictions, weights, None, None, name or "root_mean_squared_error")
    return _finish(sqrt(value), sqrt(update), metrics_collections, updates_collections)


@export("metrics.percentage_below")
def percentage_below(values: Any, threshold: Any, weights: Any = None, metrics_collections: Any = None,
                     updates_collections: Any = None, name: str | None = None) -> Pair:
    """The share of values below the threshold."""
    below = cast(less(values, threshold), float32)
    return mean(below, weights, metrics_collections, updates_collections, name or "percentage_below_threshold")


def _count(name: str | None, default: str, labels: Any, predictions: Any, wanted: tuple[bool, bool], weights: Any,
           metrics_collections: Any, updates_collections: Any) -> Pair:
    """How often (label, prediction) is `wanted`, each taken as a truth value."""
    with variable_scope(name, default, (predictions, labels, weights)):
        predictions, labels, weights = _matched(cast(predictions, bool_), cast(labels, bool_), weights)
        matches = logical_and(equal(labels, wanted[0]), equal(predictions, wanted[1]))
        assert_type(matches, bool_)
        count = _variable([], float32, "count")
        values = cast(matches, float32)
        if weights is not None:
            values = binary.multiply(values, broadcast_weights(cast(weights, float32), values))
        return _finish(identity(count), assign_add(count, reduce_sum(values)), metrics_collections, updates_collections)


@export("metrics.true_positives")
def true_positives(labels: Any, predictions: Any, weights: Any = None, metrics_collections: Any = None, updates_collections: Any = None,
                   name: str | None = None) -> Pair:
    """How often both are true, weighted; float32."""
    return _count(name, "true_positives", labels, predictions, (True, True), weights, metrics_collections, updates_collections)


@export("metrics.false_positives")
def false_positives(labels: Any, predictions: Any, weights: Any = None, metrics_collections: Any = None, updates_collections: Any = None,
                    name: str | None = None) -> Pair:
    """How often the prediction is true and the label false, weighted; float32."""
    return _count(name, "false_positives", labels, predictions, (False, True), weights, metrics_collections, updates_collections)


@export("metrics.true_negatives")
def true_negatives(labels: Any, predictions: Any, weights: Any = None, metrics_collections: Any = None, updates_collections: Any = None,
                   name: str | None = None) -> Pair:
    """How often both are false, weighted; float32."""
    return _count(name, "true_negatives", labels, predictions, (False, False), weights, metrics_collections, updates_collections)


@export("metrics.false_negatives")
def false_negatives(labels: Any, predictions: Any, weights: Any = None, metrics_collections: Any = None, updates_collections: Any = None,
                    name: str | None = None) -> Pair:
    """How often the prediction is false and the label true, weighted; float32."""
    return _count(name, "false_negatives", labels, predictions, (True, False), weights, metrics_collections, updates_collections)


def _share(default: str, other: Any, labels: Any, predictions: Any, weights: Any, metrics_collections: Any, updates_collections: Any,
           name: str | None) -> Pair:
    """true positives / (true positives + other), 0 where there are none."""
    with variable_scope(name, default, (predictions, labels, weights)):
        predictions, labels, weights = _matched(cast(predictions, bool_), cast(labels, bool_), weights)
        found, new_found = true_positives(labels, predictions, weights)
        rest, new_rest = other(labels, predictions, weights)

        def ratio(true: Any, more: Any, name: str) -> Any:
            return where(greater(true + more, 0), truediv(true, true + more), 0.0, name)

        value, update = ratio(found, rest, "value"), ratio(new_found, new_rest, "update_op")
        return _finish(value, update, metrics_collections, updates_collections)


@export("metrics.precision")
def precision(labels: Any, predictions: Any, weights: Any = None, metrics_collections: Any = None, updates_collections: Any = None,
              name: str | None = None) -> Pair:
    """The share of true predictions whose label is true."""
    return _share("precision", false_positives, labels, predictions, weights, metrics_collections, updates_collections, name)


@export("metrics.recall")
def recall(labels: Any, predictions: Any, weights: Any = None, metrics_collections: Any = None, updates_collections: Any = None,
           name: str | None = None) -> Pair:
    """The share of true labels that are predicted true."""
    return _share("recall", false_negatives, labels, predictions, weights, metrics_collections, updates_collections, name)
