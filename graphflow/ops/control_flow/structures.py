"""What bodies take and return: nested structures whose leaves may be bundles of tensors (sparse tensors, slices, TensorArrays)."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...core import nest
from ...core.tensor import Tensor
from ...core.values import IndexedSlices, SparseTensor


def parts(leaf: Any) -> list[Any] | None:
    """The tensors that a leaf is a bundle of; None for a leaf that is one value."""
    if isinstance(leaf, SparseTensor):
        return [leaf.indices, leaf.values, leaf.dense_shape]
    if isinstance(leaf, IndexedSlices):
        return [leaf.values, leaf.indices, *([] if leaf.dense_shape is None else [leaf.dense_shape])]
    flow = getattr(leaf, "_graphflow_flow", None)
    return None if flow is None else [flow()]


def rebuilt(leaf: Any, tensors: list[Tensor]) -> Any:
    """A leaf of the same kind around other tensors."""
    if isinstance(leaf, SparseTensor):
        return SparseTensor(*tensors)
    if isinstance(leaf, IndexedSlices):
        return IndexedSlices(*tensors)
    if hasattr(leaf, "_graphflow_with_flow"):
        return leaf._graphflow_with_flow(tensors[0])
    return tensors[0]


def flatten(structure: Any) -> list[Any]:
    """The leaves in order, bundles taken apart."""
    found: list[Any] = []
    for leaf in nest.flatten(structure):
        bundle = parts(leaf)
        found.extend([leaf] if bundle is None else bundle)
    return found


def pack(structure: Any, flat: list[Any]) -> Any:
    """The inverse of `flatten`, for tensors in the form of `structure`; None leaves stay None and take no tensor."""
    left = iter(flat)
    return nest.pack_sequence_as(structure, [_taken(leaf, left) for leaf in nest.flatten(structure)])


def _taken(leaf: Any, left: Iterator[Any]) -> Any:
    if leaf is None:
        return None
    bundle = parts(leaf)
    return rebuilt(leaf, [next(left) for _ in range(1 if bundle is None else len(bundle))])
