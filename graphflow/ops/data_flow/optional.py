"""Optionals: a bundle of values, or nothing. What a branch that was not taken hands to the gradient of its cond."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import dtypes
from ...core.contents import NOTHING, Contents, inside, known_of
from ...core.dtypes import DType
from ...core.errors import InvalidArgumentError
from ...core.make import make
from ...core.op import Op, Shape, Spec
from ...core.operation import Operation
from ...core.outcomes import Several
from ...kernels.contract import Namespace
from ...kernels.tensor_list import TensorList, unwrapped
from .tensor_list import zeros_for


class Optional:
    """values: a tuple, or None for nothing."""
    __slots__ = ("values",)

    def __init__(self, values: tuple[Any, ...] | None):
        self.values = values

    def zeros(self) -> Optional:
        return Optional(None if self.values is None else tuple(_zeros(v) for v in self.values))

    def plus(self, other: Optional) -> Optional:
        if self.values is None or other.values is None:
            return Optional(self.values if other.values is None else other.values)
        return Optional(tuple(a.plus(b) if hasattr(a, "plus") else np.asarray(a + b) for a, b in zip(self.values, other.values)))

    def __repr__(self) -> str:
        return "<Optional: nothing>" if self.values is None else f"<Optional of {len(self.values)}>"


def _zeros(value: Any) -> Any:
    return value.zeros() if hasattr(value, "zeros") else np.zeros(value.shape, value.dtype)


def _kept(value: Any) -> Any:
    if isinstance(value, (TensorList, Optional)):
        return value
    if isinstance(value, np.ndarray) and value.dtype == object and value.shape == () and not isinstance(value[()], (bytes, str)):
        return value[()]
    return np.array(value)


class OptionalFromValue(Op, sig="components: [Toutput_types] -> optional: variant", host=True):
    """An optional that holds the components."""
    least = {"Toutput_types": 1}
    Toutput_types: list[DType]

    def infer(self, *components: Spec) -> Spec:
        return Spec(dtypes.variant, ())

    def contents(self, *components: Any) -> tuple[Any, ...]:
        return (Contents(None, known_of(components[0]) if len(components) == 1 else None),)

    def kernel(self, xp: Namespace, *components: Any) -> Any:
        return Optional(tuple(_kept(c) for c in components))

    def grad(self, op: Operation, dy: Any) -> Any:
        if dy is None:
            return [None] * len(op.inputs)
        return make(OptionalGetValue, dy, output_types=self.Toutput_types, output_shapes=tuple(t.static for t in op.inputs))


class OptionalNone(Op, sig="-> optional: variant", host=True):
    """An optional that holds nothing."""

    def infer(self) -> Spec:
        return Spec(dtypes.variant, ())

    def contents(self) -> tuple[Any, ...]:
        return (Contents(None, NOTHING),)

    def kernel(self, xp: Namespace) -> Any:
        return Optional(None)


class OptionalGetValue(Several, sig="optional: variant -> components: [output_types]", host=True):
    """The components of an optional that holds some."""
    least = {"output_types": 1, "output_shapes": 1}
    output_types: list[DType]
    output_shapes: list[Shape]

    def infer(self, optional: Spec) -> tuple[Spec, ...]:
        return tuple(Spec(t, s) for t, s in zip(self.output_types, self.output_shapes))

    def contents(self, optional: Any) -> tuple[Any, ...]:
        return (inside(optional),) if len(self.output_types) == 1 else ()

    def kernel(self, xp: Namespace, optional: Any) -> Any:
        found = unwrapped(optional)
        if not isinstance(found, Optional) or found.values is None:
            raise InvalidArgumentError(None, None, "The given optional does not have a value. The branch that would make it was not taken "
                                                   "in this run; what both branches return can be used outside in every run.")
        return [v if hasattr(v, "zeros") else np.array(v) for v in found.values]

    def grad(self, op: Operation, *dy: Any) -> Any:
        return make(OptionalFromValue, [zeros_for(t) if d is None else d for d, t in zip(dy, op.outputs)])


class OptionalHasValue(Op, sig="optional: variant -> has_value: bool", host=True):
    """Whether an optional holds something."""

    def infer(self, optional: Spec) -> Spec:
        return Spec(dtypes.bool, ())

    def kernel(self, xp: Namespace, optional: Any) -> Any:
        found = unwrapped(optional)
        return np.bool_(found.values is not None)
