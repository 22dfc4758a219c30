"""Arrays in TensorProto messages: make_tensor_proto and make_ndarray."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import shapes
from ...core.constant import to_array
from ...core.dtypes import as_dtype
from ...core.export import export
from ...formats.tensor_proto import array_from_proto, proto_from_array


@export("make_tensor_proto", "contrib.util.make_tensor_proto")
def make_tensor_proto(values: Any, dtype: Any = None, shape: Any = None, verify_shape: bool = False, allow_broadcast: bool = False) -> Any:
    """The TensorProto of a Python value or array.

    shape: what it gets: an only element stands for all, a last one for all that are missing. verify_shape: TypeError for any other.
    ValueError for more elements than the shape holds.
    """
    array, dtype = to_array(values, None if dtype is None else as_dtype(dtype).base_dtype)
    wanted = shapes.as_tuple(shape)
    if wanted is not None and array.shape != wanted:
        if verify_shape or None in wanted:
            raise TypeError(f"Expected Tensor's shape: {wanted}, but got {array.shape}.")
        size = shapes.num_elements(wanted) or 0
        if array.size > size:
            raise ValueError(f"Too many elements provided. Needed at most {size}, but received {array.size}")
        if allow_broadcast and array.size not in (1, size):
            raise TypeError(f"Expected Tensor's shape: {wanted}, but got {array.shape}.")
        flat = array.ravel()
        array = np.concatenate([flat, np.broadcast_to(flat[-1:], size - flat.size)]).reshape(wanted)  # type: ignore[arg-type]
    return proto_from_array(array, dtype.number)


@export("make_ndarray", "contrib.util.make_ndarray")
def make_ndarray(tensor: Any) -> np.ndarray:
    """A new array of what a TensorProto holds, of its shape and dtype."""
    return np.array(array_from_proto(tensor))








