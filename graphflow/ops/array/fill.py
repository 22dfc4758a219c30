"""Arrays of one value and of regular ones: zeros, ones, range, linspace, one_hot."""
from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from ...core import context, dtypes, shapes
from ...core.constant import constant_op
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, as_dtype, bool_, float32, int32, int64, uint8
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, require
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...core.tensor_shape import TensorShape
from ...kernels.contract import Namespace
from .. import functions as F
from ..scopes import beside_inputs
from .basic import cast, fill, reshape, shape_as_tensor, zeros_like_op

_SMALL = 1000  # elements; larger constants would bloat GraphDefs, so they become Fill
_MOST = 1 << 63  # a range has fewer elements


def _filled(value: Any, shape: Any, dtype: DType, scope: str) -> Tensor:
    """A constant if it is small, else a Fill, with TensorFlow's nodes."""
    if not isinstance(shape, Tensor):
        try:
            known = shapes.as_tuple(shape)
            if known is None:
                raise ValueError("Cannot convert an unknown shape to a Tensor")
        except TypeError:  # tensors among the entries
            shape = convert_to_tensor(shape, int32)
        else:
            count = shapes.num_elements(known)
            if count is not None and count < _SMALL and not isinstance(shape, int):  # zeros(5) makes a Fill in TensorFlow
                return constant_op(value, dtype, known, scope)
            shape = convert_to_tensor(TensorShape(known))
    if shape.static == ():
        shape = reshape(shape, [-1])
    return fill(shape, constant_op(value, dtype), name=scope)


@export("zeros")
def zeros(shape: Any, dtype: Any = float32, name: str | None = None, layout: Any = None) -> Tensor:
    """Zeros (False, empty strings) of a shape given as a list, a TensorShape or an integer tensor."""
    dtype = as_dtype(dtype).base_dtype
    with context.default_graph().name_scope(name or "zeros") as scope:
        return _filled(False if dtype.is_bool else "" if dtype is dtypes.string else 0, shape, dtype, scope)


@export("ones")
def ones(shape: Any, dtype: Any = float32, name: str | None = None, layout: Any = None) -> Tensor:
    """Ones (True) of a shape given as a list, a TensorShape or an integer tensor."""
    dtype = as_dtype(dtype).base_dtype
    with context.default_graph().name_scope(name or "ones") as scope:
        return _filled(True if dtype.is_bool else 1, shape, dtype, scope)


@export("zeros_like")
@beside_inputs
def zeros_like(tensor: Any, dtype: Any = None, name: str | None = None, optimize: bool = True) -> Tensor:
    """Zeros of the shape of `tensor` and its dtype or another; a constant where the shape is static, unless optimize=False."""
    wanted = None if dtype is None else as_dtype(dtype).base_dtype
    if wanted is None and tensor.__class__ is context.EagerTensor and context.default_graph().eager:
        return zeros_like_op(tensor)
    with context.default_graph().name_scope(name or "zeros_like") as scope:
        if hasattr(tensor, "_graphflow_map"):  # sparse: of its dense shape
            return zeros(tensor.dense_shape, wanted or tensor.dtype.base_dtype, scope)
        tensor = convert_to_tensor(tensor, name="tensor")
        own = tensor.dtype.base_dtype
        if optimize and shapes.is_fully_defined(tensor.static):
            return zeros(tensor.shape, wanted or own, scope)
        if wanted is not None and wanted is not own:
            return zeros(shape_as_tensor(tensor, optimize), wanted, scope)
        return zeros_like_op(tensor, scope)


@export("ones_like")
@beside_inputs
def ones_like(tensor: Any, dtype: Any = None, name: str | None = None, optimize: bool = True) -> Tensor:
    """Ones of the shape of `tensor` and its dtype or another."""
    with context.default_graph().name_scope(name or "ones_like") as scope:
        tensor = convert_to_tensor(tensor, name="tensor")
        result = ones(shape_as_tensor(tensor, optimize), dtype or tensor.dtype, scope)
        result.set_shape(tensor.shape)
        return result


class OnesLike(Op, sig="x: T -> y: T"):
    """Ones of the shape and dtype of x."""
    T: DType

    def infer(self, x: Spec) -> Spec:
        return x

    def kernel(self, xp: Namespace, x: Any) -> Any:
        return np.broadcast_to(np.ones((), self.T.np), np.shape(x))

    def compact(self, x: Any) -> bool:
        return True

    def grad(self, op: Operation, dy: Any) -> Any:
        return (None,)


