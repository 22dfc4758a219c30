"""Factorisations of stacks of matrices: Cholesky, QR, LU, singular values, eigenvalues. Gradients are in `factor_grad.py`."""
from __future__ import annotations

from collections import namedtuple
from typing import Any

import numpy as np

from ...core import dtypes
from ...core.dtypes import DType, int32, int64
from ...core.export import export
from ...core.make import make
from ...core.op import Spec, one_of
from ...core.operation import Operation
from ...core.outcomes import Several
from ...core.tensor import Tensor
from ...kernels import linalg as kernels
from ...kernels.contract import Namespace
from ..elementwise.complex import real_
from . import factor_grad as linalg_grad
from .base import LINALG, SquareOp, check_matrix, failing, square_shape, wide


class Cholesky(SquareOp, sig="input: T -> output: T"):
    """The lower triangular l with l l^H = input, for positive definite matrices; the upper triangle is not read."""
    T: DType = one_of(LINALG)

    def kernel(self, xp: Namespace, x: Any) -> Any:
        return failing(lambda: np.linalg.cholesky(wide(x)), "Cholesky decomposition was not successful. The input might not be valid.")

    def grad(self, op: Operation, dy: Any) -> Any:
        return (linalg_grad.cholesky(op, dy),)


class Qr(Several, sig="input: T -> q: T, r: T", host=True):
    """q with orthonormal columns and upper triangular r, q r = input."""
    full_matrices: bool = False
    T: DType = one_of(LINALG)

    def infer(self, x: Spec) -> Any:
        check_matrix(x, square=False)
        if x.shape is None:
            return Spec(self.T, None), Spec(self.T, None)
        *batch, m, n = x.shape
        p = m if self.full_matrices else None if m is None or n is None else min(m, n)
        return Spec(self.T, (*batch, m, p)), Spec(self.T, (*batch, p, n))

    def kernel(self, xp: Namespace, x: Any) -> Any:
        return tuple(np.linalg.qr(wide(x), mode="complete" if self.full_matrices else "reduced"))

    def grad(self, op: Operation, dq: Any, dr: Any) -> Any:
        return (linalg_grad.qr(op, dq, dr),)


class Lu(Several, sig="input: T -> lu: T, p: output_idx_type", host=True):
    """l (unit diagonal) and u in one matrix, and the permutation of the rows."""
    T: DType = one_of(LINALG)
    output_idx_type: DType = one_of((int32, int64), default=int32)

    def infer(self, x: Spec) -> Any:
        check_matrix(x)
        shape = square_shape(x.shape)
        return Spec(self.T, shape), Spec(self.output_idx_type, None if shape is None else shape[:-1])

    def kernel(self, xp: Namespace, x: Any) -> Any:
        return kernels.lu(wide(x))


class Svd(Several, sig="input: T -> s: T, u: T, v: T", host=True):
    """Singular values in descending order, left and right singular vectors (as columns)."""
    compute_uv: bool = True
    full_matrices: bool = False
    T: DType = one_of(LINALG)

    def infer(self, x: Spec) -> Any:
        check_matrix(x, square=False)
        if x.shape is None:
            return (Spec(self.T, None),) * 3
        *batch, m, n = x.shape
        p = None if m is None or n is None else min(m, n)
        if not self.compute_uv:
            return Spec(self.T, (*batch, p)), Spec(self.T, (0,)), Spec(self.T, (0,))
        left, right = (m, n) if self.full_matrices else (p, p)
        return Spec(self.T, (*batch, p)), Spec(self.T, (*batch, m, left)), Spec(self.T, (*batch, n, right))

    def kernel(self, xp: Namespace, x: Any) -> Any:
        x = wide(x)
        if not self.compute_uv:
            empty = np.zeros(0, x.dtype)
            return np.linalg.svd(x, compute_uv=False).astype(x.dtype), empty, empty
        u, s, vh = np.linalg.svd(x, full_matrices=self.full_matrices)
        return s.astype(x.dtype), u, kernels.adjoint(vh)

    def grad(self, op: Operation, ds: Any, du: Any, dv: Any) -> Any:
        return (linalg_grad.svd(op, ds, du, dv),)


