"""Reductions along axes: sum, mean, product, extremes, any, all. Gradients are in `reduction_grad.py`."""
from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ...core import context
from ...core.constant import constant_op
from ...core.deprecation import either
from ...core.dtypes import DType, int32, int64
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, require
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from .. import functions as F
from ..dtype_sets import NUMERIC, QUANTIZED, REAL
from . import reduction_grad


class Reduction(Op):
    """Base: the axes are a static input; an axis that is reduced vanishes or, with keep_dims, gets size 1."""
    static = ("reduction_indices",)
    python_names = {"reduction_indices": "axis"}
    keep_dims: bool = False
    Tidx: DType = one_of((int32, int64), default=int32)
    method = "sum"

    def infer(self, x: Any, axes: Any) -> Spec:
        require(axes.shape is None or len(axes.shape) <= 1, f"Shape must be at most rank 1 but is rank {len(axes.shape or ())}")
        if x.shape is None:
            return Spec(x.dtype, None)
        rank = len(x.shape)
        if axes.value is None:
            if self.keep_dims:
                return Spec(x.dtype, (None,) * rank)
            return Spec(x.dtype, () if axes.shape == (rank,) and rank <= 1 else None)
        over = set()
        for axis in np.ravel(axes.value).tolist():
            require(-rank <= axis < rank, f"Invalid reduction dimension {axis} for input with {rank} dimensions")
            over.add(axis % rank)
        return Spec(x.dtype, tuple(1 if i in over else d for i, d in enumerate(x.shape) if self.keep_dims or i not in over))

    def kernel(self, xp: Namespace, x: Any, axes: Any) -> Any:
        return getattr(xp, self.method)(x, axis=axes_of(axes), keepdims=self.keep_dims)

    def grad(self, op: Operation, dy: Any) -> Any:
        return None, None


def axes_of(axes: Any) -> tuple[int, ...]:
    """A static axes input as a tuple."""
    found = axes.tolist()
    return (found,) if found.__class__ is int else tuple(found if axes.ndim == 1 else axes.ravel().tolist())


_SIG = "input: T, reduction_indices: Tidx -> output: T"
_SIG_BOOL = "input: bool, reduction_indices: Tidx -> output: bool"


class Sum(Reduction, sig=_SIG):
    """The sum along axes."""
    T: DType = one_of(NUMERIC, QUANTIZED)

    def kernel(self, xp: Namespace, x: Any, axes: Any) -> Any:
        over = axes_of(axes)
        if self.T.size <= 2 and self.T.is_floating:  # 16 bits: added up in 32
            return xp.astype(xp.sum(xp.astype(x, np.float32), axis=over, keepdims=self.keep_dims), self.T.np)
        return xp.sum(x, axis=over, keepdims=self.keep_dims)

    def grad(self, op: Operation, dy: Any) -> Any:
        return reduction_grad.spread(op, dy), None

    def flops(self, inputs: Any, outputs: Any) -> int:
        return prod(inputs[0]) - prod(outputs[0])


class Mean(Reduction, sig=_SIG):
    """The mean along axes."""
    T: DType = one_of(NUMERIC, QUANTIZED)

    def kernel(self, xp: Namespace, x: Any, axes: Any) -> Any:
        over = axes_of(axes)
        count = prod([x.shape[a] for a in {a % len(x.shape) for a in over}])
        if self.T.size <= 2 and self.T.is_floating:
            x = xp.astype(x, np.float32)
        if self.T.is_integer:       # added up in 64 bits, divided towards zero
            total = xp.sum(xp.astype(x, np.uint64 if self.T.np.kind == "u" else np.int64), axis=over, keepdims=self.keep_dims)
            divisor = np.asarray(max(count, 1), total.dtype)        # numpy 1 takes uint64 and an int for floats
            down = xp.floor_divide(total, divisor)
            return xp.astype(down + xp.astype((total < 0) & (down * divisor != total), total.dtype), self.T.np)
        total = xp.sum(x, axis=over, keepdims=self.keep_dims)
        return xp.astype(total / count if count else total * float("nan"), self.T.np)

    def grad(self, op: Operation, dy: Any) -> Any:
        return reduction_grad.spread_mean(op, dy), None

    def flops(self, inputs: Any, outputs: Any) -> int:
        return prod(inputs[0])


class Prod(Reduction, sig=_SIG):
    """The product along axes."""
    T: DType = one_of(NUMERIC, QUANTIZED)
    method = "prod"

    def grad(self, op: Operation, dy: Any) -> Any:
        return reduction_grad.product(op, dy), None


