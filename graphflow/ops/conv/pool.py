"""Max and average pools of one, two and three spatial axes, with gradients of both orders."""
from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ...core import context
from ...core.convert import convert_to_tensor
from ...core.deprecation import either
from ...core.dtypes import DType, as_dtype, float32, int32, int64
from ...core.export import export
from ...core.make import make
from ...core.op import REGISTRY, Op, Spec, one_of, one_word, require
from ...core.operation import Operation
from ...core.outcomes import Several
from ...core.shapes import compatible
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from ..array.axes import expand_dims, squeeze
from ..array.basic import shape_internal, stop_gradient
from ..array.fill import zeros_like
from ..dtype_sets import FLOATING, NARROW, REAL
from .conv import full_list, padding_of
from .depth_pool import as_rows, check_depth, deep, depth_window
from .geometry import assemble, channel, check_lists, from_last, output_space, rank_is, spatial, to_last, window_of


def _settings(op: Op) -> dict[str, Any]:
    """The attributes that a pool and its gradients share."""
    return {name: getattr(op, name) for name in ("ksize", "strides", "padding", "data_format")}


class _Windowed(Op):
    """What all pools and their gradients have."""
    ksize: list[int]
    strides: list[int]
    padding: str = one_word("SAME", "VALID")
    data_format = "NHWC"    # a field where the op type has that attribute

    def window(self, space: Any) -> Any:
        return window_of(self, space, spatial(self.ksize, self.data_format)).trimmed(space)[0]

    def laid_out(self, xp: Namespace, *images: Any) -> tuple[Any, tuple[Any, ...]]:
        """The window, and the images as the kernels take them: channels last, or as rows of them where these are pooled."""
        last = [to_last(xp, image, self.data_format) for image in images]
        if not deep(self):
            return self.window(last[0].shape[1:-1]), tuple(last)
        return depth_window(self, last[0].shape[3]), tuple(as_rows(xp, image) for image in last)

    def put_back(self, xp: Namespace, result: Any, like: Any, channels: int) -> Any:
        """What a kernel gave, in the layout of `like`, an input of the op."""
        if deep(self):
            pixels = to_last(xp, like, self.data_format).shape[:3]
            result = xp.reshape(result, (*pixels, channels))
        return from_last(xp, result, self.data_format)

    def pooled(self, sizes: Any) -> tuple[Any, ...]:
        """The shape of the pool's output for an input of shape `sizes`."""
        if deep(self):
            groups = channel(sizes, self.data_format) // channel(self.ksize, self.data_format)
            return assemble(sizes[0], spatial(sizes, self.data_format), groups, self.data_format)
        space = output_space(self, spatial(sizes, self.data_format), spatial(self.ksize, self.data_format))
        return assemble(sizes[0], space, channel(sizes, self.data_format), self.data_format)

    def check_pooled(self, x: Spec, **given: Spec) -> None:
        """ValueError for what has not the shape of x pooled."""
        rank_is(x.shape, len(self.ksize))
        wanted = None if x.shape is None else self.pooled(x.shape)
        for name, spec in given.items():
            require(compatible(spec.shape, wanted), f"Expected {name} shape to be {list(wanted or ())}, but got {list(spec.shape or ())}")

    def partner(self, ending: str, instead: str = "") -> Any:
        """The op type whose name is this one's with `ending` in place of `instead`: gradients of pools come in families."""
        return REGISTRY[type(self).__name__.removesuffix(instead) + ending]


class _Pool(_Windowed):
    """Output shape and kernel of the forward ops."""
    T: Any
    pool = "max_pool"

    def infer(self, x: Spec) -> Any:
        rank = len(self.ksize)
        pooled = deep(self) and len(self.ksize) == 4 and self.pool == "max_pool" and not hasattr(self, "Targmax")
        check_lists(self, rank, "ksize", *([] if pooled else ["strides"]))
        require(self.ksize[0] == 1, f"Pooling is not yet supported on the batch dimension, got ksize {list(self.ksize)}")
        rank_is(x.shape, rank)
        sizes: Any = x.shape or (None,) * rank
        if pooled:
            check_depth(self, sizes)
            channels = channel(sizes, self.data_format)
            groups = None if channels is None else channels // channel(self.ksize, self.data_format)
            return Spec(self.T, assemble(sizes[0], spatial(sizes, self.data_format), groups, self.data_format))
        require(not deep(self), f"Pooling over channels: {type(self).__name__} has no windows along them, got ksize {list(self.ksize)}")
        space = output_space(self, spatial(sizes, self.data_format), spatial(self.ksize, self.data_format))
        return Spec(self.T, assemble(sizes[0], space, channel(sizes, self.data_format), self.data_format))

    def kernel(self, xp: Namespace, x: Any) -> Any:
        window, (rows,) = self.laid_out(xp, x)
        channels = channel(x.shape, self.data_format) // channel(self.ksize, self.data_format)
        return self.put_back(xp, getattr(xp, self.pool)(rows, window), x, channels)


