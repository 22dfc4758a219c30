"""tf.metrics over thresholds: counts of right and wrong predictions at each of them, and the areas and rates made of the counts.

Predictions are probabilities in [0, 1]; at a threshold those above it count as positive. As in metrics.py each function returns
(value, update_op), and the counts are local variables.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..core.constant import constant_op
from ..core.dtypes import bool_, float32, int32, int64
from ..core.export import export
from ..core.tensor import Tensor
from ..losses.weights import broadcast_weights
from ..ops.array.axes import expand_dims, transpose
from ..ops.array.basic import cast, reshape, shape_internal
from ..ops.array.fill import ones_like
from ..ops.array.select import where
from ..ops.array.stacking import stack
from ..ops.array.tile import tile
from ..ops.checks.asserts import assert_greater_equal, assert_less_equal
from ..ops.elementwise import binary
from ..ops.elementwise.comparison import equal, greater, logical_and, logical_not
from ..ops.elementwise.division import div_no_nan, divide
from ..ops.elementwise.unary import abs_, log
from ..ops.reduce.positions import argmax, argmin
from ..ops.reduce.reduction import reduce_min, reduce_sum
from ..ops.reduce.scans import cumsum
from ..ops.scopes import control_dependencies
from ..ops.state.assign import assign_add
from ..variables.scope import variable_scope
from .metrics import Pair, _finish, _matched, _variable

KEPSILON = 1e-7     # keeps 0 and 1 inside of the outermost thresholds, and divisors above 0
# kind -> (name of its variable, whether the label is positive, whether the prediction is)
_KINDS = {"tp": ("true_positives", True, True), "fn": ("false_negatives", True, False),
          "tn": ("true_negatives", False, False), "fp": ("false_positives", False, True)}
Counts = dict[str, Any]


def _thresholds(count: int) -> list[float]:
    """`count` thresholds evenly over [0, 1], the ends moved outwards."""
    inner = [(i + 1) * 1.0 / (count - 1) for i in range(count - 2)]
    return [0.0 - KEPSILON, *inner, 1.0 + KEPSILON]


def _counts(labels: Any, predictions: Any, thresholds: Sequence[float], weights: Any,
            kinds: Sequence[str] = ("tp", "fn", "tn", "fp")) -> tuple[Counts, Counts]:
    """The counts [number of thresholds] so far, and the operations that add a batch to them."""
    low = assert_greater_equal(predictions, cast(0.0, predictions.dtype), message="predictions must be in [0, 1]")
    high = assert_less_equal(predictions, cast(1.0, predictions.dtype), message="predictions must be in [0, 1]")
    with control_dependencies([low, high]):
        predictions, labels, weights = _matched(cast(predictions, float32), cast(labels, bool_), weights)
    many = len(thresholds)
    column, row = reshape(predictions, [-1, 1]), reshape(cast(labels, bool_), [1, -1])
    size = column.static[0] if column.static is not None and column.static[0] is not None else shape_internal(column)[0]
    limits = tile(expand_dims(constant_op(list(thresholds)), [1]), stack([1, size]))
    positive: dict[tuple[str, bool], Any] = {("prediction", True): greater(tile(transpose(column), [many, 1]), limits)}
    if "fn" in kinds or "tn" in kinds:
        positive["prediction", False] = logical_not(positive["prediction", True])
    positive["label", True] = tile(row, [many, 1])
    if "fp" in kinds or "tn" in kinds:
        positive["label", False] = logical_not(positive["label", True])
    if weights is not None:
        weights = broadcast_weights(cast(weights, float32), predictions)
        weights = tile(reshape(weights, [1, -1]), [many, 1])
    values, updates = {}, {}
    for kind in kinds:
        name, label, prediction = _KINDS[kind]
        values[kind] = _variable([many], float32, name)
        found = cast(logical_and(positive["label", label], positive["prediction", prediction]), float32)
        if weights is not None:
            found = found * weights
        updates[kind] = assign_add(values[kind], reduce_sum(found, 1))
    return values, updates


def _over_thresholds(default: str, kinds: Sequence[str], thresholds: Sequence[float], combine: Callable[[Counts, str], Tensor],
                     labels: Any, predictions: Any, weights: Any, metrics_collections: Any, updates_collections: Any,
                     name: str | None) -> Pair:
    with variable_scope(name, default, (predictions, labels, weights)):
        values, updates = _counts(labels, predictions, thresholds, weights, kinds)
        return _finish(combine(values, "value"), combine(updates, "update_op"), metrics_collections, updates_collections)


@export("metrics.auc")
def auc(labels: Any, predictions: Any, weights: Any = None, num_thresholds: int = 200, metrics_collections: Any = None,
        updates_collections: Any = None, curve: str = "ROC", name: str | None = None, summation_method: str = "trapezoidal",
        thresholds: Any = None) -> Pair:
    """The area under the ROC curve, or under that of precision over recall (curve="PR"), by a sum over thresholds.

    summation_method: "trapezoidal", "careful_interpolation" (for PR: Davis and Goadrich 2006), "minoring" or "majoring".
    thresholds: inner thresholds instead of num_thresholds even ones.
    """
    if curve not in ("ROC", "PR"):
        raise ValueError(f"Curve must be either ROC or PR. Curve {curve} is unknown.")
    if summation_method not in ("trapezoidal", "careful_interpolation", "minoring", "majoring"):
        raise ValueError(f"Invalid summation_method: {summation_method} summation_method should be 'trapezoidal', "
                         "'careful_interpolation', 'minoring', or 'majoring'.")
    every = _thresholds(num_thresholds) if thresholds is None else [0.0 - KEPSILON, *sorted(thresholds), 1.0 + KEPSILON]

    def area(counts: Counts, name: str) -> Tensor:
        return _area(counts["tp"], counts["fn"], counts["tn"], counts["fp"], len(every), curve, summation_method, name)

    with variable_scope(name, "auc", (labels, predictions, weights)):
        values, updates = _counts(labels, predictions, every, weights)
        return _finish(area(values, "value"), area(updates, "update_op"), metrics_collections, updates_collections)


def _area(tp: Any, fn: Any, tn: Any, fp: Any, count: int, curve: str, method: str, name: str) -> Tensor:
    """The area by rectangles or trapeziums between neighbouring thresholds."""
    if curve == "PR" and method == "careful_interpolation":
        return _interpolated_precision_recall(tp, fp, fn, count)
    epsilon = 1e-6
    recall = divide(tp + epsilon, tp + fn + epsilon)
    if curve == "ROC":
        x, y = divide(fp, fp + tn + epsilon), recall
    else:
        x, y = recall, divide(tp + epsilon, tp + fp + epsilon)
    width = x[:count - 1] - x[1:]
    if method == "minoring":
        height = binary.minimum(y[:count - 1], y[1:])
    elif method == "majoring":
        height = binary.maximum(y[:count - 1], y[1:])
    else:
        height = (y[:count - 1] + y[1:]) / 2.0
    return reduce_sum(binary.multiply(width, height), name=name)


def _interpolated_precision_recall(tp: Any, fp: Any, fn: Any, count: int) -> Tensor:
    """The area under precision over recall when true positives grow linearly with all positives p between two thresholds:
    slope * (dtp + intercept * log(p_a / p_b)) / (all true), after Davis and Goadrich 2006, section 4."""
    dtp = tp[:count - 1] - tp[1:]
    p = tp + fp
    slope = div_no_nan(dtp, binary.maximum(p[:count - 1] - p[1:], 0), name="prec_slope")
    intercept = tp[1:] - binary.multiply(slope, p[1:])
    both = logical_and(p[:count - 1] > 0, p[1:] > 0)
    ratio = where(both, div_no_nan(p[:count - 1], binary.maximum(p[1:], 0), name="recall_relative_ratio"), ones_like(p[1:]))
    increment = div_no_nan(slope * (dtp + intercept * log(ratio)), binary.maximum(tp[1:] + fn[1:], 0), name="pr_auc_increment")
    return reduce_sum(increment, name="interpolate_pr_auc")


def _counted(kind: str) -> Callable[..., Pair]:
    def count(labels: Any, predictions: Any, thresholds: Any, weights: Any = None, metrics_collections: Any = None,
              updates_collections: Any = None, name: str | None = None) -> Pair:
        with variable_scope(name, _KINDS[kind][0], (predictions, labels, weights)):
            values, updates = _counts(labels, predictions, thresholds, weights, (kind,))
            return _finish(values[kind], updates[kind], metrics_collections, updates_collections)
    count.__name__ = count.__qualname__ = f"{_KINDS[kind][0]}_at_thresholds"
    count.__doc__ = f"The {_KINDS[kind][0].replace('_', ' ')} at each threshold, weighted; float32 [number of thresholds]."
    return export(f"metrics.{count.__name__}")(count)


true_positives_at_thresholds, false_negatives_at_thresholds = _counted("tp"), _counted("fn")
true_negatives_at_thresholds, false_positives_at_thresholds = _counted("tn"), _counted("fp")


@export("metrics.precision_at_thresholds")
def precision_at_thresholds(labels: Any, predictions: Any, thresholds: Any, weights: Any = None, metrics_collections: Any = None,
                            updates_collections: Any = None, name: str | None = None) -> Pair:
    """The share of predictions above each threshold whose label is true; float32 [number of thresholds]."""
    def share(counts: Counts, name: str) -> Tensor:
        return divide(counts["tp"], KEPSILON + counts["tp"] + counts["fp"], name="precision_" + name)
    return _over_thresholds("precision_at_thresholds", ("tp", "fp"), thresholds, share, labels, predictions, weights,
                            metrics_collections, updates_collections, name)


@export("metrics.recall_at_thresholds")
def recall_at_thresholds(labels: Any, predictions: Any, thresholds: Any, weights: Any = None, metrics_collections: Any = None,
                         updates_collections: Any = None, name: str | None = None) -> Pair:
    """The share of true labels predicted above each threshold; float32 [number of thresholds]."""
    def share(counts: Counts, name: str) -> Tensor:
        return divide(counts["tp"], KEPSILON + counts["tp"] + counts["fn"], name="recall_" + name)
    return _over_thresholds("recall_at_thresholds", ("tp", "fn"), thresholds, share, labels, predictions, weights,
                            metrics_collections, updates_collections, name)


@export("metrics.sensitivity_at_specificity")
def sensitivity_at_specificity(labels: Any, predictions: Any, specificity: float, weights: Any = None, num_thresholds: int = 200,
                               metrics_collections: Any = None, updates_collections: Any = None, name: str | None = None) -> Pair:
    """The share of true labels found at the threshold whose specificity (share of false labels left out) is nearest."""
    if not 0 <= specificity <= 1:
        raise ValueError(f"`specificity` must be in the range [0, 1]. Currently, `specificity` got {specificity}.")

    def sensitivity(counts: Counts, name: str) -> Tensor:
        found = divide(counts["tn"], counts["tn"] + counts["fp"] + KEPSILON)
        at = cast(argmin(abs_(found - specificity), 0), int32)
        return divide(counts["tp"][at], counts["tp"][at] + counts["fn"][at] + KEPSILON, name)
    return _over_thresholds("sensitivity_at_specificity", tuple(_KINDS), _thresholds(num_thresholds), sensitivity, labels, predictions,
                            weights, metrics_collections, updates_collections, name)


@export("metrics.specificity_at_sensitivity")
def specificity_at_sensitivity(labels: Any, predictions: Any, sensitivity: float, weights: Any = None, num_thresholds: int = 200,
                               metrics_collections: Any = None, updates_collections: Any = None, name: str | None = None) -> Pair:
    """The share of false labels left out at the (highest) threshold whose sensitivity, the share of true labels found, is nearest."""
    if not 0 <= sensitivity <= 1:
        raise ValueError(f"`sensitivity` must be in the range [0, 1]. Currently, `sensitivity` is {sensitivity}.")

    def specificity(counts: Counts, name: str) -> Tensor:
        found = divide(counts["tp"], counts["tp"] + counts["fn"] + KEPSILON)
        nearest = reduce_min(abs_(found - sensitivity))
        at = cast(argmax(cumsum(cast(equal(abs_(found - sensitivity), nearest), int64)), 0), int32)     # the last of the nearest
        return divide(counts["tn"][at], counts["tn"][at] + counts["fp"][at] + KEPSILON, name)
    return _over_thresholds("specificity_at_sensitivity", tuple(_KINDS), _thresholds(num_thresholds), specificity, labels, predictions,
                            weights, metrics_collections, updates_collections, name)
