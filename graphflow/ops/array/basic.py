"""The array ops that everything else builds on: placeholders, identity, shape, reshape, fill, cast."""
from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...core import context, shapes
from ...core.constant import constant_op
from ...core.contents import known_of
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, as_dtype, int32, int64, string, variant
from ...core.errors import UnimplementedError
from ...core.export import export
from ...core.known import known_value
from ...core.make import make
from ...core.op import Op, Shape, Spec, one_of, require
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...core.tensor_shape import TensorShape
from ...kernels.contract import Namespace
from ...kernels.tensor_list import unwrapped
from .. import functions as F
from ..scopes import beside_inputs


class Placeholder(Op, sig="-> output: dtype", stateful=False):
    """A value that must be fed."""
    must_be_fed = True
    dtype: DType
    shape: Shape = None

    def infer(self) -> Spec:
        return Spec(self.dtype, self.shape)


@export("placeholder")
def placeholder(dtype: Any, shape: Any = None, name: str | None = None) -> Tensor:
    """A tensor to be fed by `session.run(..., feed_dict={placeholder: value})`; running it unfed is an InvalidArgumentError.

    shape: what is known about the fed shape; None entries may be any size, None any shape.
    """
    return make(Placeholder, name=name, dtype=as_dtype(dtype).base_dtype, shape=shapes.as_tuple(shape))


class Identity(Op, sig="input: T -> output: T", forwards=True):
    """The same value."""
    plain = True
    reads = True
    T: DType

    def infer(self, x: Spec) -> Spec:
        return x

    def assembled(self, values: Any, index: int) -> Any:
        return values[0]

    def kernel(self, xp: Namespace, x: Any) -> Any:
        return x

    def compact(self, x: Any) -> bool:
        return True

    def grad(self, op: Operation, dy: Any) -> Any:
        return (dy,)

    def partial(self, op: Any, index: int, look: Any) -> Any:
        return look.shape(op.inputs[0])


@export("identity")
def identity(input: Any, name: str | None = None) -> Any:
    """A tensor with the same value, made after the control dependencies around it."""
    if hasattr(input, "_graphflow_identity"):  # sparse tensors, indexed slices: part by part, without the name
        return input._graphflow_identity(None)
    return make(Identity, input, name=name)


class StopGradient(Identity, sig="input: T -> output: T"):
    """The same value, through which no gradient flows."""
    reads = False    # of custom_gradient's variables, to which gradients do flow

    def grad(self, op: Operation, dy: Any) -> Any:
        return (None,)


@export("stop_gradient")
def stop_gradient(input: Any, name: str | None = None) -> Tensor:
    """The same value, taken as a constant by `tf.gradients`."""
    if hasattr(input, "_graphflow_map"):  # sparse tensors: part by part
        return type(input)(*[make(StopGradient, part, name=name) for part in (input.indices, input.values, input.dense_shape)])
    if hasattr(input, "_graphflow_identity"):  # indexed slices: on the values
        return type(input)(make(StopGradient, input.values, name=name), input.indices, input.dense_shape)
    return make(StopGradient, input, name=name)


class Cast(Op, sig="x: SrcT -> y: DstT"):
    """Another dtype; floats are truncated towards zero on the way to integers."""
    plain = True
    SrcT: DType
    DstT: DType
    Truncate: bool = False

    def infer(self, x: Spec) -> Spec:
        return Spec(self.DstT, x.shape)

    def kernel(self, xp: Namespace, x: Any) -> Any:
        if string in (self.SrcT, self.DstT) and self.SrcT is not self.DstT:
            raise UnimplementedError(None, None, f"Cast {self.SrcT.name} to {self.DstT.name} is not supported: tf.as_string and "
                                                 "tf.string_to_number convert")
        if self.SrcT.is_complex and not self.DstT.is_complex:
            x = xp.real(x)
        return xp.astype(x, self.DstT.np)

    def grad(self, op: Operation, dy: Any) -> Any:
        if not (self.SrcT.is_floating or self.SrcT.is_complex) or not (self.DstT.is_floating or self.DstT.is_complex):
            return (None,)
        return (cast(dy, self.SrcT),)

    def partial(self, op: Any, index: int, look: Any) -> Any:
        return look.shape(op.inputs[0])


