"""Comparisons and logic, elementwise with broadcasting; results are booleans and have no gradient."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import dtypes, shapes
from ...core.dtypes import DType
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from .mold import COMPLEX, QUANTIZED, REAL, Comparison, OfTwo, binary


def _row(name: str, formula: str, types: Any, doc: str, sig: str = "x: T, y: T -> z: bool", **attributes: Any) -> Any:
    return binary(name, formula, None, types, Comparison, doc=doc, module=__name__, sig=sig, **attributes)


_BOOLEANS = "x: bool, y: bool -> z: bool"

Less = _row("Less", "less", REAL, "x < y.", flops=1)
LessEqual = _row("LessEqual", "less_equal", REAL, "x <= y.", flops=1)
Greater = _row("Greater", "greater", REAL, "x > y.", flops=1)
GreaterEqual = _row("GreaterEqual", "greater_equal", REAL, "x >= y.", flops=1)
LogicalAnd = _row("LogicalAnd", "logical_and", None, "x and y.", _BOOLEANS)
LogicalOr = _row("LogicalOr", "logical_or", None, "x or y.", _BOOLEANS)


class _Equality(Comparison):
    """With incompatible_shape_error=False, shapes that cannot be broadcast make one answer (False or True) instead of an error."""
    plain = True
    flops_per_element = 1
    T: DType
    incompatible_shape_error: bool = True
    unequal = True

    def infer(self, x: Spec, y: Spec) -> Spec:
        if self.incompatible_shape_error:
            return super().infer(x, y)
        try:
            shape = shapes.broadcast(x.shape, y.shape)
        except ValueError:
            shape = ()
        return Spec(dtypes.bool, shape if shape == () or (shape is not None and None not in shape) else None)

    def kernel(self, xp: Namespace, x: Any, y: Any) -> Any:
        if not self.incompatible_shape_error:
            rank = min(len(x.shape), len(y.shape))
            pairs = zip(x.shape[len(x.shape) - rank:], y.shape[len(y.shape) - rank:])
            if any(a != b and 1 not in (a, b) for a, b in pairs):
                return np.asarray(self.unequal)
        return super().kernel(xp, x, y)


class Equal(_Equality, sig="x: T, y: T -> z: bool"):
    """x == y, of any dtype."""
    formula = "equal"
    unequal = False


class NotEqual(_Equality, sig="x: T, y: T -> z: bool"):
    """x != y, of any dtype."""
    formula = "not_equal"


class LogicalNot(Op, sig="x: bool -> y: bool"):
    """not x."""
    elementwise = True

    def infer(self, x: Spec) -> Spec:
        return x

    def kernel(self, xp: Namespace, x: Any) -> Any:
        return xp.logical_not(x)

    def grad(self, op: Operation, dy: Any) -> Any:
        return (None,)


class ApproximateEqual(Op, sig="x: T, y: T -> z: bool"):
    """|x - y| < tolerance, for equal shapes."""
    elementwise = True
    T: DType = one_of(REAL, COMPLEX, QUANTIZED)
    tolerance: float = 1e-05

    def infer(self, x: Spec, y: Spec) -> Spec:
        return Spec(dtypes.bool, shapes.merge(x.shape, y.shape))

    def kernel(self, xp: Namespace, x: Any, y: Any) -> Any:
        if self.T.is_unsigned:
            return xp.maximum(x, y) - xp.minimum(x, y) < self.tolerance
        return xp.abs(x - y) < self.tolerance

    def grad(self, op: Operation, dy: Any) -> Any:
        return None, None


def _function(cls: type[Op], function_name: str) -> OfTwo:
    def function(x: Any, y: Any, name: str | None = None) -> Tensor:
        return make(cls, x, y, name=name)
    function.__name__ = function.__qualname__ = function_name
    function.__doc__ = f"{(cls.__doc__ or '').rstrip('.')}, elementwise and broadcast; a tensor of booleans."
    return export(function_name, f"math.{function_name}")(function)


less = _function(Less, "less")
less_equal = _function(LessEqual, "less_equal")
greater = _function(Greater, "greater")
greater_equal = _function(GreaterEqual, "greater_equal")
equal = _function(Equal, "equal")
not_equal = _function(NotEqual, "not_equal")
logical_and = _function(LogicalAnd, "logical_and")
logical_or = _function(LogicalOr, "logical_or")


@export("logical_not", "math.logical_not")
def logical_not(x: Any, name: str | None = None) -> Tensor:
    """not x, elementwise."""
    return make(LogicalNot, x, name=name)


@export("logical_xor", "math.logical_xor")
def logical_xor(x: Any, y: Any, name: str | None = "LogicalXor") -> Tensor:
    """Whether exactly one of x and y is true: (x or y) and not (x and y)."""
    return logical_and(logical_or(x, y), logical_not(logical_and(x, y)), name)


@export("approximate_equal", "math.approximate_equal")
def approximate_equal(x: Any, y: Any, tolerance: float = 1e-05, name: str | None = None) -> Tensor:
    """|x - y| < tolerance elementwise; both need the same shape."""
    return make(ApproximateEqual, x, y, name=name, tolerance=float(np.float32(tolerance)))
