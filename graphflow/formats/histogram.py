"""Histograms with TensorFlow's buckets.

The bucket limits grow by a tenth from 1e-12 on, mirrored for negative numbers, with 0 between: 1551 of them. A value belongs to the
first limit greater than it.
"""

from __future__ import annotations

import sys
from functools import cache
from typing import Any

import numpy as np

from graphflow.formats import proto

_LARGEST = sys.float_info.max
_CHUNK = 1 << 20


@cache
def limits() -> np.ndarray[Any, np.dtype[np.float64]]:
    """Upper limits of the buckets, ascending; the last one is the largest double."""
    positive, limit = [], 1e-12
    while limit < 1e20:
        positive.append(limit)
        limit *= 1.1
    positive.append(_LARGEST)
    return np.array([-limit for limit in reversed(positive)] + [0.0] + positive)


def histogram(values: Any) -> Any:
    """The HistogramProto of an array of finite numbers (any shape, real type). ValueError names a NaN or an infinity."""
    flat = np.asarray(values).astype(np.float64).reshape(-1)
    if not np.isfinite(flat).all():
        raise ValueError("Nan in summary histogram" if np.isnan(flat).any() else "Infinity in summary histogram")
    if not flat.size:
        return proto.HistogramProto(min=_LARGEST, max=-_LARGEST, bucket_limit=[_LARGEST], bucket=[0.0])
    counts = np.bincount(np.searchsorted(limits(), flat, side="right"), minlength=len(limits()))
    ends = _ends_of_runs(counts)
    return proto.HistogramProto(
        min=flat.min(), max=flat.max(), num=float(flat.size), sum=_sum(flat), sum_squares=_sum(flat * flat),
        bucket_limit=limits()[ends], bucket=counts[ends].astype(np.float64),
    )  # fmt: skip


def _ends_of_runs(counts: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Which buckets are written: all that hold something, and the last one of each run of empty ones."""
    empty = counts == 0
    followed_by_empty = np.append(empty[1:], False)
    return np.flatnonzero(~(empty & followed_by_empty))


def _sum(values: np.ndarray[Any, np.dtype[np.float64]]) -> float:
    """The sum in order, one after the other, so that it rounds as TensorFlow's does."""
    total = 0.0
    for start in range(0, len(values), _CHUNK):
        total = float(np.cumsum(np.concatenate(([total], values[start : start + _CHUNK])))[-1])
    return total
