"""Activation functions and their gradient ops; sigmoid and tanh are with the other elementwise functions in ops/elementwise.

The gradient ops take the activation's output where that is enough (relu, elu, selu) and its input otherwise, as in TensorFlow.
"""
from __future__ import annotations

from typing import Any

from ...core import context
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, float32
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, require
from ...core.operation import Operation
from ...core.shapes import compatible, describe
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from .. import functions as F
from ..array.fill import zeros_like
from ..array.joining import concat
from ..array.passing import with_gradient
from ..array.select import where
from ..dtype_sets import FLOATING, INTEGER, REAL
from ..elementwise import binary as two
from ..elementwise import unary as one
from ..elementwise.comparison import less

SELU_SCALE = 1.0507009873554804934193349852946        # Klambauer et al., "Self-Normalizing Neural Networks", 2017
SELU_ALPHA = 1.7580993408473768599402175208123        # scale times alpha


class _Activation(Op):
    """Output of the input's dtype and shape."""
    elementwise = True

    def infer(self, x: Spec) -> Spec:
        return x


class _Slope(Op):
    """(dy, x or y) -> dx, all of one shape."""
    elementwise = True

    def infer(self, dy: Spec, x: Spec) -> Spec:
        return dy if dy.shape is not None else x

    def check(self, dy: Spec, x: Spec) -> None:
        require(compatible(dy.shape, x.shape), f"g and a must be the same size, got {describe(dy.shape)} and {describe(x.shape)}")


_SLOPE = "gradients: T, features: T -> backprops: T"
_OUTPUT_SLOPE = "gradients: T, outputs: T -> backprops: T"


class ReluGrad(_Slope, sig=_SLOPE):
    """dy where the feature is above 0."""
    T: DType = one_of(REAL)

    def kernel(self, xp: Namespace, dy: Any, x: Any) -> Any:
        return xp.where(x > 0, dy, xp.astype(0 * dy, dy.dtype)) if dy.dtype.kind in "iu" else dy * (x > 0)

    def grad(self, op: Operation, ddx: Any) -> Any:
        x = op.inputs[1]
        return make(ReluGrad, ddx, x), zeros_like(x)


class Relu(_Activation, sig="features: T -> activations: T"):
    """max(x, 0)."""
    T: DType = one_of(REAL)

    def kernel(self, xp: Namespace, x: Any) -> Any:
        return xp.maximum(x, 0)

    def grad(self, op: Operation, dy: Any) -> Any:
        return (make(ReluGrad, dy, op.outputs[0]),)


class Relu6Grad(_Slope, sig=_SLOPE):
    """dy where the feature lies between 0 and 6."""
    T: DType = one_of(REAL)

    def kernel(self, xp: Namespace, dy: Any, x: Any) -> Any:
        return dy * xp.logical_and(x > 0, x < 6)

    def grad(self, op: Operation, ddx: Any) -> Any:
        x = op.inputs[1]
        return make(Relu6Grad, ddx, x), zeros_like(x)


class Relu6(_Activation, sig="features: T -> activations: T"):
    """min(max(x, 0), 6)."""
    T: DType = one_of(REAL)

    def kernel(self, xp: Namespace, x: Any) -> Any:
        return xp.minimum(xp.maximum(x, 0), 6)

    def grad(self, op: Operation, dy: Any) -> Any:
        return (make(Relu6Grad, dy, op.outputs[0]),)


class LeakyReluGrad(_Slope, sig=_SLOPE):
    """dy where the feature is above 0, else alpha dy."""
    alpha: float = 0.2
    T: DType = one_of(FLOATING, default=float32)

    def kernel(self, xp: Namespace, dy: Any, x: Any) -> Any:
        return xp.where(x > 0, dy, dy * self.alpha)

    def grad(self, op: Operation, ddx: Any) -> Any:
        x = op.inputs[1]
        return make(LeakyReluGrad, ddx, x, alpha=self.alpha), zeros_like(x)


