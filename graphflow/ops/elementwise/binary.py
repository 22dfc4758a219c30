"""Elementwise arithmetic of two operands, with broadcasting. Division is in `division.py`, comparison in `comparison.py`."""
from __future__ import annotations

from typing import Any, ClassVar

from ...core import context, dtypes
from ...core.convert import convert_to_tensor
from ...core.export import export
from ...core.make import make
from ...core.op import Op
from ...core.operation import Operation
from ...core.tensor import Tensor
from .. import functions as F
from ..array.basic import shape_internal
from ..dtype_sets import INEXACT
from .broadcasting import BroadcastGradientArgs, fully_equal, reduce_gradients, sum_to
from .complex import conj
from .mold import COMPLEX, FLOATING, NUMERIC, REAL, SIGNED, Binary, binary


def _row(name: str, formula: Any, slope: Any, types: Any, doc: str, **more: Any) -> type[Op]:
    return binary(name, formula, slope, types, doc=doc, module=__name__, **more)


class _Product(Binary):
    """Mul's gradient takes dy as the first factor of both products when no sum is needed (and dy is float32 or int32)."""

    def grad(self, op: Operation, dz: Any) -> Any:
        x, y = op.inputs
        if dz.dtype in (dtypes.int32, dtypes.float32) and fully_equal(x, y, dz):
            return multiply(dz, y), multiply(dz, x)
        return reduce_gradients(x, y, multiply(dz, conj(y)), multiply(conj(x), dz))


def _maximum_slope(chosen: Any) -> Any:
    def slope(x: Any, y: Any, z: Any, dz: Any) -> tuple[Any, Any]:
        zeros = F.zeros_like(dz)
        mask = make(chosen(), x, y)
        return F.where_v2(mask, dz, zeros), F.where_v2(mask, zeros, dz)
    return slope


def _pow_slope(x: Any, y: Any, z: Any, dz: Any) -> tuple[Any, Any]:
    """y x^(y-1) dz and log(x) z dz, the latter 0 where x is not positive (0, for complex x)."""
    cx, cy = conj(x), conj(y)
    gx = dz * cy * pow_(cx, cy - 1)
    mask = make(F.NotEqual, cx, 0) if x.dtype.is_complex else cx > 0
    safe = F.where(mask, cx, F.ones_like(x))
    log_x = F.where(mask, F.log(safe), F.zeros_like(x))
    return gx, dz * conj(z) * log_x


def _squared_difference_slope(x: Any, y: Any, z: Any, dz: Any) -> tuple[Any, Any]:
    with context.default_graph().control_dependencies([dz]):
        gx = scalar_mul(2.0, dz) * (x - y)
    return gx, -gx


def _atan2_slope(y: Any, x: Any, z: Any, dz: Any) -> tuple[Any, Any]:
    inverse = dz / (F.square(y) + F.square(x))
    return x * inverse, -y * inverse


class _Logarithmic(Binary):
    """x f(y), which is 0 wherever x is 0: Xlogy, Xlog1py, Xdivy."""
    parts: ClassVar[Any] = None   # (x, y) -> (f(y) as xlogy and so on of 1 where x is not 0, the derivative by y)

    def grad(self, op: Operation, dz: Any) -> Any:
        x, y = op.inputs
        sx, sy = shape_internal(x), shape_internal(y)
        rx, ry = make(BroadcastGradientArgs, sx, sy)
        with context.default_graph().control_dependencies([dz]):
            nonzero = F.cast(make(F.NotEqual, x, F.cast(0.0, x.dtype)), x.dtype)
            gx, gy = self.parts(nonzero, x, y)
            return sum_to(gx * dz, rx, sx), sum_to(gy * dz, ry, sy)


def _logarithmic(name: str, formula: Any, parts: Any, doc: str) -> type[Op]:
    base = type(f"_{name}", (_Logarithmic,), {"parts": staticmethod(parts)})
    return _row(name, lambda xp, x, y: xp.where(x == 0, x * 0, formula(xp, x, y)), None, INEXACT, doc, base=base)


Add = _row("Add", "add", lambda x, y, z, dz: (dz, dz), (*FLOATING, *SIGNED, dtypes.uint8, *COMPLEX, dtypes.string),
           "x + y, as graphs of TF 1.x hold it; strings are joined.", shortcut=True, flops=1)
AddV2 = _row("AddV2", "add", lambda x, y, z, dz: (dz, dz), NUMERIC, "x + y.", shortcut=True, flops=1)
Sub = _row("Sub", "subtract", lambda x, y, z, dz: (dz, -dz), NUMERIC, "x - y.", shortcut=True, flops=1)
Mul = _row("Mul", "multiply", None, NUMERIC, "x * y.", base=_Product, flops=1)
MulNoNan: type[Op] = _row("MulNoNan", lambda xp, x, y: xp.where(y == 0, y * 0, x * y),
                lambda x, y, z, dz: (make(MulNoNan, dz, y), make(MulNoNan, x, dz)), INEXACT,
                "x * y, and 0 wherever y is 0, even if x is infinite or NaN.", shortcut=True)
