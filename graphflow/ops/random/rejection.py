"""Gamma and Poisson numbers."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import context, dtypes
from ...core.constant import to_array
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, as_dtype, float16, float32, float64, int32, int64
from ...core.export import export
from ...core.make import make
from ...core.op import Spec, one_of
from ...core.operation import Operation
from ...core.run_context import Context
from ...core.tensor import Tensor
from ...kernels import random as draws
from ..array.basic import broadcast_to, shape_internal
from ..array.broadcast_args import broadcast_dynamic_shape
from ..elementwise.binary import Maximum
from ..elementwise.division import RealDiv
from .base import RandomOp, sizes_of, static_shape
from .gamma_gradient import of_leading_samples
from .seeds import seed_attributes

_FLOATS = (float16, float32, float64)
_RATES = (*_FLOATS, int32, int64)


class PerParameterOp(RandomOp):
    """A block of numbers for each entry of a parameter tensor: output shape = shape + the parameter's shape."""
    dtype: Any
    draw: Any = None

    def infer(self, shape: Any, parameter: Any) -> Spec:
        return Spec(self.output_type(), joined_shape(shape, parameter))

    def output_type(self) -> DType:
        return self.dtype

    def run(self, ctx: Context, shape: np.ndarray, parameter: np.ndarray) -> np.ndarray:
        sizes, count = sizes_of(shape, ctx.operation)
        place = self.stream(ctx).reserve_outputs(count * parameter.size)
        numbers = type(self).draw(place, count, parameter.ravel(), self.output_type().np)
        return numbers.reshape(sizes + parameter.shape)


def joined_shape(shape: Any, parameter: Any) -> Any:
    """The static shape of `shape` followed by the parameter's, None when either is unknown."""
    first = static_shape(shape)
    return None if first is None or parameter.shape is None else first + parameter.shape


class RandomGamma(PerParameterOp, sig="shape: S, alpha: T -> output: T", static={"shape": 1}, draw=staticmethod(draws.gamma)):
    """Gamma numbers of scale 1 for each alpha."""
    seed: int = 0
    seed2: int = 0
    S: DType = one_of((int32, int64))
    T: DType = one_of(_FLOATS)

    def output_type(self) -> DType:
        return self.T

    def grad(self, op: Operation, dy: Any) -> Any:
        shape, alpha = op.inputs
        return None, of_leading_samples(shape, alpha, op.outputs[0], dy)


class RandomPoissonV2(PerParameterOp, sig="shape: S, rate: R -> output: dtype", static={"shape": 1}, draw=staticmethod(draws.poisson)):
    """Poisson numbers for each rate."""
    seed: int = 0
    seed2: int = 0
    S: DType = one_of((int32, int64))
    R: DType = one_of(_RATES, default=float64)
    dtype: DType = one_of(_RATES, default=int64)


class RandomPoisson(PerParameterOp, sig="shape: S, rate: dtype -> output: dtype", static={"shape": 1}, draw=staticmethod(draws.poisson)):
    """Poisson numbers for each rate, as graphs of early TF 1.x hold it."""
    seed: int = 0
    seed2: int = 0
    S: DType = one_of((int32, int64))
    dtype: DType = one_of(_FLOATS)


@export("random_gamma", "random.gamma")
def random_gamma(shape: Any, alpha: Any, beta: Any = None, dtype: Any = float32, seed: int | None = None,
                 name: str | None = None) -> Tensor:
    """`shape` draws for each pair of shape parameter alpha and inverse scale beta (None: 1), which broadcast with each other.

    Returns shape `shape + broadcast(alpha, beta)`; numbers too small for the dtype become its smallest normal one.
    """
    dtype = as_dtype(dtype)
    with context.default_graph().name_scope(name or "random_gamma"):
        shape = convert_to_tensor(shape, int32, "shape")
        alpha, beta = gamma_parameters(alpha, beta, dtype)
        numbers = make(RandomGamma, shape, alpha, **seed_attributes(seed))
        return scaled_gamma(numbers, alpha, beta)


def gamma_parameters(alpha: Any, beta: Any, dtype: DType) -> tuple[Tensor, Tensor]:
    """alpha broadcast against beta, and beta, as tensors."""
    alpha = convert_to_tensor(alpha, dtype, "alpha")
    beta = convert_to_tensor(1 if beta is None else beta, dtype, "beta")
    both = broadcast_dynamic_shape(shape_internal(alpha), shape_internal(beta))
    return broadcast_to(alpha, both), beta


def scaled_gamma(numbers: Tensor, alpha: Tensor, beta: Tensor) -> Tensor:
    """Gamma numbers divided by beta, none of them zero."""
    scaled = make(RealDiv, numbers, beta, name="truediv")
    smallest = np.finfo(alpha.dtype.base_dtype.np).tiny
    return make(Maximum, smallest, scaled)


@export("random_poisson", "random.poisson")
def random_poisson(lam: Any, shape: Any, dtype: Any = float32, seed: int | None = None, name: str | None = None) -> Tensor:
    """`shape` draws from the Poisson distribution of each rate in `lam`; returns shape `shape + lam.shape` of `dtype`."""
    with context.default_graph().name_scope(name or "random_poisson"):
        shape = convert_to_tensor(shape, int32, "shape")
        seeds = seed_attributes(seed)
        return make(RandomPoissonV2, shape, lam, dtype=as_dtype(dtype), R=natural_dtype(lam), **seeds)


def natural_dtype(value: Any) -> dtypes.DType:
    """The dtype that a value has as a tensor when nothing else is asked for."""
    dtype = getattr(value, "dtype", None)
    return to_array(value, None)[1] if dtype is None else as_dtype(dtype).base_dtype
