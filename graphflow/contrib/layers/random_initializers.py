"""The initializers of tf.contrib.layers: functions that return functions, with figures a little off the core ones."""
from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ...core.dtypes import as_dtype, float32
from ...core.export import export
from ...ops.random.distributions import random_uniform, truncated_normal
from ...variables.initializers import zeros_initializer

_MODES = ("FAN_IN", "FAN_OUT", "FAN_AVG")


@export("contrib.layers.variance_scaling_initializer", "contrib.slim.variance_scaling_initializer")
def variance_scaling_initializer(factor: float = 2.0, mode: str = "FAN_IN", uniform: bool = False, seed: int | None = None,
                                 dtype: Any = float32) -> Callable[..., Any]:
    """Random numbers of variance factor / n; mode: n counts inputs (FAN_IN), outputs (FAN_OUT) or is their mean (FAN_AVG)."""
    if not as_dtype(dtype).is_floating:
        raise TypeError("Cannot create initializer for non-floating point type.")
    if mode not in _MODES:
        raise TypeError(f"Unknown mode {mode} [{', '.join(_MODES)}]")
    default = as_dtype(dtype)

    def initializer(shape: Any, dtype: Any = default, partition_info: Any = None) -> Any:
        if not as_dtype(dtype).is_floating:
            raise TypeError("Cannot create initializer for non-floating point type.")
        sizes = [float(size) for size in shape] or [1.0]
        area = math.prod(sizes[:-2])
        fan_in, fan_out = sizes[-2:][0] * area, sizes[-1] * area
        count = {"FAN_IN": fan_in, "FAN_OUT": fan_out, "FAN_AVG": (fan_in + fan_out) / 2.0}[mode]
        if uniform:
            limit = math.sqrt(3.0 * factor / count)
            return random_uniform(shape, -limit, limit, dtype, seed)
        return truncated_normal(shape, 0.0, math.sqrt(1.3 * factor / count), dtype, seed)

    return initializer


@export("contrib.layers.xavier_initializer", "contrib.layers.xavier_initializer_conv2d", "contrib.slim.xavier_initializer")
def xavier_initializer(uniform: bool = True, seed: int | None = None, dtype: Any = float32) -> Callable[..., Any]:
    """Random numbers of variance 2 / (inputs + outputs), uniform or truncated normal (Glorot and Bengio, 2010)."""
    return variance_scaling_initializer(1.0, "FAN_AVG", uniform, seed, dtype)


XAVIER, ZEROS = xavier_initializer(), zeros_initializer()     # where a layer is not given others
