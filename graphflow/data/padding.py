"""What Dataset.padded_batch makes of its shapes and values."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..core import dtypes, shapes
from ..core.constant import constant_op
from ..core.convert import convert_to_tensor
from ..core.known import constant_value
from ..core.make import make
from ..core.tensor import Tensor
from ..core.tensor_shape import TensorShape
from ..ops.dataset.batches import PaddedBatchDatasetV2
from . import nest, structure


def padded(dataset: Any, size: Tensor, padded_shapes: Any, padding_values: Any, drop_remainder: Any) -> Any:
    """The dataset of padded batches."""
    form = dataset._structure
    leaves: list[structure.Leaf] = nest.flatten(form)
    if any(type(leaf) is not structure.Leaf for leaf in leaves):
        raise TypeError("`padded_batch` is only supported for datasets that produce tensors, not sparse tensors or datasets")
    if padded_shapes is None:
        padded_shapes = structure.shapes_of(form)
        for leaf in leaves:
            if leaf.shape is None:
                raise ValueError(f"You must provide `padded_shapes` argument because component {leaf} has unknown rank.")
    known, tensors = [], []
    for leaf, given in zip(leaves, nest.flatten_up_to(form, padded_shapes)):
        partial, tensor = _shape(given, leaf)
        known.append(partial)
        tensors.append(tensor)
    values = [_value(leaf, value) for leaf, value in zip(leaves, _values(form, leaves, padding_values))]
    drop = convert_to_tensor(drop_remainder, dtypes.bool, "drop_remainder")
    kept, exact = constant_value(drop), constant_value(size)
    rows = int(exact) if kept is not None and kept and exact is not None else None
    result = nest.pack(form, [structure.Leaf(leaf.dtype, None if k is None else (rows, *k)) for leaf, k in zip(leaves, known)])
    attributes = structure.flat_attributes(result)
    variant = make(PaddedBatchDatasetV2, dataset._variant, size, tensors, values, drop, name=None,
                   Toutput_types=attributes["output_types"], output_shapes=attributes["output_shapes"])
    return variant, result


def _shape(given: Any, leaf: structure.Leaf) -> tuple[Any, Tensor]:
    """A padded shape as partial shape and as tensor. ValueError where elements of the leaf cannot be padded to it."""
    if isinstance(given, Tensor):
        value = constant_value(given)
        partial = (None if given.static is None else (None,) * (given.static[0] or 0)) if value is None else \
            tuple([None if d < 0 else int(d) for d in value])
        tensor = convert_to_tensor(given, dtypes.int64) if given.dtype is dtypes.int64 else given
    else:
        if given is None or (isinstance(given, TensorShape) and given.rank is None):
            raise ValueError(f"Padded shape {given} must have a known rank: the number of dimensions of the component is not known")
        dims: Any = shapes.as_tuple(given) if isinstance(given, TensorShape) else given
        sizes = tuple([None if n in (None, -1) else n for n in map(_size, dims)])
        partial, tensor = sizes, constant_op(np.array([-1 if d is None else d for d in sizes], np.int64), dtypes.int64)
    if leaf.shape is not None and partial is not None and len(partial) != len(leaf.shape):
        raise _unlike(partial, leaf)
    for has, asked in zip(leaf.shape or (), partial or ()):
        if has is not None and asked is not None and asked < has:
            raise _unlike(partial, leaf)
    return partial, tensor


def _unlike(partial: Any, leaf: structure.Leaf) -> ValueError:
    return ValueError(f"The padded shape {shapes.describe(partial)} is not compatible with the shape {shapes.describe(leaf.shape)} of the "
                      "corresponding input component.")


def _size(value: Any) -> int | None:
    found = getattr(value, "value", value)
    return None if found is None else int(found)


def _values(form: Any, leaves: list[structure.Leaf], given: Any) -> list[Any]:
    if given is None:
        return [None] * len(leaves)
    if not nest.is_nested(given) and nest.is_nested(form):
        return [given] * len(leaves)
    return nest.flatten_up_to(form, given)


def _value(leaf: structure.Leaf, value: Any) -> Tensor:
    if value is None:
        value = "" if leaf.dtype is dtypes.string else leaf.dtype.np.type(0) if leaf.dtype.np.kind != "b" else False
    found = convert_to_tensor(value, name="padding_value")
    if found.static not in ((), None):
        raise ValueError(f"The padding value should be a scalar, but its shape is {found.static}.")
    if found.dtype is not leaf.dtype:
        raise TypeError(f"The padding value type ({found.dtype!r}) does not match the corresponding component's dtype {leaf.dtype!r}.")
    return found
