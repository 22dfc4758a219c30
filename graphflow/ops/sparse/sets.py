"""`tf.sets`: sets along the last axis, as dense or sparse tensors; each place of the other axes holds a set of its own, a group.

Values are numbered in their order, so that a set is a range of one sorted vector of numbers `group * values + value`, and the operations
are numpy's on such vectors.
"""
from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ...core import dtypes, shapes
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, int32, int64
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, require, require_rank
from ...core.outcomes import Several
from ...core.tensor import Tensor
from ...core.values import SparseTensor, SparseTensorValue
from .base import as_sparse, check_positions, flat_positions, parts, rank_of, sparse_specs, unflatten

_TYPES = (dtypes.int8, dtypes.int16, int32, int64, dtypes.uint8, dtypes.uint16, dtypes.string)
_OUTPUTS = "result_indices: int64, result_values: T, result_shape: int64"
_NUMBERED = {"a-b": lambda a, b: np.setdiff1d(a, b, assume_unique=True), "b-a": lambda a, b: np.setdiff1d(b, a, assume_unique=True),
             "intersection": lambda a, b: np.intersect1d(a, b, assume_unique=True), "union": np.union1d}


class _SetOperation(Several):
    """Base: the sets of two operands combined, group by group, each result sorted."""
    host = True         # how many elements the sets have depends on their values
    differentiable = False
    set_operation: str
    validate_indices: bool = True
    T: DType = one_of(_TYPES)

    def combined(self, a: tuple[Any, Any], b: tuple[Any, Any], groups: tuple[int, ...]) -> Any:
        """Positions, values and shape of the result. a, b: number of the group and value of each element."""
        operation = _NUMBERED.get(self.set_operation.lower())
        if operation is None:
            raise ValueError(f"Invalid set_operation {self.set_operation}: expected {', '.join(_NUMBERED)}")
        values, numbers = np.unique(np.concatenate([a[1], b[1]]), return_inverse=True)
        count, numbers = max(len(values), 1), numbers.reshape(-1)
        keys = [np.unique(where * count + number) for where, number in zip((a[0], b[0]), np.split(numbers, [len(a[1])]))]
        found = operation(*keys)
        where = found // count
        starts = np.searchsorted(where, where)
        place = np.arange(len(found)) - starts
        indices = np.concatenate([unflatten(where, groups), place[:, None]], 1)
        size = int(place.max()) + 1 if len(place) else 0
        return indices.astype(np.int64), values[found % count] if len(values) else values, np.array([*groups, size], np.int64)

    def dense(self, x: Any) -> tuple[Any, Any]:
        """A dense operand as elements."""
        width = x.shape[-1]
        return np.repeat(np.arange(prod(x.shape[:-1])), width), x.reshape(-1)

    def sparse(self, indices: Any, values: Any, size: Any, groups: tuple[int, ...], name: str) -> tuple[Any, Any]:
        """A sparse operand as elements."""
        if tuple(size[:-1]) != groups:
            raise ValueError(f"Mismatched group dimensions: {name} has {shapes.describe(tuple(size[:-1].tolist()))}, the other operand "
                             f"{shapes.describe(groups)}")
        numbers = _checked(indices, size, self.validate_indices)
        return numbers // max(int(size[-1]), 1), values


def _checked(indices: Any, size: Any, ordered: bool) -> Any:
    """Row-major numbers of positions; ValueError for one that is outside of the shape, or where they must be in order and are not."""
    check_positions(indices, size)
    numbers = flat_positions(indices, size)
    if ordered and (numbers[1:] <= numbers[:-1]).any():
        at = int(np.argmax(numbers[1:] <= numbers[:-1])) + 1
        raise ValueError(f"indices[{at}] = {indices[at].tolist()} is out of order or repeated: tf.sparse_reorder sorts them")
    return numbers


def _group_of(shape: shapes.Shape) -> shapes.Shape:
    require(shape is None or len(shape) >= 2, f"Shape must be at least rank 2 but is rank {len(shape or ())}")
    return None if shape is None else shape[:-1]


class DenseToDenseSetOperation(_SetOperation, sig=f"set1: T, set2: T -> {_OUTPUTS}"):
    """Sets of two dense tensors."""

    def infer(self, a: Spec, b: Spec) -> Any:
        first, second = _group_of(a.shape), _group_of(b.shape)
        if first is not None and second is not None:
            require(len(first) == len(second), f"Shape must be rank {len(first) + 1} but is rank {len(second) + 1}")
            for i, (x, y) in enumerate(zip(first, second)):
                require(x is None or y is None or x == y, f"Dimension {i} in both shapes must be equal, but are {x} and {y}. Shapes are "
                                                          f"{shapes.describe(first)} and {shapes.describe(second)}.")
        known = first if first is not None else second
        return sparse_specs(self.T, None if known is None else len(known) + 1)

    def kernel(self, xp: Any, a: Any, b: Any) -> Any:
        return self.combined(self.dense(np.asarray(a)), self.dense(np.asarray(b)), np.shape(a)[:-1])


class DenseToSparseSetOperation(_SetOperation, sig=f"set1: T, set2_indices: int64, set2_values: T, set2_shape: int64 -> {_OUTPUTS}"):
    """Sets of a dense and a sparse tensor."""

    def infer(self, a: Spec, indices: Spec, values: Spec, size: Spec) -> Any:
        group = _group_of(a.shape)
        require_rank(indices, 2)
        require_rank(size, 1)
        rank = rank_of(size) if group is None else len(group) + 1
        require(rank_of(size) in (None, rank), f"Shape must be rank {rank_of(size)} but is rank {rank}")
        return sparse_specs(self.T, rank)

    def kernel(self, xp: Any, a: Any, indices: Any, values: Any, size: Any) -> Any:
        a, groups = np.asarray(a), np.shape(a)[:-1]
        return self.combined(self.dense(a), self.sparse(indices, values, size, groups, "set2"), groups)