class LeakyRelu(_Activation, sig="features: T -> activations: T"):
    """x where that is above 0, else alpha x."""
    alpha: float = 0.2
    T: DType = one_of(FLOATING, default=float32)

    def kernel(self, xp: Namespace, x: Any) -> Any:
        return xp.maximum(x, x * self.alpha) if 0 < self.alpha <= 1 else xp.where(x > 0, x, x * self.alpha)

    def grad(self, op: Operation, dy: Any) -> Any:
        return (make(LeakyReluGrad, dy, op.inputs[0], alpha=self.alpha),)


class EluGrad(_Slope, sig=_OUTPUT_SLOPE):
    """dy times (y + 1) where y is below 0."""
    T: DType = one_of(FLOATING)

    def kernel(self, xp: Namespace, dy: Any, y: Any) -> Any:
        return xp.where(y < 0, dy * (y + 1), dy)

    def grad(self, op: Operation, ddx: Any) -> Any:
        y = op.inputs[1]
        return make(EluGrad, ddx, y), where(less(y, 0), ddx * op.inputs[0], zeros_like(y))


class Elu(_Activation, sig="features: T -> activations: T"):
    """x where that is above 0, else exp(x) - 1."""
    T: DType = one_of(FLOATING)

    def kernel(self, xp: Namespace, x: Any) -> Any:
        return xp.where(x < 0, xp.expm1(xp.minimum(x, 0)), x)

    def grad(self, op: Operation, dy: Any) -> Any:
        return (make(EluGrad, dy, op.outputs[0]),)


class SeluGrad(_Slope, sig=_OUTPUT_SLOPE):
    """dy times scale, or times (y + scale alpha) where y is below 0."""
    T: DType = one_of(FLOATING)

    def kernel(self, xp: Namespace, dy: Any, y: Any) -> Any:
        return xp.where(y < 0, dy * (y + SELU_ALPHA), dy * SELU_SCALE)

    def grad(self, op: Operation, ddx: Any) -> Any:
        y = op.inputs[1]
        return make(SeluGrad, ddx, y), where(less(y, 0.0), ddx * op.inputs[0], zeros_like(y))


class Selu(_Activation, sig="features: T -> activations: T"):
    """scale x where x is above 0, else scale alpha (exp(x) - 1)."""
    T: DType = one_of(FLOATING)

    def kernel(self, xp: Namespace, x: Any) -> Any:
        return xp.where(x < 0, xp.expm1(xp.minimum(x, 0)) * SELU_ALPHA, x * SELU_SCALE)

    def grad(self, op: Operation, dy: Any) -> Any:
        return (make(SeluGrad, dy, op.outputs[0]),)


class SoftplusGrad(_Slope, sig=_SLOPE):
    """dy sigmoid(x)."""
    T: DType = one_of(FLOATING)

    def kernel(self, xp: Namespace, dy: Any, x: Any) -> Any:
        return dy * xp.sigmoid(x)

    def grad(self, op: Operation, ddx: Any) -> Any:
        dy, x = op.inputs
        with context.default_graph().control_dependencies([ddx]):
            ddy = make(SoftplusGrad, ddx, x)
            return ddy, ddx * dy / (one.exp(-x) + 2.0 + one.exp(x))


class Softplus(_Activation, sig="features: T -> activations: T"):
    """log(1 + exp(x)), without overflow."""
    T: DType = one_of(FLOATING)

    def kernel(self, xp: Namespace, x: Any) -> Any:
        return xp.maximum(x, 0) + xp.log1p(xp.exp(-xp.abs(x)))

    def grad(self, op: Operation, dy: Any) -> Any:
        return (dy * make(one.Sigmoid, op.inputs[0]),)


class SoftsignGrad(_Slope, sig=_SLOPE):
    """dy / (1 + |x|)^2."""
    T: DType = one_of(FLOATING)

    def kernel(self, xp: Namespace, dy: Any, x: Any) -> Any:
        return dy / xp.square(xp.abs(x) + 1)


