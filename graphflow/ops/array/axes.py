"""The axes of an array: rank, size, expand_dims, squeeze, transpose."""
from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ...core import context, shapes
from ...core.constant import constant_op
from ...core.convert import convert_to_tensor
from ...core.deprecation import warn_once
from ...core.dtypes import DType, as_dtype, int32, int64
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, require
from ...core.operation import Operation
from ...core.outcomes import Several
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from .. import functions as F
from ..scopes import beside_inputs
from .basic import ShapeOp, cast, reshape, shape_internal


class Size(ShapeOp, sig="input: T -> output: out_type"):
    """The number of elements."""
    plain = True
    T: DType
    out_type: DType = one_of(int32, int64, default=int32)

    def infer(self, x: Spec) -> Spec:
        return Spec(self.out_type, ())

    def kernel(self, xp: Namespace, x: Any) -> Any:
        return np.array(int(np.prod(np.shape(x), dtype=np.int64)), self.out_type.np)

    def grad(self, op: Operation, dy: Any) -> Any:
        return (None,)

    def told(self, shapes: Any, index: int) -> Any:
        return None if shapes[0] is None or None in shapes[0] else np.array(prod(shapes[0]), self.out_type.np)


class Rank(ShapeOp, sig="input: T -> output: int32"):
    """The number of axes."""
    plain = True
    T: DType

    def infer(self, x: Spec) -> Spec:
        return Spec(int32, ())

    def kernel(self, xp: Namespace, x: Any) -> Any:
        return np.array(len(np.shape(x)), np.int32)

    def grad(self, op: Operation, dy: Any) -> Any:
        return (None,)

    def told(self, shapes: Any, index: int) -> Any:
        return None if shapes[0] is None else np.array(len(shapes[0]), np.int32)


class ShapeN(ShapeOp, Several, sig="input: T* -> output: out_type*"):
    """The shapes of several tensors."""
    least = {"N": 1}
    N: int
    T: DType
    out_type: DType = one_of(int32, int64, default=int32)

    def infer(self, *inputs: Spec) -> Any:
        return tuple(Spec(self.out_type, (None if x.shape is None else len(x.shape),)) for x in inputs)

    def kernel(self, xp: Namespace, *inputs: Any) -> Any:
        return tuple(np.array(np.shape(x), self.out_type.np) for x in inputs)

    def grad(self, op: Operation, *dy: Any) -> Any:
        return (None,) * self.N

    def told(self, shapes: Any, index: int) -> Any:
        return None if shapes[index] is None or None in shapes[index] else np.array(shapes[index], self.out_type.np)

    def partial(self, op: Any, index: int, look: Any) -> Any:
        return op.inputs[index].static


@export("shape_n")
def shape_n(input: Any, out_type: Any = int32, name: str | None = None) -> list[Tensor]:
    """The shapes of several tensors of one dtype."""
    return make(ShapeN, input, name=name, out_type=as_dtype(out_type))


def size_internal(input: Any, name: str | None = None, optimize: bool = True, out_type: DType = int32) -> Tensor:
    """The number of elements; a constant when it is static and `optimize`."""
    if hasattr(input, "dense_shape") and not isinstance(input, Tensor):
        return F.reduce_prod(cast(input.dense_shape, out_type), 0, name=name)
    with context.default_graph().name_scope(name or "Size") as scope:
        x = convert_to_tensor(input)
        count = shapes.num_elements(x.static)
        if optimize and count is not None:
            return constant_op(count, out_type, None, scope)
        return make(Size, x, name=scope, out_type=out_type)


@export("size")
@beside_inputs
def size(input: Any, name: str | None = None, out_type: Any = int32) -> Tensor:
    """The number of elements of `input`, an int32 or int64 scalar."""
    return size_internal(input, name, True, as_dtype(out_type))


@export("rank")
@beside_inputs
def rank(input: Any, name: str | None = None) -> Tensor:
    """The number of axes of `input`, an int32 scalar; a constant where it is static."""
    if hasattr(input, "dense_shape") and not isinstance(input, Tensor):
        return size(input.dense_shape, name)
    with context.default_graph().name_scope(name or "Rank") as scope:
        x = convert_to_tensor(input)
        if x.static is not None:
            return constant_op(len(x.static), int32, None, scope)
        return make(Rank, x, name=scope)


