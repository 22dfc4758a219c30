"""Means and variances: moments, weighted_moments, sufficient_statistics, normalize_moments; zero_fraction and l2_normalize."""
from __future__ import annotations

from typing import Any

from ...core import context
from ...core.constant import constant_op
from ...core.convert import convert_to_tensor
from ...core.dtypes import float16, float32, int32, int64
from ...core.export import export
from ...core.tensor import Tensor
from .. import functions as F
from ..array.axes import size, squeeze
from ..array.basic import cast, identity, shape_internal, stop_gradient
from ..array.fill import zeros_like
from ..array.indexing import gather
from ..elementwise import binary as two
from ..elementwise import unary as one
from ..elementwise.comparison import less_equal
from ..elementwise.complex import complex_, imag_, real_
from ..elementwise.division import div_no_nan
from ..reduce.composed import count_nonzero
from ..reduce.reduction import reduce_mean, reduce_prod, reduce_sum


def _pick(first: Any, second: Any, default: Any = None) -> Any:
    value = second if first is None else first
    return default if value is None else value


def _listed(axes: Any) -> Any:
    return axes if isinstance(axes, Tensor) else list(axes) if isinstance(axes, (list, tuple, range)) else [axes]


@export("nn.moments")
def moments(x: Any, axes: Any, shift: Any = None, name: str | None = None, keep_dims: bool | None = None,
            keepdims: bool | None = None) -> Any:
    """(mean, variance) of x over `axes`, in x's dtype; float16 is computed in float32. `shift` is not used."""
    keep = _pick(keepdims, keep_dims, False)
    axes = _listed(axes)
    with context.default_graph().name_scope(name or "moments"):
        x = convert_to_tensor(x)
        half = x.dtype.base_dtype is float16
        y = cast(x, float32) if half else x
        mean = reduce_mean(y, axes, keepdims=True, name="mean")
        variance = reduce_mean(two.squared_difference(y, stop_gradient(mean)), axes, keepdims=True, name="variance")
        if not keep:
            mean, variance = squeeze(mean, axes), squeeze(variance, axes)
        return (cast(mean, float16), cast(variance, float16)) if half else (mean, variance)


@export("nn.weighted_moments")
def weighted_moments(x: Any, axes: Any, frequency_weights: Any, name: str | None = None, keep_dims: bool | None = None,
                     keepdims: bool | None = None) -> Any:
    """(mean, variance) of x over `axes`, each element counted frequency_weights (broadcast to x) times."""
    keep = _pick(keepdims, keep_dims, False)
    axes = _listed(axes)
    with context.default_graph().name_scope(name or "weighted_moments"):
        x = convert_to_tensor(x, name="x")
        weights = convert_to_tensor(frequency_weights, name="frequency_weights")
        half = x.dtype.base_dtype is float16
        if half:
            x = cast(x, float32)
        if weights.dtype.base_dtype is not x.dtype.base_dtype:
            weights = cast(weights, x.dtype.base_dtype)
        total = reduce_sum(weights * x, axes, name="weighted_input_sum", keepdims=True)
        spread = weights + zeros_like(x)
        weight = reduce_sum(spread, axes, name="sum_of_weights", keepdims=True)
        mean = div_no_nan(total, weight)
        squares = reduce_sum(weights * two.squared_difference(x, mean), axes, name="weighted_distsq", keepdims=True)
        variance = div_no_nan(squares, weight)
        if not keep:
            mean, variance = squeeze(mean, axes), squeeze(variance, axes)
        return (cast(mean, float16), cast(variance, float16)) if half else (mean, variance)


@export("nn.sufficient_statistics")
def sufficient_statistics(x: Any, axes: Any, shift: Any = None, keep_dims: bool | None = None, name: str | None = None,
                          keepdims: bool | None = None) -> Any:
    """(count, sum of x - shift, sum of its squares, shift) over `axes`: what normalize_moments needs."""
    keep = bool(_pick(keepdims, keep_dims, False))
    axes = list(dict.fromkeys(_listed(axes)))
    with context.default_graph().name_scope(name or "sufficient_statistics"):
        x = convert_to_tensor(x, name="x")
        static = x.static
        if static is not None and all(static[d] is not None for d in axes):
            count = 1
            for d in axes:
                count *= static[d]
            counts = constant_op(count, x.dtype.base_dtype)
        else:
            counts = cast(reduce_prod(gather(shape_internal(x), axes)), x.dtype.base_dtype, name="count")
        if shift is not None:
            shift = convert_to_tensor(shift, name="shift")
            total, squares = two.subtract(x, shift), two.squared_difference(x, shift)
        else:
            total, squares = x, one.square(x)
        return (counts, reduce_sum(total, axes, keepdims=keep, name="mean_ss"),
                reduce_sum(squares, axes, keepdims=keep, name="var_ss"), shift)


@export("nn.normalize_moments")
def normalize_moments(counts: Any, mean_ss: Any, variance_ss: Any, shift: Any, name: str | None = None) -> Any:
    """(mean, variance) from sufficient statistics."""
    with context.default_graph().name_scope(name or "normalize"):
        divisor = one.reciprocal(counts, name="divisor")
        if shift is not None:
            shifted = two.multiply(mean_ss, divisor, name="shifted_mean")
            mean = two.add(shifted, shift, name="mean")
        else:
            shifted = mean = two.multiply(mean_ss, divisor, name="mean")
        return mean, two.subtract(two.multiply(variance_ss, divisor), one.square(shifted), name="variance")


@export("nn.l2_normalize", "math.l2_normalize", "linalg.l2_normalize")
def l2_normalize(x: Any, axis: Any = None, epsilon: float = 1e-12, name: str | None = None, dim: Any = None) -> Tensor:
    """x / sqrt(max(sum(x ** 2), epsilon)) along `axis` (all of x for None)."""
    axis = _pick(axis, dim)
    with context.default_graph().name_scope(name or "l2_normalize") as scope:
        x = convert_to_tensor(x, name="x")
        if x.dtype.is_complex:
            squares = one.square(real_(x)) + one.square(imag_(x))
            scale = one.rsqrt(two.maximum(real_(reduce_sum(squares, axis, keepdims=True)), epsilon))
            return complex_(two.multiply(real_(x), scale), two.multiply(imag_(x), scale), name=scope)
        total = reduce_sum(one.square(x), axis, keepdims=True)
        return two.multiply(x, one.rsqrt(two.maximum(total, epsilon)), name=scope)


@export("nn.zero_fraction", "math.zero_fraction")
def zero_fraction(value: Any, name: str | None = None) -> Tensor:
    """The share of elements that are 0, a float32 scalar; NaN for an empty tensor."""
    with context.default_graph().name_scope(name or "zero_fraction"):
        value = convert_to_tensor(value, name="value")
        total = size(value, out_type=int64)
        nonzero = F.cond(less_equal(total, int32.max), lambda: cast(count_nonzero(value, dtype=int32), int64),
                         lambda: count_nonzero(value, dtype=int64))
        with context.default_graph().name_scope("counts_to_fraction"):
            zero = cast(total - nonzero, float32)
            share = zero / cast(total, float32)
        return identity(share, name="fraction")
