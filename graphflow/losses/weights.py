"""Weighting and reduction that all losses share, and the collection they are kept in."""
from __future__ import annotations

from typing import Any

from ..core import context
from ..core.constant import constant_op
from ..core.convert import convert_to_tensor
from ..core.dtypes import float32
from ..core.export import export
from ..core.known import constant_value
from ..core.tensor import Tensor
from ..ops import functions as F
from ..ops.array.axes import rank, size
from ..ops.array.basic import cast, shape_internal
from ..ops.array.fill import ones_like, zeros_like
from ..ops.array.fill import range as range_
from ..ops.array.select import where
from ..ops.checks.asserts import assert_
from ..ops.control_flow.flow import no_op
from ..ops.elementwise import binary as two
from ..ops.elementwise.aggregate import add_n
from ..ops.elementwise.comparison import equal
from ..ops.elementwise.division import div_no_nan
from ..ops.reduce.reduction import reduce_sum
from ..ops.scopes import beside_inputs


@export("losses.Reduction")
class Reduction:
    """How a loss per element becomes what the function returns."""
    NONE = "none"
    SUM = "weighted_sum"
    SUM_OVER_BATCH_SIZE = "weighted_sum_over_batch_size"
    MEAN = "weighted_mean"
    SUM_BY_NONZERO_WEIGHTS = "weighted_sum_by_nonzero_weights"
    SUM_OVER_NONZERO_WEIGHTS = SUM_BY_NONZERO_WEIGHTS

    @classmethod
    def all(cls) -> tuple[str, ...]:
        return cls.NONE, cls.SUM, cls.MEAN, cls.SUM_OVER_BATCH_SIZE, cls.SUM_OVER_NONZERO_WEIGHTS, cls.SUM_BY_NONZERO_WEIGHTS

    @classmethod
    def validate(cls, key: str) -> None:
        if key not in cls.all():
            raise ValueError(f"Invalid Reduction Key {key}. Key should be one of {cls.all()}.")


def assert_broadcastable(weights: Any, values: Any) -> Any:
    """An operation, after checking that weights are a scalar, or of the values' rank with sizes equal to theirs or 1.

    What the static shapes leave open is checked in the run.
    """
    graph = context.default_graph()
    with graph.name_scope("assert_broadcastable") as whole:
        with graph.name_scope("weights") as scope:
            weights = convert_to_tensor(weights, name=scope)
            shape, count = shape_internal(weights, "shape"), rank(weights, "rank")
        with graph.name_scope("values") as scope:
            values = convert_to_tensor(values, name=scope)
            values_shape, values_count = shape_internal(values, "shape"), rank(values, "rank")
        known, values_known = constant_value(count), constant_value(values_count)
        if known is None or values_known is None:
            return _assert_in_run(weights, shape, count, values, values_shape, values_count, whole)
        if known == 0:
            return no_op(name="static_scalar_check_success")
        if known != values_known:
            raise ValueError(f"weights can not be broadcast to values. values.rank={values_known}. weights.rank={known}. "
                             f"values.shape={values.static}. weights.shape={weights.static}.")
        sizes, values_sizes = constant_value(shape), constant_value(values_shape)
        if sizes is None or values_sizes is None:
            return _assert_in_run(weights, shape, count, values, values_shape, values_count, whole)
        for w, v in zip(sizes, values_sizes):
            if w not in (1, v):
                raise ValueError(f"weights can not be broadcast to values. Mismatch at dim: {w} and {v}. "
                                 f"values.shape={values.static}. weights.shape={weights.static}.")
        return no_op(name="static_dims_check_success")


def _assert_in_run(weights: Tensor, shape: Tensor, count: Tensor, values: Tensor, values_shape: Tensor, values_count: Tensor,
                   scope: str) -> Any:
    """The operation that looks at this run's shapes."""
    scalar = equal(0, count, name="is_scalar")

    def fitting() -> Any:
        same = equal(values_count, count)
        return F.cond(same, lambda: F.reduce_all(F.logical_or(equal(values_shape, shape), equal(shape, 1))), lambda: same)
    valid = F.cond(scalar, lambda: scalar, fitting, name="is_valid_shape")
    return assert_(valid, ["weights can not be broadcast to values.", "weights.shape=", weights.name, shape,
                            "values.shape=", values.name, values_shape, "is_scalar=", scalar], name=scope)


