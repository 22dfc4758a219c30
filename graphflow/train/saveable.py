"""What a Saver can save: tensors with the name, slice and device they have in a checkpoint, and how their values are put back."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from graphflow.core import context
from graphflow.core.make import make
from graphflow.core.operation import Operation
from graphflow.core.tensor import Tensor
from graphflow.core.values import resource_handle
from graphflow.ops.array.basic import identity, reshape
from graphflow.ops.state.assign import Assign, AssignVariableOp
from graphflow.ops.state.variables import is_reference


class SaveSpec:
    """One tensor of a checkpoint: its tensor (or a function that makes it), slice spec ("" for all), name, dtype and device."""

    def __init__(self, tensor: Any, slice_spec: str, name: str, dtype: Any = None, device: str | None = None):
        self._tensor, self.slice_spec, self.name = tensor, slice_spec, name
        if callable(tensor) and (dtype is None or device is None):
            raise AssertionError("When passing a callable `tensor` to a SaveSpec, an explicit dtype and device must be provided.")
        self.dtype = dtype if callable(tensor) else tensor.dtype
        self.device = device if callable(tensor) else tensor.device

    @property
    def tensor(self) -> Any:
        return self._tensor() if callable(self._tensor) else self._tensor


class SaveableObject:
    """Base of what can be saved: `specs`, and `restore(restored_tensors, restored_shapes)` that returns the op putting them back."""

    def __init__(self, op: Any, specs: Any, name: str):
        self.op, self.specs, self.name = op, specs, name

    @property
    def device(self) -> str:
        return self.specs[0].device or ""

    def restore(self, restored_tensors: Any, restored_shapes: Any) -> Any:
        """The operation that puts back the values. restored_shapes: shapes to give them first, or None."""
        raise NotImplementedError("Calling an abstract method: SaveableObject.restore")


class ReferenceVariableSaveable(SaveableObject):
    """A ref-style variable."""

    def __init__(self, var: Any, slice_spec: str, name: str):
        tensor = var if isinstance(var, Tensor) else var._ref()
        # The slice of a partitioned variable is saved through its read, as TensorFlow's graphs have it.
        saved = var.value() if slice_spec and not isinstance(var, Tensor) else tensor
        super().__init__(tensor, [SaveSpec(saved, slice_spec, name)], name)

    def restore(self, restored_tensors: Any, restored_shapes: Any) -> Any:
        value = restored_tensors[0]
        if restored_shapes is not None:
            value = reshape(value, restored_shapes[0])
        static = self.op.static
        known = static is not None and None not in static
        return make(Assign, self.op, value, use_locking=True, validate_shape=restored_shapes is None and known).op


class ResourceVariableSaveable(SaveableObject):
    """A resource variable."""

    def __init__(self, var: Any, slice_spec: str, name: str):
        self.handle_op = var.handle
        read = getattr(var, "_graph_element", None)
        super().__init__(var, [SaveSpec(var.value() if read is None else read, slice_spec, name)], name)

    @property
    def device(self) -> str:
        return self.handle_op.device or ""

    def restore(self, restored_tensors: Any, restored_shapes: Any) -> Any:
        value = restored_tensors[0]
        if restored_shapes is not None:
            value = reshape(value, restored_shapes[0])
        with context.default_graph().device(self.device):
            return make(AssignVariableOp, self.handle_op, identity(value), validate_shape=False)


def named_saveables(var_list: Any) -> list[SaveableObject]:
    """Saveables for a list of variables or a dict {name in the checkpoint: variable}, sorted by name.

    ValueError when two have one name or one is given twice, TypeError for what is no variable.
    """
    named = dict(var_list) if isinstance(var_list, Mapping) else names_of(var_list)
    saveables: list[SaveableObject] = []
    seen: set[Any] = set()
    for name in sorted(named):
        if not isinstance(name, str):
            raise TypeError(f"names_to_saveables must be a dict mapping string names to checkpointable operations. "
                            f"Name is not a string: {name}")
        for saveable in saveables_for(named[name], name):
            if saveable.op in seen:
                raise ValueError(f"The same saveable will be restored with two names: {saveable.name}")
            seen.add(saveable.op)
            saveables.append(saveable)
    return saveables


def saveables_for(item: Any, name: str) -> list[SaveableObject]:
    """The saveables of one entry: a variable, its slices, a saveable, or a tensor of a variable's operation."""
    if isinstance(item, SaveableObject):
        return [item]
    slices = parts_of(item)
    if slices is not None:
        return [_slice_saveable(part, name) for part in slices]
    info = getattr(item, "_save_slice_info", None)
    if info is not None and not isinstance(item, Tensor):
        return [_slice_saveable(item, name)]
    return [_saveable(item, "", name)]


def _slice_saveable(part: Any, name: str) -> SaveableObject:
    info = getattr(part, "_save_slice_info", None)
    if info is None:
        raise ValueError(f"Slices must all be from the same tensor: {part} has no slice information")
    if name != info.full_name and not name:
        name = info.full_name
    return _saveable(part, info.spec, name)


def _saveable(variable: Any, spec: str, name: str) -> SaveableObject:
    if resource_handle(variable) is not None:
        return ResourceVariableSaveable(variable, spec, name)
    if isinstance(variable, Operation):
        variable = variable.outputs[0]
    if isinstance(variable, Tensor):
        if not is_reference(variable.op):
            raise TypeError(f"names_to_saveables must be a dict mapping string names to Tensors/Variables. Not a variable: {variable}")
        return ReferenceVariableSaveable(variable, spec, name)
    if not hasattr(variable, "_ref"):
        raise TypeError(f"names_to_saveables must be a dict mapping string names to Tensors/Variables. Not a variable: {variable}")
    return ReferenceVariableSaveable(variable, spec, name)


def parts_of(item: Any) -> list[Any] | None:
    """The slices of a partitioned variable or of a list of them; None for anything else."""
    if hasattr(item, "_get_variable_list"):
        return list(item._get_variable_list())
    return list(item) if isinstance(item, (list, tuple)) else None


def names_of(var_list: Iterable[Any]) -> dict[str, Any]:
    """{name in the checkpoint: variable, list of slices or saveable} for a list."""
    if not isinstance(var_list, (list, tuple, set)):
        raise TypeError(f"Variables to save should be passed in a dict or a list: {var_list}")
    items = list(var_list) if not isinstance(var_list, set) else sorted(var_list, key=lambda item: str(item.name))
    names: dict[str, Any] = {}
    for item in items:
        name, sliced = _name_of(item), getattr(item, "_save_slice_info", None) is not None
        if name in names and not (sliced and isinstance(names[name], list)):
            raise ValueError(f"At least two variables have the same name: {name}")
        if sliced:
            names.setdefault(name, []).append(item)
        else:
            names[name] = item
    return names


def _name_of(item: Any) -> str:
    if isinstance(item, SaveableObject):
        return item.name
    if hasattr(item, "_get_variable_list"):
        return str(item.name).removesuffix(":0")
    info = getattr(item, "_save_slice_info", None)
    if info is not None:
        return str(info.full_name)
    if resource_handle(item) is not None:
        return str(getattr(item, "_shared_name", None) or item.handle.op.name)
    op = item if isinstance(item, Operation) else item.op if isinstance(item, Tensor) else None
    if hasattr(item, "_ref") or op is not None and is_reference(op):
        return str(item.name if isinstance(item, Operation) else item.op.name)
    raise TypeError(f"Variable to save is not a Variable: {item}")


Restorer = Callable[[Any, Any], Any]