Maximum = _row("Maximum", "maximum", _maximum_slope(lambda: F.GreaterEqual), REAL, "The greater one.", flops=1)
Minimum = _row("Minimum", "minimum", _maximum_slope(lambda: F.LessEqual), REAL, "The lesser one.", flops=1)
Pow = _row("Pow", "power", _pow_slope, (*FLOATING, *SIGNED, *COMPLEX), "x to the power of y.", flops=1)
SquaredDifference = _row(
    "SquaredDifference", lambda xp, x, y: (x - y) * xp.conj(x - y) if x.dtype.kind == "c" else xp.square(x - y),
    _squared_difference_slope, (*INEXACT, dtypes.int32, dtypes.int64), "(x - y) squared; the squared modulus for complex numbers.",
    shortcut=True, flops=2)
Atan2 = _row("Atan2", "arctan2", _atan2_slope, FLOATING, "The angle in radians of the point (x, y).", sig="y: T, x: T -> z: T",
             ordered=True)
Xlogy: type[Op] = _logarithmic("Xlogy", lambda xp, x, y: x * xp.log(y), lambda one, x, y: (make(Xlogy, one, y), make(Xdivy, x, y)),
                     "x log(y), and 0 wherever x is 0.")
Xlog1py: type[Op] = _logarithmic("Xlog1py", lambda xp, x, y: x * xp.log1p(y),
                       lambda one, x, y: (make(Xlog1py, one, y), make(Xdivy, x, y + 1.0)),
                       "x log(1 + y), and 0 wherever x is 0.")
Xdivy: type[Op] = _logarithmic("Xdivy", lambda xp, x, y: x / y, lambda one, x, y: (make(Xdivy, one, y), make(Xdivy, -x, y ** 2)),
                     "x / y, and 0 wherever x is 0.")


@export("add", "math.add")
def add(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x + y elementwise, broadcast; strings are joined."""
    if not isinstance(x, Tensor):
        if context.default_graph().eager and isinstance(y, Tensor):
            return make(Add if y.dtype is dtypes.string else AddV2, x, y, name=name)
        with context.default_graph().name_scope(name or "Add") as scope:
            x = convert_to_tensor(x, name="x")
            return make(Add if x.dtype.base_dtype is dtypes.string else AddV2, x, y, name=scope)
    return make(Add if x.dtype.base_dtype is dtypes.string else AddV2, x, y, name=name or "Add")


@export("subtract", "math.subtract", old=["sub"])
def subtract(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x - y elementwise, broadcast."""
    return make(Sub, x, y, name=name)


@export("multiply", "math.multiply", old=["mul"])
def multiply(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x * y elementwise, broadcast."""
    return make(Mul, x, y, name=name)


@export("maximum", "math.maximum")
def maximum(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The greater of x and y elementwise, broadcast."""
    return make(Maximum, x, y, name=name)


@export("minimum", "math.minimum")
def minimum(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The lesser of x and y elementwise, broadcast."""
    return make(Minimum, x, y, name=name)


@export("pow", "math.pow")
def pow_(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x to the power of y elementwise, broadcast; integers refuse negative exponents when run."""
    return make(Pow, x, y, name=name)


@export("squared_difference", "math.squared_difference")
def squared_difference(x: Any, y: Any, name: str | None = None) -> Tensor:
    """(x - y) squared elementwise, broadcast; the squared modulus for complex numbers."""
    return make(SquaredDifference, x, y, name=name)


@export("atan2", "math.atan2")
def atan2(y: Any, x: Any, name: str | None = None) -> Tensor:
    """The angle in radians, in [-pi, pi], between the x axis and the point (x, y)."""
    return make(Atan2, y, x, name=name)


@export("scalar_mul", "math.scalar_mul")
def scalar_mul(scalar: Any, x: Any, name: str | None = None) -> Any:
    """scalar * x, where x may be a tensor or IndexedSlices; ValueError unless `scalar` is a scalar."""
    scalar = convert_to_tensor(scalar, x.dtype.base_dtype, name="scalar")
    if scalar.static != ():
        raise ValueError(f"The input scalar must be a 0-D value. Received shape {scalar.shape}.")
    if hasattr(x, "indices") and hasattr(x, "values"):
        return type(x)(multiply(scalar, x.values, name), x.indices, x.dense_shape)
    return multiply(scalar, x, name)


@export("math.multiply_no_nan")
def multiply_no_nan(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x * y, and 0 wherever y is 0, even if x is infinite or NaN."""
    with context.default_graph().name_scope(name or "multiply_no_nan") as scope:
        x = convert_to_tensor(x, name="x")
        return make(MulNoNan, x, convert_to_tensor(y, x.dtype.base_dtype, name="y"), name=scope)


@export("math.xlogy")
def xlogy(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x log(y) elementwise, and 0 wherever x is 0."""
    return make(Xlogy, x, y, name=name)


def _in_scope(cls: Any, scope: str) -> Any:
    def function(x: Any, y: Any, name: str | None = None) -> Tensor:
        with context.default_graph().name_scope(name or scope):
            return make(cls, x, y)
    function.__name__ = function.__qualname__ = scope
    function.__doc__ = cls.__doc__
    return export(f"math.{scope}")(function)


xlog1py = _in_scope(Xlog1py, "xlog1py")
xdivy = _in_scope(Xdivy, "xdivy")
