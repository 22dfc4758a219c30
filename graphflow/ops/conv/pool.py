"""Max and average pools of one, two and three spatial axes, with gradients of both orders."""
from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ...core import context
from ...core.convert import convert_to_tensor
from ...core.deprecation import either
from ...core.dtypes import DType, as_dtype, bfloat16, float16, float32, int32, int64
from ...core.export import export
from ...core.make import make
from ...core.op import REGISTRY, Op, Spec, one_of
from ...core.tensor import Tensor
from ..array.basic import shape_internal, stop_gradient
from ..array.fill import zeros_like
from ..array.layout import expand_dims, squeeze
from ..dtype_sets import FLOATING, REAL
from .conv import full_list, padding_of
from .geometry import assemble, channel, check_lists, from_last, output_space, rank_is, spatial, to_last, window_of

_HALVES = (bfloat16, float16, float32)


def _settings(op: Op) -> dict[str, Any]:
    """The attributes that a pool and its gradients share."""
    return {name: getattr(op, name) for name in ("ksize", "strides", "padding", "data_format")}


class _Windowed(Op):
    """What all pools and their gradients have."""
    ksize: list[int]
    strides: list[int]
    padding: str
    data_format = "NHWC"    # a field where the op type has that attribute

    def window(self, space: Any) -> Any:
        return window_of(self, space, spatial(self.ksize, self.data_format))

    def partner(self, ending: str, instead: str = "") -> Any:
        """The op type whose name is this one's with `ending` in place of `instead`: gradients of pools come in families."""
        return REGISTRY[type(self).__name__.removesuffix(instead) + ending]


class _Pool(_Windowed):
    """Output shape and kernel of the forward ops."""
    pool = "max_pool"

    def infer(self, x: Spec) -> Any:
        rank = len(self.ksize)
        check_lists(self, rank, "ksize", "strides")
        rank_is(x.shape, rank)
        sizes: Any = x.shape or (None,) * rank
        space = output_space(self, spatial(sizes, self.data_format), spatial(self.ksize, self.data_format))
        return Spec(self.T, assemble(sizes[0], space, channel(sizes, self.data_format), self.data_format))

    def kernel(self, xp: Any, x: Any) -> Any:
        x = to_last(xp, x, self.data_format)
        return from_last(xp, getattr(xp, self.pool)(x, self.window(x.shape[1:-1])), self.data_format)


class _MaxPool(_Pool):
    def grad(self, op: Any, dy: Any) -> Any:
        more = {"explicit_paddings": self.explicit_paddings} if hasattr(self, "explicit_paddings") else {}
        return (make(self.partner("Grad"), op.inputs[0], op.outputs[0], dy, **_settings(self), **more),)


class _MaxGrad(_Windowed):
    """(x, y, dy) -> dx: dy at the first largest element of each window."""

    def infer(self, x: Spec, y: Spec, dy: Spec) -> Spec:
        return Spec(self.T, x.shape)

    def kernel(self, xp: Any, x: Any, y: Any, dy: Any) -> Any:
        x, y, dy = (to_last(xp, each, self.data_format) for each in (x, y, dy))
        return from_last(xp, xp.max_pool_gradient(x, y, dy, self.window(x.shape[1:-1])), self.data_format)

    def grad(self, op: Any, ddx: Any) -> Any:
        x, y, _ = op.inputs
        return zeros_like(x), zeros_like(y), make(self.partner("Grad"), x, y, ddx, **_settings(self))


class _MaxGradGrad(_Windowed):
    """(x, y, ddx) -> ddy: ddx at the first largest element of each window."""

    def infer(self, x: Spec, y: Spec, ddx: Spec) -> Spec:
        return Spec(self.T, y.shape)

    def kernel(self, xp: Any, x: Any, y: Any, ddx: Any) -> Any:
        x, y, ddx = (to_last(xp, each, self.data_format) for each in (x, y, ddx))
        return from_last(xp, xp.max_pool_gradient_gradient(x, y, ddx, self.window(x.shape[1:-1])), self.data_format)

    def grad(self, op: Any, dddy: Any) -> Any:
        x, y, _ = op.inputs
        return zeros_like(x), zeros_like(y), make(self.partner("", "Grad"), x, y, dddy, **_settings(self))


