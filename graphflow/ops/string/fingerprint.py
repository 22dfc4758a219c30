"""FarmHash's 64-bit fingerprint of rows."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, string, uint8
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec
from ...core.tensor import Tensor
from ...kernels.hashes import fingerprint64


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
