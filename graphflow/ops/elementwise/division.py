"""Division and remainders.

`/` divides as Python 3 does (integers become floats), `//` and `%` round down, `tf.div` follows Python 2 (integers round down),
`truncatediv` and `truncatemod` follow C (towards zero).
"""
from __future__ import annotations

from typing import Any

from ...core import context, dtypes
from ...core.constant import constant_op
from ...core.convert import convert_to_tensor
from ...core.deprecation import warn_once
from ...core.dtypes import DType
from ...core.export import export
from ...core.make import make
from ...core.op import Op
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from .. import functions as F
from ..dtype_sets import INEXACT
from .complex import conj
from .mold import FLOATING, NUMERIC, REAL, binary

_SMALL = (dtypes.int8, dtypes.uint8, dtypes.int16, dtypes.uint16)


def _row(name: str, formula: Any, slope: Any, types: Any, doc: str, flops: int = 0) -> type[Op]:
    return binary(name, formula, slope, types, doc=doc, module=__name__, flops=flops)


def _quotient_slope(divide: Any) -> Any:
    """dz / y and -x / y / y dz."""
    def slope(x: Any, y: Any, z: Any, dz: Any) -> tuple[Any, Any]:
        cx, cy = conj(x), conj(y)
        gx = divide(dz, cy)
        return gx, dz * divide(divide(-cx, cy), cy)
    return slope


def _floor_mod_slope(x: Any, y: Any, z: Any, dz: Any) -> tuple[Any, Any]:
    return dz, dz * F.negative(floor_div(conj(x), conj(y)))


def _check(xp: Namespace, x: Any, y: Any) -> None:
    """Integers are not divided by zero; where there is nothing to divide, a zero is no harm."""
    if x.size and y.size:
        xp.check(y == 0, "Integer division by zero")


def _towards_zero(xp: Namespace, x: Any, y: Any) -> Any:
    _check(xp, x, y)
    down = xp.floor_divide(x, y)
    return down if x.dtype.kind == "u" else down + xp.astype((xp.remainder(x, y) != 0) & ((x < 0) ^ (y < 0)), x.dtype)


def _truncated(xp: Namespace, x: Any, y: Any) -> Any:
    return _towards_zero(xp, x, y) if x.dtype.kind in "iu" else xp.trunc(x / y)


def _plain(xp: Namespace, x: Any, y: Any) -> Any:
    return _towards_zero(xp, x, y) if x.dtype.kind in "iu" else x / y


def _floored(xp: Namespace, x: Any, y: Any) -> Any:
    if x.dtype.kind not in "iu":
        return xp.floor(x / y)
    _check(xp, x, y)
    return xp.floor_divide(x, y)


def _floor_mod(xp: Namespace, x: Any, y: Any) -> Any:
    if x.dtype.kind in "iu":
        _check(xp, x, y)
    return xp.remainder(x, y)


def _truncate_mod(xp: Namespace, x: Any, y: Any) -> Any:
    if x.dtype.kind in "iu":
        _check(xp, x, y)
    return xp.fmod(x, y)


_C_TYPES = (dtypes.int32, dtypes.int64, *FLOATING)
RealDiv = _row("RealDiv", _plain, _quotient_slope(lambda x, y: F.realdiv(x, y)), NUMERIC, "x / y of real and complex numbers.", flops=1)
Div = _row("Div", _plain, _quotient_slope(lambda x, y: F.divide(x, y)), NUMERIC, "x / y; integers towards zero.")
FloorDiv = _row("FloorDiv", _floored, None, NUMERIC, "floor(x / y).")
FloorMod = _row("FloorMod", _floor_mod, _floor_mod_slope, REAL, "The remainder of the division rounded down: it has the sign of y.")
TruncateDiv = _row("TruncateDiv", _truncated, None, NUMERIC, "x / y rounded towards zero.")
TruncateMod = _row("TruncateMod", _truncate_mod, None, _C_TYPES, "The remainder of the division towards zero: it has the sign of x.")
Mod = _row("Mod", _truncate_mod, None, _C_TYPES, "TruncateMod, in graphs of TF 1.x.")
for _kind in (TruncateMod, Mod):  # TensorFlow knows no gradient of these: an error is better than silence
    _kind.grad = Op.grad  # type: ignore[method-assign]
DivNoNan = _row("DivNoNan", lambda xp, x, y: xp.where(y == 0, y * 0, x / y), _quotient_slope(lambda x, y: F.div_no_nan(x, y)), INEXACT,
                "x / y, and 0 wherever y is 0.")