class _AvgPool(_Pool):
    pool = "avg_pool"

    def grad(self, op: Any, dy: Any) -> Any:
        return (make(self.partner("Grad"), shape_internal(op.inputs[0]), dy, **_settings(self)),)


class _AvgGrad(_Windowed):
    """(shape of x, dy) -> dx: dy shared among each window's elements."""

    def infer(self, shape: Any, dy: Spec) -> Spec:
        known = shape.partial if shape.value is None else tuple(int(n) for n in shape.value)
        return Spec(self.T, known or (None,) * len(self.ksize))

    def kernel(self, xp: Any, shape: Any, dy: Any) -> Any:
        sizes = tuple(int(n) for n in shape)
        space = spatial(sizes, self.data_format)
        dx = xp.avg_pool_gradient(to_last(xp, dy, self.data_format), (sizes[0], *space, channel(sizes, self.data_format)),
                                  self.window(space))
        return from_last(xp, dx, self.data_format)

    def grad(self, op: Any, ddx: Any) -> Any:
        return stop_gradient(op.inputs[0]), make(self.partner("", "Grad"), ddx, **_settings(self))


class MaxPool(_MaxPool, sig="input: T -> output: T"):
    """The largest element of each window."""
    data_format: str = "NHWC"
    explicit_paddings: list[int] = ()  # type: ignore[assignment]
    T: DType = one_of(REAL, default=float32)

    def flops(self, inputs: Any, outputs: Any) -> int:
        return prod(outputs[0]) * prod(self.ksize)


class MaxPoolGrad(_MaxGrad, sig="orig_input: T, orig_output: T, grad: T -> output: T"):
    """The gradient of MaxPool."""
    data_format: str = "NHWC"
    explicit_paddings: list[int] = ()  # type: ignore[assignment]
    T: DType = one_of(REAL, default=float32)

    def flops(self, inputs: Any, outputs: Any) -> int:
        return prod(inputs[1]) * (prod(self.ksize) + 1)


class MaxPoolGradGrad(_MaxGradGrad, sig="orig_input: T, orig_output: T, grad: T -> output: T"):
    """The gradient of MaxPoolGrad."""
    data_format: str = "NHWC"
    T: DType = one_of(REAL)


class AvgPool(_AvgPool, sig="value: T -> output: T"):
    """The mean of each window's elements inside the input."""
    data_format: str = "NHWC"
    T: DType = one_of(FLOATING)

    def flops(self, inputs: Any, outputs: Any) -> int:
        return prod(outputs[0]) * prod(self.ksize)


class AvgPoolGrad(_AvgGrad, sig="orig_input_shape: int32, grad: T -> output: T", static=("orig_input_shape",)):
    """The gradient of AvgPool."""
    data_format: str = "NHWC"
    T: DType = one_of(FLOATING)

    def flops(self, inputs: Any, outputs: Any) -> int:
        return 2 * prod(inputs[1]) * prod(self.ksize)


class MaxPool3D(_MaxPool, sig="input: T -> output: T"):
    """The largest element of each box."""
    data_format: str = "NDHWC"
    T: DType = one_of(_HALVES)


class MaxPool3DGrad(_MaxGrad, sig="orig_input: TInput, orig_output: TInput, grad: T -> output: T"):
    """The gradient of MaxPool3D."""
    data_format: str = "NDHWC"
    T: DType = one_of(_HALVES, default=float32)
    TInput: DType = one_of(_HALVES, default=float32)


class MaxPool3DGradGrad(_MaxGradGrad, sig="orig_input: T, orig_output: T, grad: T -> output: T"):
    """The gradient of MaxPool3DGrad."""
    data_format: str = "NDHWC"
    T: DType = one_of(REAL)


class AvgPool3D(_AvgPool, sig="input: T -> output: T"):
    """The mean of each box's elements inside the input."""
    data_format: str = "NDHWC"
    T: DType = one_of(FLOATING)


