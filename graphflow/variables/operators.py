"""Python's operators and slicing on variables: those of tensors, on the variable's value."""
from __future__ import annotations

from typing import Any

from ..core.tensor import Tensor
from ..ops import operators  # noqa: F401 - hangs the operators on Tensor
from ..ops.array import slicing

_NAMES = [f"__{r}{n}__" for n in ("add", "sub", "mul", "truediv", "div", "floordiv", "mod", "pow", "matmul", "and", "or", "xor")
          for r in ("", "r")] + ["__lt__", "__le__", "__gt__", "__ge__", "__neg__", "__abs__", "__invert__"]


def hang_on(cls: Any) -> None:
    """Gives `cls` the operators, each applied to `self.value()`."""
    for name in _NAMES:
        method = getattr(Tensor, name, None)
        if method is not None and name in vars(Tensor):
            setattr(cls, name, _on_value(method))
    cls.__getitem__ = lambda self, spec: slicing.getitem(self.value(), spec, var=self)


def _on_value(method: Any) -> Any:
    def operator(self: Any, *args: Any) -> Any:
        return method(self.value(), *args)
    operator.__name__ = method.__name__
    return operator
