"""Linear operators of a diagonal: any one, the identity, multiples of it, and zero."""
from __future__ import annotations

from typing import Any

from ...core.convert import convert_to_tensor
from ...core.dtypes import as_dtype, float32, int32
from ...core.export import export
from ...core.known import constant_value
from .. import functions as F
from .base import LinearOperator, joined_batch, same_batches
from .dense import OfTensor, OfVectors


@export("linalg.LinearOperatorDiag")
class LinearOperatorDiag(OfVectors, OfTensor):
    """The operator of diagonals [B1, ..., Bb, N]."""

    def __init__(self, diag: Any, is_non_singular: bool | None = None, is_self_adjoint: bool | None = None,
                 is_positive_definite: bool | None = None, is_square: bool | None = None, name: str = "LinearOperatorDiag"):
        self._vectors = self._given(diag, "diag", 1)
        if not self._vectors.dtype.is_complex:
            if is_self_adjoint is False:
                raise ValueError("A real diagonal operator is always self adjoint.")
            is_self_adjoint = True
        if is_square is False:
            raise ValueError("Only square diagonal operators currently supported.")
        super().__init__(self._vectors.dtype, [self._vectors], is_non_singular, is_self_adjoint, is_positive_definite, True, name)

    diag = property(lambda self: self._vectors, doc="The diagonals.")

    def _factors(self, adjoint: bool) -> Any:
        return F.expand_dims(F.conj(self._vectors) if adjoint else self._vectors, -1)

    def _product(self, x: Any, adjoint: bool) -> Any:
        return self._factors(adjoint) * x

    def _solution(self, rhs: Any, adjoint: bool) -> Any:
        return rhs / self._factors(adjoint)

    def _dense(self) -> Any:
        return F.matrix_diag(self._vectors)

    def _diagonal(self) -> Any:
        return self._vectors

    def _det(self) -> Any:
        return F.reduce_prod(self._vectors, -1)

    def _log_abs_det(self) -> Any:
        return F.cast(F.reduce_sum(F.log(F.abs(self._vectors)), -1), self._dtype)


class _OfSize(LinearOperator):
    """An operator of a number of rows that is given, static or as a tensor."""

    def _counted(self, rows: Any, columns: Any = None) -> None:
        self._rows = convert_to_tensor(rows, int32, "num_rows")
        self._columns = self._rows if columns is None else convert_to_tensor(columns, int32, "num_columns")
        if self._rows.static not in (None, ()):
            raise ValueError(f"Argument num_rows must be a 0-D Tensor. Found: {rows}")
        for what, value in (("num_rows", constant_value(self._rows)), ("num_columns", constant_value(self._columns))):
            if value is not None and value < 0:
                raise ValueError(f"Argument {what} must be non-negative. Found: {value}")

    def _matrix_size(self) -> tuple[int | None, int | None]:
        rows, columns = constant_value(self._rows), constant_value(self._columns)
        return None if rows is None else int(rows), None if columns is None else int(columns)


@export("linalg.LinearOperatorIdentity")
class LinearOperatorIdentity(_OfSize):
    """The identity of num_rows, batch_shape times."""

    def __init__(self, num_rows: Any, batch_shape: Any = None, dtype: Any = None, is_non_singular: bool | None = True,
                 is_self_adjoint: bool | None = True, is_positive_definite: bool | None = True, is_square: bool | None = True,
                 assert_proper_shapes: bool = False, name: str = "LinearOperatorIdentity"):
        if not (is_non_singular and is_self_adjoint and is_positive_definite and is_square):
            raise ValueError("An identity operator is always non-singular, self-adjoint, positive definite and square.")
        self._counted(num_rows)
        self._batch = None if batch_shape is None else convert_to_tensor(batch_shape, int32, "batch_shape_arg")
        super().__init__(as_dtype(dtype or float32), [], True, True, True, True, name)

    def _known_batch(self) -> Any:
        if self._batch is None:
            return ()
        known = constant_value(self._batch)
        return None if known is None else tuple(int(d) for d in known)

    def _size(self) -> Any:
        batch = self._known_batch()
        return None if batch is None else (*batch, *self._matrix_size())

    def _sizes(self) -> Any:
        return F.concat([[] if self._batch is None else self._batch, F.stack([self._rows, self._columns])], 0)

    def _with_batch(self, x: Any) -> Any:
        if self._batch is None:
            return x
        found = x + F.zeros(F.concat([self._batch, [1, 1]], 0), self._dtype)
        known, has = self._known_batch(), x.static
        if known is not None and has is not None:
            found.set_shape([*joined_batch(known, has[:-2]), *has[-2:]])
        return found

    def _product(self, x: Any, adjoint: bool) -> Any:
        return self._with_batch(x)

    def _solution(self, rhs: Any, adjoint: bool) -> Any:
        return self._with_batch(rhs)

    def _ones(self) -> Any:
        return F.ones([] if self._batch is None else self._batch, self._dtype)

    def _dense(self) -> Any:
        return F.eye(self._rows, batch_shape=self._batch, dtype=self._dtype)

    def _diagonal(self) -> Any:
        return F.ones(self._sizes()[:-1], self._dtype)

    def _sum_of_diagonal(self) -> Any:
        return self._ones() * F.cast(self._rows, self._dtype)

    def _det(self) -> Any:
        return self._ones()

    def _log_abs_det(self) -> Any:
        return F.zeros_like(F.real(self._ones()))