class _MaxPool(_Pool):
    def grad(self, op: Operation, dy: Any) -> Any:
        more = {"explicit_paddings": self.explicit_paddings} if hasattr(self, "explicit_paddings") else {}
        return (make(self.partner("Grad"), op.inputs[0], op.outputs[0], dy, **_settings(self), **more),)


class _MaxGrad(_Windowed):
    """(x, y, dy) -> dx: dy at the first largest element of each window.

    Two-dimensional ones look for the maximum themselves, as TensorFlow's do, so that a fed y does not count; in a plan with the pool
    it is the pool's node.
    """
    T: Any

    def infer(self, x: Spec, y: Spec, dy: Spec) -> Spec:
        return Spec(self.T, x.shape)

    def check(self, x: Spec, y: Spec, dy: Spec) -> None:
        self.check_pooled(x, orig_output=y, grad=dy)

    def kernel(self, xp: Namespace, x: Any, y: Any, dy: Any) -> Any:
        window, (rows, y, dy) = self.laid_out(xp, x, y, dy)
        if len(window.size) == 2:
            y = xp.max_pool(rows, window)
        return self.put_back(xp, xp.max_pool_gradient(rows, y, dy, window), x, channel(x.shape, self.data_format))

    def grad(self, op: Operation, ddx: Any) -> Any:
        x, y, _ = op.inputs
        return zeros_like(x), zeros_like(y), make(self.partner("Grad"), x, y, ddx, **_settings(self))


class _MaxGradGrad(_Windowed):
    """(x, y, ddx) -> ddy: ddx at the first largest element of each window."""
    T: Any

    def infer(self, x: Spec, y: Spec, ddx: Spec) -> Spec:
        return Spec(self.T, y.shape)

    def check(self, x: Spec, y: Spec, ddx: Spec) -> None:
        self.check_pooled(x, orig_output=y)
        require(compatible(ddx.shape, x.shape), f"Expected grad shape to be {list(x.shape or ())}, but got {list(ddx.shape or ())}")

    def kernel(self, xp: Namespace, x: Any, y: Any, ddx: Any) -> Any:
        window, rows = self.laid_out(xp, x, y, ddx)
        return self.put_back(xp, xp.max_pool_gradient_gradient(*rows, window), y, channel(y.shape, self.data_format))

    def grad(self, op: Operation, dddy: Any) -> Any:
        x, y, _ = op.inputs
        return zeros_like(x), zeros_like(y), make(self.partner("", "Grad"), x, y, dddy, **_settings(self))


class _AvgPool(_Pool):
    pool = "avg_pool"

    def grad(self, op: Operation, dy: Any) -> Any:
        return (make(self.partner("Grad"), shape_internal(op.inputs[0]), dy, **_settings(self)),)


class _AvgGrad(_Windowed):
    """(shape of x, dy) -> dx: dy shared among each window's elements."""
    T: Any

    def infer(self, shape: Any, dy: Spec) -> Spec:
        known = shape.partial if shape.value is None else tuple(int(n) for n in shape.value)
        return Spec(self.T, known or (None,) * len(self.ksize))

    def check(self, shape: Any, dy: Spec) -> None:
        rank_is(dy.shape, len(self.ksize))
        if shape.value is not None and dy.shape and 0 not in dy.shape:
            sizes = tuple(int(n) for n in shape.value)
            for what, a, b in (("batch", sizes[0], dy.shape[0]), ("depth", *(channel(s, self.data_format) for s in (sizes, dy.shape)))):
                require(a == b, f"orig_input and grad must have the same {what} size, got {list(sizes)} and {list(dy.shape)}")

    def kernel(self, xp: Namespace, shape: Any, dy: Any) -> Any:
        sizes = tuple(int(n) for n in shape)
        space = spatial(sizes, self.data_format)
        dx = xp.avg_pool_gradient(to_last(xp, dy, self.data_format), (sizes[0], *space, channel(sizes, self.data_format)),
                                  self.window(space))
        return from_last(xp, dx, self.data_format)

    def grad(self, op: Operation, ddx: Any) -> Any:
        return stop_gradient(op.inputs[0]), make(self.partner("", "Grad"), ddx, **_settings(self))


class MaxPool(_MaxPool, sig="input: T -> output: T"):
    """The largest element of each window."""
    words = {"padding": ("SAME", "VALID", "EXPLICIT")}
    data_format: str = one_word("NHWC", "NCHW", "NCHW_VECT_C", default="NHWC")
    explicit_paddings: list[int] = ()  # type: ignore[assignment]
    T: DType = one_of(REAL, default=float32)

    def flops(self, inputs: Any, outputs: Any) -> int:
        return prod(outputs[0]) * prod(self.ksize)


