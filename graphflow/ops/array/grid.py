"""Order along axes and coordinate arrays: reverse, roll, meshgrid, sequence_mask."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import context, dtypes, shapes
from ...core.constant import constant_op
from ...core.convert import convert_to_tensor
from ...core.deprecation import warn_once
from ...core.dtypes import DType, as_dtype, bool_, int32, int64
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, require
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from .. import functions as F
from .basic import Cast, cast, reshape

_REVERSIBLE = one_of(dtypes.uint8, dtypes.int8, dtypes.uint16, dtypes.int16, int32, dtypes.uint32, int64, dtypes.uint64, bool_,
                     dtypes.bfloat16, dtypes.float16, dtypes.float32, dtypes.float64, dtypes.complex64, dtypes.complex128, dtypes.string)


class ReverseV2(Op, sig="tensor: T, axis: Tidx -> output: T", static=("axis",)):
    """The entries along some axes in the opposite order."""
    Tidx: DType = one_of(int32, int64, default=int32)
    T: DType = _REVERSIBLE

    def infer(self, x: Any, axis: Any) -> Spec:
        require(axis.shape is None or len(axis.shape) == 1, "'axis' must be 1-dimensional, "
                                                            f"got shape {list(axis.shape or ())}: write reverse(x, [axis])")
        if x.shape and axis.value is not None:       # a scalar has no axes to turn: whatever is asked of it, it stays
            rank, seen = len(x.shape), set()
            for i, a in enumerate(axis.value.tolist()):
                require(-rank <= a < rank, f"'axis'[{i}] = {a} is out of valid range [{-rank}, {rank - 1}]")
                require(a % rank not in seen, f"axis {a % rank} specified more than once.")
                seen.add(a % rank)
        return Spec(self.T, x.shape)

    def kernel(self, xp: Namespace, x: Any, axis: Any) -> Any:
        turned = {int(a) % len(x.shape) for a in axis} if x.shape else ()
        return x[tuple(slice(None, None, -1 if i in turned else 1) for i in range(len(x.shape)))]

    def grad(self, op: Operation, dy: Any) -> Any:
        return make(ReverseV2, dy, op.inputs[1]), None


class Reverse(Op, sig="tensor: T, dims: bool -> output: T", static={"dims": 1}):
    """The entries along the axes marked by a vector of bools in the opposite order: the op of TF 0.x."""
    T: DType = _REVERSIBLE

    def infer(self, x: Any, dims: Any) -> Spec:
        if dims.shape is not None:
            require(len(dims.shape) == 1, f"Shape must be rank 1 but is rank {len(dims.shape)}")
            count = dims.shape[0]
            require(not x.shape or count is None or count == len(x.shape),
                    f"reverse dimension vector must have one entry per axis of the tensor, got {count} for rank {len(x.shape or ())}")
        return Spec(self.T, x.shape)

    def kernel(self, xp: Namespace, x: Any, dims: Any) -> Any:
        return x if not x.shape else x[tuple(slice(None, None, -1 if turned else 1) for turned in np.ravel(dims))]

    def grad(self, op: Operation, dy: Any) -> Any:
        return make(Reverse, dy, op.inputs[1]), None


@export("reverse", "reverse_v2", "manip.reverse")
def reverse(tensor: Any, axis: Any, name: str | None = None) -> Tensor:
    """`tensor` with the order of its entries along each of the axes in the list `axis` turned around."""
    return make(ReverseV2, tensor, axis, name=name)


class ReverseSequence(Op, sig="input: T, seq_lengths: Tlen -> output: T"):
    """In each entry of batch_dim, the first seq_lengths[i] entries along seq_dim turned around."""
    seq_dim: int
    batch_dim: int = 0
    T: DType
    Tlen: DType = one_of(int32, int64, default=int64)

    def infer(self, x: Spec, lengths: Spec) -> Spec:
        require(lengths.shape is None or len(lengths.shape) == 1, f"Shape must be rank 1 but is rank {len(lengths.shape or ())}")
        if x.shape is not None:
            rank = len(x.shape)
            require(-rank <= self.batch_dim < rank, f"batch_dim must be < input rank: {self.batch_dim} vs. {rank}")
            require(-rank <= self.seq_dim < rank, f"seq_dim must be < input rank: {self.seq_dim} vs. {rank}")
            require(not lengths.shape or None in (lengths.shape[0], x.shape[self.batch_dim])
                    or lengths.shape[0] == x.shape[self.batch_dim],
                    f"Dimensions must be equal, but are {x.shape[self.batch_dim]} and {lengths.shape and lengths.shape[0]}")
        return Spec(self.T, x.shape)

    def kernel(self, xp: Namespace, x: Any, lengths: Any) -> Any:
        rank, lead = len(x.shape), (self.batch_dim % len(x.shape), self.seq_dim % len(x.shape))
        batch, steps = (x.shape[axis] for axis in lead)
        xp.check((lengths < 0) | (lengths > steps), f"seq_lens(i) must be in [0, {steps}], got {{value}}", lengths)
        order = (*lead, *[axis for axis in range(rank) if axis not in lead])
        moved, step, ends = xp.transpose(x, order), np.arange(steps), xp.astype(lengths, np.int64)[:, None]
        places = xp.where(step < ends, ends - 1 - step, step) + np.arange(batch)[:, None] * steps
        turned = xp.take(xp.reshape(moved, (batch * steps, *moved.shape[2:])), places, 0)
        return xp.transpose(turned, tuple(order.index(axis) for axis in range(rank)))

    def grad(self, op: Operation, dy: Any) -> Any:
        return make(ReverseSequence, dy, op.inputs[1], seq_dim=self.seq_dim, batch_dim=self.batch_dim), None


@export("reverse_sequence")
def reverse_sequence(input: Any, seq_lengths: Any, seq_axis: int | None = None, batch_axis: int | None = None, name: str | None = None,
                     seq_dim: int | None = None, batch_dim: int | None = None) -> Tensor:
    """`input` with, in entry i along batch_axis, its first seq_lengths[i] entries along seq_axis turned around."""
    if seq_dim is not None or batch_dim is not None:
        warn_once("reverse_sequence: seq_dim and batch_dim are old names, use seq_axis and batch_axis")
    seq = seq_axis if seq_dim is None else seq_dim
    batch = batch_axis if batch_dim is None else batch_dim
    if seq is None:
        raise ValueError("reverse_sequence needs seq_axis")
    return make(ReverseSequence, input, seq_lengths, name=name, seq_dim=seq, batch_dim=batch or 0)


class Roll(Op, sig="input: T, shift: Tshift, axis: Taxis -> output: T", static=("shift", "axis")):
    """The entries moved along axes; those pushed over the end come back at the start."""
    T: DType
    Tshift: DType = one_of(int32, int64)
    Taxis: DType = one_of(int32, int64)

    def infer(self, x: Any, shift: Any, axis: Any) -> Spec:
        require(x.shape is None or len(x.shape) >= 1, "input must be 1-D or higher")
        for one in (shift, axis):
            require(one.shape is None or len(one.shape) <= 1, f"Shape must be at most rank 1 but is rank {len(one.shape or ())}")
        require(shapes.compatible(shift.shape, axis.shape), f"Shapes must be equal: shift {shapes.describe(shift.shape)} and "
                                                            f"axis {shapes.describe(axis.shape)}")
        return Spec(self.T, x.shape)

    def check(self, x: Any, shift: Any, axis: Any) -> None:
        require(shapes.compatible(shift.shape, axis.shape), "shift and axis must have the same size")
        if x.shape is not None and axis.value is not None:
            for a in np.ravel(axis.value).tolist():
                require(-len(x.shape) <= a < len(x.shape), f"axis {a} is out of range")

    def kernel(self, xp: Namespace, x: Any, shift: Any, axis: Any) -> Any:
        for by, a in zip(np.ravel(shift).tolist(), np.ravel(axis).tolist()):
            place, n = a % len(x.shape), x.shape[a]
            cut = -by % n if n else 0
            if cut:
                before = (slice(None),) * place
                x = xp.concatenate([x[(*before, slice(cut, None))], x[(*before, slice(0, cut))]], place)
        return x

    def grad(self, op: Operation, dy: Any) -> Any:
        return roll(dy, -op.inputs[1], op.inputs[2]), None, None


@export("roll", "manip.roll")
def roll(input: Any, shift: Any, axis: Any, name: str | None = None) -> Tensor:
    """`input` moved by `shift` places along `axis` (numbers or equally long vectors); what leaves at one end enters at the other."""
    return make(Roll, input, shift, axis, name=name)


@export("meshgrid")
def meshgrid(*args: Any, **kwargs: Any) -> list[Tensor]:
    """Coordinate arrays of a grid whose axes are the given vectors.

    indexing: "xy" (the first vector runs along the second axis, as in pictures) or "ij" (along the first).
    """
    indexing = kwargs.pop("indexing", "xy")
    name = kwargs.pop("name", "meshgrid")
    if kwargs:
        raise TypeError(f"'{next(iter(kwargs))}' is an invalid keyword argument for this function")
    if indexing not in ("xy", "ij"):
        raise ValueError(f"Argument `indexing` parameter must be either 'xy' or 'ij', got {indexing!r}")
    with context.default_graph().name_scope(name or "meshgrid"):
        n = len(args)
        if n == 0:
            return []
        shapes_ = [reshape(F.stack(x), (1,) * i + (-1,) + (1,) * (n - i - 1)) for i, x in enumerate(args)]
        sizes = [F.size(x) for x in args]
        dtype = convert_to_tensor(args[0]).dtype.base_dtype
        if indexing == "xy" and n > 1:
            shapes_[0] = reshape(shapes_[0], (1, -1) + (1,) * (n - 2))
            shapes_[1] = reshape(shapes_[1], (-1, 1) + (1,) * (n - 2))
            sizes[0], sizes[1] = sizes[1], sizes[0]
        whole = F.ones(sizes, dtype)
        return [x * whole for x in shapes_]


@export("sequence_mask")
def sequence_mask(lengths: Any, maxlen: Any = None, dtype: Any = bool_, name: str | None = None) -> Tensor:
    """mask[..., j] = j < lengths[...], with `maxlen` (default: the greatest length) columns; bool or another dtype."""
    with context.default_graph().name_scope(name or "SequenceMask"):
        lengths = convert_to_tensor(lengths)
        if maxlen is None:
            maxlen = F.reduce_max(lengths)
            maxlen = F.maximum(constant_op(0, maxlen.dtype), maxlen)
        else:
            maxlen = convert_to_tensor(maxlen)
        if maxlen.static not in (None, ()):
            raise ValueError(f"Argument `maxlen` must be scalar, got shape {maxlen.static}")
        row = make(F.Range, constant_op(0, maxlen.dtype.base_dtype), maxlen, constant_op(1, maxlen.dtype.base_dtype))
        matrix = make(Cast, F.expand_dims(lengths, -1), DstT=maxlen.dtype.base_dtype)
        mask = F.less(row, matrix)
        wanted = as_dtype(dtype).base_dtype
        return mask if wanted is bool_ else cast(mask, wanted)
