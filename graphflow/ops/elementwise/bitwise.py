"""Bitwise arithmetic of integers, elementwise with broadcasting; no gradients."""
from __future__ import annotations

from typing import Any

from ...core.export import export
from ...core.make import make
from ...core.op import Op
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from .mold import INTEGER, OfTwo, binary, unary


def _shift_left(xp: Namespace, x: Any, y: Any) -> Any:
    return xp.left_shift(x, xp.clip(y, 0, x.dtype.itemsize * 8 - 1).astype(y.dtype))


def _shift_right(xp: Namespace, x: Any, y: Any) -> Any:
    return xp.right_shift(x, xp.clip(y, 0, x.dtype.itemsize * 8 - 1).astype(y.dtype))


def _row(name: str, formula: Any, doc: str) -> Any:
    return binary(name, formula, None, INTEGER, doc=doc, module=__name__)


BitwiseAnd = _row("BitwiseAnd", "bitwise_and", "The bits set in both x and y.")
BitwiseOr = _row("BitwiseOr", "bitwise_or", "The bits set in x or y.")
BitwiseXor = _row("BitwiseXor", "bitwise_xor", "The bits set in one of x and y.")
LeftShift = _row("LeftShift", _shift_left, "x moved left by y bits (at most one less than there are).")
RightShift = _row("RightShift", _shift_right, "x moved right by y bits (at most one less than there are), keeping the sign.")
Invert = unary("Invert", "invert", None, INTEGER, doc="All bits flipped.", module=__name__)


def _function(cls: type[Op], function_name: str) -> OfTwo:
    def function(x: Any, y: Any, name: str | None = None) -> Tensor:
        return make(cls, x, y, name=name)
    function.__name__ = function.__qualname__ = function_name
    function.__doc__ = f"{(cls.__doc__ or '').rstrip('.')}, elementwise and broadcast."
    return export(f"bitwise.{function_name}")(function)


bitwise_and = _function(BitwiseAnd, "bitwise_and")
bitwise_or = _function(BitwiseOr, "bitwise_or")
bitwise_xor = _function(BitwiseXor, "bitwise_xor")
left_shift = _function(LeftShift, "left_shift")
right_shift = _function(RightShift, "right_shift")


@export("bitwise.invert")
def invert(x: Any, name: str | None = None) -> Tensor:
    """All bits of each integer flipped."""
    return make(Invert, x, name=name)
