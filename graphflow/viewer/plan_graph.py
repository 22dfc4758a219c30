"""Plans as graphs: what a session made of a graph, after each pass, in the form every other picture is made from.

A plan is read by its attributes alone (`nodes` with prim, args, shape, dtype, source; `outputs`; `writes`; `layout`), since
the viewer does not import the framework. A node is named after the operation it was made for, so that the scopes of the
user's graph are those of the plan: `layer1/MatMul/matmul_2`; new values of variables end in `writes/`. What a `cond` or `loop` holds
lies in a scope of its name, `while/loop_4/body/...`: arguments come from what it takes, results are what it gives. In a plan as an engine
runs it, a fused loop is a scope of its own (`fused_0/`), and where a value lives stands where a graph has devices: `buffer b0`,
`in place`, `variable`, ...; the picture knows these words and colours by them (colors.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphflow.viewer.attributes import DTYPES
from graphflow.viewer.graph_json import block, text
from graphflow.viewer.load import NamedGraph

_NUMBERS = {name: number for number, name in DTYPES.items()}


def stage_graphs(stages: list[tuple[str, Any]]) -> list[NamedGraph]:
    """The stages of `session.explain(..., stages=True)` in their order, numbered."""
    return [NamedGraph(f"plan {i}: {name}", plan_graph(plan), "plan") for i, (name, plan) in enumerate(stages, 1)]


def plan_graph(plan: Any) -> bytes:
    """The wire form of a plan as a GraphDef."""
    layout = getattr(plan, "layout", None)
    places = layout.places if layout is not None else {}
    fused = plan.fused or {}
    steps = list(_steps(plan))
    first = min((node.id for node, _ in steps), default=0)
    names: dict[int, str] = {}
    _give_names(plan, "", first, fused, names)
    by_number = {node.id: names[id(node)] for node, _ in steps}
    homes = {number: _home(place, layout, by_number) for number, place in places.items()}
    out = [_node(names[id(node)], node, names, *homes.get(node.id, ("", {})), takes) for node, takes in steps]
    for node, _ in steps:
        for part, body in _bodies(node).items():
            out += [_plain(f"{names[id(node)]}/{part}/result_{i}", "result", [_reference(value, names)], _known(value, names))
                    for i, value in enumerate(body.outputs)]
    for i, value in enumerate(plan.outputs):
        out.append(_plain(f"fetch_{i}", "fetch", [_reference(value, names)]))
    for key, value in plan.effects:
        out.append(_plain(f"writes/{key}", "write", [_reference(value, names)], {"variable": key} | _known(value, names)))
    return b"".join(out)


def _bodies(node: Any) -> dict[str, Any]:
    """The plans that a cond or loop holds."""
    return node.par._asdict() if node.prim in ("cond", "loop") else {}


def _steps(plan: Any) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """(node, what it takes) of a plan and of all that it holds; an argument of a body takes the value around it."""
    for node in (*plan.inputs, *plan.nodes):
        yield node, node.args
        for body in _bodies(node).values():
            around = {inside.id: value for inside, value in zip(body.inputs, node.args[node.prim == "cond":])}
            for inner, takes in _steps(body):
                yield inner, (around[inner.id],) if inner.id in around else takes


def _give_names(plan: Any, scope: str, first: int, fused: dict[int, int], names: dict[int, str]) -> None:
    for node in (*plan.inputs, *plan.nodes):
        names[id(node)] = scope + _name(node, first, fused.get(node.id))
        for part, body in _bodies(node).items():
            _give_names(body, f"{names[id(node)]}/{part}/", first, fused, names)


def _name(node: Any, first: int, loop: int | None) -> str:
    made_for = getattr(node.source, "name", "")
    own = f"{node.prim}_{node.id - first}"
    if loop is not None:
        return f"fused_{loop}/{own}"
    if node.prim == "feed" and made_for:
        return str(made_for)
    if node.prim == "variable":
        return str(node.par)
    return f"{made_for}/{own}" if made_for else own


def _home(place: Any, layout: Any, names: dict[int, str]) -> tuple[str, dict[str, str]]:
    """(place in one or two words, attributes that tell more) of a value."""
    words = f"buffer {place.name} · {_size(layout.buffers[place.name].size)}" if place.kind == "buffer" else place.kind
    more = {"lives in": words}
    if place.kind in ("variable", "in place"):
        more["variable"] = place.name
    if place.over is not None:
        more["looks into" if place.kind == "view" else "takes over the memory of"] = names[place.over]
    if place.loop is not None:
        more["fused loop"] = str(place.loop)
    return words, more


def _size(count: int) -> str:
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            break
        size /= 1000
    return f"{size:.3g} {unit}"


def _reference(value: Any, names: dict[int, str]) -> str | None:
    return names.get(id(value))


def _node(name: str, node: Any, names: dict[int, str], place: str, more: dict[str, str], takes: tuple[Any, ...]) -> bytes:
    attrs = _known(takes, names) | more
    made_for = getattr(node.source, "name", "")
    if made_for:
        attrs["made for"] = str(made_for)
    kernel = getattr(getattr(node.par, "op", None), "type", "")
    if kernel:
        attrs["kernel"] = kernel
    elif node.par is not None and not _bodies(node):
        attrs["parameters"] = _short(node.par)
    return _plain(name, kernel or node.prim, [names.get(id(a)) for a in takes], attrs, str(node.dtype), node.shape, place)


def _known(args: Any, names: dict[int, str]) -> dict[str, str]:
    """The arguments that are no nodes but known values."""
    known = [_constant(a) for a in (args if isinstance(args, tuple) else (args,)) if id(a) not in names]
    return {"arguments": ", ".join(known)} if known else {}


def _constant(value: Any) -> str:
    if getattr(value, "size", 1) == 1 and hasattr(value, "item"):
        return _short(value.item())
    return f"{getattr(value, 'dtype', '')}{list(getattr(value, 'shape', ()))}"


def _short(value: Any) -> str:
    return str(value)[:200]


def _plain(name: str, op: str, inputs: list[str | None], attrs: dict[str, str] | None = None, dtype: str = "",
           shape: tuple[int, ...] | None = None, device: str = "") -> bytes:  # fmt: skip
    parts = [text(1, name), text(2, op)] + [text(3, i) for i in inputs if i is not None] + ([text(4, device)] if device else [])
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
