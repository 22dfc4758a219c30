"""Complex numbers: parts, modulus, angle, conjugate."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import context, dtypes, shapes
from ...core.constant import constant_op
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from .. import functions as F
from ..dtype_sets import COMPLEX, WIDE
from . import broadcasting


class Complex(Op, sig="real: T, imag: T -> out: Tout"):
    """real + i imag, broadcast."""
    elementwise = True
    T: DType = one_of(WIDE, default=dtypes.float32)
    Tout: DType = one_of(COMPLEX, default=dtypes.complex64)

    def infer(self, real: Spec, imag: Spec) -> Spec:
        return Spec(self.Tout, shapes.broadcast(real.shape, imag.shape))

    def kernel(self, xp: Namespace, real: Any, imag: Any) -> Any:
        return xp.make_complex(real, imag)

    def grad(self, op: Operation, dy: Any) -> Any:
        x, y = op.inputs
        return broadcasting.reduce_gradients(x, y, real_(dy), imag_(dy))


class _Part(Op):
    """A real number out of each complex one."""
    elementwise = True
    T: DType = one_of(COMPLEX, default=dtypes.complex64)
    Tout: DType = one_of(WIDE, default=dtypes.float32)

    def infer(self, x: Spec) -> Spec:
        return Spec(self.Tout, x.shape)


class Real(_Part, sig="input: T -> output: Tout"):
    """The real part."""

    def kernel(self, xp: Namespace, x: Any) -> Any:
        return xp.real(x)

    def grad(self, op: Operation, dy: Any) -> Any:
        return (complex_(dy, constant_op(0, dy.dtype.base_dtype)),)


class Imag(_Part, sig="input: T -> output: Tout"):
    """The imaginary part."""

    def kernel(self, xp: Namespace, x: Any) -> Any:
        return xp.imag(x)

    def grad(self, op: Operation, dy: Any) -> Any:
        return (complex_(constant_op(0, dy.dtype.base_dtype), dy),)


class Angle(_Part, sig="input: T -> output: Tout"):
    """The argument, in radians."""

    def kernel(self, xp: Namespace, x: Any) -> Any:
        return xp.arctan2(xp.imag(x), xp.real(x))

    def grad(self, op: Operation, dy: Any) -> Any:
        with context.default_graph().control_dependencies([dy]):
            re, im = real_(op.inputs[0]), imag_(op.inputs[0])
            inverse = F.reciprocal(complex_(im, re))
            return (-complex_(dy, constant_op(0, dy.dtype.base_dtype)) * inverse,)


class ComplexAbs(_Part, sig="x: T -> y: Tout"):
    """The modulus."""

    def kernel(self, xp: Namespace, x: Any) -> Any:
        return xp.abs(x)

    def grad(self, op: Operation, dy: Any) -> Any:
        x, y = op.inputs[0], op.outputs[0]
        return (F.div_no_nan(complex_(dy, F.zeros_like(dy)) * x, complex_(y, F.zeros_like(y))),)


class Conj(Op, sig="input: T -> output: T"):
    """The complex conjugate."""
    elementwise = True
    T: DType = one_of(COMPLEX, dtypes.variant, default=dtypes.complex64)

    def infer(self, x: Spec) -> Spec:
        return x

    def kernel(self, xp: Namespace, x: Any) -> Any:
        return xp.conj(x)

    def grad(self, op: Operation, dy: Any) -> Any:
        return (conj(dy),)


@export("complex", "dtypes.complex")
def complex_(real: Any, imag: Any, name: str | None = None) -> Tensor:
    """real + i imag, broadcast: two float32 make a complex64, two float64 a complex128."""
    real, imag = convert_to_tensor(real, name="real"), convert_to_tensor(imag, name="imag")
    types = real.dtype.base_dtype, imag.dtype.base_dtype
    if types[0] is not types[1] or types[0] not in WIDE:
        raise TypeError(f"The `real` and `imag` components have incorrect types: {types[0].name} {types[1].name}. "
                        "They must be consistent, and one of [tf.float32, tf.float64]")
    return make(Complex, real, imag, name=name,
                Tout=dtypes.complex64 if types[0] is dtypes.float32 else dtypes.complex128)


@export("real", "math.real")
def real_(input: Any, name: str | None = None) -> Tensor:
    """The real part; real tensors are returned as they are."""
    with context.default_graph().name_scope(name or "Real") as scope:
        x = convert_to_tensor(input, name="input")
        if x.dtype.is_complex:
            return make(Real, x, name=scope, Tout=x.dtype.real_dtype)
        if not (x.dtype.is_floating or x.dtype.is_integer):
            raise TypeError(f"input must be a numeric tensor, but got tensor with dtype {x.dtype}")
        return x


@export("imag", "math.imag")
def imag_(input: Any, name: str | None = None) -> Tensor:
    """The imaginary part; zeros for real tensors."""
    with context.default_graph().name_scope(name or "Imag") as scope:
        x = convert_to_tensor(input, name="input")
        if x.dtype.is_complex:
            return make(Imag, x, name=scope, Tout=x.dtype.real_dtype)
        return F.zeros_like(x)


@export("angle", "math.angle")
def angle(input: Any, name: str | None = None) -> Tensor:
    """The argument in radians, in (-pi, pi]; 0 or pi for real numbers."""
    with context.default_graph().name_scope(name or "Angle") as scope:
        x = convert_to_tensor(input, name="input")
        if x.dtype.is_complex:
            return make(Angle, x, name=scope, Tout=x.dtype.real_dtype)
        return F.where(x < 0, np.pi * F.ones_like(x), F.zeros_like(x))


@export("conj", "math.conj")
def conj(x: Any, name: str | None = None) -> Tensor:
    """The complex conjugate; real tensors are returned as they are."""
    if isinstance(x, Tensor) and (x.dtype.is_floating or x.dtype.is_integer):
        return x
    with context.default_graph().name_scope(name or "Conj") as scope:
        x = convert_to_tensor(x, name="x")
        if x.dtype.is_complex or x.dtype == dtypes.variant:
            return make(Conj, x, name=scope)
        if not (x.dtype.is_floating or x.dtype.is_integer):
            raise TypeError(f"Expected numeric or variant tensor, got dtype {x.dtype!r}.")
        return x


def complex_abs(x: Any, name: str | None = None) -> Tensor:
    """The modulus of complex numbers, of the real dtype of the same precision."""
    return make(ComplexAbs, x, name=name, Tout=x.dtype.real_dtype)
