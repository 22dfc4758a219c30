"""Where along an axis the greatest and the least element are."""
from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ...core import dtypes
from ...core.convert import convert_to_tensor
from ...core.deprecation import either
from ...core.dtypes import DType, int32, int64
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, require
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from ..dtype_sets import QUANTIZED, REAL


class _Position(Op):
    """Where the extreme along one axis is; the first place of several."""
    static = {"dimension": 0}
    T: DType = one_of(REAL, QUANTIZED, dtypes.bool)
    method = "argmax"

    def infer(self, x: Any, dimension: Any) -> Spec:
        out = self.attributes()["output_type"]
        if x.shape is None or dimension.value is None:
            return Spec(out, None if x.shape is None else (None,) * (len(x.shape) - 1))
        rank, axis = len(x.shape), int(dimension.value)
        if rank <= 1:
            return Spec(out, ())       # whatever the axis: `check` looks at it
        require(-rank <= axis < rank, f"Dimension ({axis}) must be in the range [{-rank}, {rank}), where {rank} is the number of "
                                      "dimensions in the input.")
        return Spec(out, x.shape[:axis % rank] + x.shape[axis % rank + 1:])

    def check(self, x: Any, dimension: Any) -> None:
        if x.shape is not None and dimension.value is not None:
            rank, axis = len(x.shape), int(dimension.value)
            require(-rank <= axis < rank, f"Expected dimension in the range [{-rank}, {rank}), but got {axis}")
            require(x.shape[axis] != 0, f"Reduction axis {axis} is empty in shape {list(x.shape)}")

    def kernel(self, xp: Namespace, x: Any, dimension: Any) -> Any:
        return xp.astype(getattr(xp, self.method)(x, axis=int(dimension)), self.attributes()["output_type"].np)

    def grad(self, op: Operation, dy: Any) -> Any:
        return None, None

    def flops(self, inputs: Any, outputs: Any) -> int:
        return prod(inputs[0]) - prod(outputs[0])


class ArgMax(_Position, sig="input: T, dimension: Tidx -> output: output_type"):
    """The index of the greatest along one axis."""
    Tidx: DType = one_of((dtypes.int16, int32, int64), default=int32)
    output_type: DType = one_of((dtypes.int16, dtypes.uint16, int32, int64), default=int64)


class ArgMin(_Position, sig="input: T, dimension: Tidx -> output: output_type"):
    """The index of the least along one axis."""
    Tidx: DType = one_of((int32, int64), default=int32)
    output_type: DType = one_of((int32, int64), default=int64)
    method = "argmin"


def _position(cls: Any, input: Any, axis: Any, name: str | None, output_type: Any) -> Tensor:
    axis = 0 if axis is None else axis
    return make(cls, input, axis, name=name, output_type=dtypes.as_dtype(output_type))


@export("argmax", "math.argmax")
def argmax(input: Any, axis: Any = None, name: str | None = None, dimension: Any = None, output_type: Any = int64) -> Tensor:
    """The index of the greatest element along `axis` (0 by default; `dimension` is its TF 1.0 name); the first of equal ones."""
    axis = either(axis, dimension, "axis", "dimension")
    if axis is not None and not isinstance(axis, (int, np.integer)) and not hasattr(axis, "dtype"):
        raise TypeError(f"axis must be int or Tensor with integer datatype, got {axis!r}")
    return _position(ArgMax, input, axis, name, output_type)


@export("argmin", "math.argmin")
def argmin(input: Any, axis: Any = None, name: str | None = None, dimension: Any = None, output_type: Any = int64) -> Tensor:
    """The index of the least element along `axis` (0 by default; `dimension` is its TF 1.0 name); the first of equal ones."""
    return _position(ArgMin, input, either(axis, dimension, "axis", "dimension"), name, output_type)


@export("arg_max")
def arg_max(input: Any, dimension: Any, output_type: Any = int64, name: str | None = None) -> Tensor:
    """As `tf.argmax`, with TF 0.x's argument order."""
    return _position(ArgMax, convert_to_tensor(input, name="input"), dimension, name, output_type)


@export("arg_min")
def arg_min(input: Any, dimension: Any, output_type: Any = int64, name: str | None = None) -> Tensor:
    """As `tf.argmin`, with TF 0.x's argument order."""
    return _position(ArgMin, convert_to_tensor(input, name="input"), dimension, name, output_type)
