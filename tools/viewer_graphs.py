"""Graphs to measure and test the viewer with, written as GraphDef bytes without the framework.

    from tools.viewer_graphs import scoped, unscoped, chain, fan_out
    open("big.pb", "wb").write(scoped(100_000))
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def block(number: int, data: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(data)) + data


def shape_attr(dims: Sequence[int]) -> bytes:
    """An `_output_shapes` attribute with one shape."""
    shape = b"".join(block(2, b"\x08" + varint(d % 2**64)) for d in dims)
    return block(5, block(1, b"_output_shapes") + block(2, block(1, block(7, shape))))


def type_attr(name: str, dtype: int) -> bytes:
    return block(5, block(1, name.encode()) + block(2, b"\x30" + varint(dtype)))


FLOAT = type_attr("T", 1)
SHAPE = shape_attr([-1, 64])


def node(name: str | bytes, op: str, inputs: Iterable[str | bytes] = (), attrs: bytes = FLOAT + SHAPE, device: str = "") -> bytes:
    """One node entry of a GraphDef."""
    raw = [block(1, name if isinstance(name, bytes) else name.encode()), block(2, op.encode())]
    raw += [block(3, x if isinstance(x, bytes) else x.encode()) for x in inputs]
    if device:
        raw.append(block(4, device.encode()))
    return block(1, b"".join(raw) + attrs)


VERSIONS = block(4, b"\x08" + varint(1882))


def scoped(count: int) -> bytes:
    """A model of towers, blocks and layers: 10 ops a layer, 10 layers a block, about 10 or more blocks a tower."""
    out, made, tower = [node("input", "Placeholder"), node("loss/zero", "Const")], 2, 0
    towers = max(1, min(16, count // 2000))
    per_tower = max(1, count // towers)
    ends = []
    for tower in range(towers):
        last, inside, layer = "input", 0, 0
        while inside < per_tower and made < count:
            scope = f"tower_{tower}/block_{layer // 10}/layer_{layer % 10}"
            last, text = _layer(scope, last)
            out.append(text)
            layer, inside, made = layer + 1, inside + 10, made + 10
        ends.append(last)
    out.append(node("loss/sum", "AddN", ends))
    out.append(node("loss/mean", "Mean", ["loss/sum", "loss/zero"]))
    return b"".join(out) + VERSIONS


def _layer(scope: str, x: str) -> tuple[str, bytes]:
    w, b = f"{scope}/kernel", f"{scope}/bias"
    return f"{scope}/Relu", b"".join([
        node(f"{w}/init", "Const"), node(w, "VariableV2"), node(f"{w}/Assign", "Assign", [w, f"{w}/init"]),
        node(f"{w}/read", "Identity", [w]), node(b, "VariableV2"), node(f"{b}/read", "Identity", [b]),
        node(f"{scope}/MatMul", "MatMul", [x, f"{w}/read"]), node(f"{scope}/BiasAdd", "BiasAdd", [f"{scope}/MatMul", f"{b}/read"]),
        node(f"{scope}/keep", "Identity", [f"{scope}/BiasAdd"]), node(f"{scope}/Relu", "Relu", [f"{scope}/keep"])])


def unscoped(count: int) -> bytes:
    """The same kind of model without any name scope: names that count, as TF1 makes them."""
    counts: dict[str, int] = {}

    def name(base: str) -> str:
        k = counts.get(base, 0)
        counts[base] = k + 1
        return f"{base}_{k}" if k else base

    out, last, skip = [node("input", "Placeholder")], "input", "input"
    for i in range(max(1, (count - 1) // 5)):
        w, product, total, act, mixed = name("Const"), name("MatMul"), name("add"), name("Relu"), name("mul")
        out += [node(w, "Const"), node(product, "MatMul", [last, w]), node(total, "AddV2", [product, w]),
                node(act, "Relu", [total]), node(mixed, "Mul", [act, skip if i % 7 == 3 else act])]
        if i % 7 == 0:
            skip = act
        last = mixed
    return b"".join(out) + VERSIONS


def chain(count: int) -> bytes:
    """One op after another."""
    kinds = ["MatMul", "BiasAdd", "Relu"]
    out, last = [node("x", "Placeholder")], "x"
    for i in range(count - 1):
        name = f"op_{i}"
        out.append(node(name, kinds[i % 3], [last]))
        last = name
    return b"".join(out) + VERSIONS


def fan_out(count: int) -> bytes:
    """One op that feeds all the others."""
    return b"".join([node("x", "Placeholder"), *(node(f"Relu_{i}", "Relu", ["x"]) for i in range(count))]) + VERSIONS


SHAPES = {"scoped": scoped, "unscoped": unscoped, "chain": chain, "fan_out": fan_out}
