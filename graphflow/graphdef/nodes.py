"""NodeDefs of operations, their public attributes, OpDefs of op types."""

from __future__ import annotations

from typing import Any

from graphflow.formats import proto

from ..core.dtypes import as_dtype
from ..core.op import Op
from ..core.operation import Operation
from . import op_table
from .attributes import extra_to_message, kinds_of, shape_message, tensor_message, to_message

_known_kinds: dict[Any, dict[str, str]] = {}


def _kinds(cls: type[Op]) -> dict[str, str]:
    found = _known_kinds.get(cls)
    if found is None:
        found = _known_kinds[cls] = kinds_of(cls)
    return found


def node_def(op: Operation) -> Any:
    """The NodeDef of an operation."""
    return fill_node(proto.NodeDef(), op, False)


def fill_node(node: Any, op: Operation, add_shapes: bool) -> Any:
    """Fills a NodeDef. add_shapes: with `_output_shapes`, as TensorBoard wants it."""
    node.name, node.op, node.device = op.name, op.type, op._device
    node.input.extend([_reference(t) for t in op._inputs])
    node.input.extend([f"^{c.name}" for c in op._control])
    attributes = node.attr
    kinds = _kinds(type(op._op_def))
    values = op._op_def.attributes()
    for name, value in values.items():
        if kinds[name] == "tensor":      # of a type that its array alone may not tell
            attributes[name].tensor.CopyFrom(tensor_message(value, values.get("dtype")))
        else:
            attributes[name].CopyFrom(to_message(value, kinds[name]))
    for name, value in (op._extra or {}).items():
        attributes[name].CopyFrom(extra_to_message(value))
    if add_shapes and op.outputs:
        attributes["_output_shapes"].list.shape.extend([shape_message(t._spec.shape) for t in op.outputs])
    return node


def _reference(tensor: Any) -> str:
    index = tensor.value_index
    return f"{tensor._op.name}:{index}" if index else tensor._op.name


def op_def(cls: type[Op]) -> Any:
    """The OpDef of an op type; TensorFlow's where it has one."""
    known = op_table.find(cls.__name__)
    if known is not None:
        return known
    definition = proto.OpDef(name=cls.__name__, is_stateful=cls.stateful)
    signature = cls.signature()
    for arguments, target in ((signature.inputs, definition.input_arg), (signature.outputs, definition.output_arg)):
        for argument in arguments:
            made = target.add(name=argument.name, is_ref=argument.is_ref)
            if argument.fixed is not None:
                made.type = argument.fixed.number
            elif argument.arity == "mixed":
                made.type_list_attr = argument.type
            else:
                made.type_attr = argument.type
            if argument.arity == "list":
                made.number_attr = argument.number
    kinds = _kinds(cls)
    for name in cls.fields:
        attribute = definition.attr.add(name=name, type=kinds[name])
        if name in cls.defaults:
            attribute.default_value.CopyFrom(to_message(cls.defaults[name], kinds[name]))
    return definition


def public_attribute(op: Operation, name: str) -> Any:
    """The value of an attribute as TensorFlow's `get_attr` gives it.

    bool, int, float, bytes for strings, DType, messages for shapes, tensors and functions, lists of those. ValueError for a name
    that the operation does not have.
    """
    values = op._op_def.attributes()
    if name in values:
        kind, value = _kinds(type(op._op_def))[name], values[name]
        message = to_message(tensor_message(value, values.get("dtype")) if kind == "tensor" else value, kind)
    elif op._extra is not None and name in op._extra:
        message = extra_to_message(op._extra[name])
    else:
        raise ValueError(f"Operation '{op.name}' has no attr named '{name}'.")
    which = message.WhichOneof("value")
    if which is None:
        return None
    if which != "list":
        return as_dtype(message.type) if which == "type" else getattr(message, which)
    fields = [message.list.ListFields()[0]] if message.list.ListFields() else []
    return [as_dtype(v) if f.name == "type" else v for f, items in fields for v in items]
