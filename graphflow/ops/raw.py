"""Operations by their types alone: the functions of TensorFlow's generated modules (gen_nn_ops.relu_grad, training_ops.apply_adam)."""
from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from .._public.api import OPS
from ..core.make import make
from ..core.op import Op, load


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


@functools.cache
def raw_function(name: str) -> Callable[..., Any]:
    """The function that adds an operation of the type so named; a leading underscore is TF1's mark of hidden functions.

    It takes the inputs, the attributes that inputs do not tell (those without default first), and `name`, by position or keyword.
    AttributeError if there is no such type.
    """
    op_type = _types().get(name.lstrip("_"))
    if op_type is None:
        raise AttributeError(f"graphflow has no operation type for {name!r}")
    cls = load(op_type)
    inputs = [a.name for a in cls.signature().inputs]
    settings = _settings(cls)

    def function(*args: Any, **kwargs: Any) -> Any:
        order = [*inputs, *settings, "name"]
        if len(args) > len(order):
            raise TypeError(f"{name}() takes at most {len(order)} arguments, {len(args)} were given: {', '.join(order)}")
        given = dict(zip(order, args))
        for key, value in kwargs.items():
            if key in given or key not in order:
                raise TypeError(f"{name}() got {'several values for' if key in given else 'an unexpected'} argument {key!r}; it takes "
                                f"{', '.join(order)}")
            given[key] = value
        missing = [key for key in inputs if key not in given]
        if missing:
            raise TypeError(f"{name}() lacks {', '.join(missing)}; it takes {', '.join(order)}")
        attributes = {key: given[key] for key in settings if given.get(key) is not None}
        return make(cls, *[given[key] for key in inputs], name=given.get("name"), **attributes)

    function.__name__ = function.__qualname__ = snake(op_type)
    function.__doc__ = cls.__doc__
    return function


def _settings(cls: type[Op]) -> list[str]:
    """The attributes that no input tells: those without default, then those with one."""
    told = {text for arg in cls.signature().inputs for text in (arg.type, arg.number) if text}
    free = [field for field in cls.fields if field not in told]
    return sorted(free, key=lambda field: field in cls.defaults)
