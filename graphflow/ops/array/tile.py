"""Repetition: tile and repeat."""
from __future__ import annotations

from typing import Any

from ...core import context, shapes
from ...core.constant import constant_op
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, int32, int64
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, require
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from .. import functions as F
from .basic import broadcast_to, cast, reshape, shape_internal


class Tile(Op, sig="input: T, multiples: Tmultiples -> output: T", static={"multiples": 1}):
    """x repeated along its axes."""
    T: DType
    Tmultiples: DType = one_of(int32, int64, default=int32)

    def infer(self, x: Any, multiples: Any) -> Spec:
        count = multiples.shape[0] if multiples.shape else None
        require(x.shape is None or count is None or len(x.shape) == count,
                f"Expected multiples argument to be a vector of length {len(x.shape or ())} but got length {count}")
        rank = count if x.shape is None else len(x.shape)
        known = multiples.partial if multiples.value is None else [int(m) for m in multiples.value]
        if rank is None or x.shape is None or known is None:
            return Spec(self.T, None if rank is None else (None,) * rank)
        return Spec(self.T, tuple(None if d is None or m is None else d * m for d, m in zip(x.shape, known)))

    def kernel(self, xp: Namespace, x: Any, multiples: Any) -> Any:
        times = [int(m) for m in multiples]
        if any(m < 0 for m in times):
            raise ValueError(f"Expected multiples >= 0, but got {times}")
        if all(d == 1 for d in x.shape):                     # stays one number for what is made of it
            return xp.broadcast_to(x, tuple(times))
        wide = x.reshape(tuple(n for d in x.shape for n in (1, d)))
        wide = xp.broadcast_to(wide, tuple(n for m, d in zip(times, x.shape) for n in (m, d)))
        return wide.reshape(tuple(m * d for m, d in zip(times, x.shape)))

    def compact(self, x: Any, multiples: Any) -> bool:
        return bool(x.size == 1)

    def grad(self, op: Operation, dy: Any) -> Any:
        x, multiples = op.inputs
        shape = shape_internal(x, out_type=multiples.dtype.base_dtype)
        split = reshape(F.transpose(F.stack([multiples, shape])), [-1])
        axes = F.range(0, F.size(split), 2)
        gradient = F.reduce_sum(reshape(dy, split), axes)
        gradient.set_shape(x.shape)
        return gradient, None


@export("tile", "manip.tile")
def tile(input: Any, multiples: Any, name: str | None = None) -> Tensor:
    """`input` repeated multiples[i] times along axis i."""
    return make(Tile, input, multiples, name=name)


@export("repeat")
def repeat(input: Any, repeats: Any, axis: int | None = None, name: str | None = None) -> Tensor:
    """Each entry along `axis` (of the flattened array when None) repeated repeats[i] times; one number serves all entries."""
    if axis is None:
        input, axis = reshape(input, [-1]), 0
    with context.default_graph().name_scope(name or "Repeat"):
        data = convert_to_tensor(input, name="data")
        times: Any = cast(convert_to_tensor(repeats, name="repeats"), int32)
        if data.static is None or times.static is None or len(times.static) > 1:
            raise ValueError(f"repeat needs data of known rank and repeats that are a scalar or a vector, got shapes "
                             f"{shapes.describe(data.static)} and {shapes.describe(times.static)}")
        rank, place = len(data.static), axis % len(data.static or (1,))
        size: Any = shape_internal(data)
        if times.static in ((), (1,)):
            times = reshape(times, [])
            wide = tile(F.expand_dims(data, place + 1), [1] * (place + 1) + [times] + [1] * (rank - place - 1))
            return reshape(wide, F.concat([size[:place], [times * size[place]], size[place + 1:]], 0))
        times = broadcast_to(times, [size[place]])
        most = F.maximum(constant_op(0, name="zero"), F.reduce_max(times))
        mask = F.sequence_mask(times, most)
        wide = tile(F.expand_dims(data, place + 1), [1] * (place + 1) + [most] + [1] * (rank - place - 1))
        return F.boolean_mask(wide, mask, axis=place) if place == 0 else _masked(wide, mask, place)


def _masked(wide: Any, mask: Any, place: int) -> Tensor:
    """The entries kept by `mask`, the same for every entry of the axes before."""
    size: Any = shape_internal(wide)
    flat = reshape(wide, F.concat([size[:place], [-1], size[place + 2:]], 0))
    return F.gather(flat, F.squeeze(F.where_v2(reshape(mask, [-1])), axis=[1]), axis=place)
