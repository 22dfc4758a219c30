"""Running sums, products and log-sum-exps along one axis."""
from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from ...core import context
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, int32, int64
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, require
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from .. import functions as F
from ..dtype_sets import FLOATING, NUMERIC, QUANTIZED
from ..elementwise import comparison, division, unary


class _Scan(Op):
    """exclusive: element i holds what comes before it; reverse: from the far end."""
    static = ("axis",)
    how: ClassVar[str] = "sum"          # see kernels.ordering
    first: ClassVar[float] = 0          # what an exclusive one starts with
    exclusive: bool = False
    reverse: bool = False
    Tidx: DType = one_of((int32, int64), default=int32)

    def infer(self, x: Any, axis: Any) -> Spec:
        return Spec(x.dtype, x.shape)

    def check(self, x: Any, axis: Any) -> None:
        if x.shape is not None and axis.value is not None:
            rank, place = len(x.shape), int(axis.value)
            require(-rank <= place < rank, f"ScanOp: Expected scan axis in the range [{-rank}, {rank}), but got {place}")

    def kernel(self, xp: Namespace, x: Any, axis: Any) -> Any:
        rank = len(x.shape)
        axis = int(axis) % rank
        lead = (slice(None),) * axis
        if self.reverse:
            x = x[(*lead, slice(None, None, -1))]
        if self.exclusive and x.shape[axis]:
            first = xp.broadcast_to(np.asarray(self.first, x.dtype), [1 if i == axis else d for i, d in enumerate(x.shape)])
            x = xp.concatenate([first, x[(*lead, slice(None, -1))]], axis)
        out = xp.cumulative(x, self.how, axis)
        return out[(*lead, slice(None, None, -1))] if self.reverse else out


class Cumsum(_Scan, sig="x: T, axis: Tidx -> out: T"):
    """The running sum."""
    T: DType = one_of(NUMERIC, QUANTIZED)

    def grad(self, op: Operation, dy: Any) -> Any:
        return cumsum(dy, op.inputs[1], exclusive=self.exclusive, reverse=not self.reverse), None


class Cumprod(_Scan, sig="x: T, axis: Tidx -> out: T"):
    """The running product."""
    how, first = "prod", 1
    T: DType = one_of(NUMERIC, QUANTIZED)

    def grad(self, op: Operation, dy: Any) -> Any:
        x, axis = op.inputs
        product = cumprod(x, axis, exclusive=self.exclusive, reverse=self.reverse)
        total = cumsum(product * dy, axis, exclusive=self.exclusive, reverse=not self.reverse)
        return division.div_no_nan(total, x), None


class CumulativeLogsumexp(_Scan, sig="x: T, axis: Tidx -> out: T"):
    """The logarithm of the running sum of exponentials."""
    how, first = "logsumexp", -np.inf
    T: DType = one_of(FLOATING)

    def grad(self, op: Operation, dy: Any) -> Any:
        x, axis = op.inputs
        y = op.outputs[0]
        lowest = dy.dtype.base_dtype.min
        positive = F.where_v2(comparison.greater(dy, 0), unary.log(dy), lowest)
        negative = F.where_v2(comparison.less(dy, 0), unary.log(-dy), lowest)
        parts = []
        for part in (positive, negative):
            running = cumulative_logsumexp(part - y, axis=axis, reverse=not self.reverse, exclusive=self.exclusive)
            parts.append(unary.exp(running + x))
        return parts[0] - parts[1], None


def _scan(cls: Any, x: Any, axis: Any, exclusive: bool, reverse: bool, name: str | None) -> Tensor:
    with context.default_graph().name_scope(name or cls.__name__) as scope:
        x = convert_to_tensor(x, name="x")
        return make(cls, x, axis, name=scope, exclusive=bool(exclusive), reverse=bool(reverse))


@export("cumsum", "math.cumsum")
def cumsum(x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None) -> Tensor:
    """The running sum along `axis`: [a, a+b, a+b+c]; exclusive: [0, a, a+b]; reverse: [a+b+c, b+c, c]."""
    return _scan(Cumsum, x, axis, exclusive, reverse, name)


@export("cumprod", "math.cumprod")
def cumprod(x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None) -> Tensor:
    """The running product along `axis`; flags as in `tf.cumsum`."""
    return _scan(Cumprod, x, axis, exclusive, reverse, name)


@export("math.cumulative_logsumexp")
def cumulative_logsumexp(x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None) -> Tensor:
    """log(cumsum(exp(x))) along `axis` without overflow; flags as in `tf.cumsum`."""
    return _scan(CumulativeLogsumexp, x, axis, exclusive, reverse, name)
