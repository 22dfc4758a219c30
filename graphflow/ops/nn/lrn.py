"""Local response normalisation. Krizhevsky et al., "ImageNet Classification with Deep Convolutional Neural Networks", 2012."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core.dtypes import DType, float32
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, require
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from ..dtype_sets import NARROW


def _window_sums(xp: Namespace, x: Any, radius: int) -> Any:
    """Sums over 2 radius + 1 neighbouring channels, as a product with a band of ones."""
    places = np.arange(x.shape[-1])
    band = (np.abs(places[:, None] - places) <= radius).astype(x.dtype)
    flat = xp.reshape(x, (-1, x.shape[-1]))
    return xp.reshape(xp.matmul(flat, band), x.shape)


class LRN(Op, sig="input: T -> output: T"):
    """x / (bias + alpha sum of squares of the neighbouring channels) ^ beta."""
    depth_radius: int = 5
    bias: float = 1.0
    alpha: float = 1.0
    beta: float = 0.5
    T: DType = one_of(NARROW, default=float32)

    def infer(self, x: Spec) -> Spec:
        require(x.shape is None or len(x.shape) == 4, f"Shape must be rank 4 but is rank {len(x.shape or ())}")
        return x

    def kernel(self, xp: Namespace, x: Any) -> Any:
        norm = _window_sums(xp, x * x, self.depth_radius) * self.alpha + self.bias
        return x * xp.power(norm, -self.beta)

    def grad(self, op: Operation, dy: Any) -> Any:
        return (make(LRNGrad, dy, op.inputs[0], op.outputs[0], depth_radius=self.depth_radius, bias=self.bias, alpha=self.alpha,
                     beta=self.beta),)


class LRNGrad(Op, sig="input_grads: T, input_image: T, output_image: T -> output: T"):
    """Gradient of LRN: dy n^-beta - 2 alpha beta x (window sums of dy y / n), n being what is raised to -beta."""
    depth_radius: int = 5
    bias: float = 1.0
    alpha: float = 1.0
    beta: float = 0.5
    T: DType = one_of(NARROW, default=float32)

    def infer(self, dy: Spec, x: Spec, y: Spec) -> Spec:
        return x

    def kernel(self, xp: Namespace, dy: Any, x: Any, y: Any) -> Any:
        norm = _window_sums(xp, x * x, self.depth_radius) * self.alpha + self.bias
        back = _window_sums(xp, dy * y / norm, self.depth_radius)
        return dy * xp.power(norm, -self.beta) - x * back * (2 * self.alpha * self.beta)


@export("nn.local_response_normalization", "nn.lrn")
def local_response_normalization(input: Any, depth_radius: int = 5, bias: float = 1, alpha: float = 1, beta: float = 0.5,
                                 name: str | None = None) -> Tensor:
    """input / (bias + alpha * sum over depth_radius channels each side of input ** 2) ** beta; input [batch, height, width, channels]."""
    return make(LRN, input, name=name, depth_radius=depth_radius, bias=bias, alpha=alpha, beta=beta)
