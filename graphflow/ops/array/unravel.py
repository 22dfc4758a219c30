"""Coordinates of flat positions."""
from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...core.dtypes import DType, int32, int64
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, require
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...kernels.contract import Namespace


class UnravelIndex(Op, sig="indices: Tidx, dims: Tidx -> output: Tidx"):
    """Row-major numbers as coordinates: output[:, i] for index i."""
    Tidx: DType = one_of(int32, int64, default=int32)

    def infer(self, indices: Spec, dims: Spec) -> Spec:
        if indices.shape is None or not dims.shape:
            return Spec(self.Tidx, None)
        return Spec(self.Tidx, (dims.shape[0], *indices.shape))

    def check(self, indices: Spec, dims: Spec) -> None:
        require(indices.shape is None or len(indices.shape) < 2, f"The indices can only be scalar or vector, got shape {indices.shape}")
        require(dims.shape is None or len(dims.shape) == 1, f"The dims must be a vector, got shape {dims.shape}")

    def kernel(self, xp: Namespace, indices: Any, dims: Any) -> Any:
        size = tuple(np.ravel(xp.known(dims)).tolist())
        total = int(np.prod(size, dtype=np.int64))
        xp.check((indices < 0) | (indices >= total), f"index is out of bound as with dims {list(size)}")
        steps = [math.prod(size[axis + 1:]) for axis in range(len(size))]
        return xp.stack([xp.remainder(xp.floor_divide(indices, step), d) for step, d in zip(steps, size)], 0)

    def grad(self, op: Operation, dy: Any) -> Any:
        return None, None


@export("unravel_index")
def unravel_index(indices: Any, dims: Any, name: str | None = None) -> Tensor:
    """The coordinates, one row per axis, of row-major numbers in an array of shape dims."""
    return make(UnravelIndex, indices, dims, name=name)
