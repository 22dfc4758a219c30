"""Arrays written at indices: scatter_nd, tensor_scatter_*. Indices are checked before numpy sees them (see `coordinates`)."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import dtypes, shapes
from ...core.dtypes import DType, int16, int32, int64
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, require
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from .. import functions as F
from .basic import cast, identity
from .coordinates import combined
from .indexing import gather_nd


class ScatterNd(Op, sig="indices: Tindices, updates: T, shape: Tindices -> output: T", static={"shape": 1}):
    """Zeros of a shape with `updates` added at the coordinates that the last axis of `indices` lists."""
    T: DType
    Tindices: DType = one_of(int16, int32, int64)
    bad_indices_policy: str = ""

    def infer(self, indices: Any, updates: Any, shape: Any) -> Spec:
        require(indices.shape != (), "Shape must be at least rank 1 but is rank 0")
        whole = shape.partial if shape.value is None else tuple(int(d) for d in np.ravel(shape.value))
        check_updates(indices.shape, updates.shape, whole)
        return Spec(self.T, whole)

    def kernel(self, xp: Namespace, indices: Any, updates: Any, shape: Any) -> Any:
        zeros = np.broadcast_to(np.zeros((), self.T.np), tuple(int(d) for d in np.ravel(shape)))
        return combined(xp, zeros, indices, updates, "add", self.bad_indices_policy)

    def grad(self, op: Operation, dy: Any) -> Any:
        return None, gather_nd(dy, op.inputs[0]), None


def check_updates(indices: shapes.Shape, updates: shapes.Shape, whole: shapes.Shape) -> None:
    """ValueError unless updates.shape = indices.shape[:-1] + whole.shape[indices.shape[-1]:], as far as known."""
    if not indices or updates is None or whole is None or indices[-1] is None:
        return
    wanted = (*indices[:-1], *whole[indices[-1]:])
    require(shapes.compatible(updates, wanted),
            f"Dimensions [0,{len(indices) - 1}) of indices[shape={shapes.describe(indices)}] must match dimensions "
            f"[0,{len(indices) - 1}) of updates[shape={shapes.describe(updates)}]; updates must have shape {shapes.describe(wanted)}")


@export("scatter_nd", "manip.scatter_nd")
def scatter_nd(indices: Any, updates: Any, shape: Any, bad_indices_policy: str = "", name: str | None = None) -> Tensor:
    """An array of `shape`, zero but for `updates`, which are added at the coordinates in the last axis of `indices`."""
    return make(ScatterNd, indices, updates, shape, name=name, bad_indices_policy=bad_indices_policy)


class TensorScatter(Op):
    """Base: `tensor` with updates combined in at coordinates; `how` as in kernels.scatter."""
    how = "update"
    T: DType
    Tindices: DType = one_of(int32, int64)
    bad_indices_policy: str = ""

    def infer(self, tensor: Spec, indices: Spec, updates: Spec) -> Spec:
        check_updates(indices.shape, updates.shape, tensor.shape)
        return Spec(self.T, tensor.shape)

    def kernel(self, xp: Namespace, tensor: Any, indices: Any, updates: Any) -> Any:
        return combined(xp, tensor, indices, updates, self.how, self.bad_indices_policy)


_SIG = "tensor: T, indices: Tindices, updates: T -> output: T"


class TensorScatterUpdate(TensorScatter, sig=_SIG):
    """`tensor` with updates written at coordinates."""
    Tindices: DType = one_of(int16, int32, int64, dtypes.uint16)

    def grad(self, op: Operation, dy: Any) -> Any:
        _, indices, updates = op.inputs
        theirs = gather_nd(dy, indices)
        return make(TensorScatterUpdate, identity(dy), indices, F.zeros_like(updates)), None, theirs


class TensorScatterAdd(TensorScatter, sig=_SIG):
    """`tensor` with updates added at coordinates."""
    how = "add"

    def grad(self, op: Operation, dy: Any) -> Any:
        theirs = gather_nd(dy, op.inputs[1])
        return identity(dy), None, theirs


class TensorScatterSub(TensorScatter, sig=_SIG):
    """`tensor` with updates subtracted at coordinates."""
    how = "sub"

    def grad(self, op: Operation, dy: Any) -> Any:
        theirs = gather_nd(dy, op.inputs[1])
        return identity(dy), None, F.negative(theirs)


class _Extreme(TensorScatter):
    """min and max: the gradient is shared out evenly among all places that hold the result."""

    def grad(self, op: Operation, dy: Any) -> Any:
        tensor, indices, updates = op.inputs
        result = op.outputs[0]
        own = cast(F.equal(tensor, result), dy.dtype)
        theirs = cast(F.equal(gather_nd(result, indices), updates), dy.dtype)
        count = make(TensorScatterAdd, own, indices, theirs)
        share = dy / F.where_v2(count > 0, count, F.ones_like(count))
        return share * own, None, theirs * gather_nd(share, indices)


class TensorScatterMin(_Extreme, sig=_SIG):
    """The lesser of `tensor` and updates at coordinates."""
    how = "min"


class TensorScatterMax(_Extreme, sig=_SIG):
    """The greater of `tensor` and updates at coordinates."""
    how = "max"


@export("tensor_scatter_nd_update", "tensor_scatter_update")
def tensor_scatter_nd_update(tensor: Any, indices: Any, updates: Any, name: str | None = None) -> Tensor:
    """`tensor` with `updates` in place of what the coordinates in the last axis of `indices` name."""
    return make(TensorScatterUpdate, tensor, indices, updates, name=name)


@export("tensor_scatter_nd_add", "tensor_scatter_add")
def tensor_scatter_nd_add(tensor: Any, indices: Any, updates: Any, bad_indices_policy: str = "", name: str | None = None) -> Tensor:
    """`tensor` with `updates` added at the coordinates in the last axis of `indices`."""
    return make(TensorScatterAdd, tensor, indices, updates, name=name,
                bad_indices_policy=bad_indices_policy)


@export("tensor_scatter_nd_sub", "tensor_scatter_sub")
def tensor_scatter_nd_sub(tensor: Any, indices: Any, updates: Any, bad_indices_policy: str = "", name: str | None = None) -> Tensor:
    """`tensor` with `updates` subtracted at the coordinates in the last axis of `indices`."""
    return make(TensorScatterSub, tensor, indices, updates, name=name,
                bad_indices_policy=bad_indices_policy)


@export("tensor_scatter_nd_min")
def tensor_scatter_nd_min(tensor: Any, indices: Any, updates: Any, name: str | None = None) -> Tensor:
    """The lesser of `tensor` and `updates` at the coordinates in the last axis of `indices`."""
    return make(TensorScatterMin, tensor, indices, updates, name=name)


@export("tensor_scatter_nd_max")
def tensor_scatter_nd_max(tensor: Any, indices: Any, updates: Any, name: str | None = None) -> Tensor:
    """The greater of `tensor` and `updates` at the coordinates in the last axis of `indices`."""
    return make(TensorScatterMax, tensor, indices, updates, name=name)