class MaxPoolGrad(_MaxGrad, sig="orig_input: T, orig_output: T, grad: T -> output: T"):
    """The gradient of MaxPool."""
    words = {"padding": ("SAME", "VALID", "EXPLICIT")}
    data_format: str = one_word("NHWC", "NCHW", default="NHWC")
    explicit_paddings: list[int] = ()  # type: ignore[assignment]
    T: DType = one_of(REAL, default=float32)

    def flops(self, inputs: Any, outputs: Any) -> int:
        return prod(inputs[1]) * (prod(self.ksize) + 1)


class MaxPoolGradGrad(_MaxGradGrad, sig="orig_input: T, orig_output: T, grad: T -> output: T"):
    """The gradient of MaxPoolGrad."""
    data_format: str = one_word("NHWC", "NCHW", default="NHWC")
    T: DType = one_of(REAL)


class AvgPool(_AvgPool, sig="value: T -> output: T"):
    """The mean of each window's elements inside the input."""
    data_format: str = one_word("NHWC", "NCHW", default="NHWC")
    T: DType = one_of(FLOATING)

    def flops(self, inputs: Any, outputs: Any) -> int:
        return prod(outputs[0]) * prod(self.ksize)


class AvgPoolGrad(_AvgGrad, sig="orig_input_shape: int32, grad: T -> output: T", static={"orig_input_shape": 1}):
    """The gradient of AvgPool."""
    data_format: str = one_word("NHWC", "NCHW", default="NHWC")
    T: DType = one_of(FLOATING)

    def flops(self, inputs: Any, outputs: Any) -> int:
        return 2 * prod(inputs[1]) * prod(self.ksize)


class MaxPool3D(_MaxPool, sig="input: T -> output: T"):
    """The largest element of each box."""
    data_format: str = one_word("NDHWC", "NCDHW", default="NDHWC")
    T: DType = one_of(NARROW)


class MaxPool3DGrad(_MaxGrad, sig="orig_input: TInput, orig_output: TInput, grad: T -> output: T"):
    """The gradient of MaxPool3D."""
    data_format: str = one_word("NDHWC", "NCDHW", default="NDHWC")
    T: DType = one_of(NARROW, default=float32)
    TInput: DType = one_of(NARROW, default=float32)


class MaxPool3DGradGrad(_MaxGradGrad, sig="orig_input: T, orig_output: T, grad: T -> output: T"):
    """The gradient of MaxPool3DGrad."""
    data_format: str = one_word("NDHWC", "NCDHW", default="NDHWC")
    T: DType = one_of(REAL)


class AvgPool3D(_AvgPool, sig="input: T -> output: T"):
    """The mean of each box's elements inside the input."""
    data_format: str = one_word("NDHWC", "NCDHW", default="NDHWC")
    T: DType = one_of(FLOATING)


class AvgPool3DGrad(_AvgGrad, sig="orig_input_shape: int32, grad: T -> output: T", static={"orig_input_shape": 1}):
    """The gradient of AvgPool3D."""
    data_format: str = one_word("NDHWC", "NCDHW", default="NDHWC")
    T: DType = one_of(FLOATING)


class MaxPoolWithArgmax(_Pool, Several, sig="input: T -> output: T, argmax: Targmax"):
    """The largest element of each window, and its flat place."""
    Targmax: DType = one_of(int32, int64, default=int64)
    include_batch_in_index: bool = False
    T: DType = one_of(REAL)

    def infer(self, x: Spec) -> Any:
        y = super().infer(x)
        return y, Spec(self.Targmax, y.shape)

    def kernel(self, xp: Namespace, x: Any) -> Any:
        win = window_of(self, x.shape[1:-1], self.ksize[1:-1])
        return xp.max_pool(x, win), xp.astype(xp.max_pool_positions(x, win, self.include_batch_in_index), self.Targmax.np)

    def grad(self, op: Operation, dy: Any, _: Any = None) -> Any:
        return (make(MaxPoolGradWithArgmax, op.inputs[0], dy, op.outputs[1], ksize=self.ksize, strides=self.strides,
                     padding=self.padding, include_batch_in_index=self.include_batch_in_index),)


class MaxPoolGradWithArgmax(Op, sig="input: T, grad: T, argmax: Targmax -> output: T"):
    """dy at the flat places."""
    ksize: list[int]
    strides: list[int]
    padding: str = one_word("SAME", "VALID")
    include_batch_in_index: bool = False
    Targmax: DType = one_of(int32, int64)
    T: DType = one_of(REAL)

    def infer(self, x: Spec, dy: Spec, argmax: Spec) -> Spec:
        return x

    def kernel(self, xp: Namespace, x: Any, dy: Any, argmax: Any) -> Any:
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
    axis, image = (2, "NCHW") if data_format == "NCW" else (1, "NHWC")

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
    index_type = as_dtype(either(Targmax, output_dtype, "Targmax", "output_dtype") or int64)
    return make(MaxPoolWithArgmax, input, name=name, ksize=full_list(ksize, 2, None, "ksize"),
                strides=full_list(strides, 2, None, "strides"), padding=padding_of(padding)[0], Targmax=index_type,
                include_batch_in_index=include_batch_in_index)
