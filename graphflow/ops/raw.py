"""Operations by their types alone: `tf.raw_ops.MatMul(a=x, b=y)`, and the functions of TensorFlow's generated modules
(gen_nn_ops.relu_grad, training_ops.apply_adam). Both are made from the op classes, on first touch.
"""
from __future__ import annotations

import functools
import inspect
from collections import namedtuple
from collections.abc import Callable, Sequence
from typing import Any

from .._public.api import OPS
from .._public.namespace import NotAvailable
from ..core.dtypes import as_dtype
from ..core.export import export_values
from ..core.make import make_op
from ..core.op import Op, load
from ..core.shapes import as_tuple
from ..graphdef import op_table
from ..graphdef.attributes import kinds_of, tensor_value


def snake(op_type: str) -> str:
    """'max_pool_grad' for 'MaxPoolGrad': an underscore before each capital that follows or precedes a small letter."""
    parts = []
    for i, c in enumerate(op_type):
        breaks = i > 0 and c.isupper() and (op_type[i - 1].islower() or op_type[i + 1:i + 2].islower())
        parts.append("_" + c.lower() if breaks else c.lower())
    return "".join(parts)


@functools.cache
def _types() -> dict[str, str]:
    return {snake(op_type): op_type for op_type in OPS}


def raw_function(name: str) -> Callable[..., Any]:
    """The function that adds an operation of the type so named; a leading underscore is TF1's mark of hidden functions.

    It takes the inputs, the attributes that inputs do not tell (those without default first), and `name`, by position or keyword.
    AttributeError if there is no such type.
    """
    op_type = _types().get(name.lstrip("_"))
    if op_type is None:
        raise AttributeError(f"graphflow has no operation type for {name!r}")
    return _function(op_type, False)


class RawOps:
    """`tf.raw_ops`: a function of keyword arguments for every op type, named like it. Inputs, attributes and their defaults are those of
    TensorFlow's op table; outputs are one tensor, a list where the output is a list, a named tuple of several, or the Operation if there
    are none.
    """

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in OPS:
            if op_table.find(name) is not None:
                raise NotAvailable(f"tf.raw_ops.{name}: graphflow does not have the operation type {name} of TensorFlow yet; graphs that "
                                   "hold it load and can be written back.")
            raise AttributeError(f"module 'graphflow.raw_ops' has no attribute '{name}': it is no operation type of TensorFlow")
        return _function(name, True)

    def __dir__(self) -> list[str]:
        return sorted(OPS)


raw_ops = RawOps()
export_values(__name__, raw_ops="raw_ops")


@functools.cache
def _function(op_type: str, keywords_only: bool) -> Callable[..., Any]:
    cls = load(op_type)
    renamed = cls.python_names
    inputs = [renamed.get(a.name, a.name) for a in cls.signature().inputs]
    defaults = _defaults(cls)
    settings = [renamed.get(s, s) for s in defaults]
    order = [*inputs, *settings, "name"]
    own = {renamed.get(s, s): s for s in defaults}
    required = [*inputs, *(key for key, s in own.items() if defaults[s] is inspect.Parameter.empty)]
    kinds = kinds_of(cls)
    title = snake(op_type)
    several = cls.results() or namedtuple(op_type, [a.name for a in cls.signature().outputs])

    def function(*args: Any, **kwargs: Any) -> Any:
        if args and keywords_only:
            raise TypeError(f"{title} only takes keyword args (possible keys: {order}). Please pass these args as kwargs instead.")
        if len(args) > len(order):
            raise TypeError(f"{title}() takes at most {len(order)} arguments, {len(args)} were given: {', '.join(order)}")
        given = dict(zip(order, args))
        for key, value in kwargs.items():
            if key in given or key not in order:
                what = "several values for" if key in given else "an unexpected keyword"
                raise TypeError(f"{title}() got {what} argument '{key}'; it takes {', '.join(order)}")
            given[key] = value
        missing = [key for key in required if key not in given]
        if missing:
            raise TypeError(f"{title}() missing {len(missing)} required positional argument{'s' if len(missing) > 1 else ''}: "
                            f"{', '.join(map(repr, missing))}; it takes {', '.join(order)}")
        attributes = {own[key]: _plain(given[key], kinds[own[key]], title, key) for key in settings if given.get(key) is not None}
        values = [_listed(given[key], a) for key, a in zip(inputs, cls.signature().inputs)]
        return _results(cls, several, make_op(cls, values, given.get("name"), attributes))

    function.__name__ = function.__qualname__ = title
    function.__doc__ = cls.__doc__
    kind = inspect.Parameter.KEYWORD_ONLY if keywords_only else inspect.Parameter.POSITIONAL_OR_KEYWORD
    function.__signature__ = inspect.Signature([  # type: ignore[attr-defined]
        *(inspect.Parameter(key, kind) for key in inputs),
        *(inspect.Parameter(key, kind, default=defaults[s]) for key, s in own.items()), inspect.Parameter("name", kind, default=None)])
    return function


def _defaults(cls: type[Op]) -> dict[str, Any]:
    """The attributes that no input tells, those without default first: {name: default or Parameter.empty}."""
    told = {text for arg in cls.signature().inputs for text in (arg.type, arg.number) if text}
    empty = inspect.Parameter.empty
    found = {field: cls.defaults.get(field, empty) for field in cls.fields if field not in told}
    return dict(sorted(found.items(), key=lambda item: item[1] is not empty))


def _plain(value: Any, kind: str, title: str, key: str) -> Any:
    """The attribute as op classes hold it: dtypes, shapes and messages from whatever stands for them."""
    if kind.startswith("list("):
        if not isinstance(value, (list, tuple)):
            raise TypeError(f"Expected list for '{key}' argument to '{title}' Op, not {value!r}.")
        return tuple([_plain(item, kind[5:-1], title, key) for item in value])
    if kind == "type":
        return as_dtype(value).base_dtype
    if kind == "shape":
        return as_tuple(value)
    if kind == "tensor":
        if not hasattr(value, "tensor_shape"):
            raise TypeError(f"Don't know how to convert {value!r} to a TensorProto for argument '{key}'.")
        return tensor_value(value, f"argument '{key}' of {title}")
    if kind == "string" and isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return value
    expected = {"bool": (bool,), "int": (int,), "float": (int, float), "string": (str,)}.get(kind)
    if expected:
        value = value.item() if hasattr(value, "item") else value
        if not isinstance(value, expected):
            raise TypeError(f"Expected {kind} for argument '{key}' not {value!r}.")
    return value


def _listed(value: Any, argument: Any) -> Any:
    """Iterables stand for lists where the argument is one."""
    return list(value) if argument.arity != "one" and isinstance(value, Sequence) and not isinstance(value, (str, bytes)) else value


def _results(cls: type[Op], several: Callable[..., Any], op: Any) -> Any:
    """The outputs as TensorFlow's functions give them: lists inside of named tuples stay lists."""
    outputs = cls.signature().outputs
    if not outputs:
        return op
    rest, parts = list(op.outputs), []
    for argument in outputs:
        if argument.arity == "one":
            parts.append(rest.pop(0))
            continue
        count = getattr(op._op_def, argument.number) if argument.arity == "list" else len(getattr(op._op_def, argument.type))
        parts.append(rest[:count])
        rest = rest[count:]
    return parts[0] if len(parts) == 1 else several(*parts)

