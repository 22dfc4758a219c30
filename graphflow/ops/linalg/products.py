"""Products over chosen axes: tensordot, trace, cross product, polynomials."""
from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from ...core import context, shapes
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, int32
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, require
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from .. import functions as F
from ..array.axes import transpose
from ..array.basic import reshape, shape_internal
from ..array.indexing import gather
from ..array.joining import concat
from ..array.stacking import stack
from ..array.stitch import list_diff
from ..dtype_sets import REAL
from ..reduce import reduction
from .matmul import matmul

_INTEGRAL = (int, np.integer)


def _as_matrix(a: Tensor, axes: Any, flipped: bool) -> tuple[Tensor, Any, Any]:
    """a as a matrix of (free, contracted) axes, or the other way round, the free sizes and what is known of them."""
    if not isinstance(axes, (list, tuple)) or a.static is None:
        return _as_unknown_matrix(a, axes, flipped, None)
    rank = len(a.static)
    axes = [int(i) % rank if i < 0 else int(i) for i in axes]
    free = [i for i in builtins.range(rank) if i not in axes]
    if None in a.static:
        return _as_unknown_matrix(a, axes, flipped, free)
    sizes = [int(a.static[i]) for i in free]  # type: ignore[arg-type]
    inner = int(np.prod([a.static[i] for i in axes], dtype=np.int64))
    outer = int(np.prod(sizes, dtype=np.int64))
    perm = axes + free if flipped else free + axes
    shape = [inner, outer] if flipped else [outer, inner]
    moved = a if perm == list(builtins.range(rank)) else transpose(a, perm)
    return moved if list(moved.static or ()) == shape else reshape(moved, shape), sizes, sizes


def _as_unknown_matrix(a: Tensor, axes: Any, flipped: bool, free: Any) -> tuple[Tensor, Any, Any]:
    if free is not None and a.static is not None:
        known: Any = [a.static[i] for i in free]
        axes = convert_to_tensor(axes, int32, name="axes")
        free = convert_to_tensor(free, int32, name="free")
        shape = shape_internal(a)
    else:
        known = None
        shape = shape_internal(a)
        rank = F.rank(a)
        axes = convert_to_tensor(axes, int32, name="axes")
        axes = F.where(axes >= 0, axes, axes + rank)
        free, _ = list_diff(F.range(rank), axes, int32)
    free_sizes, inner_sizes = gather(shape, free), gather(shape, axes)
    outer, inner = reduction.reduce_prod(free_sizes), reduction.reduce_prod(inner_sizes)
    if flipped:
        perm, wanted = concat([axes, free], 0), stack([inner, outer])
    else:
        perm, wanted = concat([free, axes], 0), stack([outer, inner])
    return reshape(transpose(a, perm), wanted), free_sizes, known


def _pairs(a: Tensor, axes: Any) -> tuple[Any, Any]:
    """The contracted axes of both operands."""
    if isinstance(axes, _INTEGRAL):
        if axes < 0:
            raise ValueError(f"`axes` must be at least 0. Received: {axes}.")
        if a.static is None:
            rank = F.rank(a)
            return F.range(rank - axes, rank, dtype=int32), F.range(axes, dtype=int32)
        if axes > len(a.static):
            raise ValueError(f"`axes` must not be larger than the number of dimensions of tensor {a}.  Received {axes}, vs tensor "
                             f"dimensions {len(a.static)}.")
        return list(builtins.range(len(a.static) - axes, len(a.static))), list(builtins.range(axes))
    if isinstance(axes, (list, tuple)):
        if len(axes) != 2:
            raise ValueError(f"`axes` must be an integer or have length 2. Received {axes}.")
        first, second = axes
        if isinstance(first, _INTEGRAL) and isinstance(second, _INTEGRAL):
            first, second = [first], [second]
        if len(first) != len(second):
            raise ValueError(f"Different number of contraction axes `a` and `b`, {len(first)} != {len(second)}.")
        return first, second
    axes = convert_to_tensor(axes, int32, name="axes")
    return axes[0], axes[1]


@export("tensordot", "linalg.tensordot")
def tensordot(a: Any, b: Any, axes: Any, name: str | None = None) -> Tensor:
    """The sum of products of a and b over pairs of axes; the remaining axes of a come first, then those of b.

    axes: a number n (the last n of a with the first n of b), or two lists (or a 2-row tensor) of equally many axes.
    """
    with context.default_graph().name_scope(name or "Tensordot") as scope:
        a, b = convert_to_tensor(a, name="a"), convert_to_tensor(b, name="b")
        axes_a, axes_b = _pairs(a, axes)
        left, free_a, known_a = _as_matrix(a, axes_a, False)
        right, free_b, known_b = _as_matrix(b, axes_b, True)
        product = matmul(left, right)
        if isinstance(free_a, list) and isinstance(free_b, list):
            shape = free_a + free_b
            return product if product.static == tuple(shape) else reshape(product, shape, name=scope)
        free_a, free_b = convert_to_tensor(free_a, int32), convert_to_tensor(free_b, int32)
        result = reshape(product, concat([free_a, free_b], 0), name=scope)
        if known_a is not None and known_b is not None:
            result.set_shape(known_a + known_b)
        return result


@export("trace", "linalg.trace")
def trace(x: Any, name: str | None = None) -> Tensor:
    """The sum of the diagonal of each matrix in the last two axes."""
    with context.default_graph().name_scope(name or "Trace") as scope:
        x = convert_to_tensor(x, name="x")
        return reduction.reduce_sum(F.matrix_diag_part(x), [-1], name=scope)


class Cross(Op, sig="a: T, b: T -> product: T"):
    """The vector product of vectors of 3 in the last axis."""
    T: DType = one_of(REAL)

    def infer(self, a: Spec, b: Spec) -> Spec:
        for s in (a, b):
            require(s.shape is None or len(s.shape) >= 1 and s.shape[-1] in (3, None), "Dimension must be 3 but is not: the last axis")
        return Spec(self.T, shapes.merge(a.shape, b.shape))

    def kernel(self, xp: Namespace, a: Any, b: Any) -> Any:
        (a0, a1, a2), (b0, b1, b2) = ([v[..., i] for i in range(3)] for v in (a, b))
        return xp.stack([a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0], -1)

    def grad(self, op: Operation, dy: Any) -> Any:
        u, v = op.inputs
        return cross(v, dy), cross(dy, u)


@export("cross", "linalg.cross")
def cross(a: Any, b: Any, name: str | None = None) -> Tensor:
    """The vector product of vectors of 3 numbers in the last axis; both of one shape."""
    return make(Cross, a, b, name=name)


@export("math.polyval")
def polyval(coeffs: Any, x: Any, name: str | None = None) -> Tensor:
    """The polynomial with these coefficients, the highest power first, at x (by Horner's rule)."""
    if not isinstance(coeffs, list):
        raise ValueError(f"Argument coeffs must be list type. Received type {type(coeffs)}.")
    with context.default_graph().name_scope(name or "polyval") as scope:
        x = convert_to_tensor(x, name="x")
        if not coeffs:
            return F.zeros_like(x, name=scope)
        tensors = [convert_to_tensor(c, name=f"coeff_{i}") for i, c in enumerate(coeffs)]
        total = tensors[0]
        for c in tensors[1:]:
            total = c + total * x
        return total
