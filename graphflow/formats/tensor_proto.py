"""Arrays in TensorProto messages, both ways.

A proto holds its elements as raw little-endian bytes (`tensor_content`), or as numbers in the list that belongs to its type. A
list may be short: its last number stands for all that follow, and no number at all for zeros. So a few bytes may claim any
shape, and what is claimed never decides how much memory is taken: one value for many elements becomes a read-only view with
strides of zero, and anything else that must be filled up is limited.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from graphflow.formats import proto as messages
from graphflow.formats.element_types import RESOURCE, STRING, VARIANT, is_known, numpy_type, type_name, type_number
from graphflow.formats.errors import DataLossError, InvalidFileError

# What a list of several values may be filled up to, in bytes; one value may stand for any number of elements.
FILL_LIMIT = 1 << 30
_MOST_ELEMENTS = (1 << 63) - 1
_SMALL = 1 << 16

_LISTS = {
    1: "float_val", 2: "double_val", 3: "int_val", 4: "int_val", 5: "int_val", 6: "int_val", STRING: "string_val", 8: "scomplex_val",
    9: "int64_val", 10: "bool_val", 11: "int_val", 12: "int_val", 13: "int_val", 14: "half_val", 15: "int_val", 16: "int_val",
    17: "int_val", 18: "dcomplex_val", 19: "half_val", RESOURCE: "resource_handle_val", VARIANT: "variant_val", 22: "uint32_val",
    23: "uint64_val", 24: "float8_val", 25: "float8_val", 26: "float8_val", 27: "float8_val", 28: "float8_val",
    29: "int_val", 30: "int_val", 31: "int_val", 32: "int_val",
}  # fmt: skip


def shape_of(shape: Any, source: str) -> tuple[int, ...]:
    """The sizes in a TensorShapeProto; InvalidFileError if one is unknown or negative, or they multiply to more than 2**63 - 1."""
    if shape.unknown_rank:
        raise InvalidFileError(f"{source}: expected a shape that is known, found one of unknown rank.")
    sizes = tuple(int(dim.size) for dim in shape.dim)
    if any(size < 0 for size in sizes):
        raise InvalidFileError(f"{source}: Shape {list(sizes)} is not fully defined: expected sizes of 0 and more.")
    if prod(sizes) > _MOST_ELEMENTS:
        raise InvalidFileError(f"{source}: Shape {list(sizes)} is too large (more than 2**63 - 1 entries).")
    return sizes


def array_from_proto(proto: Any, source: str = "TensorProto") -> np.ndarray[Any, Any]:
    """The array that a TensorProto holds; strings as an object array of bytes, bfloat16 and float8 in ml_dtypes' types.

    May be a read-only view. source: where the message was found, for errors. Raises InvalidFileError where type or shape cannot be, and
    DataLossError where the bytes do not fit the shape.
    """
    number, sizes = proto.dtype, shape_of(proto.tensor_shape, source)
    dtype = _array_type(number, source)
    if proto.tensor_content:
        return _from_content(proto.tensor_content, number, dtype, sizes, source)
    return _spread(_listed(proto, number, dtype, source), sizes, source)


def _array_type(number: int, source: str) -> np.dtype[Any]:
    dtype = numpy_type(number)
    if dtype is None and number in (29, 30, 31, 32):
        return np.dtype(np.int8 if number in (29, 31) else np.uint8)
    if dtype is None:
        what = "that arrays cannot hold" if is_known(number) else "that does not exist"
        raise InvalidFileError(f"{source}: expected elements of a known type, found {type_name(number)}, {what}.")
    return dtype


def _from_content(content: bytes, number: int, dtype: np.dtype[Any], sizes: tuple[int, ...], source: str) -> np.ndarray[Any, Any]:
    if number == STRING:
        raise InvalidFileError(f"{source}: strings cannot be stored as raw bytes.")
    expected = prod(sizes) * dtype.itemsize
    if len(content) != expected:
        raise DataLossError(
            f"{source}: Cannot parse tensor: expected {expected} bytes for {type_name(number)} {list(sizes)}, found {len(content)}."
        )
    if number == 10:  # any byte but 0 is true
        return (np.frombuffer(content, np.uint8) != 0).reshape(sizes)
    return np.frombuffer(content, dtype.newbyteorder("<")).astype(dtype, copy=False).reshape(sizes)


def _listed(proto: Any, number: int, dtype: np.dtype[Any], source: str) -> np.ndarray[Any, Any]:
    """The values in the list of the type, one-dimensional."""
    values = getattr(proto, _LISTS[number])
    if number == STRING:
        strings = np.empty(len(values), object)
        strings[:] = values
        return strings
    if isinstance(values, bytes):  # float8: one byte an element
        return np.frombuffer(values, np.uint8).view(dtype)
    if _LISTS[number] == "half_val":  # 16 bits, whatever sign they were stored with
        return (np.array(values, np.int64) & 0xFFFF).astype(np.uint16).view(dtype)
    if dtype.kind == "c":
        if len(values) % 2:
            raise DataLossError(f"{source}: Cannot parse tensor: expected pairs of numbers for {type_name(number)}, found {len(values)}.")
        return np.array(values, np.float64 if number == 18 else np.float32).view(dtype)
    if dtype.kind in "iu" and dtype.itemsize < 4:
        return np.array(values, np.int64).astype(dtype)
    return np.array(values, dtype)


def listed_values(proto: Any, number: int, source: str) -> np.ndarray[Any, Any]:
    """The values in the list of a type, one-dimensional and as many as are there; what V1 checkpoints store, without type or shape."""
    return _listed(proto, number, _array_type(number, source), source)


def _spread(values: np.ndarray[Any, Any], sizes: tuple[int, ...], source: str) -> np.ndarray[Any, Any]:
    """The listed values in their shape; the last one is repeated where there are too few, the rest is left out where too many."""
    count, found = prod(sizes), len(values)
    if found == count:
        return values.reshape(sizes)
    if found > count:
        return values[:count].reshape(sizes)
    if found <= 1:
        if found:
            value = values
        else:
            value = np.array([b""], object) if values.dtype == object else np.zeros(1, values.dtype)
        view = np.broadcast_to(value.reshape((1,) * len(sizes)), sizes)
        return view.copy() if count <= _SMALL else view
    if count * values.itemsize > FILL_LIMIT:
        raise InvalidFileError(f"{source}: {found} values stand for {count} elements, more than {FILL_LIMIT} bytes.")
    filled = np.empty(count, values.dtype)
    filled[:found] = values
    filled[found:] = values[-1]
    return filled.reshape(sizes)


_LISTED = {messages.DT_BOOL, messages.DT_UINT16, messages.DT_COMPLEX64, messages.DT_COMPLEX128}   # element types that are never raw bytes


def proto_from_array(array: Any, number: int | None = None, content: bool | None = None) -> Any:
    """A TensorProto of an array. number: its DataType, by default that of the array's type (objects, str and bytes are strings).

    content: raw bytes instead of a list of values; by default as TensorFlow does, for numbers of more than one element.
    TypeError for elements that cannot be stored.
    """
    array = np.asarray(array)
    number = type_number(array.dtype) if number is None else number
    proto = messages.TensorProto(dtype=number)
    proto.tensor_shape.SetInParent()
    for size in array.shape:
        proto.tensor_shape.dim.add(size=size)
    if number == STRING:
        proto.string_val.extend(as_bytes(item) for item in array.ravel().tolist())
    elif content if content is not None else array.size > 1 and number not in _LISTED:
        proto.tensor_content = np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes()
    else:
        _list_values(proto, array.ravel().astype(array.dtype.newbyteorder("="), copy=False), number)
    return proto


def _list_values(proto: Any, flat: np.ndarray[Any, Any], number: int) -> None:
    field = _LISTS[number]
    if field == "float8_val":
        proto.float8_val = flat.tobytes()
    elif field == "half_val":
        proto.half_val.extend(flat.view(np.uint16).tolist())
    elif flat.dtype.kind == "c":
        getattr(proto, field).extend(flat.view(flat.real.dtype).tolist())
    else:
        getattr(proto, field).extend(flat.tolist())


def as_bytes(item: Any) -> bytes:
    """A string element as it is stored."""
    if isinstance(item, str):
        return item.encode("utf-8")
    if isinstance(item, (bytes, bytearray)):
        return bytes(item)
    raise TypeError(f"expected str or bytes as the element of a string tensor, found {type(item).__name__}")
