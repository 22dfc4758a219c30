"""Clipping: of values, of norms, of the joint norm of a list of gradients."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...core import context, shapes
from ...core.constant import constant_op
from ...core.convert import convert_to_tensor
from ...core.deprecation import warn_once
from ...core.dtypes import DType, float32
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, load, one_of
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...core.values import IndexedSlices
from ...kernels.contract import Namespace
from .. import functions as F
from ..array.basic import shape_internal
from ..dtype_sets import NUMERIC, QUANTIZED
from ..reduce import reduction
from . import binary, broadcasting, comparison, unary


class ClipByValue(Op, sig="t: T, clip_value_min: T, clip_value_max: T -> output: T"):
    """t moved into [clip_value_min, clip_value_max]; graphs of TF 1.x and saturate_cast hold it."""
    T: DType = one_of(NUMERIC, QUANTIZED)
    elementwise = True

    def infer(self, t: Spec, low: Spec, high: Spec) -> Spec:
        return Spec(self.T, t.shape)

    def kernel(self, xp: Namespace, t: Any, low: Any, high: Any) -> Any:
        if self.T.is_complex:
            raise NotImplementedError("ClipByValue of complex numbers; clip the real and the imaginary part")
        return xp.maximum(xp.minimum(t, high), low)

    def grad(self, op: Operation, dy: Any) -> Any:
        x, low, high = op.inputs
        sx, slow, shigh = (shape_internal(t) for t in op.inputs)
        zeros = F.zeros(shape_internal(dy), dy.dtype.base_dtype)
        below, above = comparison.less(x, low), comparison.greater(x, high)
        _, axes_low = make(broadcasting.BroadcastGradientArgs, sx, slow)
        _, axes_high = make(broadcasting.BroadcastGradientArgs, sx, shigh)
        dx = F.where(comparison.logical_or(below, above), zeros, dy)
        dlow, dhigh = F.where(below, dy, zeros), F.where(above, dy, zeros)
        return dx, broadcasting.sum_to(dlow, axes_low, slow), broadcasting.sum_to(dhigh, axes_high, shigh)


def _values(t: Any, name: str) -> Tensor:
    return convert_to_tensor(t.values if isinstance(t, IndexedSlices) else t, name=name)


def _like(t: Any, values: Tensor) -> Any:
    """`values` as IndexedSlices if t is that."""
    return IndexedSlices(values, t.indices, t.dense_shape) if isinstance(t, IndexedSlices) else values


def _same_shape(a: Tensor, b: Tensor) -> None:
    if not shapes.compatible(a.static, b.static):
        raise ValueError(f"Shapes {a.shape} and {b.shape} are incompatible: clipping must not change the shape")


@export("clip_by_value")
def clip_by_value(t: Any, clip_value_min: Any, clip_value_max: Any, name: str | None = None) -> Any:
    """t (a tensor or IndexedSlices) with values below clip_value_min or above clip_value_max replaced by these.

    The bounds broadcast against t. No gradient flows through replaced values.
    """
    with context.default_graph().name_scope(name or "clip_by_value") as scope:
        values = _values(t, "t")
        low = binary.minimum(values, clip_value_max)
        _same_shape(values, low)
        result = make(binary.Maximum, low, clip_value_min, name=scope)
        _same_shape(values, result)
        return _like(t, result)


@export("clip_by_norm")
def clip_by_norm(t: Any, clip_norm: Any, axes: Any = None, name: str | None = None) -> Any:
    """t scaled down so that its L2 norm (over `axes`, all by default) is at most clip_norm; shorter ones stay as they are."""
    with context.default_graph().name_scope(name or "clip_by_norm") as scope:
        values = _values(t, "t")
        if np.isscalar(clip_norm):
            clip_norm = max(clip_norm, 0)  # type: ignore[type-var]
        else:
            clip_norm = F.cast(binary.maximum(clip_norm, 0), values.dtype)
        total = reduction.reduce_sum(values * values, axes, keepdims=True)
        positive = total > 0
        safe = F.where(positive, total, F.ones_like(total))
        norm = F.where(positive, unary.sqrt(safe), total)
        scaled = values * clip_norm
        _same_shape(values, scaled)
        return _like(t, F.identity(scaled / binary.maximum(norm, clip_norm), name=scope))


def _checked_list(t_list: Any) -> list[Any]:
    if not isinstance(t_list, Sequence) or isinstance(t_list, str):
        raise TypeError(f"`t_list` should be a sequence of tensors. Received {type(t_list)}.")
    return list(t_list)


@export("global_norm", "linalg.global_norm")
def global_norm(t_list: Any, name: str | None = None) -> Tensor:
    """The L2 norm of all tensors (and IndexedSlices) of the list taken together; None entries are left out."""
    t_list = _checked_list(t_list)
    graph = context.default_graph()
    with graph.name_scope(name or "global_norm"):
        values = [None if t is None else _values(t, f"t_{i}") for i, t in enumerate(t_list)]
        halves = []
        for v in values:
            if v is not None:
                with graph.colocate_with(v):
                    halves.append(make(load("L2Loss"), v))
        half = reduction.reduce_sum(F.stack(halves))
        return make(unary.Sqrt, half * constant_op(2.0, half.dtype.base_dtype), name="global_norm")


@export("clip_by_global_norm")
def clip_by_global_norm(t_list: Any, clip_norm: Any, use_norm: Any = None, name: str | None = None) -> tuple[list[Any], Tensor]:
    """(the tensors scaled by clip_norm / max(global norm, clip_norm), the global norm).

    use_norm: the global norm if it is known already. A norm that is not finite makes all results NaN. (Pascanu et al. 2012)
    """
    t_list = _checked_list(t_list)
    if use_norm is None:
        use_norm = global_norm(t_list, name)
    graph = context.default_graph()
    with graph.name_scope(name or "clip_by_global_norm") as scope:
        finite = clip_norm * binary.minimum(1.0 / use_norm, constant_op(1.0, use_norm.dtype.base_dtype) / clip_norm)
        scale = finite + (use_norm - use_norm)  # NaN when the norm is infinite or NaN
        values = [None if t is None else _values(t, f"t_{i}") for i, t in enumerate(t_list)]
        clipped: list[Any] = []
        for i, v in enumerate(values):
            if v is None:
                clipped.append(None)
                continue
            with graph.colocate_with(v):
                clipped.append(F.identity(v * F.cast(scale, v.dtype), name=f"{scope}_{i}"))
    return [c if c is None else _like(t, c) for c, t in zip(clipped, t_list)], use_norm


@export("clip_by_average_norm")
def clip_by_average_norm(t: Any, clip_norm: Any, name: str | None = None) -> Tensor:
    """t scaled down so that its L2 norm over its number of elements is at most clip_norm. Deprecated: use `tf.clip_by_norm`."""
    warn_once("tf.clip_by_average_norm is deprecated: use tf.clip_by_norm(t, clip_norm * tf.cast(tf.size(t), tf.float32))")
    with context.default_graph().name_scope(name or "clip_by_average_norm") as scope:
        t = convert_to_tensor(t, name="t")
        count = F.cast(F.size(t), float32)
        inverse = unary.rsqrt(reduction.reduce_sum(t * t, F.range(F.rank(t))))
        return F.identity(t * clip_norm * binary.minimum(inverse * count, constant_op(1.0) / clip_norm), name=scope)
