"""Elements by index: gather, gather_nd, boolean_mask. Writing by index is in `scattering`.

Indices are checked before numpy sees them (see `coordinates`).
"""
from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...core import context, shapes
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, int16, int32, int64
from ...core.export import export
from ...core.known import constant_value
from ...core.make import make
from ...core.op import Op, Spec, one_of, require
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...core.values import IndexedSlices
from ...kernels.contract import Namespace
from .. import functions as F
from .basic import cast, reshape, shape, shape_internal
from .coordinates import as_rows, in_range, row_numbers


def _gathered(dtype: DType, params: Any, indices: Any, axis: int | None, batch: int) -> Spec:
    if params.shape is None or indices.shape is None or axis is None:
        rank = None if params.shape is None or indices.shape is None else len(params.shape) + len(indices.shape) - 1 - batch
        return Spec(dtype, None if rank is None else (None,) * rank)
    rank = len(params.shape)
    require(rank >= 1, "Shape must be at least rank 1 but is rank 0: params of a gather")
    require(-rank <= axis < rank, f"Expected axis in the range [{-rank}, {rank}), but got {axis}")
    place = axis % rank
    require(batch <= place, f"batch_dims ({batch}) must be less than or equal to axis ({place})")
    lead = shapes.merge(params.shape[:batch], indices.shape[:batch]) or ()
    return Spec(dtype, (*lead, *params.shape[batch:place], *indices.shape[batch:], *params.shape[place + 1:]))


class GatherV2(Op, sig="params: Tparams, indices: Tindices, axis: Taxis -> output: Tparams", static={"axis": 0}):
    """The entries at `indices` along an axis; with batch_dims the leading axes of params and indices go together."""
    batch_dims: int = 0
    Tparams: DType
    Tindices: DType = one_of(int16, int32, int64)
    Taxis: DType = one_of(int32, int64)

    def infer(self, params: Any, indices: Any, axis: Any) -> Spec:
        require(not axis.shape, f"Shape must be rank 0 but is rank {len(axis.shape or ())}: axis of a gather")
        batch = self.batch_dims
        if batch < 0:
            if indices.shape is None:
                return Spec(self.Tparams, None)
            batch += len(indices.shape)
        return _gathered(self.Tparams, params, indices, None if axis.value is None else int(np.ravel(axis.value)[0]), batch)

    def kernel(self, xp: Namespace, params: Any, indices: Any, axis: Any) -> Any:
        place = int(np.ravel(axis)[0]) % len(params.shape)
        batch = self.batch_dims + len(indices.shape) * (self.batch_dims < 0)
        in_range(xp, indices, params.shape[place])
        return _taken(xp, params, indices, place, batch)

    def grad(self, op: Operation, dy: Any) -> Any:
        params, indices, axis = op.inputs
        place = constant_value(axis)
        if place is not None and int(np.ravel(place)[0]) == 0 and not self.batch_dims:
            return _row_gradient(params, indices, dy), None, None
        return _axis_gradient(params, indices, axis, dy, self.batch_dims), None, None

    def partial(self, op: Any, index: int, look: Any) -> Any:
        whole, wanted = look.shape(op.inputs[0]), look.value(op.inputs[1])
        return None if whole is None or wanted is None or wanted.ndim != 1 else tuple([whole[int(i)] for i in wanted])


def _row_gradient(params: Any, indices: Any, dy: Any) -> IndexedSlices:
    """The gradient of rows: the rows' gradients and where they belong."""
    with context.default_graph().colocate_with(params.op):
        whole = shape_internal(params)
    count = F.expand_dims(F.size(indices), 0)
    wanted = F.concat([count, whole[1:]], 0)
    if isinstance(dy, IndexedSlices):
        dy = convert_to_tensor(dy)
    return IndexedSlices(reshape(dy, wanted), reshape(indices, count), whole)


def _axis_gradient(params: Any, indices: Any, axis: Any, dy: Any, batch: int) -> Tensor:
    """The gradient of a gather along any axis: the axis moved to the front (behind batch axes), rows added up by segment, and back.

    The nodes are TensorFlow's where there are no batch axes. With them, indices get the number of their batch entry added.
    """
    whole: Any = shape_internal(params)
    F.expand_dims(F.size(indices), 0)
    if batch < 0:
        batch += len(indices.static)
    outer = whole[:axis]
    wanted: Any = F.concat([outer, [-1], whole[axis:][1:]], 0)
    count, depth = F.size(wanted), F.size(outer)
    batches, between = F.range(batch), F.range(batch, depth)
    inner = F.range(depth + 1, count)
    moved = F.transpose(reshape(dy, wanted), F.concat([batches, [depth], between, inner], 0))
    order = F.concat([batches, [depth], between, inner], 0) if batch or context.default_graph().eager else moved.op.inputs[1]
    shuffled: Any = gather(whole, order)
    length = whole[axis]
    rows: Any = reshape(indices, F.expand_dims(F.size(indices), 0))
    if batch:
        lead, tail = shuffled[:batch], shuffled[batch + 1:]
        entries = F.reduce_prod(lead)
        numbers = F.range(entries) * cast(length, int32)
        rows = reshape(reshape(cast(rows, int32), F.concat([[entries], [-1]], 0)) + F.expand_dims(numbers, 1), [-1])
        added = F.unsorted_segment_sum(reshape(moved, F.concat([[-1], tail], 0)), rows, entries * length)
        added = reshape(added, shuffled)
    else:
        added = F.unsorted_segment_sum(moved, rows, length)
    back = F.concat([batches, between + 1, [batch], inner], 0)
    return reshape(F.transpose(added, back), shape_internal(params))


