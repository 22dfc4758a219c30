"""dropout: TensorFlow's nodes, and so its random numbers."""
from __future__ import annotations

import numbers
from typing import Any

from ...core import context
from ...core.constant import constant_op
from ...core.convert import convert_to_tensor
from ...core.export import export
from ...core.make import make
from ...core.tensor import Tensor
from ..array.basic import shape_internal
from ..array.select import where_v2
from ..elementwise.binary import Mul, Sub
from ..elementwise.division import RealDiv
from ..random.distributions import random_uniform
from ..scopes import beside_inputs


def _noise_shape(x: Tensor, noise_shape: Any) -> Any:
    if noise_shape is None:
        return shape_internal(x)
    if isinstance(noise_shape, Tensor) or x.static is None:
        return noise_shape
    sizes = list(noise_shape)
    if len(sizes) == len(x.static):
        return [d if n is None and d is not None else n for n, d in zip(sizes, x.static)]
    return noise_shape


@export("nn.dropout")
@beside_inputs
def dropout(x: Any, keep_prob: Any = None, noise_shape: Any = None, seed: int | None = None, name: str | None = None,
            rate: Any = None) -> Tensor:
    """x with elements set to 0 with probability `rate`, the others multiplied by 1 / (1 - rate).

    keep_prob: 1 - rate, TF 1's argument; a number or a scalar tensor. noise_shape: shape of the draw, broadcast to x.
    """
    if keep_prob is not None:
        try:
            other = 1.0 - keep_prob
        except TypeError:
            raise ValueError(f"`keep_prob` must be a floating point number or Tensor. Received: keep_prob={keep_prob}") from None
        if rate is not None:
            raise ValueError("Cannot specify both 'rate' and 'keep_prob'.")
        rate = other
    if rate is None:
        raise ValueError("`rate` must be provided. Received: rate=None")
    with context.default_graph().name_scope(name or "dropout"):
        number = isinstance(rate, numbers.Real)
        if number and not 0 <= rate < 1:
            raise ValueError(f"`rate` must be a scalar tensor or a float in the range [0, 1). Received: rate={rate}")
        x = convert_to_tensor(x, name="x")
        dtype = x.dtype.base_dtype
        if not dtype.is_floating:
            raise ValueError("`x.dtype` must be a floating point tensor as `x` will be scaled. Received: "
                             f"x.dtype={dtype}")
        if number and rate == 0:
            return x
        if number:
            scaled = make(Mul, x, convert_to_tensor(1 / (1 - rate), dtype))
        else:
            rate = convert_to_tensor(rate, dtype, "rate")
            scaled = make(RealDiv, x, make(Sub, constant_op(1, dtype), rate))
        draw = random_uniform(_noise_shape(x, noise_shape), seed=seed, dtype=dtype)
        result = where_v2(draw >= rate, scaled, constant_op(0, dtype))
        result.set_shape(x.static)
        return result