def _pair(x: Any, y: Any) -> tuple[Tensor, Tensor]:
    """Both operands as tensors of one dtype, which x chooses; TypeError when y has another."""
    x = convert_to_tensor(x, name="x")
    y = convert_to_tensor(y, None, "y", x.dtype.base_dtype)
    if x.dtype.base_dtype is not y.dtype.base_dtype:
        raise TypeError(f"`x` and `y` must have the same dtype, got {x.dtype.base_dtype!r} != {y.dtype.base_dtype!r}. "
                        f"tf.cast(y, {x.dtype.base_dtype!r}) converts.")
    return x, y


def _real_dtype(dtype: DType, where: str) -> DType | None:
    """What integers become for a true division: float32 for 8 and 16 bits, else float64; None for other numbers."""
    if dtype.is_integer and not dtype.is_quantized:
        return dtypes.float32 if dtype in _SMALL else dtypes.float64
    if not (dtype.is_floating or dtype.is_complex):
        raise TypeError(f"Invalid dtype {dtype!r} in {where}. Expected one of the integer, floating or complex types.")
    return None


def _true_division(cls: Any, x: Any, y: Any, scope: str, where: str) -> Tensor:
    x, y = _pair(x, y)
    real = _real_dtype(x.dtype.base_dtype, where)
    if real is not None:
        x, y = F.cast(x, real), F.cast(y, real)
    return make(cls, x, y, name=scope)


@export("truediv", "math.truediv")
def truediv(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x / y as Python 3 divides: integers become floats first (float32 up to 16 bits, else float64)."""
    with context.default_graph().name_scope(name or "truediv") as scope:
        return _true_division(RealDiv, x, y, scope, "__truediv__")


@export("divide", "math.divide")
def divide(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x / y as Python 3 divides."""
    if hasattr(x, "_graphflow_map"):        # a sparse tensor
        return x / y
    if name is None and not isinstance(x, Tensor) and not hasattr(x, "_as_graph_element"):
        x = convert_to_tensor(x, y.dtype.base_dtype if isinstance(y, Tensor) else None)
    return truediv(x, y, name)


@export("div")
def div(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x / y as Python 2 divides: integers are rounded down. Deprecated: use x / y or x // y."""
    warn_once("tf.div is deprecated: use x / y, or x // y for integers")
    return python2_div(x, y, name)


def python2_div(x: Any, y: Any, name: str | None = None) -> Tensor:
    """As `tf.div`, without the warning."""
    with context.default_graph().name_scope(name or "div") as scope:
        x = convert_to_tensor(x, name="x")
        y = convert_to_tensor(y, x.dtype.base_dtype, name="y")
        real = x.dtype.is_floating or x.dtype.is_complex
        return make(RealDiv if real else FloorDiv, x, y, name=scope)


@export("div_no_nan", "math.divide_no_nan")
def div_no_nan(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x / y, and 0 wherever y is 0; integers become floats first."""
    with context.default_graph().name_scope(name or "div_no_nan") as scope:
        if not isinstance(x, Tensor) and isinstance(y, Tensor):
            x = convert_to_tensor(x, y.dtype.base_dtype, name="x")
        return _true_division(DivNoNan, x, y, scope, "tf.math.divide_no_nan")


@export("math.reciprocal_no_nan")
def reciprocal_no_nan(x: Any, name: str | None = None) -> Tensor:
    """1 / x, and 0 wherever x is 0."""
    with context.default_graph().name_scope(name or "reciprocal_no_nan") as scope:
        x = convert_to_tensor(x, name="x")
        return make(DivNoNan, constant_op(1, x.dtype.base_dtype, None, "one"), x, name=scope)


@export("floordiv", "math.floordiv")
def floordiv(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x / y rounded down, as Python's //."""
    return make(FloorDiv, x, y, name=name or "floordiv")


@export("realdiv")
def realdiv(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x / y of real or complex numbers."""
    return make(RealDiv, x, y, name=name)


@export("floor_div")
def floor_div(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x / y rounded down, as Python's //."""
    return make(FloorDiv, x, y, name=name)


@export("floormod", "mod", "math.floormod", "math.mod")
def floormod(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The remainder with the sign of y, as Python's %."""
    return make(FloorMod, x, y, name=name)


@export("truncatediv")
def truncatediv(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x / y rounded towards zero, as in C."""
    return make(TruncateDiv, x, y, name=name)


@export("truncatemod")
def truncatemod(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The remainder with the sign of x, as in C."""
    return make(TruncateMod, x, y, name=name)
