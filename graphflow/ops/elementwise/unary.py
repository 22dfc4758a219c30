"""Elementwise functions of one operand."""
from __future__ import annotations

from typing import Any

from ...core import context
from ...core.constant import constant_op
from ...core.convert import convert_to_tensor
from ...core.export import export
from ...core.make import make
from ...core.op import Op, load
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from .. import functions as F
from ..dtype_sets import INEXACT
from . import complex as complexes
from .mold import FLOATING, SIGNED, UNSIGNED, OfOne, UnaryBool, slope_op, unary

_FCS = (*INEXACT, *SIGNED)


def _conj(x: Any) -> Any:
    """conj(x), which for real tensors is x without any node."""
    return F.conj(x) if x.dtype.is_complex else x


def _one_minus_square(x: Any, dy: Any) -> tuple[Any, Any]:
    """Square of x, and the constant 1 to subtract it from."""
    return square(_conj(x)), constant_op(1, dy.dtype.base_dtype)


def _square_slope(x: Any, y: Any, dy: Any) -> Tensor:
    x = _conj(x)
    return F.multiply(dy, F.multiply(x, constant_op(2.0, x.dtype.base_dtype)))


def _asin_slope(x: Any, y: Any, dy: Any) -> Any:
    x2, one = _one_minus_square(x, dy)
    return dy * reciprocal(sqrt(F.subtract(one, x2)))


def _acos_slope(x: Any, y: Any, dy: Any) -> Any:
    x2, one = _one_minus_square(x, dy)
    inverse = reciprocal(sqrt(F.subtract(one, x2)))
    return -dy * inverse


def _atan_slope(x: Any, y: Any, dy: Any) -> Any:
    x2, one = _one_minus_square(x, dy)
    return dy * reciprocal(F.add(one, x2))


def _atanh_slope(x: Any, y: Any, dy: Any) -> Any:
    x2, one = _one_minus_square(x, dy)
    return dy * reciprocal(F.subtract(one, x2))


def _tan_slope(x: Any, y: Any, dy: Any) -> Any:
    return square(reciprocal(cos(_conj(x)))) * dy


def _tanh_grad_slope(y: Any, dy: Any, z: Any, dz: Any) -> Any:
    a, b = _conj(y), _conj(dy)
    return dz * -2.0 * b * a, make(TanhGrad, a, dz)


def _sigmoid_grad_slope(y: Any, dy: Any, z: Any, dz: Any) -> Any:
    a, b = _conj(y), _conj(dy)
    gb = dz * b
    return gb - 2.0 * gb * a, make(SigmoidGrad, a, dz)


def _reciprocal_grad_slope(y: Any, dy: Any, z: Any, dz: Any) -> Any:
    ca, cg = _conj(y), _conj(dz)
    return cg * -2.0 * dy * ca, make(ReciprocalGrad, ca, dz)


def _sqrt_grad_slope(y: Any, dy: Any, z: Any, dz: Any) -> Any:
    ga = dz / y
    return -_conj(ga) * z, 0.5 * ga


def _rsqrt_grad_slope(y: Any, dy: Any, z: Any, dz: Any) -> Any:
    ca, cg = _conj(y), _conj(dz)
    return -1.5 * cg * dy * square(ca), make(RsqrtGrad, ca, dz)


def _conjugated(xp: Namespace, y: Any) -> Any:
    return xp.conj(y) if y.dtype.kind == "c" else y


def _nothing_from_nothing(formula: Any) -> Any:
    """`formula`, and 0 where dy is 0, whatever y is there: no inf * 0 = nan flows back from what is masked out, as in TensorFlow."""
    return lambda xp, y, dy: xp.where(dy == 0, dy, formula(xp, y, dy))


def _grad_op(name: str, formula: Any, slope: Any, doc: str, flops: int = 0) -> type[Op]:
    return slope_op(name, formula, slope, INEXACT, __name__, doc, flops)


TanhGrad = _grad_op("TanhGrad", lambda xp, y, dy: dy * (1 - y * y), _tanh_grad_slope, "Gradient of y = tanh(x).")
SigmoidGrad = _grad_op("SigmoidGrad", lambda xp, y, dy: dy * y * (1 - y), _sigmoid_grad_slope,
                       "Gradient of y = sigmoid(x).")
ReciprocalGrad = _grad_op("ReciprocalGrad", _nothing_from_nothing(lambda xp, y, dy: -dy * _conjugated(xp, y * y)), _reciprocal_grad_slope,
                          "Gradient of y = 1 / x.")
InvGrad = _grad_op("InvGrad", _nothing_from_nothing(lambda xp, y, dy: -dy * _conjugated(xp, y * y)), _reciprocal_grad_slope,
                   "ReciprocalGrad of TF 0.x.")
SqrtGrad = _grad_op("SqrtGrad", _nothing_from_nothing(lambda xp, y, dy: dy * 0.5 / _conjugated(xp, y)), _sqrt_grad_slope,
                    "Gradient of y = sqrt(x).")
RsqrtGrad = _grad_op("RsqrtGrad", _nothing_from_nothing(lambda xp, y, dy: dy * -0.5 * _conjugated(xp, y * y * y)), _rsqrt_grad_slope,
                     "Gradient of y = 1 / sqrt(x).", flops=4)


