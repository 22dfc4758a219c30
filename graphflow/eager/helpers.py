"""tf.contrib.eager's functions that differentiate Python functions."""
from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from ..core import context
from ..core.convert import convert_to_tensor
from ..core.export import export
from .gradient_tape import GradientTape


@export("contrib.eager.value_and_gradients_function")
def value_and_gradients_function(f: Callable[..., Any], params: Sequence[Any] | None = None) -> Callable[..., tuple[Any, list[Any]]]:
    """A function of f's arguments that gives f's value and its gradients by the arguments named, or numbered, by params (default: all)."""
    def call(*args: Any, dy: Any = None, **kwargs: Any) -> tuple[Any, list[Any]]:
        places = _places(f, params, args)
        values = [convert_to_tensor(a) if i in places else a for i, a in enumerate(args)]
        with GradientTape() as tape:
            tape.watch([values[i] for i in places])
            found = f(*values, **kwargs)
        return found, tape.gradient(found, [values[i] for i in places], dy)
    return call


@export("contrib.eager.gradients_function")
def gradients_function(f: Callable[..., Any], params: Sequence[Any] | None = None) -> Callable[..., list[Any]]:
    """A function of f's arguments that gives the gradients by the arguments named, or numbered, by params (default: all)."""
    both = value_and_gradients_function(f, params)
    return lambda *args, **kwargs: both(*args, **kwargs)[1]


@export("contrib.eager.implicit_value_and_gradients")
def implicit_value_and_gradients(f: Callable[..., Any]) -> Callable[..., tuple[Any, list[tuple[Any, Any]]]]:
    """A function that gives f's value, and (gradient, variable) for each trainable variable that f used; ValueError if it used none."""
    def call(*args: Any, **kwargs: Any) -> tuple[Any, list[tuple[Any, Any]]]:
        with GradientTape() as tape:
            found = f(*args, **kwargs)
        if found is None:
            raise ValueError(f"Cannot differentiate a function that returns None; did you forget to return a value from {f.__name__}?")
        variables = tape.watched_variables()
        if not variables:
            raise ValueError("No trainable variables were accessed while the function was being computed.")
        return found, list(zip(tape.gradient(found, list(variables)), variables))
    return call


@export("contrib.eager.implicit_gradients")
def implicit_gradients(f: Callable[..., Any]) -> Callable[..., list[tuple[Any, Any]]]:
    """A function that gives (gradient, variable) for each trainable variable that f used."""
    both = implicit_value_and_gradients(f)
    return lambda *args, **kwargs: both(*args, **kwargs)[1]


@export("contrib.eager.in_eager_mode", "contrib.eager.executing_eagerly")
def executing_eagerly() -> bool:
    """As `tf.executing_eagerly`."""
    return context.default_graph().eager


def _places(f: Callable[..., Any], params: Sequence[Any] | None, args: Sequence[Any]) -> list[int]:
    if params is None:
        return list(range(len(args)))
    names = list(inspect.signature(f).parameters)
    return [p if isinstance(p, int) else names.index(p) for p in params]
