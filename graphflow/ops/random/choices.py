"""Random order and random choice: shuffles, crops, draws from categories."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import context
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, as_dtype, int32, int64
from ...core.errors import InvalidArgumentError
from ...core.export import export
from ...core.make import make
from ...core.op import Spec, one_of, require
from ...core.run_context import Context
from ...core.tensor import Tensor
from ...kernels import random as draws
from ..elementwise.mold import FLOATING, INTEGER
from .base import RandomOp, check_dtype
from .seeds import seed_attributes


class RandomShuffle(RandomOp, sig="value: T -> output: T"):
    """The rows of a tensor in random order."""
    seed: int = 0
    seed2: int = 0
    T: DType

    def infer(self, value: Any) -> Spec:
        return Spec(self.T, value.shape)

    def run(self, ctx: Context, value: np.ndarray) -> np.ndarray:
        if value.ndim == 0 or len(value) < 2:
            return value
        place = self.stream(ctx).reserve_words(draws.permutation_words(len(value)))
        return value[draws.permutation(place, len(value))]


@export("random_shuffle", "random.shuffle")
def random_shuffle(value: Any, seed: int | None = None, name: str | None = None) -> Tensor:
    """`value` with its rows (first axis) in random order."""
    return make(RandomShuffle, value, name=name, **seed_attributes(seed))


class Multinomial(RandomOp, sig="logits: T, num_samples: int32 -> output: output_dtype", static={"num_samples": 0}):
    """Class numbers drawn in proportion to exp(logits), for each row."""
    seed: int = 0
    seed2: int = 0
    T: DType = one_of((*FLOATING, *INTEGER))
    output_dtype: DType = one_of((int32, int64), default=int64)

    def infer(self, logits: Any, num_samples: Any) -> Spec:
        return Spec(self.output_dtype, categorical_shape(logits, num_samples))

    def run(self, ctx: Context, logits: np.ndarray, num_samples: Any) -> np.ndarray:
        count = check_logits(logits, num_samples, ctx.operation)
        place = self.stream(ctx).reserve_outputs(draws.multinomial_outputs(len(logits), count))
        return draws.multinomial(place, logits, count, self.output_dtype.np)


def categorical_shape(logits: Any, num_samples: Any) -> Any:
    """[batch, num_samples], as far as known."""
    require(logits.shape is None or len(logits.shape) == 2, f"Shape must be rank 2 but is rank {len(logits.shape or ())}")
    require(num_samples.shape in (None, ()), f"num_samples must be a scalar, got shape {num_samples.shape}")
    rows = None if logits.shape is None else logits.shape[0]
    return rows, None if num_samples.value is None else int(num_samples.value)


def check_logits(logits: np.ndarray, num_samples: Any, op: Any) -> int:
    """num_samples as int; InvalidArgumentError for a negative one and for logits without classes."""
    if int(num_samples) < 0:
        raise InvalidArgumentError(None, op, f"num_samples should be nonnegative, got {int(num_samples)}")
    if logits.shape[1] == 0:
        raise InvalidArgumentError(None, op, f"num_classes should be positive, got {logits.shape[1]}")
    return int(num_samples)


@export("multinomial", "random.multinomial")
def multinomial(logits: Any, num_samples: Any, seed: int | None = None, name: str | None = None, output_dtype: Any = None) -> Tensor:
    """Class numbers, int64 (or output_dtype int32), shape [batch_size, num_samples], drawn in proportion to exp(logits).

    logits: shape [batch_size, num_classes], unnormalised log probabilities.
    """
    return _draw(logits, num_samples, output_dtype, seed, name or "multinomial")


@export("random.categorical")
def categorical(logits: Any, num_samples: Any, dtype: Any = None, seed: int | None = None, name: str | None = None) -> Tensor:
    """Class numbers, int64 (or dtype int32), shape [batch_size, num_samples], drawn in proportion to exp(logits).

    logits: shape [batch_size, num_classes], unnormalised log probabilities.
    """
    return _draw(logits, num_samples, dtype, seed, name or "categorical")


def _draw(logits: Any, num_samples: Any, dtype: Any, seed: int | None, name: str) -> Tensor:
    with context.default_graph().name_scope(name):
        logits = convert_to_tensor(logits, name="logits")
        dtype = check_dtype(as_dtype(dtype) if dtype else int64, (int32, int64))
        return make(Multinomial, logits, num_samples, output_dtype=dtype, **seed_attributes(seed))
