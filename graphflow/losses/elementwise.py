"""The losses themselves. All take weights (a scalar or broadcastable), a scope, a collection and a Reduction."""
from __future__ import annotations

from typing import Any

from ..core import context, shapes
from ..core.convert import convert_to_tensor
from ..core.dtypes import float32
from ..core.export import export
from ..core.tensor import Tensor
from ..ops.array.axes import rank, squeeze
from ..ops.array.basic import cast, shape_internal, stop_gradient
from ..ops.array.fill import ones_like, zeros_like
from ..ops.array.fill import range as range_
from ..ops.array.select import where
from ..ops.elementwise import binary as two
from ..ops.elementwise import unary as one
from ..ops.elementwise.division import div_no_nan
from ..ops.nn.activations import relu
from ..ops.nn.cross_entropy import (
    sigmoid_cross_entropy_with_logits,
    softmax_cross_entropy_with_logits_v2,
    sparse_softmax_cross_entropy_with_logits,
)
from ..ops.reduce.counting import remove_squeezable_dimensions
from ..ops.reduce.reduction import reduce_sum
from ..ops.scopes import beside_inputs
from .weights import Reduction, add_loss, assert_broadcastable, compute_weighted_loss, num_present

_DEFAULT = Reduction.SUM_BY_NONZERO_WEIGHTS


def _pair(labels: Any, predictions: Any, names: str = "labels and predictions") -> tuple[Tensor, Tensor]:
    """(labels, predictions) as float32 of compatible shapes."""
    if labels is None or predictions is None:
        raise ValueError(f"Neither of {names} may be None")
    predictions, labels = cast(predictions, float32), cast(labels, float32)
    if not shapes.compatible(predictions.static, labels.static):
        raise ValueError(f"Shapes {shapes.describe(predictions.static)} and {shapes.describe(labels.static)} are incompatible")
    return labels, predictions


@export("losses.absolute_difference")
@beside_inputs
def absolute_difference(labels: Any, predictions: Any, weights: Any = 1.0, scope: str | None = None, loss_collection: Any = "losses",
                        reduction: str = _DEFAULT) -> Tensor:
    """|predictions - labels|."""
    with context.default_graph().name_scope(scope or "absolute_difference") as inside:
        labels, predictions = _pair(labels, predictions)
        losses = one.abs_(two.subtract(predictions, labels))
        return compute_weighted_loss(losses, weights, inside, loss_collection, reduction)


@export("losses.cosine_distance")
@beside_inputs
def cosine_distance(labels: Any, predictions: Any, axis: Any = None, weights: Any = 1.0, scope: str | None = None,
                    loss_collection: Any = "losses", reduction: str = _DEFAULT, dim: Any = None) -> Tensor:
    """1 - sum(predictions * labels) along axis, both of unit length."""
    axis = dim if axis is None else axis
    if axis is None:
        raise ValueError("You must specify argument `axis`.")
    with context.default_graph().name_scope(scope or "cosine_distance_loss") as inside:
        labels, predictions = _pair(labels, predictions)
        losses = 1 - reduce_sum(two.multiply(predictions, labels), (axis,), keepdims=True)
        return compute_weighted_loss(losses, weights, inside, loss_collection, reduction)


@export("losses.hinge_loss")
@beside_inputs
def hinge_loss(labels: Any, logits: Any, weights: Any = 1.0, scope: str | None = None, loss_collection: Any = "losses",
               reduction: str = _DEFAULT) -> Tensor:
    """max(0, 1 - (2 labels - 1) logits) for labels 0 and 1."""
    with context.default_graph().name_scope(scope or "hinge_loss") as inside:
        labels, logits = _pair(labels, logits, "labels and logits")
        ones = ones_like(labels)
        labels = two.subtract(2 * labels, ones)
        losses = relu(two.subtract(ones, two.multiply(labels, logits)))
        return compute_weighted_loss(losses, weights, inside, loss_collection, reduction)


@export("losses.huber_loss")
@beside_inputs
def huber_loss(labels: Any, predictions: Any, weights: Any = 1.0, delta: float = 1.0, scope: str | None = None,
               loss_collection: Any = "losses", reduction: str = _DEFAULT) -> Tensor:
    """error ** 2 / 2 where |error| <= delta, else delta |error| - delta ** 2 / 2."""
    with context.default_graph().name_scope(scope or "huber_loss") as inside:
        labels, predictions = _pair(labels, predictions)
        size = one.abs_(two.subtract(predictions, labels))
        quadratic = two.minimum(size, delta)
        linear = two.subtract(size, quadratic)
        half = convert_to_tensor(0.5, quadratic.dtype.base_dtype)
        losses = two.add(two.multiply(half, two.multiply(quadratic, quadratic)), two.multiply(delta, linear))
        return compute_weighted_loss(losses, weights, inside, loss_collection, reduction)


@export("losses.log_loss")
@beside_inputs
def log_loss(labels: Any, predictions: Any, weights: Any = 1.0, epsilon: float = 1e-07, scope: str | None = None,
             loss_collection: Any = "losses", reduction: str = _DEFAULT) -> Tensor:
    """-labels log(predictions + epsilon) - (1 - labels) log(1 - predictions + epsilon)."""
    with context.default_graph().name_scope(scope or "log_loss") as inside:
        labels, predictions = _pair(labels, predictions)
        losses = (-two.multiply(labels, one.log(predictions + epsilon))
                  - two.multiply((1 - labels), one.log(1 - predictions + epsilon)))
        return compute_weighted_loss(losses, weights, inside, loss_collection, reduction)


