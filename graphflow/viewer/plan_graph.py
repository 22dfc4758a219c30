"""Plans as graphs: what a session made of a graph, after each pass, in the form every other picture is made from.

A plan is read by its attributes alone (`nodes` with prim, args, shape, dtype, source; `outputs`; `writes`), since the
viewer does not import the framework. A node is named after the operation it was made for, so that the scopes of the
user's graph are those of the plan: `layer1/MatMul/matmul_2`.
"""

from __future__ import annotations

from typing import Any

from graphflow.viewer.attributes import DTYPES
from graphflow.viewer.graph_json import block, text

_NUMBERS = {name: number for number, name in DTYPES.items()}


def plan_graph(plan: Any) -> bytes:
    """The wire form of a plan as a GraphDef."""
    names = {id(node): _name(node) for node in plan.nodes}
    out = [_node(names[id(node)], node, names) for node in plan.nodes]
    for i, value in enumerate(plan.outputs):
        out.append(_plain(f"fetch_{i}", "fetch", [_reference(value, names)]))
    for key, value in plan.writes:
        out.append(_plain(f"{key}/write", "write", [_reference(value, names)]))
    return b"".join(out)


def _name(node: Any) -> str:
    made_for = getattr(node.source, "name", "") or (node.par if node.prim == "variable" and isinstance(node.par, str) else "")
    return f"{made_for}/{node.prim}_{node.id}" if made_for else f"{node.prim}_{node.id}"


def _reference(value: Any, names: dict[int, str]) -> str | None:
    return names.get(id(value))


def _node(name: str, node: Any, names: dict[int, str]) -> bytes:
    known = [_constant(a) for a in node.args if id(a) not in names]
    attrs = {"arguments": ", ".join(known)} if known else {}
    if node.par is not None:
        attrs["parameters"] = _short(node.par)
    return _plain(name, node.prim, [names.get(id(a)) for a in node.args], attrs, str(node.dtype), node.shape)


def _constant(value: Any) -> str:
    if getattr(value, "size", 1) == 1 and hasattr(value, "item"):
        return _short(value.item())
    return f"{getattr(value, 'dtype', '')}{list(getattr(value, 'shape', ()))}"


def _short(value: Any) -> str:
    return str(value)[:200]


def _plain(name: str, op: str, inputs: list[str | None], attrs: dict[str, str] | None = None, dtype: str = "",
           shape: tuple[int, ...] | None = None) -> bytes:  # fmt: skip
    parts = [text(1, name), text(2, op)] + [text(3, i) for i in inputs if i is not None]
    parts += [_attr(key, text(2, value)) for key, value in (attrs or {}).items()]
    if dtype in _NUMBERS:
        parts.append(_attr("dtype", bytes([48, _NUMBERS[dtype]])))
        dims = b"".join(block(2, b"\x08" + _varint(d)) for d in shape) if shape is not None else b"\x18\x01"
        parts.append(_attr("_output_shapes", block(1, block(7, dims))))
    return block(1, b"".join(parts))


def _attr(key: str, value: bytes) -> bytes:
    return block(5, text(1, key) + block(2, value))


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
