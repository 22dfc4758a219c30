"""tf.contrib.framework.arg_scope: default arguments for functions, given once for all calls inside of a `with` block.

The scopes that are open lie on a stack, one per thread: the top is {key of a function: its defaults}, the outer scopes' included.
"""
from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from ...core.export import export

F = TypeVar("F", bound=Callable[..., Any])
_local = threading.local()


def _stack() -> list[dict[Any, dict[str, Any]]]:
    if not hasattr(_local, "scopes"):
        _local.scopes = [{}]
    return cast("list[dict[Any, dict[str, Any]]]", _local.scopes)


@export("contrib.framework.arg_scope_func_key")
def arg_scope_func_key(op: Any) -> Any:
    """What stands for a function in a scope."""
    return getattr(op, "_key_op", str(op))


@export("contrib.framework.current_arg_scope")
def current_arg_scope() -> dict[Any, dict[str, Any]]:
    """The defaults in force: {key of a function: {argument: value}}."""
    return _stack()[-1]


@export("contrib.framework.add_arg_scope", "contrib.slim.add_arg_scope")
def add_arg_scope(func: F) -> F:
    """Decorator: calls of the function take arguments that are not given from the scope that is open."""
    key = (func.__module__, func.__name__)

    @functools.wraps(func)
    def scoped(*args: Any, **kwargs: Any) -> Any:
        defaults = _stack()[-1].get(key)
        return func(*args, **{**defaults, **kwargs} if defaults else kwargs)

    scoped._key_op = key  # type: ignore[attr-defined]
    return cast(F, scoped)


@export("contrib.framework.has_arg_scope", "contrib.slim.has_arg_scope")
def has_arg_scope(func: Any) -> bool:
    """Whether a function was decorated with add_arg_scope."""
    return hasattr(func, "_key_op")


@export("contrib.framework.arg_scoped_arguments", "contrib.slim.arg_scoped_arguments")
def arg_scoped_arguments(func: Any) -> tuple[str, ...]:
    """Names of the arguments with defaults, those that arg_scope can set."""
    if not has_arg_scope(func):
        raise ValueError(f"{func} is not decorated with @add_arg_scope")
    code = func.__wrapped__.__code__
    return tuple(code.co_varnames[code.co_argcount - len(func.__wrapped__.__defaults__ or ()):code.co_argcount])


@export("contrib.framework.arg_scope", "contrib.slim.arg_scope")
@contextmanager
def arg_scope(list_ops_or_scope: Any, **kwargs: Any) -> Iterator[dict[Any, dict[str, Any]]]:
    """Calls of these functions inside of the block get `kwargs` as defaults, besides those of the scopes around it.

    list_ops_or_scope: a list or tuple of functions decorated with add_arg_scope, or the scope that an earlier `with ... as scope` gave,
    which is put in place of the present one (then without kwargs). Yields the scope. Raises TypeError for anything else, ValueError for a
    scope with kwargs and for functions that are not decorated.
    """
    if isinstance(list_ops_or_scope, dict):
        if kwargs:
            raise ValueError("When attempting to re-use a scope by suppling a dictionary, kwargs must be empty.")
        scope = list_ops_or_scope
    elif isinstance(list_ops_or_scope, (list, tuple)):
        scope = dict(_stack()[-1])
        for function in list_ops_or_scope:
            if not has_arg_scope(function):
                raise ValueError(f"{getattr(function, '__module__', '')}::{getattr(function, '__name__', function)} is not decorated with "
                                 "@add_arg_scope: decorate it, or leave it out of the list")
            key = arg_scope_func_key(function)
            scope[key] = {**scope.get(key, {}), **kwargs}
    else:
        raise TypeError("list_ops_or_scope must either be a list/tuple or reused scope (i.e. dict)")
    stack = _stack()
    stack.append(scope)
    try:
        yield scope
    finally:
        stack.pop()
