"""Gradient functions by name: users' registrations go before the `grad` method of an op's class."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..core.export import export
from ..core.op import Op, load
from ..core.operation import Operation

Gradient = Callable[..., Any]
_registered: dict[str, Gradient | None] = {}


def _has_own(op_type: str) -> bool:
    try:
        cls = load(op_type)
    except KeyError:
        return False
    return cls.grad is not Op.grad or not cls.differentiable


def _register(name: str, function: Gradient | None) -> None:
    if name in _registered or _has_own(name):
        raise KeyError(f"Registering two gradient with name '{name}'! (Use gradient_override_map to replace one.)")
    _registered[name] = function


@export("RegisterGradient")
class RegisterGradient:
    """Decorator: the gradient function of an op type, or of a name used with `gradient_override_map`.

    The function gets the operation and a gradient per output, and returns one per input (None: no gradient).
    """

    def __init__(self, op_type: str):
        if not isinstance(op_type, str):
            raise TypeError("op_type must be a string")
        self._op_type = op_type

    def __call__(self, f: Gradient) -> Gradient:
        _register(self._op_type, f)
        return f


@export("NotDifferentiable", "no_gradient", "NoGradient")
def NotDifferentiable(op_type: str) -> None:
    """Says that an op type has no gradient: nothing flows through it, without an error."""
    if not isinstance(op_type, str):
        raise TypeError("op_type must be a string")
    _register(op_type, None)


def gradient_function(op: Operation, of_holder: Callable[[str], Gradient]) -> Gradient | None:
    """The gradient function of an operation; None where nothing flows.

    of_holder: that of an operation with bodies, by what it holds (`Op.holds`).
    LookupError when its type has none: named with the user's line and what to do.
    """
    override = op._extra.get("_gradient_op_type") if op._extra else None
    override = getattr(override, "s", override)      # of an imported node
    name = override.decode() if isinstance(override, bytes) else override or op.type
    if name in op.graph._gradient_functions:  # of custom_gradient
        return op.graph._gradient_functions[name]
    if name in _registered:
        return _registered[name]
    if override is None:
        op_def = op._op_def
        if op_def.holds is not None:
            return of_holder(op_def.holds)
        if not op_def.differentiable:
            return None
        if type(op_def).grad is not Op.grad:
            return op_def.grad
    if override is None and not op.inputs:
        return None
    line = op.line
    made = f", made at {line}: {line.text}" if line else ""
    raise LookupError(f"No gradient defined for operation '{op.name}' (op type: {name}){made}\n  Register one with "
                      f"@tf.RegisterGradient({name!r}), or keep it out with tf.stop_gradient.")
