"""Arrays in TensorProto messages: make_tensor_proto and make_ndarray; the time and fingerprints."""
from __future__ import annotations

import time
from typing import Any

import numpy as np

from ...core import shapes
from ...core.constant import to_array
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, as_dtype, float64, string, uint8
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec
from ...core.tensor import Tensor
from ...formats.tensor_proto import array_from_proto, proto_from_array
from ...kernels.hashes import fingerprint64


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


class Timestamp(Op, sig="-> ts: float64", stateful=True):
    """The time of the run, in seconds since 1970."""
    differentiable = False

    def infer(self) -> Spec:
        return Spec(float64, ())

    def run(self, ctx: Any) -> Any:
        return np.float64(time.time())


@export("timestamp")
def timestamp(name: str | None = None) -> Tensor:
    """The time when it is run, in seconds since 1970, float64."""
    return make(Timestamp, name=name)


class Fingerprint(Op, sig="data: T, method: string -> fingerprint: uint8", host=True):
    """The 64-bit fingerprint of each row, as 8 bytes."""
    T: DType

    def infer(self, data: Spec, method: Spec) -> Spec:
        return Spec(uint8, (None if not data.shape else data.shape[0], 8))

    def kernel(self, xp: Any, data: Any, method: Any) -> Any:
        name = np.asarray(method, object).item()
        if name != b"farmhash64":
            raise ValueError(f"Unsupported fingerprint method: {name.decode()}")
        data = np.asarray(data)
        if self.T is string:  # strings are hashed one by one, then, where a row has several, their hashes
            hashes = np.array([fingerprint64(t) for t in data.ravel().tolist()], "<u8").reshape(data.shape)
            rows = hashes.reshape(len(data), -1)
            found = rows[:, 0] if data.ndim == 1 else np.array([fingerprint64(row.tobytes()) for row in rows], "<u8")
        else:
            found = np.array([fingerprint64(np.ascontiguousarray(row).tobytes()) for row in data], "<u8")
        return np.frombuffer(found.astype("<u8").tobytes(), np.uint8).reshape(len(data), 8)

    def grad(self, op: Any, dy: Any) -> Any:
        return None, None


@export("fingerprint")
def fingerprint(data: Any, method: Any = "farmhash64", name: str | None = None) -> Tensor:
    """FarmHash's 64-bit fingerprint of each row (along the first axis) as 8 uint8, little-endian."""
    data = convert_to_tensor(data, name="data")
    return make(Fingerprint, data, method, name=name)
