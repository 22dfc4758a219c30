"""The base of linear operators: batches of matrices [B1, ..., Bb, M, N] that need not be written out.

A kind says `_size()` (the static shape), `_sizes()` (the same at run time) and `_product(x, adjoint)`; what else it can do faster than
with the dense matrix it overrides: `_solution`, `_log_abs_det`, `_det`, `_dense`, `_diagonal`, `_sum_of_diagonal`.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import context, shapes
from ...core.convert import convert_to_tensor
from ...core.dtypes import as_dtype
from ...core.export import export
from ...core.tensor_shape import TensorShape
from .. import functions as F


def same_batches(a: Any, b: Any) -> tuple[Any, Any]:
    """Two batches of matrices with the same first axes: those of either are repeated where the other has more."""
    if a.static is not None and b.static is not None and a.static[:-2] == b.static[:-2] and None not in a.static[:-2]:
        return a, b
    first, second = F.shape(a), F.shape(b)
    batch = F.broadcast_dynamic_shape(first[:-2], second[:-2])
    known = _joined(a.static, b.static)
    found = []
    for one, size in ((a, first), (b, second)):
        wide = F.broadcast_to(one, F.concat([batch, size[-2:]], 0))
        if known is not None:
            wide.set_shape([*known, *(one.static or (None, None))[-2:]])
        found.append(wide)
    return found[0], found[1]


def _joined(a: Any, b: Any) -> Any:
    if a is None or b is None:
        return None
    return shapes.as_tuple(joined_batch(a[:-2], b[:-2]))


def joined_batch(a: Any, b: Any) -> Any:
    """The static shape of two batches broadcast; None for an unknown rank. ValueError where they do not fit."""
    if a is None or b is None:
        return None
    longer, shorter = (a, b) if len(a) >= len(b) else (b, a)
    found = list(longer)
    for i, (x, y) in enumerate(zip(longer[len(longer) - len(shorter):], shorter), len(longer) - len(shorter)):
        if x != y and x is not None and y is not None and 1 not in (x, y):
            raise ValueError(f"batches of linear operators do not fit: {shapes.describe(tuple(a))} and {shapes.describe(tuple(b))}")
        found[i] = y if x == 1 else x if y == 1 or x == y else x if y is None and x != 1 else y if x is None else None
    return tuple(found)


@export("linalg.LinearOperator")
class LinearOperator:
    """A batch of matrices [B1, ..., Bb, M, N]. What is said of it (hints) is taken for true and chooses faster ways.

    is_non_singular, is_self_adjoint, is_positive_definite, is_square: True, False or None for unknown.
    """

    def __init__(self, dtype: Any, graph_parents: Any = None, is_non_singular: bool | None = None, is_self_adjoint: bool | None = None,
                 is_positive_definite: bool | None = None, is_square: bool | None = None, name: str | None = None):
        if is_square is False and (is_non_singular or is_self_adjoint or is_positive_definite):
            raise ValueError("A non-square operator is never non-singular, self-adjoint or positive definite: "
                             f"is_square=False contradicts {is_non_singular=}, {is_self_adjoint=}, {is_positive_definite=}")
        if is_positive_definite and is_non_singular is False:
            raise ValueError("A positive definite operator is always non-singular.")
        self._dtype, self._parents = as_dtype(dtype), list(graph_parents or ())
        self._non_singular = True if is_positive_definite else is_non_singular
        self._self_adjoint, self._positive, self._square = is_self_adjoint, is_positive_definite, is_square
        if is_non_singular or is_self_adjoint or is_positive_definite:
            self._square = True
        self._name = name or type(self).__name__

    dtype = property(lambda self: self._dtype, doc="The DType of the entries.")
    name = property(lambda self: self._name, doc="The name that its operations begin with.")
    graph_parents = property(lambda self: self._parents, doc="The tensors that it is made of.")
    is_non_singular = property(lambda self: self._non_singular, doc="Whether it has an inverse; None: unknown.")
    is_self_adjoint = property(lambda self: self._self_adjoint, doc="Whether it is its own adjoint; None: unknown.")
    is_positive_definite = property(lambda self: self._positive, doc="Whether x^H A x > 0 for all x but 0; None: unknown.")
    shape = property(lambda self: TensorShape(self._size()), doc="[B1, ..., Bb, M, N] as a TensorShape.")
    batch_shape = property(lambda self: self.shape[:-2] if self._size() is not None else TensorShape(None), doc="[B1, ..., Bb].")
    tensor_rank = property(lambda self: None if self._size() is None else len(self._size()), doc="b + 2, None where unknown.")
    range_dimension = property(lambda self: self.shape[-2] if self._size() is not None else TensorShape([None])[0], doc="M.")
    domain_dimension = property(lambda self: self.shape[-1] if self._size() is not None else TensorShape([None])[0], doc="N.")
    H = property(lambda self: self.adjoint(), doc="The adjoint.")

    @property
    def is_square(self) -> bool | None:
        """Whether M = N; None: unknown."""
        size = self._size()
        if self._square is None and size is not None and None not in size[-2:]:
            return bool(size[-1] == size[-2])
        return self._square

    # -- what kinds say
    def _size(self) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must define _size(): its static shape")

    def _sizes(self) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must define _sizes(): its shape as a tensor")

    def _product(self, x: Any, adjoint: bool) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must define _product(x, adjoint)")

    def _solution(self, rhs: Any, adjoint: bool) -> Any:
        matrix, rhs = same_batches(self._dense(), rhs)
        if self._self_adjoint and self._positive:
            return F.cholesky_solve(F.cholesky(matrix), rhs)
        return F.matrix_solve(matrix, rhs, adjoint=adjoint)

    def _log_abs_det(self) -> Any:
        if self._self_adjoint and self._positive:
            return 2.0 * F.reduce_sum(F.log(F.real(F.matrix_diag_part(F.cholesky(self._dense())))), -1)
        return F.slogdet(self._dense())[1]

    def _det(self) -> Any:
        return F.matrix_determinant(self._dense())

    def _dense(self) -> Any:
        size = self._size()
        known = size is not None and None not in size
        columns = size[-1] if known else self._sizes()[-1]
        batch = size[:-2] if known else self._sizes()[:-2]
        return self._product(F.eye(columns, batch_shape=batch, dtype=self._dtype), False)

    def _diagonal(self) -> Any:
        return F.matrix_diag_part(self._dense())

    def _sum_of_diagonal(self) -> Any:
        return F.reduce_sum(self._diagonal(), -1)

    # -- what programs call
    def _scope(self, name: str) -> Any:
        return context.default_graph().name_scope(f"{self._name}/{name}")

    def _argument(self, value: Any, what: str, columns: bool, axis: int) -> Any:
        """A matrix or vector to be multiplied; ValueError where its size is not the operator's."""
        x = convert_to_tensor(value, self._dtype, what)
        size = self._size()
        mine, has = None if size is None else size[-1 if columns else -2], None if x.static is None else x.static[axis]
        if mine is not None and has is not None and mine != has:
            raise ValueError(f"{self._name}: Dimensions are not compatible: the operator {shapes.describe(size)} takes {mine} rows, "
                             f"{what} {shapes.describe(x.static)} has {has}")
        return x

    def _needs_square(self, what: str) -> None:
        if self.is_square is False:
            raise NotImplementedError(f"{what} is not there for an operator that is not square: {self._name} has shape {self.shape}")

    def shape_tensor(self, name: str = "shape_tensor") -> Any:
        """[B1, ..., Bb, M, N] as an int32 tensor."""
        with self._scope(name):
            size = self._size()
            return convert_to_tensor(list(size), name="shape") if size is not None and None not in size else self._sizes()

    def batch_shape_tensor(self, name: str = "batch_shape_tensor") -> Any:
        """[B1, ..., Bb] as an int32 tensor."""
        return self.shape_tensor(name)[:-2]

    def tensor_rank_tensor(self, name: str = "tensor_rank_tensor") -> Any:
        """b + 2 as an int32 tensor."""
        return F.size(self.shape_tensor(name))

    def domain_dimension_tensor(self, name: str = "domain_dimension_tensor") -> Any:
        """N as an int32 tensor."""
        return self.shape_tensor(name)[-1]

    def range_dimension_tensor(self, name: str = "range_dimension_tensor") -> Any:
        """M as an int32 tensor."""
        return self.shape_tensor(name)[-2]

    def matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False, name: str = "matmul") -> Any:
        """A x, for matrices x [..., N, R] or another LinearOperator. adjoint: A^H x; adjoint_arg: with x^H in place of x."""
        if isinstance(x, LinearOperator):
            return F.LinearOperatorComposition([self.adjoint() if adjoint else self, x.adjoint() if adjoint_arg else x])
        with self._scope(name):
            found = self._argument(x, "x", not adjoint, -1 if adjoint_arg else -2)
            return self._product(F.adjoint(found) if adjoint_arg else found, adjoint)

    def __matmul__(self, other: Any) -> Any:
        return self.matmul(other)

    def matvec(self, x: Any, adjoint: bool = False, name: str = "matvec") -> Any:
        """A x, for vectors x [..., N]."""
        with self._scope(name):
            found = self._argument(x, "x", not adjoint, -1)
            return F.squeeze(self._product(F.expand_dims(found, -1), adjoint), [-1])

    def solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False, name: str = "solve") -> Any:
        """X with A X = rhs, for matrices rhs [..., M, R]. adjoint: with A^H; adjoint_arg: with rhs^H."""
        self._invertible("solve")
        if isinstance(rhs, LinearOperator):
            return (self.adjoint() if adjoint else self).inverse().matmul(rhs.adjoint() if adjoint_arg else rhs)
        with self._scope(name):
            found = self._argument(rhs, "rhs", adjoint, -1 if adjoint_arg else -2)
            return self._solution(F.adjoint(found) if adjoint_arg else found, adjoint)

    def solvevec(self, rhs: Any, adjoint: bool = False, name: str = "solve") -> Any:
        """x with A x = rhs, for vectors rhs [..., M]."""
        self._invertible("solvevec")
        with self._scope(name):
            found = self._argument(rhs, "rhs", adjoint, -1)
            return F.squeeze(self._solution(F.expand_dims(found, -1), adjoint), [-1])

    def _invertible(self, what: str) -> None:
        self._needs_square(what)
        if self._non_singular is False:
            raise NotImplementedError(f"{what} is not there for a singular operator: {self._name} was made with is_non_singular=False")

    def determinant(self, name: str = "det") -> Any:
        """The determinants, [B1, ..., Bb]."""
        self._needs_square("determinant")
        with self._scope(name):
            return self._det()

    def log_abs_determinant(self, name: str = "log_abs_det") -> Any:
        """log |det A|, [B1, ..., Bb]."""
        self._needs_square("log_abs_determinant")
        with self._scope(name):
            return self._log_abs_det()

    def to_dense(self, name: str = "to_dense") -> Any:
        """The matrices, [B1, ..., Bb, M, N]."""
        with self._scope(name):
            return self._dense()

    def diag_part(self, name: str = "diag_part") -> Any:
        """The diagonals, [B1, ..., Bb, min(M, N)]."""
        with self._scope(name):
            return self._diagonal()

    def trace(self, name: str = "trace") -> Any:
        """The sums of the diagonals, [B1, ..., Bb]."""
        with self._scope(name):
            return self._sum_of_diagonal()

    def add_to_tensor(self, x: Any, name: str = "add_to_tensor") -> Any:
        """A + x as matrices."""
        with self._scope(name):
            return self._dense() + convert_to_tensor(x, self._dtype, "x")

    def adjoint(self, name: str = "adjoint") -> Any:
        """The LinearOperator A^H."""
        if self._self_adjoint:
            return self
        return F.LinearOperatorAdjoint(self)

    def inverse(self, name: str = "inverse") -> Any:
        """The LinearOperator A^-1. ValueError where it has none."""
        if self.is_square is False or self._non_singular is False:
            raise ValueError(f"Cannot take the Inverse: {self._name} is not square or not invertible")
        return F.LinearOperatorInversion(self)

    def cholesky(self, name: str = "cholesky") -> Any:
        """The lower triangular LinearOperator L with A = L L^H. ValueError unless A is said to be self-adjoint and positive definite."""
        if not (self._self_adjoint and self._positive):
            raise ValueError("Cannot take the Cholesky decomposition: Not a positive definite self adjoint matrix. Say "
                             "is_self_adjoint=True and is_positive_definite=True where it is made")
        with self._scope(name):
            return F.LinearOperatorLowerTriangular(F.cholesky(self._dense()), is_non_singular=True, is_self_adjoint=False, is_square=True)

    def assert_non_singular(self, name: str = "assert_non_singular") -> Any:
        """An operation that fails where the least singular value is 0 to the dtype's precision."""
        with self._scope(name):
            values = F.svd(self._dense(), compute_uv=False)
            least = np.finfo(self._dtype.as_numpy_dtype).eps * F.cast(F.shape(values)[-1], values.dtype) * F.reduce_max(values, -1)
            return F.assert_less(least, F.reduce_min(values, -1), message="Singular matrix up to precision epsilon.")

    def assert_positive_definite(self, name: str = "assert_positive_definite") -> Any:
        """An operation that fails where an eigenvalue of a self-adjoint operator is not positive."""
        with self._scope(name):
            return F.assert_positive(F.self_adjoint_eigvals(self._dense()), message="Matrix was not positive definite.")

    def assert_self_adjoint(self, name: str = "assert_self_adjoint") -> Any:
        """An operation that fails where A is not its adjoint."""
        with self._scope(name):
            dense = self._dense()
            return F.assert_equal(dense, F.adjoint(dense), message="Matrix was not equal to its adjoint.")

    def __repr__(self) -> str:
        return f"<tf.linalg.{type(self).__name__} {self._name!r} {self.shape} {self._dtype.name}>"
