"""The older forms of TF1's TensorArrays: their handles are strings (V2), or references to such ones."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core.dtypes import DType, float32
from ...core.op import Shape, Spec
from ...kernels.tensor_array import boxed, unboxed
from .stack_ops import RunOp
from .tensor_array_ops import (
    TensorArrayCloseV3,
    TensorArrayConcatV3,
    TensorArrayGatherV3,
    TensorArrayMaker,
    TensorArrayReadV3,
    TensorArrayScatterV3,
    TensorArraySizeV3,
    TensorArraySplitV3,
    TensorArrayWriteV3,
    gathered,
    handle_of,
    scattered,
)


class TensorArrayV2(TensorArrayMaker, sig="size: int32 -> handle: string", stateful=True):
    """A TensorArray without a flow of its own."""
    dtype: DType
    element_shape: Shape = None
    dynamic_size: bool = False
    clear_after_read: bool = True
    tensor_array_name: str = ""

    def infer(self, size: Spec) -> Any:
        return handle_of(type(self))

    def run(self, ctx: Any, size: Any) -> Any:
        return super().run(ctx, size)[0]


class TensorArray(TensorArrayV2, sig="size: int32 -> handle: &string", stateful=True):
    """TensorArrayV2 by reference."""


class TensorArrayGradV2(TensorArraySizeV3, sig="handle: string, flow_in: float32 -> grad_handle: string", stateful=True):
    """The array of the gradients of a TensorArray's elements."""
    source: str

    def infer(self, *inputs: Spec) -> Any:
        return handle_of(type(self))

    def run(self, ctx: Any, handle: Any, flow_in: Any) -> Any:
        return boxed(unboxed(handle).open().gradient(self.source))


class TensorArrayGrad(TensorArrayGradV2, sig="handle: string, flow_in: float32 -> grad_handle: &string", stateful=True):
    """TensorArrayGradV2 by reference."""


class TensorArrayWriteV2(TensorArrayWriteV3,
                         sig="handle: string, index: int32, value: T, flow_in: float32 -> flow_out: float32", stateful=True):
    """Sets one element."""


class TensorArrayWrite(TensorArrayWriteV2,
                       sig="handle: &string, index: int32, value: T, flow_in: float32 -> flow_out: float32", stateful=True):
    """Sets one element."""


class TensorArrayReadV2(TensorArrayReadV3, sig="handle: string, index: int32, flow_in: float32 -> value: dtype", stateful=True):
    """One element."""


class TensorArrayRead(TensorArrayReadV2, sig="handle: &string, index: int32, flow_in: float32 -> value: dtype", stateful=True):
    """One element."""


class TensorArrayGatherV2(TensorArrayGatherV3, sig="handle: string, indices: int32, flow_in: float32 -> value: dtype", stateful=True):
    """The elements at `indices`."""


class TensorArrayGather(TensorArrayGatherV2, sig="handle: &string, indices: int32, flow_in: float32 -> value: dtype", stateful=True):
    """The elements at `indices`."""


class TensorArrayScatterV2(TensorArrayScatterV3,
                           sig="handle: string, indices: int32, value: T, flow_in: float32 -> flow_out: float32", stateful=True):
    """Sets the elements at `indices`."""


class TensorArrayScatter(TensorArrayScatterV2,
                         sig="handle: &string, indices: int32, value: T, flow_in: float32 -> flow_out: float32", stateful=True):
    """Sets the elements at `indices`."""


class TensorArrayConcatV2(TensorArrayConcatV3, sig="handle: string, flow_in: float32 -> value: dtype, lengths: int64", stateful=True):
    """All elements one after the other."""


class TensorArrayConcat(TensorArrayConcatV2, sig="handle: &string, flow_in: float32 -> value: dtype, lengths: int64", stateful=True):
    """All elements one after the other."""


class TensorArraySplitV2(TensorArraySplitV3,
                         sig="handle: string, value: T, lengths: int64, flow_in: float32 -> flow_out: float32", stateful=True):
    """Sets the elements to parts of `value`."""


class TensorArraySplit(TensorArraySplitV2,
                       sig="handle: &string, value: T, lengths: int64, flow_in: float32 -> flow_out: float32", stateful=True):
    """Sets the elements to parts of `value`."""


class TensorArraySizeV2(TensorArraySizeV3, sig="handle: string, flow_in: float32 -> size: int32", stateful=True):
    """How many elements there are."""


class TensorArraySize(TensorArraySizeV2, sig="handle: &string, flow_in: float32 -> size: int32", stateful=True):
    """How many elements there are."""


class TensorArrayCloseV2(TensorArrayCloseV3, sig="handle: string ->", stateful=True):
    """Forgets the elements."""


class TensorArrayClose(TensorArrayCloseV2, sig="handle: &string ->", stateful=True):
    """Forgets the elements."""


class TensorArrayPack(RunOp, sig="handle: &string, flow_in: float32 -> value: dtype", stateful=True):
    """All elements along a new first dimension."""
    dtype: DType
    element_shape: Shape = None

    def infer(self, *inputs: Any) -> Any:
        return Spec(self.dtype, None if self.element_shape is None else (None, *self.element_shape))

    def run(self, ctx: Any, handle: Any, flow_in: Any) -> Any:
        array = unboxed(handle).open()
        return gathered(array, list(range(array.size())), self.element_shape)


class TensorArrayUnpack(RunOp, sig="handle: &string, value: T, flow_in: float32 -> flow_out: float32", stateful=True):
    """Sets the elements to the rows of `value`."""
    T: DType

    def infer(self, *inputs: Any) -> Any:
        return Spec(float32, ())

    def run(self, ctx: Any, handle: Any, value: Any, flow_in: Any) -> Any:
        array = unboxed(handle).open()
        scattered(array, list(range(len(value) if value.ndim else 0)), value)
        return np.float32(0)