@export("linalg.LinearOperatorScaledIdentity")
class LinearOperatorScaledIdentity(_OfSize):
    """The identity of num_rows times each of the multipliers [B1, ..., Bb]."""

    def __init__(self, num_rows: Any, multiplier: Any, is_non_singular: bool | None = None, is_self_adjoint: bool | None = None,
                 is_positive_definite: bool | None = None, is_square: bool | None = True, assert_proper_shapes: bool = False,
                 name: str = "LinearOperatorScaledIdentity"):
        if not is_square:
            raise ValueError("A ScaledIdentity operator is always square.")
        self._counted(num_rows)
        self._multiplier = convert_to_tensor(multiplier, name="multiplier")
        if not self._multiplier.dtype.is_complex:
            if is_self_adjoint is False:
                raise ValueError("A real diagonal operator is always self adjoint.")
            is_self_adjoint = True
        super().__init__(self._multiplier.dtype, [self._multiplier], is_non_singular, is_self_adjoint, is_positive_definite, True, name)

    multiplier = property(lambda self: self._multiplier, doc="The multipliers.")

    def _size(self) -> Any:
        return None if self._multiplier.static is None else (*self._multiplier.static, *self._matrix_size())

    def _sizes(self) -> Any:
        return F.concat([F.shape(self._multiplier), F.stack([self._rows, self._rows])], 0)

    def _factors(self, adjoint: bool) -> Any:
        return F.expand_dims(F.expand_dims(F.conj(self._multiplier) if adjoint else self._multiplier, -1), -1)

    def _product(self, x: Any, adjoint: bool) -> Any:
        return x * self._factors(adjoint)

    def _solution(self, rhs: Any, adjoint: bool) -> Any:
        return rhs / self._factors(adjoint)

    def _dense(self) -> Any:
        return F.eye(self._rows, dtype=self._dtype) * self._factors(False)

    def _diagonal(self) -> Any:
        return F.expand_dims(self._multiplier, -1) * F.ones([self._rows], self._dtype)

    def _sum_of_diagonal(self) -> Any:
        return self._multiplier * F.cast(self._rows, self._dtype)

    def _det(self) -> Any:
        return self._multiplier ** F.cast(self._rows, self._dtype)

    def _log_abs_det(self) -> Any:
        size = F.log(F.abs(self._multiplier))
        return size * F.cast(self._rows, size.dtype)


@export("linalg.LinearOperatorZeros")
class LinearOperatorZeros(_OfSize):
    """Zero, of num_rows and num_columns (None: as many), batch_shape times."""

    def __init__(self, num_rows: Any, num_columns: Any = None, batch_shape: Any = None, dtype: Any = None,
                 is_non_singular: bool | None = False, is_self_adjoint: bool | None = True, is_positive_definite: bool | None = False,
                 is_square: bool | None = True, assert_proper_shapes: bool = False, name: str = "LinearOperatorZeros"):
        if is_non_singular or is_positive_definite:
            raise ValueError("A zeros operator is always singular, and never positive definite.")
        self._counted(num_rows, num_columns)
        rows, columns = self._matrix_size()
        if is_square and num_columns is not None and rows != columns:
            raise ValueError("A square operator must have num_rows equal to num_columns.")
        self._batch = () if batch_shape is None else tuple(int(d) for d in batch_shape)
        super().__init__(as_dtype(dtype or float32), [], False, is_self_adjoint if is_square else None, False, is_square, name)

    def _size(self) -> Any:
        return (*self._batch, *self._matrix_size())

    def _sizes(self) -> Any:
        ends = F.stack([self._rows, self._columns])
        return F.concat([list(self._batch), ends], 0) if self._batch else ends

    def _product(self, x: Any, adjoint: bool) -> Any:
        zero, x = same_batches(F.zeros(F.concat([self._sizes()[:-2], [1, 1]], 0), self._dtype), x)
        rows = self._columns if adjoint else self._rows
        size = F.shape(x)
        return F.zeros(F.concat([size[:-2], F.stack([rows, size[-1]])], 0), self._dtype) + 0 * zero

    def _dense(self) -> Any:
        return F.zeros(self._sizes(), self._dtype)

    def _sum_of_diagonal(self) -> Any:
        return F.zeros(self._sizes()[:-2], self._dtype)

    def _det(self) -> Any:
        return F.zeros(self._sizes()[:-2], self._dtype)

    def _log_abs_det(self) -> Any:
        return F.log(F.abs(self._det()))
