"""Cross entropies. Those with logits take named arguments only, as TF 1.x did: older programs pass logits first."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import context, shapes
from ...core.constant import constant_op
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, float16, float32, int32, int64
from ...core.export import export
from ...core.known import constant_value
from ...core.make import make
from ...core.op import Spec, one_of, require
from ...core.operation import Operation
from ...core.outcomes import Several
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from ..array.axes import expand_dims, rank, squeeze, transpose
from ..array.basic import cast, reshape, shape_internal, stop_gradient
from ..array.coordinates import outside
from ..array.fill import ones_like, zeros_like
from ..array.fill import range as range_
from ..array.joining import concat
from ..array.select import where
from ..array.slice import slice as slice_
from ..dtype_sets import FLOATING
from ..elementwise import binary as two
from ..elementwise import unary as one
from ..elementwise.comparison import greater_equal, less_equal, logical_and
from ..linalg.matmul import matmul
from .activations import relu
from .softmax import log_softmax, softmax


def _broadcast_multiply(vector: Any, matrix: Any) -> Tensor:
    """Each row of a matrix times one element of a vector."""
    return expand_dims(vector, -1) * matrix


def _flows(gradient: Any) -> bool:
    """Whether a gradient is more than zeros made for an unused output."""
    if gradient is None:
        return False
    if gradient.op.type in ("ZerosLike", "Zeros"):
        return False
    known = constant_value(gradient) if gradient.op.type == "Const" else None
    return known is None or bool(np.any(known))


class SoftmaxCrossEntropyWithLogits(Several, sig="features: T, labels: T -> loss: T, backprop: T"):
    """Cross entropy of each row, and its gradient by the logits."""
    T: DType = one_of(FLOATING)

    def infer(self, features: Spec, labels: Spec) -> Any:
        both = shapes.broadcast(features.shape, labels.shape)
        if both is None:
            return Spec(self.T, (None,)), Spec(self.T, (None, None))
        require(len(both) == 2, f"Shape must be rank 2 but is rank {len(both)}")
        return Spec(self.T, both[:1]), Spec(self.T, both)

    def kernel(self, xp: Namespace, x: Any, labels: Any) -> Any:
        z = x - xp.max(x, axis=1, keepdims=True)
        e = xp.exp(z)
        total = xp.sum(e, axis=1, keepdims=True)
        return xp.sum(labels * (xp.log(total) - z), axis=1), e / total - labels

    def grad(self, op: Operation, dy: Any, dback: Any = None) -> Any:
        logits = op.inputs[0]
        dx = _broadcast_multiply(dy, op.outputs[1])
        if _flows(dback):
            y = softmax(logits)
            inner = squeeze(matmul(expand_dims(dback, 1), expand_dims(y, 2)), axis=1)
            dx += (dback - inner) * y
        return dx, _broadcast_multiply(dy, -log_softmax(logits))


class SparseSoftmaxCrossEntropyWithLogits(Several, sig="features: T, labels: Tlabels -> loss: T, backprop: T"):
    """Cross entropy of each row with one class number per row, and its gradient by the logits."""
    T: DType = one_of(FLOATING)
    Tlabels: DType = one_of(int32, int64, default=int64)

    def infer(self, features: Spec, labels: Spec) -> Any:
        rows = labels.shape
        if features.shape is not None:
            require(len(features.shape) == 2, f"Shape must be rank 2 but is rank {len(features.shape)}")
            rows = shapes.merge(features.shape[:1], rows)
        return Spec(self.T, rows if rows is not None else (None,)), Spec(self.T, features.shape or (None, None))

    def check(self, x: Spec, labels: Spec) -> None:
        require(labels.shape is None or len(labels.shape) == 1, f"labels must be 1-D, but got shape {shapes.describe(labels.shape)}")
        require(x.shape is None or shapes.compatible(labels.shape, x.shape[:1]),
                f"logits and labels must have the same first dimension, got logits shape {shapes.describe(x.shape)} and "
                f"labels shape {shapes.describe(labels.shape)}")

    def kernel(self, xp: Namespace, x: Any, labels: Any) -> Any:
        classes = x.shape[1]
        z = x - xp.max(x, axis=1, keepdims=True)
        e = xp.exp(z)
        total = xp.sum(e, axis=1, keepdims=True)
        xp.check(outside(labels, classes), f"Received a label value of {{value}} which is outside the valid range of [0, {classes}).  "
                                           "Label values: {all}", labels)
        places = xp.astype(labels, np.int64) + np.arange(labels.size) * classes
        back = xp.scatter_rows(e / total, places, np.ones((), x.dtype), "sub", 2)
        return xp.log(total[:, 0]) - xp.take(xp.ravel(z), places, 0), back

    def grad(self, op: Operation, dy: Any, dback: Any = None) -> Any:
        dx = _broadcast_multiply(dy, op.outputs[1])
        if _flows(dback):
            y = softmax(op.inputs[0])
            inner = squeeze(matmul(expand_dims(dback, 1), expand_dims(y, 2)), axis=1)
            dx += (dback - inner) * y
        return dx, None


def _named_only(name: str, sentinel: Any, labels: Any, logits: Any) -> None:
    if sentinel is not None:
        raise ValueError(f"Only call `{name}` with named arguments (labels=..., logits=..., ...)")
    if labels is None or logits is None:
        raise ValueError("Both labels and logits must be provided.")


def _rows(x: Tensor) -> Tensor:
    """x as a matrix whose rows are its last axis."""
    count = rank(x)
    last = slice_(shape_internal(x), [two.subtract(count, 1)], [1])
    result = reshape(x, concat([[-1], last], 0))
    static = x.static
    if static is not None and all(d is not None for d in static[:-1]):
        result.set_shape((shapes.num_elements(static[:-1]), static[-1]))
    return result


@export("nn.softmax_cross_entropy_with_logits_v2")
def softmax_cross_entropy_with_logits_v2(labels: Any, logits: Any, axis: Any = None, name: str | None = None, dim: Any = None) -> Tensor:
    """Cross entropy of rows of label probabilities and unscaled logits, in nats; gradients flow into both.

    labels, logits: one shape (or broadcast to one) and floating dtype; classes lie along `axis` (the last). Returns that shape less `axis`.
    """
    axis = dim if dim is not None else -1 if axis is None else axis
    with context.default_graph().name_scope(name or "softmax_cross_entropy_with_logits") as scope:
        logits, labels = convert_to_tensor(logits, name="logits"), convert_to_tensor(labels, name="labels")
        half = logits.dtype.base_dtype is float16
        precise = cast(logits, float32) if half else logits
        labels = cast(labels, precise.dtype.base_dtype)
        count = rank(precise)
        static = logits.static
        if axis != -1:
            def to_last(x: Tensor) -> Tensor:
                return transpose(x, concat([range_(axis), range_(axis + 1, count), [axis]], 0))
            precise, labels = to_last(precise), to_last(labels)
        sizes = shape_internal(precise)
        cost = make(SoftmaxCrossEntropyWithLogits, _rows(precise), _rows(labels), name=scope)[0]
        cost = reshape(cost, slice_(sizes, [0], [two.subtract(count, 1)]))
        if static is not None:
            cost.set_shape([d for i, d in enumerate(static) if i != axis % len(static)])
        return cast(cost, float16) if half else cost


@export("nn.softmax_cross_entropy_with_logits")
def softmax_cross_entropy_with_logits(_sentinel: Any = None, labels: Any = None, logits: Any = None, dim: int = -1,
                                      name: str | None = None, axis: Any = None) -> Tensor:
    """As softmax_cross_entropy_with_logits_v2, without a gradient into the labels. Named arguments only."""
    _named_only("softmax_cross_entropy_with_logits", _sentinel, labels, logits)
    with context.default_graph().name_scope(name or "softmax_cross_entropy_with_logits_sg") as scope:
        labels = stop_gradient(convert_to_tensor(labels, name="labels"), name="labels_stop_gradient")
        return softmax_cross_entropy_with_logits_v2(labels, logits, dim if axis is None else axis, scope)


@export("nn.sparse_softmax_cross_entropy_with_logits")
def sparse_softmax_cross_entropy_with_logits(_sentinel: Any = None, labels: Any = None, logits: Any = None,
                                             name: str | None = None) -> Tensor:
    """Cross entropy of each row of logits with one true class, in nats. Named arguments only.

    labels: int32 or int64, shape [d0, ..., dn], each in [0, classes). logits: floating, shape [d0, ..., dn, classes].
    Returns shape and rank of labels, dtype of logits. A label out of range raises InvalidArgumentError at run.
    """
    _named_only("sparse_softmax_cross_entropy_with_logits", _sentinel, labels, logits)
    with context.default_graph().name_scope(name or "SparseSoftmaxCrossEntropyWithLogits"):
        labels, logits = convert_to_tensor(labels), convert_to_tensor(logits)
        half = logits.dtype.base_dtype is float16
        precise = cast(logits, float32) if half else logits
        sizes, rows, width = shape_internal(labels), labels.static, precise.static
        if width == ():
            raise ValueError(f"`logits` cannot be a scalar. Received logits={logits}`")
        if width is not None and rows is not None and len(rows) != len(width) - 1:
            raise ValueError("`labels.shape.rank` must equal `logits.shape.rank - 1`. Received: "
                             f"labels.shape={rows} of rank {len(rows)} and logits.shape={width} of rank {len(width)}")
        if rows is not None and width is not None and not shapes.compatible(rows, width[:-1]):
            raise ValueError(f"Shape mismatch: The shape of labels (received {rows}) should equal the shape of logits except for the "
                             f"last dimension (received {width}).")
        if width is not None and len(width) == 2:
            cost = make(SparseSoftmaxCrossEntropyWithLogits, precise, labels, name=name)[0]
            return cast(cost, float16) if half else cost
        classes = shape_internal(precise)[rank(precise) - 1]
        flat, labels = reshape(precise, [-1, classes]), reshape(labels, [-1])
        cost = reshape(make(SparseSoftmaxCrossEntropyWithLogits, flat, labels, name=name)[0], sizes)
        cost.set_shape(rows)
        return cast(cost, float16) if half else cost


def _same_shape(a: Tensor, b: Tensor, names: str) -> None:
    if not shapes.compatible(a.static, b.static):
        raise ValueError(f"{names} must have the same shape ({shapes.describe(a.static)} vs {shapes.describe(b.static)}).")


@export("nn.sigmoid_cross_entropy_with_logits")
def sigmoid_cross_entropy_with_logits(_sentinel: Any = None, labels: Any = None, logits: Any = None, name: str | None = None) -> Tensor:
    """max(x, 0) - x z + log(1 + exp(-|x|)) for logits x and labels z, elementwise: independent classes. Named arguments only."""
    _named_only("sigmoid_cross_entropy_with_logits", _sentinel, labels, logits)
    with context.default_graph().name_scope(name or "logistic_loss") as scope:
        logits, labels = convert_to_tensor(logits, name="logits"), convert_to_tensor(labels, name="labels")
        _same_shape(logits, labels, "`logits` and `labels`")
        zeros = zeros_like(logits, dtype=logits.dtype.base_dtype)
        positive = greater_equal(logits, zeros)
        above = where(positive, logits, zeros)
        minus_abs = where(positive, -logits, logits)
        return two.add(above - logits * labels, one.log1p(one.exp(minus_abs)), name=scope)


@export("nn.weighted_cross_entropy_with_logits")
def weighted_cross_entropy_with_logits(labels: Any = None, logits: Any = None, pos_weight: Any = None, name: str | None = None,
                                       targets: Any = None) -> Tensor:
    """Sigmoid cross entropy whose positive term is multiplied by pos_weight. targets is TF 1.0's name of labels."""
    labels = targets if labels is None else labels
    with context.default_graph().name_scope(name or "logistic_loss") as scope:
        logits, labels = convert_to_tensor(logits, name="logits"), convert_to_tensor(labels, name="labels")
        _same_shape(logits, labels, "`logits` and `labels`")
        weight = 1 + (pos_weight - 1) * labels
        return two.add((1 - labels) * logits, weight * (one.log1p(one.exp(-one.abs_(logits))) + relu(-logits)), name=scope)


@export("nn.log_poisson_loss")
def log_poisson_loss(targets: Any, log_input: Any, compute_full_loss: bool = False, name: str | None = None) -> Tensor:
    """exp(c) - c z for log rates c and counts z; with compute_full_loss plus Stirling's z log z - z + log(2 pi z) / 2 where z > 1."""
    with context.default_graph().name_scope(name or "log_poisson_loss"):
        log_input, targets = convert_to_tensor(log_input, name="log_input"), convert_to_tensor(targets, name="targets")
        _same_shape(log_input, targets, "`log_input` and `targets`")
        result = one.exp(log_input) - log_input * targets
        if compute_full_loss:
            dtype = targets.dtype.base_dtype
            half, twice_pi = constant_op(0.5, dtype), constant_op(2 * np.pi, dtype)
            stirling = targets * one.log(targets) - targets + half * one.log(twice_pi * targets)
            zeros, ones = zeros_like(targets, dtype=dtype), ones_like(targets, dtype=dtype)
            small = logical_and(greater_equal(targets, zeros), less_equal(targets, ones))
            result += where(small, zeros, stirling)
        return result