class _Extreme(Reduction):
    """Max and Min; an empty axis gives the identity (-inf or the least number; inf or the greatest)."""
    T: DType = one_of(REAL, QUANTIZED)

    def kernel(self, xp: Namespace, x: Any, axes: Any) -> Any:
        over = axes_of(axes)
        if any(x.shape[a] == 0 for a in over):
            lowest = self.method == "max"
            if self.T.is_floating:
                value = float("-inf" if lowest else "inf")
            else:
                value = self.T.min if lowest else self.T.max
            wanted = {a % len(x.shape) for a in over}
            shape = tuple(1 if i in wanted else d for i, d in enumerate(x.shape) if self.keep_dims or i not in wanted)
            return np.full(shape, value, self.T.np)
        return getattr(xp, self.method)(x, axis=over, keepdims=self.keep_dims)

    def grad(self, op: Operation, dy: Any) -> Any:
        return reduction_grad.extreme(op, dy), None


class Max(_Extreme, sig=_SIG):
    """The greatest along axes."""
    method = "max"


class Min(_Extreme, sig=_SIG):
    """The least along axes."""
    method = "min"


class All(Reduction, sig=_SIG_BOOL):
    """Whether all are true along axes."""
    method = "all"


class Any_(Reduction):
    method = "any"


AnyTrue = type("Any", (Any_,), {"__doc__": "Whether any is true along axes.", "__module__": __name__}, sig=_SIG_BOOL)


class EuclideanNorm(Reduction, sig=_SIG):
    """The square root of the sum of squared moduli along axes."""
    T: DType = one_of(NUMERIC, QUANTIZED)

    def kernel(self, xp: Namespace, x: Any, axes: Any) -> Any:
        squares = xp.astype(xp.square(xp.abs(x)), self.T.np) if self.T.is_complex else xp.square(x)
        total = xp.sum(squares, axis=axes_of(axes), keepdims=self.keep_dims)
        return xp.astype(xp.sqrt(xp.astype(total, np.float64) if self.T.is_integer else total), self.T.np)

    def grad(self, op: Operation, dy: Any) -> Any:
        return reduction_grad.euclidean_norm(op, dy), None


_ALL = np.arange(256, dtype=np.int32)     # axes


def reduction_axes(x: Any, axis: Any) -> Any:
    """The axes input of a reduction: all axes when None (a Const, or a Range when the rank is unknown or 0)."""
    if axis is not None:
        return axis
    shape = x.static if isinstance(x, Tensor) else getattr(getattr(x, "shape", None), "dims", None)  # of a variable
    if shape is not None and context.default_graph().eager:
        return _ALL[:len(shape)]
    if shape:
        return constant_op(np.arange(len(shape), dtype=np.int32))
    return F.range(0, F.rank(x))


def reduce_op(cls: Any, x: Any, axis: Any, keepdims: bool, name: str | None) -> Tensor:
    """A reduction node with TF1's names for its axes."""
    result = make(cls, x, reduction_axes(x, axis), name=name, keep_dims=keepdims)
    if axis is None and not keepdims and result._spec.shape != ():
        result.set_shape(())
    return result


def old_arguments(axis: Any, keepdims: Any, reduction_indices: Any, keep_dims: Any) -> tuple[Any, bool]:
    """TF 1.0's argument names; ValueError when both the old and the new one are given."""
    axis = either(axis, reduction_indices, "axis", "reduction_indices")
    kept = either(keepdims, keep_dims, "keepdims", "keep_dims")
    return axis, False if kept is None else kept


def _function(cls: Any, function_name: str, doc: str) -> Any:
    def function(input_tensor: Any, axis: Any = None, keepdims: Any = None, name: str | None = None,
                 reduction_indices: Any = None, keep_dims: Any = None) -> Tensor:
        axis, keepdims = old_arguments(axis, keepdims, reduction_indices, keep_dims)
        return reduce_op(cls, input_tensor, axis, keepdims, name)
    function.__name__ = function.__qualname__ = function_name
    function.__doc__ = doc + (" `axis` is an int, a list or a tensor of ints, all axes when None; keepdims keeps reduced axes "
                              "with size 1. reduction_indices and keep_dims are TF 1.0's names of the same.")
    return export(function_name, f"math.{function_name}")(function)


reduce_sum = _function(Sum, "reduce_sum", "The sum over `axis`.")
reduce_mean = _function(Mean, "reduce_mean", "The mean over `axis`; of integers rounded towards zero.")
reduce_prod = _function(Prod, "reduce_prod", "The product over `axis`.")
reduce_max = _function(Max, "reduce_max", "The greatest over `axis`.")
reduce_min = _function(Min, "reduce_min", "The least over `axis`.")
reduce_all = _function(All, "reduce_all", "Whether all booleans over `axis` are true.")
reduce_any = _function(AnyTrue, "reduce_any", "Whether any boolean over `axis` is true.")
