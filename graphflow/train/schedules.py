"""Learning rates that change with the global step. Each returns a scalar tensor of the learning rate's dtype."""
from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..core.constant import constant
from ..core.convert import convert_n_to_tensor, convert_to_tensor
from ..core.dtypes import int32, int64
from ..core.export import export
from ..core.tensor import Tensor
from ..ops.array.basic import cast
from ..ops.array.select import where
from ..ops.control_flow.case import case
from ..ops.elementwise.binary import add, minimum, multiply, pow_
from ..ops.elementwise.comparison import equal, greater, less_equal
from ..ops.elementwise.division import divide
from ..ops.elementwise.unary import ceil, cos, exp, floor, log, sqrt
from ..ops.random.distributions import random_normal
from ..ops.scopes import name_scope


def _need_step(global_step: Any, what: str) -> None:
    if global_step is None:
        raise ValueError(f"global_step is required for {what}.")


def _giving(value: Tensor) -> Callable[[], Tensor]:
    return lambda: value


@export("train.exponential_decay")
def exponential_decay(learning_rate: Any, global_step: Any, decay_steps: Any, decay_rate: Any, staircase: bool = False,
                      name: str | None = None) -> Tensor:
    """learning_rate * decay_rate ** (global_step / decay_steps); staircase: the exponent is rounded down."""
    _need_step(global_step, "exponential_decay")
    with name_scope(name, "ExponentialDecay", [learning_rate, global_step, decay_steps, decay_rate]) as scope:
        rate = convert_to_tensor(learning_rate, name="initial_learning_rate")
        steps = cast(decay_steps, rate.dtype)
        base = cast(decay_rate, rate.dtype)
        exponent = divide(cast(global_step, rate.dtype), steps)
        if staircase:
            exponent = floor(exponent)
        return multiply(rate, pow_(base, exponent), name=scope)


@export("train.natural_exp_decay")
def natural_exp_decay(learning_rate: Any, global_step: Any, decay_steps: Any, decay_rate: Any, staircase: bool = False,
                      name: str | None = None) -> Tensor:
    """learning_rate * exp(-decay_rate * global_step / decay_steps)."""
    _need_step(global_step, "natural_exp_decay")
    rate = exp(-convert_to_tensor(decay_rate))
    return exponential_decay(learning_rate, global_step, decay_steps, rate, staircase, name or "NaturalExpDecay")


@export("train.inverse_time_decay")
def inverse_time_decay(learning_rate: Any, global_step: Any, decay_steps: Any, decay_rate: Any, staircase: bool = False,
                       name: str | None = None) -> Tensor:
    """learning_rate / (1 + decay_rate * global_step / decay_steps)."""
    _need_step(global_step, "inverse_time_decay")
    with name_scope(name, "InverseTimeDecay", [learning_rate, global_step, decay_rate]) as scope:
        rate = convert_to_tensor(learning_rate, name="initial_learning_rate")
        steps, factor = cast(decay_steps, rate.dtype), cast(decay_rate, rate.dtype)
        passed = divide(cast(global_step, rate.dtype), steps)
        if staircase:
            passed = floor(passed)
        return divide(rate, add(cast(constant(1), rate.dtype), multiply(factor, passed)), name=scope)


@export("train.polynomial_decay")
def polynomial_decay(learning_rate: Any, global_step: Any, decay_steps: Any, end_learning_rate: Any = 0.0001, power: Any = 1.0,
                     cycle: bool = False, name: str | None = None) -> Tensor:
    """(learning_rate - end) * (1 - step / decay_steps) ** power + end; cycle: decay_steps doubles, triples, ... when passed."""
    _need_step(global_step, "polynomial_decay")
    with name_scope(name, "PolynomialDecay", [learning_rate, global_step, decay_steps, end_learning_rate, power]) as scope:
        rate = convert_to_tensor(learning_rate, name="initial_learning_rate")
        end, exponent = cast(end_learning_rate, rate.dtype), cast(power, rate.dtype)
        step, steps = cast(global_step, rate.dtype), cast(decay_steps, rate.dtype)
        if cycle:
            times = where(equal(step, 0), constant(1.0, rate.dtype), ceil(step / decay_steps))
            steps = multiply(steps, times)
        else:
            step = minimum(step, steps)
        left = divide(step, steps)
        return add(multiply(rate - end, pow_(1 - left, exponent)), end, name=scope)


@export("train.cosine_decay")
def cosine_decay(learning_rate: Any, global_step: Any, decay_steps: Any, alpha: Any = 0.0, name: str | None = None) -> Tensor:
    """Half a cosine from learning_rate to alpha * learning_rate (Loshchilov and Hutter 2016)."""
    _need_step(global_step, "cosine_decay")
    with name_scope(name, "CosineDecay", [learning_rate, global_step]):
        rate = convert_to_tensor(learning_rate, name="initial_learning_rate")
        steps = cast(decay_steps, rate.dtype)
        done = minimum(cast(global_step, rate.dtype), steps) / steps
        half = 0.5 * (1.0 + cos(constant(math.pi, rate.dtype) * done))
        return multiply(rate, (1 - alpha) * half + alpha)


