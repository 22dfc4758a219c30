"""Putting arrays together and taking them apart: concat, split, stack, unstack, and lists of tensors as tensors."""
from __future__ import annotations

import numbers
from typing import Any

import numpy as np

from ...core import context, dtypes, shapes
from ...core.convert import convert_to_tensor
from ...core.deprecation import warn_once
from ...core.dtypes import DType, int32, int64
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, require
from ...core.operation import Operation
from ...core.outcomes import Several
from ...core.tensor import Tensor
from ...core.tensor_shape import Dimension
from ...kernels.contract import Namespace
from .. import functions as F
from .basic import identity, shape_internal

_builtin_slice = slice


def joined(specs: Any, axis: Any, dtype: DType) -> Spec:
    """The spec of a concatenation; axis may be None when it is not known."""
    known = [s.shape for s in specs if s.shape is not None]
    if not known:
        return Spec(dtype, None)
    rank = len(known[0])
    for shape in known:
        require(len(shape) == rank, f"Shapes must be equal rank, but are {rank} and {len(shape)}")
    if axis is None:
        return Spec(dtype, (None,) * rank)
    require(np.size(axis) == 1, f"axis tensor should be a scalar integer, but got shape {list(np.shape(axis))}")
    axis = int(np.ravel(axis)[0])
    require(rank > 0, "Can't concatenate scalars (use tf.stack instead)")
    require(-rank <= axis < rank, f"ConcatOp : Expected concatenating dimensions in the range [{-rank}, {rank}), but got {axis}")
    axis %= rank
    rest: shapes.Shape = None
    for shape in known:
        rest = shapes.merge(rest, (*shape[:axis], None, *shape[axis + 1:]))
    assert rest is not None
    sizes = [None if s.shape is None else s.shape[axis] for s in specs]
    total = None if None in sizes else sum(sizes)  # type: ignore[arg-type]
    return Spec(dtype, (*rest[:axis], total, *rest[axis + 1:]))


def joined_shapes(parts: list[Any]) -> Any:
    """Integer vectors, known in parts, one after the other; None when the length of one is unknown."""
    return None if any(p is None for p in parts) else tuple([d for p in parts for d in p])


class ConcatV2(Op, sig="values: T*, axis: Tidx -> output: T", static={"axis": 0}):
    """The arrays one after the other along an axis."""
    legacy_scalars = True
    least = {"N": 2}
    plain = True
    N: int
    T: DType
    Tidx: DType = one_of(int32, int64, default=int32)

    def infer(self, *inputs: Any) -> Spec:
        return joined(inputs[:-1], inputs[-1].value, self.T)

    def kernel(self, xp: Namespace, *inputs: Any) -> Any:
        return xp.concatenate(inputs[:-1], int(np.ravel(inputs[-1])[0]))

    def grad(self, op: Operation, dy: Any) -> Any:
        return (*concat_gradients(dy, op.inputs[:-1], op.inputs[-1]), None)

    def partial(self, op: Any, index: int, look: Any) -> Any:
        return joined_shapes([look.shape(t) for t in op.inputs[:-1]])


class Concat(Op, sig="concat_dim: int32, values: T* -> output: T", static={"concat_dim": 0}):
    """The arrays one after the other along an axis: the op of TF 0.x, in old graphs."""
    legacy_scalars = True
    least = {"N": 2}
    plain = True
    N: int
    T: DType

    def infer(self, axis: Any, *values: Any) -> Spec:
        return joined(values, axis.value, self.T)

    def kernel(self, xp: Namespace, axis: Any, *values: Any) -> Any:
        return xp.concatenate(values, int(np.ravel(axis)[0]))

    def grad(self, op: Operation, dy: Any) -> Any:
        return (None, *concat_gradients(dy, op.inputs[1:], op.inputs[0]))

    def partial(self, op: Any, index: int, look: Any) -> Any:
        return joined_shapes([look.shape(t) for t in op.inputs[1:]])


