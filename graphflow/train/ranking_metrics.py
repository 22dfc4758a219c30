"""tf.metrics of the k best classes: precision, recall and average precision over many batches.

Labels are class numbers, dense or sparse, along the last axis; predictions are scores of all classes, or (`..._at_top_k`) the numbers of
the best. Each counts by `tf.sets`: true positives are the intersection of the predicted and the labelled classes of an example.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..core.convert import convert_to_tensor
from ..core.dtypes import float64, int32, int64
from ..core.export import export
from ..core.tensor import Tensor
from ..core.values import SparseTensor, SparseTensorValue
from ..losses.weights import assert_broadcastable
from ..ops import functions as F
from ..ops.array.axes import expand_dims, size
from ..ops.array.basic import cast, shape_internal
from ..ops.array.fill import fill, ones_like
from ..ops.array.tile import tile
from ..ops.elementwise import binary
from ..ops.elementwise.comparison import equal, greater_equal, less, logical_and
from ..ops.elementwise.division import div_no_nan, divide
from ..ops.nn.top_k import top_k
from ..ops.reduce.reduction import reduce_sum
from ..ops.reduce.scans import cumsum
from ..ops.scopes import control_dependencies, name_scope
from ..ops.sparse.base import as_sparse
from ..ops.sparse.construct import sparse_reshape, sparse_retain
from ..ops.sparse.parts import sparse_concat
from ..ops.sparse.sets import set_difference, set_intersection, set_size
from ..ops.state.assign import assign_add
from .metrics import Pair, _finish, _variable


def _at_k(name: str, k: int | None, class_id: int | None = None) -> str:
    text = f"{name}_at_k" if k is None else f"{name}_at_{k}"
    return text if class_id is None else f"{text}_class{class_id}"


def _labels(labels: Any, predictions_idx: Tensor) -> Any:
    """Class numbers as int64, with a last axis: labels [D1, ..., DN] of one class per example get one of size 1."""
    with name_scope(None, "expand_labels", (labels, predictions_idx)) as scope:
        if isinstance(labels, (SparseTensor, SparseTensorValue)):
            labels = as_sparse(labels)
            labels = SparseTensor(labels.indices, cast(labels.values, int64), labels.dense_shape)
            rank, wanted = labels.shape.rank, predictions_idx.shape.rank
            if rank is None or wanted is None or wanted != rank + 1:
                return labels
            whole = F.concat([labels.dense_shape, [1]], 0)
            return sparse_reshape(labels, whole, name=scope)
        labels = cast(convert_to_tensor(labels), int64)
        rank, wanted = labels.shape.rank, predictions_idx.shape.rank
        if rank is None or wanted is None or rank == wanted:
            return labels
        if rank + 1 != wanted:
            raise ValueError(f"Unexpected labels shape {labels.shape} for predictions_idx shape {predictions_idx.shape}: labels are "
                             "[D1, ... DN, num_labels] or [D1, ... DN]")
        return expand_dims(labels, -1, name=scope)


def _only(ids: Any, class_id: Any) -> SparseTensor:
    """Those of the class numbers that are class_id."""
    wanted = cast(class_id, int64)
    if isinstance(ids, SparseTensor):
        return sparse_retain(ids, equal(ids.values, wanted))
    whole = shape_internal(ids, out_type=int64)
    found = set_intersection(fill(F.concat([whole[:-1], [1]], 0), wanted), ids)
    return SparseTensor(found.indices, found.values, whole)


def _counted(sets: Any, weights: Any) -> Tensor:
    """The sizes of sets, weighted, float64."""
    found = cast(set_size(sets), float64)
    if weights is None:
        return found
    with control_dependencies([assert_broadcastable(weights, found)]):
        return binary.multiply(found, cast(weights, float64))


_SETS: dict[str, Callable[[Any, Any], Any]] = {
    "true_positive": set_intersection,
    "false_positive": set_difference,
    "false_negative": lambda predictions, labels: set_difference(predictions, labels, aminusb=False),
}


def _total(kind: str, predictions_idx: Tensor, labels: Any, k: int | None, class_id: int | None, weights: Any) -> Pair:
    """The variable that counts over all batches, and the operation that adds this one."""
    with name_scope(None, _at_k(kind, k, class_id), (predictions_idx, labels, weights)) as scope:
        ids = (predictions_idx, labels) if class_id is None else (_only(predictions_idx, class_id), _only(labels, class_id))
        added = reduce_sum(_counted(_SETS[kind](*ids), weights))
        total = _variable([], float64, scope)
        return total, assign_add(total, added, name="update")


def _share(name: str, other: str, labels: Any, predictions_idx: Any, k: int | None, class_id: int | None, weights: Any,
           metrics_collections: Any, updates_collections: Any, scope_name: str | None) -> Pair:
    """True positives of all batches by their sum with another count."""
    with name_scope(scope_name, _at_k(name, k, class_id), (predictions_idx, labels, weights)) as scope:
        best = cast(convert_to_tensor(predictions_idx), int64)
        labels = _labels(labels, best)
        found, found_now = _total("true_positive", best, labels, k, class_id, weights)
        missed, missed_now = _total(other, best, labels, k, class_id, weights)
        value = divide(found, binary.add(found, missed), name=scope)
        update = divide(found_now, binary.add(found_now, missed_now), name="update")
        return _finish(value, update, metrics_collections, updates_collections)


def _best(predictions: Any, k: int) -> Tensor:
    return top_k(predictions, k)[1]


@export("metrics.precision_at_top_k")
def precision_at_top_k(labels: Any, predictions_idx: Any, k: int | None = None, class_id: int | None = None, weights: Any = None,
                       metrics_collections: Any = None, updates_collections: Any = None, name: str | None = None) -> Pair:
    """The share of predicted classes that are labels of their example, as `tf.metrics.precision_at_k` for the numbers of the best classes.

    predictions_idx: int64 [D1, ..., DN, k]. k: for names only.
    """
    return _share("precision", "false_positive", labels, predictions_idx, k, class_id, weights, metrics_collections, updates_collections,
                  name)


@export("metrics.precision_at_k", "metrics.sparse_precision_at_k")
def precision_at_k(labels: Any, predictions: Any, k: int, class_id: int | None = None, weights: Any = None,
                   metrics_collections: Any = None, updates_collections: Any = None, name: str | None = None) -> Pair:
    """The share of the k best classes that are labels of their example, float64; NaN before the first batch.

    labels: int64, dense or sparse [D1, ..., DN, num_labels], or [D1, ..., DN] for one class per example. predictions: floating
    [D1, ..., DN, num_classes]. class_id: count this class only. weights: broadcast to [D1, ..., DN].
    """
    with name_scope(name, _at_k("precision", k, class_id), (predictions, labels, weights)) as scope:
        return precision_at_top_k(labels, _best(predictions, k), k, class_id, weights, metrics_collections, updates_collections, scope)


@export("metrics.recall_at_top_k")
def recall_at_top_k(labels: Any, predictions_idx: Any, k: int | None = None, class_id: int | None = None, weights: Any = None,
                    metrics_collections: Any = None, updates_collections: Any = None, name: str | None = None) -> Pair:
    """The share of labels that are among the predicted classes, as `tf.metrics.recall_at_k` for the numbers of the best classes.

    predictions_idx: int64 [D1, ..., DN, k]. k: for names only.
    """
    return _share("recall", "false_negative", labels, predictions_idx, k, class_id, weights, metrics_collections, updates_collections, name)


@export("metrics.recall_at_k")
def recall_at_k(labels: Any, predictions: Any, k: int, class_id: int | None = None, weights: Any = None, metrics_collections: Any = None,
                updates_collections: Any = None, name: str | None = None) -> Pair:
    """The share of labels that are among the k best classes of their example, float64. Arguments as for `tf.metrics.precision_at_k`."""
    with name_scope(name, _at_k("recall", k, class_id), (predictions, labels, weights)) as scope:
        return recall_at_top_k(labels, _best(predictions, k), k, class_id, weights, metrics_collections, updates_collections, scope)


def _relevant(labels: Any, k: int, classes: Tensor) -> Tensor:
    """How many of the labels of each example can be among k; dense labels may be padded by numbers of no class."""
    with name_scope(None, "num_relevant", (labels,)) as scope:
        if isinstance(labels, SparseTensor):
            return binary.minimum(set_size(labels), k, name=scope)
        counted = cast(logical_and(greater_equal(labels, 0), less(labels, classes)), int32)
        return binary.minimum(reduce_sum(counted, axis=-1), k, name=scope)


def _beside_each(labels: Any, k: int) -> Any:
    """Labels [D1, ..., DN, n] as [D1, ..., DN, k, n]."""
    if isinstance(labels, SparseTensor):
        sizes = labels.dense_shape
        one = sparse_reshape(labels, F.concat([sizes[:-1], [1], sizes[-1:]], 0))
        return sparse_concat(-2, [one] * k)
    rank = len(labels.static)
    return tile(expand_dims(labels, -2), [1] * (rank - 1) + [k, 1], name="labels_per_k")


def _average_precisions(labels: Any, best: Tensor, classes: Tensor) -> Tensor:
    """The mean over the ranks r of relevant predictions of the precision among the r best; float64 [D1, ..., DN]."""
    with name_scope(None, "average_precision", (best, labels)) as scope:
        k = best.static[-1] if best.static else None
        if k is None:
            raise ValueError(f"predictions_idx must have a static rank of at least 1 and a static last size, got {best.shape}")
        labels = _labels(labels, best)
        relevant = _relevant(labels, k, classes)
        hits = cast(set_size(set_intersection(expand_dims(best, -1), _beside_each(labels, k))), float64)
        precisions = divide(cumsum(hits, axis=-1), cumsum(ones_like(hits), axis=-1))
        return divide(reduce_sum(binary.multiply(precisions, hits), axis=[-1]), cast(relevant, float64), name=scope)


@export("metrics.average_precision_at_k", "metrics.sparse_average_precision_at_k")
def average_precision_at_k(labels: Any, predictions: Any, k: int, weights: Any = None, metrics_collections: Any = None,
                           updates_collections: Any = None, name: str | None = None) -> Pair:
    """The mean over examples of the average precision of their k best classes, float64.

    The average precision of an example is the sum over the ranks r <= k of relevant predictions of the precision among the r best,
    divided by min(k, number of labels) (Manning, Raghavan and Schuetze, Introduction to Information Retrieval, 2008, section 8.4).
    labels: int64, dense or sparse [D1, ..., DN, num_labels], or [D1, ..., DN]. predictions: floating [D1, ..., DN, num_classes].
    weights: broadcast to [D1, ..., DN].
    """
    if k < 1:
        raise ValueError(f"Invalid k={k}.")
    with name_scope(name, _at_k("average_precision", k), (predictions, labels, weights)) as scope:
        predictions = convert_to_tensor(predictions)
        classes = shape_internal(predictions, out_type=int64)[-1]
        averages = _average_precisions(labels, cast(_best(predictions, k), int64), classes)
        if weights is not None:
            with control_dependencies([assert_broadcastable(weights, averages)]):
                weights = cast(weights, float64)
                averages = binary.multiply(averages, weights)
        with name_scope(None, "max", (averages,)) as count_scope:
            count = _variable([], float64, count_scope)
            added = cast(size(averages), float64) if weights is None else reduce_sum(binary.multiply(weights, ones_like(averages)))
            new_count = assign_add(count, added, name="update")
        with name_scope(None, "total", (averages,)) as total_scope:
            total = _variable([], float64, total_scope)
            new_total = assign_add(total, reduce_sum(averages), name="update")
        return _finish(div_no_nan(total, count, name="mean"), div_no_nan(new_total, new_count, name=scope), metrics_collections,
                       updates_collections)
