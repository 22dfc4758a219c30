"""What the linear algebra ops share: stacks of square matrices, dtypes, widening of 16-bit floats."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import dtypes
from ...core.op import Op, Spec, require
from ...core.tensor import Tensor
from .matmul import matmul

LINALG = (dtypes.float64, dtypes.float32, dtypes.float16, dtypes.complex64, dtypes.complex128)


def wide(*values: Any) -> Any:
    """Arrays that numpy.linalg takes: 16-bit floats as float32."""
    found = [np.asarray(v) for v in values]
    found = [v.astype(np.float32) if v.dtype.itemsize == 2 else v for v in found]
    return found[0] if len(found) == 1 else found


def check_matrix(x: Spec, square: bool = True) -> None:
    """ValueError unless x may be a stack of (square) matrices."""
    if x.shape is None:
        return
    require(len(x.shape) >= 2, f"Shape must be at least rank 2 but is rank {len(x.shape)}")
    rows, columns = x.shape[-2:]
    if square:
        require(rows is None or columns is None or rows == columns, f"Dimensions must be equal, but are {rows} and {columns}")


def square_shape(shape: Any) -> Any:
    """The shape with what one of the two equal sizes tells of the other."""
    if shape is None:
        return None
    n = shape[-1] if shape[-2] is None else shape[-2]
    return (*shape[:-2], n, n)


class SquareOp(Op):
    """A stack of square matrices in, one of the same shape out; the kernel runs on real arrays."""
    host = True         # decompositions are LAPACK's

    def infer(self, x: Spec) -> Spec:
        check_matrix(x)
        return Spec(x.dtype, square_shape(x.shape))


def failing(action: Any, message: str) -> Any:
    """action(); numpy's LinAlgError becomes a ValueError with TensorFlow's text (InvalidArgumentError at run)."""
    try:
        return action()
    except np.linalg.LinAlgError:
        raise ValueError(message) from None


def adjoint_product(a: Any, b: Any, adjoint_a: bool = False, adjoint_b: bool = False) -> Tensor:
    """matmul with adjoints, as the gradients write it."""
    return matmul(a, b, adjoint_a=adjoint_a, adjoint_b=adjoint_b)
