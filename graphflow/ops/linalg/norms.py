"""Norms of vectors and matrices, adjoints."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import context
from ...core.convert import convert_to_tensor
from ...core.deprecation import either
from ...core.dtypes import int32
from ...core.export import export
from ...core.tensor import Tensor
from .. import functions as F
from ..array.axes import matrix_transpose
from ..array.basic import cast
from ..elementwise import binary, unary
from ..elementwise.complex import conj
from ..reduce import reduction
from . import factor as linalg_factor


@export("linalg.adjoint")
def adjoint(matrix: Any, name: str | None = None) -> Tensor:
    """The conjugate transpose of each matrix in the last two axes."""
    with context.default_graph().name_scope(name or "adjoint"):
        return matrix_transpose(convert_to_tensor(matrix, name="matrix"), conjugate=True)


def _matrix_norm(x: Tensor, axis: tuple[int, int]) -> Tensor:
    """The largest singular value over two axes, which keep size 1. Which axes come last is found in the graph, as in TensorFlow."""
    count = F.rank(x)
    last = F.map_fn(lambda i: F.cond(i >= 0, lambda: i, lambda: i + count), convert_to_tensor(axis))
    places = F.range(count)
    before = F.concat([F.setdiff1d(places, last)[0], last], 0)
    after = F.map_fn(lambda i: cast(F.squeeze(F.where_v2(F.equal(before, i))), int32), places)
    moved = F.transpose(x, before)
    top = reduction.reduce_max(unary.abs_(linalg_factor.svd(moved, compute_uv=False)), axis=-1, keepdims=True)
    return F.transpose(F.expand_dims(top, axis=-1), after)


def _check_norm(order: Any, axis: Any) -> bool:
    """Whether a norm of matrices is meant; ValueError for orders and axes that make no sense."""
    if isinstance(axis, (tuple, list)) and len(axis) == 2:
        if not all(isinstance(a, int) for a in axis) or axis[0] == axis[1]:
            raise ValueError(f"'axis' must be None, an integer, or a tuple of 2 unique integers, got {axis}")
        if order not in ("euclidean", "fro", 1, 2, np.inf):
            raise ValueError(f"'ord' must be a supported matrix norm in ['euclidean', 'fro', 1, 2, inf], got {order}")
        return True
    if axis is not None and not isinstance(axis, int):
        raise ValueError(f"'axis' must be None, an integer, or a tuple of 2 unique integers, got {axis}")
    if order not in ("euclidean", 1, 2, np.inf) and (isinstance(order, str) or not np.isreal(order) or order <= 0):
        raise ValueError(f"'ord' must be a supported vector norm, got {order}")
    return False


@export("norm", "linalg.norm")
def norm(tensor: Any, ord: Any = "euclidean", axis: Any = None, keepdims: Any = None, name: str | None = None,
         keep_dims: Any = None) -> Tensor:
    """The norm of vectors along `axis`, of matrices over two axes, or of everything taken as one vector (axis None).

    ord: 'euclidean' (for two axes also 'fro'), 1, 2, np.inf, or for vectors any positive number. keepdims keeps the axes with size 1.
    """
    keepdims = bool(either(keepdims, keep_dims, "keepdims", "keep_dims"))
    matrices = _check_norm(ord, axis)
    axes: Any = tuple(axis) if matrices else None if axis is None else (axis,)
    with context.default_graph().name_scope(name or "norm"):
        x = convert_to_tensor(tensor)
        result: Any
        if ord in ("fro", "euclidean", 2, 2.0):
            if matrices and ord in (2, 2.0):
                result = _matrix_norm(x, axes)
            else:
                result = unary.sqrt(reduction.reduce_sum(x * conj(x), axes, keepdims=True))
        else:
            result = unary.abs_(x)
            first = None if axes is None else axes[0]
            if ord == 1:
                result = reduction.reduce_sum(result, first, keepdims=True)
                if matrices:
                    result = reduction.reduce_max(result, axes[-1], keepdims=True)
            elif ord == np.inf:
                if matrices:
                    result = reduction.reduce_sum(result, axes[1], keepdims=True)
                result = reduction.reduce_max(result, first, keepdims=True)
            else:
                result = binary.pow_(reduction.reduce_sum(binary.pow_(result, ord), axes, keepdims=True), 1.0 / ord)
        return result if keepdims else F.squeeze(result, axes)


@export("linalg.normalize")
def normalize(tensor: Any, ord: Any = "euclidean", axis: Any = None, name: str | None = None) -> tuple[Tensor, Tensor]:
    """(tensor / its norm, the norm); arguments as in `tf.norm`."""
    with context.default_graph().name_scope(name or "normalize"):
        x = convert_to_tensor(tensor)
        length = cast(norm(x, ord, axis, keepdims=True), x.dtype)
        return x / length, length