class ConcatOffset(Several, sig="concat_dim: int32, shape: shape_type* -> offset: shape_type*"):
    """Where each part of a concatenation begins, as index vectors."""
    least = {"N": 2}
    N: int
    shape_type: DType = one_of(int32, int64, default=int32)

    def infer(self, axis: Any, *parts: Any) -> Any:
        return tuple(Spec(self.shape_type, p.shape) for p in parts)

    def kernel(self, xp: Namespace, axis: Any, *parts: Any) -> Any:
        rank = parts[0].shape[0]
        xp.check((axis < -rank) | (axis >= rank), f"Concat dim is out of range: {{value}} vs. {rank}", axis)
        here = xp.equal(np.arange(rank, dtype=np.int32), xp.remainder(axis, np.int32(max(rank, 1))))
        before, nothing, offsets = np.zeros(rank, self.shape_type.np), np.zeros(rank, self.shape_type.np), []
        for shape in parts:
            offsets.append(xp.where(here, before, nothing))
            before = before + shape
        return tuple(offsets)

    def grad(self, op: Operation, *dy: Any) -> Any:
        return (None,) * len(op.inputs)


def concat_gradients(dy: Any, values: Any, axis: Tensor) -> list[Any]:
    """The parts of the gradient of a concatenation, sliced as TensorFlow does. dy may be IndexedSlices when the axis is not 0."""
    if len(values) == 1:
        return [dy]
    if not isinstance(dy, Tensor):
        dy = convert_to_tensor(dy)
    position = axis % F.rank(values[0])
    parts: list[Tensor] = []
    for v in values:  # TensorFlow asks for one shape after the other, and for all at once when it meets one that is not static
        parts.append(shape_internal(v))
        if not shapes.is_fully_defined(v.static):
            parts = F.shape_n(list(values))
            break
    if len(values) > 16:  # TensorFlow's threshold between slices and one split
        along = F.squeeze(F.slice(F.stack(parts, 1), F.stack([position, 0]), [1, -1]))
        return make(SplitV, dy, along, position, name="split", num_split=len(values))
    offsets = make(ConcatOffset, position, parts)
    return [F.slice(dy, begin, size) for begin, size in zip(offsets, parts)]


@export("concat", old=["concat_v2"])
def concat(values: Any, axis: Any, name: str = "concat") -> Tensor:
    """The tensors in `values` one after the other along `axis`; all other sizes must be equal.

    TF 0.x's order (axis, values) is understood where it can be told.
    """
    if isinstance(values, (int, np.integer)) and isinstance(axis, (list, tuple)):
        warn_once("tf.concat(axis, values) is TF 0.x's order, use tf.concat(values, axis)")
        values, axis = axis, values
    if not isinstance(values, (list, tuple)):
        values = [values]
    if len(values) == 1:
        with context.default_graph().name_scope(name or "concat"):
            place = convert_to_tensor(axis, int32, "concat_dim")
            require(place.static in (None, ()), f"axis must be a scalar, got shape {place.shape}")
            return identity(values[0], name=name)
    return make(ConcatV2, list(values), axis, name=name or "ConcatV2")


