"""Ranges of quantized tensors: which integer stands for which number, and slices along an axis with a range for each."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core.dtypes import DType
from ...core.op import Spec, require, require_rank
from ...kernels.contract import Namespace


def whole(dtype: DType) -> Any:
    """The numpy integer type that a quantized type holds."""
    return dtype.np[0]


def limits(dtype: DType) -> tuple[int, int]:
    found = np.iinfo(whole(dtype))
    return int(found.min), int(found.max)


def range_sizes(x: Spec, ends: tuple[Spec, ...], axis: int) -> Any:
    """The static shape of the ranges of x: scalars, or one for each slice along an axis. ValueError where they do not fit."""
    require(axis >= -1, f"axis must be at least -1 (-1: one range for all), got {axis}")
    if axis == -1:
        for spec in ends:
            require_rank(spec, 0)
        return ()
    require(x.shape is None or len(x.shape) > axis, f"Shape must be at least rank {axis + 1} but is rank {len(x.shape or ())}")
    count = None if x.shape is None else x.shape[axis]
    for spec in ends:
        require_rank(spec, 1)
        other = None if spec.shape is None else spec.shape[0]
        require(count is None or other is None or count == other, f"Dimensions must be equal, but are {other} and {count}")
        count = other if count is None else count
    return (count,)


def along(xp: Namespace, ends: Any, rank: int, axis: int) -> Any:
    """The ends of the ranges in a shape that broadcasts against the tensor."""
    return ends if axis == -1 else xp.reshape(ends, (1,) * axis + (ends.shape[0],) + (1,) * (rank - axis - 1))


def half_away(xp: Namespace, x: Any) -> Any:
    """Rounded, halves away from zero."""
    size = xp.abs(x)
    below = xp.floor(size)
    return xp.sign(x) * (below + xp.astype(size - below >= 0.5, x.dtype))
