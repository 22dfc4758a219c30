"""A Python function with its control flow rewritten; the same globals, closure and defaults, and the lines of its source in tracebacks."""
from __future__ import annotations

import ast
import builtins
import functools
import inspect
import logging
import os
import sys
import sysconfig
import textwrap
import types
import weakref
from typing import Any

from . import runtime
from .transform import rewrite

_NAME = "ag__"
_PACKAGE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))) + os.sep
_LIBRARIES = tuple({os.path.realpath(path) + os.sep for key, path in sysconfig.get_paths().items() if key in (
    "stdlib", "platstdlib", "purelib", "platlib")})
_known: weakref.WeakKeyDictionary[types.CodeType, Any] = weakref.WeakKeyDictionary()
_told: set[str] = set()


def do_not_convert(func: Any = None) -> Any:
    """Decorator: the function is left as it is written."""
    if func is None:
        return do_not_convert

    @functools.wraps(func)
    def as_written(*args: Any, **kwargs: Any) -> Any:
        return func(*args, **kwargs)
    return as_written


def converted(function: Any) -> Any:
    """The function rewritten; itself where it is no Python function of a program, or its source is not to be had."""
    if isinstance(function, types.MethodType):
        inner = converted(function.__func__)
        return function if inner is function.__func__ else types.MethodType(inner, function.__self__)
    if isinstance(function, functools.partial):
        inner = converted(function.func)
        return function if inner is function.func else functools.partial(inner, *function.args, **function.keywords)
    if hasattr(function, "_graphflow_method"):              # a method of a tf.function
        inner = converted(function.function)
        return lambda *args, **kwargs: inner(function.instance, *args, **kwargs)
    if not isinstance(function, types.FunctionType) or not of_program(function):
        return function
    try:
        made = _known.get(function.__code__) or _known.setdefault(function.__code__, _code(function))
    except (OSError, SyntaxError, TypeError, NotImplementedError, IndexError) as error:
        _tell(function, error)
        return function
    return _with_closure(function, made)


def of_program(function: types.FunctionType) -> bool:
    """Whether a function is the program's own: none of ours, of Python or of an installed package."""
    if _NAME in function.__code__.co_freevars:
        return False
    file = os.path.realpath(function.__code__.co_filename)
    return not file.startswith(_PACKAGE) and not (file.startswith(_LIBRARIES) and not file.startswith(tuple(
        path for path in _editable() if path)))


@functools.cache
def _editable() -> tuple[str, ...]:
    """Folders of programs that lie inside of Python's own (a script in a virtual environment's folder)."""
    main = getattr(sys.modules.get("__main__"), "__file__", None)
    return (os.path.dirname(os.path.realpath(main)) + os.sep,) if main else ()


def rewritten(function: Any) -> ast.FunctionDef:
    """The definition of a function, rewritten. NotImplementedError where it has none."""
    function = getattr(function, "__func__", function)
    lines, first = inspect.getsourcelines(function.__code__)
    source = textwrap.dedent("".join(lines))
    tree = ast.parse(source)
    node = tree.body[0]
    if not isinstance(node, ast.FunctionDef):
        raise NotImplementedError("its source is no `def`: lambdas are left as they are written")
    node.decorator_list = []
    ast.increment_lineno(tree, first - 1 if first else 0)
    parts = function.__qualname__.split(".")
    owner = parts[-2] if len(parts) > 1 and parts[-2] != "<locals>" else None
    return rewrite(node, owner, _NAME)


def _code(function: types.FunctionType) -> types.CodeType:
    """The code object of the rewritten function."""
    node, free = rewritten(function), function.__code__.co_freevars
    holder = ast.parse(f"def outer({', '.join([_NAME, *free])}):\n    pass").body[0]
    assert isinstance(holder, ast.FunctionDef)
    holder.body = [node, ast.Return(ast.Name(node.name, ast.Load()))]
    tree = ast.Module([holder], [])
    ast.fix_missing_locations(tree)
    code = compile(tree, function.__code__.co_filename, "exec")
    outer = next(c for c in code.co_consts if isinstance(c, types.CodeType))
    return next(c for c in outer.co_consts if isinstance(c, types.CodeType) and c.co_name == node.name)


def _with_closure(function: types.FunctionType, code: types.CodeType) -> types.FunctionType:
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or ()))
    cells[_NAME] = types.CellType(runtime)
    made = types.FunctionType(code, function.__globals__, function.__name__, function.__defaults__,
                              tuple([cells[name] for name in code.co_freevars]))
    made.__kwdefaults__, made.__dict__ = function.__kwdefaults__, dict(function.__dict__)
    made.__qualname__, made.__doc__ = function.__qualname__, function.__doc__
    return made


def _tell(function: types.FunctionType, error: Exception) -> None:
    """Says once that a function runs as it is written, where that may matter."""
    name = f"{function.__qualname__} ({function.__code__.co_filename}:{function.__code__.co_firstlineno})"
    if name not in _told and function.__name__ != "<lambda>":
        _told.add(name)
        logging.getLogger("tensorflow").warning("AutoGraph could not transform %s and will run it as-is: %s", name, error)


def call(function: Any) -> Any:
    """What a rewritten function calls in place of a function: builtins that know of tensors, functions of the program rewritten."""
    replaced = runtime.BUILTINS.get(function) if isinstance(function, (types.BuiltinFunctionType, type)) else None
    if replaced is not None:
        return replaced
    if isinstance(function, (types.FunctionType, types.MethodType, functools.partial)):
        return converted(function)
    own = type(function).__dict__.get("__call__") if not isinstance(function, type) else None
    if isinstance(own, types.FunctionType) and of_program(own):
        inner = converted(own)
        return function if inner is own else types.MethodType(inner, function)
    return function


runtime.call = call
assert builtins.print in runtime.BUILTINS