def _row(name: str, formula: Any, slope: Any = None, types: Any = INEXACT, doc: str = "", **more: Any) -> type[Op]:
    return unary(name, formula, slope, types, doc=doc, module=__name__, **more)


Abs = _row("Abs", "abs", lambda x, y, dy: dy * F.sign(x), (*FLOATING, *SIGNED), "|x| of real numbers.", ordered=False)
Neg = _row("Neg", "negative", lambda x, y, dy: -dy, _FCS, "-x.", ordered=False, flops=1)
Sign = _row("Sign", "sign", lambda x, y, dy: F.zeros_like(x), _FCS, "-1, 0 or 1.", ordered=False)
Square = _row("Square", "square", _square_slope, (*_FCS, *UNSIGNED), "x * x.", flops=1)
Sqrt = _row("Sqrt", "sqrt", lambda x, y, dy: make(SqrtGrad, y, dy), doc="The square root.", ordered=False)
Rsqrt = _row("Rsqrt", "rsqrt", lambda x, y, dy: make(RsqrtGrad, y, dy), doc="1 / sqrt(x).", ordered=False, flops=2)
Reciprocal = _row("Reciprocal", "reciprocal", lambda x, y, dy: make(ReciprocalGrad, y, dy), _FCS, "1 / x.", ordered=False, flops=1)
Inv = _row("Inv", "reciprocal", lambda x, y, dy: make(ReciprocalGrad, y, dy), _FCS, "1 / x, in graphs of TF 0.x.", ordered=False)
Exp = _row("Exp", "exp", lambda x, y, dy: dy * _conj(y), doc="e to the power of x.")
Expm1 = _row("Expm1", "expm1", lambda x, y, dy: dy * exp(_conj(x)), doc="exp(x) - 1, exact near 0.")
Log = _row("Log", "log", lambda x, y, dy: dy * reciprocal(_conj(x)), doc="The natural logarithm.", flops=1)
Log1p = _row("Log1p", "log1p", lambda x, y, dy: dy * reciprocal(1 + _conj(x)), doc="log(1 + x), exact near 0.")
Sin = _row("Sin", "sin", lambda x, y, dy: dy * cos(_conj(x)), doc="Sine of an angle in radians.")
Cos = _row("Cos", "cos", lambda x, y, dy: -dy * sin(_conj(x)), doc="Cosine of an angle in radians.")
Tan = _row("Tan", "tan", _tan_slope, (*INEXACT, *SIGNED), doc="Tangent of an angle in radians.")
Asin = _row("Asin", "arcsin", _asin_slope, _FCS, "The angle in radians whose sine is x.")
Acos = _row("Acos", "arccos", _acos_slope, _FCS, "The angle in radians whose cosine is x.")
Atan = _row("Atan", "arctan", _atan_slope, _FCS, "The angle in radians whose tangent is x.")
Sinh = _row("Sinh", "sinh", lambda x, y, dy: dy * cosh(_conj(x)), doc="Hyperbolic sine.")
Cosh = _row("Cosh", "cosh", lambda x, y, dy: dy * sinh(_conj(x)), doc="Hyperbolic cosine.")
Tanh = _row("Tanh", "tanh", lambda x, y, dy: make(TanhGrad, _conj(y), dy), doc="Hyperbolic tangent.")
Asinh = _row("Asinh", "arcsinh", lambda x, y, dy: dy / cosh(_conj(y)), doc="Inverse hyperbolic sine.")
Acosh = _row("Acosh", "arccosh", lambda x, y, dy: dy / sinh(_conj(y)), doc="Inverse hyperbolic cosine.")
Atanh = _row("Atanh", "arctanh", _atanh_slope, doc="Inverse hyperbolic tangent.")
Sigmoid = _row("Sigmoid", "sigmoid", lambda x, y, dy: make(SigmoidGrad, _conj(y), dy), doc="1 / (1 + exp(-x)).")
Floor = _row("Floor", "floor", None, FLOATING, "The greatest whole number not above x.")
Ceil = _row("Ceil", "ceil", None, FLOATING, "The least whole number not below x.")
Rint = _row("Rint", "rint", None, FLOATING, "The nearest whole number, ties to even.")
Round = _row("Round", "rint", None, _FCS, "The nearest whole number, ties to even.")
IsNan = _row("IsNan", "isnan", None, FLOATING, "Which elements are not a number.", base=UnaryBool)
IsInf = _row("IsInf", "isinf", None, FLOATING, "Which elements are infinite.", base=UnaryBool)
IsFinite = _row("IsFinite", "isfinite", None, FLOATING, "Which elements are neither infinite nor NaN.", base=UnaryBool)


_ON_SPARSE = ("negative", "square", "sqrt", "tanh", "sin", "tan", "asin", "atan", "asinh", "atanh")      # those that TensorFlow maps


