"""Calls of operations that need no more finding out: what a call does is kept, by all that decides it.

That is the op type, its attributes, dtypes and shapes of tensors, Python values, and the values of tensors that inference looks into.
A key is made of these in one pass over the arguments; with what it leads to, inputs that are Python values are tensors already.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..core.dtypes import resource
from ..core.op import Op, remember
from ..core.tensor_shape import TensorShape
from .run import Prepared, run, run_quickly
from .tensor import EagerTensor

_SHORT = 64             # elements of a value that a key holds


class NoKey(Exception):
    """Arguments that a key cannot be made of."""


class Call:
    """An operation, ready for arguments of one kind.

    constants: for each argument None where it is a tensor, what stands for it where it is a Python value, a tuple of these for a list;
    None in place of all where all are tensors.
    """
    __slots__ = ("constants", "listed", "named", "prepared", "single")

    def __init__(self, prepared: Prepared, constants: tuple[Any, ...] | None):
        cls = type(prepared.op_def)
        self.prepared, self.constants = prepared, constants
        self.named = cls.results()
        outputs = cls.signature().outputs
        self.single = len(outputs) == 1 and outputs[0].arity == "one"
        self.listed = bool(outputs)

    def __call__(self, graph: Any, inputs: Sequence[Any], name: str | None) -> Any:
        constants = self.constants
        if constants is not None:
            flat: list[Any] = []
            for value, constant in zip(inputs, constants):
                if constant is None:
                    flat.append(value)
                elif constant.__class__ is tuple:
                    flat.extend([item if one is None else one for item, one in zip(value, constant)])
                else:
                    flat.append(constant)
            inputs = flat
        prepared = self.prepared
        if prepared.short:
            return run_quickly(prepared, inputs)
        outputs = run(graph, prepared, inputs, name)
        if self.single:
            return outputs[0]
        if not self.listed:
            return None
        return list(outputs) if self.named is None else self.named(*outputs)


def key_of(cls: type[Op], inputs: Sequence[Any], attrs: dict[str, Any]) -> tuple[Any, ...]:
    """All that decides what a call does. NoKey where that is not known, or too much to hold."""
    signature = cls._signature or cls.signature()
    if len(inputs) != len(signature.inputs):
        raise NoKey
    parts: list[Any] = []
    for value, arg in zip(inputs, signature.inputs):
        if value.__class__ is EagerTensor:
            spec = value._spec
            parts.append(_behind(value) if spec.dtype is resource else spec)
        elif arg.arity == "one":
            parts.append(_plain(value))
        elif arg.arity == "list" and (value.__class__ is list or value.__class__ is tuple):
            parts.append(len(value))
            for item in value:
                parts.append(item._spec if item.__class__ is EagerTensor and item._spec.dtype is not resource else _plain(item))
        else:
            raise NoKey
    for at in cls._static_positions:
        value = inputs[at]
        if value.__class__ is EagerTensor:
            array = value._value
            if array.size > _SHORT or array.dtype.kind == "O":
                raise NoKey
            parts.append(array.tobytes())
    return (*parts, *attrs.items())


def keep(cls: type[Op], key: tuple[Any, ...], inputs: Sequence[Any], prepared: Prepared, flat: Sequence[Any]) -> None:
    """Keeps what an operation does for arguments of this key. flat: the inputs as tensors."""
    op_def = prepared.op_def
    if op_def.stateful and not op_def.draws or op_def.holds is not None or op_def.must_be_fed:
        return
    constants: list[Any] = []
    tensors = iter(flat)
    for value, arg in zip(inputs, cls._signature.inputs):  # type: ignore[union-attr]
        if arg.arity == "one":
            constants.append(_constant(value, next(tensors)))
        else:
            constants.append(tuple([_constant(item, next(tensors)) for item in value]))
    plain = all(constant is None for constant in constants)
    remember(cls._ready, key, Call(prepared, None if plain else tuple(constants)))


def _constant(value: Any, tensor: Any) -> Any:
    return None if value is tensor else tensor


def _behind(handle: Any) -> Any:
    """The spec of the variable behind a handle."""
    spec = handle._value.op._op_def.variable()
    if spec is None:
        raise NoKey
    return resource, spec


def _plain(value: Any) -> Any:
    """A Python value as a part of a key: equal for values that become equal tensors."""
    part = _PARTS.get(value.__class__)
    if part is None:
        raise NoKey
    return part(value)


def _number(value: Any) -> Any:
    return (value.__class__, value) if value else (value.__class__, str(value))       # 0.0 and -0.0 are equal


def _sequence(value: Any) -> Any:
    if len(value) > _SHORT:
        raise NoKey
    return (value.__class__, *[_plain(item) for item in value])


def _array(value: Any) -> Any:
    if value.size > _SHORT or value.dtype.kind == "O":
        raise NoKey
    return value.dtype.str, value.shape, value.tobytes()


def _shape(value: Any) -> Any:
    if not value.is_fully_defined():
        raise NoKey
    return TensorShape, tuple(value.as_list())


_PARTS: dict[type, Callable[[Any], Any]] = {
    int: _number, float: _number, bool: _number, str: _number, bytes: _number, list: _sequence, tuple: _sequence, np.ndarray: _array,
    np.int32: _array, np.int64: _array, np.float32: _array, np.float64: _array, TensorShape: _shape,
}
