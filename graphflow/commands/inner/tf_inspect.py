"""tensorflow.python.util.tf_inspect: Python's inspect, which looks below TensorFlow's decorators."""
from __future__ import annotations

import inspect
from collections import namedtuple
from typing import Any

from graphflow.commands.inner.tf_decorator import unwrap

currentframe, getcallargs, getframeinfo, isbuiltin, isclass, isfunction = (
    inspect.currentframe, inspect.getcallargs, inspect.getframeinfo, inspect.isbuiltin, inspect.isclass, inspect.isfunction)
isgenerator, ismethod, ismodule, isroutine, stack = (
    inspect.isgenerator, inspect.ismethod, inspect.ismodule, inspect.isroutine, inspect.stack)
ArgSpec = namedtuple("ArgSpec", "args varargs keywords defaults")
FullArgSpec = inspect.FullArgSpec


def getfullargspec(obj: Any) -> inspect.FullArgSpec:
    """The arguments of a function, or those that its outermost decorator that names some says; of an object, those of its __call__."""
    decorators, target = unwrap(obj)
    named = next((d.decorator_argspec for d in decorators if d.decorator_argspec is not None), None)
    if named is not None:
        if isinstance(named, inspect.FullArgSpec):
            return named
        return inspect.FullArgSpec(named[0], named[1], named[2], named[3], [], None, {})
    if not (inspect.isroutine(target) or inspect.isclass(target)) and callable(target):
        target = target.__call__
    return inspect.getfullargspec(target)


def getargspec(obj: Any) -> ArgSpec:
    """getfullargspec without keyword-only arguments and annotations, in the form of Python 2."""
    return ArgSpec(*getfullargspec(obj)[:4])


def getdoc(obj: Any) -> str | None:
    """The docstring of a function below its decorators."""
    return inspect.getdoc(unwrap(obj)[1])


def getfile(obj: Any) -> str:
    """The file of a function below its decorators."""
    return inspect.getfile(unwrap(obj)[1])


def getsource(obj: Any) -> str:
    """The text of a function below its decorators."""
    return inspect.getsource(unwrap(obj)[1])


def getmodule(obj: Any) -> Any:
    """The module of an object."""
    return inspect.getmodule(obj)


def getmembers(obj: Any, predicate: Any = None) -> list[tuple[str, Any]]:
    """(name, value) of an object's members."""
    return inspect.getmembers(obj, predicate)


def getmro(cls: type) -> tuple[type, ...]:
    """The classes that a class is made of, itself first."""
    return inspect.getmro(cls)


def signature(obj: Any, *, follow_wrapped: bool = True) -> inspect.Signature:
    """The signature of a function below its decorators."""
    return inspect.signature(unwrap(obj)[1], follow_wrapped=follow_wrapped)
