"""The largest k of each row, and whether a class is among them."""
from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ...core import context
from ...core.dtypes import DType, as_dtype, bool_, int16, int32, int64
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, require
from ...core.operation import Operation
from ...core.outcomes import Several
from ...core.shapes import describe
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from ..array.axes import expand_dims, size
from ..array.basic import cast, reshape, shape_internal
from ..array.coordinates import outside
from ..array.fill import range as range_
from ..array.fill import zeros
from ..array.indexing import gather
from ..array.scattering import scatter_nd
from ..array.stacking import stack
from ..dtype_sets import REAL
from ..reduce.reduction import reduce_prod


class TopKValues(NamedTuple):
    """Values and their positions along the last axis."""
    values: Any
    indices: Any


def _top(xp: Namespace, x: Any, k: int, index_type: Any) -> tuple[Any, Any]:
    """The k largest along the last axis, the lower index first among equals; NaN counts as smallest."""
    if k > x.shape[-1]:
        raise ValueError(f"input must have at least k columns. Had {x.shape[-1]}, needed {k}")
    positions = xp.top_positions(x, k)
    return xp.take_along(x, positions), xp.astype(positions, index_type)


class TopKV2(Several, sig="input: T, k: Tk -> values: T, indices: index_type", static={"k": 0}):
    """The k largest of each row, sorted, and their positions."""
    sorted: bool = True
    T: DType = one_of(REAL)
    Tk: DType = one_of(int16, int32, int64, default=int32)
    index_type: DType = one_of(int16, int32, int64, default=int32)

    def infer(self, x: Spec, k: Any) -> Any:
        count = None if k.value is None else int(k.value)
        require(count is None or count >= 0, f"Need k >= 0, got {count}")
        if x.shape is None:
            return Spec(self.T), Spec(self.index_type)
        require(len(x.shape) >= 1, "Shape must be at least rank 1 but is rank 0")
        last = x.shape[-1]
        require(count is None or last is None or last >= count, f"input must have last dimension >= k = {count} but is {last}")
        shape = (*x.shape[:-1], count)
        return Spec(self.T, shape), Spec(self.index_type, shape)

    def kernel(self, xp: Namespace, x: Any, k: Any) -> Any:
        return _top(xp, x, int(k), self.index_type.np)

    def grad(self, op: Operation, dy: Any, _: Any = None) -> Any:
        return _top_gradient(op, dy, op.outputs[1]), zeros([], int32)


class TopK(Several, sig="input: T -> values: T, indices: int32"):
    """TopKV2 of the first TensorFlow versions, k being an attribute."""
    k: int
    sorted: bool = True
    T: DType = one_of(REAL)

    def infer(self, x: Spec) -> Any:
        shape = None if x.shape is None else (*x.shape[:-1], self.k)
        return Spec(self.T, shape), Spec(int32, shape)

    def kernel(self, xp: Namespace, x: Any) -> Any:
        return _top(xp, x, self.k, np.int32)

    def grad(self, op: Operation, dy: Any, _: Any = None) -> Any:
        return (_top_gradient(op, dy, op.outputs[1]),)


def _top_gradient(op: Any, dy: Any, indices: Any) -> Tensor:
    """dy scattered to the places it came from."""
    sizes, index_sizes = shape_internal(op.inputs[0]), shape_internal(indices)
    width = gather(cast(index_sizes, int64), size(index_sizes) - 1)
    rows = reshape(indices, stack([-1, width]))
    last = gather(cast(sizes, int64), size(sizes) - 1)
    outer = shape_internal(rows)[0]
    base = cast(expand_dims(range_(0, cast(outer, int64) * last, last), -1), int32)
    places = reshape(rows + base, [-1])
    return reshape(scatter_nd(expand_dims(places, -1), reshape(dy, [-1]), [reduce_prod(sizes)]), sizes)


class InTopKV2(Op, sig="predictions: float32, targets: T, k: T -> precision: bool"):
    """Whether fewer than k predictions are larger than the target's."""
    T: DType = one_of(int32, int64, default=int32)

    def infer(self, predictions: Spec, targets: Spec, k: Spec) -> Spec:
        require(not k.shape, f"k must be 0-D, got shape {describe(k.shape)}")
        return _rows(predictions, targets)

    def kernel(self, xp: Namespace, predictions: Any, targets: Any, k: Any) -> Any:
        return _among(xp, predictions, targets, k)


class InTopK(Op, sig="predictions: float32, targets: T -> precision: bool"):
    """InTopKV2 of the first TensorFlow versions, k being an attribute."""
    k: int
    T: DType = one_of(int32, int64, default=int32)

    def infer(self, predictions: Spec, targets: Spec) -> Spec:
        return _rows(predictions, targets)

    def kernel(self, xp: Namespace, predictions: Any, targets: Any) -> Any:
        return _among(xp, predictions, targets, self.k)


def _rows(predictions: Spec, targets: Spec) -> Spec:
    """A bool for each row."""
    for x, rank in ((predictions, 2), (targets, 1)):
        require(x.shape is None or len(x.shape) == rank, f"Shape must be rank {rank} but is rank {len(x.shape or ())}")
    rows = None if predictions.shape is None else predictions.shape[0]
    length = None if targets.shape is None else targets.shape[0]
    require(None in (rows, length) or rows == length, f"First dimension of predictions {rows} must match length of targets {length}")
    return Spec(bool_, (rows if length is None else length,))


def _among(xp: Namespace, predictions: Any, targets: Any, k: Any) -> Any:
    """False for a target out of range, or a row with anything not finite at or above it."""
    rows, classes = predictions.shape
    if not classes:
        return np.zeros(rows, bool)
    bad = outside(targets, classes)
    places = np.arange(rows) * classes + xp.where(bad, np.int64(0), xp.astype(targets, np.int64))
    own = xp.take(xp.ravel(predictions), places, 0)
    larger = xp.sum(xp.astype(predictions > own[:, None], np.int64), axis=1)
    return xp.logical_not(bad) & xp.all(xp.isfinite(predictions), axis=1) & (larger < k)


@export("nn.top_k", "math.top_k")
def top_k(input: Any, k: Any = 1, sorted: bool = True, index_type: Any = int32, name: str | None = None) -> TopKValues:
    """(values, indices) of the k largest along the last axis, largest first, the lower index first among equals."""
    return TopKValues(*make(TopKV2, input, k, name=name, sorted=sorted, index_type=as_dtype(index_type)))


@export("nn.in_top_k", "math.in_top_k")
def in_top_k(predictions: Any, targets: Any, k: Any, name: str | None = None) -> Tensor:
    """For each row of predictions [batch, classes], whether the target class is among the k largest; ties count as in."""
    with context.default_graph().name_scope(name or "in_top_k"):
        return make(InTopKV2, predictions, targets, k, name=name)
