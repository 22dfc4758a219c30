"""TensorFlow's op definitions: arguments, attributes and their defaults, for every op type, whether graphflow runs it or not.

Import of graphs needs them: a writer may leave out attributes at their default, and a graph may hold ops that are only loaded and
written back. The table is made by tools/make_op_table.py and read on first need.
"""

from __future__ import annotations

import zlib
from functools import cache
from pathlib import Path
from typing import Any

from graphflow.formats import proto

TABLE = Path(__file__).with_name("op_table.bin")


@cache
def _table() -> dict[str, Any]:
    ops = proto.parse(zlib.decompress(TABLE.read_bytes()), proto.OpList, TABLE.name)
    return {op.name: op for op in ops.op}


def find(name: str) -> Any:
    """The OpDef of an op type, or None for one that TensorFlow does not have. Not to be changed."""
    return _table().get(name)


def attribute(definition: Any, name: str) -> Any:
    """The AttrDef of one attribute, or None."""
    return next((a for a in definition.attr if a.name == name), None)


def describe(definition: Any) -> str:
    """One line: `Op<name=MatMul; signature=a:T, b:T -> product:T; attr=T:type,allowed=[...]>`."""
    parts = [f"name={definition.name}"]
    inputs = ", ".join(_argument(a) for a in definition.input_arg)
    outputs = ", ".join(_argument(a) for a in definition.output_arg)
    parts.append(f"signature={inputs} -> {outputs}")
    for a in definition.attr:
        text = f"attr={a.name}:{a.type}"
        if a.HasField("default_value"):
            text += f",default={value_text(a.default_value)}"
        if a.HasField("allowed_values"):
            text += f",allowed={value_text(a.allowed_values)}"
        parts.append(text)
    return f"Op<{'; '.join(parts)}>"


def _argument(argument: Any) -> str:
    if argument.type_list_attr:
        kind = argument.type_list_attr
    else:
        kind = argument.type_attr or proto.DataType.Name(argument.type).removeprefix("DT_").lower()
    if argument.number_attr:
        kind = f"{argument.number_attr}*{kind}"
    return f"{argument.name}:{f'Ref({kind})' if argument.is_ref else kind}"


def value_text(value: Any) -> str:
    """An attribute's value, short."""
    which = value.WhichOneof("value")
    if which is None:
        return "<unset>"
    if which == "list":
        fields = value.list.ListFields()
        items = fields[0][1] if fields else []
        names = [proto.DataType.Name(i) for i in items] if fields and fields[0][0].name == "type" else [repr(i) for i in items]
        return f"[{', '.join(names)}]"
    if which == "type":
        return proto.DataType.Name(value.type) if value.type in proto.DataType.values() else f"type {value.type}"
    if which == "s":
        return f'"{value.s.decode("utf-8", "replace")}"'
    if which == "b":
        return str(value.b).lower()
    return str(getattr(value, which)).replace("\n", " ").strip()
