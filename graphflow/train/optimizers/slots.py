"""Slot variables of optimizers: named after the variable that they belong to (`w/Adam`), initialized beside it."""
from __future__ import annotations

from typing import Any

from ...core import context
from ...core.tensor import Tensor
from ...ops.array.fill import zeros
from ...variables.variable import Variable


def _slot_variable(primary: Any, initial_value: Any, dtype: Any, name: str, validate_shape: bool = True) -> Any:
    graph = context.default_graph()
    full = f"{primary.op.name}/{name}"
    use_resource = getattr(primary, "handle", None) is not None
    with graph.name_scope(None), graph.colocate_with(primary):
        slot = Variable(initial_value, trainable=False, name=full, dtype=dtype, use_resource=use_resource, validate_shape=validate_shape)
    info = getattr(primary, "_save_slice_info", None)
    if info is not None:
        slot._set_save_slice_info(Variable.SaveSliceInfo(f"{info.full_name}/{name}", info.full_shape, info.var_offset, info.var_shape))
    return slot


def create_slot(primary: Any, val: Any, name: str) -> Any:
    """A slot with the initial value `val`."""
    return _slot_variable(primary, val, None, name)


def create_slot_with_initializer(primary: Any, initializer: Any, shape: Any, dtype: Any, name: str) -> Any:
    """A slot whose initial value an initializer makes."""
    return _slot_variable(primary, lambda: initializer(shape, dtype=dtype), dtype, name)


def create_zeros_slot(primary: Any, name: str, dtype: Any = None) -> Any:
    """A slot of zeros of the variable's shape."""
    dtype = dtype or primary.dtype.base_dtype
    shape = primary.static
    if shape is None or None in shape:
        from ...ops.array.basic import shape_internal
        return _slot_variable(primary, zeros(shape_internal(primary.initialized_value()), dtype), dtype, name, validate_shape=False)
    return _slot_variable(primary, lambda: zeros(list(shape), dtype), dtype, name)


def deduplicate(values: Tensor, indices: Tensor) -> tuple[Tensor, Tensor]:
    """Rows with the same index added up: (values, unique indices)."""
    from ...ops.array.basic import shape_internal
    from ...ops.array.stitch import unique
    from ...ops.math.segment import unsorted_segment_sum
    unique_indices, positions = unique(indices)
    return unsorted_segment_sum(values, positions, shape_internal(unique_indices)[0]), unique_indices
