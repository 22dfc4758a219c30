"""Rows by index."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core.dtypes import DType, int32, int64
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of


class GatherV2(Op, sig="params: Tparams, indices: Tindices, axis: Taxis -> output: Tparams", static=("axis",)):
    """Slices of params along an axis, by index."""
    batch_dims: int = 0
    Tparams: DType
    Tindices: DType = one_of((int32, int64))
    Taxis: DType = one_of((int32, int64))

    def infer(self, params: Any, indices: Any, axis: Any) -> Spec:
        if params.shape is None or indices.shape is None or axis.value is None:
            return Spec(self.Tparams, None)
        at = int(axis.value) % max(len(params.shape), 1)
        return Spec(self.Tparams, (*params.shape[:at], *indices.shape[self.batch_dims:], *params.shape[at + 1:]))

    def kernel(self, xp: Any, params: Any, indices: Any, axis: Any) -> Any:
        return np.take(np.asarray(params), np.asarray(indices), int(axis))


@export("gather")
def gather(params: Any, indices: Any, validate_indices: Any = None, name: str | None = None, axis: Any = None,
           batch_dims: int = 0) -> Any:
    """Slices of `params` along `axis` (0 by default), by `indices`."""
    return make(GatherV2, params, indices, batch_dims if axis is None else axis, name=name, batch_dims=batch_dims)
