"""bias_add, xw_plus_b, relu_layer and l2_loss."""
from __future__ import annotations

from math import prod
from typing import Any

from ...core import context
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, one_word, require
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from .. import functions as F
from ..array.basic import reshape, shape_internal
from ..array.fill import ones_like
from ..array.joining import concat
from ..array.tile import tile
from ..dtype_sets import FLOATING, NUMERIC
from ..linalg.matmul import matmul
from .activations import relu


def _channel_axis(data_format: str) -> int:
    return 1 if data_format == "NCHW" else -1


class BiasAdd(Op, sig="value: T, bias: T -> output: T"):
    """value plus one number per channel."""
    flops_per_element = 1
    T: DType = one_of(NUMERIC)
    data_format: str = one_word("NHWC", "NCHW", default="NHWC")

    def infer(self, value: Spec, bias: Spec) -> Spec:
        require(bias.shape is None or len(bias.shape) == 1, "Shape must be rank 1 but is rank "
                f"{len(bias.shape or ())} for the bias")
        if value.shape is None:
            return value
        require(len(value.shape) >= 2, f"Shape must be at least rank 2 but is rank {len(value.shape)}")
        axis = _channel_axis(self.data_format) % len(value.shape)
        sizes, count = list(value.shape), bias.shape[0] if bias.shape else None
        require(sizes[axis] is None or count is None or sizes[axis] == count,
                f"Dimensions must be equal, but are {sizes[axis]} and {count}")
        sizes[axis] = count if sizes[axis] is None else sizes[axis]
        return Spec(value.dtype, tuple(sizes))

    def kernel(self, xp: Namespace, value: Any, bias: Any) -> Any:
        if self.data_format == "NCHW":
            bias = xp.reshape(bias, (bias.shape[0], *[1] * (len(value.shape) - 2)))
        return value + bias

    def grad(self, op: Operation, dy: Any) -> Any:
        return dy, make(BiasAddGrad, dy, data_format=self.data_format)


class BiasAddV1(Op, sig="value: T, bias: T -> output: T"):
    """BiasAdd of the first TensorFlow versions."""
    T: DType = one_of(NUMERIC)
    data_format = "NHWC"
    infer = BiasAdd.infer
    kernel = BiasAdd.kernel

    def grad(self, op: Operation, dy: Any) -> Any:
        return dy, F.reduce_sum(dy, F.range(F.rank(dy) - 1))


class BiasAddGrad(Op, sig="out_backprop: T -> output: T"):
    """Sum over all axes but the channels'."""
    T: DType = one_of(NUMERIC)
    data_format: str = one_word("NHWC", "NCHW", default="NHWC")

    def infer(self, dy: Spec) -> Spec:
        if dy.shape is None:
            return Spec(dy.dtype, (None,))
        require(len(dy.shape) >= 2, f"Shape must be at least rank 2 but is rank {len(dy.shape)}")
        return Spec(dy.dtype, (dy.shape[_channel_axis(self.data_format)],))

    def kernel(self, xp: Namespace, dy: Any) -> Any:
        kept = _channel_axis(self.data_format) % len(dy.shape)
        return xp.sum(dy, axis=tuple(i for i in range(len(dy.shape)) if i != kept))

    def grad(self, op: Operation, ddb: Any) -> Any:
        sizes, length = shape_internal(op.inputs[0]), shape_internal(ddb)
        if self.data_format == "NCHW":
            expanded = concat([ones_like(sizes[:1]), length, ones_like(sizes[2:])], 0)
            times = concat([sizes[:1], [1], sizes[2:]], 0)
        else:
            expanded = concat([ones_like(sizes[:-1]), length], 0)
            times = concat([sizes[:-1], [1]], 0)
        return (tile(reshape(ddb, expanded), times),)

    def flops(self, inputs: Any, outputs: Any) -> int:
        return prod(inputs[0]) - prod(outputs[0])


class L2Loss(Op, sig="t: T -> output: T"):
    """Half the sum of squares."""
    T: DType = one_of(FLOATING)

    def infer(self, t: Spec) -> Spec:
        return Spec(t.dtype, ())

    def kernel(self, xp: Namespace, t: Any) -> Any:
        return xp.sum(t * t) * 0.5

    def grad(self, op: Operation, dy: Any) -> Any:
        return (op.inputs[0] * dy,)

    def flops(self, inputs: Any, outputs: Any) -> int:
        return 3 * prod(inputs[0]) - 1


@export("nn.bias_add")
def bias_add(value: Any, bias: Any, data_format: str | None = None, name: str | None = None) -> Tensor:
    """value + bias, one bias per channel: the last axis, or the second for data_format "NCHW" ("NC..." in general)."""
    with context.default_graph().name_scope(name or "BiasAdd") as scope:
        if data_format is not None:
            if not data_format.startswith("NC") and not (data_format.startswith("N") and data_format.endswith("C")):
                raise ValueError(f"`data_format` must be of the form `N...C` or `NC...`. Received: data_format={data_format}")
            data_format = "NCHW" if data_format.startswith("NC") else "NHWC"
        value = convert_to_tensor(value, name="input")
        bias = convert_to_tensor(bias, value.dtype.base_dtype, "bias")
        return make(BiasAdd, value, bias, name=scope, data_format=data_format or "NHWC")


@export("nn.xw_plus_b")
def xw_plus_b(x: Any, weights: Any, biases: Any, name: str | None = None) -> Tensor:
    """matmul(x, weights) + biases: [batch, in] by [in, out] plus [out]."""
    with context.default_graph().name_scope(name or "xw_plus_b") as scope:
        x, weights = convert_to_tensor(x, name="x"), convert_to_tensor(weights, name="weights")
        biases = convert_to_tensor(biases, name="biases")
        return bias_add(matmul(x, weights), biases, name=scope)


@export("nn.relu_layer")
def relu_layer(x: Any, weights: Any, biases: Any, name: str | None = None) -> Tensor:
    """relu(matmul(x, weights) + biases)."""
    with context.default_graph().name_scope(name or "relu_layer") as scope:
        x, weights = convert_to_tensor(x, name="x"), convert_to_tensor(weights, name="weights")
        biases = convert_to_tensor(biases, name="biases")
        return relu(bias_add(matmul(x, weights), biases), name=scope)


@export("nn.l2_loss")
def l2_loss(t: Any, name: str | None = None) -> Tensor:
    """sum(t ** 2) / 2, a scalar."""
    return make(L2Loss, t, name=name)