def _function(cls: type[Op], function_name: str, *names: str, old: tuple[str, ...] = ()) -> OfOne:
    """The public function of a table row, whose only arguments are x and name."""
    keeps_zeros = function_name in _ON_SPARSE

    def function(x: Any, name: str | None = None) -> Tensor:
        if keeps_zeros and hasattr(x, "_graphflow_map"):  # sparse tensors: on the values
            return x._graphflow_map(function, name)
        return make(cls, x, name=name)
    function.__name__ = function.__qualname__ = function_name
    function.__doc__ = f"{(cls.__doc__ or '').rstrip('.')}, elementwise; dtype and shape of x are kept."
    return export(*names, old=old)(function)


negative = _function(Neg, "negative", "negative", "math.negative", old=("neg",))
square = _function(Square, "square", "square", "math.square")
sqrt = _function(Sqrt, "sqrt", "sqrt", "math.sqrt")
rsqrt = _function(Rsqrt, "rsqrt", "rsqrt", "math.rsqrt")
reciprocal: OfOne = _function(Reciprocal, "reciprocal", "reciprocal", "math.reciprocal", old=("inv",))
exp: OfOne = _function(Exp, "exp", "exp", "math.exp")
expm1 = _function(Expm1, "expm1", "expm1", "math.expm1")
log = _function(Log, "log", "log", "math.log")
log1p = _function(Log1p, "log1p", "log1p", "math.log1p")
sin: OfOne = _function(Sin, "sin", "sin", "math.sin")
cos: OfOne = _function(Cos, "cos", "cos", "math.cos")
tan = _function(Tan, "tan", "tan", "math.tan")
asin = _function(Asin, "asin", "asin", "math.asin")
acos = _function(Acos, "acos", "acos", "math.acos")
atan = _function(Atan, "atan", "atan", "math.atan")
sinh: OfOne = _function(Sinh, "sinh", "sinh", "math.sinh")
cosh: OfOne = _function(Cosh, "cosh", "cosh", "math.cosh")
tanh = _function(Tanh, "tanh", "tanh", "math.tanh", "nn.tanh")
asinh = _function(Asinh, "asinh", "asinh", "math.asinh")
acosh = _function(Acosh, "acosh", "acosh", "math.acosh")
atanh = _function(Atanh, "atanh", "atanh", "math.atanh")
floor = _function(Floor, "floor", "floor", "math.floor")
ceil = _function(Ceil, "ceil", "ceil", "math.ceil")
rint = _function(Rint, "rint", "rint", "math.rint")
_IS_DOC = "; a tensor of booleans of x's shape."


def _test(cls: type[Op], function_name: str, *names: str) -> OfOne:
    function = _function(cls, function_name, *names)
    function.__doc__ = (cls.__doc__ or "").rstrip(".") + _IS_DOC
    return function


is_nan = _test(IsNan, "is_nan", "is_nan", "math.is_nan", "debugging.is_nan")
is_inf = _test(IsInf, "is_inf", "is_inf", "math.is_inf", "debugging.is_inf")
is_finite = _test(IsFinite, "is_finite", "is_finite", "math.is_finite", "debugging.is_finite")


@export("abs", "math.abs", old=["complex_abs"])
def abs_(x: Any, name: str | None = None) -> Any:
    """|x| elementwise; for complex x the modulus, of the real dtype of the same precision."""
    if hasattr(x, "_graphflow_map"):  # sparse tensors: on the values
        return x._graphflow_map(abs_, name or "Abs")
    if x.__class__ is Tensor and not x.dtype.is_complex:
        return make(Abs, x, name=name)
    with context.default_graph().name_scope(name or "Abs") as scope:
        x = convert_to_tensor(x, name="x")
        if x.dtype.is_complex:
            return complexes.complex_abs(x, scope)
        return make(Abs, x, name=scope)


@export("sign", "math.sign")
def sign(x: Any, name: str | None = None) -> Tensor:
    """-1, 0 or 1 by the sign of x; x / |x| for complex x (0 where x is 0)."""
    if hasattr(x, "_graphflow_map"):  # sparse tensors: on the values
        return x._graphflow_map(sign, name)
    x = convert_to_tensor(x)
    if x.dtype.is_complex:
        return make(F.DivNoNan, x, F.cast(complexes.complex_abs(x), x.dtype.base_dtype), name=name)
    return make(Sign, x, name=name)


@export("round", "math.round")
def round_(x: Any, name: str | None = None) -> Tensor:
    """The nearest whole numbers, ties to even; integers are returned as they are."""
    x = convert_to_tensor(x, name="x")
    return x if x.dtype.is_integer else make(Round, x, name=name)


@export("sigmoid", "math.sigmoid", "nn.sigmoid")
def sigmoid(x: Any, name: str | None = None) -> Tensor:
    """1 / (1 + exp(-x)) elementwise."""
    return make(Sigmoid, x, name=name)


@export("log_sigmoid", "math.log_sigmoid", "nn.log_sigmoid")
def log_sigmoid(x: Any, name: str | None = None) -> Tensor:
    """log(sigmoid(x)) = -softplus(-x), which does not underflow."""
    with context.default_graph().name_scope(name or "LogSigmoid") as scope:
        x = convert_to_tensor(x, name="x")
        return make(Neg, make(load("Softplus"), -x), name=scope)
