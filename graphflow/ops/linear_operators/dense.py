"""Linear operators whose matrix is written out: full and lower triangular ones."""
from __future__ import annotations

from typing import Any

from ...core import shapes
from ...core.convert import convert_to_tensor
from ...core.export import export
from .. import functions as F
from .base import LinearOperator, same_batches


class OfVectors(LinearOperator):
    """A base of square operators of which vectors [..., n] say all."""
    _vectors: Any

    def _size(self) -> Any:
        known = self._vectors.static
        return None if known is None else (*known, known[-1])

    def _sizes(self) -> Any:
        size = F.shape(self._vectors)
        return F.concat([size, size[-1:]], 0)


class OfTensor(LinearOperator):
    """An operator that is made of one tensor; its dtype must be floating or complex."""

    def _given(self, value: Any, what: str, least: int) -> Any:
        tensor = convert_to_tensor(value, name=what)
        if not (tensor.dtype.is_floating or tensor.dtype.is_complex):
            raise TypeError(f"Argument {what} must have dtype float or complex, got {tensor.dtype.name}: {tensor.name}")
        if tensor.static is not None and len(tensor.static) < least:
            raise ValueError(f"Argument {what} must have at least {least} dimensions. Found: {shapes.describe(tensor.static)}")
        return tensor


@export("linalg.LinearOperatorFullMatrix")
class LinearOperatorFullMatrix(OfTensor):
    """The operator of matrices [B1, ..., Bb, M, N]."""

    def __init__(self, matrix: Any, is_non_singular: bool | None = None, is_self_adjoint: bool | None = None,
                 is_positive_definite: bool | None = None, is_square: bool | None = None, name: str = "LinearOperatorFullMatrix"):
        self._matrix = self._given(matrix, "matrix", 2)
        super().__init__(self._matrix.dtype, [self._matrix], is_non_singular, is_self_adjoint, is_positive_definite, is_square, name)

    def _size(self) -> Any:
        return self._matrix.static

    def _sizes(self) -> Any:
        return F.shape(self._matrix)

    def _product(self, x: Any, adjoint: bool) -> Any:
        return F.matmul(*same_batches(self._matrix, x), adjoint_a=adjoint)

    def _dense(self) -> Any:
        return self._matrix


@export("linalg.LinearOperatorLowerTriangular")
class LinearOperatorLowerTriangular(OfTensor):
    """The operator of the lower triangles of matrices [B1, ..., Bb, N, N]; what is above the diagonal is not read."""

    def __init__(self, tril: Any, is_non_singular: bool | None = None, is_self_adjoint: bool | None = None,
                 is_positive_definite: bool | None = None, is_square: bool | None = None, name: str = "LinearOperatorLowerTriangular"):
        if is_square is False:
            raise ValueError("Only square lower triangular operators supported at this time.")
        given = self._given(tril, "tril", 2)
        self._tril = F.matrix_band_part(given, -1, 0)
        super().__init__(given.dtype, [given], is_non_singular, is_self_adjoint, is_positive_definite, True, name)

    def _size(self) -> Any:
        return self._tril.static

    def _sizes(self) -> Any:
        return F.shape(self._tril)

    def _product(self, x: Any, adjoint: bool) -> Any:
        return F.matmul(*same_batches(self._tril, x), adjoint_a=adjoint)

    def _solution(self, rhs: Any, adjoint: bool) -> Any:
        return F.matrix_triangular_solve(*same_batches(self._tril, rhs), lower=True, adjoint=adjoint)

    def _dense(self) -> Any:
        return self._tril

    def _det(self) -> Any:
        return F.reduce_prod(self._diagonal(), -1)

    def _log_abs_det(self) -> Any:
        return F.reduce_sum(F.log(F.abs(self._diagonal())), -1)
