"""Inverses, determinants and systems of equations, each for stacks of matrices."""
from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ...core import context, dtypes
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, require
from ...core.operation import Operation
from ...core.outcomes import Several
from ...core.shapes import broadcast, describe
from ...core.tensor import Tensor
from ...kernels import linalg as kernels
from ...kernels.contract import Namespace
from .. import functions as F
from ..array.basic import reshape, shape_internal
from ..array.diagonals import matrix_band_part, matrix_diag_part
from ..array.joining import concat
from ..elementwise import broadcasting, unary
from ..elementwise.complex import real_
from ..reduce import reduction
from .base import LINALG, SquareOp, adjoint_product, check_matrix, failing, square_shape, wide

_SINGULAR = "Input is not invertible."


class MatrixInverse(SquareOp, sig="input: T -> output: T"):
    """The inverse of each matrix; adjoint: of its conjugate transpose."""
    adjoint: bool = False
    T: DType = one_of(LINALG)

    def kernel(self, xp: Namespace, x: Any) -> Any:
        x = kernels.adjoint(wide(x)) if self.adjoint else wide(x)
        return failing(lambda: np.linalg.inv(x), _SINGULAR)

    def grad(self, op: Operation, dy: Any) -> Any:
        y, adjoint = op.outputs[0], self.adjoint
        inner = adjoint_product(dy, y, adjoint_a=adjoint, adjoint_b=not adjoint)
        return (-adjoint_product(y, inner, adjoint_a=not adjoint),)


class MatrixDeterminant(Op, sig="input: T -> output: T", host=True):
    """The determinant of each matrix."""
    T: DType = one_of((dtypes.float16, dtypes.float32, dtypes.float64, dtypes.complex64, dtypes.complex128))

    def infer(self, x: Spec) -> Spec:
        check_matrix(x)
        return Spec(self.T, None if x.shape is None else x.shape[:-2])

    def kernel(self, xp: Namespace, x: Any) -> Any:
        return np.linalg.det(wide(x))

    def grad(self, op: Operation, dy: Any) -> Any:
        inverse = matrix_inverse(op.inputs[0], adjoint=True)
        y = op.outputs[0]
        return (reshape(dy * y, concat([shape_internal(y), [1, 1]], 0)) * inverse,)


class LogMatrixDeterminant(Several, sig="input: T -> sign: T, log_abs_determinant: T", host=True):
    """Sign and logarithm of the absolute determinant."""
    T: DType = one_of((dtypes.float16, dtypes.float32, dtypes.float64, dtypes.complex64, dtypes.complex128))

    def infer(self, x: Spec) -> Any:
        check_matrix(x)
        shape = None if x.shape is None else x.shape[:-2]
        return Spec(self.T, shape), Spec(self.T, shape)

    def kernel(self, xp: Namespace, x: Any) -> Any:
        sign, log = np.linalg.slogdet(wide(x))
        return np.asarray(sign), np.asarray(log)

    def grad(self, op: Operation, dsign: Any, dlog: Any) -> Any:
        inverse = matrix_inverse(op.inputs[0], adjoint=True)
        return (reshape(dlog, concat([shape_internal(op.outputs[1]), [1, 1]], 0)) * inverse,)


class _Solve(Op):
    """x with a x = b."""
    host = True         # solvers are LAPACK's

    def infer(self, a: Spec, b: Spec) -> Spec:
        check_matrix(a)
        check_matrix(b, square=False)
        if a.shape is None or b.shape is None:
            return Spec(b.dtype, None)
        n, rows = square_shape(a.shape)[-1], b.shape[-2]
        require(n is None or rows is None or n == rows, f"Dimensions must be equal, but are {n} and {rows}")
        batch = broadcast(a.shape[:-2], b.shape[:-2]) or ()
        return Spec(b.dtype, (*batch, n if n is not None else rows, b.shape[-1]))


class MatrixSolve(_Solve, sig="matrix: T, rhs: T -> output: T"):
    """x with matrix x = rhs; adjoint: with its conjugate transpose."""
    adjoint: bool = False
    T: DType = one_of(LINALG)

    def check(self, a: Spec, b: Spec) -> None:
        require(a.shape is None or b.shape is None or a.shape[:-2] == b.shape[:-2],
                f"Input matrix and rhs must have the same batch dimensions, got {describe(a.shape)} and {describe(b.shape)}")

    def kernel(self, xp: Namespace, a: Any, b: Any) -> Any:
        a, b = wide(a, b)
        return failing(lambda: np.linalg.solve(kernels.adjoint(a) if self.adjoint else a, b), _SINGULAR)

    def grad(self, op: Operation, dy: Any) -> Any:
        a, c = op.inputs[0], op.outputs[0]
        db = matrix_solve(a, dy, adjoint=not self.adjoint)
        return _solve_slope(c, db, self.adjoint), db


def _solve_slope(c: Any, db: Any, adjoint: bool) -> Any:
    """-db c^H, or its mirror image for the adjoint system."""
    return -(adjoint_product(c, db, adjoint_b=True) if adjoint else adjoint_product(db, c, adjoint_b=True))


