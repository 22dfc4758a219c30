"""`Graph.create_op`: an operation from its type, tensors and attributes, as a node of a GraphDef would say it."""

from __future__ import annotations

from typing import Any

from graphflow.formats import proto

from ..core.dtypes import as_dtype
from ..core.errors import NotFoundError
from ..core.graph import Graph
from ..core.make import infer
from ..core.operation import Operation
from ..core.tensor import Tensor
from .attributes import to_message
from .functions import Library
from .import_nodes import attributes_of, check_inputs, definition_of, op_def_of


def create_op(graph: Graph, op_type: str, inputs: Any, dtypes: Any, input_types: Any, name: str | None, attrs: Any) -> Operation:
    """The new operation; see `Graph.create_op`."""
    tensors = _tensors(graph, inputs, name or op_type)
    full = graph._op_name(name or op_type)
    if input_types is not None:
        _check_types(full, [t.dtype for t in tensors], [as_dtype(t) for t in input_types])
    node = proto.NodeDef(name=full, op=op_type)
    for key, message in dict(attrs or {}).items():
        if not hasattr(message, "WhichOneof"):
            raise TypeError(f"Operation '{full}': attribute '{key}' must be an AttrValue message, not {message!r}; "
                            "the functions of tf.raw_ops take plain values.")
        node.attr[key].MergeFromString(message.SerializeToString())
    functions = Library(graph._functions)
    try:
        definition = definition_of(node, functions)
    except NotFoundError as error:
        raise RuntimeError(error.message) from None
    unknown = {key: node.attr[key] for key in list(node.attr) if all(a.name != key for a in definition.attr)}
    for key in unknown:                 # kept beside, as TensorFlow does
        unknown[key] = type(unknown[key]).FromString(unknown[key].SerializeToString())
        del node.attr[key]
    _tell(node, definition, tensors)
    values, _ = attributes_of(node, definition)
    check_inputs(full, definition, values, tensors)
    op_def = op_def_of(node, values, functions)
    specs = infer(op_def, tuple(tensors), full)
    if dtypes is not None and [as_dtype(t).base_dtype for t in dtypes] != [s.dtype.base_dtype for s in specs]:
        raise TypeError(f"Operation '{full}' of type {op_type} has outputs of types [{', '.join(s.dtype.name for s in specs)}], not "
                        f"[{', '.join(as_dtype(t).name for t in dtypes)}].")
    op = graph._add(op_def, tuple(tensors), full, specs, 3)
    if unknown:
        op._extra = {**(op._extra or {}), **unknown}
    return op


def _tensors(graph: Graph, inputs: Any, user: str) -> list[Tensor]:
    found = []
    for i, value in enumerate(inputs):
        if not isinstance(value, Tensor):
            raise TypeError(f"Input #{i} is not a tensor: {value}")
        found.append(graph.own(value, user))
    return found


def _check_types(name: str, found: list[Any], wanted: list[Any]) -> None:
    if len(found) != len(wanted) or any(a.base_dtype is not b.base_dtype for a, b in zip(found, wanted)):
        raise TypeError(f"In op '{name}', input types ([{', '.join(t.name for t in found)}]) are not compatible with expected types "
                        f"([{', '.join(t.name for t in wanted)}])")


def _tell(node: Any, definition: Any, tensors: list[Tensor]) -> None:
    """Adds the attributes that the inputs tell and the caller left out."""
    lists = sum(bool(a.number_attr or a.type_list_attr) for a in definition.input_arg)
    at, single = 0, len(definition.input_arg) - lists
    for argument in definition.input_arg:
        named = argument.number_attr or argument.type_list_attr
        count = 1
        if named:
            given = node.attr.get(named)
            if given is None and lists > 1:
                return
            count = len(tensors) - single if given is None else given.i if argument.number_attr else len(given.list.type)
        part = [t.dtype.base_dtype for t in tensors[at:at + max(count, 0)]]
        at += count
        if argument.number_attr and argument.number_attr not in node.attr:
            node.attr[argument.number_attr].i = count
        if argument.type_list_attr and argument.type_list_attr not in node.attr:
            node.attr[argument.type_list_attr].CopyFrom(to_message(part, "list(type)"))
        if argument.type_attr and part and argument.type_attr not in node.attr:
            node.attr[argument.type_attr].type = part[0].number
