"""Element types of stored tensors: numbers of the DataType enum and the numpy types that hold them.

Quantized types are held as their integers. bfloat16 and the small floats come from ml_dtypes, imported on first need.
"""
from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

STRING, RESOURCE, VARIANT = 7, 20, 21

_NAMES = {
    1: "float32", 2: "float64", 3: "int32", 4: "uint8", 5: "int16", 6: "int8", STRING: "string", 8: "complex64", 9: "int64", 10: "bool",
    11: "qint8", 12: "quint8", 13: "qint32", 14: "bfloat16", 15: "qint16", 16: "quint16", 17: "uint16", 18: "complex128", 19: "float16",
    RESOURCE: "resource", VARIANT: "variant", 22: "uint32", 23: "uint64",
    24: "float8_e5m2", 25: "float8_e4m3fn", 26: "float8_e4m3fnuz", 27: "float8_e4m3b11fnuz", 28: "float8_e5m2fnuz",
    29: "int4", 30: "uint4", 31: "int2", 32: "uint2", 33: "float4_e2m1fn",
}
_NUMBERS = {name: number for number, name in _NAMES.items()}
_FROM_ML_DTYPES = {14, 24, 25, 26, 27, 28}
_WITHOUT_ARRAYS = {RESOURCE, VARIANT, 29, 30, 31, 32, 33}  # packed or foreign: TensorFlow cannot store them in a checkpoint either


def type_name(number: int) -> str:
    """`float32` for 1; `type 250` for a number that no element type has."""
    return _NAMES.get(number, f"type {number}")


def is_known(number: int) -> bool:
    return number in _NAMES


@cache
def numpy_type(number: int) -> np.dtype[Any] | None:
    """The numpy type (native byte order) of an element type; object for strings; None for what arrays cannot hold."""
    if number not in _NAMES or number in _WITHOUT_ARRAYS:
        return None
    if number in _FROM_ML_DTYPES:
        import ml_dtypes  # at first use: saves 5 ms; bfloat16 and its like only

        found = getattr(ml_dtypes, _NAMES[number], None)
        return None if found is None else np.dtype(found)
    return np.dtype(object if number == STRING else _NAMES[number].removeprefix("q"))


def type_number(dtype: Any) -> int:
    """The enum number of a numpy type, of TensorFlow's one-field structures for quantized types, or of a type's name.

    TypeError for a type that no checkpoint can hold.
    """
    if isinstance(dtype, str) and dtype in _NUMBERS:
        return _NUMBERS[dtype]
    dtype = np.dtype(dtype)
    if dtype.names and len(dtype.names) == 1:  # [("qint8", int8)]
        name = dtype.names[0]
    else:
        name = "string" if dtype.kind in "OSUT" else dtype.name
    if name not in _NUMBERS or numpy_type(_NUMBERS[name]) is None:
        raise TypeError(f"a checkpoint cannot hold elements of type {dtype}")
    return _NUMBERS[name]
