"""Parts of arrays: strided_slice and `[]`. (tf.slice is in `slice.py`.)

A StridedSlice node holds begin, end and strides per *entry* of the brackets and bit masks that say which entries are `:`,
`...`, newaxis or a single index. `resolve` turns that into numpy's own index tuple, which kernels then apply.
"""
from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from ...core import dtypes
from ...core.constant import constant_op
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, int32, int64
from ...core.effects import UPDATE, by_signature
from ...core.export import export, export_values
from ...core.known import constant_value
from ...core.make import make
from ...core.op import Op, Spec, one_of, require
from ...core.operation import Operation
from ...core.outcomes import Effect
from ...core.tensor import Tensor
from ...core.tensor_shape import Dimension
from ...kernels.contract import Namespace
from .. import functions as F
from ..scopes import graph_of
from .basic import cast, shape_internal

newaxis = None
export_values(__name__, newaxis="newaxis")
_slice = builtins.slice


class _Masks(Op):
    """The five masks of strided slices, and what they mean."""
    begin_mask: int = 0
    end_mask: int = 0
    ellipsis_mask: int = 0
    new_axis_mask: int = 0
    shrink_axis_mask: int = 0

    def resolve(self, rank: int, begin: Any, end: Any, strides: Any) -> list[Any]:
        """numpy's index for an array of that rank: slices, ints and None. begin and end entries may be None when unknown."""
        if self.ellipsis_mask & (self.ellipsis_mask - 1):
            raise ValueError("Multiple ellipses in slice spec not allowed")
        index: list[Any] = []
        count = len(strides)
        used = sum(1 for i in range(count) if not (self.new_axis_mask | self.ellipsis_mask) >> i & 1)
        for i in range(count):
            bit = 1 << i
            if self.ellipsis_mask & bit:
                index += [_slice(None)] * (rank - used)
            elif self.new_axis_mask & bit:
                index.append(None)
            elif self.shrink_axis_mask & bit:
                if strides[i] is not None and strides[i] <= 0:
                    raise ValueError("only stride 1 allowed on non-range indexing.")
                index.append(_Index(begin[i]))
            else:
                if strides[i] == 0:
                    raise ValueError(f"strides[{i}] must be non-zero")
                index.append(_slice(None if self.begin_mask & bit else _or_unknown(begin[i]),
                                    None if self.end_mask & bit else _or_unknown(end[i]), strides[i]))
        if used > rank:
            raise ValueError(f"Index out of range using input dim {rank}; input has only {rank} dims")
        return index + ([_slice(None)] * (rank - used) if not self.ellipsis_mask else [])

    def numpy_index(self, shape: Any, begin: Any, end: Any, strides: Any) -> tuple[Any, ...]:
        """The index tuple for an array of this shape; ValueError for an index out of bounds."""
        found: list[Any] = []
        axis = 0
        for entry in self.resolve(len(shape), *(np.ravel(v).tolist() for v in (begin, end, strides))):
            if entry is None:
                found.append(None)
                continue
            if isinstance(entry, _Index):
                i, d = entry.value, shape[axis]
                if not -d <= i < d:
                    raise ValueError(f"slice index {i} of dimension {axis} out of bounds.")
                found.append(i % d)
            else:
                found.append(entry)
            axis += 1
        return tuple(found)


class _Index:
    """A single index, or None when unknown."""

    def __init__(self, value: Any):
        self.value = value


class _Unknown:
    """A bound that is not known while building."""


_UNKNOWN = _Unknown()


def _or_unknown(value: Any) -> Any:
    return _UNKNOWN if value is None else value


def _length(d: int | None, part: builtins.slice) -> int | None:
    """How many elements a slice of an axis of size d has, None if that is not known."""
    if part.step is None and part.start is None and part.stop is None:
        return d
    if d is None or part.start is _UNKNOWN or part.stop is _UNKNOWN or part.step is _UNKNOWN:
        whole = part.start is None and part.stop is None and part.step in (1, -1)
        return d if whole else None
    return len(range(*part.indices(d)))


_MOST_ENTRIES = 32  # the bits of a mask