class ExpandDims(Op, sig="input: T, dim: Tdim -> output: T", static=("dim",)):
    """The same elements with a new axis of size 1."""
    python_names = {"dim": "axis"}
    T: DType
    Tdim: DType = one_of(int32, int64, default=int32)

    def infer(self, x: Any, dim: Any) -> Spec:
        if x.shape is None:
            return Spec(self.T, None)
        rank = len(x.shape)
        if dim.value is None:
            return Spec(self.T, (None,) * (rank + 1))
        require(dim.value.size == 1, f"'dim' input must be a tensor with a single value, got {dim.value.tolist()}")
        place = int(np.ravel(dim.value)[0])
        require(-rank - 1 <= place <= rank, f"dim {place} not in the interval [{-rank - 1}, {rank}]")
        place += (rank + 1) * (place < 0)
        return Spec(self.T, (*x.shape[:place], 1, *x.shape[place:]))

    def kernel(self, xp: Namespace, x: Any, dim: Any) -> Any:
        return xp.expand_dims(x, int(np.ravel(dim)[0]))

    def compact(self, x: Any, dim: Any) -> bool:
        return True

    def grad(self, op: Operation, dy: Any) -> Any:
        return reshape(convert_to_tensor(dy), shape_internal(op.inputs[0])), None


@export("expand_dims")
def expand_dims(input: Any, axis: Any = None, name: str | None = None, dim: Any = None) -> Tensor:
    """The same elements with a new axis of size 1 before `axis`; -1 appends it."""
    if dim is not None:
        _instead_of(axis, "dim", "axis")
        axis = dim
    if axis is None:
        raise ValueError("Must specify an axis argument to tf.expand_dims()")
    return make(ExpandDims, input, axis, name=name)


def _instead_of(new: Any, old_name: str, new_name: str) -> None:
    """One of an old and a new argument name may be given."""
    if new is not None:
        raise ValueError(f"Cannot specify both '{old_name}' and '{new_name}'.")
    warn_once(f"The argument '{old_name}' is an old name, use '{new_name}' instead", 5)


class Squeeze(Op, sig="input: T -> output: T"):
    """The same elements without axes of size 1: those listed, or all of them."""
    python_names = {"squeeze_dims": "axis"}
    T: DType
    squeeze_dims: list[int] = ()  # type: ignore[assignment]

    def infer(self, x: Spec) -> Spec:
        if x.shape is None:
            return Spec(self.T, None)
        if not self.squeeze_dims:
            return Spec(self.T, None if None in x.shape else tuple(d for d in x.shape if d != 1))
        axes = self._axes(len(x.shape))
        for axis in axes:
            require(x.shape[axis] in (1, None), f"Can not squeeze dim[{axis}], expected a dimension of 1, got {x.shape[axis]}")
        return Spec(self.T, tuple(d for i, d in enumerate(x.shape) if i not in axes))

    def _axes(self, rank: int) -> set[int]:
        for axis in self.squeeze_dims:
            require(-rank <= axis < rank, f"Tried to squeeze dim index {axis} for tensor with {rank} dimensions.")
        return {axis % rank for axis in self.squeeze_dims}

    def kernel(self, xp: Namespace, x: Any) -> Any:
        axes = self._axes(len(x.shape)) if self.squeeze_dims else {i for i, d in enumerate(x.shape) if d == 1}
        for axis in axes:
            if x.shape[axis] != 1:
                raise ValueError(f"Can not squeeze dim[{axis}], expected a dimension of 1, got {x.shape[axis]}")
        return x.reshape(tuple(d for i, d in enumerate(x.shape) if i not in axes))

    def compact(self, x: Any) -> bool:
        return True

    def grad(self, op: Operation, dy: Any) -> Any:
        return (reshape(convert_to_tensor(dy), shape_internal(op.inputs[0])),)