@export("losses.mean_pairwise_squared_error")
@beside_inputs
def mean_pairwise_squared_error(labels: Any, predictions: Any, weights: Any = 1.0, scope: str | None = None,
                                loss_collection: Any = "losses") -> Tensor:
    """For each row the mean over pairs of elements of (difference of predictions - difference of labels) ** 2, weighted and summed."""
    graph = context.default_graph()
    with graph.name_scope(scope or "mean_pairwise_squared_error"):
        weights = cast(weights, float32)
        labels = cast(labels, float32)
        with graph.control_dependencies([assert_broadcastable(weights, labels)]):
            labels, predictions = _pair(labels, predictions)
            diffs = two.subtract(predictions, labels)
            axis = range_(1, rank(diffs))
            squares = reduce_sum(one.square(diffs), axis, keepdims=True)
            present = num_present(diffs, weights, per_batch=True)
            first = 2.0 * div_no_nan(squares, two.maximum(present - 1, 0), name="value")
            total = reduce_sum(diffs, axis, keepdims=True)
            second = 2.0 * div_no_nan(one.square(total), two.maximum(two.multiply(present, present - 1), 0), name="value")
            loss = reduce_sum(two.multiply(first - second, weights))
            mean = where(reduce_sum(present) > 0, loss, zeros_like(loss), name="value")
            add_loss(mean, loss_collection)
            return mean


@export("losses.mean_squared_error")
@beside_inputs
def mean_squared_error(labels: Any, predictions: Any, weights: Any = 1.0, scope: str | None = None, loss_collection: Any = "losses",
                       reduction: str = _DEFAULT) -> Tensor:
    """(predictions - labels) ** 2."""
    with context.default_graph().name_scope(scope or "mean_squared_error") as inside:
        labels, predictions = _pair(labels, predictions)
        losses = two.squared_difference(predictions, labels)
        return compute_weighted_loss(losses, weights, inside, loss_collection, reduction)


@export("losses.sigmoid_cross_entropy")
@beside_inputs
def sigmoid_cross_entropy(multi_class_labels: Any, logits: Any, weights: Any = 1.0, label_smoothing: float = 0,
                          scope: str | None = None, loss_collection: Any = "losses", reduction: str = _DEFAULT) -> Tensor:
    """Sigmoid cross entropy of independent classes; label_smoothing draws labels towards 1/2."""
    with context.default_graph().name_scope(scope or "sigmoid_cross_entropy_loss") as inside:
        logits = convert_to_tensor(logits)
        labels = cast(multi_class_labels, logits.dtype.base_dtype)
        if not shapes.compatible(logits.static, labels.static):
            raise ValueError(f"Shapes {shapes.describe(logits.static)} and {shapes.describe(labels.static)} are incompatible")
        if label_smoothing > 0:
            labels = labels * (1 - label_smoothing) + 0.5 * label_smoothing
        losses = sigmoid_cross_entropy_with_logits(labels=labels, logits=logits, name="xentropy")
        return compute_weighted_loss(losses, weights, inside, loss_collection, reduction)


@export("losses.softmax_cross_entropy")
@beside_inputs
def softmax_cross_entropy(onehot_labels: Any, logits: Any, weights: Any = 1.0, label_smoothing: float = 0, scope: str | None = None,
                          loss_collection: Any = "losses", reduction: str = _DEFAULT) -> Tensor:
    """Softmax cross entropy of each row, without a gradient into the labels; label_smoothing draws them towards 1 / classes."""
    with context.default_graph().name_scope(scope or "softmax_cross_entropy_loss") as inside:
        logits = convert_to_tensor(logits)
        dtype = logits.dtype.base_dtype
        labels = cast(onehot_labels, dtype)
        if not shapes.compatible(logits.static, labels.static):
            raise ValueError(f"Shapes {shapes.describe(logits.static)} and {shapes.describe(labels.static)} are incompatible")
        if label_smoothing > 0:
            classes = cast(shape_internal(labels)[1], dtype)
            share = label_smoothing / classes
            labels = labels * (1.0 - label_smoothing) + share
        labels = stop_gradient(labels, name="labels_stop_gradient")
        losses = softmax_cross_entropy_with_logits_v2(labels=labels, logits=logits, name="xentropy")
        return compute_weighted_loss(losses, weights, inside, loss_collection, reduction)


def _without_extra_axis(labels: Any, logits: Any, weights: Any) -> tuple[Tensor, Tensor, Tensor]:
    """Labels [n, 1] as [n], and weights of one rank more than the labels without their last axis."""
    labels, logits = remove_squeezable_dimensions(labels, logits, 1)
    weights = convert_to_tensor(weights)
    have = weights.static
    if have and labels.static is not None and len(have) - len(labels.static) == 1:
        weights = squeeze(weights, [-1])
    return labels, logits, weights


@export("losses.sparse_softmax_cross_entropy")
@beside_inputs
def sparse_softmax_cross_entropy(labels: Any, logits: Any, weights: Any = 1.0, scope: str | None = None, loss_collection: Any = "losses",
                                 reduction: str = _DEFAULT) -> Tensor:
    """Softmax cross entropy of each row with one true class; labels [..., 1] lose their last axis."""
    with context.default_graph().name_scope(scope or "sparse_softmax_cross_entropy_loss") as inside:
        labels, logits, weights = _without_extra_axis(labels, logits, weights)
        losses = sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits, name="xentropy")
        return compute_weighted_loss(losses, weights, inside, loss_collection, reduction)
