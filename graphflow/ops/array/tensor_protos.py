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
    """The TensorProto of a Python value or array. shape: that it must have, or, with allow_broadcast, be repeated to."""
    array, kind = to_array(values, None if dtype is None else as_dtype(dtype).base_dtype)
    wanted = shapes.as_tuple(shape)
    if wanted is not None and array.shape != wanted:
        if verify_shape or not allow_broadcast and array.size != shapes.num_elements(wanted):
            raise TypeError(f"Expected Tensor's shape: {wanted}, but got {array.shape}.")
        array = array.reshape(wanted) if array.size == shapes.num_elements(wanted) else np.broadcast_to(array, wanted)  # type: ignore
    return proto_from_array(array, kind.number)


@export("make_ndarray", "contrib.util.make_ndarray")
def make_ndarray(tensor: Any) -> np.ndarray:
    """The array that a TensorProto holds, of its shape and dtype."""
    return array_from_proto(tensor)








