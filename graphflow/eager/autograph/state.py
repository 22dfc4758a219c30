"""The names that branches and loops set: which of them are tensors, and how they become outputs of bodies."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import context, nest, shapes
from ...core.tensor import Tensor
from ...core.values import resource_handle
from ...ops import functions as F
from ...ops.control_flow import structures

NUMBERS = (bool, int, float, complex, np.ndarray, np.generic, str, bytes)


class Undefined:
    """The value of a name that has none; any use says so."""

    def __init__(self, name: str, reason: str = "it is used before it is assigned"):
        self.name, self.reason = name, reason

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise UnboundLocalError(f"'{self.name}' has no value here: {self.reason}")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") and name.endswith("_"):
            raise AttributeError(name)
        return self._refuse()

    __call__ = __bool__ = __iter__ = __len__ = __getitem__ = __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _refuse
    __truediv__ = __rtruediv__ = __lt__ = __le__ = __gt__ = __ge__ = __neg__ = __float__ = __int__ = __index__ = __array__ = _refuse
    _as_graph_element = _refuse

    def __repr__(self) -> str:
        return f"<no value of {self.name}>"


class Unset:
    """The value of a function that has not returned yet."""

    def __repr__(self) -> str:
        return "<nothing returned yet>"


def symbolic(value: Any) -> bool:
    """Whether a value is a tensor of the function that is being traced."""
    return isinstance(value, Tensor) and not context.default_graph().eager and value.__class__ is Tensor


def decided(test: Tensor) -> Tensor:
    """The scalar in a tensor of one element, which Python's `bool` takes too; ValueError where it is known to have another number."""
    if test.static == ():
        return test
    if test.static is not None and shapes.num_elements(test.static) not in (None, 1):
        raise ValueError(f"{test.name} of shape {test.static} cannot decide an `if` or a loop, as it has not one element: say which are "
                         "meant by tf.reduce_any or tf.reduce_all")
    return F.reshape(test, [])


def becomes_tensors(value: Any) -> bool:
    """Whether all leaves of a value are tensors or can become some."""
    if isinstance(value, (Undefined, Unset)) or value is None:
        return False
    return all(is_leaf(leaf) for leaf in nest.flatten(value))


def is_leaf(leaf: Any) -> bool:
    """Whether a leaf is a tensor, can become one, or is made of some."""
    return isinstance(leaf, (Tensor, *NUMBERS)) or structures.parts(leaf) is not None


def same(a: Any, b: Any) -> bool:
    """Whether two values are one, so that it does not matter which branch gave it."""
    if a is b:
        return True
    if isinstance(a, Undefined) or isinstance(b, Undefined):
        return isinstance(a, Undefined) and isinstance(b, Undefined)
    if isinstance(a, Tensor) or isinstance(b, Tensor) or resource_handle(a) is not None or resource_handle(b) is not None:
        return False
    if type(a) is not type(b):
        return False
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, np.ndarray):
        return a.shape == b.shape and bool(np.array_equal(a, b))
    try:
        return bool(a == b)
    except (TypeError, ValueError):
        return False
