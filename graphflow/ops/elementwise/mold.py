"""Moulds of elementwise ops: one line per op in the tables of `unary.py`, `binary.py` and `special.py`.

`formula` is a function of (xp, x) or, when it is one function of the array namespace, that function's name. `slope` makes the
gradient out of ops, node for node as TensorFlow does; with `ordered` its nodes wait for dy by a control edge, as TensorFlow's do.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Protocol

from ...core import context, dtypes, shapes
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType
from ...core.op import Op, Spec, one_of
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from ..dtype_sets import COMPLEX, FLOATING, INTEGER, NUMERIC, QUANTIZED, REAL, SIGNED, UNSIGNED
from .broadcasting import fully_equal, reduce_gradients

Formula = str | Callable[..., Any]


class OfOne(Protocol):
    """A public function of a table's row with one operand."""
    def __call__(self, x: Any, name: str | None = None) -> Tensor: ...


class OfTwo(Protocol):
    """A public function of a table's row with two operands."""
    def __call__(self, x: Any, y: Any, name: str | None = None) -> Tensor: ...


class Unary(Op):
    """Output of the input's dtype and shape."""
    elementwise = True
    formula: ClassVar[Any] = None     # (xp, x) -> y
    slope: ClassVar[Any] = None       # (x, y, dy) -> dx, tensors
    ordered = True

    def infer(self, x: Spec) -> Spec:
        return x

    def kernel(self, xp: Namespace, x: Any) -> Any:
        return getattr(xp, self.formula)(x) if isinstance(self.formula, str) else self.formula(xp, x)

    def grad(self, op: Operation, dy: Any) -> Any:
        if self.slope is None:
            return (None,)
        if not self.ordered:
            return (self.slope(op.inputs[0], op.outputs[0], dy),)
        with context.default_graph().control_dependencies([dy]):
            return (self.slope(op.inputs[0], op.outputs[0], dy),)


class UnaryBool(Unary):
    """Output of booleans."""

    def infer(self, x: Spec) -> Spec:
        return Spec(dtypes.bool, x.shape)


class Binary(Op):
    """Two operands of one dtype, broadcast against each other."""
    elementwise = True
    formula: ClassVar[Any] = None     # (xp, x, y) -> z
    slope: ClassVar[Any] = None       # (x, y, z, dz) -> (dx, dy) before summing over broadcast axes
    ordered = False         # gradient nodes wait for dz by a control edge
    shortcut = False        # equal static shapes need no sums: the slopes are the gradients

    def infer(self, x: Spec, y: Spec) -> Spec:
        return Spec(x.dtype, shapes.broadcast(x.shape, y.shape))

    def kernel(self, xp: Namespace, x: Any, y: Any) -> Any:
        return getattr(xp, self.formula)(x, y) if isinstance(self.formula, str) else self.formula(xp, x, y)

    def grad(self, op: Operation, dz: Any) -> Any:
        if self.slope is None:
            return None, None
        if self.ordered:
            with context.default_graph().control_dependencies([dz]):
                return self.slopes(op, dz)
        return self.slopes(op, dz)

    def slopes(self, op: Any, dz: Any) -> Any:
        x, y = op.inputs
        pair = self.slope(x, y, op.outputs[0], dz)
        if self.shortcut and fully_equal(x, y, dz):
            return pair
        return reduce_gradients(x, y, *pair)


class Comparison(Binary):
    """Two operands of one dtype; booleans."""

    def infer(self, x: Spec, y: Spec) -> Spec:
        return Spec(dtypes.bool, shapes.broadcast(x.shape, y.shape))


class SlopeOp(Op):
    """The fused gradient ops (TanhGrad, SigmoidGrad, ...): y and dy of one shape; `slope` gives the gradients of both."""
    elementwise = True
    formula: ClassVar[Any] = None
    slope: ClassVar[Any] = None       # (y, dy, z, dz) -> pair

    def infer(self, y: Spec, dy: Spec) -> Spec:
        return Spec(y.dtype, shapes.merge(y.shape, dy.shape))

    def kernel(self, xp: Namespace, y: Any, dy: Any) -> Any:
        return self.formula(xp, y, dy)

    def grad(self, op: Operation, dz: Any) -> Any:
        dz = convert_to_tensor(dz)
        with context.default_graph().control_dependencies([dz]):
            return self.slope(*op.inputs, op.outputs[0], dz)


def _class(name: str, base: type[Op], sig: str, module: str, doc: str, types: Any, formula: Formula, slope: Any,
           extra: dict[str, Any], flops: int = 0, **flags: Any) -> Any:
    body: dict[str, Any] = {"__doc__": doc, "__module__": module, "flops_per_element": flops,
                            "formula": formula if isinstance(formula, str) else staticmethod(formula),
                            "slope": staticmethod(slope) if slope else None, **flags}
    body["__annotations__"] = {**({"T": "DType"} if types is not None else {}), **{k: type(v).__name__ for k, v in extra.items()}}
    if types:
        body["T"] = one_of(types)
    body.update(extra)
    return type(name, (base,), body, sig=sig)


def unary(name: str, formula: Formula, slope: Any = None, types: Any = FLOATING, base: type[Op] = Unary, *, doc: str = "",
          module: str = "", sig: str = "x: T -> y: T", ordered: bool = True, flops: int = 0, **extra: Any) -> type[Op]:
    """An elementwise op of one operand; slope(x, y, dy) makes its gradient."""
    if base is UnaryBool:
        sig = sig.replace("-> y: T", "-> y: bool")
    return _class(name, base, sig, module or __name__, doc, types, formula, slope, extra, flops, ordered=ordered)


def binary(name: str, formula: Formula, slope: Any = None, types: Any = NUMERIC, base: type[Op] = Binary, *, doc: str = "",
           module: str = "", sig: str = "x: T, y: T -> z: T", shortcut: bool = False, ordered: bool = False,
           flops: int = 0, **extra: Any) -> type[Op]:
    """An elementwise op of two operands; slope(x, y, z, dz) makes both gradients, summed over broadcast axes by the mould."""
    if base is Comparison:
        sig = sig.replace("-> z: T", "-> z: bool")
    return _class(name, base, sig, module or __name__, doc, types, formula, slope, extra, flops, shortcut=shortcut, ordered=ordered)


def slope_op(name: str, formula: Formula, slope: Any, types: Any, module: str, doc: str, flops: int = 0) -> type[Op]:
    """A fused gradient op of (y, dy)."""
    return _class(name, SlopeOp, "y: T, dy: T -> z: T", module, doc, types, formula, slope, {}, flops)


__all__ = ["COMPLEX", "DType", "FLOATING", "INTEGER", "NUMERIC", "QUANTIZED", "REAL", "SIGNED", "UNSIGNED", "Binary",
           "Comparison", "SlopeOp", "Unary", "UnaryBool", "binary", "slope_op", "unary"]
