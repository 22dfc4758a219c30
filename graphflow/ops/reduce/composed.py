"""Reductions made of others: log-sum-exp, Euclidean norm, variance, standard deviation, number of non-zeros."""
from __future__ import annotations

from typing import Any

from ...core import context, dtypes
from ...core.convert import convert_to_tensor
from ...core.deprecation import either
from ...core.export import export
from ...core.make import make
from ...core.tensor import Tensor
from .. import functions as F
from ..array.basic import shape_internal
from ..elementwise import binary, comparison, unary
from ..elementwise.complex import Conj, Real
from .reduction import EuclideanNorm, old_arguments, reduce_max, reduce_mean, reduce_op, reduce_prod, reduce_sum


@export("reduce_logsumexp", "math.reduce_logsumexp")
def reduce_logsumexp(input_tensor: Any, axis: Any = None, keepdims: Any = None, name: str | None = None,
                     reduction_indices: Any = None, keep_dims: Any = None) -> Tensor:
    """log(sum(exp(x))) over `axis`, without overflow; arguments as in `tf.reduce_sum`."""
    axis, keepdims = old_arguments(axis, keepdims, reduction_indices, keep_dims)
    with context.default_graph().name_scope(name or "ReduceLogSumExp") as scope:
        top = reduce_max(input_tensor, axis=axis, keepdims=True)
        top = F.stop_gradient(F.where_v2(unary.is_finite(top), top, 0))
        total = reduce_sum(unary.exp(binary.subtract(input_tensor, top)), axis=axis, keepdims=keepdims)
        result = unary.log(total)
        if not keepdims:
            top = F.reshape(top, shape_internal(result, optimize=False))
        result = binary.add(result, top, name=scope)
        if axis is None and not keepdims:
            result.set_shape(())
        return result


@export("math.reduce_euclidean_norm")
def reduce_euclidean_norm(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """The square root of the sum of squared moduli over `axis`."""
    return reduce_op(EuclideanNorm, input_tensor, axis, keepdims, name)


@export("math.reduce_variance")
def reduce_variance(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """The mean squared distance from the mean over `axis`; TypeError for integers."""
    with context.default_graph().name_scope(name or "reduce_variance"):
        x = convert_to_tensor(input_tensor)
        means = reduce_mean(x, axis=axis, keepdims=True)
        if means.dtype.is_integer:
            raise TypeError(f"Input must be either real or complex. Received integer type {means.dtype}.")
        apart = x - means
        if apart.dtype.is_complex:
            squares = make(Real, binary.multiply(make(Conj, apart), apart), Tout=apart.dtype.real_dtype)
        else:
            squares = unary.square(apart)
        return reduce_mean(squares, axis=axis, keepdims=keepdims)


@export("math.reduce_std")
def reduce_std(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """The root of the mean squared distance from the mean over `axis`; TypeError for integers."""
    with context.default_graph().name_scope(name or "reduce_std"):
        return unary.sqrt(reduce_variance(convert_to_tensor(input_tensor), axis=axis, keepdims=keepdims))


@export("count_nonzero", "math.count_nonzero")
def count_nonzero(input_tensor: Any = None, axis: Any = None, keepdims: Any = None, dtype: Any = dtypes.int64, name: str | None = None,
                  reduction_indices: Any = None, keep_dims: Any = None, input: Any = None) -> Tensor:
    """The number of elements over `axis` that are not zero (not empty, for strings), as `dtype`."""
    axis, keepdims = old_arguments(axis, keepdims, reduction_indices, keep_dims)
    value = either(input, input_tensor, "input", "input_tensor")
    with context.default_graph().name_scope(name or "count_nonzero"):
        x = convert_to_tensor(value, name="input")
        if x.dtype.base_dtype is dtypes.bool:
            nonzero = x
        else:
            nonzero = make(comparison.NotEqual, x, F.zeros([], x.dtype.base_dtype))
        return F.cast(reduce_sum(F.cast(nonzero, dtypes.int64), axis=axis, keepdims=keepdims), dtype)


__all__ = ["count_nonzero", "reduce_euclidean_norm", "reduce_logsumexp", "reduce_prod", "reduce_std", "reduce_variance"]
