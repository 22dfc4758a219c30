"""tf.metrics per class and per element: intersection over union, accuracy per class, means of whole tensors, cosine distance."""
from __future__ import annotations

from typing import Any

from ..core.convert import convert_to_tensor
from ..core.dtypes import float32, float64, int64
from ..core.export import export
from ..core.tensor import Tensor
from ..losses.weights import broadcast_weights
from ..ops.array.axes import size
from ..ops.array.basic import cast, reshape
from ..ops.array.diagonals import diag_part
from ..ops.array.fill import ones, ones_like
from ..ops.array.select import where
from ..ops.elementwise import binary
from ..ops.elementwise.comparison import equal, greater, not_equal
from ..ops.elementwise.division import div_no_nan, divide
from ..ops.reduce.counting import confusion_matrix
from ..ops.reduce.reduction import reduce_mean, reduce_sum
from ..ops.scopes import control_dependencies
from ..ops.state.assign import assign_add
from ..ops.state.scatter import scatter_add
from ..variables.scope import variable_scope
from .metrics import Pair, _finish, _matched, _variable, mean


def _flat(x: Any) -> Any:
    """`x` as a vector if it has several axes."""
    return reshape(x, [-1]) if x is not None and x.static is not None and len(x.static) > 1 else x


@export("metrics.mean_iou")
def mean_iou(labels: Any, predictions: Any, num_classes: int, weights: Any = None, metrics_collections: Any = None,
             updates_collections: Any = None, name: str | None = None) -> Pair:
    """(mean over classes of true positives / (true positives + both kinds of mistakes), the operation that adds to the counts).

    Classes that occur neither in labels nor in predictions are left out. The update gives the float64 confusion matrix.
    """
    with variable_scope(name, "mean_iou", (predictions, labels, weights)):
        predictions.shape.assert_is_compatible_with(labels.shape)
        total = _variable([num_classes, num_classes], float64, "total_confusion_matrix")
        predictions, labels, classes = cast(predictions, int64), cast(labels, int64), cast(num_classes, int64)
        predictions, labels, weights = _flat(predictions), _flat(labels), _flat(weights)
        update = assign_add(total, confusion_matrix(labels, predictions, classes, weights=weights, dtype=float64))
        return _finish(_intersection_over_union(total), update, metrics_collections, updates_collections)


def _intersection_over_union(matrix: Any) -> Tensor:
    rows, columns = cast(reduce_sum(matrix, 0), float32), cast(reduce_sum(matrix, 1), float32)
    right = cast(diag_part(matrix), float32)
    union = rows + columns - right
    seen = reduce_sum(cast(not_equal(union, 0), float32))
    union = where(greater(union, 0), union, ones_like(union))
    shares = divide(right, union)
    return where(greater(seen, 0), reduce_sum(shares, name="mean_iou") / seen, 0)


@export("metrics.mean_per_class_accuracy")
def mean_per_class_accuracy(labels: Any, predictions: Any, num_classes: int, weights: Any = None, metrics_collections: Any = None,
                            updates_collections: Any = None, name: str | None = None) -> Pair:
    """(mean over classes of the share of right predictions, the operation that updates it and gives the share of each class)."""
    with variable_scope(name, "mean_accuracy", (predictions, labels, weights)):
        labels = _flat(cast(labels, int64))
        predictions = _flat(predictions)
        predictions.shape.assert_is_compatible_with(labels.shape)
        total, count = _variable([num_classes], float32, "total"), _variable([num_classes], float32, "count")
        each = ones([size(labels)], float32)
        if labels.dtype != predictions.dtype:
            predictions = cast(predictions, labels.dtype)
        right = cast(equal(predictions, labels), float32)
        if weights is not None:
            weights = cast(_flat(weights), float32)
            right, each = right * weights, each * weights
        new_total, new_count = scatter_add(total, labels, each), scatter_add(count, labels, right)
        value = reduce_mean(div_no_nan(count, binary.maximum(total, 0)), name="mean_accuracy")
        update = div_no_nan(new_count, binary.maximum(new_total, 0), name="update_op")
        return _finish(value, update, metrics_collections, updates_collections)


@export("metrics.mean_tensor")
def mean_tensor(values: Any, weights: Any = None, metrics_collections: Any = None, updates_collections: Any = None,
                name: str | None = None) -> Pair:
    """The weighted mean over batches of each element; values have one static shape."""
    with variable_scope(name, "mean", (values, weights)):
        values = cast(convert_to_tensor(values), float32)
        if values.static is None or None in values.static:
            raise ValueError(f"metrics.mean_tensor: values must have a static shape, {values.name} has {values.shape}")
        shape = list(values.static)
        total, count = _variable(shape, float32, "total_tensor"), _variable(shape, float32, "count_tensor")
        added: Any = ones_like(values)
        if weights is not None:
            values, _, weights = _matched(values, None, weights)
            weights = broadcast_weights(cast(weights, float32), values)
            values, added = binary.multiply(values, weights), binary.multiply(added, weights)
        new_total = assign_add(total, values)
        with control_dependencies([values]):
            new_count = assign_add(count, added)
        value = div_no_nan(total, binary.maximum(count, 0), name="value")
        update = div_no_nan(new_total, binary.maximum(new_count, 0), name="update_op")
        return _finish(value, update, metrics_collections, updates_collections)


@export("metrics.mean_cosine_distance")
def mean_cosine_distance(labels: Any, predictions: Any, dim: int, weights: Any = None, metrics_collections: Any = None,
                         updates_collections: Any = None, name: str | None = None) -> Pair:
    """1 - the mean of the dot products along `dim`; labels and predictions have unit length there."""
    predictions, labels, weights = _matched(predictions, labels, weights)
    dots = reduce_sum(binary.multiply(predictions, labels), [dim], keepdims=True)
    value, update = mean(dots, weights, None, None, name or "mean_cosine_distance")
    return _finish(binary.subtract(1.0, value), binary.subtract(1.0, update), metrics_collections, updates_collections)
