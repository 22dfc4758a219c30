"""Putting arrays together and taking them apart: concat, split, stack, unstack, and lists of tensors as tensors."""
from __future__ import annotations

import numbers
from typing import Any

import numpy as np

from ...core import context, dtypes, shapes
from ...core.constant import constant_op
from ...core.convert import convert_to_tensor, register_tensor_conversion_function
from ...core.deprecation import warn_once
from ...core.dtypes import DType, int32, int64
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, require
from ...core.shapes import Dimension
from ...core.tensor import Tensor
from .. import functions as F
from .basic import identity, shape_internal

_builtin_slice = slice


def _joined(specs: Any, axis: Any, dtype: DType) -> Spec:
    """The spec of a concatenation; axis may be None when it is not known."""
    known = [s.shape for s in specs if s.shape is not None]
    if not known:
        return Spec(dtype, None)
    rank = len(known[0])
    for shape in known:
        require(len(shape) == rank, f"Shapes must be equal rank, but are {rank} and {len(shape)}")
    if axis is None:
        return Spec(dtype, (None,) * rank)
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


class ConcatV2(Op, sig="values: T*, axis: Tidx -> output: T", static=("axis",)):
    """The arrays one after the other along an axis."""
    plain = True
    N: int
    T: DType
    Tidx: DType = one_of(int32, int64, default=int32)

    def infer(self, *inputs: Any) -> Spec:
        return _joined(inputs[:-1], inputs[-1].value, self.T)

    def kernel(self, xp: Any, *inputs: Any) -> Any:
        return xp.concatenate(inputs[:-1], int(np.ravel(inputs[-1])[0]))

    def grad(self, op: Any, dy: Any) -> Any:
        return (*concat_gradients(dy, op.inputs[:-1], op.inputs[-1]), None)

    def partial(self, op: Any, index: int, look: Any) -> Any:
        return joined_shapes([look.shape(t) for t in op.inputs[:-1]])


class Concat(Op, sig="concat_dim: int32, values: T* -> output: T", static=("concat_dim",)):
    """The arrays one after the other along an axis: the op of TF 0.x, in old graphs."""
    plain = True
    N: int
    T: DType

    def infer(self, axis: Any, *values: Any) -> Spec:
        return _joined(values, axis.value, self.T)

    def kernel(self, xp: Any, axis: Any, *values: Any) -> Any:
        return xp.concatenate(values, int(np.ravel(axis)[0]))

    def grad(self, op: Any, dy: Any) -> Any:
        return (None, *concat_gradients(dy, op.inputs[1:], op.inputs[0]))

    def partial(self, op: Any, index: int, look: Any) -> Any:
        return joined_shapes([look.shape(t) for t in op.inputs[1:]])


class ConcatOffset(Op, sig="concat_dim: int32, shape: shape_type* -> offset: shape_type*"):
    """Where each part of a concatenation begins, as index vectors."""
    plain = True
    N: int
    shape_type: DType = one_of(int32, int64, default=int32)

    def infer(self, axis: Any, *parts: Any) -> Any:
        return tuple(Spec(self.shape_type, p.shape) for p in parts)

    def kernel(self, xp: Any, axis: Any, *parts: Any) -> Any:
        start, offsets = 0, []
        place = int(axis)
        for shape in parts:
            offset = np.zeros_like(shape)
            offset[place] = start
            offsets.append(offset)
            start += int(shape[place])
        return tuple(offsets)

    def grad(self, op: Any, *dy: Any) -> Any:
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
        along = F.squeeze(F.slice(stack(parts, 1), stack([position, 0]), [1, -1]))
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


class Split(Op, sig="split_dim: int32, value: T -> output: T*num_split", static=("split_dim",)):
    """Equal parts along an axis."""
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

    def kernel(self, xp: Any, axis: Any, x: Any) -> Any:
        place = int(axis) % len(x.shape)
        if x.shape[place] % self.num_split:
            raise ValueError(f"Number of ways to split should evenly divide the split dimension, but got split_dim {place} "
                             f"(size = {x.shape[place]}) and num_split {self.num_split}")
        step = x.shape[place] // self.num_split
        return _cut(x, place, [step] * self.num_split)

    def grad(self, op: Any, *dy: Any) -> Any:
        return None, concat(list(dy), op.inputs[0])


def _cut(x: Any, axis: int, sizes: list[int]) -> tuple[Any, ...]:
    parts, start = [], 0
    before = (_builtin_slice(None),) * axis
    for size in sizes:
        parts.append(x[(*before, _builtin_slice(start, start + size))])
        start += size
    return tuple(parts)


class SplitV(Op, sig="value: T, size_splits: Tlen, split_dim: int32 -> output: T*num_split", static=("size_splits", "split_dim")):
    """Parts of given sizes along an axis; one size may be -1."""
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

    def kernel(self, xp: Any, x: Any, sizes: Any, axis: Any) -> Any:
        place = int(axis) % len(x.shape)
        return _cut(x, place, self._sizes(sizes, x.shape[place]))

    def grad(self, op: Any, *dy: Any) -> Any:
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


