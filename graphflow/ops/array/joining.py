"""Joining tensors along an old axis or a new one."""
from __future__ import annotations

from typing import Any

from ...core import shapes
from ...core.dtypes import DType, int32, int64
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of
from ...core.tensor import Tensor
from .basic import identity


class ConcatV2(Op, sig="values: T*N, axis: Tidx -> output: T", static=("axis",)):
    """The values one after another along an axis."""
    N: int
    T: DType
    Tidx: DType = one_of((int32, int64), default=int32)

    def infer(self, *specs: Any) -> Spec:
        values, axis = specs[:-1], specs[-1]
        known = [v.shape for v in values if v.shape is not None]
        if not known or axis.value is None:
            return Spec(self.T, (None,) * len(known[0]) if known else None)
        rank = len(known[0])
        at = int(axis.value) % rank if rank else 0
        merged: Any = (None,) * rank
        for shape in known:
            merged = shapes.merge(merged, tuple(None if i == at else d for i, d in enumerate(shape)))
        sizes = [None if v.shape is None else v.shape[at] for v in values]
        total = None if None in sizes else sum(sizes)  # type: ignore[arg-type]
        return Spec(self.T, tuple(total if i == at else d for i, d in enumerate(merged)))

    def kernel(self, xp: Any, *values: Any) -> Any:
        return xp.concatenate(values[:-1], int(values[-1]))


class Pack(Op, sig="values: T*N -> output: T"):
    """The values along a new axis."""
    N: int
    T: DType
    axis: int = 0

    def infer(self, *values: Spec) -> Spec:
        shape: Any = None
        for v in values:
            shape = shapes.merge(shape, v.shape)
        if shape is None:
            return Spec(self.T, None)
        at = self.axis % (len(shape) + 1)
        return Spec(self.T, (*shape[:at], self.N, *shape[at:]))

    def kernel(self, xp: Any, *values: Any) -> Any:
        return xp.stack(values, self.axis)


@export("concat")
def concat(values: Any, axis: Any, name: str | None = "concat") -> Tensor:
    """The tensors of the list `values` one after another along `axis`."""
    values = values if isinstance(values, (list, tuple)) else [values]
    if len(values) == 1:
        return identity(values[0], name=name)  # type: ignore[no-any-return]
    return make(ConcatV2, values, axis, name=name or "concat")  # type: ignore[no-any-return]


@export("stack")
def stack(values: Any, axis: int = 0, name: str | None = "stack") -> Tensor:
    """The tensors of the list `values`, all of one shape, along a new axis."""
    return make(Pack, list(values), name=name or "stack", axis=axis)  # type: ignore[no-any-return]
