"""Partitioned variables: one name, several slices along one axis; and the functions that say how many."""
from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..core import context, shapes
from ..core.convert import convert_to_tensor, register_tensor_conversion_function
from ..core.dtypes import DType, as_dtype, string
from ..core.export import export
from ..core.tensor_shape import TensorShape
from ..ops.array.basic import identity
from ..ops.array.joining import concat, split
from ..ops.array.slice import slice as tf_slice
from .variable import Variable

Partitioner = Callable[..., list[int]]


class PartitionInfo:
    """Which slice an initializer is asked for: the full shape and where the slice begins."""

    def __init__(self, full_shape: Any, var_offset: Any):
        self.full_shape, self.var_offset = list(full_shape), list(var_offset)

    def single_offset(self, shape: Any) -> int:
        """Where the slice begins along the one axis that is partitioned."""
        axis = self.single_slice_dim(shape)
        return 0 if axis is None else self.var_offset[axis]

    def single_slice_dim(self, shape: Any) -> int | None:
        """The axis that is partitioned, None if the slice is the whole."""
        axes = [i for i, (a, b) in enumerate(zip(shape, self.full_shape)) if a != b]
        if len(axes) > 1:
            raise ValueError(f"Cannot use single_slice_dim() with shape {shape} and full_shape {self.full_shape}: "
                             "more than one axis differs")
        return axes[0] if axes else None


class PartitionedVariable:
    """The slices of a partitioned variable; converts to one tensor, joined."""

    def __init__(self, name: str, shape: Any, dtype: DType, variable_list: list[Any], partitions: list[int]):
        self._name, self._shape, self._dtype = name, shapes.as_tuple(shape), dtype
        self._variable_list, self._partitions = variable_list, partitions
        self._joined: dict[Any, Any] = {}

    name = property(lambda self: self._name)
    dtype = property(lambda self: self._dtype)
    static = property(lambda self: self._shape)
    graph = property(lambda self: self._variable_list[0].graph)
    shape = property(lambda self: TensorShape(self._shape))

    def get_shape(self) -> TensorShape:
        return self.shape

    def __iter__(self) -> Iterator[Any]:
        return iter(self._variable_list)

    def __len__(self) -> int:
        return len(self._variable_list)

    def _get_variable_list(self) -> list[Any]:
        return self._variable_list

    def _get_partitions(self) -> list[int]:
        return self._partitions

    def _partition_axes(self) -> list[int]:
        return [i for i, p in enumerate(self._partitions) if p > 1] or [0]

    def as_tensor(self) -> Any:
        """All slices as one tensor."""
        graph = context.default_graph()
        with graph.name_scope(None):
            if len(self._variable_list) == 1:
                with graph.name_scope(None):
                    return identity(self._variable_list[0], name=self._name)
            with graph.name_scope(self._name + "/ConcatPartitions/"):
                joined = concat(self._variable_list, self._partition_axes()[0], name="concat")
            with graph.name_scope(None):
                return identity(joined, name=self._name)

    def _as_graph_element(self) -> Any:
        return self.as_tensor()

    def assign(self, value: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True) -> list[Any]:
        """Assigns to every slice its part of `value`."""
        return [v.assign(part) for v, part in zip(self._variable_list, self._parts(value))]

    def assign_add(self, value: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True) -> list[Any]:
        return [v.assign_add(part) for v, part in zip(self._variable_list, self._parts(value))]

    def assign_sub(self, value: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True) -> list[Any]:
        return [v.assign_sub(part) for v, part in zip(self._variable_list, self._parts(value))]

    def _parts(self, value: Any) -> list[Any]:
        axis = self._partition_axes()[0]
        return list(split(convert_to_tensor(value, self._dtype), [v.static[axis] for v in self._variable_list], axis=axis))

    def __repr__(self) -> str:
        parts = f"{len(self)} partitions on axis {self._partition_axes()[0]}"
        return f"<tf.Variable '{self._name}' shape={self.shape} dtype={self._dtype.name}, {parts}>"


