"""Repetition: tile and repeat."""
from __future__ import annotations

from typing import Any

from ...core import shapes
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, int32, int64
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, require
from ...core.tensor import Tensor
from .basic import reshape, shape_internal


class Tile(Op, sig="input: T, multiples: Tmultiples -> output: T", static=("multiples",)):
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

    def kernel(self, xp: Any, x: Any, multiples: Any) -> Any:
        times = [int(m) for m in multiples]
        if any(m < 0 for m in times):
            raise ValueError(f"Expected multiples >= 0, but got {times}")
        wide = x.reshape(tuple(n for d in x.shape for n in (1, d)))
        wide = xp.broadcast_to(wide, tuple(n for m, d in zip(times, x.shape) for n in (m, d)))
        return wide.reshape(tuple(m * d for m, d in zip(times, x.shape)))

    def grad(self, op: Any, dy: Any) -> Any:
        from ..math.reduction import reduce_sum
        from .fill import range as tf_range
        from .joining import stack
        from .layout import size, transpose
        x, multiples = op.inputs
        shape = shape_internal(x, out_type=multiples.dtype.base_dtype)
        split = reshape(transpose(stack([multiples, shape])), [-1])
        axes = tf_range(0, size(split), 2)
        gradient = reduce_sum(reshape(dy, split), axes)
        gradient.set_shape(x.shape)
        return gradient, None


@export("tile", "manip.tile")
def tile(input: Any, multiples: Any, name: str | None = None) -> Tensor:
    """`input` repeated multiples[i] times along axis i."""
    return make(Tile, input, multiples, name=name)  # type: ignore[no-any-return]


@export("repeat")
def repeat(input: Any, repeats: Any, axis: int | None = None, name: str | None = None) -> Tensor:
    """Each entry along `axis` (of the flattened array when None) repeated repeats[i] times; one number serves all entries."""
    from ...core import context
    from .indexing import gather
    from .stitch import repeat_positions
    with context.default_graph().name_scope(name or "Repeat"):
        data = convert_to_tensor(input, name="input")
        if axis is None:
            data, axis = reshape(data, [-1]), 0
        if data.static is None:
            raise ValueError("repeat needs an input of known rank; give it one by set_shape")
        if not data.static:
            data = reshape(data, [1])
        times = convert_to_tensor(repeats, name="repeats")
        if times.static is None or len(times.static) > 1:
            raise ValueError(f"repeats must be a scalar or a vector, got shape {shapes.describe(times.static)}")
        place = axis % len(data.static or (1,))
        return gather(data, repeat_positions(times, shape_internal(data)[place]), axis=place)
