"""Feeding: which tensors a feed_dict names, and its values as arrays of the right dtype and shape."""
from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..core import shapes
from ..core.constant import to_array
from ..core.dtypes import string
from ..core.graph import Graph
from ..core.origin import made_at
from ..core.shapes import describe
from ..core.tensor import Tensor
from ..core.tensor_shape import TensorShape
from ..core.values import IndexedSlices, SparseTensor


def expand(graph: Graph, key: Any) -> list[Tensor]:
    """The tensors that a feed_dict key stands for (three for a sparse tensor, those of a nested tuple)."""
    if isinstance(key, tuple):
        return [t for part in key for t in expand(graph, part)]
    if isinstance(key, SparseTensor):
        return [key.indices, key.values, key.dense_shape]
    if isinstance(key, IndexedSlices):
        return [t for t in (key.values, key.indices, key.dense_shape) if t is not None]
    try:
        tensor = graph.as_graph_element(key, allow_tensor=True, allow_operation=False)
    except Exception as error:
        raise TypeError(f"Cannot interpret feed_dict key as Tensor: {error.args[0] if error.args else error}") from None
    if not graph.is_feedable(tensor):
        raise ValueError(f"Tensor {tensor.name} may not be fed.")
    return [tensor]  # the list has one entry for nearly all keys


def fed_by(graph: Graph, key: Any, value: Any) -> list[Tensor]:
    """The tensors that get a value; a sparse tensor's dense shape need not be given where it is known."""
    if isinstance(key, tuple):
        parts(key, value)
        return [t for part, given in zip(key, value) for t in fed_by(graph, part, given)]
    return expand(graph, key)[:None if is_plain(key) else len(parts(key, value))]


def parts(key: Any, value: Any) -> list[Any]:
    """The values that belong to the tensors of `expand`; fewer for a sparse tensor whose dense shape is not fed."""
    if isinstance(key, tuple):
        if not isinstance(value, (tuple, list)) or len(value) != len(key):
            raise ValueError(f"Could not feed {value!r} for the key {key}: keys that are tuples need values of the same structure.")
        return [found for part, given in zip(key, value) for found in parts(part, given)]
    if isinstance(key, (SparseTensor, IndexedSlices)):
        if isinstance(value, (tuple, list)):
            return [v for v in value if v is not None]
        return [value.indices, value.values, value.dense_shape] if isinstance(key, SparseTensor) else \
            [v for v in (value.values, value.indices, value.dense_shape) if v is not None]
    return [value]


def is_plain(key: Any) -> bool:
    """Whether a key stands for one tensor."""
    return not isinstance(key, (tuple, SparseTensor, IndexedSlices))


def converter(tensor: Tensor) -> Callable[[Any], np.ndarray]:
    """value -> array for this tensor; TypeError for tensors and misfits, ValueError for wrong shapes."""
    dtype = tensor.dtype.base_dtype
    wanted = dtype.np
    static = tensor._spec.shape
    exact = static is not None and None not in static
    text = wanted.kind == "O"
    ndarray, asarray = np.ndarray, np.asarray
    numbers = (float, int, wanted.type) if wanted.kind in "fc" else (wanted.type,) if wanted.kind in "iub" else ()

    def convert(value: Any) -> np.ndarray:
        if value.__class__ in numbers:
            value = asarray(value, wanted)
        elif value.__class__ is not ndarray or value.dtype != wanted or text:
            value = _to_array(tensor, value, wanted, text)
        if exact:
            if value.shape != static:
                raise _wrong_shape(tensor, value)
        elif static is not None and not shapes.compatible(value.shape, static):
            raise _wrong_shape(tensor, value)
        return value

    return convert


def _to_array(tensor: Tensor, value: Any, wanted: np.dtype[Any], text: bool) -> np.ndarray:
    if isinstance(value, Tensor) or hasattr(value, "_as_graph_element"):
        raise TypeError("The value of a feed cannot be a tf.Tensor object. Acceptable feed values include Python scalars, strings, "
                        f"lists, numpy ndarrays, or TensorHandles. For reference, the tensor object was {value} which was passed to "
                        f"the feed with key {tensor}.")
    if text:
        return to_array(np.asarray(value, object) if not isinstance(value, (str, bytes)) else value, string)[0]
    if isinstance(value, int) and not isinstance(value, bool) and wanted.kind in "iu":
        info = np.iinfo(wanted)
        if not info.min <= value <= info.max:
            raise TypeError(f"Type of feed value {value} with type {type(value)} is not compatible with Tensor type {wanted}. "
                            "Try explicitly setting the type of the feed tensor to a larger type (e.g. int64).")
    try:
        if wanted.kind in "iu" and isinstance(value, (list, tuple)):    # as TensorFlow feeds them: numbers beyond the type wrap around
            wide = np.array(value)
            return wide.astype(wanted) if wide.dtype.kind in "iu" else np.asarray(value, dtype=wanted)
        return np.asarray(value, dtype=wanted)
    except (TypeError, ValueError, OverflowError) as error:
        kind = ValueError if isinstance(error, OverflowError) else type(error)
        raise kind(f"Cannot feed value of type {type(value).__name__} for Tensor {tensor.name!r}, which is {tensor.dtype.name} "
                   f"{describe(tensor._spec.shape, ', ')}: {error}{made_at(tensor)}") from None


def _wrong_shape(tensor: Tensor, value: np.ndarray) -> ValueError:
    static = tensor._spec.shape or ()
    return ValueError(f"Cannot feed value of shape {value.shape} for Tensor {tensor.name!r}, which has shape '{TensorShape(static)}'"
                      f"{made_at(tensor)}{_reshaped(value, static)}")


def _reshaped(value: np.ndarray, static: tuple[int | None, ...]) -> str:
    """The reshape that would make `value` fit, if its elements fill the known sizes and one unknown size."""
    known = math.prod(d for d in static if d is not None)
    if static.count(None) > 1 or not value.size or not known or value.size % known:
        return ""
    if None not in static and value.size != known:
        return ""
    sizes = ", ".join("-1" if d is None else str(d) for d in static)
    return f"\n  value.reshape({sizes}) would fit."
