"""The arguments of an operation as eager tensors, and its attributes.

As TensorFlow's eager mode has it: of arguments that share a dtype, the first tensor among them decides, wherever it stands.
"""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..core.convert import convert_to_tensor
from ..core.dtypes import DType, c_name
from ..core.errors import InvalidArgumentError
from ..core.make import check_attributes
from ..core.op import Op, _interned, allowed_text
from ..core.signature import Arg
from ..core.tensor import Tensor
from .tensor import EagerTensor

_NUMBERS = (int, float)


def convert(graph: Any, cls: type[Op], inputs: Sequence[Any], attrs: dict[str, Any]) -> tuple[Op, tuple[EagerTensor, ...]]:
    """The op and its input tensors. TypeError for values that do not convert, InvalidArgumentError for dtypes that do not fit."""
    signature = cls._signature or cls.signature()
    args = signature.inputs
    if len(inputs) != len(args):
        raise TypeError(f"{cls.__name__} takes {len(args)} inputs ({', '.join(a.name for a in args)}), got {len(inputs)}")
    flat: list[EagerTensor] = []
    for value, arg in zip(inputs, args):
        if arg.arity == "one":
            if arg.fixed is None and arg.type not in attrs:
                found = _dtype_among(inputs, args, arg.type)
                if found is not None:
                    attrs[arg.type] = found
            tensor = _converted(graph, cls, value, arg, arg.fixed or attrs.get(arg.type))
            _settle(cls, arg, tensor, attrs, len(flat))
            flat.append(tensor)
        else:
            flat.extend(_list(graph, cls, value, arg, attrs, len(flat)))
    try:
        op_def = _interned.get((cls, *attrs.items()))
    except TypeError:
        op_def = None
    if op_def is None:
        _check_allowed(cls, attrs)
        check_attributes(cls, attrs)
        op_def = cls.of(**attrs)
    return op_def, tuple(flat)


def _dtype_among(inputs: Sequence[Any], args: Sequence[Arg], attr: str) -> DType | None:
    """The dtype of the first tensor among the arguments of this type attribute."""
    for value, arg in zip(inputs, args):
        if arg.type == attr and arg.arity != "mixed":
            for item in value if arg.arity == "list" and isinstance(value, (list, tuple)) else (value,):
                dtype = _dtype_of(item)
                if dtype is not None:
                    return dtype
    return None


def _dtype_of(value: Any) -> DType | None:
    if value.__class__ is EagerTensor:
        return value._spec.dtype
    if isinstance(value, Tensor) or hasattr(value, "_as_graph_element"):
        found = getattr(value, "dtype", None)
        return found.base_dtype if isinstance(found, DType) else None
    return None


def _converted(graph: Any, cls: type[Op], value: Any, arg: Arg, dtype: DType | None) -> Any:
    if value.__class__ is EagerTensor:
        return value
    if dtype is not None and value.__class__ in _NUMBERS and dtype.is_floating:
        return graph.number(value, dtype)
    if isinstance(value, Tensor):
        return graph.own(value)
    if dtype is None:
        default = cls.defaults.get(arg.type) if arg.fixed is None else None
        if default is not None and arg.type in cls.allowed:
            found: Any = convert_to_tensor(value, None, arg.name)
            if found.dtype in cls.allowed[arg.type]:
                return found
        return convert_to_tensor(value, None, arg.name, preferred_dtype=default)
    if _dtype_of(value) is not None:           # a variable: whether its dtype fits is said below
        return convert_to_tensor(value, None, arg.name)
    try:
        return convert_to_tensor(value, dtype, arg.name)
    except (TypeError, ValueError) as error:
        raise type(error)(f"Cannot convert {value!r} to EagerTensor of dtype {dtype.name}: argument '{arg.name}' of {cls.__name__}. "
                          f"{error}") from None


def _settle(cls: type[Op], arg: Arg, tensor: Any, attrs: dict[str, Any], position: int) -> None:
    """Notes the dtype of an argument, or says that it is not the one that others have."""
    found = tensor._spec.dtype
    wanted = arg.fixed or attrs.get(arg.type)
    if wanted is None:
        attrs[arg.type] = found
    elif wanted is not found:
        raise InvalidArgumentError(None, None, f"cannot compute {cls.__name__} as input #{position}(zero-based) was expected to be a "
                                               f"{c_name(wanted)} tensor but is a {c_name(found)} tensor [Op:{cls.__name__}]")


def _list(graph: Any, cls: type[Op], value: Any, arg: Arg, attrs: dict[str, Any], position: int) -> list[Any]:
    if not isinstance(value, (list, tuple)):
        raise TypeError(f"Expected list for '{arg.name}' argument to '{cls.__name__}' Op, not {value!r}.")
    if arg.arity == "mixed":
        wanted = attrs.get(arg.type) or [None] * len(value)
        found = [_converted(graph, cls, item, arg, dtype) for item, dtype in zip(value, wanted)]
        types = tuple(t._spec.dtype for t in found)
        attrs.setdefault(arg.type, types)
        wrong = next((i for i, (a, b) in enumerate(zip(types, attrs[arg.type])) if a is not b), None)
        if wrong is not None:
            _settle(cls, arg._replace(fixed=attrs[arg.type][wrong]), found[wrong], attrs, position + wrong)
        return found
    dtype = arg.fixed or attrs.get(arg.type) or next(filter(None, map(_dtype_of, value)), None)
    found = []
    for i, item in enumerate(value):
        tensor = _converted(graph, cls, item, arg, dtype)
        dtype = dtype or tensor._spec.dtype
        if arg.fixed is None:
            attrs.setdefault(arg.type, dtype)
        _settle(cls, arg, tensor, attrs, position + i)
        found.append(tensor)
    attrs[arg.number] = len(found)
    return found


def _check_allowed(cls: type[Op], attrs: dict[str, Any]) -> None:
    for attr, types in cls.allowed.items():
        value = attrs.get(attr)
        for dtype in () if value is None else value if isinstance(value, (list, tuple)) else (value,):
            if dtype not in types:
                raise InvalidArgumentError(None, None, f"Value for attr '{attr}' of {c_name(dtype)} is not in the list of allowed values: "
                                                       f"{allowed_text(types)} [Op:{cls.__name__}]")

