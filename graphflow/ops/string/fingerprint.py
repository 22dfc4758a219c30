"""FarmHash's 64-bit fingerprint of rows."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, string, uint8
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from ...kernels.hashes import fingerprints64, fingerprints64_of_rows


class Fingerprint(Op, sig="data: T, method: string -> fingerprint: uint8", host=True):
    """The 64-bit fingerprint of each row, as 8 bytes."""
    T: DType

    def infer(self, data: Spec, method: Spec) -> Spec:
        return Spec(uint8, (None if not data.shape else data.shape[0], 8))

    def kernel(self, xp: Namespace, data: Any, method: Any) -> Any:
        name = np.asarray(method, object).item()
        if name != b"farmhash64":
            raise ValueError(f"Unsupported fingerprint method: {name.decode()}")
        data = np.asarray(data)
        if self.T is string:  # strings are hashed one by one, then, where a row has several, their hashes
            data = fingerprints64(data).astype("<u8")
        if self.T is string and data.ndim == 1:
            found = data
        else:
            found = fingerprints64_of_rows(data.reshape(len(data), data.size // max(1, len(data))))
        return np.frombuffer(found.astype("<u8").tobytes(), np.uint8).reshape(len(data), 8)

    def grad(self, op: Operation, dy: Any) -> Any:
        return None, None


@export("fingerprint")
def fingerprint(data: Any, method: Any = "farmhash64", name: str | None = None) -> Tensor:
    """FarmHash's 64-bit fingerprint of each row (along the first axis) as 8 uint8, little-endian."""
    data = convert_to_tensor(data, name="data")
    return make(Fingerprint, data, method, name=name)
