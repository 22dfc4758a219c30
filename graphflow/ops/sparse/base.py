"""What the families of sparse ops share: conversion of arguments and specs, and numpy helpers for positions."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core.dtypes import int64
from ...core.op import Spec
from ...core.tensor import Tensor
from ...core.values import SparseTensor, SparseTensorValue


def as_sparse(x: Any, what: str = "Input") -> SparseTensor:
    """A SparseTensor or a SparseTensorValue as a SparseTensor; TypeError for anything else."""
    if isinstance(x, SparseTensor):
        return x
    if isinstance(x, SparseTensorValue):
        return SparseTensor.from_value(x)
    raise TypeError(f"{what} must be a SparseTensor, got {type(x).__name__}.")


def parts(x: SparseTensor) -> tuple[Tensor, Tensor, Tensor]:
    """Positions, values, dense shape."""
    return x.indices, x.values, x.dense_shape


def sparse_specs(dtype: Any, rank: Any, count: Any = None) -> tuple[Spec, Spec, Spec]:
    """Specs of positions, values and dense shape."""
    return Spec(int64, (count, rank)), Spec(dtype, (count,)), Spec(int64, (rank,))


def rank_of(shape: Spec) -> Any:
    """The static rank from the spec of a dense shape vector."""
    return shape.shape[0] if shape.shape else None


def flat_positions(indices: Any, size: Any) -> np.ndarray:
    """Row-major numbers of positions in an array of that shape; ValueError for one outside of it."""
    indices, size = np.asarray(indices), np.asarray(size)
    check_positions(indices, size)
    if not len(size):
        return np.zeros(len(indices), np.int64)
    steps = np.concatenate([np.cumprod(size[:0:-1], dtype=np.int64)[::-1], [1]])
    return np.asarray(indices @ steps)


def check_positions(indices: np.ndarray, size: np.ndarray) -> None:
    bad = np.any((indices < 0) | (indices >= size), axis=-1) if indices.size else np.zeros(len(indices), bool)
    if bad.any():
        i = int(np.argmax(bad))
        raise ValueError(f"indices[{i}] = {indices[i].tolist()} is out of bounds: need 0 <= index < {size.tolist()}")


def unflatten(numbers: Any, size: Any) -> np.ndarray:
    """Positions from row-major numbers."""
    if not len(size):
        return np.zeros((len(numbers), 0), np.int64)
    places = np.unravel_index(np.asarray(numbers, np.int64), tuple(int(d) for d in size))
    return np.stack(places, -1).astype(np.int64).reshape(-1, len(size))
