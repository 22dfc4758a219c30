"""Const nodes, and TensorFlow's rules for making them from Python values."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..kernels.contract import Namespace
from . import context, dtypes, shapes
from .dtypes import DType, as_dtype
from .export import export
from .op import Op, Spec, require
from .tensor_shape import Dimension

_OK_FOR_FLOAT = (int, float, np.integer, np.floating)
_OK_FOR_INT = (int, np.integer)


class Const(Op, sig="-> output: dtype"):
    """A value that is known when the graph is built."""
    plain = True
    value: np.ndarray
    dtype: DType

    def infer(self) -> Spec:
        require(self.value.dtype == self.dtype.np, f"Type mismatch between value ({self.value.dtype}) and dtype ({self.dtype.name})")
        return Spec(self.dtype, self.value.shape)

    def kernel(self, xp: Namespace) -> np.ndarray:
        return self.value


def const_def(value: np.ndarray, dtype: DType) -> Const:
    """The op of a Const node holding `value`, which is not to be written any more. Never interned."""
    op_def = object.__new__(Const)
    op_def.__dict__.update(value=value, dtype=dtype, _memo={})
    return op_def


def constant_op(value: Any, dtype: DType | None = None, shape: Any = None, name: str = "Const") -> Any:
    """A Const tensor. Python floats become float32, ints int32 if they fit; arrays keep their dtype unless one is given."""
    if shape is not None and 0 in shapes.as_tuple(shape) and not isinstance(value, (np.ndarray, np.generic)):  # type: ignore[operator]
        value = np.empty(shapes.as_tuple(shape), (dtype or dtypes.float32).np)     # whatever the value is, as TensorFlow has it
    array, dtype = to_array(value, dtype)
    if shape is not None:
        array = _with_shape(array, shapes.as_tuple(shape))
    graph = context.default_graph()
    if graph.eager:
        return graph.constant(array, dtype)
    op_def = const_def(array, dtype)
    return graph._add(op_def, (), graph._op_name(name), (Spec(dtype, array.shape),), 3).outputs[0]


@export("constant")
def constant(value: Any, dtype: Any = None, shape: Any = None, name: str = "Const", verify_shape: bool = False) -> Any:
    """A constant tensor.

    value: a Python value, (nested) list or array. shape: the shape to give it; a value with fewer elements is filled up with
    its last element, unless verify_shape, when another shape raises TypeError.
    """
    wanted = None if dtype is None else as_dtype(dtype).base_dtype
    if verify_shape and shape is not None:
        array, _ = to_array(value, wanted)
        if array.shape != shapes.as_tuple(shape):
            raise TypeError(f"Expected Tensor's shape: {shapes.as_tuple(shape)}, got {array.shape}.")
    return constant_op(value, wanted, shape, name or "Const")


def _integers(value: Any, dtype: DType) -> np.ndarray:
    """Integers of a type; those beyond it wrap around, as TensorFlow's constants do (numpy would refuse them or, before 2, warn)."""
    wide = np.array(value)
    return wide.astype(dtype.np) if wide.dtype.kind in "iu" else np.array(value, dtype.np)


_FLOATS = {float}


def to_array(value: Any, dtype: DType | None) -> tuple[np.ndarray, DType]:
    """An array that nobody else writes, and its dtype; TypeError/ValueError when the value does not fit the dtype."""
    cls = value.__class__  # plain numbers first: most constants are made by operators
    if cls is float and (dtype is None or dtype is dtypes.float32):
        return np.array(value, np.float32), dtypes.float32
    if cls is int and (dtype is None or dtype is dtypes.int32) and -1 << 31 <= value < 1 << 31:
        return np.array(value, np.int32), dtypes.int32
    if (cls is list or cls is tuple) and (dtype is None or dtype is dtypes.float32) and {item.__class__ for item in value} == _FLOATS:
        return np.array(value, np.float32), dtypes.float32
    if value is None:
        raise ValueError("None values not supported.")
    if isinstance(value, (np.ndarray, np.generic)):
        return _from_numpy(np.asarray(value), dtype)
    if hasattr(value, "__array__") and not isinstance(value, (list, tuple)):      # a data frame, an image, ...: as numpy sees it
        return _from_numpy(np.asarray(value), dtype)
    if isinstance(value, (str, bytes)) or dtype is dtypes.string or _first_leaf_is_text(value):
        return _strings(value, dtype), dtypes.string
    if dtype is not None and dtype.base_dtype not in (dtypes.bool, dtypes.resource, dtypes.variant):
        _check_leaves(value, dtype)
    elif dtype is dtypes.bool:
        _check_bools(value)
    try:
        array = _integers(value, dtype) if dtype is not None and dtype.is_integer else np.array(value, None if dtype is None else dtype.np)
    except ValueError as error:
        if "inhomogeneous" in str(error) or "sequence" in str(error):
            raise ValueError(f"Argument must be a dense tensor: {value!r} - got rows of different lengths") from None
        raise
    except OverflowError as error:
        raise ValueError(f"{value!r} does not fit {dtype.name if dtype else 'any integer type'}: {error}") from None
    if array.dtype.kind in "SU":  # numpy turns numbers beside texts into texts
        leaf = _first_text(value)
        raise TypeError(f"Expected a number, got {leaf!r} of type '{type(leaf).__name__}' instead.")
    if array.dtype == object and any(isinstance(leaf, Dimension) for leaf in array.flat):
        return to_array(_sizes(value), dtype)
    if array.dtype == object:
        raise TypeError(f"Failed to convert elements of {value!r} to Tensor. Consider casting elements to a supported type.")
    if dtype is None:
        if array.dtype == np.float64:
            array = array.astype(np.float32)
        elif array.dtype == np.int64:
            small = array.astype(np.int32)
            array = small if (small == array).all() else array.astype(np.int64)
        dtype = as_dtype(array.dtype)
    return array, dtype


