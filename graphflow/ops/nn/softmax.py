"""softmax and log_softmax along any axis; the ops themselves work along the last."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...core.convert import convert_to_tensor
from ...core.dtypes import DType
from ...core.errors import InvalidArgumentError
from ...core.export import export
from ...core.known import constant_value
from ...core.make import make
from ...core.op import Op, Spec, one_of, require
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from .. import functions as F
from ..array.axes import rank, transpose
from ..array.fill import range as range_
from ..array.joining import concat
from ..dtype_sets import FLOATING
from ..elementwise import binary as two
from ..elementwise import unary as one
from ..reduce.reduction import reduce_sum


def _check(logits: Spec) -> Spec:
    require(logits.shape is None or len(logits.shape) >= 1, "Shape must be at least rank 1 but is rank 0")
    return logits


class Softmax(Op, sig="logits: T -> softmax: T"):
    """exp(x) / sum(exp(x)) along the last axis."""
    flops_per_element = 5
    T: DType = one_of(FLOATING)

    def infer(self, logits: Spec) -> Spec:
        return _check(logits)

    def kernel(self, xp: Namespace, x: Any) -> Any:
        if not x.shape[-1]:
            return x
        e = xp.exp(x - xp.max(x, axis=-1, keepdims=True))
        return e / xp.sum(e, axis=-1, keepdims=True)

    def grad(self, op: Operation, dy: Any) -> Any:
        y = op.outputs[0]
        return ((dy - reduce_sum(dy * y, -1, keepdims=True)) * y,)


class LogSoftmax(Op, sig="logits: T -> logsoftmax: T"):
    """x - log(sum(exp(x))) along the last axis."""
    T: DType = one_of(FLOATING)

    def infer(self, logits: Spec) -> Spec:
        return _check(logits)

    def kernel(self, xp: Namespace, x: Any) -> Any:
        if not x.shape[-1]:
            return x
        z = x - xp.max(x, axis=-1, keepdims=True)
        return z - xp.log(xp.sum(xp.exp(z), axis=-1, keepdims=True))

    def grad(self, op: Operation, dy: Any) -> Any:
        y = one.exp(op.outputs[0])
        return (dy - reduce_sum(dy, -1, keepdims=True) * y,)


def swap_axis(logits: Tensor, axis: Any, last: Any, name: str | None = None) -> Tensor:
    """logits with `axis` and the axis numbered `last` exchanged."""
    if logits.static is None:      # `axis` may turn out to be the last one
        places = range_(rank(logits))
        order = F.where_v2(F.equal(places, axis), last, F.where_v2(F.equal(places, last), axis, places))
        return transpose(logits, order, name=name or "transpose")
    order = concat([range_(axis), [last], range_(axis + 1, last), [axis]], 0)
    return transpose(logits, order, name=name or "transpose")


def along_last(logits: Any, function: Callable[..., Tensor], axis: int, name: str | None) -> Tensor:
    """function(logits), which works along the last axis, along any one."""
    logits = convert_to_tensor(logits)
    static = logits.static
    count = None if static is None else len(static)
    if axis == -1 or (count is not None and axis == count - 1):
        return function(logits, name=name)
    if isinstance(axis, Tensor):
        known = constant_value(axis)
        axis = axis if known is None else int(known)
    if count is not None and isinstance(axis, int):
        if not -count <= axis < count:
            raise InvalidArgumentError(None, None, f"`axis` {axis} is out of range for a tensor of rank {count}; it must be in "
                                                   f"[{-count}, {count})")
    before, last = rank(logits), rank(logits)
    if isinstance(axis, int) and axis < 0:
        axis = axis % count if count is not None else axis + before   # type: ignore[assignment]
    swapped = swap_axis(logits, axis, two.subtract(last, 1))
    result = swap_axis(function(swapped), axis, two.subtract(last, 1), name=name)
    result.set_shape(static)
    return result


def _axis(axis: Any, dim: Any) -> Any:
    if dim is not None:
        if axis is not None:
            raise ValueError("Cannot specify both 'axis' and 'dim'.")
        return dim
    return -1 if axis is None else axis


@export("nn.softmax", "math.softmax")
def softmax(logits: Any, axis: Any = None, name: str | None = None, dim: Any = None) -> Tensor:
    """exp(logits) / sum(exp(logits)) along `axis` (the last). dim is TF 1.0's name of axis."""
    return along_last(logits, lambda x, name=None: make(Softmax, x, name=name), _axis(axis, dim), name)


@export("nn.log_softmax", "math.log_softmax")
def log_softmax(logits: Any, axis: Any = None, name: str | None = None, dim: Any = None) -> Tensor:
    """logits - log(sum(exp(logits))) along `axis` (the last)."""
    return along_last(logits, lambda x, name=None: make(LogSoftmax, x, name=name), _axis(axis, dim), name)
