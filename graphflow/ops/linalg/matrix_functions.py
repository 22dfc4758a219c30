"""The square root, logarithm and exponential of matrices."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import dtypes
from ...core.dtypes import DType
from ...core.export import export
from ...core.make import make
from ...core.op import one_of
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...kernels import linalg as kernels
from ...kernels.contract import Namespace
from .. import functions as F
from ..array.axes import matrix_transpose
from ..array.basic import reshape, shape_internal
from ..array.joining import concat
from ..elementwise import binary
from ..reduce import reduction
from . import solve as linalg_solve
from .base import LINALG, SquareOp, wide
from .norms import adjoint


class MatrixSquareRoot(SquareOp, sig="input: T -> output: T"):
    """The principal square root of each matrix."""
    T: DType = one_of(LINALG)

    def kernel(self, xp: Namespace, x: Any) -> Any:
        return kernels.square_root(wide(x))

    def grad(self, op: Operation, dy: Any) -> Any:
        return (_square_root_slope(op, dy),)


class MatrixLogarithm(SquareOp, sig="input: T -> output: T"):
    """The principal logarithm of each diagonalizable complex matrix."""
    T: DType = one_of((dtypes.complex64, dtypes.complex128))

    def kernel(self, xp: Namespace, x: Any) -> Any:
        return kernels.by_eigenvalues(x, np.log)


class MatrixExponential(SquareOp, sig="input: T -> output: T"):
    """The matrix exponential, as graphs of TF 1.x hold it."""
    T: DType = one_of(LINALG)

    def kernel(self, xp: Namespace, x: Any) -> Any:
        return kernels.exponential(wide(x))

    def grad(self, op: Operation, dy: Any) -> Any:
        return (_exponential_slope(op.inputs[0], dy),)


def _exponential_slope(x: Any, dy: Any) -> Tensor:
    """The Frechet derivative of the adjoint: the upper right block of exp [[x^H, dy], [0, x^H]]."""
    xh = adjoint(x)
    top = concat([xh, dy], axis=-1)
    bottom = concat([F.zeros_like(xh), xh], axis=-1)
    n = x.static[-1] if x.static is not None and x.static[-1] is not None else shape_internal(x)[-1]
    return make(MatrixExponential, concat([top, bottom], axis=-2))[..., :n, n:]


def _kronecker(a: Any, b: Any) -> Tensor:
    sa, sb = shape_internal(a), shape_internal(b)
    n, m = sa[-1], sb[-1]
    batch = F.slice(sa, [0], [binary.subtract(F.size(sa), 2)])
    shape_a = concat([batch, [n], [1], [n], [1]], 0)
    shape_b = concat([batch, [1], [m], [1], [m]], 0)
    wide_a, wide_b = reshape(a, shape_a), reshape(b, shape_b)
    both = n * m
    whole = concat([batch, [both], [both]], 0)
    return reshape(wide_a * wide_b, whole)


def _square_root_slope(op: Any, dy: Any) -> Tensor:
    """dx from s ds + ds s = dx, solved as one big linear system (Kronecker sums)."""
    s = op.outputs[0]
    shape = shape_internal(s)
    n = shape[-1]
    count = reduction.reduce_prod(shape[0:-2])
    flat = reshape(linalg_solve.eye(n, dtype=s.dtype), [-1])
    ones = reshape(F.tile(flat, [count]), shape)
    st = matrix_transpose(s)
    k1, k2 = _kronecker(ones, st), _kronecker(s, ones)
    total = binary.add(k1, k2)
    batch = F.slice(shape, [0], [binary.subtract(F.size(shape), 2)])
    vector_shape = concat([batch, [n * n], [1]], 0)
    vector = reshape(matrix_transpose(dy), vector_shape)
    solved = linalg_solve.matrix_solve(total, vector)
    return matrix_transpose(reshape(solved, shape))


@export("linalg.sqrtm", "matrix_square_root")
def matrix_square_root(input: Any, name: str | None = None) -> Tensor:
    """s with s s = input for each matrix in the last two axes, the principal root."""
    return make(MatrixSquareRoot, input, name=name)


@export("linalg.logm")
def matrix_logarithm(input: Any, name: str | None = None) -> Tensor:
    """l with exp(l) = input for each complex matrix in the last two axes."""
    return make(MatrixLogarithm, input, name=name)