def _taken(xp: Namespace, params: Any, indices: Any, place: int, batch: int) -> Any:
    """xp.take along an axis; with leading batch axes those go together, and the indices become row numbers of all of them."""
    if not batch:
        return xp.take(params, indices, place)
    lead, between, size, tail = params.shape[:batch], params.shape[batch:place], params.shape[place], params.shape[place + 1:]
    order = (*range(batch), place, *range(batch, place), *range(place + 1, len(params.shape)))
    count = math.prod(lead)
    rows = xp.reshape(xp.transpose(params, order), (count * size, *between, *tail))
    numbers = xp.reshape(xp.astype(indices, np.int64), (count, math.prod(indices.shape[batch:]))) + (np.arange(count) * size)[:, None]
    found = xp.reshape(xp.take(rows, numbers, 0), (*lead, *indices.shape[batch:], *between, *tail))
    first, inner = len(indices.shape), len(between)
    return xp.transpose(found, (*range(batch), *range(first, first + inner), *range(batch, first), *range(first + inner, len(found.shape))))


class Gather(Op, sig="params: Tparams, indices: Tindices -> output: Tparams"):
    """Rows by index: the op of TF 1.0, in old graphs."""
    validate_indices: bool = True
    Tparams: DType
    Tindices: DType = one_of(int32, int64)

    def infer(self, params: Any, indices: Any) -> Spec:
        return _gathered(self.Tparams, params, indices, 0, 0)

    def kernel(self, xp: Namespace, params: Any, indices: Any) -> Any:
        return xp.take(params, in_range(xp, indices, params.shape[0]), 0)

    def grad(self, op: Operation, dy: Any) -> Any:
        return _row_gradient(op.inputs[0], op.inputs[1], dy), None

    def partial(self, op: Any, index: int, look: Any) -> Any:
        whole, wanted = look.shape(op.inputs[0]), look.value(op.inputs[1])
        return None if whole is None or wanted is None or wanted.ndim != 1 else tuple([whole[int(i)] for i in wanted])


@export("gather", "manip.gather")
def gather(params: Any, indices: Any, validate_indices: Any = None, name: str | None = None, axis: Any = None,
           batch_dims: int = 0) -> Tensor:
    """The entries of `params` at `indices` along `axis` (default: batch_dims, so the first).

    An index outside of [0, size) raises InvalidArgumentError at run. batch_dims: how many leading axes the two share.
    """
    batch_dims = batch_dims or 0
    if axis is None:
        axis = batch_dims
    if hasattr(params, "sparse_read") and not isinstance(axis, Tensor) and axis == 0:
        return params.sparse_read(indices, name=name)
    return make(GatherV2, params, indices, axis, name=name, batch_dims=batch_dims)


@export("batch_gather")
def batch_gather(params: Any, indices: Any, name: str | None = None) -> Tensor:
    """gather with all axes of `indices` but the last as batch axes."""
    with context.default_graph().name_scope(name or "BatchGather"):
        indices = convert_to_tensor(indices, name="indices")
        params = convert_to_tensor(params, name="params")
        if indices.static is None:
            raise ValueError("batch_gather does not allow indices with unknown shape.")
        return gather(params, indices, batch_dims=len(indices.static) - 1)


