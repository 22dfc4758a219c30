"""Linear operators of few numbers: an update of low rank, a reflection, a circulant matrix."""
from __future__ import annotations

from typing import Any

from ...core.convert import convert_to_tensor
from ...core.dtypes import as_dtype, complex64
from ...core.export import export
from .. import functions as F
from .base import LinearOperator, joined_batch, same_batches
from .dense import OfTensor, OfVectors


@export("linalg.LinearOperatorLowRankUpdate")
class LinearOperatorLowRankUpdate(LinearOperator):
    """L + U D V^H for an operator L [..., M, N], U [..., M, K], a diagonal D [..., K] and V [..., N, K].

    diag_update: None is ones. v: None is u. Solved by the Woodbury identity, at the cost of K x K matrices.
    """

    def __init__(self, base_operator: LinearOperator, u: Any, diag_update: Any = None, v: Any = None,
                 is_diag_update_positive: bool | None = None, is_non_singular: bool | None = None, is_self_adjoint: bool | None = None,
                 is_positive_definite: bool | None = None, is_square: bool | None = None, name: str = "LinearOperatorLowRankUpdate"):
        self._base, self._positive_update = base_operator, True if diag_update is None else is_diag_update_positive
        self._u = convert_to_tensor(u, base_operator.dtype, "u")
        self._v = self._u if v is None else convert_to_tensor(v, base_operator.dtype, "v")
        self._update = None if diag_update is None else convert_to_tensor(diag_update, base_operator.dtype, "diag_update")
        real = not base_operator.dtype.is_complex
        if v is None and base_operator.is_self_adjoint and (real or diag_update is None):
            is_self_adjoint = True if is_self_adjoint is None else is_self_adjoint
            if base_operator.is_positive_definite and self._positive_update and real:
                is_positive_definite = True if is_positive_definite is None else is_positive_definite
        if is_square is None:
            is_square = base_operator.is_square
        parents = [*base_operator.graph_parents, self._u, *([] if v is None else [self._v]),
                   *([] if self._update is None else [self._update])]
        super().__init__(base_operator.dtype, parents, is_non_singular, is_self_adjoint, is_positive_definite, is_square, name)

    base_operator = property(lambda self: self._base, doc="L.")
    u = property(lambda self: self._u, doc="U.")
    v = property(lambda self: self._v, doc="V.")
    diag_update = property(lambda self: self._update, doc="D, None for ones.")
    is_diag_update_positive = property(lambda self: self._positive_update, doc="Whether D > 0 is known.")

    def _size(self) -> Any:
        base, u, v = self._base._size(), self._u.static, self._v.static
        if base is None or u is None or v is None:
            return None
        batch = joined_batch(joined_batch(base[:-2], u[:-2]), v[:-2])
        return (*batch, base[-2] if base[-2] is not None else u[-2], base[-1] if base[-1] is not None else v[-2])

    def _sizes(self) -> Any:
        base = self._base.shape_tensor()
        batch = F.broadcast_dynamic_shape(base[:-2], F.broadcast_dynamic_shape(F.shape(self._u)[:-2], F.shape(self._v)[:-2]))
        return F.concat([batch, base[-2:]], 0)

    def _scaled(self, x: Any, inverse: bool = False, adjoint: bool = False) -> Any:
        if self._update is None:
            return x
        factors = F.expand_dims(F.conj(self._update) if adjoint else self._update, -1)
        return x / factors if inverse else x * factors

    def _product(self, x: Any, adjoint: bool) -> Any:
        left, right = (self._v, self._u) if adjoint else (self._u, self._v)
        inner = F.matmul(*same_batches(right, x), adjoint_a=True)
        return self._base._product(x, adjoint) + F.matmul(*same_batches(left, self._scaled(inner, adjoint=adjoint)))

    def _capacitance(self) -> Any:
        """D^-1 + V^H L^-1 U, [..., K, K]."""
        inner = F.matmul(*same_batches(self._v, self._base._solution(self._u, False)), adjoint_a=True)
        ones = F.ones(F.shape(inner)[:-1], self._dtype)
        return inner + F.matrix_diag(ones if self._update is None else ones / self._update)

    def _solution(self, rhs: Any, adjoint: bool) -> Any:
        left, right = (self._v, self._u) if adjoint else (self._u, self._v)
        first = self._base._solution(rhs, adjoint)
        inner = F.matmul(*same_batches(right, first), adjoint_a=True)
        middle = F.matrix_solve(*same_batches(self._capacitance(), inner), adjoint=adjoint)
        return first - self._base._solution(F.matmul(*same_batches(left, middle)), adjoint)

    def _det(self) -> Any:
        found = F.matrix_determinant(self._capacitance()) * self._base._det()
        return found if self._update is None else found * F.reduce_prod(self._update, -1)

    def _log_abs_det(self) -> Any:
        found = F.slogdet(self._capacitance())[1] + self._base._log_abs_det()
        return found if self._update is None else found + F.reduce_sum(F.log(F.abs(self._update)), -1)

    def _diagonal(self) -> Any:
        left, right = same_batches(self._u, F.conj(self._v))
        scaled = left if self._update is None else left * F.expand_dims(self._update, -2)
        return self._base._diagonal() + F.reduce_sum(scaled * right, -1)