class MatrixTriangularSolve(_Solve, sig="matrix: T, rhs: T -> output: T"):
    """x with tri(matrix) x = rhs, where tri takes the lower or the upper triangle; adjoint: with its conjugate transpose."""
    lower: bool = True
    adjoint: bool = False
    T: DType = one_of((dtypes.bfloat16, *LINALG))

    def kernel(self, xp: Namespace, a: Any, b: Any) -> Any:
        a, b = wide(a, b)
        if not np.all(np.diagonal(a, axis1=-2, axis2=-1)):
            raise ValueError(_SINGULAR)
        return kernels.triangular_solve(kernels.adjoint(a), b, not self.lower) if self.adjoint else \
            kernels.triangular_solve(a, b, self.lower)

    def grad(self, op: Operation, dy: Any) -> Any:
        a, b = op.inputs
        db = triangular_solve(a, dy, lower=self.lower, adjoint=not self.adjoint)
        da = _solve_slope(op.outputs[0], db, self.adjoint)
        da = matrix_band_part(da, -1, 0) if self.lower else matrix_band_part(da, 0, -1)
        if a.static is not None and b.static is not None and None not in (*a.static, *b.static) and a.static[:-2] == b.static[:-2]:
            return da, db
        sa, sb = shape_internal(a), shape_internal(b)
        ra, rb = make(broadcasting.BroadcastGradientArgs, sa[:-2], sb[:-2])
        return broadcasting.sum_to(da, ra, sa), broadcasting.sum_to(db, rb, sb)


@export("matrix_inverse", "linalg.inv")
def matrix_inverse(input: Any, adjoint: bool = False, name: str | None = None) -> Tensor:
    """The inverse of each matrix in the last two axes (of its conjugate transpose, if adjoint).

    A singular matrix raises InvalidArgumentError when it is found out.
    """
    return make(MatrixInverse, input, name=name, adjoint=adjoint)


@export("matrix_determinant", "linalg.det")
def matrix_determinant(input: Any, name: str | None = None) -> Tensor:
    """The determinant of each matrix in the last two axes."""
    return make(MatrixDeterminant, input, name=name)


class SignAndLog(NamedTuple):
    """What `tf.linalg.slogdet` gives."""
    sign: Any
    log_abs_determinant: Any


@export("linalg.slogdet")
def slogdet(input: Any, name: str | None = None) -> Any:
    """(sign, log_abs_determinant) of each matrix in the last two axes."""
    return SignAndLog(*make(LogMatrixDeterminant, input, name=name))


@export("linalg.logdet")
def logdet(matrix: Any, name: str | None = None) -> Tensor:
    """The logarithm of the determinant of each positive definite matrix, through Cholesky."""
    with context.default_graph().name_scope(name or "logdet"):
        factor = F.cholesky(matrix)
        return 2.0 * reduction.reduce_sum(unary.log(real_(matrix_diag_part(factor))), axis=[-1])


@export("matrix_solve", "linalg.solve")
def matrix_solve(matrix: Any, rhs: Any, adjoint: bool = False, name: str | None = None) -> Tensor:
    """x with matrix x = rhs for each pair of matrices in the last two axes; InvalidArgumentError for singular ones."""
    return make(MatrixSolve, matrix, rhs, name=name, adjoint=adjoint)


@export("matrix_triangular_solve", "linalg.triangular_solve")
def triangular_solve(matrix: Any, rhs: Any, lower: bool = True, adjoint: bool = False, name: str | None = None) -> Tensor:
    """x with matrix x = rhs, reading only the lower (or upper) triangle of `matrix`; batch axes broadcast."""
    with context.default_graph().name_scope(name or "triangular_solve"):
        return make(MatrixTriangularSolve, matrix, rhs, lower=lower, adjoint=adjoint)


@export("cholesky_solve", "linalg.cholesky_solve")
def cholesky_solve(chol: Any, rhs: Any, name: str | None = None) -> Tensor:
    """x with a x = rhs, from the Cholesky factor of a."""
    with context.default_graph().name_scope(name or "cholesky_solve"):
        y = make(MatrixTriangularSolve, chol, rhs, adjoint=False, lower=True)
        return make(MatrixTriangularSolve, chol, y, adjoint=True, lower=True)


@export("eye", "linalg.eye")
def eye(num_rows: Any, num_columns: Any = None, batch_shape: Any = None, dtype: Any = dtypes.float32, name: str | None = None) -> Tensor:
    """Identity matrices, maybe not square, repeated over batch_shape."""
    with context.default_graph().name_scope(name or "eye"):
        square = num_columns is None
        batch: Any = [] if batch_shape is None else batch_shape
        columns = num_rows if num_columns is None else num_columns
        if isinstance(num_rows, Tensor) or isinstance(columns, Tensor):
            size: Any = F.minimum(num_rows, columns)
        else:
            if not isinstance(num_rows, (int, np.integer)) or not isinstance(columns, (int, np.integer)):
                raise TypeError(f"Arguments `num_rows` and `num_columns` must be positive integer values. Received: num_rows={num_rows}, "
                                f"num_columns={columns}")
            square, size = num_rows == columns, min(num_rows, columns)
        diagonal: Any
        shape: Any = None
        if isinstance(batch, Tensor) or isinstance(size, Tensor):
            batch = convert_to_tensor(batch, dtypes.int32, name="shape")
            diagonal = concat((batch, [size]), axis=0)
            if not square:
                shape = concat((batch, [num_rows, columns]), axis=0)
        else:
            batch = list(batch)
            diagonal, shape = [*batch, size], [*batch, num_rows, columns]
        ones = F.ones(diagonal, dtype=dtype)
        return F.matrix_diag(ones) if square else F.matrix_set_diag(F.zeros(shape, dtype=dtype), ones)
