"""tensorflow.python.util.deprecation: decorators that warn once when something old is called."""
from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from graphflow.commands.inner.tf_decorator import make_decorator
from graphflow.platform import tf_logging

_told: set[Any] = set()


def _warner(func: Any, applies: Callable[..., bool], text: str) -> Any:
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if (func, text) not in _told and applies(*args, **kwargs):
            _told.add((func, text))
            tf_logging.warning("From %s: %s", func.__module__, text)
        return func(*args, **kwargs)
    if inspect.isclass(func):
        return func
    return make_decorator(func, functools.wraps(func)(wrapper), "deprecated")


def _when(date: str | None) -> str:
    return "in a future version" if date is None else f"after {date}"


def deprecated(date: str | None, instructions: str, warn_once: bool = True) -> Callable[[Any], Any]:
    """Marks a function as going away `date` (yyyy-mm-dd, or None); its first call logs a warning with `instructions`."""
    def mark(func: Any) -> Any:
        name = getattr(func, "__qualname__", func)
        return _warner(func, lambda *a, **k: True, f"{name} is deprecated and will be removed {_when(date)}. {instructions}")
    return mark


def deprecated_args(date: str | None, instructions: str, *names_or_tuples: Any, **kwargs: Any) -> Callable[[Any], Any]:
    """Marks arguments of a function (names, or pairs of a name and the values that are still right)."""
    fine: dict[str, Any] = dict(n if isinstance(n, tuple) else (n, ...) for n in names_or_tuples)

    def mark(func: Any) -> Any:
        signature = inspect.signature(func)

        def applies(*args: Any, **kwargs: Any) -> bool:
            given = signature.bind_partial(*args, **kwargs).arguments
            return any(name in given and (ok is ... or given[name] is not ok) for name, ok in fine.items())
        return _warner(func, applies, f"arguments {', '.join(fine)} of {func.__qualname__} are deprecated and will be removed "
                                      f"{_when(date)}. {instructions}")
    return mark


def deprecated_arg_values(date: str | None, instructions: str, warn_once: bool = True, **values: Any) -> Callable[[Any], Any]:
    """Marks values of arguments of a function."""
    def mark(func: Any) -> Any:
        signature = inspect.signature(func)

        def applies(*args: Any, **kwargs: Any) -> bool:
            given = signature.bind_partial(*args, **kwargs).arguments
            return any(name in given and given[name] == value for name, value in values.items())
        return _warner(func, applies, f"calling {func.__qualname__} with {values} is deprecated and will be removed {_when(date)}. "
                                      f"{instructions}")
    return mark


def deprecated_alias(deprecated_name: str, name: str, func_or_class: Any, warn_once: bool = True) -> Any:
    """An old name of a function."""
    def alias(*args: Any, **kwargs: Any) -> Any:
        return func_or_class(*args, **kwargs)
    if inspect.isclass(func_or_class):
        return func_or_class
    return _warner(functools.wraps(func_or_class)(alias), lambda *a, **k: True,
                   f"{deprecated_name} is deprecated. Please use {name} instead.")


def deprecated_argument_lookup(new_name: str, new_value: Any, old_name: str, old_value: Any) -> Any:
    """The one of two values of an argument that is not None; ValueError if both are given."""
    if old_value is not None and new_value is not None:
        raise ValueError(f"Cannot specify both '{old_name}' and '{new_name}'")
    return new_value if old_value is None else old_value
