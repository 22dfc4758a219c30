"""Special functions: error functions, gamma and its kin, Bessel functions. The numerics are in `graphflow.kernels.special`."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import context, dtypes
from ...core.constant import constant_op
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of
from ...core.operation import Operation
from ...core.shapes import merge
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from .. import functions as F
from ..array.basic import shape_internal
from ..dtype_sets import WIDE
from ..reduce import reduction
from . import binary, comparison, division, unary
from .broadcasting import BroadcastGradientArgs, sum_to
from .mold import FLOATING, Binary, OfOne, Unary
from .mold import binary as binary_class
from .mold import unary as unary_class


class _Scaled(Unary):
    """The gradient has a constant factor, made before the nodes that wait for dy."""
    factor = 1.0

    def grad(self, op: Operation, dy: Any) -> Any:
        factor = constant_op(self.factor, dy.dtype.base_dtype)
        with context.default_graph().control_dependencies([dy]):
            return (dy * factor * self.slope(op.inputs[0], op.outputs[0]),)


def _scaled(name: str, formula: str, factor: float, slope: Any, doc: str) -> type[Op]:
    base = type(f"_{name}", (_Scaled,), {"factor": factor})
    return unary_class(name, formula, slope, FLOATING, base, doc=doc, module=__name__)


def _row(name: str, formula: str, slope: Any, doc: str) -> type[Op]:
    return unary_class(name, formula, slope, FLOATING, doc=doc, module=__name__)


def _i1_slope(x: Any, y: Any, dy: Any) -> Any:
    flat = F.where_v2(comparison.equal(x, 0.0), F.cast(1.0, x.dtype), bessel_i0(x) - division.python2_div(y, x))
    return dy * flat


def _i1e_slope(x: Any, y: Any, dy: Any) -> Any:
    at_zero = comparison.equal(x, 0.0)
    half = F.cast(0.5, x.dtype)
    return dy * F.where_v2(at_zero, half, bessel_i0e(x) - y * (unary.sign(x) + unary.reciprocal(x)))


Erf = _scaled("Erf", "erf", 2 / np.sqrt(np.pi), lambda x, y: unary.exp(-unary.square(x)), "The error function.")
Erfc = _scaled("Erfc", "erfc", -2 / np.sqrt(np.pi), lambda x, y: unary.exp(-unary.square(x)), "1 minus the error function.")
Erfinv = _scaled("Erfinv", "erfinv", np.sqrt(np.pi) / 2, lambda x, y: unary.exp(unary.square(y)), "The inverse error function.")
Ndtri = _scaled("Ndtri", "ndtri", np.sqrt(2 * np.pi), lambda x, y: unary.exp(unary.square(y) / 2.0), "The quantiles of the normal law.")
Lgamma = _row("Lgamma", "lgamma", lambda x, y, dy: dy * digamma(x), "The logarithm of |gamma(x)|.")
Digamma = _row("Digamma", "digamma", lambda x, y, dy: dy * F.polygamma(constant_op(1, x.dtype.base_dtype), x),
               "The derivative of log gamma(x).")
BesselI0 = _row("BesselI0", "bessel_i0", lambda x, y, dy: dy * bessel_i1(x), "The modified Bessel function of order 0.")
BesselI0e = _row("BesselI0e", "bessel_i0e", lambda x, y, dy: dy * (bessel_i1e(x) - unary.sign(x) * y), "exp(-|x|) I0(x).")
BesselI1 = _row("BesselI1", "bessel_i1", _i1_slope, "The modified Bessel function of order 1.")
BesselI1e = _row("BesselI1e", "bessel_i1e", _i1e_slope, "exp(-|x|) I1(x).")


class _TwoSided(Binary):
    """Gradients are sums by BroadcastGradientArgs, whatever the static shapes tell, after dz."""
    ordered = True

    def grad(self, op: Operation, dz: Any) -> Any:
        x, y = op.inputs
        sx, sy = shape_internal(x), shape_internal(y)
        rx, ry = make(BroadcastGradientArgs, sx, sy)
        with context.default_graph().control_dependencies([dz]):
            gx, gy = self.slope(x, y, op.outputs[0], dz)
            return (None if gx is None else sum_to(gx * dz, rx, sx)), (None if gy is None else sum_to(gy * dz, ry, sy))


def _pair(name: str, formula: str, slope: Any, doc: str, types: Any = WIDE, sig: str = "a: T, x: T -> z: T") -> type[Op]:
    return binary_class(name, formula, slope, types, _TwoSided, doc=doc, module=__name__, sig=sig)


def _igamma_slope(a: Any, x: Any, z: Any, dz: Any) -> tuple[Any, Any]:
    by_a = make(IgammaGradA, a, x)
    return by_a, unary.exp(-x + (a - 1) * unary.log(x) - lgamma(a))


def _zeta_slope(x: Any, q: Any, z: Any, dz: Any) -> tuple[Any, Any]:
    return None, -x * zeta(x + 1, q)


Igamma = _pair("Igamma", "igamma", _igamma_slope, "The regularised lower incomplete gamma function.", FLOATING)
IgammaGradA = binary_class("IgammaGradA", "igamma_grad_a", None, WIDE, doc="The derivative of Igamma by a.", module=__name__,
                           sig="a: T, x: T -> z: T")
Zeta = _pair("Zeta", "zeta", _zeta_slope, "Hurwitz's zeta function.", sig="x: T, q: T -> z: T")
Polygamma = _pair("Polygamma", "polygamma", lambda n, x, z, dz: (None, F.polygamma(n + 1, x)), "The a-th derivative of digamma.")


class _Complement(_TwoSided):
    def grad(self, op: Operation, dz: Any) -> Any:
        gx, gy = super().grad(op, dz)
        return -gx, -gy


Igammac = binary_class("Igammac", "igammac", _igamma_slope, FLOATING, _Complement, module=__name__, sig="a: T, x: T -> z: T",
                       doc="The regularised upper incomplete gamma function.")


class Betainc(Op, sig="a: T, b: T, x: T -> z: T"):
    """The regularised incomplete beta function."""
    elementwise = True
    T: DType = one_of(WIDE)

    def infer(self, a: Spec, b: Spec, x: Spec) -> Spec:
        shape: Any = None
        for s in (a, b, x):
            if s.shape != ():
                shape = merge(shape, s.shape)
        return Spec(self.T, () if a.shape == b.shape == x.shape == () else shape)

    def kernel(self, xp: Namespace, a: Any, b: Any, x: Any) -> Any:
        return xp.betainc(a, b, x)

    def grad(self, op: Operation, dz: Any) -> Any:
        a, b, x = op.inputs
        sa, sx = shape_internal(a), shape_internal(x)
        _, rx = make(BroadcastGradientArgs, sa, sx)
        log_beta = lgamma(a) + lgamma(b) - lgamma(a + b)
        first = binary.xlog1py(b - 1, -x)
        by_x = unary.exp(first + binary.xlogy(a - 1, x) - log_beta)
        return None, None, sum_to(by_x * dz, rx, sx)


_ON_SPARSE = ("erf", "bessel_i0e", "bessel_i1e")     # take sparse tensors too, on whose values they work, as in TensorFlow


def _function(cls: type[Op], function_name: str, *names: str) -> OfOne:
    def function(x: Any, name: str | None = None) -> Tensor:
        if function_name in _ON_SPARSE and hasattr(x, "_graphflow_map"):
            return x._graphflow_map(function, name)
        return make(cls, x, name=name)
    function.__name__ = function.__qualname__ = function_name
    function.__doc__ = f"{(cls.__doc__ or '').rstrip('.')}, elementwise."
    return export(*names)(function)


def _scoped(cls: type[Op], function_name: str, *names: str) -> OfOne:
    """As `_function`, with a name scope of its own around the node."""
    def function(x: Any, name: str | None = None) -> Tensor:
        if function_name in _ON_SPARSE and hasattr(x, "_graphflow_map"):
            return x._graphflow_map(function, name)
        with context.default_graph().name_scope(name or function_name):
            return make(cls, x)
    function.__name__ = function.__qualname__ = function_name
    function.__doc__ = f"{(cls.__doc__ or '').rstrip('.')}, elementwise."
    return export(*names)(function)


erf = _function(Erf, "erf", "erf", "math.erf")
erfc = _function(Erfc, "erfc", "erfc", "math.erfc")
lgamma = _function(Lgamma, "lgamma", "lgamma", "math.lgamma")
digamma: OfOne = _function(Digamma, "digamma", "digamma", "math.digamma")
erfinv = _scoped(Erfinv, "erfinv", "math.erfinv")
ndtri = _scoped(Ndtri, "ndtri", "math.ndtri")
bessel_i0 = _scoped(BesselI0, "bessel_i0", "math.bessel_i0", "math.special.bessel_i0")
bessel_i0e = _scoped(BesselI0e, "bessel_i0e", "math.bessel_i0e", "math.special.bessel_i0e")
bessel_i1: OfOne = _scoped(BesselI1, "bessel_i1", "math.bessel_i1", "math.special.bessel_i1")
bessel_i1e: OfOne = _scoped(BesselI1e, "bessel_i1e", "math.bessel_i1e", "math.special.bessel_i1e")


@export("math.erfcinv")
def erfcinv(x: Any, name: str | None = None) -> Tensor:
    """The inverse of erfc."""
    with context.default_graph().name_scope(name or "erfcinv"):
        x = convert_to_tensor(x, name="start")
        return -ndtri(0.5 * x) * np.sqrt(0.5)


@export("igamma", "math.igamma")
def igamma(a: Any, x: Any, name: str | None = None) -> Tensor:
    """The regularised lower incomplete gamma function P(a, x) for a > 0, x >= 0, elementwise and broadcast."""
    return make(Igamma, a, x, name=name)


@export("igammac", "math.igammac")
def igammac(a: Any, x: Any, name: str | None = None) -> Tensor:
    """The regularised upper incomplete gamma function Q(a, x) = 1 - P(a, x)."""
    return make(Igammac, a, x, name=name)


@export("zeta", "math.zeta")
def zeta(x: Any, q: Any, name: str | None = None) -> Tensor:
    """Hurwitz's zeta: the sum of (q + n)^-x over n = 0, 1, ..., for x > 1."""
    return make(Zeta, x, q, name=name)