class StridedSlice(_Masks, sig="input: T, begin: Index, end: Index, strides: Index -> output: T",
                   static={"begin": 1, "end": 1, "strides": 1}):
    """x[begin:end:stride, ...] with the masks of `[]`."""
    T: DType
    Index: DType = one_of(dtypes.int16, int32, int64)

    def infer(self, x: Any, begin: Any, end: Any, strides: Any) -> Spec:
        counts = {s.shape[0] if len(s.shape) == 1 else -1 for s in (begin, end, strides) if s.shape is not None} - {None}
        require(len(counts) <= 1 and -1 not in counts, "Expected begin, end, and strides to be 1D equal size tensors, but got shapes "
                f"{begin.shape}, {end.shape} and {strides.shape}.")
        count = next(iter(counts), None)
        require((count or 0) <= _MOST_ENTRIES, f"begin, end and strides have at most {_MOST_ENTRIES} entries, not {count}")
        if x.shape is None or count is None:
            return Spec(self.T, None)
        bounds = [[None] * count if v.value is None else np.ravel(v.value).tolist() for v in (begin, end, strides)]
        if begin.value is None and begin.partial is not None:  # negative numbers are unknown there, as they may be -1
            bounds[0] = list(begin.partial)
        if end.value is None and end.partial is not None:
            bounds[1] = list(end.partial)
        if strides.value is None:
            bounds[2] = [_UNKNOWN] * count
        out: list[int | None] = []
        axis = 0
        for entry in self._entries(len(x.shape), bounds):
            if entry is None:
                out.append(1)
                continue
            d = x.shape[axis]
            if isinstance(entry, _Index):
                require(entry.value is None or d is None or -d <= entry.value < d,
                        f"slice index {entry.value} of dimension {axis} out of bounds.")
            else:
                out.append(_length(d, entry))
            axis += 1
        return Spec(self.T, tuple(out))

    def _entries(self, rank: int, bounds: Any) -> list[Any]:
        if bounds[2] and bounds[2][0] is _UNKNOWN:
            bounds[2] = [1] * len(bounds[2])
            bounds[0] = bounds[1] = [None] * len(bounds[2])
        return self.resolve(rank, *bounds)

    def kernel(self, xp: Namespace, x: Any, begin: Any, end: Any, strides: Any) -> Any:
        return x[self.numpy_index(x.shape, begin, end, strides)]

    def grad(self, op: Operation, dy: Any) -> Any:
        x, begin, end, strides = op.inputs
        shape = shape_internal(x, out_type=begin.dtype.base_dtype)
        shape, begin, end, strides = (v if (known := constant_value(v)) is None else known for v in (shape, begin, end, strides))
        return make(StridedSliceGrad, shape, begin, end, strides, dy, **self._masks()), None, None, None

    def _masks(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in MASKS}

    def partial(self, op: Any, index: int, look: Any) -> Any:
        whole = look.shape(op.inputs[0])
        begin, end, stride = (look.value(t) for t in op.inputs[1:4])
        if whole is None or begin is None or end is None or stride is None or begin.size != 1 or self.new_axis_mask or self.ellipsis_mask:
            return None
        if self.shrink_axis_mask & 1:
            return (whole[int(begin[0])],) if -len(whole) <= int(begin[0]) < len(whole) else None
        start = None if self.begin_mask & 1 else int(begin[0])
        return whole[start:None if self.end_mask & 1 else int(end[0]):int(stride[0])]


MASKS = ("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask")


class StridedSliceGrad(_Masks, sig="shape: Index, begin: Index, end: Index, strides: Index, dy: T -> output: T",
                       static={"shape": 1, "begin": None, "end": None, "strides": None}):
    """Zeros of a shape with dy where a strided slice would read."""
    T: DType
    Index: DType = one_of(int32, int64)

    def infer(self, shape: Any, begin: Any, end: Any, strides: Any, dy: Any) -> Spec:
        return Spec(self.T, shape.partial if shape.value is None else tuple(int(d) for d in shape.value))

    def kernel(self, xp: Namespace, shape: Any, begin: Any, end: Any, strides: Any, dy: Any) -> Any:
        whole = np.broadcast_to(np.zeros((), self.T.np), tuple(np.ravel(shape).tolist()))
        index = self.numpy_index(whole.shape, begin, end, strides)
        return xp.write_slice(whole, xp.reshape(dy, whole[index].shape), index)

    def grad(self, op: Operation, dy: Any) -> Any:
        _, begin, end, strides, _ = op.inputs
        masks = {name: getattr(self, name) for name in MASKS}
        return None, None, None, None, strided_slice(dy, begin, end, strides, **masks)


class StridedSliceAssign(_Masks, sig="ref: &T, begin: Index, end: Index, strides: Index, value: T -> output_ref: &T",
                         static={"begin": 1, "end": 1, "strides": 1}):
    """A ref-style variable with `value` written where a strided slice would read."""
    T: DType
    Index: DType = one_of(int32, int64)

    def infer(self, ref: Any, begin: Any, end: Any, strides: Any, value: Any) -> Spec:
        return Spec(self.T, ref.shape)

    def kernel(self, xp: Namespace, ref: Any, begin: Any, end: Any, strides: Any, value: Any) -> Any:
        return xp.write_slice(ref, value, self.numpy_index(ref.shape, begin, end, strides))


class ResourceStridedSliceAssign(_Masks, Effect, sig="ref: @, begin: Index, end: Index, strides: Index, value: T ->",
                                 static={"begin": 1, "end": 1, "strides": 1}):
    """A resource variable with `value` written where a strided slice would read."""
    T: DType
    Index: DType = one_of(int32, int64)

    def infer(self, *inputs: Any) -> tuple[()]:
        return ()

    def accesses(self, operation: Operation) -> Any:
        return by_signature(operation, ref=UPDATE)

    def kernel(self, xp: Namespace, ref: Any, begin: Any, end: Any, strides: Any, value: Any) -> Any:
        return xp.write_slice(ref, value, self.numpy_index(ref.shape, begin, end, strides))