class AvgPool3DGrad(_AvgGrad, sig="orig_input_shape: int32, grad: T -> output: T", static=("orig_input_shape",)):
    """The gradient of AvgPool3D."""
    data_format: str = "NDHWC"
    T: DType = one_of(FLOATING)


class MaxPoolWithArgmax(_Pool, sig="input: T -> output: T, argmax: Targmax"):
    """The largest element of each window, and its flat place."""
    Targmax: DType = one_of(int32, int64, default=int64)
    include_batch_in_index: bool = False
    T: DType = one_of(REAL)

    def infer(self, x: Spec) -> Any:
        y = super().infer(x)
        return y, Spec(self.Targmax, y.shape)

    def kernel(self, xp: Any, x: Any) -> Any:
        win = window_of(self, x.shape[1:-1], self.ksize[1:-1])
        return xp.max_pool(x, win), xp.astype(xp.max_pool_positions(x, win, self.include_batch_in_index), self.Targmax.np)

    def grad(self, op: Any, dy: Any, _: Any = None) -> Any:
        return (make(MaxPoolGradWithArgmax, op.inputs[0], dy, op.outputs[1], ksize=self.ksize, strides=self.strides,
                     padding=self.padding, include_batch_in_index=self.include_batch_in_index),)


class MaxPoolGradWithArgmax(Op, sig="input: T, grad: T, argmax: Targmax -> output: T"):
    """dy at the flat places."""
    ksize: list[int]
    strides: list[int]
    padding: str
    include_batch_in_index: bool = False
    Targmax: DType = one_of(int32, int64)
    T: DType = one_of(REAL)

    def infer(self, x: Spec, dy: Spec, argmax: Spec) -> Spec:
        return x

    def kernel(self, xp: Any, x: Any, dy: Any, argmax: Any) -> Any:
        places = xp.astype(xp.reshape(argmax, (x.shape[0], dy.size // max(1, x.shape[0]))), np.int64)
        if not self.include_batch_in_index:
            places = places + (np.arange(x.shape[0]) * (x.size // max(1, x.shape[0])))[:, None]
        xp.check((places < 0) | (places >= x.size), f"argmax{{place}} = {{value}} is not in [0, {x.size})", places)
        zeros = np.broadcast_to(np.zeros((), dy.dtype), (x.size,))
        return xp.reshape(xp.scatter_rows(zeros, xp.ravel(places), xp.ravel(dy), "add", 1), x.shape)


def _pool2d(cls: Any, value: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None, name: str | None) -> Tensor:
    data_format = data_format or "NHWC"
    word, explicit = padding_of(padding, data_format)
    more = {"explicit_paddings": explicit} if cls is MaxPool else {}
    if explicit and cls is not MaxPool:
        raise ValueError("Explicit padding is not supported for average pooling")
    return make(cls, value, name=name, ksize=full_list(ksize, 2, data_format, "ksize"),
                strides=full_list(strides, 2, data_format, "strides"), padding=word, data_format=data_format, **more)


@export("nn.max_pool")
def max_pool(value: Any, ksize: Any, strides: Any, padding: Any, data_format: str = "NHWC", name: str | None = None,
             input: Any = None) -> Tensor:
    """The largest element of each window of [batch, height, width, channels]; padding never wins.

    ksize, strides: four entries, or one, or two for height and width. padding: "SAME", "VALID" or pairs of all axes.
    """
    value = either(value, input, "value", "input")
    with context.default_graph().name_scope(name or "MaxPool") as scope:
        return _pool2d(MaxPool, convert_to_tensor(value, name="input"), ksize, strides, padding, data_format, scope)


@export("nn.avg_pool", "nn.avg_pool2d")
def avg_pool(value: Any, ksize: Any = None, strides: Any = None, padding: Any = None, data_format: str = "NHWC",
             name: str | None = None, input: Any = None) -> Tensor:
    """The mean of each window of [batch, height, width, channels], over the elements inside the input."""
    value = either(value, input, "value", "input")
    with context.default_graph().name_scope(name or "AvgPool") as scope:
        return _pool2d(AvgPool, convert_to_tensor(value, name="value"), ksize, strides, padding, data_format, scope)


@export("nn.max_pool2d")
def max_pool2d(input: Any, ksize: Any, strides: Any, padding: Any, data_format: str = "NHWC", name: str | None = None) -> Tensor:
    """max_pool with TensorFlow 2's argument names."""
    with context.default_graph().name_scope(name or "MaxPool2d") as scope:
        return _pool2d(MaxPool, convert_to_tensor(input, name="input"), ksize, strides, padding, data_format, scope)


def _pool3d(cls: Any, input: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None, name: str) -> Tensor:
    data_format = data_format or "NDHWC"
    return make(cls, convert_to_tensor(input, name="input"), name=name, padding=padding_of(padding)[0],
                ksize=full_list(ksize, 3, data_format, "ksize"), strides=full_list(strides, 3, data_format, "strides"),
                data_format=data_format)


@export("nn.max_pool3d")
def max_pool3d(input: Any, ksize: Any, strides: Any, padding: Any, data_format: str = "NDHWC", name: str | None = None) -> Tensor:
    """The largest element of each box of [batch, depth, height, width, channels]."""
    with context.default_graph().name_scope(name or "MaxPool3D") as scope:
        return _pool3d(MaxPool3D, input, ksize, strides, padding, data_format, scope)


@export("nn.avg_pool3d")
def avg_pool3d(input: Any, ksize: Any, strides: Any, padding: Any, data_format: str = "NDHWC", name: str | None = None) -> Tensor:
    """The mean of each box of [batch, depth, height, width, channels], over the elements inside the input."""
    with context.default_graph().name_scope(name or "AvgPool3D") as scope:
        return _pool3d(AvgPool3D, input, ksize, strides, padding, data_format, scope)


def _pool1d(cls: Any, input: Any, ksize: Any, strides: Any, padding: Any, data_format: str, scope: str) -> Tensor:
    axis = 2 if data_format == "NCW" else 1
    image = "NCHW" if data_format == "NCW" else "NHWC"

    def widened(values: Any, what: str) -> list[int]:
        values = full_list(values, 1, image, what)
        return [*values[:axis], 1, *values[axis:]]

    result = _pool2d(cls, expand_dims(input, axis), widened(ksize, "ksize"), widened(strides, "strides"), padding, image, scope)
    return squeeze(result, axis)


@export("nn.max_pool1d")
def max_pool1d(input: Any, ksize: Any, strides: Any, padding: Any, data_format: str = "NWC", name: str | None = None) -> Tensor:
    """The largest element of each window of [batch, width, channels]."""
    with context.default_graph().name_scope(name or "MaxPool1d") as scope:
        return _pool1d(MaxPool, input, ksize, strides, padding, data_format, scope)


@export("nn.avg_pool1d")
def avg_pool1d(input: Any, ksize: Any, strides: Any, padding: Any, data_format: str = "NWC", name: str | None = None) -> Tensor:
    """The mean of each window of [batch, width, channels]."""
    with context.default_graph().name_scope(name or "AvgPool1D") as scope:
        return _pool1d(AvgPool, input, ksize, strides, padding, data_format, scope)


@export("nn.max_pool_with_argmax")
def max_pool_with_argmax(input: Any, ksize: Any, strides: Any, padding: Any, data_format: str = "NHWC", Targmax: Any = None,
                         name: str | None = None, output_dtype: Any = None, include_batch_in_index: bool = False) -> Any:
    """(max_pool(input), flat places of the maxima): (y width + x) channels + c, plus the image's part if include_batch_in_index."""
    if data_format != "NHWC":
        raise ValueError(f"`data_format` values other  than 'NHWC' are not supported. Received: data_format={data_format}")
    kind = as_dtype(either(Targmax, output_dtype, "Targmax", "output_dtype") or int64)
    return make(MaxPoolWithArgmax, input, name=name, ksize=full_list(ksize, 2, None, "ksize"),
                strides=full_list(strides, 2, None, "strides"), padding=padding_of(padding)[0], Targmax=kind,
                include_batch_in_index=include_batch_in_index)
