"""The element types of tensors, numbered as in TensorFlow's DataType enum.

Every type exists once, its `_ref` twin (enum + 100, the type of an assignable tensor) included, so inside graphflow
`a is b` compares types. Users may also compare with names and numpy types (`t.dtype == "float32"`), as TF1 allows.
What a type is (floating, integer, ...) is stored in slots rather than computed, since graph building asks all the time.
`np` is the numpy dtype, made on first use: bfloat16 alone needs ml_dtypes, which is slow to import.
"""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from .export import export, export_values

_REF_OFFSET = 100
_BY_ENUM: dict[int, DType] = {}
_BY_NAME: dict[str, DType] = {}
_BY_NUMPY: dict[np.dtype[Any], DType] = {}
_BY_PYTHON: dict[Any, DType] = {}

# numpy's one-field structures stand for types that numpy lacks, as in TensorFlow.
_STRUCTURES: dict[str, Any] = {
    "qint8": np.int8, "quint8": np.uint8, "qint16": np.int16, "quint16": np.uint16, "qint32": np.int32, "resource": np.ubyte,
}
_KINDS = {"f": "floating", "c": "complex", "i": "integer", "u": "integer", "b": "bool"}


@export("DType", "dtypes.DType")
class DType:
    """One element type, e.g. `tf.float32`; `name`, `number` (the DataType enum) and what it is."""

    __slots__ = ("base_dtype", "held", "is_bool", "is_complex", "is_floating", "is_integer", "is_numpy_compatible", "is_quantized",
                 "is_ref", "is_unsigned", "name", "np", "number", "ref_dtype")

    name: str
    number: int
    is_ref: builtins.bool
    is_floating: builtins.bool
    is_complex: builtins.bool
    is_integer: builtins.bool
    is_bool: builtins.bool
    is_unsigned: builtins.bool
    is_quantized: builtins.bool
    is_numpy_compatible: builtins.bool
    base_dtype: DType
    ref_dtype: DType
    held: np.dtype[Any]     # of the arrays in a run: a handle that is made in the run is an object
    np: np.dtype[Any]

    def __new__(cls, type_enum: Any) -> DType:
        """The one object for an enum number (TF1's constructor); a new one is made only below."""
        return as_dtype(type_enum)

    def __getattr__(self, attribute: str) -> Any:
        if attribute == "np":
            self.np = self.base_dtype.np if self.is_ref else _numpy_dtype(self.name)
            return self.np
        if attribute == "held":
            self.held = np.dtype(object) if self.base_dtype is resource else self.np
            return self.held
        raise AttributeError(f"'DType' object has no attribute '{attribute}'")

    @property
    def as_numpy_dtype(self) -> Any:
        """The numpy scalar type (`np.float32`); numpy's object for strings and variants, a structure for quantized types."""
        return self.np if self.np.fields else self.np.type

    @property
    def as_datatype_enum(self) -> int:
        return self.number

    @property
    def _is_ref_dtype(self) -> builtins.bool:
        return self.is_ref

    @property
    def _as_ref(self) -> DType:
        return self.ref_dtype

    @property
    def real_dtype(self) -> DType:
        """float32 for complex64, float64 for complex128, else the type itself."""
        if not self.is_complex:
            return self
        return float32 if self.base_dtype is complex64 else float64

    @property
    def min(self) -> Any:
        """Smallest representable number; TypeError where the type has none."""
        return self._range("minimum").min

    @property
    def max(self) -> Any:
        """Largest representable number; TypeError where the type has none."""
        return self._range("maximum").max

    def _range(self, which: str) -> Any:
        if self.base_dtype is bfloat16:
            from ml_dtypes import finfo  # at first use: saves 5 ms; bfloat16 only
            return finfo(self.np)
        if self.is_floating:
            return np.finfo(self.np)
        if self.is_integer:
            return np.iinfo(self.np)
        raise TypeError(f"Cannot find {which} value of {self} with {'quantized ' if self.is_quantized else ''}type {self.base_dtype}.")

    @property
    def limits(self) -> tuple[Any, Any]:
        """Range of an image of this type: (0, max) for integers, (0, 1) for floats, (False, True) for bool."""
        if self.is_bool:
            return False, True
        if self.is_floating:
            return 0, 1
        if not self.is_integer:
            raise ValueError(f"{self} does not have defined limits.")
        return 0, self.max

    @property
    def size(self) -> int:
        """Bytes per element; 0 for strings, resources and variants, whose data is elsewhere."""
        return self.np.itemsize if self.is_numpy_compatible and self.base_dtype is not string else 0

    def is_compatible_with(self, other: Any) -> builtins.bool:
        """Whether a tensor of type `other` may stand where this type is wanted (a reference may stand for its base)."""
        other = as_dtype(other)
        return self is other or self is other.base_dtype

    def __eq__(self, other: object) -> builtins.bool:
        if self is other:
            return True
        if other is None or type(other) is DType:
            return False
        try:
            return self is as_dtype(other)
        except TypeError:
            return False

    def __ne__(self, other: object) -> builtins.bool:
        return not self == other

    def __hash__(self) -> int:
        return self.number

    def __int__(self) -> int:
        return self.number

    def __str__(self) -> str:
        return f"<dtype: {self.name!r}>"

    def __repr__(self) -> str:
        return f"tf.{self.name}"

    def __reduce__(self) -> Any:
        return as_dtype, (self.name,)