class Range(Op, sig="start: Tidx, limit: Tidx, delta: Tidx -> output: Tidx", static={"start": 0, "limit": 0, "delta": 0}):
    """start, start + delta, ... below (or, with a negative delta, above) the limit. A run takes vectors of one number, too."""
    legacy_scalars = True
    plain = True
    Tidx: DType = one_of(dtypes.bfloat16, dtypes.float16, float32, dtypes.float64, dtypes.int8, dtypes.int16, int32, int64,
                         dtypes.uint16, dtypes.uint32, dtypes.uint64, default=int32)

    def infer(self, start: Any, limit: Any, delta: Any) -> Spec:
        for name, one in (("start", start), ("limit", limit), ("delta", delta)):
            require(one.shape in (None, (), (1,)), f"{name} must be a scalar, not shape {one.shape}")
        if start.value is None or limit.value is None or delta.value is None:
            return Spec(self.Tidx, (None,))
        return Spec(self.Tidx, (self._count(start.value, limit.value, delta.value),))

    def _count(self, *numbers: Any) -> int:
        start, limit, delta = (np.ravel(v)[0] for v in numbers)
        first: Any
        end: Any
        step: Any
        if self.Tidx.is_floating:  # the count is computed in the element type, as its rounding decides
            first, end, step = (np.asarray(v, self.Tidx.np)[()] for v in (start, limit, delta))
        else:
            first, end, step = (int(v) for v in (start, limit, delta))
        require(step != 0, "Requires delta != 0: 0")
        require(not (first > end and step > 0), f"Requires start <= limit when delta > 0: {first}/{end}")
        require(not (first < end and step < 0), f"Requires start >= limit when delta < 0: {first}/{end}")
        if not self.Tidx.is_floating:
            return -((first - end) // step)
        with np.errstate(over="ignore", invalid="ignore"):
            count = np.ceil((end - first) / step)
        require(bool(count < _MOST), f"Requires ((limit - start) / delta) <= {_MOST - 1}: ({end} - {first}) / {step}")
        return builtins.max(0, int(count))

    def kernel(self, xp: Namespace, start: Any, limit: Any, delta: Any) -> Any:
        count = self._count(start, limit, delta)
        start, delta = np.ravel(start)[0], np.ravel(delta)[0]
        if not self.Tidx.is_floating:
            return (start + delta * np.arange(count)).astype(self.Tidx.np)
        if count == 0:
            return np.zeros(0, self.Tidx.np)
        # TensorFlow adds delta again and again in the element type, and so does cumsum
        steps = np.full(count, delta, self.Tidx.np)
        steps[0] = start
        return np.cumsum(steps, dtype=self.Tidx.np)

    def grad(self, op: Operation, dy: Any) -> Any:
        return None, None, None


_HIERARCHY = [int32, int64, dtypes.float16, dtypes.bfloat16, float32, dtypes.float64]


@export("range")
def range(start: Any, limit: Any = None, delta: Any = 1, dtype: Any = None, name: str = "range") -> Tensor:
    """The vector start, start + delta, ... up to but without `limit`; range(n) counts from 0."""
    if limit is None:
        start, limit = 0, start
    wanted = None if dtype is None else as_dtype(dtype).base_dtype
    with context.default_graph().name_scope(name or "Range") as scope:
        args = [v if isinstance(v, Tensor) else convert_to_tensor(v, wanted, n)
                for v, n in ((start, "start"), (limit, "limit"), (delta, "delta"))]
        types = [a.dtype.base_dtype for a in args]
        if wanted is None and any(t not in _HIERARCHY for t in types):
            raise TypeError(f"range: dtype {next(t.name for t in types if t not in _HIERARCHY)} is not supported; pass dtype=")
        result = wanted or builtins.max(types, key=_HIERARCHY.index)
        return make(Range, *[cast(a, result) for a in args], name=scope)


class LinSpace(Op, sig="start: T, stop: T, num: Tidx -> output: T", static={"num": 0}):
    """`num` values at even distances from start to stop, both included. A run takes a `num` that is a vector of one number, too."""
    legacy_scalars = True
    T: DType = one_of(dtypes.bfloat16, dtypes.float16, float32, dtypes.float64)
    Tidx: DType = one_of(int32, int64, default=int32)

    def infer(self, start: Any, stop: Any, num: Any) -> Spec:
        for one in (start, stop):
            require(one.shape in (None, ()), f"Shape must be rank 0 but is rank {len(one.shape or ())}")
        require(num.shape in (None, (), (1,)), f"num must be a scalar, not shape {num.shape}")
        count = None if num.value is None else int(np.ravel(num.value)[0])
        require(count is None or count > 0, f"Requires num > 0: {count}")
        return Spec(self.T, (count,))

    def kernel(self, xp: Namespace, start: Any, stop: Any, num: Any) -> Any:
        n = int(np.ravel(num)[0])
        steps = np.arange(n, dtype=self.T.np)
        if n == 1:
            return start * np.ones(1, self.T.np)
        # both ends exact, as TensorFlow gives them
        inner = start + (stop - start) / (n - 1) * steps[:-1]
        return xp.concatenate([inner, stop * np.ones(1, self.T.np)], 0)

    def grad(self, op: Operation, dy: Any) -> Any:
        return None, None, None


@export("linspace", "lin_space")
def linspace(start: Any, stop: Any, num: Any, name: str | None = None, axis: int = 0) -> Tensor:
    """`num` values at even distances from start to stop, both included; for arrays the values run along a new `axis`."""
    start = convert_to_tensor(start, name="start")
    stop = convert_to_tensor(stop, start.dtype.base_dtype, name="stop")
    if start.static in ((), None) and stop.static in ((), None):
        return make(LinSpace, start, stop, num, name=name)
    if start.static is None or stop.static is None:
        raise ValueError("linspace of an array needs start and stop of known rank; give them one by set_shape")
    with context.default_graph().name_scope(name or "linspace"):
        whole = start + stop * 0  # the broadcast shape
        rank = len(whole.static)
        steps = make(LinSpace, constant_op(0.0, start.dtype.base_dtype), constant_op(1.0, start.dtype.base_dtype), num)
        place = axis if axis >= 0 else axis + rank + 1
        steps = reshape(steps, [1] * place + [-1] + [1] * (rank - place))
        first, last = F.expand_dims(whole, axis), F.expand_dims(stop + start * 0, axis)
        return first * (1 - steps) + last * steps


class OneHot(Op, sig="indices: TI, depth: int32, on_value: T, off_value: T -> output: T", static={"depth": 0}):
    """on_value at the index along a new axis of size depth, off_value elsewhere; an index out of range gives no on_value."""
    axis: int = -1
    T: DType
    TI: DType = one_of(uint8, dtypes.int8, int32, int64, default=int64)

    def infer(self, indices: Any, depth: Any, on: Any, off: Any) -> Spec:
        require(depth.shape in (None, ()), f"depth must be a scalar, got shape {depth.shape}")
        require(depth.value is None or depth.value >= 0, f"depth must be non-negative, got {depth.value}")
        if indices.shape is None:
            return Spec(self.T, None)
        rank = len(indices.shape)
        require(-1 <= self.axis <= rank, f"Expected axis to be -1 or between [0, {rank}], but got {self.axis}")
        place = rank if self.axis == -1 else self.axis
        size = None if depth.value is None else int(depth.value)
        return Spec(self.T, indices.shape[:place] + (size,) + indices.shape[place:])

    def kernel(self, xp: Namespace, indices: Any, depth: Any, on: Any, off: Any) -> Any:
        rank = len(indices.shape)
        place = rank if self.axis == -1 else self.axis
        return xp.one_hot(indices, on, off, int(depth), place)

    def grad(self, op: Operation, dy: Any) -> Any:
        return None, None, None, None


@export("one_hot")
@beside_inputs
def one_hot(indices: Any, depth: Any, on_value: Any = None, off_value: Any = None, axis: int | None = None, dtype: Any = None,
            name: str | None = None) -> Tensor:
    """Rows with `on_value` (1) at each index and `off_value` (0) elsewhere, along a new axis of size `depth`, the last by default.

    An index outside [0, depth) gives a row of off_value. dtype: of the values, float32 if none is told.
    """
    wanted = None if dtype is None else as_dtype(dtype).base_dtype
    with context.default_graph().name_scope(name or "one_hot") as scope:
        on = None if on_value is None else convert_to_tensor(on_value, None, "Const", preferred_dtype=wanted)
        off = None if off_value is None else convert_to_tensor(off_value, None, "Const", preferred_dtype=wanted)
        for label, value in (("on_value", on), ("off_value", off)):
            if value is not None and wanted is not None and value.dtype.base_dtype is not wanted:
                raise TypeError(f"dtype {value.dtype.base_dtype} of {label} does not match dtype parameter {wanted}")
        given = [v.dtype.base_dtype for v in (on, off) if v is not None]
        if len(set(given)) == 2:
            raise TypeError(f"dtype {given[0]} of on_value does not match dtype {given[1]} of off_value")
        result = wanted or (given[0] if given else float32)
        if on is None:
            on = convert_to_tensor(1, result, "on_value") if not result.is_bool else constant_op(True, bool_, None, "on_value")
        if off is None:
            off = convert_to_tensor(0, result, "off_value") if not result.is_bool else constant_op(False, bool_, None, "off_value")
        return make(OneHot, indices, depth, on, off, name=scope, axis=-1 if axis is None else axis)