def broadcast_weights(weights: Any, values: Any) -> Tensor:
    """weights repeated to the shape of values."""
    graph = context.default_graph()
    with graph.name_scope("broadcast_weights") as scope:
        values, weights = convert_to_tensor(values, name="values"), convert_to_tensor(weights, name="weights")
        full = weights.static is not None and None not in weights.static
        if full and weights.static == values.static:
            return weights
        with graph.control_dependencies([assert_broadcastable(weights, values)]):
            return two.multiply(weights, ones_like(values), name=scope)


def num_present(losses: Any, weights: Any, per_batch: bool = False) -> Tensor:
    """How many elements have a weight other than 0; per row (keeping axes) with per_batch."""
    graph = context.default_graph()
    if isinstance(weights, float) and weights != 0.0:
        return num_elements(losses)
    with graph.name_scope("num_present") as scope:
        weights = cast(weights, float32)
        present = where(equal(weights, 0.0), zeros_like(weights), ones_like(weights))
        present = broadcast_weights(present, losses)
        if per_batch:
            return reduce_sum(present, range_(1, rank(present)), keepdims=True, name=scope)
        return reduce_sum(present, name=scope)


def num_elements(losses: Tensor) -> Tensor:
    with context.default_graph().name_scope("num_elements") as scope:
        return cast(size(losses, name=scope), losses.dtype.base_dtype)


def _mean(losses: Tensor, count: Tensor) -> Tensor:
    """The sum divided by count, 0 where count is 0."""
    return div_no_nan(reduce_sum(losses), count, name="value")


@export("losses.compute_weighted_loss")
@beside_inputs
def compute_weighted_loss(losses: Any, weights: Any = 1.0, scope: str | None = None, loss_collection: Any = "losses",
                          reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS) -> Tensor:
    """losses times weights (a scalar, or of their rank and broadcastable), reduced, added to loss_collection."""
    Reduction.validate(reduction)
    graph = context.default_graph()
    with graph.name_scope(scope or "weighted_loss"):
        with graph.control_dependencies([assert_broadcastable(weights, losses)]):
            losses = convert_to_tensor(losses)
            dtype = losses.dtype.base_dtype
            losses, weights = cast(losses, float32), cast(weights, float32)
            loss = two.multiply(losses, weights)
            if reduction != Reduction.NONE:
                loss = reduce_sum(loss)
                if reduction == Reduction.MEAN:
                    loss = _mean(loss, reduce_sum(ones_like(losses) * weights))
                elif reduction == Reduction.SUM_BY_NONZERO_WEIGHTS:
                    loss = _mean(loss, num_present(losses, weights))
                elif reduction == Reduction.SUM_OVER_BATCH_SIZE:
                    loss = _mean(loss, num_elements(losses))
            loss = cast(loss, dtype)
            add_loss(loss, loss_collection)
            return loss


@export("losses.add_loss")
def add_loss(loss: Any, loss_collection: Any = "losses") -> None:
    """Adds a loss to the collection, if one is given."""
    if loss_collection:
        context.default_graph().add_to_collection(loss_collection, loss)


@export("losses.get_losses")
def get_losses(scope: str | None = None, loss_collection: Any = "losses") -> list[Any]:
    """The losses of the collection whose names begin with `scope` (a regular expression)."""
    return context.default_graph().get_collection(loss_collection, scope)


@export("losses.get_regularization_losses")
def get_regularization_losses(scope: str | None = None) -> list[Any]:
    """The losses that variables' regularizers made."""
    return context.default_graph().get_collection("regularization_losses", scope)


@export("losses.get_regularization_loss")
def get_regularization_loss(scope: str | None = None, name: str = "total_regularization_loss") -> Tensor:
    """Their sum; the constant 0 when there are none."""
    losses = get_regularization_losses(scope)
    return add_n(losses, name=name) if losses else constant_op(0.0)


@export("losses.get_total_loss")
def get_total_loss(add_regularization_losses: bool = True, name: str = "total_loss", scope: str | None = None) -> Tensor:
    """The sum of the losses collected so far, with those of regularizers; ValueError when there are none."""
    losses = get_losses(scope=scope)
    if add_regularization_losses:
        losses = losses + get_regularization_losses(scope=scope)
    return add_n(losses, name=name)