@export("cast", "dtypes.cast")
def cast(x: Any, dtype: Any, name: str | None = None) -> Any:
    """x with another dtype; a tensor that has it already is returned as it is."""
    wanted = as_dtype(dtype).base_dtype
    if isinstance(x, Tensor) and x.dtype.base_dtype is wanted:
        return x
    if hasattr(x, "_graphflow_cast"):
        return x._graphflow_cast(wanted, name)
    graph = context.default_graph()
    with graph.name_scope(name or "Cast") as scope:
        x = convert_to_tensor(x, name="x")
        return x if x.dtype.base_dtype is wanted else make(Cast, x, name=scope, DstT=wanted)


class ShapeOp(Op):
    """Base of ops that look at their input's shape only."""
    folds = False    # the shape tells, or nothing does


class Shape_(ShapeOp):
    plain = True
    T: DType
    out_type: DType = one_of((int32, int64), default=int32)

    def infer(self, x: Spec) -> Spec:
        return Spec(self.out_type, (None if x.shape is None else len(x.shape),))

    def kernel(self, xp: Namespace, x: Any) -> Any:
        return np.array(np.shape(x), self.out_type.np)

    def grad(self, op: Operation, dy: Any) -> Any:
        return (None,)

    def told(self, shapes: Any, index: int) -> Any:
        return None if shapes[0] is None or None in shapes[0] else np.array(shapes[0], self.out_type.np)

    def partial(self, op: Any, index: int, look: Any) -> Any:
        return op.inputs[0].static


ShapeOfTensor: type[Op] = type("Shape", (Shape_,), {"__doc__": "The shape of a tensor at run time, a vector.", "__module__": __name__},
                               sig="input: T -> output: out_type")


def shape_internal(input: Any, name: str | None = None, optimize: bool = True, out_type: DType = int32) -> Tensor:
    """The shape as a tensor; a Const when it is static and `optimize`, as TF1 does."""
    x = convert_to_tensor(input)
    static = x.static
    if optimize and static is not None and None not in static:
        return constant_op(list(static), out_type, None, name or "Shape")
    return make(ShapeOfTensor, x, name=name or "Shape", out_type=out_type)


def shape_as_tensor(x: Tensor, optimize: bool = True) -> Tensor:
    """As `shape_internal`, but a Const is named Shape/shape_as_tensor, as in TensorFlow's ones_like and a few more."""
    static = x.static
    if not optimize or static is None or None in static:
        return shape_internal(x, optimize=optimize)
    with context.default_graph().name_scope("Shape"):
        return convert_to_tensor(TensorShape(static))


@export("shape")
@beside_inputs
def shape(input: Any, name: str | None = None, out_type: Any = int32) -> Tensor:
    """The shape of `input` at run time, an int32 or int64 vector."""
    if hasattr(input, "dense_shape") and not isinstance(input, Tensor):
        return cast(input.dense_shape, out_type)
    return shape_internal(input, name, True, as_dtype(out_type))


_MOST_DIMENSIONS = 254  # TensorFlow's limit; a graph from a file may claim any number


