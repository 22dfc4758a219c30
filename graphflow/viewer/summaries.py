"""Values of Summary messages, of the v1 and the v2 kind, as plain Python values."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

from graphflow.viewer import wire
from graphflow.viewer.attributes import dtype_name, shape_of
from graphflow.viewer.errors import ViewerError

MOST_BUCKETS = 10_000


@dataclass
class Value:
    """One value of a summary. kind: scalars, histograms, images, audio, text, tensors."""

    tag: str
    kind: str
    value: Any
    title: str = ""
    description: str = ""
    plugin: str = ""


def values(raw: bytes, plugins: dict[str, str]) -> list[Value]:
    """The values of a Summary. plugins: plugin by tag, from earlier events (only the first value of a tag carries it); added to."""
    return [_value(raw, a, b, plugins) for n, w, a, b in wire.fields(raw, 0, len(raw)) if n == 1 and w == wire.BYTES]


def _value(raw: bytes, start: int, end: int, plugins: dict[str, str]) -> Value:
    tag = title = description = ""
    found: tuple[str, Any] = ("tensors", None)
    tensor = None
    for number, kind, a, b in wire.fields(raw, start, end):
        if number == 1 and kind == wire.BYTES:
            tag = wire.text(raw, a, b)
        elif number == 2 and kind == wire.FOUR:
            found = ("scalars", wire.single(raw, a))
        elif number == 9 and kind == wire.BYTES:
            plugin, title, description = _metadata(raw, a, b)
            if plugin:
                plugins[tag or wire.text(raw, a, b)] = plugin
        elif kind == wire.BYTES and number in (4, 5, 6, 8):
            if number == 8:
                tensor = (a, b)
            else:
                found = {4: ("images", _image), 5: ("histograms", _histogram), 6: ("audio", _audio)}[number]
                found = (found[0], found[1](raw, a, b))
    plugin = plugins.get(tag, "")
    if tensor:
        found = _from_tensor(raw, *tensor, plugin)
    return Value(tag, found[0], found[1], title, description, plugin)


def _metadata(raw: bytes, a: int, b: int) -> tuple[str, str, str]:
    plugin = title = description = ""
    for number, kind, x, y in wire.fields(raw, a, b):
        if kind != wire.BYTES:
            continue
        if number == 1:
            plugin = next((wire.text(raw, c, d) for n, w, c, d in wire.fields(raw, x, y) if n == 1 and w == wire.BYTES), "")
        elif number == 2:
            title = wire.text(raw, x, y)
        elif number == 3:
            description = wire.text(raw, x, y)
    return plugin, title, description


def _histogram(raw: bytes, a: int, b: int) -> dict[str, Any]:
    names = {1: "min", 2: "max", 3: "num", 4: "sum", 5: "sumSquares"}
    out: dict[str, Any] = {"min": 0.0, "max": 0.0, "num": 0.0, "sum": 0.0, "sumSquares": 0.0, "limits": [], "counts": []}
    for number, kind, x, y in wire.fields(raw, a, b):
        if number in names and kind == wire.EIGHT:
            out[names[number]] = wire.double(raw, x)
        elif number in (6, 7) and kind in (wire.BYTES, wire.EIGHT):
            out["limits" if number == 6 else "counts"] += wire.packed(raw, kind, x, y, "d")
    if len(out["limits"]) != len(out["counts"]) or len(out["limits"]) > MOST_BUCKETS:
        raise ViewerError("a histogram's limits and counts differ in length")
    return out


def _image(raw: bytes, a: int, b: int) -> dict[str, Any]:
    out: dict[str, Any] = {"width": 0, "height": 0, "bytes": b""}
    for number, kind, x, y in wire.fields(raw, a, b):
        if number in (1, 2) and kind == wire.VARINT:
            out["height" if number == 1 else "width"] = x
        elif number == 4 and kind == wire.BYTES:
            out["bytes"] = raw[x:y]
    return out


def _audio(raw: bytes, a: int, b: int) -> dict[str, Any]:
    out: dict[str, Any] = {"sampleRate": 0.0, "bytes": b""}
    for number, kind, x, y in wire.fields(raw, a, b):
        if number == 1 and kind == wire.FOUR:
            out["sampleRate"] = wire.single(raw, x)
        elif number == 4 and kind == wire.BYTES:
            out["bytes"] = raw[x:y]
    return out


_FORMATS = {"float32": "f", "float64": "d", "int32": "i", "int64": "q", "uint8": "B"}


def _tensor(raw: bytes, a: int, b: int) -> tuple[str, tuple[int | None, ...], list[Any]]:
    """(dtype, shape, elements) of a small TensorProto."""
    dtype = ""
    shape: tuple[int | None, ...] = ()
    elements: list[Any] = []
    for number, kind, x, y in wire.fields(raw, a, b):
        if number == 1 and kind == wire.VARINT:
            dtype = dtype_name(x)
        elif number == 2 and kind == wire.BYTES:
            shape = shape_of(raw, x, y) or ()
        elif number == 4 and kind == wire.BYTES and dtype in _FORMATS:
            size = struct.calcsize(_FORMATS[dtype])
            elements = list(struct.unpack_from(f"<{(y - x) // size}{_FORMATS[dtype]}", raw, x))
        elif number in (5, 6):
            elements += wire.packed(raw, kind, x, y, "f" if number == 5 else "d")
        elif number in (7, 10):
            elements += wire.packed(raw, kind, x, y, "varint")
        elif number == 8 and kind == wire.BYTES:
            elements.append(raw[x:y])
    return dtype, shape, elements


def _from_tensor(raw: bytes, a: int, b: int, plugin: str) -> tuple[str, Any]:
    dtype, shape, elements = _tensor(raw, a, b)
    if plugin == "scalars" and elements and dtype != "string":
        return "scalars", float(elements[0])
    if plugin == "images" and len(elements) >= 3:
        return "images", {"width": int(elements[0]), "height": int(elements[1]), "bytes": elements[2], "more": elements[3:]}
    if plugin == "audio" and elements:
        return "audio", {"sampleRate": 0.0, "bytes": elements[0]}
    if plugin == "histograms" and len(shape) == 2 and shape[1] == 3:
        return "histograms", _from_rows([elements[i : i + 3] for i in range(0, len(elements) - 2, 3)])
    if plugin == "text" or dtype == "string":
        return "text", {"shape": list(shape), "values": [e.decode("utf-8", "replace") for e in elements if isinstance(e, bytes)]}
    return "tensors", {"dtype": dtype, "shape": list(shape), "values": elements[:100]}


def _from_rows(rows: list[list[float]]) -> dict[str, Any]:
    """A v2 histogram (left, right, count per bucket); sums are those of the buckets' middles."""
    num = sum(r[2] for r in rows)
    middle = [(r[0] + r[1]) / 2 for r in rows]
    return {
        "min": rows[0][0] if rows else 0.0,
        "max": rows[-1][1] if rows else 0.0,
        "num": num,
        "sum": sum(m * r[2] for m, r in zip(middle, rows, strict=True)),
        "sumSquares": sum(m * m * r[2] for m, r in zip(middle, rows, strict=True)),
        "limits": [r[1] for r in rows],
        "counts": [r[2] for r in rows],
    }


_MAGIC = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF8", "image/gif"), (b"RIFF", "audio/wav"))


def media_type(data: bytes) -> str:
    """The type of an image or sound by its first bytes; nothing else is ever sent as one."""
    return next((kind for magic, kind in _MAGIC if data.startswith(magic)), "application/octet-stream")
