"""Slot variables of optimizers: named after the variable that they belong to (`w/Adam`), initialized beside it.

A slot is made by `get_variable` in a variable scope of that name, opened inside the current scope: `minimize` under
`variable_scope("train")` gives `train/w/Adam`, as in TF1, and a scope that reuses finds no slot and says so.
"""
from __future__ import annotations

from typing import Any

from ...core import context, shapes
from ...core.constant import constant_op
from ...core.tensor import Tensor
from ...core.values import resource_handle
from ...ops.array.basic import cast, shape_internal
from ...ops.array.fill import fill, zeros
from ...ops.array.stitch import unique
from ...ops.segment.segment import unsorted_segment_sum
from ...variables.get import get_variable
from ...variables.initializers import Zeros
from ...variables.scope import variable_scope
from ...variables.variable import Variable


def _slot_variable(primary: Any, initializer: Any, shape: Any, dtype: Any, name: str, validate_shape: bool = True) -> Any:
    graph = context.default_graph()
    style = resource_handle(primary) is not None if isinstance(primary, Variable) else None
    own = primary._shared_name if graph.shared.eager else primary.op.name
    with variable_scope(None, f"{own}/{name}") as scope, graph.colocate_with(primary):
        scope.set_partitioner(None)
        slot = get_variable("", shape, dtype, initializer, trainable=False, use_resource=style, validate_shape=validate_shape)
    info = getattr(primary, "_save_slice_info", None)
    if info is not None:
        own = slot.op.name[len(primary.op.name) + 1:]       # "Adam_1" of the second slot; in a scope with what TensorFlow's cut leaves
        slot._set_save_slice_info(Variable.SaveSliceInfo(f"{info.full_name}/{own}", info.full_shape, info.var_offset, info.var_shape))
    return slot


def create_slot(primary: Any, val: Any, name: str) -> Any:
    """A slot with the initial value `val`."""
    return _slot_variable(primary, val, None, None, name, shapes.is_fully_defined(val.static))


def create_slot_with_initializer(primary: Any, initializer: Any, shape: Any, dtype: Any, name: str) -> Any:
    """A slot whose initial value an initializer makes; one without arguments where the shape is known only when run."""
    return _slot_variable(primary, initializer, shape, dtype, name, shapes.is_fully_defined(shape))


def constant_initializer_of(primary: Any, value: float) -> Any:
    """An initializer of the variable's shape, filled with one value."""
    dtype = primary.dtype.base_dtype
    if shapes.is_fully_defined(primary.static):
        return lambda shape, dtype: constant_op(value, dtype, list(shape))
    return lambda: cast(fill(_sizes(primary), constant_op(value)), dtype)


def _sizes(primary: Any) -> Tensor:
    """The shape that the variable has when its slot is initialized, which may be done first."""
    return shape_internal(primary.initialized_value() if isinstance(primary, Variable) else primary)


def create_zeros_slot(primary: Any, name: str, dtype: Any = None) -> Any:
    """A slot of zeros of the variable's shape."""
    dtype = dtype or primary.dtype.base_dtype
    shape = primary.static
    if shape is None or None in shape:
        return create_slot(primary, zeros(_sizes(primary), dtype), name)
    return create_slot_with_initializer(primary, Zeros(), shape, dtype, name)


def deduplicate(values: Tensor, indices: Tensor) -> tuple[Tensor, Tensor]:
    """Rows with the same index added up: (values, unique indices)."""
    unique_indices, positions = unique(indices)
    return unsorted_segment_sum(values, positions, shape_internal(unique_indices)[0]), unique_indices
