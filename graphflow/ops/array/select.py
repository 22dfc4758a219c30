"""Choosing elements by a condition: where, Select, SelectV2."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import context, shapes
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, bool_, int64
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, require
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from .. import functions as F
from ..elementwise.broadcasting import reduce_gradients
from .fill import zeros


class Where(Op, sig="input: T -> index: int64", host=True):
    """The positions of the true (or non-zero) elements, in row-major order, int64 [n, rank]."""
    python_names = {"input": "condition"}
    T: DType = bool_

    def infer(self, x: Spec) -> Spec:
        return Spec(int64, (None, None if x.shape is None else len(x.shape)))

    def check(self, x: Spec) -> None:
        require(x.shape is None or len(x.shape) > 0, "WhereOp : Unhandled input dimensions: 0, the condition is a scalar")

    def kernel(self, xp: Namespace, x: Any) -> Any:
        return np.argwhere(x) if np.ndim(x) else np.zeros((int(bool(x)), 0), np.int64)

    def grad(self, op: Operation, dy: Any) -> Any:
        return (None,)


class Select(Op, sig="condition: bool, t: T, e: T -> output: T"):
    """t where the condition holds, else e; the condition is a scalar, a vector over the first axis, or of the shape of t."""
    python_names = {"t": "x", "e": "y"}
    T: DType

    def infer(self, c: Spec, t: Spec, e: Spec) -> Spec:
        require(shapes.compatible(t.shape, e.shape), f"Shapes must be equal, but are {shapes.describe(t.shape)} and "
                                                     f"{shapes.describe(e.shape)}")
        shape = shapes.merge(t.shape, e.shape)
        if c.shape and shape is not None:
            if len(c.shape) == 1 and len(shape) > 1:
                require(shapes.compatible(c.shape, shape[:1]), f"Dimensions must be equal, but are {c.shape[0]} and {shape[0]}")
            else:
                require(len(c.shape) == len(shape) and shapes.compatible(c.shape, shape),
                        f"'cond' must be a scalar, a vector, or of the shape of 't': Dimensions must be equal, but are "
                        f"{shapes.describe(c.shape)} and {shapes.describe(shape)}")
                shape = shapes.merge(c.shape, shape)
        return Spec(self.T, shape)

    def kernel(self, xp: Namespace, c: Any, t: Any, e: Any) -> Any:
        if len(c.shape) == 1 and len(t.shape) > 1:
            c = c.reshape(c.shape + (1,) * (len(t.shape) - 1))
        return xp.where(c, t, e)

    def grad(self, op: Operation, dy: Any) -> Any:
        c, x, _ = op.inputs
        nothing = F.zeros_like(x)
        return None, where(c, dy, nothing), where(c, nothing, dy)


class SelectV2(Op, sig="condition: bool, t: T, e: T -> output: T"):
    """t where the condition holds, else e; all three are broadcast."""
    T: DType

    def infer(self, c: Spec, t: Spec, e: Spec) -> Spec:
        return Spec(self.T, shapes.broadcast(c.shape, shapes.broadcast(t.shape, e.shape)))

    def kernel(self, xp: Namespace, c: Any, t: Any, e: Any) -> Any:
        return xp.where(c, t, e)

    def grad(self, op: Operation, dy: Any) -> Any:
        c, x, y = op.inputs
        nothing = zeros([], dy.dtype.base_dtype)
        gx, gy = where_v2(c, dy, nothing), where_v2(c, nothing, dy)
        z = op.outputs[0]
        return None, reduce_gradients(x, z, gx, None)[0], reduce_gradients(y, z, gy, None)[0]


def _positions(condition: Any, name: str | None) -> Tensor:
    with context.default_graph().name_scope(name or "Where") as scope:
        condition = convert_to_tensor(condition, None, "condition", preferred_dtype=bool_)
        return make(Where, condition, name=scope)


@export("where", old=["select"])
def where(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Tensor:
    """With x and y: x where `condition` holds, else y; x and y have one shape, `condition` that shape, or is a vector over
    their first axis, or a scalar. Without them: the positions of true elements, int64 [n, rank].
    """
    if x is None and y is None:
        return _positions(condition, name)
    if x is None or y is None:
        raise ValueError("x and y must both be non-None or both be None.")
    return make(Select, condition, x, y, name=name)


@export("where_v2")
def where_v2(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Tensor:
    """As `tf.where`, but condition, x and y are broadcast against each other."""
    if x is None and y is None:
        return _positions(condition, name)
    if x is None or y is None:
        raise ValueError("x and y must both be non-None or both be None.")
    return make(SelectV2, condition, x, y, name=name)