class SparseToSparseSetOperation(_SetOperation, sig="set1_indices: int64, set1_values: T, set1_shape: int64, set2_indices: int64, "
                                                    f"set2_values: T, set2_shape: int64 -> {_OUTPUTS}"):
    """Sets of two sparse tensors."""

    def infer(self, ai: Spec, av: Spec, size_a: Spec, bi: Spec, bv: Spec, size_b: Spec) -> Any:
        for spec, rank in ((ai, 2), (size_a, 1), (bi, 2), (size_b, 1)):
            require_rank(spec, rank)
        first, second = rank_of(size_a), rank_of(size_b)
        require(None in (first, second) or first == second, f"Shape must be rank {first} but is rank {second}")
        return sparse_specs(self.T, second if first is None else first)

    def kernel(self, xp: Any, ai: Any, av: Any, size_a: Any, bi: Any, bv: Any, size_b: Any) -> Any:
        groups = tuple(size_a[:-1].tolist())
        return self.combined(self.sparse(ai, av, size_a, groups, "set1"), self.sparse(bi, bv, size_b, groups, "set2"), groups)


class SetSize(Op, sig="set_indices: int64, set_values: T, set_shape: int64 -> size: int32"):
    """How many different values each group holds."""
    host = True         # strings; equal values count once
    differentiable = False
    validate_indices: bool = True
    T: DType = one_of(_TYPES)

    def infer(self, indices: Spec, values: Spec, size: Spec) -> Spec:
        rank = rank_of(size)
        return Spec(int32, None if rank is None else (None,) * max(rank - 1, 0))

    def kernel(self, xp: Any, indices: Any, values: Any, size: Any) -> Any:
        if len(size) < 2:
            raise ValueError(f"Shape must be at least rank 2 but is rank {len(size)}")
        groups = tuple(size[:-1].tolist())
        where = _checked(indices, size, self.validate_indices) // max(int(size[-1]), 1)
        unique, numbers = np.unique(np.asarray(values), return_inverse=True)
        count = max(len(unique), 1)
        found = np.unique(where * count + numbers.reshape(-1)) // count
        return np.bincount(found, minlength=prod(groups)).astype(np.int32).reshape(groups)


@export("sets.size", "sets.set_size")
def set_size(a: Any, validate_indices: bool = True) -> Tensor:
    """How many different values the last axis of a sparse tensor holds: int32, the shape of `a` without that axis.

    a: rank 2 or more, integer or string values, its positions in order. TypeError for a dense tensor or another dtype.
    """
    if not isinstance(a, (SparseTensor, SparseTensorValue)):
        raise TypeError(f"Expected `SparseTensor`, got {a}.")
    a = as_sparse(a)
    _check_type("a", a.values)
    return make(SetSize, *parts(a), validate_indices=validate_indices)


def _check_type(name: str, values: Tensor | SparseTensor) -> None:
    if values.dtype.base_dtype not in _TYPES:
        raise TypeError(f"'{name}' has invalid dtype `{values.dtype!r}` not in supported dtypes: "
                        f"{', '.join(t.name for t in _TYPES)}")


def _operation(a: Any, b: Any, name: str, flipped: str, validate_indices: bool) -> SparseTensor:
    """flipped: the operation with the operands in the other order."""
    first, second = (as_sparse(x) if isinstance(x, (SparseTensor, SparseTensorValue)) else convert_to_tensor(x, name=label)
                     for x, label in ((a, "a"), (b, "b")))
    if first.dtype.base_dtype is not second.dtype.base_dtype:
        raise TypeError(f"Types don't match, {first.dtype!r} vs {second.dtype!r}.")
    _check_type("a", first)
    if isinstance(first, SparseTensor) and not isinstance(second, SparseTensor):
        first, second, name = second, first, flipped
    if not isinstance(second, SparseTensor):
        found = make(DenseToDenseSetOperation, first, second, set_operation=name, validate_indices=validate_indices)
    elif isinstance(first, SparseTensor):
        found = make(SparseToSparseSetOperation, *parts(first), *parts(second), set_operation=name, validate_indices=validate_indices)
    else:
        found = make(DenseToSparseSetOperation, first, *parts(second), set_operation=name, validate_indices=validate_indices)
    return SparseTensor(*found)


@export("sets.intersection", "sets.set_intersection")
def set_intersection(a: Any, b: Any, validate_indices: bool = True) -> SparseTensor:
    """The values that the last axes of `a` and `b` both hold, sorted, as a sparse tensor whose last size is that of the greatest set.

    a, b: dense or sparse, of one integer or string dtype, rank 2 or more, equal in all axes but the last; positions of sparse ones in
    order (validate_indices=False: unchecked). InvalidArgumentError in the run where the other axes differ.
    """
    return _operation(a, b, "intersection", "intersection", validate_indices)


@export("sets.difference", "sets.set_difference")
def set_difference(a: Any, b: Any, aminusb: bool = True, validate_indices: bool = True) -> SparseTensor:
    """The values that the last axis of `a` holds and `b` lacks; aminusb=False: the other way round. Operands as for `intersection`."""
    names = ("a-b", "b-a") if aminusb else ("b-a", "a-b")
    return _operation(a, b, *names, validate_indices)


@export("sets.union", "sets.set_union")
def set_union(a: Any, b: Any, validate_indices: bool = True) -> SparseTensor:
    """The values that the last axis of `a` or that of `b` holds. Operands as for `tf.sets.intersection`."""
    return _operation(a, b, "union", "union", validate_indices)