def _from_numpy(value: np.ndarray, dtype: DType | None) -> tuple[np.ndarray, DType]:
    if value.dtype.kind in "OSU":
        if value.dtype.kind == "O" and value.size and not isinstance(value.flat[0], (str, bytes)):
            raise TypeError(f"Failed to convert a NumPy array of objects ({type(value.flat[0]).__name__}) to a Tensor; "
                            "give it a numeric dtype")
        return _strings(value, dtype), dtypes.string
    if dtype is None:
        return np.array(value), as_dtype(value.dtype)
    if dtype.base_dtype is dtypes.string:
        raise TypeError(f"Expected string, got an array of {value.dtype}")
    return value.astype(dtype.np), dtype.base_dtype


def _strings(value: Any, dtype: DType | None) -> np.ndarray:
    if dtype is not None and dtype is not dtypes.string:
        leaves = [value] if isinstance(value, (str, bytes)) else np.asarray(value, object).ravel().tolist()
        if not leaves:
            raise TypeError(f"Expected {dtype.name}, got an empty array of objects")
        leaf = leaves[0]
        raise TypeError(f"Expected {dtype.name}, got {leaf!r} of type '{type(leaf).__name__}' instead.")
    raw = np.asarray(value, object) if not isinstance(value, np.ndarray) else value
    out = np.empty(raw.shape, object)
    for i, item in enumerate(raw.ravel().tolist()):
        if isinstance(item, str):
            item = item.encode("utf-8")
        if not isinstance(item, bytes):
            raise TypeError(f"Expected string, got {item!r} of type '{type(item).__name__}' instead.")
        out.flat[i] = item
    return out


def _first_leaf_is_text(value: Any) -> bool:
    while isinstance(value, (list, tuple)) and value:
        value = value[0]
    return isinstance(value, (str, bytes, np.str_, np.bytes_))


def _sizes(value: Any) -> Any:
    """Nested lists with numbers in place of Dimension objects: [-1, x.shape[1]]. ValueError for a size that is not known."""
    if isinstance(value, (list, tuple)):
        return [_sizes(item) for item in value]
    if not isinstance(value, Dimension):
        return value
    if value.value is None:
        raise ValueError("Cannot convert an unknown Dimension to a Tensor: ?. For sizes known only when run use tf.shape(x), "
                         "e.g. [tf.shape(x)[0], 10].")
    return value.value


def _first_text(value: Any) -> Any:
    """The first text among the leaves of nested lists."""
    leaves = list(np.asarray(value, object).flat)
    return next((leaf for leaf in leaves if isinstance(leaf, (str, bytes))), value)


def _check_leaves(value: Any, dtype: DType) -> None:
    if isinstance(value, (list, tuple)):
        for item in value:
            _check_leaves(item, dtype)
        return
    if (isinstance(value, bool) and not dtype.is_bool) or isinstance(value, (str, bytes)):
        fits = False
    elif dtype.is_integer:
        fits = isinstance(value, _OK_FOR_INT) or not isinstance(value, (float, complex, np.floating))
    elif dtype.is_floating:
        fits = isinstance(value, _OK_FOR_FLOAT) or not isinstance(value, complex)
    else:
        fits = True
    if not fits:
        raise TypeError(f"Expected {dtype.name}, got {value!r} of type '{type(value).__name__}' instead.")


def _check_bools(value: Any) -> None:
    if isinstance(value, (list, tuple)):
        for item in value:
            _check_bools(item)
    elif not isinstance(value, (bool, np.bool_, np.ndarray)):
        raise TypeError(f"Expected bool, got {value!r} of type '{type(value).__name__}' instead.")


def _with_shape(array: np.ndarray, shape: tuple[int | None, ...] | None) -> np.ndarray:
    if shape is None or None in shape:
        raise ValueError(f"constant needs a fully defined shape, got {shape}")
    size = int(np.prod(shape, dtype=np.int64))  # type: ignore[arg-type]
    if array.size == size:
        return array.reshape(shape)  # type: ignore[arg-type]
    if array.size > size:
        raise ValueError(f"Too many elements provided. Needed at most {size}, but received {array.size}")
    if array.size == 0:
        raise ValueError(f"Cannot fill shape {shape} from an empty value")
    flat = np.empty(size, array.dtype)
    flat[:array.size] = array.ravel()
    flat[array.size:] = array.ravel()[-1]
    return flat.reshape(shape)  # type: ignore[arg-type]
