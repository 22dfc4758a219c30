"""What a function is traced for: the structure of its arguments, with places for tensors; and that of its results."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..core.convert import convert_to_tensor
from ..core.func_graph import FuncGraph
from ..core.op import Spec
from ..core.operation import Operation
from ..core.shapes import as_tuple
from ..core.tensor import Tensor
from ..core.type_specs import TensorSpec
from ..core.values import IndexedSlices, SparseTensor, resource_handle
from ..ops.control_flow import structures
from ..ops.control_flow.bodies import finish


class _Tensor:
    """The place of a tensor in a structure of arguments."""

    def __repr__(self) -> str:
        return "Tensor"


_TENSOR = _Tensor()


class Signed:
    """A tensor that a signature has taken, with the spec to trace for."""

    def __init__(self, tensor: Tensor, spec: Spec):
        self.tensor, self.spec = tensor, spec


class Form:
    """A structure of arguments, equal to one of the same Python values with tensors at the same places."""
    __slots__ = ("_hash", "key", "structure")

    def __init__(self, structure: Any):
        self.structure = structure
        self.key = _key(structure)
        self._hash = hash(self.key)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Form) and self.key == other.key


def as_spec(spec: Any) -> Any:
    """A part of an input_signature. TypeError where it is no TensorSpec."""
    if not isinstance(spec, TensorSpec):
        raise TypeError(f"input_signature must be a possibly nested sequence of TensorSpec objects, got {spec!r}")
    return spec


def plain(value: Any) -> Any:
    """The tensor itself."""
    return value.tensor if value.__class__ is Signed else value


def spec_of(value: Any) -> Spec:
    """What a function is traced for where it is called with a tensor."""
    if value.__class__ is Signed:
        return value.spec
    if isinstance(value, TensorSpec):
        return Spec(value.dtype, as_tuple(value.shape))
    return Spec(value.dtype.base_dtype, value.static)


def frozen(value: Any, tensors: list[Any], specs: bool) -> Any:
    """A structure with `_TENSOR` where tensors are, which go to the list; arrays become tensors."""
    if isinstance(value, Tensor) or value.__class__ is Signed or (isinstance(value, TensorSpec) and specs):
        tensors.append(value)
        return _TENSOR
    if isinstance(value, (np.ndarray, np.generic)):
        tensors.append(convert_to_tensor(value))
        return _TENSOR
    if resource_handle(value) is not None or value is None:
        return value
    if isinstance(value, Mapping):
        items = {k: frozen(value[k], tensors, specs) for k in value}
        return _same_kind(value, items)
    if isinstance(value, (list, tuple)):
        parts = [frozen(v, tensors, specs) for v in value]
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    bundle = structures.parts(value)
    if bundle is not None:
        tensors.extend(bundle)
        return _Bundle(value, len(bundle))
    return value


class _Bundle:
    """A composite (a sparse tensor, slices, a TensorArray) in a structure: how to make it of its tensors again."""

    def __init__(self, value: Any, count: int):
        self.value, self.count = value, count


def thawed(structure: Any, tensors: Any) -> Any:
    """The structure with tensors at their places."""
    if structure is _TENSOR:
        return next(tensors)
    if structure.__class__ is _Bundle:
        return structures.rebuilt(structure.value, [next(tensors) for _ in range(structure.count)])
    if isinstance(structure, Mapping):
        items = {k: thawed(v, tensors) for k, v in structure.items()}
        return _same_kind(structure, items)
    if isinstance(structure, (list, tuple)):
        parts = [thawed(v, tensors) for v in structure]
        return type(structure)(*parts) if hasattr(structure, "_fields") else type(structure)(parts)
    return structure


def places(structure: Any) -> int:
    """How many tensors a structure has places for."""
    if structure is _TENSOR:
        return 1
    if structure.__class__ is _Bundle:
        return structure.count
    if isinstance(structure, Mapping):
        return sum(map(places, structure.values()))
    return sum(map(places, structure)) if isinstance(structure, (list, tuple)) else 0


def _key(value: Any) -> Any:
    """What two structures of arguments must have in common to share a trace: Python values, and the identity of objects."""
    if value is _TENSOR:
        return "tensor"
    if value.__class__ is _Bundle:
        return "bundle", type(value.value), value.count
    if isinstance(value, Mapping):
        return type(value), tuple([(k, _key(v)) for k, v in value.items()])
    if isinstance(value, (list, tuple)):
        return type(value), tuple([_key(v) for v in value])
    if resource_handle(value) is not None:
        return "variable", id(value)
    try:
        hash(value)
    except TypeError:
        return type(value), id(value)
    return type(value), value


def _same_kind(value: Any, items: dict[Any, Any]) -> Any:
    kind: Any = type(value)
    return items if kind is dict else kind(items)


def covers(general: tuple[Spec, ...], special: tuple[Spec, ...]) -> bool:
    """Whether what was traced for `general` takes tensors of `special`."""
    return len(general) == len(special) and all(
        g.dtype is s.dtype and (g.shape is None or (s.shape is not None and len(g.shape) == len(s.shape) and all(
            a is None or a == b for a, b in zip(g.shape, s.shape)))) for g, s in zip(general, special))


def finished(body: FuncGraph, result: Any) -> Any:
    """Makes a function's result the outputs of the body; gives its structure."""
    tensors: list[Any] = []

    def leaf(value: Any) -> Any:
        if value is None or isinstance(value, Operation):
            return None
        if resource_handle(value) is not None:
            value = value.value()
        if isinstance(value, (SparseTensor, IndexedSlices)) or structures.parts(value) is not None:
            bundle = structures.parts(value) or []
            tensors.extend([body.own(t) for t in bundle])
            return _Bundle(value, len(bundle))
        try:
            tensors.append(body.own(convert_to_tensor(value)))
        except (TypeError, ValueError):
            raise TypeError(f"To be compatible with tf.function, Python functions must return zero or more Tensors or ExtensionTypes or "
                            f"None values; in compilation of {body.name}, found return value of type {type(value).__name__}, which is not "
                            "a Tensor or ExtensionType.") from None
        return _TENSOR

    kept = _mapped(result, leaf)
    finish(body, tensors)
    return kept


def _mapped(value: Any, leaf: Any) -> Any:
    if isinstance(value, Mapping):
        items = {k: _mapped(v, leaf) for k, v in value.items()}
        return _same_kind(value, items)
    if isinstance(value, (list, tuple)):
        parts = [_mapped(v, leaf) for v in value]
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    return leaf(value)
