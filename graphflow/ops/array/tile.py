"""Repeating a tensor along its axes."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core.dtypes import DType, int32, int64
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, require
from ...core.tensor import Tensor
from . import fill, joining, layout
from .basic import reshape, shape_internal


class Tile(Op, sig="input: T, multiples: Tmultiples -> output: T", static=("multiples",)):
    """The input repeated multiples[i] times along axis i."""
    T: DType
    Tmultiples: DType = one_of((int32, int64), default=int32)

    def infer(self, x: Any, multiples: Any) -> Spec:
        times = multiples.partial
        if times is None:
            return Spec(self.T, None if x.shape is None else (None,) * len(x.shape))
        if x.shape is None:
            return Spec(self.T, (None,) * len(times))
        require(len(times) == len(x.shape), f"Shape must be rank {len(times)} but is rank {len(x.shape)}")
        return Spec(self.T, tuple(None if d is None or n is None else d * n for d, n in zip(x.shape, times)))

    def kernel(self, xp: Any, x: Any, multiples: Any) -> Any:
        times = tuple(np.ravel(multiples).tolist())
        if all(d == 1 or n == 1 for d, n in zip(x.shape, times)):
            return xp.broadcast_to(x, tuple(d * n for d, n in zip(x.shape, times)))
        wide = tuple(v for d in x.shape for v in (1, d))
        full = tuple(v for d, n in zip(x.shape, times) for v in (n, d))
        return xp.reshape(xp.broadcast_to(xp.reshape(x, wide), full), tuple(d * n for d, n in zip(x.shape, times)))

    def grad(self, op: Any, dy: Any) -> Any:
        from ..math import reduction
        x, multiples = op.inputs
        shape = shape_internal(x, out_type=multiples.dtype.base_dtype)
        split = reshape(layout.transpose(joining.stack([multiples, shape])), [-1])
        axes = fill.range(0, layout.size(split), 2)
        dx = reduction.reduce_sum(reshape(dy, split), axes)
        dx.set_shape(x.static)
        return dx, None


@export("tile", "manip.tile")
def tile(input: Any, multiples: Any, name: str | None = None) -> Tensor:
    """`input` repeated multiples[i] times along axis i."""
    return make(Tile, input, multiples, name=name)  # type: ignore[no-any-return]