def _numpy_dtype(name: str) -> np.dtype[Any]:
    if name == "bfloat16":
        import ml_dtypes  # at first use: saves 5 ms; bfloat16 only
        dtype = np.dtype(ml_dtypes.bfloat16)
        _BY_NUMPY[dtype] = bfloat16
        return dtype
    if name in _STRUCTURES:
        return np.dtype([(name, _STRUCTURES[name])])
    return np.dtype(object if name in ("string", "variant") else name)


def _make(name: str, number: int) -> DType:
    """The type and, made with it, its reference twin."""
    base, ref = object.__new__(DType), object.__new__(DType)
    quantized = name.startswith("q")
    numpy_compatible = name not in ("resource", "variant")
    kind = ""
    if name == "bfloat16":
        kind = "floating"
    else:
        base.np = ref.np = _numpy_dtype(name)
        kind = _KINDS.get(base.np.kind, "")
        _BY_NUMPY.setdefault(base.np, base)
    for dtype, is_ref in ((base, False), (ref, True)):
        dtype.name = name + "_ref" if is_ref else name
        dtype.number = number + _REF_OFFSET if is_ref else number
        dtype.is_ref = is_ref
        dtype.is_floating = kind == "floating"
        dtype.is_complex = kind == "complex"
        dtype.is_integer = kind == "integer"
        dtype.is_bool = kind == "bool"
        dtype.is_unsigned = name.startswith("uint")
        dtype.is_quantized = quantized
        dtype.is_numpy_compatible = numpy_compatible
        dtype.base_dtype, dtype.ref_dtype = base, ref
        _BY_ENUM[dtype.number] = _BY_NAME[dtype.name] = dtype
    return base


float32 = _make("float32", 1)
float64 = _make("float64", 2)
int32 = _make("int32", 3)
uint8 = _make("uint8", 4)
int16 = _make("int16", 5)
int8 = _make("int8", 6)
string = _make("string", 7)
complex64 = _make("complex64", 8)
int64 = _make("int64", 9)
bool_ = _make("bool", 10)
qint8 = _make("qint8", 11)
quint8 = _make("quint8", 12)
qint32 = _make("qint32", 13)
bfloat16 = _make("bfloat16", 14)
qint16 = _make("qint16", 15)
quint16 = _make("quint16", 16)
uint16 = _make("uint16", 17)
complex128 = _make("complex128", 18)
float16 = _make("float16", 19)
resource = _make("resource", 20)
variant = _make("variant", 21)
uint32 = _make("uint32", 22)
uint64 = _make("uint64", 23)

half = float16
double = float64
bool = bool_

_BY_NAME.update(half=half, double=double, float=float32, half_ref=half.ref_dtype, double_ref=double.ref_dtype,
                float_ref=float32.ref_dtype)
_BY_PYTHON.update({float: float32, builtins.bool: bool_, object: string})

_public = {name: name for name in (*_BY_NAME, "bool") if not name.endswith("_ref") and name != "float"}
export_values(__name__, **_public, **{f"dtypes__{name}": name for name in _public},
              QUANTIZED_DTYPES="QUANTIZED_DTYPES", dtypes__QUANTIZED_DTYPES="QUANTIZED_DTYPES")

QUANTIZED_DTYPES = frozenset(d for d in _BY_ENUM.values() if d.is_quantized)


@export("as_dtype", "dtypes.as_dtype")
def as_dtype(type_value: Any) -> DType:
    """The DType that a DType, name, enum number, numpy type or Python type stands for; TypeError for anything else.

    As in TF1 Python's float means float32, and Python's int is refused: int32 or int64 must be said.
    """
    if type(type_value) is DType:
        return type_value
    if isinstance(type_value, np.dtype) and type_value in _BY_NUMPY:
        return _BY_NUMPY[type_value]
    try:
        found = _BY_ENUM.get(type_value) if type(type_value) is int else _BY_NAME.get(type_value) or _BY_PYTHON.get(type_value)
    except TypeError:  # unhashable, such as a structured type written as a list
        found = None
    found = found or _from_numpy(type_value)
    if found is None:
        raise TypeError(f"Cannot convert the argument `type_value`: {type_value!r} to a TensorFlow DType.")
    return found


def _from_numpy(value: Any) -> DType | None:
    if value is None or isinstance(value, (int, str)) or any(value is python for python in (int, str, bytes, complex)):
        return None
    try:  # an array stands for its element type
        dtype = np.dtype(value if isinstance(value, type) else getattr(value, "dtype", value))
    except TypeError:
        return None
    found = _BY_NUMPY.get(dtype.newbyteorder("="))
    if found is None and dtype.kind in "SU":
        return string
    if found is None and dtype.name == "bfloat16":
        _BY_NUMPY[dtype] = found = bfloat16
    return found


def c_name(dtype: DType | np.dtype[Any]) -> str:
    """The name that TensorFlow's own messages use: float for float32, double, half."""
    name = dtype.base_dtype.name if isinstance(dtype, DType) else dtype.name
    return {"float32": "float", "float64": "double", "float16": "half", "object": "string"}.get(name, name)