class Pack(Op, sig="values: T* -> output: T"):
    """Arrays of one shape along a new axis."""
    plain = True
    N: int
    T: DType
    axis: int = 0

    def infer(self, *values: Spec) -> Spec:
        shape: shapes.Shape = None
        for value in values:
            shape = shapes.merge(shape, value.shape)
        if shape is None:
            return Spec(self.T, None)
        rank = len(shape) + 1
        require(-rank <= self.axis < rank, f"Argument `axis` = {self.axis} not in range [{-rank}, {rank})")
        place = self.axis % rank
        return Spec(self.T, (*shape[:place], self.N, *shape[place:]))

    def kernel(self, xp: Any, *values: Any) -> Any:
        return xp.stack(values, self.axis % (len(values[0].shape) + 1))

    def grad(self, op: Any, dy: Any) -> Any:
        return unstack(dy, self.N, self.axis)

    def partial(self, op: Any, index: int, look: Any) -> Any:
        return tuple([look.scalar(t) for t in op.inputs]) if self.axis == 0 else None


@export("stack", old=["pack"])
def stack(values: Any, axis: int = 0, name: str = "stack") -> Tensor:
    """The tensors in `values`, all of one shape, along a new `axis`."""
    arrays = isinstance(values, (list, tuple)) and any(isinstance(v, np.ndarray) and v.ndim for v in values)
    if axis == 0 and not arrays:    # these keep their dtype, one by one
        try:
            return convert_to_tensor(values, name=name)
        except (TypeError, ValueError):
            pass  # mixed values, which Pack converts one by one or refuses with a better text
    first = convert_to_tensor(values[0], name=name)
    if first.static is not None:
        rank = len(first.static) + 1
        if not -rank <= axis < rank:
            raise ValueError(f"Argument `axis` = {axis} not in range [{-rank}, {rank})")
    return make(Pack, list(values), name=name, axis=axis)


@export("parallel_stack")
def parallel_stack(values: Any, name: str = "parallel_stack") -> Tensor:
    """As `tf.stack` along axis 0, for tensors of known shape."""
    values = [convert_to_tensor(v) for v in values]
    if not all(shapes.is_fully_defined(v.static) for v in values):
        raise ValueError("parallel_stack needs tensors of fully known shape; use tf.stack")
    return make(Pack, values, name=name)


class Unpack(Op, sig="value: T -> output: T*num"):
    """The entries along an axis, without that axis."""
    plain = True
    num: int
    T: DType
    axis: int = 0

    def infer(self, x: Spec) -> Any:
        if x.shape is None:
            return (Spec(self.T, None),) * self.num
        rank = len(x.shape)
        require(-rank <= self.axis < rank, f"Invalid axis = {self.axis}: must be in the range [{-rank}, {rank})")
        place = self.axis % rank
        require(x.shape[place] in (None, self.num), f"Dimension must be {self.num} but is {x.shape[place]}")
        return (Spec(self.T, (*x.shape[:place], *x.shape[place + 1:])),) * self.num

    def kernel(self, xp: Any, x: Any) -> Any:
        place = self.axis % len(x.shape)
        if x.shape[place] != self.num:
            raise ValueError(f"Input shape axis {place} must equal {self.num}, got shape {list(x.shape)}")
        before = (_builtin_slice(None),) * place
        return tuple(x[(*before, i)] for i in range(self.num))

    def grad(self, op: Any, *dy: Any) -> Any:
        return (stack(list(dy), self.axis),)


@export("unstack", old=["unpack"])
def unstack(value: Any, num: int | None = None, axis: int = 0, name: str = "unstack") -> list[Tensor]:
    """The tensors along `axis`, as a list; num: how many, where that is not static."""
    if num is None:
        value = convert_to_tensor(value)
        if value.static is not None:
            rank = len(value.static)
            if not -rank <= axis < rank:
                raise ValueError(f"Argument `axis` = {axis} not in range [{-rank}, {rank})")
            num = value.static[axis]
        if num is None:
            raise ValueError(f"Cannot infer argument `num` from shape {value.shape}; pass num=")
    return make(Unpack, value, name=name, num=int(num), axis=axis)


# ---- lists that hold tensors ---------------------------------------------------------------------------------------------

def _tensor_like(value: Any) -> bool:
    return isinstance(value, Tensor) or hasattr(value, "_as_graph_element")


def _dtype_inside(value: Any) -> DType | None:
    """The dtype of the first tensor in a nested list."""
    for item in value:
        if _tensor_like(item):
            return item.dtype.base_dtype
        if isinstance(item, (list, tuple)):
            found = _dtype_inside(item)
            if found is not None:
                return found
    return None


def _packed(value: Any, dtype: DType, name: str) -> Any:
    """A nested list as a Pack of Packs; a list without tensors stays a list."""
    with context.default_graph().name_scope(name) as scope:
        items, found = [], False
        for i, item in enumerate(value):
            if isinstance(item, (list, tuple)):
                item = _packed(item, dtype, str(i))
            if _tensor_like(item):
                found = True
                if item.dtype.base_dtype is not dtype:
                    raise TypeError(f"Cannot convert a list containing a tensor of dtype {item.dtype.base_dtype} to {dtype} "
                                    f"(Tensor is: {item})")
            items.append(item)
        if not found:
            return items
        tensors = [item if _tensor_like(item) else constant_op(item, dtype, None, str(i)) for i, item in enumerate(items)]
        return make(Pack, tensors, name=scope)


def _list_conversion(value: Any, dtype: DType | None = None, name: str | None = None, as_ref: bool = False) -> Any:
    inside = _dtype_inside(value)
    if inside is None:
        return NotImplemented
    if dtype is not None and dtype is not inside:
        value = _mapped(value, lambda t: F.cast(t, dtype))
    return _packed(value, dtype or inside, name or "packed")


def _mapped(value: Any, function: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_mapped(v, function) for v in value]
    return function(value) if _tensor_like(value) else value


register_tensor_conversion_function((list, tuple), _list_conversion, 99)
