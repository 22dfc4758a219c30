"""Gradients of broadcasting ops: sums over the axes along which an operand was repeated."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core.dtypes import DType, int32, int64
from ...core.make import make
from ...core.op import Spec, one_of, require
from ...core.operation import Operation
from ...core.outcomes import Several
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from .. import functions as F
from ..array.basic import reshape, shape_internal

Axes = tuple[list[int], list[int]]


class BroadcastGradientArgs(Several, sig="s0: T, s1: T -> r0: T, r1: T", host=True):
    """The axes to sum over in the gradients of the two operands of a broadcasting op, from their shapes."""
    T: DType = one_of((int32, int64), default=int32)

    def infer(self, s0: Spec, s1: Spec) -> Any:
        return Spec(self.T, (None,)), Spec(self.T, (None,))

    def check(self, s0: Spec, s1: Spec) -> None:
        for place, spec in enumerate((s0, s1)):
            require(spec.shape is None or len(spec.shape) == 1, f"In[{place}] must be a vector, got shape {spec.shape}")

    def kernel(self, xp: Namespace, s0: Any, s1: Any) -> Any:
        a, b = np.ravel(s0).tolist(), np.ravel(s1).tolist()
        if a == b:
            return np.zeros(0, self.T.np), np.zeros(0, self.T.np)
        rank = max(len(a), len(b))
        wide_a, wide_b = [1] * (rank - len(a)) + a, [1] * (rank - len(b)) + b
        if any(x != y and 1 not in (x, y) for x, y in zip(wide_a, wide_b)):
            raise ValueError(f"Incompatible shapes: {a} vs. {b}")
        r0 = [i for i, (x, y) in enumerate(zip(wide_a, wide_b)) if x == 1 and (y != 1 or i < rank - len(a))]
        r1 = [i for i, (x, y) in enumerate(zip(wide_a, wide_b)) if y == 1 and (x != 1 or i < rank - len(b))]
        both = [i for i, (x, y) in enumerate(zip(wide_a, wide_b)) if x == y == 1]  # summing these changes nothing
        return np.array(sorted({*r0, *both}), self.T.np), np.array(sorted({*r1, *both}), self.T.np)

    def grad(self, op: Operation, *dy: Any) -> Any:
        return None, None


def static_reduction_axes(a: Any, b: Any) -> Axes | None:
    """Axes to sum over for both operands if the static shapes tell, else None."""
    if a is None or b is None:
        return None
    rank = max(len(a), len(b))
    a, b = (1,) * (rank - len(a)) + a, (1,) * (rank - len(b)) + b
    over_a, over_b = [], []
    for axis, (m, n) in enumerate(zip(a, b)):
        if m == 1 and n != 1:
            over_a.append(axis)
        elif n == 1 and m != 1:
            over_b.append(axis)
        elif m is None or n is None:
            return None
    return over_a, over_b


def fully_equal(x: Any, y: Any, dz: Any) -> bool:
    """Whether both operands and the gradient, a tensor, have one and the same, completely known, static shape.

    Rows of a gather (IndexedSlices) are none, as in TensorFlow: they pass unchanged, or become a tensor in the op that takes them.
    """
    shape = x.static
    return shape is not None and shape == y.static and None not in shape and dz.__class__ is Tensor and shape == dz.static


def reduce_gradients(x: Any, y: Any, gx: Any, gy: Any) -> tuple[Any, Any]:
    """gx and gy summed to the shapes of x and y, with the nodes that TensorFlow makes for it."""
    if gx is None and gy is None:
        return None, None
    shape_x, shape_y = shape_internal(x), shape_internal(y)
    found = static_reduction_axes(x.static, y.static)
    if found is None:
        axes_x, axes_y = make(BroadcastGradientArgs, shape_x, shape_y)
        sum_x = sum_y = True
    else:
        axes_x, axes_y = found
        sum_x = bool(axes_x) or len(x.static) < len(y.static)
        sum_y = bool(axes_y) or len(y.static) < len(x.static)
    if gx is not None and sum_x:
        gx = reshape(F.reduce_sum(gx, axes_x, keepdims=True), shape_x)
    if gy is not None and sum_y:
        gy = reshape(F.reduce_sum(gy, axes_y, keepdims=True), shape_y)
    return gx, gy


def sum_to(gradient: Any, axes: Any, shape: Any) -> Any:
    """A gradient summed over axes given as a tensor, in the shape given as a tensor."""
    return reshape(F.reduce_sum(gradient, axes), shape)
