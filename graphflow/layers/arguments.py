"""What layers take in several forms: sizes as a number or a list, names of activations and initializers, a `training` flag or tensor."""
from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import numpy as np

from ..core.known import constant_value
from ..ops.control_flow.cond import cond
from ..ops.elementwise.unary import sigmoid, tanh
from ..ops.nn import activations
from ..ops.nn.softmax import softmax
from ..variables import initializers, matrix_initializers

ZEROS, ONES = initializers.Zeros(), initializers.Ones()     # defaults of layers

_ACTIVATIONS = {"elu": activations.elu, "relu": activations.relu, "relu6": activations.relu6, "selu": activations.selu,
                "sigmoid": sigmoid, "softmax": softmax, "softplus": activations.softplus, "softsign": activations.softsign, "tanh": tanh}
_INITIALIZERS = {
    "zeros": initializers.Zeros, "ones": initializers.Ones, "constant": initializers.Constant, "orthogonal": matrix_initializers.Orthogonal,
    "random_uniform": initializers.RandomUniform, "random_normal": initializers.RandomNormal,
    "uniform": initializers.RandomUniform, "normal": initializers.RandomNormal, "truncated_normal": initializers.TruncatedNormal,
    "glorot_uniform": initializers.GlorotUniform, "glorot_normal": initializers.GlorotNormal, "he_normal": initializers.he_normal,
    "he_uniform": initializers.he_uniform, "lecun_normal": initializers.lecun_normal, "lecun_uniform": initializers.lecun_uniform}


def activation_of(value: Any) -> Any:
    """A function for a name ('relu'); functions, and None for none, stay as they are. 'linear' is None."""
    if value is None or value == "linear" or callable(value):
        return None if value == "linear" else value
    return _named(value, _ACTIVATIONS, "activation")


def initializer_of(value: Any) -> Any:
    """An initializer for a name ('he_normal'), a class or {'class_name', 'config'}; None and functions of (shape, dtype) stay."""
    if isinstance(value, dict) and value.keys() == {"class_name", "config"}:
        classes = {**vars(initializers), **vars(matrix_initializers)}
        if not inspect.isclass(classes.get(value["class_name"])):
            raise ValueError(f"Could not interpret initializer identifier: {value!r}: there is no initializer of that class")
        return classes[value["class_name"]].from_config(value["config"])
    if isinstance(value, str):
        value = _named(value, _INITIALIZERS, "initializer")
    if value is None or callable(value):
        return value() if inspect.isclass(value) or value in _INITIALIZERS.values() else value
    raise ValueError(f"Could not interpret initializer identifier: {value!r}: give a function of (shape, dtype), such as "
                     "tf.constant_initializer(value)")


def _named(value: Any, table: dict[str, Any], what: str) -> Any:
    if isinstance(value, str) and value in table:
        return table[value]
    raise ValueError(f"Could not interpret {what} identifier: {value!r}: give a function, or one of the names {', '.join(sorted(table))}")


def sizes_of(value: Any, count: int, name: str, zero: bool = False) -> tuple[int, ...]:
    """`value` as `count` positive ints (with `zero`: 0 too): one number stands for all of them."""
    low = 0 if zero else 1
    values: tuple[int, ...] = ()
    with suppress(TypeError):
        values = tuple(operator.index(v) for v in value) if isinstance(value, Iterable) else (operator.index(value),) * count
    if len(values) != count or min(values) < low:
        raise ValueError(f"The `{name}` argument must be a tuple of {count} integers, each at least {low}. Received: {value!r}")
    return values


def format_of(data_format: str) -> str:
    """'channels_last' or 'channels_first', in small letters."""
    found = str(data_format).lower()
    if found not in ("channels_last", "channels_first"):
        raise ValueError(f'The `data_format` argument must be one of "channels_first", "channels_last". Received: {data_format}')
    return found


def padding_of(padding: str, causal: bool = False) -> str:
    """'valid' or 'same' (with `causal`: or 'causal'), in small letters."""
    allowed = ("valid", "same", "causal") if causal else ("valid", "same")
    found = str(padding).lower()
    if found not in allowed:
        raise ValueError(f"The `padding` argument must be one of {', '.join(map(repr, allowed))}. Received: {padding}")
    return found


def known_flag(flag: Any) -> bool | None:
    """True or False where a flag (bool, 0 or 1, or a tensor of known value) is known now, else None."""
    if isinstance(flag, (bool, int, np.bool_, np.integer)):
        return bool(flag)
    value = constant_value(flag)
    return None if value is None else bool(value)


def choose(flag: Any, true: Callable[[], Any], false: Callable[[], Any]) -> Any:
    """true() or false() where the flag is known, else a tf.cond of both."""
    known = known_flag(flag)
    if known is None:
        return cond(flag, true, false)
    return true() if known else false()
