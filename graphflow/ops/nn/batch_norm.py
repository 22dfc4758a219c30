"""Batch normalisation: of elementwise ops, and fused for training and inference. Ioffe and Szegedy, "Batch Normalization", 2015."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import context
from ...core.constant import constant_op
from ...core.convert import convert_to_tensor
from ...core.deprecation import either
from ...core.dtypes import DType, bfloat16, float32
from ...core.export import export
from ...core.make import make
from ...core.op import Spec, one_of, one_word, require
from ...core.operation import Operation
from ...core.outcomes import Several
from ...core.shapes import compatible, describe
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from ..array.axes import transpose
from ..array.basic import cast, reshape
from ..array.fill import zeros_like
from ..conv.geometry import channel, channels_first
from ..dtype_sets import NARROW
from ..elementwise import unary as one
from ..elementwise.unary import rsqrt, square
from ..reduce.reduction import reduce_mean, reduce_sum


def _shape_for(data_format: str, rank: int) -> tuple[tuple[int, ...], int]:
    """(axes to average over, axis of channels)."""
    axis = 1 if channels_first(data_format) else rank - 1
    return tuple(i for i in range(rank) if i != axis), axis


def _spread(xp: Namespace, v: Any, rank: int, axis: int) -> Any:
    """A vector of channels with ones for the other axes."""
    return xp.reshape(v, tuple(v.shape[0] if i == axis else 1 for i in range(rank)))


class _Fused(Several):
    """(x, scale, offset, mean, variance) -> (y, batch mean, batch variance, saved mean, saved variance[, nothing])."""
    data_format: Any
    is_training: Any
    epsilon: Any
    exponential_avg_factor: Any
    more = 0

    def infer(self, x: Spec, scale: Spec, *_: Spec) -> Any:
        count = channel(x.shape, self.data_format) if x.shape is not None else None
        if scale.shape is not None:
            require(len(scale.shape) == 1, f"Shape must be rank 1 but is rank {len(scale.shape)}")
            require(count is None or scale.shape[0] is None or count == scale.shape[0],
                    f"Dimensions must be equal, but are {count} and {scale.shape[0]}")
            count = scale.shape[0] if count is None else count
        vector = Spec(scale.dtype, (count,))
        return (Spec(x.dtype, x.shape), vector, vector, vector, vector, *[Spec(scale.dtype)] * self.more)

    def check(self, x: Spec, *vectors: Spec) -> None:
        rank = len(self.data_format)
        require(x.shape is None or len(x.shape) == rank, f"input must be {rank}-dimensional, but got {describe(x.shape)}")
        count = channel(x.shape, self.data_format) if x.shape else None
        for what, vector in zip(("scale", "offset"), vectors):
            require(vector.shape is None or count is None or vector.shape == (count,),
                    f"{what} must have one element for each of {count} channels, but got {describe(vector.shape)}")

    def kernel(self, xp: Namespace, x: Any, scale: Any, offset: Any, mean: Any, variance: Any) -> Any:
        dtype, rank = x.dtype, len(x.shape)
        axes, axis = _shape_for(self.data_format, rank)
        z = xp.astype(x, np.float32) if dtype != np.float32 else x
        nothing = (np.zeros((), np.float32),) * self.more
        if not self.is_training:
            factor = scale * xp.rsqrt(variance + self.epsilon)
            y = z * _spread(xp, factor, rank, axis) + _spread(xp, offset - mean * factor, rank, axis)
            return (xp.astype(y, dtype), mean, variance, mean, variance, *nothing)
        count = int(np.prod([x.shape[i] for i in axes]))
        m = xp.mean(z, axis=axes, keepdims=True)
        centred = z - m
        v = xp.mean(centred * centred, axis=axes, keepdims=True)
        y = centred * (xp.rsqrt(v + self.epsilon) * _spread(xp, scale, rank, axis)) + _spread(xp, offset, rank, axis)
        m, v = xp.reshape(m, (x.shape[axis],)), xp.reshape(v, (x.shape[axis],))
        unbiased = v * (count / max(1, count - 1))
        f = self.exponential_avg_factor
        running = (m, unbiased) if f == 1.0 else (mean * (1 - f) + m * f, variance * (1 - f) + unbiased * f)
        return (xp.astype(y, dtype), *running, m, v, *nothing)

    def grad(self, op: Operation, *dys: Any) -> Any:
        dy, x = dys[0], op.inputs[0]
        data_format, forwards, back = self.data_format, None, None
        saved = (op.outputs[3], op.outputs[4]) if self.is_training else (op.inputs[3], op.inputs[4])
        if not self.is_training and channels_first(data_format):
            rank = 4 if data_format == "NCHW" else 5
            forwards, back = [0, *range(2, rank), 1], [0, rank - 1, *range(1, rank - 1)]
            x, dy = transpose(x, forwards), transpose(dy, forwards)
            data_format = "NHWC" if rank == 4 else "NDHWC"
        gradient_class: Any = FusedBatchNormGradV3 if self.more else FusedBatchNormGradV2
        if type(self).__name__ == "FusedBatchNorm":
            gradient_class = FusedBatchNormGrad
        found: Any = make(gradient_class, dy, x, op.inputs[1], *saved, *op.outputs[5:5 + self.more], epsilon=self.epsilon,
                          data_format=data_format, is_training=self.is_training)
        dx, dscale, doffset = found[:3]
        return transpose(dx, back) if back else dx, dscale, doffset, None, None


class _FusedGrad(Several):
    """(dy, x, scale, mean, variance[, nothing]) -> (dx, dscale, doffset, nothing, nothing)."""
    data_format: Any
    epsilon: Any
    is_training: Any

    def infer(self, dy: Spec, x: Spec, scale: Spec, *_: Spec) -> Any:
        count = channel(x.shape, self.data_format) if x.shape is not None else None
        vector = Spec(scale.dtype, (count,))
        return Spec(x.dtype, x.shape if x.shape is not None else dy.shape), vector, vector, Spec(scale.dtype, (0,)), Spec(scale.dtype, (0,))

    def check(self, dy: Spec, x: Spec, *vectors: Spec) -> None:
        if x.shape is None:         # told by the values only
            return
        require(compatible(dy.shape, x.shape),
                f"x and y_backprop must have the same shape, but got {describe(x.shape)} and {describe(dy.shape)}")
        require(len(x.shape) in (4, 5), f"input must be 4 or 5-dimensional, but got {describe(x.shape)}")
        count = channel(x.shape, self.data_format)
        for vector in vectors[:3]:
            require(compatible(vector.shape, (count,)),
                    f"scale, mean and variance must have one element for each of {count} channels, but got "
                    f"{describe(vector.shape)}")

    def kernel(self, xp: Namespace, dy: Any, x: Any, scale: Any, mean: Any, variance: Any, *_: Any) -> Any:
        dtype, rank = x.dtype, len(x.shape)
        axes, axis = _shape_for(self.data_format, rank)
        x, dy = (xp.astype(x, np.float32), xp.astype(dy, np.float32)) if dtype != np.float32 else (x, dy)
        mean, root = _spread(xp, mean, rank, axis), _spread(xp, xp.rsqrt(variance + self.epsilon), rank, axis)
        normal = (x - mean) * root
        factor = _spread(xp, scale, rank, axis) * root
        doffset = xp.sum(dy, axis=axes, keepdims=True)
        dscale = xp.sum(dy * normal, axis=axes, keepdims=True)
        if self.is_training:
            share = 1.0 / max(1, int(np.prod([x.shape[i] for i in axes])))
            dx = (dy - doffset * share - normal * (dscale * share)) * factor
        else:
            dx = dy * factor
        none, count = np.zeros((0,), np.float32), (x.shape[axis],)
        return xp.astype(dx, dtype), xp.reshape(dscale, count), xp.reshape(doffset, count), none, none

    def grad(self, op: Operation, *dys: Any) -> Any:
        """The second gradient, written out. With n = (x - mean) r, r = rsqrt(variance + epsilon), M the mean over the batch,

            dx = scale r (dy - M(dy) - n M(dy n)),  dscale = sum(dy n),  doffset = sum(dy);  dx = scale r dy for given statistics.
        """
        dy, x, scale, mean, variance = op.inputs[:5]
        rank, axis = (4 if self.data_format in ("NHWC", "NCHW") else 5), 1 if channels_first(self.data_format) else -1
        axes = [i for i in range(rank) if i != axis % rank]

        def spread(vector: Tensor) -> Tensor:
            return reshape(vector, [-1 if i == axis % rank else 1 for i in range(rank)])

        def average(t: Tensor) -> Tensor:
            return reduce_mean(t, axes, keepdims=True)

        dtype = x.dtype.base_dtype
        dy, x = cast(dy, float32), cast(x, float32)
        g, h_scale, h_offset = (zeros_like(t) if d is None else cast(d, float32) for d, t in zip(dys[:3], (x, scale, scale)))
        h_scale, h_offset, factor = spread(h_scale), spread(h_offset), spread(scale)
        centred = x - (average(x) if self.is_training else spread(mean))
        r = rsqrt((average(square(centred)) if self.is_training else spread(variance)) + self.epsilon)
        n = centred * r
        if self.is_training:
            from_dy, from_g = average(dy * n), average(g * n)
            d_dy = factor * r * (g - average(g) - n * from_g) + h_scale * n + h_offset
            share = average(g * dy) - average(g) * average(dy) - from_g * from_dy     # of sum(g dx) / (scale r), per element
            q = h_scale * dy - factor * r * (g * from_dy + dy * from_g)               # by n, which r scales
            d_variance = -0.5 * r * r * r * (factor * share + average(q * centred))   # per element
            d_centred = q * r + 2.0 * centred * d_variance
            d_x, d_scale = d_centred - average(d_centred), reduce_sum(g * r * (dy - average(dy) - n * from_dy), axes)
        else:
            d_dy, d_x = factor * r * g + h_scale * n + h_offset, h_scale * r * dy
            d_scale = reduce_sum(g * dy * r, axes)
        return (cast(d_dy, dtype), cast(d_x, dtype), d_scale, *[None] * (len(op.inputs) - 3))


_FORWARD = "x: T, scale: {0}, offset: {0}, mean: {0}, variance: {0} -> y: T, batch_mean: {0}, batch_variance: {0}, " \
           "reserve_space_1: {0}, reserve_space_2: {0}"


class FusedBatchNorm(_Fused, sig=_FORWARD.format("T")):
    """Batch normalisation of float32 images."""
    T: DType = one_of(float32)
    epsilon: float = 0.0001
    exponential_avg_factor: float = 1.0
    data_format: str = one_word("NHWC", "NCHW", default="NHWC")
    is_training: bool = True


class FusedBatchNormV2(_Fused, sig=_FORWARD.format("U")):
    """Batch normalisation with statistics in float32."""
    T: DType = one_of(NARROW)
    U: DType = one_of(float32)
    epsilon: float = 0.0001
    exponential_avg_factor: float = 1.0
    data_format: str = one_word("NHWC", "NCHW", default="NHWC")
    is_training: bool = True


class FusedBatchNormV3(_Fused, sig=_FORWARD.format("U") + ", reserve_space_3: U"):
    """Batch normalisation with statistics in float32, and one output that only a GPU uses."""
    more = 1
    T: DType = one_of(NARROW)
    U: DType = one_of(bfloat16, float32)
    epsilon: float = 0.0001
    exponential_avg_factor: float = 1.0
    data_format: str = one_word("NHWC", "NCHW", "NDHWC", "NCDHW", default="NHWC")
    is_training: bool = True


class FusedBatchNormGrad(_FusedGrad, sig="y_backprop: T, x: T, scale: T, reserve_space_1: T, reserve_space_2: T -> x_backprop: T, "
                                         "scale_backprop: T, offset_backprop: T, reserve_space_3: T, reserve_space_4: T"):
    """Gradient of FusedBatchNorm."""
    T: DType = one_of(float32)
    epsilon: float = 0.0001
    data_format: str = one_word("NHWC", "NCHW", default="NHWC")
    is_training: bool = True


class FusedBatchNormGradV2(_FusedGrad, sig="y_backprop: T, x: T, scale: float32, reserve_space_1: U, reserve_space_2: U -> "
                                           "x_backprop: T, scale_backprop: U, offset_backprop: U, reserve_space_3: U, "
                                           "reserve_space_4: U"):
    """Gradient of FusedBatchNormV2."""
    T: DType = one_of(NARROW)
    U: DType = one_of(float32)
    epsilon: float = 0.0001
    data_format: str = one_word("NHWC", "NCHW", default="NHWC")
    is_training: bool = True


class FusedBatchNormGradV3(_FusedGrad, sig="y_backprop: T, x: T, scale: float32, reserve_space_1: U, reserve_space_2: U, "
                                           "reserve_space_3: U -> x_backprop: T, scale_backprop: U, offset_backprop: U, "
                                           "reserve_space_4: U, reserve_space_5: U"):
    """Gradient of FusedBatchNormV3."""
    T: DType = one_of(NARROW)
    U: DType = one_of(float32)
    epsilon: float = 0.0001
    data_format: str = one_word("NHWC", "NCHW", "NDHWC", "NCDHW", default="NHWC")
    is_training: bool = True


@export("nn.fused_batch_norm")
def fused_batch_norm(x: Any, scale: Any, offset: Any, mean: Any = None, variance: Any = None, epsilon: float = 0.001,
                     data_format: str = "NHWC", is_training: bool = True, name: str | None = None,
                     exponential_avg_factor: float = 1.0) -> Any:
    """(y, mean, variance): x normalised over all axes but the channels', scaled and shifted.

    Training uses the batch's statistics and returns them (the variance unbiased), mixed into mean and variance by
    exponential_avg_factor; inference uses and returns mean and variance.
    """
    if (not is_training or exponential_avg_factor != 1.0) and (mean is None or variance is None):
        raise ValueError("Both `mean` and `variance` must be a 1D tensor when `is_training` is False or `exponential_avg_factor` != 1.0. "
                         f"Received: `mean` {mean!r} and `variance` {variance!r}")
    x = convert_to_tensor(x, name="input")
    scale, offset = convert_to_tensor(scale, name="scale"), convert_to_tensor(offset, name="offset")
    mean = constant_op([], float32) if mean is None else mean
    variance = constant_op([], float32) if variance is None else variance
    y, m, v = make(FusedBatchNormV3, x, scale, offset, mean, variance, name=name, epsilon=max(epsilon, 1.001e-5),
                   exponential_avg_factor=float(exponential_avg_factor), data_format=data_format, is_training=is_training)[:3]
    return y, m, v


@export("nn.batch_normalization")
def batch_normalization(x: Any, mean: Any, variance: Any, offset: Any, scale: Any, variance_epsilon: float,
                        name: str | None = None) -> Tensor:
    """scale (x - mean) / sqrt(variance + variance_epsilon) + offset; scale and offset may be None. Statistics broadcast to x."""
    with context.default_graph().name_scope(name or "batchnorm"):
        x = convert_to_tensor(x)
        inverse = one.rsqrt(variance + variance_epsilon)
        if scale is not None:
            inverse *= scale
        scaled = x * cast(inverse, x.dtype)
        return scaled + cast(offset - mean * inverse if offset is not None else -mean * inverse, x.dtype)


@export("nn.batch_norm_with_global_normalization")
def batch_norm_with_global_normalization(t: Any = None, m: Any = None, v: Any = None, beta: Any = None, gamma: Any = None,
                                         variance_epsilon: Any = None, scale_after_normalization: Any = None, name: str | None = None,
                                         input: Any = None, mean: Any = None, variance: Any = None) -> Tensor:
    """batch_normalization with TF 0.x's argument order; gamma counts only if scale_after_normalization."""
    t, m, v = either(t, input, "t", "input"), either(m, mean, "m", "mean"), either(v, variance, "v", "variance")
    return batch_normalization(t, m, v, beta, gamma if scale_after_normalization else None, variance_epsilon, name)
