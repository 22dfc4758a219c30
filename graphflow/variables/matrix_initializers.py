"""Initializers whose values are matrices with a structure: orthogonal and identity."""
from __future__ import annotations

import math
from typing import Any

from ..core.dtypes import float32
from ..core.export import export
from ..core.make import make
from ..ops import operators  # noqa: F401 - hangs * on tensors
from ..ops.array.axes import matrix_transpose
from ..ops.array.basic import reshape
from ..ops.array.diagonals import diag_part
from ..ops.array.slice import slice as slice_
from ..ops.elementwise.binary import Mul
from ..ops.elementwise.unary import sign
from ..ops.linalg.factor import qr
from ..ops.linalg.solve import eye
from ..ops.random.distributions import random_normal
from .initializers import Initializer, _floating, _whole


@export("orthogonal_initializer", "initializers.orthogonal")
class Orthogonal(Initializer):
    """A matrix with orthonormal rows or columns, whichever are fewer, times `gain`; more axes are flattened up to the last.

    A. M. Saxe, J. L. McClelland, S. Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear neural
    networks", 2013. The Q of the QR factorisation of a normal matrix, its signs made uniform.
    """

    def __init__(self, gain: float = 1.0, seed: int | None = None, dtype: Any = float32):
        self.gain, self.seed, self.dtype = gain, seed, _floating(dtype)

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Any:
        if len(shape) < 2:
            raise ValueError("The tensor to initialize, specified by argument `shape` must be at least two-dimensional. "
                             f"Received shape={shape}")
        rows, columns = math.prod(int(size) for size in shape[:-1]), int(shape[-1])
        flat = (columns, rows) if rows < columns else (rows, columns)
        q, r = qr(random_normal(flat, dtype=self._dtype(dtype), seed=self.seed), full_matrices=False)
        q = make(Mul, q, sign(diag_part(r)), name="mul")
        if rows < columns:
            q = matrix_transpose(q)
        return self.gain * reshape(q, shape)

    def get_config(self) -> dict[str, Any]:
        return {"gain": self.gain, "seed": self.seed, "dtype": self.dtype.name}


@export("initializers.identity")
class Identity(Initializer):
    """The identity matrix times `gain`; shapes of two axes only."""

    def __init__(self, gain: float = 1.0, dtype: Any = float32):
        self.gain, self.dtype = gain, _floating(dtype)

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Any:
        whole = _whole(shape, partition_info)
        if len(whole) != 2:
            raise ValueError(f"The tensor to initialize, specified by argument `shape` must be two-dimensional. Received shape={whole}")
        matrix = eye(int(whole[0]), int(whole[1]), dtype=self._dtype(dtype))
        if partition_info is not None:
            matrix = slice_(matrix, partition_info.var_offset, shape)
        return self.gain * matrix

    def get_config(self) -> dict[str, Any]:
        return {"gain": self.gain, "dtype": self.dtype.name}