@export("squeeze")
def squeeze(input: Any, axis: Any = None, name: str | None = None, squeeze_dims: Any = None) -> Tensor:
    """The same elements without the axes of size 1: those in `axis`, or all. An axis of another size is an error."""
    if squeeze_dims is not None:
        _instead_of(axis, "squeeze_dims", "axis")
        axis = squeeze_dims
    axes = () if axis is None else (axis,) if np.isscalar(axis) else axis
    return make(Squeeze, input, name=name, squeeze_dims=tuple(int(a) for a in axes))  # type: ignore


class Transpose(Op, sig="x: T, perm: Tperm -> y: T", static={"perm": 1}):
    """Axis i of the result is axis perm[i] of x."""
    T: DType
    Tperm: DType = one_of(int32, int64, default=int32)

    def infer(self, x: Any, perm: Any) -> Spec:
        length = perm.shape[0] if perm.shape else None
        if perm.value is None:
            rank = len(x.shape) if x.shape is not None else length
            return Spec(self.T, None if rank is None else (None,) * rank)
        order = [int(p) for p in perm.value]
        if x.shape is None:
            return Spec(self.T, (None,) * len(order))
        rank = len(x.shape)
        require(len(order) == rank, f"Dimension must be {rank} but is {len(order)}: perm must list every axis once")
        for p in order:
            require(-rank <= p < rank, f"perm dim {p} is out of range of input rank {rank}")
        return Spec(self.T, tuple(x.shape[p] for p in order))

    def check(self, x: Any, perm: Any) -> None:
        if x.shape is not None and perm.value is not None:
            rank = len(x.shape)
            listed = {int(p) % rank for p in perm.value if -rank <= p < rank}
            for axis in range(min(rank, len(perm.value))):
                require(axis in listed, f"{axis} is missing from {{{','.join(str(int(p)) for p in perm.value)}}}.")

    def kernel(self, xp: Namespace, x: Any, perm: Any) -> Any:
        rank = len(x.shape)
        return xp.transpose(x, tuple(int(p) % rank for p in perm))

    def grad(self, op: Operation, dy: Any) -> Any:
        return transpose(dy, F.invert_permutation(op.inputs[1])), None


class ConjugateTranspose(Transpose, sig="x: T, perm: Tperm -> y: T", static={"perm": 1}):
    """Axes permuted and complex numbers conjugated."""

    def kernel(self, xp: Namespace, x: Any, perm: Any) -> Any:
        moved = super().kernel(xp, x, perm)
        return xp.conj(moved) if self.T.is_complex else moved

    def grad(self, op: Operation, dy: Any) -> Any:
        return transpose(dy, F.invert_permutation(op.inputs[1]), conjugate=True), None


@export("transpose")
def transpose(a: Any, perm: Any = None, name: str = "transpose", conjugate: bool = False) -> Tensor:
    """`a` with its axes reordered: axis i of the result is axis perm[i] of a; without perm they are reversed."""
    with context.default_graph().name_scope(name or "transpose") as scope:
        a = a if isinstance(a, Tensor) else convert_to_tensor(a, name="a")
        cls = ConjugateTranspose if conjugate and a.dtype.is_complex else Transpose
        if perm is None:
            if a.static is None:
                axes = make(Rank, a)
                perm = (axes - 1) - make(F.Range, 0, axes, 1)
            else:
                perm = np.arange(len(a.static) - 1, -1, -1, dtype=np.int32)
        return make(cls, a, perm, name=scope)


@export("matrix_transpose", "linalg.matrix_transpose", "linalg.transpose")
def matrix_transpose(a: Any, name: str = "matrix_transpose", conjugate: bool = False) -> Tensor:
    """The last two axes of `a` swapped."""
    with context.default_graph().name_scope(name or "matrix_transpose"):
        a = convert_to_tensor(a, name="a")
        if a.static is not None:
            n = len(a.static)
            if n < 2:
                raise ValueError(f"Argument `a` should be a (batch) matrix with rank >= 2.  Received `a` = {a} with shape: {a.shape}")
            return transpose(a, [*range(n - 2), n - 1, n - 2], conjugate=conjugate)
        axes = rank(a)
        return transpose(a, F.concat((F.range(0, axes - 2), [axes - 1], [axes - 2]), 0), conjugate=conjugate)