@export("strided_slice")
def strided_slice(input_: Any, begin: Any, end: Any, strides: Any = None, begin_mask: int = 0, end_mask: int = 0,
                  ellipsis_mask: int = 0, new_axis_mask: int = 0, shrink_axis_mask: int = 0, var: Any = None,
                  name: str | None = None) -> Tensor:
    """input_[begin[0]:end[0]:strides[0], ...]; bit i of a mask says what entry i is: begin_mask and end_mask an open bound,
    ellipsis_mask `...`, new_axis_mask newaxis, shrink_axis_mask a single index. var: the variable that `.assign` on the
    result writes to.
    """
    if strides is None:
        strides = F.ones_like(begin)
    masks = dict(zip(MASKS, (begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask)))
    result = make(StridedSlice, input_, begin, end, strides, name=name, **masks)
    if var is not None:
        def assign(value: Any, name: str | None = None) -> Any:
            """Writes `value` into this slice of the variable."""
            name = name or f"{result.op.name}/_assign"
            if hasattr(var, "_strided_slice_assign"):
                return var._strided_slice_assign(begin=begin, end=end, strides=strides, value=value, name=name, **masks)
            return make(StridedSliceAssign, var._ref(), begin, end, strides, value, name=name, **masks)
        result.assign = assign  # type: ignore[attr-defined]
    return result


def _check_index(entry: Any) -> None:
    if isinstance(entry, (int, np.integer, Dimension)) and not isinstance(entry, bool):
        return
    if isinstance(entry, Tensor) or hasattr(entry, "_as_graph_element"):
        if entry.dtype.base_dtype.is_integer and entry.get_shape().ndims in (None, 0):
            return
    elif isinstance(entry, np.ndarray) and entry.shape == () and entry.dtype.kind in "iu":
        return
    raise TypeError("Only integers, slices (`:`), ellipsis (`...`), tf.newaxis (`None`) and scalar tf.int32/tf.int64 tensors are "
                    f"valid indices, got {entry!r}")


def _is_mask(spec: Any) -> bool:
    if isinstance(spec, (bool, np.bool_)):
        return True
    dtype = getattr(spec, "dtype", None)
    return dtype is not None and (dtype == np.bool_ or dtype is dtypes.bool_)


def _undefined(value: Any) -> bool:
    return value is None or (isinstance(value, Dimension) and value.value is None)


def getitem(tensor: Any, spec: Any, var: Any = None) -> Tensor:
    """tensor[spec]: `[]` of tensors and variables."""
    if _is_mask(spec):
        return F.boolean_mask(tensor, spec)
    begin: list[Any] = []
    end: list[Any] = []
    strides: list[Any] = []
    masks = dict.fromkeys(MASKS, 0)
    entries = spec if isinstance(spec, (list, tuple)) else [spec]
    for i, entry in enumerate(entries):
        bit = 1 << i
        if isinstance(entry, _slice):
            # beside a tensor an open bound is a constant of its dtype, a node of its own as TensorFlow makes it
            like = next((v.dtype.base_dtype for v in (entry.start, entry.stop, entry.step) if hasattr(v, "get_shape")), None)
            for bound, out, mask, default in ((entry.start, begin, "begin_mask", 0), (entry.stop, end, "end_mask", 0),
                                              (entry.step, strides, "", 1)):
                if not _undefined(bound):
                    _check_index(bound)
                    out.append(bound)
                    continue
                out.append(default if like is None else constant_op(default, like))
                if mask:
                    masks[mask] |= bit
        elif entry is Ellipsis or entry is None:
            masks["ellipsis_mask" if entry is Ellipsis else "new_axis_mask"] |= bit
            begin.append(0)
            end.append(0)
            strides.append(1)
        else:
            _check_index(entry)
            begin.append(entry)
            end.append(entry + 1)
            strides.append(1)
            masks["shrink_axis_mask"] |= bit
    graph = graph_of([tensor])
    if graph.eager and begin and all(v.__class__ is int for v in (*begin, *end, *strides)):
        return strided_slice(tensor, begin, end, strides, **masks, var=var, name=None)
    with graph.as_default(), graph.name_scope("strided_slice") as scope:
        if begin:
            packed = [F.stack(_plain(v)) for v in (begin, end, strides)]
            if any(p.dtype is int64 for p in packed):
                packed = [cast(p, int64) for p in packed]
        else:
            packed = [convert_to_tensor(np.zeros(0, np.int32))] * 3
        begin_at, end_at, steps = packed
        return strided_slice(tensor, begin_at, end_at, steps, **masks, var=var, name=scope)


def _plain(values: list[Any]) -> list[Any]:
    """Dimensions and numpy integers as ints."""
    return [int(v) if isinstance(v, (Dimension, np.integer, np.ndarray)) else v for v in values]


Tensor.__getitem__ = getitem  # type: ignore
