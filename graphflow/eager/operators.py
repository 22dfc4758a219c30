"""Python's operators on eager tensors: those of all tensors, with a short way for numbers of one dtype."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..core import context
from ..core.tensor import Tensor
from ..ops.elementwise import binary, comparison, division, unary
from .run import run_quickly
from .tensor import EagerTensor

_SHORT: dict[str, Any] = {
    "__add__": binary.AddV2, "__sub__": binary.Sub, "__mul__": binary.Mul, "__truediv__": division.RealDiv, "__pow__": binary.Pow,
    "__lt__": comparison.Less, "__le__": comparison.LessEqual, "__gt__": comparison.Greater, "__ge__": comparison.GreaterEqual,
}
_REFLECTED = {"__radd__": "__add__", "__rsub__": "__sub__", "__rmul__": "__mul__", "__rtruediv__": "__truediv__", "__rpow__": "__pow__"}


def _operator(cls: Any, general: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    known = cls._eager

    def operator(x: Any, y: Any) -> Any:
        graph = context.default_graph()
        if graph.eager:
            kind = y.__class__
            if (kind is float or kind is int) and x._spec.dtype.is_floating:
                y = graph.number(y, x._spec.dtype)  # type: ignore[attr-defined]
                kind = EagerTensor
            if kind is EagerTensor:
                prepared = known.get((x._spec, y._spec))
                if prepared is not None:
                    return run_quickly(prepared, (x, y))
        return general(x, y)
    operator.__name__ = general.__name__
    return operator


def _reflected(cls: Any, general: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    known = cls._eager

    def operator(y: Any, x: Any) -> Any:
        graph = context.default_graph()
        if graph.eager and (x.__class__ is float or x.__class__ is int) and y._spec.dtype.is_floating:
            x = graph.number(x, y._spec.dtype)  # type: ignore[attr-defined]
            prepared = known.get((x._spec, y._spec))
            if prepared is not None:
                return run_quickly(prepared, (x, y))
        return general(y, x)
    operator.__name__ = general.__name__
    return operator


def _negated(general: Callable[[Any], Any]) -> Callable[[Any], Any]:
    known = unary.Neg._eager

    def operator(x: Any) -> Any:
        prepared = known.get((x._spec,)) if context.default_graph().eager else None
        return general(x) if prepared is None else run_quickly(prepared, (x,))
    operator.__name__ = "__neg__"
    return operator


def hang_on(target: type[EagerTensor]) -> None:
    """Gives the class its operators."""
    for method, cls in _SHORT.items():
        setattr(target, method, _operator(cls, getattr(Tensor, method)))
    for method, plain in _REFLECTED.items():
        setattr(target, method, _reflected(_SHORT[plain], getattr(Tensor, method)))
    target.__neg__ = _negated(Tensor.__neg__)  # type: ignore[method-assign]