@export("linalg.LinearOperatorHouseholder")
class LinearOperatorHouseholder(OfVectors, OfTensor):
    """The reflections I - 2 v v^H / |v|^2 of axes v [B1, ..., Bb, N]."""

    def __init__(self, reflection_axis: Any, is_non_singular: bool | None = None, is_self_adjoint: bool | None = None,
                 is_positive_definite: bool | None = None, is_square: bool | None = None, name: str = "LinearOperatorHouseholder"):
        if is_self_adjoint is False or is_non_singular is False or is_square is False or is_positive_definite:
            raise ValueError("A Householder operator is always square, self adjoint and non-singular, never positive definite.")
        self._vectors = self._given(reflection_axis, "reflection_axis", 1)
        super().__init__(self._vectors.dtype, [self._vectors], True, True, False, True, name)

    reflection_axis = property(lambda self: self._vectors, doc="v.")

    def _product(self, x: Any, adjoint: bool) -> Any:
        axis = F.expand_dims(F.l2_normalize(self._vectors, -1), -1)
        inner = F.matmul(*same_batches(axis, x), adjoint_a=True)
        return x - 2 * F.matmul(*same_batches(axis, inner))

    def _solution(self, rhs: Any, adjoint: bool) -> Any:
        return self._product(rhs, adjoint)

    def _diagonal(self) -> Any:
        return 1 - 2 * F.l2_normalize(self._vectors, -1) ** 2

    def _det(self) -> Any:
        return -F.ones(F.shape(self._vectors)[:-1], self._dtype)

    def _log_abs_det(self) -> Any:
        return F.zeros(F.shape(self._vectors)[:-1], self._dtype)


@export("linalg.LinearOperatorCirculant")
class LinearOperatorCirculant(OfVectors):
    """The circulant matrices of spectra [B1, ..., Bb, N], the Fourier transforms of their first columns."""

    def __init__(self, spectrum: Any, input_output_dtype: Any = complex64, is_non_singular: bool | None = None,
                 is_self_adjoint: bool | None = None, is_positive_definite: bool | None = None, is_square: bool | None = True,
                 name: str = "LinearOperatorCirculant"):
        given = convert_to_tensor(spectrum, name="spectrum")
        if not given.dtype.is_complex:
            if is_self_adjoint is False:
                raise ValueError("A real spectrum always corresponds to a self-adjoint operator.")
            is_self_adjoint = True
        if not is_square:
            raise ValueError("A [[nested] block] circulant operator is always square.")
        self._vectors, self._spectrum = given, F.cast(given, complex64 if given.dtype.size in (4, 8) and given.dtype.name != "float64"
                                                    else as_dtype("complex128"))
        super().__init__(as_dtype(input_output_dtype), [given], is_non_singular, is_self_adjoint, is_positive_definite, True, name)

    spectrum = property(lambda self: self._vectors, doc="The spectra.")

    def _filtered(self, x: Any, spectrum: Any) -> Any:
        rows = F.matrix_transpose(F.cast(x, spectrum.dtype))
        found = F.ifft(F.fft(rows) * F.expand_dims(spectrum, -2))
        return F.cast(F.matrix_transpose(found), self._dtype)

    def _product(self, x: Any, adjoint: bool) -> Any:
        return self._filtered(x, F.conj(self._spectrum) if adjoint else self._spectrum)

    def _solution(self, rhs: Any, adjoint: bool) -> Any:
        return self._filtered(rhs, 1 / (F.conj(self._spectrum) if adjoint else self._spectrum))

    def convolution_kernel(self, name: str = "convolution_kernel") -> Any:
        """The first columns of the matrices."""
        with self._scope(name):
            return F.cast(F.ifft(self._spectrum), self._dtype)

    def _diagonal(self) -> Any:
        size = F.shape(self._vectors)
        mean = F.reduce_sum(self._spectrum, -1, keepdims=True) / F.cast(size[-1], self._spectrum.dtype)
        return F.cast(mean, self._dtype) * F.ones(size[-1:], self._dtype)

    def _det(self) -> Any:
        return F.cast(F.reduce_prod(self._spectrum, -1), self._dtype)

    def _log_abs_det(self) -> Any:
        return F.cast(F.reduce_sum(F.log(F.abs(self._spectrum)), -1), self._dtype)
