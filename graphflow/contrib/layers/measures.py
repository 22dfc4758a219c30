"""Sizes from arguments and static shapes: what tf.contrib.layers.python.layers.utils gives."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export


@export("contrib.layers.two_element_tuple")
def two_element_tuple(int_or_tuple: Any) -> tuple[int, int]:
    """(n, n) for n, (a, b) for a list, tuple or TensorShape of two; ValueError for anything else."""
    if isinstance(int_or_tuple, int):
        return int_or_tuple, int_or_tuple
    if isinstance(int_or_tuple, tf.TensorShape):
        int_or_tuple = int_or_tuple.as_list()
    if isinstance(int_or_tuple, (list, tuple)):
        if len(int_or_tuple) != 2:
            raise ValueError(f"Must be a list with 2 elements: {int_or_tuple}")
        return int(int_or_tuple[0]), int(int_or_tuple[1])
    raise ValueError(f"Must be an int, a list with 2 elements or a TensorShape of length 2: {int_or_tuple!r}")


@export("contrib.layers.n_positive_integers")
def n_positive_integers(n: int, value: Any) -> tuple[int, ...]:
    """`value` n times, or as it is where it is a sequence of n positive integers; ValueError for anything else."""
    if int(n) < 1 or int(n) != n:
        raise ValueError("n must be a positive integer")
    try:
        values = (int(value),) * int(n)
    except (TypeError, ValueError):
        try:
            values = tuple(int(v) for v in value)
        except (TypeError, ValueError):
            values = ()
        if len(values) != n:
            raise ValueError(f"Expected sequence of {n} positive integers, but received {value!r}") from None
    if min(values) < 1:
        raise ValueError(f"expected positive integer, but received {min(values)}")
    return values


@export("contrib.layers.channel_dimension")
def channel_dimension(shape: Any, data_format: str, min_rank: int = 1) -> int:
    """The size of the axis of channels: 1 for 'channels_first', else the last; ValueError where it is unknown or the rank is too low."""
    return _size(shape, 1 if data_format == "channels_first" else -1, min_rank)


@export("contrib.layers.last_dimension")
def last_dimension(shape: Any, min_rank: int = 1) -> int:
    """The size of the last axis; ValueError where it is unknown or the rank is too low."""
    return _size(shape, -1, min_rank)


def _size(shape: Any, axis: int, min_rank: int) -> int:
    shape = tf.TensorShape(shape)
    if shape.ndims is None:
        raise ValueError("dims of shape must be known but is None")
    if shape.ndims < min_rank:
        raise ValueError(f"rank of shape must be at least {min_rank} not: {shape.ndims}")
    size = shape.as_list()[axis]
    if size is None:
        raise ValueError(f"dimension {axis} of shape must be known but is None: {shape}")
    return size