@export("polygamma", "math.polygamma")
def polygamma(a: Any, x: Any, name: str | None = None) -> Tensor:
    """The a-th derivative of digamma at x, for whole a >= 0."""
    return make(Polygamma, a, x, name=name)


@export("betainc", "math.betainc")
def betainc(a: Any, b: Any, x: Any, name: str | None = None) -> Tensor:
    """The regularised incomplete beta function I_x(a, b); a gradient by x only."""
    return make(Betainc, a, b, x, name=name)


@export("lbeta", "math.lbeta")
def lbeta(x: Any, name: str | None = None) -> Tensor:
    """The logarithm of the beta function of the vectors in the last axis: sum(lgamma(x)) - lgamma(sum(x))."""
    with context.default_graph().name_scope(name or "lbeta"):
        x = convert_to_tensor(x, name="x")
        product = reduction.reduce_sum(lgamma(x), axis=[-1])
        total = reduction.reduce_sum(x, axis=[-1])
        return product - lgamma(total)


class NextAfter(Binary, sig="x1: T, x2: T -> output: T"):
    """The next number after x1 in the direction of x2."""
    formula = "nextafter"
    T: DType = one_of((dtypes.float64, dtypes.float32), default=dtypes.float32)

    def grad(self, op: Operation, dz: Any) -> Any:
        a, b = op.inputs
        sa, sb = shape_internal(a), shape_internal(b)
        ra, rb = make(BroadcastGradientArgs, sa, sb)
        with context.default_graph().control_dependencies([dz]):
            by_a, by_b = F.ones(sa, a.dtype.base_dtype), F.zeros(sb, b.dtype.base_dtype)
            return sum_to(by_a * dz, ra, sa), sum_to(by_b * dz, rb, sb)


@export("math.nextafter")
def nextafter(x1: Any, x2: Any, name: str | None = None) -> Tensor:
    """The next representable number after x1 in the direction of x2, elementwise and broadcast."""
    return make(NextAfter, x1, x2, name=name)
