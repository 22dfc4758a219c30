"""convert_to_tensor: Python values, arrays and registered types (variables, ...) become tensors of the default graph."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import context
from .constant import constant_op
from .dtypes import DType, as_dtype, int32, int64
from .export import export
from .tensor import Tensor
from .tensor_shape import Dimension, TensorShape

Converter = Callable[..., Any]
_converters: list[tuple[int, int, tuple[type, ...], Converter]] = []
_by_type: dict[type, list[Converter]] = {}


@export("register_tensor_conversion_function")
def register_tensor_conversion_function(base_type: Any, conversion_func: Converter, priority: int = 100) -> None:
    """Lets `convert_to_tensor` take values of `base_type` (a type or several).

    conversion_func(value, dtype=None, name=None, as_ref=False) returns a tensor or NotImplemented; lower priority goes first.
    """
    types = base_type if isinstance(base_type, tuple) else (base_type,)
    if not all(isinstance(t, type) for t in types):
        raise TypeError("base_type must be a type or a tuple of types.")
    if not callable(conversion_func):
        raise TypeError("conversion_func must be callable.")
    _converters.append((priority, len(_converters), types, conversion_func))
    _converters.sort(key=lambda c: c[:2])
    _by_type.clear()


def _functions_for(kind: type) -> list[Converter]:
    found = _by_type.get(kind)
    if found is None:
        found = _by_type[kind] = [f for _, _, types, f in _converters if issubclass(kind, types)]
    return found


@export("convert_to_tensor")
def convert_to_tensor_v1(value: Any, dtype: Any = None, name: str | None = None, preferred_dtype: Any = None,
                         dtype_hint: Any = None) -> Tensor:
    """`value` as a tensor: a tensor stays itself, Python values and arrays become constants.

    dtype: the dtype it must have (TypeError if a tensor has another). preferred_dtype/dtype_hint: used when the value allows.
    Python floats become float32, Python ints int32 (int64 when they need it).
    """
    return convert_to_tensor(value, as_dtype(dtype) if dtype is not None else None, name,
                             preferred_dtype or dtype_hint)


def convert_to_tensor(value: Any, dtype: DType | None = None, name: str | None = None, preferred_dtype: Any = None,
                      as_ref: bool = False) -> Tensor:
    """As `tf.convert_to_tensor`; as_ref=True keeps the reference of a ref-style variable."""
    if value.__class__ is Tensor:
        if dtype is not None and value._spec.dtype.base_dtype is not dtype.base_dtype:
            raise ValueError(f"Tensor conversion requested dtype {dtype.name} for Tensor with dtype "
                             f"{value._spec.dtype.name}: {value}")
        return value
    if value.__class__ is context.EagerTensor:
        return _from_eager(value, dtype, name)
    if preferred_dtype is not None and dtype is None:
        try:
            return _apply(value, as_dtype(preferred_dtype), name, as_ref)
        except (TypeError, ValueError):
            pass
    return _apply(value, dtype, name, as_ref)


def _from_eager(value: Any, dtype: DType | None, name: str | None) -> Tensor:
    """A tensor with a value: itself where eager execution is on, captured in a function, in a graph a constant."""
    if dtype is not None and value._spec.dtype is not dtype.base_dtype:
        raise ValueError(f"Tensor conversion requested dtype {dtype.name} for Tensor with dtype {value._spec.dtype.name}: {value!r}")
    graph = context.default_graph()
    if graph.eager:
        return value
    if graph.shared.eager:
        return graph.own(value)
    return constant_op(value.numpy(), value._spec.dtype, None, name or "Const")


def _apply(value: Any, dtype: DType | None, name: str | None, as_ref: bool) -> Tensor:
    for function in _functions_for(type(value)):
        result = function(value, dtype=dtype, name=name, as_ref=as_ref)
        if result is not NotImplemented:
            if not isinstance(result, Tensor):
                raise RuntimeError(f"Conversion function {function!r} for type {type(value)} returned non-Tensor: {result!r}")
            if dtype is not None and not dtype.base_dtype.is_compatible_with(result.dtype.base_dtype):
                raise RuntimeError(f"Conversion function {function!r} for type {type(value)} returned incompatible dtype: "
                                   f"requested = {dtype.base_dtype.name}, actual = {result.dtype.name}")
            return result
    raise TypeError(f"Cannot convert {value!r} with type {type(value)} to Tensor: no conversion function registered.")


def convert_n_to_tensor(values: Sequence[Any], dtype: DType | None = None, name: str | None = None) -> list[Tensor]:
    """Each of `values` as a tensor, named name_0, name_1, ..."""
    return [convert_to_tensor(v, dtype, None if name is None else f"{name}_{i}") for i, v in enumerate(values)]


def _constant_conversion(value: Any, dtype: DType | None = None, name: str | None = None, as_ref: bool = False) -> Any:
    return constant_op(value, dtype, None, name or "Const")


def _shape_conversion(value: Any, dtype: DType | None = None, name: str | None = None, as_ref: bool = False) -> Any:
    if not value.is_fully_defined():
        raise ValueError(f"Cannot convert a partially known TensorShape {value} to a Tensor. For sizes known only when run "
                         "use tf.shape(x), e.g. tf.zeros([tf.shape(x)[0], 10]).")
    sizes = value.as_list()
    if dtype is None:
        dtype = int64 if any(d >= 2 ** 31 for d in sizes) else int32
    elif dtype not in (int32, int64):
        raise TypeError(f"Cannot convert a TensorShape to dtype {dtype.name}")
    return constant_op(sizes, dtype, None, name or "shape_as_tensor")


def _dimension_conversion(value: Any, dtype: DType | None = None, name: str | None = None, as_ref: bool = False) -> Any:
    if value.value is None:
        raise ValueError(f"Cannot convert an unknown Dimension to a Tensor: {value}")
    return constant_op(value.value, dtype, None, name or "shape_as_tensor")


def _sequence_conversion(value: Any, dtype: DType | None = None, name: str | None = None, as_ref: bool = False) -> Any:
    """Lists that hold tensors are packed by `tf.stack` (registered by ops.array); plain ones become constants."""
    if _holds_tensor(value):
        return NotImplemented
    return _constant_conversion(value, dtype, name)


def _holds_tensor(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(_holds_tensor(v) for v in value)
    return isinstance(value, Tensor) or hasattr(value, "_as_graph_element")


def _register() -> None:
    register_tensor_conversion_function(TensorShape, _shape_conversion, 100)
    register_tensor_conversion_function(Dimension, _dimension_conversion, 100)
    register_tensor_conversion_function((list, tuple), _sequence_conversion, 98)
    register_tensor_conversion_function((int, float, complex, bool, str, bytes, np.ndarray, np.generic), _constant_conversion, 100)
    register_tensor_conversion_function(object, _array_conversion, 200)


def _array_conversion(value: Any, dtype: DType | None = None, name: str | None = None, as_ref: bool = False) -> Any:
    """Anything else that numpy can read as an array of numbers or strings."""
    if value is None:
        raise ValueError("None values not supported.")
    if _holds_tensor(value):
        return NotImplemented
    return _constant_conversion(value, dtype, name)


_register()
