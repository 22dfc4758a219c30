"""The op types of TF 0.x for stacks of matrices, in graphs that it wrote: what the types without "Batch" do today."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core.dtypes import DType, complex64, complex128, float16, float32, float64
from ...core.op import Op, Spec, one_of
from ...kernels.contract import Namespace
from ..array.diagonals import MatrixBandPart, MatrixDiag, MatrixDiagPart, MatrixSetDiag
from ..dtype_sets import WIDE
from .base import check_matrix, square_shape, wide
from .factor import Cholesky, SelfAdjointEigV2, Svd
from .least_squares import MatrixSolveLs
from .solve import MatrixDeterminant, MatrixInverse, MatrixSolve, MatrixTriangularSolve


class BatchMatrixDiag(MatrixDiag, sig="diagonal: T -> output: T"):
    """Square matrices with the given main diagonals."""
    T: DType


class BatchMatrixDiagPart(MatrixDiagPart, sig="input: T -> diagonal: T"):
    """The main diagonals of matrices."""
    T: DType


class BatchMatrixSetDiag(MatrixSetDiag, sig="input: T, diagonal: T -> output: T"):
    """Matrices with other main diagonals."""
    T: DType


class BatchMatrixBandPart(MatrixBandPart, sig="input: T, num_lower: int64, num_upper: int64 -> band: T"):
    """Matrices with zeros outside of a band around the main diagonal."""
    fields = ("T",)
    kinds = {"T": "DType"}
    defaults = {}
    allowed = {}


class BatchMatrixDeterminant(MatrixDeterminant, sig="input: T -> output: T"):
    """The determinant of each matrix."""
    T: DType = one_of((float32, float64, complex64, complex128))


class BatchMatrixInverse(MatrixInverse, sig="input: T -> output: T"):
    """The inverse of each matrix."""
    adjoint: bool = False
    T: DType = one_of(WIDE)


class BatchCholesky(Cholesky, sig="input: T -> output: T"):
    """The lower factor of each matrix."""
    T: DType = one_of(WIDE)


class BatchMatrixSolve(MatrixSolve, sig="matrix: T, rhs: T -> output: T"):
    """x with matrix x = rhs."""
    adjoint: bool = False
    T: DType = one_of(WIDE)


class BatchMatrixTriangularSolve(MatrixTriangularSolve, sig="matrix: T, rhs: T -> output: T"):
    """x with matrix x = rhs for triangular matrices."""
    lower: bool = True
    adjoint: bool = False
    T: DType = one_of(WIDE)


class BatchMatrixSolveLs(MatrixSolveLs, sig="matrix: T, rhs: T, l2_regularizer: float64 -> output: T"):
    """The least squares solution of matrix x = rhs."""
    T: DType = one_of(WIDE)
    fast: bool = True


class BatchSvd(Svd, sig="input: T -> s: T, u: T, v: T"):
    """Singular values and vectors of each matrix."""
    compute_uv: bool = True
    full_matrices: bool = False
    T: DType = one_of((float64, float32, complex64, complex128))


class BatchSelfAdjointEigV2(SelfAdjointEigV2, sig="input: T -> e: T, v: T"):
    """Eigenvalues and eigenvectors of each matrix."""
    compute_v: bool = True
    T: DType = one_of(WIDE)


class SelfAdjointEig(Op, sig="input: T -> output: T", host=True):
    """Eigenvalues of a symmetric matrix in the first row, eigenvectors (as columns) below."""
    T: DType = one_of((float64, float32, float16))

    def infer(self, x: Spec) -> Spec:
        check_matrix(x)
        shape = square_shape(x.shape)
        return Spec(self.T, None if shape is None else (*shape[:-2], None if shape[-1] is None else shape[-1] + 1, shape[-1]))

    def kernel(self, xp: Namespace, x: Any) -> Any:
        e, v = np.linalg.eigh(wide(x))
        return np.concatenate([e[..., None, :], v], -2)


class BatchSelfAdjointEig(SelfAdjointEig, sig="input: T -> output: T"):
    """SelfAdjointEig of each matrix."""
    T: DType = one_of(WIDE)