class SelfAdjointEigV2(Several, sig="input: T -> e: T, v: T", host=True):
    """Eigenvalues in ascending order and eigenvectors (as columns) of Hermitian matrices; only the lower triangle is read."""
    compute_v: bool = True
    T: DType = one_of(LINALG)

    def infer(self, x: Spec) -> Any:
        check_matrix(x)
        shape = square_shape(x.shape)
        return Spec(self.T, None if shape is None else shape[:-1]), Spec(self.T, shape if self.compute_v else (0,))

    def kernel(self, xp: Namespace, x: Any) -> Any:
        x = wide(x)
        if not self.compute_v:
            return np.linalg.eigvalsh(x).astype(x.dtype), np.zeros(0, x.dtype)
        e, v = np.linalg.eigh(x)
        return e.astype(x.dtype), v

    def grad(self, op: Operation, de: Any, dv: Any) -> Any:
        return (linalg_grad.self_adjoint_eig(op, de, dv),)


class Eig(Several, sig="input: T -> e: Tout, v: Tout", host=True):
    """Eigenvalues and eigenvectors (as columns) of any square matrices, complex."""
    compute_v: bool = True
    T: DType = one_of((dtypes.float32, dtypes.float64, dtypes.complex64, dtypes.complex128))
    Tout: DType = one_of((dtypes.complex64, dtypes.complex128))

    def infer(self, x: Spec) -> Any:
        check_matrix(x)
        shape = square_shape(x.shape)
        return Spec(self.Tout, None if shape is None else shape[:-1]), Spec(self.Tout, shape if self.compute_v else (0,))

    def kernel(self, xp: Namespace, x: Any) -> Any:
        if not self.compute_v:
            return np.linalg.eigvals(x).astype(self.Tout.np), np.zeros(0, self.Tout.np)
        e, v = np.linalg.eig(x)
        return e.astype(self.Tout.np), v.astype(self.Tout.np)

    def grad(self, op: Operation, de: Any, dv: Any) -> Any:
        return (linalg_grad.eig(op, de, dv),)


@export("cholesky", "linalg.cholesky")
def cholesky(input: Any, name: str | None = None) -> Tensor:
    """The lower triangular l with l l^H = input for each positive definite matrix in the last two axes.

    Only the lower triangle is read. InvalidArgumentError at run for matrices that are not positive definite.
    """
    return make(Cholesky, input, name=name)


@export("qr", "linalg.qr")
def qr(input: Any, full_matrices: bool = False, name: str | None = None) -> Any:
    """(q, r) of each m x n matrix: q m x min(m, n) with orthonormal columns (m x m, if full), r upper triangular, q r = input."""
    return namedtuple("Qr", ["q", "r"])(*make(Qr, input, name=name, full_matrices=full_matrices))


@export("linalg.lu")
def lu(input: Any, output_idx_type: Any = int32, name: str | None = None) -> Any:
    """(lu, p): l below the diagonal (its own is 1) and u on and above it, with input[p] = l u; InvalidArgumentError if singular."""
    return namedtuple("Lu", ["lu", "p"])(*make(Lu, input, name=name, output_idx_type=dtypes.as_dtype(output_idx_type)))


@export("svd", "linalg.svd")
def svd(tensor: Any, full_matrices: bool = False, compute_uv: bool = True, name: str | None = None) -> Any:
    """(s, u, v) with tensor = u diag(s) v^H for each matrix, s descending; s alone without compute_uv."""
    s, u, v = make(Svd, tensor, name=name, compute_uv=compute_uv, full_matrices=full_matrices)
    return (real_(s), u, v) if compute_uv else real_(s)


@export("self_adjoint_eig", "linalg.eigh")
def self_adjoint_eig(tensor: Any, name: str | None = None) -> Any:
    """(eigenvalues ascending, eigenvectors as columns) of each Hermitian matrix; only the lower triangle is read."""
    e, v = make(SelfAdjointEigV2, tensor, name=name, compute_v=True)
    return e, v


@export("self_adjoint_eigvals", "linalg.eigvalsh")
def self_adjoint_eigvals(tensor: Any, name: str | None = None) -> Tensor:
    """The eigenvalues, ascending, of each Hermitian matrix; only the lower triangle is read."""
    return make(SelfAdjointEigV2, tensor, name=name, compute_v=False)[0]
