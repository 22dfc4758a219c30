"""tensorflow.python.util.tf_decorator, tf_contextlib and tf_export: decorators that say of themselves that they are some."""
from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable
from typing import Any


class TFDecorator:
    """What a decorated function remembers: the function below it, the decorator's name, its own words and its argspec."""

    def __init__(self, decorator_name: str, target: Any, decorator_doc: str = "", decorator_argspec: Any = None) -> None:
        self.decorator_name, self.decorated_target = decorator_name, target
        self.decorator_doc, self.decorator_argspec = decorator_doc, decorator_argspec

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.decorated_target(*args, **kwargs)


def make_decorator(target: Any, decorator_func: Any, decorator_name: str | None = None, decorator_doc: str = "",
                   decorator_argspec: Any = None) -> Any:
    """`decorator_func`, which wraps `target` and takes over its name and docstring."""
    name = decorator_func.__name__ if decorator_name is None else decorator_name
    functools.update_wrapper(decorator_func, target)
    decorator_func._tf_decorator = TFDecorator(name, target, decorator_doc, decorator_argspec)
    return decorator_func


def tf_decorator(*args: Any, **kwargs: Any) -> Any:
    """make_decorator under its module's name."""
    return make_decorator(*args, **kwargs)


def unwrap(maybe_tf_decorator: Any) -> tuple[list[TFDecorator], Any]:
    """The decorators of a function, outermost first, and the function below all of them."""
    found, target = [], maybe_tf_decorator
    while isinstance(decorator := getattr(target, "_tf_decorator", None), TFDecorator):
        found.append(decorator)
        target = decorator.decorated_target
    return found, target


def contextmanager(target: Callable[..., Any]) -> Callable[..., Any]:
    """contextlib.contextmanager, as a decorator that `unwrap` knows."""
    return make_decorator(target, contextlib.contextmanager(target), "contextmanager")


class tf_export:
    """Would give a function a public name of tensorflow; here it leaves the function as it is."""

    def __init__(self, *names: str, **kwargs: Any) -> None:
        self.names = names

    def __call__(self, func: Any) -> Any:
        return func


keras_export = estimator_export = tf_export
