"""Stateless draws with parameters of their own per element: binomial numbers, normals between bounds."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import context
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, as_dtype, float16, float32, float64, int32, int64
from ...core.errors import InvalidArgumentError
from ...core.export import export
from ...core.make import make
from ...core.op import Spec, one_of
from ...core.tensor import Tensor
from ...kernels import random as draws
from ...kernels.contract import Namespace
from .base import shape_tensor, sizes_of, static_shape
from .stateless import StatelessOp, check_seed, seeded_place

_FLOATS = (float16, float32, float64)
_NUMBERS = (*_FLOATS, int32, int64)




def _parameters(shape: np.ndarray, *parameters: np.ndarray) -> tuple[tuple[int, ...], int, list[np.ndarray]]:
    """The output's sizes, how many draws each parameter gets, and the parameters broadcast with each other and flat."""
    sizes, count = sizes_of(shape, None)
    try:
        wide = list(np.broadcast_arrays(*parameters))
    except ValueError:
        wide = []
    if not wide or wide[0].shape != sizes[len(sizes) - wide[0].ndim:]:
        shapes = ", ".join(str(list(p.shape)) for p in parameters)
        raise InvalidArgumentError(None, None, f"Shape passed in must end with broadcasted shape: parameters of shapes {shapes} do not fit "
                                               f"the end of {list(sizes)}")
    return sizes, count // wide[0].size if wide[0].size else 0, [p.ravel() for p in wide]


class StatelessRandomBinomial(StatelessOp, sig="shape: S, seed: Tseed, counts: T, probs: T -> output: dtype", static={"shape": 1}):
    """Successes among `counts` trials of probability `probs`, from a pair of seeds."""
    host = True         # drawn by rejection: how much of the stream a number takes depends on it
    S: DType = one_of((int32, int64))
    Tseed: DType = one_of((int32, int64), default=int64)
    T: DType = one_of(_NUMBERS, default=float64)
    dtype: DType = one_of(_NUMBERS, default=int64)

    def infer(self, shape: Any, seed: Any, *parameters: Any) -> Spec:
        check_seed(seed)
        return Spec(self.dtype, static_shape(shape))

    def kernel(self, xp: Namespace, shape: Any, seed: Any, counts: Any, probs: Any) -> Any:
        sizes, samples, flat = _parameters(shape, counts, probs)
        return draws.binomial(seeded_place(seed), samples, flat[0], flat[1], self.dtype.np).reshape(sizes)


class StatelessParameterizedTruncatedNormal(
        StatelessOp, sig="shape: S, seed: Tseed, means: dtype, stddevs: dtype, minvals: dtype, maxvals: dtype -> output: dtype",
        static={"shape": 1}):
    """Normal numbers between bounds, from a pair of seeds."""
    host = True         # drawn by rejection: how much of the stream a number takes depends on it
    S: DType = one_of((int32, int64))
    Tseed: DType = one_of((int32, int64), default=int64)
    dtype: DType = one_of(_FLOATS)

    def infer(self, shape: Any, seed: Any, *parameters: Any) -> Spec:
        check_seed(seed)
        return Spec(self.dtype, static_shape(shape))

    def kernel(self, xp: Namespace, shape: Any, seed: Any, *parameters: Any) -> Any:
        sizes, samples, (means, stddevs, minvals, maxvals) = _parameters(shape, *parameters)
        return draws.bounded_normal(seeded_place(seed), samples, means, stddevs, minvals, maxvals, self.dtype.np).reshape(sizes)


@export("random.stateless_binomial")
def stateless_random_binomial(shape: Any, seed: Any, counts: Any, probs: Any, output_dtype: Any = int32, name: str | None = None) -> Tensor:
    """Binomial numbers of the given shape, which must end with that of broadcast(counts, probs), from the two integers of `seed`."""
    with context.default_graph().name_scope(name or "stateless_random_binomial"):
        shape = shape_tensor(shape)
        probs = convert_to_tensor(probs, name="probs", preferred_dtype=float32)
        counts = convert_to_tensor(counts, name="counts", preferred_dtype=probs.dtype)
        return make(StatelessRandomBinomial, shape, seed, counts, probs, dtype=as_dtype(output_dtype))


@export("random.stateless_parameterized_truncated_normal")
def stateless_parameterized_truncated_normal(shape: Any, seed: Any, means: Any = 0.0, stddevs: Any = 1.0, minvals: Any = -2.0,
                                             maxvals: Any = 2.0, name: str | None = None) -> Tensor:
    """Normal numbers in [minvals, maxvals] of the given shape, which must end with that of the parameters broadcast together.

    They depend on the two integers of `seed` and the arguments only.
    """
    with context.default_graph().name_scope(name or "stateless_parameterized_truncated_normal"):
        shape = shape_tensor(shape)
        named = (("means", means), ("stddevs", stddevs), ("minvals", minvals), ("maxvals", maxvals))
        parameters = [convert_to_tensor(value, name=label) for label, value in named]
        return make(StatelessParameterizedTruncatedNormal, shape, seed, *parameters)




