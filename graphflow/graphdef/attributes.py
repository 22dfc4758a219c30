"""Attributes of operations in AttrValue messages, both ways.

Inside graphflow an attribute is a plain value: DType, shape tuple, int, float, bool, str (bytes where it is no UTF-8), array, function
(`FunctionName`), or a tuple of those. The kind of an attribute ("type", "list(int)", ...) comes from the op's definition.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from graphflow.formats import proto
from graphflow.formats.element_types import is_known, type_name
from graphflow.formats.errors import FormatError
from graphflow.formats.tensor_proto import array_from_proto, proto_from_array

from ..core import shapes
from ..core.dtypes import DType, as_dtype
from ..core.op import Op
from . import op_table

# kind in an op's definition -> field of AttrValue
FIELDS = {"string": "s", "int": "i", "float": "f", "bool": "b", "type": "type", "shape": "shape", "tensor": "tensor", "func": "func"}
_WORDS = {field: kind for kind, field in FIELDS.items()}
# annotation of an op class -> kind
_OF_ANNOTATION = {
    "DType": "type", "int": "int", "float": "float", "bool": "bool", "str": "string", "bytes": "string", "Shape": "shape",
    "np.ndarray": "tensor", "ndarray": "tensor", "FunctionName": "func",
}  # fmt: skip


class FunctionName(NamedTuple):
    """A function of the graph's library, as the value of an attribute."""

    name: str
    attributes: tuple[tuple[str, bytes], ...] = ()  # serialized AttrValues


def kinds_of(cls: type[Op]) -> dict[str, str]:
    """The kind of each attribute of an op type, from its definition, else from the class's annotations."""
    definition = op_table.find(cls.__name__)
    kinds = {name: _annotated(text) for name, text in cls.annotations.items()}
    if definition is not None:
        kinds.update((a.name, a.type) for a in definition.attr)
    return kinds


def _annotated(text: str) -> str:
    if text.startswith(("list[", "tuple[")):
        inner = text[text.index("[") + 1 :].rstrip("]").split(",")[0].strip()
        return f"list({_OF_ANNOTATION.get(inner, 'string')})"
    return _OF_ANNOTATION.get(text, "string")


# ---- values to messages ------------------------------------------------------------------------------------------------


def to_message(value: Any, kind: str) -> Any:
    """The AttrValue of an attribute."""
    message = proto.AttrValue()
    if kind.startswith("list("):
        message.list.SetInParent()
        field = FIELDS[kind[5:-1]]
        getattr(message.list, field).extend([_stored(item, field) for item in value])
    else:
        field = FIELDS[kind]
        _put(message, field, value)
    return message


def extra_to_message(value: Any) -> Any:
    """The AttrValue of an annotation such as `_class`, its kind found by its Python type."""
    if isinstance(value, proto.AttrValue):
        return value
    if isinstance(value, (list, tuple)):
        return to_message(value, f"list({_kind_of(value[0]) if value else 'string'})")
    return to_message(value, _kind_of(value))


def _kind_of(value: Any) -> str:
    for types, kind in (((bool, np.bool_), "bool"), ((int, np.integer), "int"), ((float, np.floating), "float"), (DType, "type"),
                        ((str, bytes), "string"), (np.ndarray, "tensor"), (FunctionName, "func")):  # fmt: skip
        if isinstance(value, types):
            return kind
    return "shape"


def _put(message: Any, field: str, value: Any) -> None:
    if field in ("shape", "tensor", "func"):
        getattr(message, field).CopyFrom(_stored(value, field))
    else:
        setattr(message, field, _stored(value, field))


def _stored(value: Any, field: str) -> Any:
    if field == "type":
        return as_dtype(value).number
    if field == "s":
        return value.encode("utf-8") if isinstance(value, str) else bytes(value)
    if field == "shape":
        return shape_message(value)
    if field == "tensor":
        return tensor_message(value)
    if field == "func":
        return _function_message(value)
    return {"i": int, "f": float, "b": bool}[field](value)


def shape_message(shape: Any) -> Any:
    """The TensorShapeProto of a shape; None is unknown rank, an unknown size is -1."""
    dims = shapes.as_tuple(shape)
    message = proto.TensorShapeProto()
    if dims is None:
        message.unknown_rank = True
    else:
        for size in dims:
            message.dim.add(size=-1 if size is None else size)
    return message


def tensor_message(value: Any, dtype: DType | None = None) -> Any:
    """The TensorProto of an array; one value under a large shape stays one value."""
    if hasattr(value, "tensor_shape"):
        return value
    array = np.asarray(value)
    number = None if dtype is None else dtype.base_dtype.number
    if array.size > 1 and not any(stride for stride, size in zip(array.strides, array.shape, strict=True) if size > 1):
        message = proto_from_array(array[(0,) * array.ndim], number, content=False)
        message.tensor_shape.CopyFrom(shape_message(array.shape))
        return message
    return proto_from_array(array, number)


def _function_message(value: Any) -> Any:
    name = value if isinstance(value, str) else value.name
    message = proto.NameAttrList(name=name)
    for key, data in getattr(value, "attributes", ()):
        message.attr[key].CopyFrom(proto.AttrValue.FromString(data))
    return message


# ---- messages to values ------------------------------------------------------------------------------------------------


def check_message(message: Any, kind: str) -> None:
    """ValueError unless the AttrValue holds a value of that kind."""
    which = message.WhichOneof("value")
    if which is None:
        raise ValueError(f"AttrValue missing value with expected type '{kind}'")
    found = f"list({_list_kind(message)})" if which == "list" else _WORDS.get(which, which)
    if found != kind and not (found == "list(any)" and kind.startswith("list(")):
        raise ValueError(f"AttrValue had value with type '{found}' when '{kind}' expected")
    numbers = message.list.type if which == "list" else [message.type] if which == "type" else ()
    for number in numbers:
        if not is_known(number % 100 if 100 < number < 200 else number):
            raise ValueError(f"AttrValue has invalid DataType enum: {number}")


def _list_kind(message: Any) -> str:
    fields = message.list.ListFields()
    return _WORDS[fields[0][0].name] if fields else "any"


def from_message(message: Any, kind: str, source: str = "attribute") -> Any:
    """The plain value of an AttrValue of that kind. ValueError where it is of another, or cannot be."""
    check_message(message, kind)
    if kind.startswith("list("):
        field = FIELDS[kind[5:-1]]
        return tuple(_plain(item, field, source) for item in getattr(message.list, field))
    field = FIELDS[kind]
    return _plain(getattr(message, field), field, source)


def _plain(value: Any, field: str, source: str) -> Any:
    if field == "type":
        try:
            return as_dtype(value)
        except TypeError:
            raise ValueError(f"{source}: elements of {type_name(value)} are not part of graphflow") from None
    if field == "s":
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return value
    if field == "shape":
        return shapes.as_tuple(_checked_shape(value, source))
    if field == "tensor":
        return tensor_value(value, source)
    if field == "func":
        return FunctionName(value.name, tuple((k, value.attr[k].SerializeToString(deterministic=True)) for k in sorted(value.attr)))
    return value


def _checked_shape(message: Any, source: str) -> Any:
    for dim in message.dim:
        if dim.size < -1:
            raise ValueError(f"{source}: a shape has a size of {dim.size}: expected -1 (unknown) or more")
    return message


def tensor_value(message: Any, source: str) -> np.ndarray:
    """The array of a TensorProto; ValueError where it cannot be."""
    try:
        return array_from_proto(message, source)
    except FormatError as error:
        raise ValueError(str(error)) from None