class GatherNd(Op, sig="params: Tparams, indices: Tindices -> output: Tparams"):
    """Elements or slices by coordinate: the last axis of `indices` lists the first coordinates."""
    Tparams: DType
    Tindices: DType = one_of(int16, int32, int64)
    bad_indices_policy: str = ""

    def infer(self, params: Spec, indices: Spec) -> Spec:
        require(indices.shape != (), "Shape must be at least rank 1 but is rank 0")
        if params.shape is None or indices.shape is None or indices.shape[-1] is None:
            return Spec(self.Tparams, None)
        depth = indices.shape[-1]
        require(depth <= len(params.shape), f"indices.shape[-1] must be <= params.rank, but saw indices.shape[-1] = {depth} and "
                                            f"params.rank = {len(params.shape)}")
        return Spec(self.Tparams, (*indices.shape[:-1], *params.shape[depth:]))

    def kernel(self, xp: Namespace, params: Any, indices: Any) -> Any:
        depth = indices.shape[-1]
        rows, bad = row_numbers(xp, indices, params.shape, policy=self.bad_indices_policy)
        flat = as_rows(xp, params, depth)
        if self.bad_indices_policy != "IGNORE":
            return xp.take(flat, rows, 0)
        found = xp.take(flat, xp.where(bad, np.int64(0), rows), 0)
        return xp.where(xp.reshape(bad, (*bad.shape, *[1] * (len(found.shape) - len(bad.shape)))), np.zeros((), params.dtype), found)

    def grad(self, op: Operation, dy: Any) -> Any:
        params, indices = op.inputs
        whole = shape_internal(params, out_type=indices.dtype.base_dtype)
        known = indices.static
        if known is not None and len(known) == 2 and known[-1] == 1:
            return IndexedSlices(dy, F.squeeze(indices, -1), whole), None
        return F.scatter_nd(indices, dy, whole), None


@export("gather_nd", "manip.gather_nd")
def gather_nd(params: Any, indices: Any, name: str | None = None, batch_dims: int = 0, bad_indices_policy: str = "") -> Tensor:
    """The elements (or slices) of `params` at the coordinates that the last axis of `indices` lists."""
    if isinstance(batch_dims, Tensor) or batch_dims:
        return _batch_gather_nd(params, indices, int(batch_dims), name)
    if hasattr(params, "gather_nd") and not isinstance(params, Tensor):
        return params.gather_nd(indices, name=name)
    return make(GatherNd, params, indices, name=name, bad_indices_policy=bad_indices_policy)


def _batch_gather_nd(params: Any, indices: Any, batch: int, name: str | None) -> Tensor:
    """Coordinates of the batch axes put before those given."""
    with context.default_graph().name_scope(name or "BatchGatherNd"):
        params, indices = convert_to_tensor(params, name="params"), convert_to_tensor(indices, name="indices")
        if indices.static is not None and len(indices.static) <= batch:
            raise ValueError(f"gather_nd: batch_dims = {batch} must be less than the rank of indices, {indices.shape}")
        size = shape_internal(indices, out_type=indices.dtype.base_dtype)
        if indices.static is None:
            return _as_batches(params, indices, batch, size)
        axes = [F.range(size[i]) for i in range(len(indices.static) - 1)]
        places = F.stack(list(F.meshgrid(*axes, indexing="ij"))[:batch], -1)
        return make(GatherNd, params, F.concat([places, indices], -1))


def _as_batches(params: Tensor, indices: Tensor, batch: int, size: Tensor) -> Tensor:
    """Where ranks are known only when run: the batch axes taken as one, the other axes of indices too."""
    kind = indices.dtype.base_dtype
    whole = shape_internal(params, out_type=kind)
    rows = reshape(params, F.concat([[-1], whole[batch:]], 0))
    count, depth = F.reduce_prod(size[:batch]), size[-1:]
    inner = F.reduce_prod(size[batch:-1])
    places = F.tile(reshape(F.range(count), [-1, 1, 1]), F.stack([1, inner, 1]))
    asked = reshape(indices, F.concat([[count, inner], depth], 0))
    found = make(GatherNd, rows, F.concat([places, asked], -1))
    return reshape(found, F.concat([size[:-1], whole[batch + depth[0]:]], 0))


@export("boolean_mask")
def boolean_mask(tensor: Any, mask: Any, name: str = "boolean_mask", axis: Any = None) -> Tensor:
    """The entries of `tensor` where `mask`, whose shape is that of the axes from `axis` on, is true; these axes become one."""
    with context.default_graph().name_scope(name or "boolean_mask"):
        tensor = convert_to_tensor(tensor, name="tensor")
        mask = convert_to_tensor(mask, name="mask")
        whole, part = tensor.get_shape(), mask.get_shape()
        if part.ndims == 0:
            raise ValueError("mask cannot be scalar.")
        if part.ndims is None:
            raise ValueError("Number of mask dimensions must be specified, even if some dimensions are None.  E.g. shape=[None] is ok, "
                             "but shape=None is not.")
        place = 0 if axis is None else constant_value(axis) if isinstance(axis, Tensor) else axis
        if place is None:
            raise NotImplementedError("boolean_mask needs an axis that is known while building")
        place, end = int(place), int(place) + part.ndims
        whole[place:end].assert_is_compatible_with(part)
        leading = F.reduce_prod(shape(tensor)[place:end], [0])
        flat = reshape(tensor, F.concat([shape(tensor)[:place], [leading], shape(tensor)[end:]], 0))
        if whole.ndims is not None:
            flat.set_shape(whole[:place].concatenate([whole[place:end].num_elements()]).concatenate(whole[end:]))
        positions = F.squeeze(F.where_v2(reshape(mask, [-1])), axis=[1])
        return gather(flat, positions, axis=place)
