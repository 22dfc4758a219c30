"""Python's operators on tensors. `==` compares identity, as in TF1; `[]` is hung on by `ops.array.slicing`.

The nodes are named add, sub, mul, truediv, ... and constants `mul/y` (right operand) or `mul/x` (left operand), as in TF1.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..core import context, dtypes
from ..core.convert import convert_to_tensor
from ..core.make import make
from ..core.tensor import Tensor
from ..core.values import IndexedSlices, SparseTensor
from .array.basic import cast, identity
from .elementwise import binary, bitwise, comparison, division, unary
from .linalg import matmul

Build = Callable[[Any, Any, str], Any]     # (x, y, name) -> tensor


def _add(x: Any, y: Any, name: str) -> Any:
    return make(binary.Add if x.dtype.base_dtype is dtypes.string else binary.AddV2, x, y, name=name)


def _sub(x: Any, y: Any, name: str) -> Any:
    return make(binary.Sub, x, y, name=name)


def _mul(x: Any, y: Any, name: str) -> Any:
    if x.__class__ is Tensor and y.__class__ is Tensor and x.dtype.is_floating:
        return make(binary.Mul, x, y, name=name)
    if hasattr(y, "_graphflow_times"):  # a sparse tensor
        return y._graphflow_times(x, name)
    if any(isinstance(v, Tensor) and v.dtype.base_dtype is dtypes.bool for v in (x, y)):
        with context.default_graph().name_scope(name) as scope:
            return cast(make(binary.Mul, cast(x, dtypes.int32), cast(y, dtypes.int32), name=scope), dtypes.bool)
    return make(binary.Mul, x, y, name=name)


def _truediv(x: Any, y: Any, name: str) -> Any:
    if x.__class__ is Tensor and x.dtype.is_floating and (y.__class__ is Tensor and y.dtype is x.dtype or y.__class__ in (int, float)):
        return make(division.RealDiv, x, y, name=name)
    return division.truediv(x, y, name)


def _floordiv(x: Any, y: Any, name: str) -> Any:
    return make(division.FloorDiv, x, y, name=name)


def _mod(x: Any, y: Any, name: str) -> Any:
    return make(division.FloorMod, x, y, name=name)


def _pow(x: Any, y: Any, name: str) -> Any:
    return make(binary.Pow, x, y, name=name)


def _logical(on_bool: Any, on_integers: Any) -> Build:
    def build(x: Any, y: Any, name: str) -> Any:
        with context.default_graph().name_scope(name) as scope:
            if x.dtype.base_dtype is dtypes.bool:
                return on_bool(x, y, scope)
            return on_integers(x, y)
    return build


_BUILD: dict[str, Build] = {
    "add": _add, "sub": _sub, "mul": _mul, "truediv": _truediv, "div": division.python2_div, "floordiv": _floordiv, "mod": _mod,
    "pow": _pow, "matmul": lambda x, y, name: matmul.matmul(x, y, name=name),
    "and": _logical(comparison.logical_and, bitwise.bitwise_and), "or": _logical(comparison.logical_or, bitwise.bitwise_or),
    "xor": _logical(comparison.logical_xor, bitwise.bitwise_xor),
}


def _forward(name: str, build: Build) -> Any:
    reflected = f"__r{name}__"

    def operator(x: Any, y: Any) -> Any:
        try:
            return build(x, y, name)
        except (TypeError, ValueError):
            other = getattr(type(y), reflected, None)
            if y.__class__ is Tensor or other is None:
                raise
            result = other(y, x)
            if result is NotImplemented:
                raise
            return result
    operator.__name__ = f"__{name}__"
    return operator


def _reflected(name: str, build: Build) -> Any:
    def operator(y: Any, x: Any) -> Any:
        graph = context.default_graph()
        if x.__class__ is Tensor:
            return build(x, y, name)
        if y.graph is not graph and not graph.building_function:      # made outside of `with y.graph.as_default()`
            graph = y.graph
        with graph.as_default(), graph.name_scope(name) as scope:
            return build(convert_to_tensor(x, y.dtype.base_dtype, name="x"), y, scope)
    operator.__name__ = f"__r{name}__"
    return operator


def _compare(cls: Any) -> Any:
    return lambda x, y: make(cls, x, y)


def _invert(x: Any) -> Any:
    return comparison.logical_not(x) if x.dtype.base_dtype is dtypes.bool else bitwise.invert(x)


def binary_operators() -> dict[str, Any]:
    """Method name -> function, for every class that behaves like a tensor (variables overload by these too)."""
    table: dict[str, Any] = {}
    for name, build in _BUILD.items():
        table[f"__{name}__"], table[f"__r{name}__"] = _forward(name, build), _reflected(name, build)
    for method, cls in (("__lt__", comparison.Less), ("__le__", comparison.LessEqual), ("__gt__", comparison.Greater),
                        ("__ge__", comparison.GreaterEqual)):
        table[method] = _compare(cls)
    table.update(__neg__=lambda x: make(unary.Neg, x), __abs__=lambda x: unary.abs_(x), __invert__=_invert)
    return table


for _name, _function in binary_operators().items():
    setattr(Tensor, _name, _function)


def _of_sparse(name: str) -> Any:
    """A method of SparseTensor whose code is loaded when it is first called: most programs have no sparse tensors."""
    def method(self: SparseTensor, *arguments: Any) -> Any:
        from .sparse.dense import METHODS  # at first use: saves 5 ms; sparse tensors only
        return METHODS[name](self, *arguments)  # type: ignore[operator]
    return method


def _on_values(self: SparseTensor, function: Any, name: str | None) -> SparseTensor:
    """A function that keeps zeros, on the values."""
    return self.with_values(function(self.values, name=name))


for _name in ("_graphflow_times", "_graphflow_cast", "_graphflow_identity", "__mul__", "__truediv__", "__div__"):
    setattr(SparseTensor, _name, _of_sparse(_name))
SparseTensor._graphflow_map = _on_values  # type: ignore[attr-defined]



def _rows_identity(self: IndexedSlices, name: str | None) -> IndexedSlices:
    shape = None if self.dense_shape is None else identity(self.dense_shape, name=name)
    return IndexedSlices(identity(self.values, name=name), identity(self.indices, name=name), shape)


def _rows_cast(self: IndexedSlices, dtype: Any, name: str | None) -> IndexedSlices:
    return IndexedSlices(cast(self.values, dtype, name), self.indices, self.dense_shape)


IndexedSlices._graphflow_identity = _rows_identity  # type: ignore[attr-defined]
IndexedSlices._graphflow_cast = _rows_cast  # type: ignore[attr-defined]

OVERLOADABLE = (*binary_operators(), "__getitem__")
