"""The shape that two shapes broadcast to, while building and at run."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import shapes
from ...core.dtypes import DType, int32, int64
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, require
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...core.tensor_shape import TensorShape
from ...kernels.contract import Namespace


class BroadcastArgs(Op, sig="s0: T, s1: T -> r0: T"):
    """The shape of an elementwise result from the shapes of its operands."""
    T: DType = one_of((int32, int64), default=int32)

    def infer(self, s0: Spec, s1: Spec) -> Spec:
        sizes = [s.shape[0] if s.shape is not None and len(s.shape) == 1 else None for s in (s0, s1)]
        return Spec(self.T, (None if None in sizes else max(size for size in sizes if size is not None),))

    def check(self, s0: Spec, s1: Spec) -> None:
        for place, spec in enumerate((s0, s1)):
            require(spec.shape is None or len(spec.shape) == 1, f"In[{place}] must be a vector, got shape {spec.shape}")

    def kernel(self, xp: Namespace, s0: Any, s1: Any) -> Any:
        first, second = (tuple(np.ravel(xp.known(s)).tolist()) for s in (s0, s1))
        try:
            return np.array(np.broadcast_shapes(first, second), self.T.np)
        except ValueError:
            raise ValueError(f"Incompatible shapes: {list(first)} vs. {list(second)}") from None

    def grad(self, op: Operation, *dy: Any) -> Any:
        return None, None


@export("broadcast_dynamic_shape")
def broadcast_dynamic_shape(shape_x: Any, shape_y: Any) -> Tensor:
    """The shape, as a tensor, that two shapes given as tensors broadcast to."""
    return make(BroadcastArgs, shape_x, shape_y)


@export("broadcast_static_shape")
def broadcast_static_shape(shape_x: Any, shape_y: Any) -> TensorShape:
    """The TensorShape that two TensorShapes broadcast to; ValueError when they do not."""
    try:
        return TensorShape(shapes.broadcast(shapes.as_tuple(shape_x), shapes.as_tuple(shape_y)))
    except ValueError:
        raise ValueError(f"Incompatible shapes for broadcasting: {shape_x} and {shape_y}") from None