class Softsign(_Activation, sig="features: T -> activations: T"):
    """x / (1 + |x|)."""
    T: DType = one_of(FLOATING)

    def kernel(self, xp: Namespace, x: Any) -> Any:
        return x / (xp.abs(x) + 1)

    def grad(self, op: Operation, dy: Any) -> Any:
        return (make(SoftsignGrad, dy, op.inputs[0]),)


@export("nn.relu")
def relu(features: Any, name: str | None = None) -> Tensor:
    """max(features, 0), elementwise."""
    return make(Relu, features, name=name)


@export("nn.relu6")
def relu6(features: Any, name: str | None = None) -> Tensor:
    """min(max(features, 0), 6), elementwise. Krizhevsky, "Convolutional Deep Belief Networks on CIFAR-10", 2010."""
    with context.default_graph().name_scope(name or "Relu6") as scope:
        return make(Relu6, convert_to_tensor(features, name="features"), name=scope)


@export("nn.elu")
def elu(features: Any, name: str | None = None) -> Tensor:
    """features where above 0, else exp(features) - 1. Clevert et al., "Exponential Linear Units", 2015."""
    return make(Elu, features, name=name)


@export("nn.selu")
def selu(features: Any, name: str | None = None) -> Tensor:
    """Scaled elu. Klambauer et al., "Self-Normalizing Neural Networks", 2017."""
    return make(Selu, features, name=name)


@export("nn.softplus", "math.softplus")
def softplus(features: Any, name: str | None = None) -> Tensor:
    """log(1 + exp(features)), elementwise."""
    return make(Softplus, features, name=name)


@export("nn.softsign", "math.softsign")
def softsign(features: Any, name: str | None = None) -> Tensor:
    """features / (1 + |features|), elementwise."""
    return make(Softsign, features, name=name)


@export("nn.leaky_relu")
def leaky_relu(features: Any, alpha: Any = 0.2, name: str | None = None) -> Tensor:
    """features where above 0, else alpha * features; alpha is a number or a tensor. Integers become float32."""
    with context.default_graph().name_scope(name or "LeakyRelu") as scope:
        features = convert_to_tensor(features, name="features")
        if features.dtype.base_dtype in INTEGER:
            features = F.cast(features, float32)
        if isinstance(alpha, (int, float)):
            return make(LeakyRelu, features, name=scope, alpha=float(alpha))
        alpha = convert_to_tensor(alpha, features.dtype.base_dtype, "alpha")
        return two.maximum(alpha * features, features, name=scope)


@export("nn.crelu")
def crelu(features: Any, name: str | None = None, axis: int = -1) -> Tensor:
    """relu of features and of -features, joined along axis. Shang et al., "Concatenated Rectified Linear Units", 2016."""
    with context.default_graph().name_scope(name or "CRelu") as scope:
        features = convert_to_tensor(features, name="features")
        return relu(concat([features, -features], axis, name=scope))


@export("nn.swish", "nn.silu")
def swish(features: Any, beta: Any = 1.0) -> Tensor:
    """features * sigmoid(beta * features). Ramachandran et al., "Searching for Activation Functions", 2017."""
    x = convert_to_tensor(features, name="features")
    if isinstance(beta, (int, float)) and beta == 1.0:
        given, value = [x], x * make(one.Sigmoid, x)             # as TF 1.15, which has no beta
    else:
        given = [x, convert_to_tensor(beta, x.dtype.base_dtype, "beta")]
        value = x * make(one.Sigmoid, given[1] * x)
    return value if context.default_graph().eager else with_gradient([value], given, _swish_slope)[0]


def _swish_slope(op: Operation, dy: Tensor, *_: Tensor) -> list[Any]:
    """The gradients of swish, computed anew from its arguments: nothing else is kept. op: an IdentityN of the value, x and perhaps beta."""
    x, *beta = op.inputs[1:]
    with context.default_graph().control_dependencies([dy]):
        gate = make(one.Sigmoid, beta[0] * x if beta else x)
    slope = gate * (1.0 + (beta[0] * x if beta else x) * (1.0 - gate))
    of_beta = [F.reduce_sum(dy * F.square(x) * gate * (1.0 - gate))] if beta else []
    return [None, dy * slope, *of_beta]