def get_partitioned(store: Any, name: str, partitioner: Partitioner, shape: Any, dtype: DType, initializer: Any, regularizer: Any,
                    reuse: Any, trainable: Any, collections: Any, validate_shape: bool, use_resource: Any, constraint: Any) -> Any:
    """get_variable with a partitioner."""
    from_value = initializer is not None and not callable(initializer)
    if from_value:
        initializer = convert_to_tensor(initializer, dtype)
        shape = initializer.static
    full = shapes.as_tuple(shape)
    if full is None or None in full:
        raise ValueError(f"Shape of a new partitioned variable ({name}) must be fully defined, but instead was {shape}.")
    found = store.partitioned.get(name)
    if found is not None:
        if not reuse:
            raise ValueError(f"Partitioned variable with name {name} already exists. Did you mean to set reuse=True or reuse=tf.AUTO_REUSE "
                             "in VarScope?")
        if not shapes.compatible(full, found.static):
            raise ValueError(f"Trying to reuse partitioned variable {name}, but specified shape {full} and found shape {found.static}.")
        asked = [int(p) for p in partitioner(shape=TensorShape(full), dtype=dtype)]
        if asked != list(found._partitions):
            raise ValueError(f"Trying to reuse partitioned variable {name}, but specified partitions {asked} and found partitions "
                             f"{list(found._partitions)}.")
        return found
    if reuse is True:
        raise ValueError(f"PartitionedVariable {name} does not exist, or was not created with tf.get_variable(). Did you mean to set "
                         "reuse=False or reuse=tf.AUTO_REUSE in VarScope?")
    partitions = [int(p) for p in partitioner(shape=TensorShape(full), dtype=dtype)]
    axis = _checked_axis(partitions, full)
    parts, offset = [], [0] * len(full)
    base, extra = divmod(full[axis] if full else 1, partitions[axis] if partitions else 1)  # type: ignore[operator]
    for i in range(partitions[axis] if partitions else 1):
        size = list(full)
        if full:
            size[axis] = base + (i < extra)
        info = PartitionInfo(full, offset)
        value = initializer
        if from_value:
            value = _slice_of(initializer, list(offset), size)
        with context.default_graph().name_scope(None):
            part = store.single(f"{name}/part_{i}", None if from_value else size, dtype, value, regularizer, reuse, trainable,
                                collections, validate_shape, use_resource, constraint, info)
        part._set_save_slice_info(Variable.SaveSliceInfo(name, list(full), list(offset), size))
        parts.append(part)
        if full:
            offset[axis] += size[axis]  # type: ignore[operator]
    made = PartitionedVariable(name, full, dtype, parts, partitions)
    store.partitioned[name] = made
    return made


def _slice_of(value: Any, begin: list[int], size: Any) -> Any:
    return tf_slice(value, begin, size)


def _checked_axis(partitions: list[int], full: Any) -> int:
    if len(partitions) != len(full):
        raise ValueError(f"Partitioner returned a partition list that does not match the Variable's rank: {partitions} vs. {full}")
    if any(p < 1 for p in partitions):
        raise ValueError(f"Partitioner returned zero partitions for some axes: {partitions}")
    axes = [i for i, p in enumerate(partitions) if p > 1]
    if len(axes) > 1:
        raise NotImplementedError(f"Can only partition along one dimension, but partitioner returned {partitions}: give all other axes 1")
    return axes[0] if axes else 0


def _fixed(shape: Any, axis: int, count: int) -> list[int]:
    partitions = [1] * len(shape)
    partitions[axis] = count
    return partitions


@export("fixed_size_partitioner")
def fixed_size_partitioner(num_shards: int, axis: int = 0) -> Partitioner:
    """A partitioner that makes `num_shards` slices (at most one per row) along `axis`."""
    def partitioner(shape: Any, dtype: Any = None, **_: Any) -> list[int]:
        sizes = TensorShape(shape).as_list()
        return _fixed(sizes, axis, min(num_shards, sizes[axis]))  # type: ignore[type-var, arg-type]
    return partitioner


def _element_size(dtype: Any, string_bytes: int) -> int:
    dtype = as_dtype(dtype).base_dtype
    return string_bytes if dtype is string else dtype.size


@export("variable_axis_size_partitioner")
def variable_axis_size_partitioner(max_shard_bytes: int, axis: int = 0, bytes_per_string_element: int = 16,
                                   max_shards: int | None = None) -> Partitioner:
    """A partitioner that keeps slices below `max_shard_bytes`."""
    if max_shard_bytes < 1 or bytes_per_string_element < 1 or (max_shards is not None and max_shards < 1):
        raise ValueError("max_shard_bytes, bytes_per_string_element and max_shards must be positive.")

    def partitioner(shape: Any, dtype: Any, **_: Any) -> list[int]:
        sizes: Any = TensorShape(shape).as_list()
        per_slice = int(np.prod(sizes)) // sizes[axis] * _element_size(dtype, bytes_per_string_element)
        per_shard = max(1, max_shard_bytes // per_slice)
        count = math.ceil(sizes[axis] / per_shard)
        return _fixed(sizes, axis, min(count, max_shards) if max_shards else count)
    return partitioner


@export("min_max_variable_partitioner")
def min_max_variable_partitioner(max_partitions: int = 1, axis: int = 0, min_slice_size: int = 256 << 10,
                                 bytes_per_string_element: int = 16) -> Partitioner:
    """A partitioner that makes up to `max_partitions` slices of at least `min_slice_size` bytes."""
    def partitioner(shape: Any, dtype: Any, **_: Any) -> list[int]:
        if axis >= len(shape):
            raise ValueError(f"Cannot partition variable along axis {axis} when shape is only {shape}")
        sizes: Any = TensorShape(shape).as_list()
        total = int(np.prod(sizes)) * _element_size(dtype, bytes_per_string_element)
        return _fixed(sizes, axis, max(1, min(total // min_slice_size, sizes[axis], max_partitions)))
    return partitioner


def _convert(value: PartitionedVariable, dtype: DType | None = None, name: str | None = None, as_ref: bool = False) -> Any:
    if dtype is not None and not dtype.is_compatible_with(value.dtype):
        raise ValueError(f"Incompatible type conversion requested to type '{dtype.name}' for variable of type '{value.dtype.name}'")
    if as_ref:
        raise NotImplementedError(f"PartitionedVariable {value.name} cannot be passed by reference; use its slices, list(variable)")
    return value.as_tensor()


register_tensor_conversion_function(PartitionedVariable, _convert)