class Reshape(Op, sig="tensor: T, shape: Tshape -> output: T", static={"shape": 1}):
    """The same elements in another shape; one entry of `shape` may be -1."""
    T: DType
    Tshape: DType = one_of((int32, int64), default=int32)

    def infer(self, x: Any, shape: Any) -> Spec:
        wanted = shape.partial
        if shape.value is None or wanted is None:
            if wanted is None and shape.shape is not None and len(shape.shape) == 1 and shape.shape[0] is not None:
                require(shape.shape[0] <= _MOST_DIMENSIONS, f"a tensor has at most {_MOST_DIMENSIONS} dimensions, not {shape.shape[0]}")
                wanted = (None,) * shape.shape[0]
            total = shapes.num_elements(x.shape)
            if wanted is not None and wanted.count(None) == 1 and total is not None:  # the one unknown size follows
                rest = int(np.prod([d for d in wanted if d is not None], dtype=np.int64))
                if rest and total % rest == 0:
                    wanted = tuple(total // rest if d is None else d for d in wanted)
            return Spec(self.T, wanted)
        sizes = [int(d) for d in np.ravel(shape.value)]
        require(all(d >= -1 for d in sizes), f"Invalid value in tensor used for shape: {min(sizes, default=0)}")
        total = shapes.num_elements(x.shape)
        rest = int(np.prod([d for d in sizes if d != -1], dtype=np.int64))
        if total is not None and sizes.count(-1) <= 1 and (rest or -1 not in sizes):
            fits = total % rest == 0 if -1 in sizes else total == rest
            require(fits, f"Cannot reshape a tensor with {total} elements to shape {sizes} ({rest} elements)"
                    if -1 not in sizes else f"Cannot reshape a tensor with {total} elements to shape {sizes}: "
                    f"not divisible by {rest}")
            return Spec(self.T, tuple(total // rest if d == -1 else d for d in sizes))
        if -1 in sizes and x.shape is not None and x.shape.count(None) == 1:  # all else being equal, the unknowns match
            other = int(np.prod([d for d in x.shape if d is not None], dtype=np.int64))
            if other and other == rest:
                return Spec(self.T, tuple(None if d == -1 else d for d in sizes))
        return Spec(self.T, tuple(None if d == -1 else d for d in sizes))

    def check(self, x: Any, shape: Any) -> None:
        if x.shape is not None and shape.value is not None:
            _filled(x.shape, np.ravel(shape.value).tolist())

    def kernel(self, xp: Namespace, x: Any, shape: Any) -> Any:
        return xp.reshape(x, _filled(x.shape, np.ravel(shape).tolist()))

    def compact(self, x: Any, shape: Any) -> bool:
        return True

    def grad(self, op: Operation, dy: Any) -> Any:
        dy = convert_to_tensor(dy)  # rows become a whole tensor before the shape is asked for, as TensorFlow does
        static = op.inputs[0].static
        if static is not None and static.count(None) == 1 and 0 not in static:
            return reshape(dy, [-1 if d is None else d for d in static]), None
        return reshape(dy, shape_internal(op.inputs[0])), None


def _filled(shape: tuple[int, ...], sizes: list[int]) -> tuple[int, ...]:
    """The sizes with -1 replaced by what is left of `shape`; of a tensor without elements, what its other axes leave."""
    total = math.prod(shape)
    unknown = [i for i, d in enumerate(sizes) if d == -1]
    require(len(unknown) <= 1, f"Only one input size may be -1, not both {' and '.join(map(str, unknown[:2]))}")
    for i, d in enumerate(sizes):
        require(d >= -1, f"Size {i} must be non-negative, not {d}")
    if unknown:
        known = [d for d in sizes if d != -1]
        empty = 0 in known
        rest = math.prod(d for d in known if d or not empty)
        left = math.prod(d for d in shape if d or not empty)
        require(left % rest == 0, f"Input to reshape is a tensor with {total} values, but the requested shape requires a "
                                  f"multiple of {rest}")
        sizes = [left // rest if d == -1 else d for d in sizes]
    count = math.prod(sizes)
    require(count == total, f"Input to reshape is a tensor with {total} values, but the requested shape has {count}")
    return tuple(sizes)


@export("reshape", "manip.reshape")
def reshape(tensor: Any, shape: Any, name: str | None = None) -> Tensor:
    """The elements of `tensor` in row-major order as an array of `shape`; one entry may be -1."""
    return make(Reshape, tensor, shape, name=name)


class Fill(Op, sig="dims: index_type, value: T -> output: T", static={"dims": 1}):
    """An array of one value."""
    legacy_scalars = True
    plain = True
    T: DType
    index_type: DType = one_of((int32, int64), default=int32)

    def infer(self, dims: Any, value: Any) -> Spec:
        require(value.shape in (None, ()), f"value must be a scalar, got shape {value.shape}")
        if dims.value is None:
            return Spec(self.T, dims.partial)
        require(np.all(dims.value >= 0), "Fill dimensions must be >= 0")
        return Spec(self.T, tuple(np.ravel(dims.value)))      # a scalar is one size, as TF 0.x had it

    def check(self, dims: Any, value: Any) -> None:
        if dims.value is not None and np.any(dims.value < 0):
            raise ValueError(f"Dimension {np.min(dims.value)} must be >= 0")

    def kernel(self, xp: Namespace, dims: Any, value: Any) -> Any:
        return xp.broadcast_to(value, tuple(np.ravel(dims).tolist()))

    def compact(self, dims: Any, value: Any) -> bool:
        return True

    def grad(self, op: Operation, dy: Any) -> Any:
        return None, F.reduce_sum(dy)


@export("fill")
def fill(dims: Any, value: Any, name: str | None = None, layout: Any = None) -> Tensor:
    """An array of shape `dims` whose elements are all `value`."""
    return make(Fill, dims, value, name=name)


class BroadcastTo(Op, sig="input: T, shape: Tidx -> output: T", static={"shape": 1}):
    """`input` repeated to a shape that it broadcasts to."""
    T: DType
    Tidx: DType = one_of((int32, int64), default=int32)

    def infer(self, x: Any, shape: Any) -> Spec:
        whole = shape.partial if shape.value is None else tuple(shape.value)
        if x.shape is not None and whole is not None:
            require(len(x.shape) <= len(whole), f"Shape must be at most rank {len(whole)} but is rank {len(x.shape)}")
            for old, new in zip(reversed(x.shape), reversed(whole)):
                require(old in (None, 1, new) or new is None, f"Dimensions must be equal, but are {old} and {new}")
        return Spec(self.T, whole)

    def kernel(self, xp: Namespace, x: Any, shape: Any) -> Any:
        return xp.broadcast_to(x, tuple(np.ravel(shape).tolist()))

    def compact(self, x: Any, shape: Any) -> bool:
        return True

    def grad(self, op: Operation, dy: Any) -> Any:
        shape = shape_internal(op.inputs[0], out_type=self.Tidx)
        known = known_value(op.inputs[1])
        _, axes = make(F.BroadcastGradientArgs, op.inputs[1] if known is None else constant_op(known, self.Tidx), shape)
        return reshape(F.reduce_sum(dy, axes, keepdims=True), shape), None


@export("broadcast_to")
def broadcast_to(input: Any, shape: Any, name: str | None = None) -> Tensor:
    """`input` repeated along its axes of size 1 (and new leading ones) to `shape`."""
    return make(BroadcastTo, input, shape, name=name)


class ZerosLike(Op, sig="x: T -> y: T"):
    """Zeros of the shape and dtype of x."""
    T: DType
    host = property(lambda self: self.T is variant)

    def infer(self, x: Spec) -> Spec:
        return x

    def contents(self, x: Any) -> tuple[Any, ...]:
        return (known_of(x),)

    def kernel(self, xp: Namespace, x: Any) -> Any:
        if self.T is variant:
            return unwrapped(x).zeros()
        if self.T.np.kind == "O":
            return np.full(np.shape(x), b"", object)
        return np.broadcast_to(np.zeros((), self.T.np), np.shape(x))

    def compact(self, x: Any) -> bool:
        return True

    def grad(self, op: Operation, dy: Any) -> Any:
        return (None,)


def zeros_like_op(x: Any, name: str | None = None) -> Tensor:
    """The ZerosLike node itself, whatever is static."""
    return make(ZerosLike, x, name=name)