class Split(Several, sig="split_dim: int32, value: T -> output: T*num_split", static={"split_dim": 0}):
    """Equal parts along an axis."""
    least = {"num_split": 1}
    python_names = {"split_dim": "axis"}
    plain = True
    num_split: int
    T: DType

    def infer(self, axis: Any, x: Any) -> Any:
        n = self.num_split
        if x.shape is None or axis.value is None:
            return (Spec(self.T, None if x.shape is None else (None,) * len(x.shape)),) * n
        place, rank = int(axis.value), len(x.shape)
        require(-rank <= place < rank, f"-input rank(-{rank}) <= split_dim < input rank ({rank}), but got {place}")
        place %= rank
        size = x.shape[place]
        require(size is None or size % n == 0,
                f"Dimension size must be evenly divisible by {n} but is {size}: number of ways to split should evenly divide the "
                "split dimension")
        return (Spec(self.T, (*x.shape[:place], None if size is None else size // n, *x.shape[place + 1:])),) * n

    def kernel(self, xp: Namespace, axis: Any, x: Any) -> Any:
        place = int(axis) % len(x.shape)
        if x.shape[place] % self.num_split:
            raise ValueError(f"Number of ways to split should evenly divide the split dimension, but got split_dim {place} "
                             f"(size = {x.shape[place]}) and num_split {self.num_split}")
        step = x.shape[place] // self.num_split
        return _cut(x, place, [step] * self.num_split)

    def grad(self, op: Operation, *dy: Any) -> Any:
        return None, concat(list(dy), op.inputs[0])


def _cut(x: Any, axis: int, sizes: list[int]) -> tuple[Any, ...]:
    parts, start = [], 0
    before = (_builtin_slice(None),) * axis
    for size in sizes:
        parts.append(x[(*before, _builtin_slice(start, start + size))])
        start += size
    return tuple(parts)


class SplitV(Several, sig="value: T, size_splits: Tlen, split_dim: int32 -> output: T*num_split",
             static={"size_splits": 1, "split_dim": 0}):
    """Parts of given sizes along an axis; one size may be -1."""
    least = {"num_split": 1}
    python_names = {"split_dim": "axis"}
    num_split: int
    T: DType
    Tlen: DType = one_of(dtypes.int8, int32, int64, default=int64)

    def infer(self, x: Any, sizes: Any, axis: Any) -> Any:
        n = self.num_split
        if x.shape is None or axis.value is None:
            return (Spec(self.T, None if x.shape is None else (None,) * len(x.shape)),) * n
        rank, place = len(x.shape), int(axis.value)
        require(-rank <= place < rank, f"-input rank(-{rank}) <= split_dim < input rank ({rank}), but got {place}")
        place %= rank
        total = x.shape[place]
        if sizes.value is None:
            cuts: list[Any] = [None] * n
        else:
            cuts = self._sizes(sizes.value, total)
        return tuple(Spec(self.T, (*x.shape[:place], c, *x.shape[place + 1:])) for c in cuts)

    def _sizes(self, sizes: Any, total: int | None) -> list[Any]:
        cuts: list[Any] = [int(s) for s in np.ravel(sizes)]
        require(len(cuts) == self.num_split, f"Length of size_splits should be equal to num_split: {len(cuts)} vs {self.num_split}")
        rest = sum(c for c in cuts if c != -1)
        if -1 in cuts:
            require(total is None or total >= rest, f"can't split axis of size {total} into pieces of size {cuts}")
            cuts[cuts.index(-1)] = None if total is None else total - rest
        else:
            require(total is None or rest == total,
                    f"Determined shape must either match input shape along split_dim exactly if fully specified, or be less than "
                    f"the size of the input along split_dim if not fully specified.  Got: {rest} (axis of size {total})")
        return cuts

    def kernel(self, xp: Namespace, x: Any, sizes: Any, axis: Any) -> Any:
        place = int(axis) % len(x.shape)
        return _cut(x, place, self._sizes(sizes, x.shape[place]))

    def grad(self, op: Operation, *dy: Any) -> Any:
        return concat(list(dy), op.inputs[2]), None, None


@export("split")
def split(value: Any, num_or_size_splits: Any, axis: Any = 0, num: int | None = None, name: str = "split") -> list[Tensor]:
    """`value` cut along `axis` into `num_or_size_splits` equal parts, or into parts of the sizes that it lists (one may be -1).

    num: how many sizes there are, where that is not static. TF 0.x's order (axis, number, value) is understood.
    """
    if isinstance(value, int) and isinstance(num_or_size_splits, int) and not isinstance(axis, int):
        warn_once("tf.split(axis, num, value) is TF 0.x's order, use tf.split(value, num, axis)")
        value, num_or_size_splits, axis = axis, num_or_size_splits, value
    if isinstance(num_or_size_splits, (numbers.Integral, Dimension)):
        return make(Split, axis, value, name=name, num_split=int(num_or_size_splits))
    sizes = convert_to_tensor(num_or_size_splits)
    if sizes.static == ():
        raise ValueError(f"Rank-0 tensors are not supported as the num_or_size_splits argument to split. Argument provided: "
                         f"{num_or_size_splits}")
    if num is None:
        num = sizes.static[0] if sizes.static else None
        if num is None:
            raise ValueError(f"Cannot infer argument `num` from shape {num_or_size_splits}; pass num=")
    return make(SplitV, value, sizes, axis, name=name, num_split=num)
