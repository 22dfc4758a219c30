"""Least squares, pseudo-inverse, rank, and solving by a factorisation at hand."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import context, dtypes
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of
from ...core.tensor import Tensor
from ...kernels import linalg as kernels
from ...kernels.contract import Namespace
from .. import functions as F
from ..array.basic import cast, shape_internal
from ..array.diagonals import matrix_band_part, matrix_set_diag
from ..reduce import reduction
from . import factor as linalg_factor
from . import solve as linalg_solve
from .base import LINALG, check_matrix, wide
from .matmul import matmul


class MatrixSolveLs(Op, sig="matrix: T, rhs: T, l2_regularizer: float64 -> output: T", host=True):
    """The least squares solution of matrix x = rhs; of least norm for wide matrices; fast=False: by complete orthogonal factors."""
    T: DType = one_of(LINALG)
    fast: bool = True

    def infer(self, a: Spec, b: Spec, l2: Spec) -> Spec:
        check_matrix(a, square=False)
        if a.shape is None or b.shape is None:
            return Spec(self.T, None)
        return Spec(self.T, (*a.shape[:-2], a.shape[-1], b.shape[-1]))

    def kernel(self, xp: Namespace, a: Any, b: Any, l2: Any) -> Any:
        a, b = wide(a, b)
        if not self.fast:
            return np.linalg.pinv(a) @ b
        ah = kernels.adjoint(a)
        l2 = a.dtype.type(l2)
        if a.shape[-2] >= a.shape[-1]:
            return np.linalg.solve(ah @ a + l2 * np.eye(a.shape[-1], dtype=a.dtype), ah @ b)
        return ah @ np.linalg.solve(a @ ah + l2 * np.eye(a.shape[-2], dtype=a.dtype), b)


def _gramian_cholesky(matrix: Tensor, l2: Any, first_kind: bool) -> Tensor:
    """The Cholesky factor of a^H a (or a a^H) + l2 I."""
    gramian: Any = matmul(matrix, matrix, adjoint_a=first_kind, adjoint_b=not first_kind)
    if isinstance(l2, Tensor) or l2 != 0:
        shape = shape_internal(matrix)
        batch = shape[:-2]
        size = shape[-1] if first_kind else shape[-2]
        one = linalg_solve.eye(size, batch_shape=batch, dtype=matrix.dtype)
        if matrix.static is not None:
            n = matrix.static[-1 if first_kind else -2]
            one.set_shape((*matrix.static[:-2], n, n))
        gramian += l2 * one
    return linalg_factor.cholesky(gramian)


def _by_gramian(matrix: Tensor, rhs: Any, l2: Any, tall: bool) -> Tensor:
    """The solution through the Gram matrix of the columns of a tall matrix, of the rows of a wide one."""
    factor = _gramian_cholesky(matrix, l2, first_kind=tall)
    if tall:
        return linalg_solve.cholesky_solve(factor, matmul(matrix, rhs, adjoint_a=True))
    return matmul(matrix, linalg_solve.cholesky_solve(factor, rhs), adjoint_a=True)


@export("matrix_solve_ls", "linalg.lstsq")
def matrix_solve_ls(matrix: Any, rhs: Any, l2_regularizer: float = 0.0, fast: bool = True, name: str | None = None) -> Tensor:
    """x that makes |matrix x - rhs|^2 + l2_regularizer |x|^2 least, for each pair of matrices in the last two axes.

    fast: through the Cholesky factor of the (regularised) Gram matrix; else by the pseudo-inverse, without regularisation.
    """
    matrix = convert_to_tensor(matrix, name="matrix")
    if matrix.dtype == dtypes.complex128 and l2_regularizer != 0:
        raise NotImplementedError("matrix_solve_ls is currently disabled for complex128 and l2_regularizer != 0 due to poor accuracy.")
    shape = matrix.static
    if fast is False:
        return make(MatrixSolveLs, matrix, rhs, l2_regularizer, name=name, fast=fast)
    with context.default_graph().name_scope(name or "matrix_solve_ls"):
        if shape is not None and None not in shape[-2:]:
            return _by_gramian(matrix, rhs, l2_regularizer, shape[-2] >= shape[-1])
        sizes = shape_internal(matrix)[-2:]
        result: Tensor = F.cond(sizes[-2] >= sizes[-1], lambda: _by_gramian(matrix, rhs, l2_regularizer, True),
                                lambda: _by_gramian(matrix, rhs, l2_regularizer, False))
        return result


def _float_matrix(a: Any) -> Tensor:
    a = convert_to_tensor(a, None, "a", dtypes.float32)
    if not a.dtype.is_floating:
        raise TypeError(f"Input `a` must have `float`-like `dtype` (saw {a.dtype.name}).")
    if a.static is not None and len(a.static) < 2:
        raise ValueError(f"Input `a` must have at least 2 dimensions (saw: {len(a.static)}).")
    return a


def _longer_side(a: Tensor) -> Any:
    sides = None if a.static is None else a.static[-2:]
    if sides is None or None in sides:
        return reduction.reduce_max(shape_internal(a)[-2:])
    return np.int64(max(d for d in sides if d is not None))


@export("linalg.matrix_rank")
def matrix_rank(a: Any, tol: Any = None, validate_args: bool = False, name: str | None = None) -> Tensor:
    """How many singular values of each matrix exceed `tol` (by default eps times the longer side times the greatest one); int32."""
    with context.default_graph().name_scope(name or "matrix_rank"):
        a = _float_matrix(a)
        s = linalg_factor.svd(a, compute_uv=False)
        if tol is None:
            eps = np.finfo(a.dtype.as_numpy_dtype).eps
            tol = eps * cast(_longer_side(a), a.dtype) * reduction.reduce_max(s, axis=-1, keepdims=True)
        return reduction.reduce_sum(cast(s > tol, dtypes.int32), axis=-1)


@export("linalg.pinv")
def pinv(a: Any, rcond: Any = None, validate_args: bool = False, name: str | None = None) -> Tensor:
    """The Moore-Penrose pseudo-inverse of each matrix; singular values up to rcond times the greatest one count as 0."""
    with context.default_graph().name_scope(name or "pinv"):
        a = _float_matrix(a)
        real = a.dtype.base_dtype
        if rcond is None:
            side = _longer_side(a)
            rcond = 10.0 * (float(side) if not isinstance(side, Tensor) else cast(side, real)) * np.finfo(real.np).eps
        rcond = convert_to_tensor(rcond, real, name="rcond")
        s, u, v = linalg_factor.svd(a, full_matrices=False, compute_uv=True)
        cutoff = rcond * reduction.reduce_max(s, axis=-1)
        s = F.where_v2(s > F.expand_dims(cutoff, -1), s, np.array(np.inf, real.np))
        result = matmul(v / F.expand_dims(s, -2), u, adjoint_b=True)
        if a.static is not None:
            result.set_shape((*a.static[:-2], a.static[-1], a.static[-2]))
        return result


@export("linalg.lu_solve")
def lu_solve(lower_upper: Any, perm: Any, rhs: Any, validate_args: bool = False, name: str | None = None) -> Tensor:
    """x with a x = rhs, from the factors of `tf.linalg.lu(a)`; one matrix, or as many as right sides."""
    with context.default_graph().name_scope(name or "lu_solve"):
        factors = convert_to_tensor(lower_upper, None, "lower_upper", dtypes.float32)
        perm = convert_to_tensor(perm, None, "perm", dtypes.int32)
        rhs = convert_to_tensor(rhs, None, "rhs", factors.dtype.base_dtype)
        if rhs.static is None or perm.static is None or len(rhs.static) != 2 or len(perm.static) != 1:
            raise NotImplementedError("linalg.lu_solve of stacks of matrices; use linalg.solve")
        moved = F.gather(rhs, perm, axis=-2)
        ones = F.ones(shape_internal(factors)[:-1], factors.dtype)
        lower = matrix_set_diag(matrix_band_part(factors, num_lower=-1, num_upper=0), ones)
        return linalg_solve.triangular_solve(factors, linalg_solve.triangular_solve(lower, moved), lower=False)