@export("train.cosine_decay_restarts")
def cosine_decay_restarts(learning_rate: Any, global_step: Any, first_decay_steps: Any, t_mul: Any = 2.0, m_mul: Any = 1.0,
                          alpha: Any = 0.0, name: str | None = None) -> Tensor:
    """Cosine decay that begins again (SGDR): each period t_mul times as long, each start m_mul times as high."""
    _need_step(global_step, "cosine_decay_restarts")
    with name_scope(name, "SGDRDecay", [learning_rate, global_step]):
        rate = convert_to_tensor(learning_rate, name="initial_learning_rate")
        first, longer, higher, low = (cast(v, rate.dtype) for v in (first_decay_steps, t_mul, m_mul, alpha))
        done = cast(global_step, rate.dtype) / first
        if t_mul == 1.0:
            period = floor(done)
            done = done - period
        else:
            period = floor(log(1.0 - done * (1.0 - longer)) / log(longer))
            scale = longer ** period
            done = (done - (1.0 - scale) / (1.0 - longer)) / scale
        half = 0.5 * (higher ** period) * (1.0 + cos(constant(math.pi, rate.dtype) * done))
        return multiply(rate, (1 - low) * half + low)


def _linear_cosine(learning_rate: Any, global_step: Any, decay_steps: Any, num_periods: Any, alpha: Any, beta: Any, noise: Any) -> Tensor:
    rate = convert_to_tensor(learning_rate, name="initial_learning_rate")
    steps, periods, alpha, beta = (cast(v, rate.dtype) for v in (decay_steps, num_periods, alpha, beta))
    step = minimum(cast(global_step, rate.dtype), steps)
    linear = (steps - step) / steps
    if noise is not None:
        linear = linear + noise(step, rate.dtype)
    wave = 0.5 * (1.0 + cos(constant(math.pi, rate.dtype) * (2.0 * periods * (step / steps))))
    return multiply(rate, (alpha + linear) * wave + beta)


@export("train.linear_cosine_decay")
def linear_cosine_decay(learning_rate: Any, global_step: Any, decay_steps: Any, num_periods: Any = 0.5, alpha: Any = 0.0,
                        beta: Any = 0.001, name: str | None = None) -> Tensor:
    """A cosine under a falling line (Bello et al. 2017)."""
    _need_step(global_step, "linear_cosine_decay")
    with name_scope(name, "LinearCosineDecay", [learning_rate, global_step]):
        return _linear_cosine(learning_rate, global_step, decay_steps, num_periods, alpha, beta, None)


@export("train.noisy_linear_cosine_decay")
def noisy_linear_cosine_decay(learning_rate: Any, global_step: Any, decay_steps: Any, initial_variance: Any = 1.0,
                              variance_decay: Any = 0.55, num_periods: Any = 0.5, alpha: Any = 0.0, beta: Any = 0.001,
                              name: str | None = None) -> Tensor:
    """Linear cosine decay with normal noise whose variance falls."""
    _need_step(global_step, "noisy_linear_cosine_decay")
    with name_scope(name, "NoisyLinearCosineDecay", [learning_rate, global_step]):
        def noise(step: Any, dtype: Any) -> Any:
            variance = cast(initial_variance, dtype) / ((1.0 + step) ** cast(variance_decay, dtype))
            return random_normal([], stddev=1.0) * sqrt(variance)
        return _linear_cosine(learning_rate, global_step, decay_steps, num_periods, alpha, beta, noise)


@export("train.piecewise_constant", "train.piecewise_constant_decay")
def piecewise_constant(x: Any, boundaries: Any, values: Any, name: str | None = None) -> Tensor:
    """values[0] up to boundaries[0] (inclusive), values[1] up to boundaries[1], ...; values has one entry more."""
    if len(boundaries) != len(values) - 1:
        raise ValueError("The length of boundaries should be 1 less than the length of values")
    edges, levels = convert_n_to_tensor(list(boundaries)), convert_n_to_tensor(list(values))
    at = convert_to_tensor(x)
    for i, edge in enumerate(edges):
        if edge.dtype.base_dtype is int32 and at.dtype.base_dtype is int64:
            edges[i] = cast(edge, int64)
        elif edge.dtype.base_dtype is not at.dtype.base_dtype:
            raise ValueError(f"Boundaries ({edge.dtype.base_dtype.name}) must have the same dtype as x ({at.dtype.base_dtype.name}).")
    if not edges:
        return levels[0]
    with name_scope(name, "PiecewiseConstant", [at, *edges, *levels]):
        pairs = [(less_equal(at, edges[0]), _giving(levels[0])), (greater(at, edges[-1]), _giving(levels[-1]))]
        pairs += [(greater(at, low) & less_equal(at, high), _giving(level))
                  for low, high, level in zip(edges, edges[1:], levels[1:-1])]
        return case(pairs, _giving(levels[0]), exclusive=True)


