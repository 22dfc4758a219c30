"""tf.py_function: a Python function of eager tensors as an operation, with gradients."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..autodiff.custom import custom_gradient
from ..core import context
from ..core.convert import convert_to_tensor
from ..core.dtypes import as_dtype
from ..core.export import export
from ..core.tensor import Tensor
from ..ops.dtype_sets import INEXACT
from ..ops.script import py_func
from .gradient_tape import GradientTape
from .switch import prepared


@export("py_function")
def py_function(func: Any = None, inp: Any = None, Tout: Any = None, name: str | None = None) -> Any:
    """func(*tensors) as an operation: gets eager tensors of `inp`, returns values of the dtypes `Tout` (one, or a list; [] for nothing).

    Gradients flow to `inp` through the operations that func calls. With Tout alone, a decorator.
    """
    if Tout is None:
        raise TypeError("Missing required argument: 'Tout'")
    if func is None:
        return lambda function: lambda *args: py_function(function, args, Tout, name)
    many = isinstance(Tout, (list, tuple))
    types = [as_dtype(t).base_dtype for t in (Tout if many else [Tout])]
    if context.default_graph().eager:
        found = _called(func, [convert_to_tensor(x) for x in inp], types)
        return found if many else found[0] if found else None
    tensors = [convert_to_tensor(x) for x in inp]
    flows = bool(types) and any(t.dtype.base_dtype in INEXACT for t in tensors)
    result = _differentiable(func, tensors, types, name) if flows else _added(func, tensors, types, name)
    return result if many or not isinstance(result, (list, tuple)) else result[0] if result else None


def _called(func: Callable[..., Any], tensors: list[Tensor], types: list[Any]) -> list[Tensor]:
    """What the function gives, as tensors of the dtypes that were promised."""
    found = func(*tensors)
    values = [] if found is None else list(found) if isinstance(found, (list, tuple)) else [found]
    if len(values) < len(types):
        raise ValueError(f"py_function: {func!r} returns {len(values)} values, but Tout has {len(types)}")
    return [convert_to_tensor(v, t) for v, t in zip(values, types)]


def _added(func: Callable[..., Any], tensors: list[Tensor], types: list[Any], name: str | None) -> Any:
    def on_arrays(*arrays: Any) -> list[Any]:
        with prepared().as_default():
            return [t.numpy() for t in _called(func, [convert_to_tensor(a, t.dtype.base_dtype) for a, t in zip(arrays, tensors)], types)]  # type: ignore[attr-defined]
    return py_func(on_arrays, tensors, types, name=name or "EagerPyFunc")


def _differentiable(func: Callable[..., Any], tensors: list[Tensor], types: list[Any], name: str | None) -> Any:
    """The operation with a gradient, which calls the function once more, on a tape."""
    def slopes(*values: Any) -> list[Tensor]:
        given, dys = list(values[:len(tensors)]), list(values[len(tensors):])
        with GradientTape() as tape:
            for x in given:
                if x.dtype in INEXACT:
                    tape.watch(x)
            found = _called(func, given, types)
        kept = [i for i, t in enumerate(types) if t in INEXACT]
        grads = tape.gradient([found[i] for i in kept], given, [dys[i] for i in kept], unconnected_gradients="zero")
        return [convert_to_tensor(g) for g in grads]

    @custom_gradient
    def call(*xs: Tensor) -> Any:
        def grad(*dys: Any) -> Any:
            return list(_added(slopes, [*xs, *dys], [x.dtype.base_dtype for x in xs], None))
        return list(_added(func, list(xs), types, name)), grad
    return call(*tensors)
