"""Attributes of one node as text, parsed when a card asks for them: AttrValue, shapes, and a taste of constants."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphflow.viewer import wire
from graphflow.viewer.errors import ViewerError

DTYPES = {
    1: "float32",
    2: "float64",
    3: "int32",
    4: "uint8",
    5: "int16",
    6: "int8",
    7: "string",
    8: "complex64",
    9: "int64",
    10: "bool",
    11: "qint8",
    12: "quint8",
    13: "qint32",
    14: "bfloat16",
    15: "qint16",
    16: "quint16",
    17: "uint16",
    18: "complex128",
    19: "float16",
    20: "resource",
    21: "variant",
    22: "uint32",
    23: "uint64",
    24: "float8_e5m2",
    25: "float8_e4m3fn",
    26: "float8_e4m3fnuz",
    27: "float8_e4m3b11fnuz",
    28: "float8_e5m2fnuz",
    29: "int4",
    30: "uint4",
    31: "int2",
    32: "uint2",
    33: "float4_e2m1fn",
}
SIZES = {
    "float32": 4,
    "float64": 8,
    "int32": 4,
    "uint8": 1,
    "int16": 2,
    "int8": 1,
    "complex64": 8,
    "int64": 8,
    "bool": 1,
    "bfloat16": 2,
    "uint16": 2,
    "complex128": 16,
    "float16": 2,
    "uint32": 4,
    "uint64": 8,
}
LONGEST = 400  # characters of one attribute's text
MOST = 24  # elements of one list

Shape = tuple[int | None, ...] | None


def dtype_name(number: int) -> str:
    """`float32` for 1, `float32_ref` for 101."""
    return DTYPES[number - 100] + "_ref" if number - 100 in DTYPES else DTYPES.get(number, f"type {number}")


def shape_of(buf: bytes, a: int, b: int) -> Shape:
    """Dimensions of a TensorShapeProto; None stands for an unknown one, and for an unknown rank."""
    dims: list[int | None] = []
    for number, kind, x, y in wire.fields(buf, a, b):
        if number == 3 and kind == wire.VARINT and x:
            return None
        if number == 2 and kind == wire.BYTES:
            size = next((wire.signed(v) for n, w, v, _ in wire.fields(buf, x, y) if n == 1 and w == wire.VARINT), 0)
            dims.append(None if size < 0 else size)
    return tuple(dims)


def shape_text(shape: Shape) -> str:
    """`?x784`; a scalar is `scalar`, an unknown rank `<unknown>`."""
    if shape is None:
        return "<unknown>"
    return "x".join("?" if d is None else str(d) for d in shape) or "scalar"


def type_text(dtype: str, shape: Shape) -> str:
    """`float32 [?, 784]`"""
    dims = "<unknown>" if shape is None else "[" + ", ".join("?" if d is None else str(d) for d in shape) + "]"
    return f"{dtype} {dims}".strip()


def attr_ranges(buf: bytes, start: int, end: int) -> dict[str, tuple[int, int]]:
    """Where the value of each attribute of a node lies."""
    out: dict[str, tuple[int, int]] = {}
    for number, kind, a, b in wire.fields(buf, start, end):
        if number == 5 and kind == wire.BYTES:
            name, value = "", (b, b)
            for n, w, x, y in wire.fields(buf, a, b):
                if n == 1 and w == wire.BYTES:
                    name = wire.text(buf, x, y)
                elif n == 2 and w == wire.BYTES:
                    value = (x, y)
            out[name] = value
    return out


def attributes(buf: bytes, start: int, end: int) -> list[dict[str, str]]:
    """Name, kind and text of each attribute of a node, sorted by name."""
    out = []
    for name, (a, b) in sorted(attr_ranges(buf, start, end).items()):
        try:
            kind, text = attr_value(buf, a, b)
        except (ViewerError, RecursionError) as error:
            kind, text = "damaged", str(error)
        out.append({"name": name, "kind": kind, "value": _short(text)})
    return out


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST] + f"… ({len(text):,} characters)"


def attr_value(buf: bytes, a: int, b: int, depth: int = 0) -> tuple[str, str]:
    """(kind, text) of an AttrValue."""
    if depth > 20:
        return "list", "…"
    kind, text = "unset", ""
    for number, how, x, y in wire.fields(buf, a, b):
        if number == 1 and how == wire.BYTES:
            kind, text = "list", _list(buf, x, y, depth)
        elif number in _NAMES:
            kind, text = _NAMES[number], _single(buf, number, how, x, y, depth)
    return kind, text


_NAMES = {2: "string", 3: "int", 4: "float", 5: "bool", 6: "type", 7: "shape", 8: "tensor", 9: "placeholder", 10: "func"}


def _single(buf: bytes, number: int, how: int, x: int, y: int, depth: int) -> str:
    if number in (3, 5, 6) and how == wire.VARINT:
        return str(wire.signed(x)) if number == 3 else dtype_name(x) if number == 6 else "true" if x else "false"
    if number == 4 and how == wire.FOUR:
        return _number(wire.single(buf, x))
    if how != wire.BYTES:
        return ""
    if number in (2, 9):
        return printable(buf[x:y])
    if number == 7:
        return (
            "[" + ", ".join("?" if d is None else str(d) for d in s) + "]"
            if (s := shape_of(buf, x, y)) is not None
            else "<unknown>"
        )
    if number == 8:
        return tensor_text(buf, x, y)
    return next((wire.text(buf, c, d) for n, w, c, d in wire.fields(buf, x, y) if n == 1 and w == wire.BYTES), "")


def _number(value: float) -> str:
    return f"{value:.7g}"


def printable(raw: bytes) -> str:
    """Text as it is; bytes that are no text as escapes."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw[:LONGEST].decode("latin-1").encode("unicode_escape").decode()


def _list(buf: bytes, a: int, b: int, depth: int) -> str:
    parts: list[str] = []
    for number, how, x, y in wire.fields(buf, a, b):
        if number in (3, 5, 6):
            values = wire.packed(buf, how, x, y, "varint")
            parts += [
                str(v) if number == 3 else dtype_name(v) if number == 6 else "true" if v else "false" for v in values[:MOST]
            ]
            parts += ["…"] if len(values) > MOST else []
        elif number == 4:
            parts += [_number(v) for v in wire.packed(buf, how, x, y, "f")[:MOST]]
        else:
            parts.append({8: "tensor", 9: "function"}.get(number) or _single(buf, number, how, x, y, depth + 1))
        if len(parts) > MOST:
            return "[" + ", ".join(parts[:MOST]) + ", …]"
    return "[" + ", ".join(parts) + "]"


def tensor_text(buf: bytes, a: int, b: int) -> str:
    """`float32 [2, 3]: 1, 2, 3, …` of a TensorProto."""
    dtype, shape, values = "", None, ""
    for number, how, x, y in wire.fields(buf, a, b):
        if number == 1 and how == wire.VARINT:
            dtype = dtype_name(x)
        elif number == 2 and how == wire.BYTES:
            shape = shape_of(buf, x, y)
        elif number == 4 and y > x:
            values = _content(buf[x : min(y, x + 16 * MOST)], dtype, y - x)
        elif number in (5, 6):
            values = _join([_number(v) for v in wire.packed(buf, how, x, y, "f" if number == 5 else "d")[: MOST + 1]])
        elif number in (7, 10, 11):
            numbers = wire.packed(buf, how, x, y, "varint")[: MOST + 1]
            values = _join([("true" if v else "false") if number == 11 else str(v) for v in numbers])
        elif number == 8 and values.count(",") < MOST:
            values += (", " if values else "") + repr(printable(buf[x:y][:LONGEST]))
    return f"{type_text(dtype, shape)}: {values}" if values else type_text(dtype, shape)


def _join(values: list[str]) -> str:
    return ", ".join(values[:MOST]) + (", …" if len(values) > MOST else "")


def _content(raw: bytes, dtype: str, size: int) -> str:
    if dtype not in SIZES or dtype == "bfloat16":
        return f"{size:,} bytes"
    each = SIZES[dtype]
    numbers = np.frombuffer(raw[: len(raw) // each * each], np.dtype(dtype).newbyteorder("<"))[:MOST]
    return _join([f"{v:.7g}" if v.dtype.kind == "f" else str(v) for v in numbers]) + (", …" if size > each * len(numbers) else "")


def output_types(buf: bytes, start: int, end: int) -> list[tuple[str, Shape]]:
    """(dtype, shape) of each output as far as the node itself tells: `_output_shapes`, and its type attributes."""
    found = attr_ranges(buf, start, end)
    try:
        shapes = _shape_list(buf, *found["_output_shapes"]) if "_output_shapes" in found else None
        dtypes = _types(buf, found)
        if shapes is None:
            one = next((found[name] for name in ("shape", "value") if name in found), None)
            shapes = [_own_shape(buf, one)] if one else []
    except ViewerError:
        return []
    n = max(len(shapes), len(dtypes), 1)
    last = dtypes[0] if dtypes else ""
    return [
        (dtypes[i] if len(dtypes) > 1 and i < len(dtypes) else last, shapes[i] if i < len(shapes) else None) for i in range(n)
    ]


_TYPE_NAMES = ("dtype", "out_type", "DstT", "output_dtype", "T", "output_types", "Tout", "dtypes", "SrcT", "type")


def _types(buf: bytes, found: dict[str, tuple[int, int]]) -> list[str]:
    for name in _TYPE_NAMES:
        if name in found:
            kind, text = attr_value(buf, *found[name])
            if kind == "type":
                return [text]
            if kind == "list":
                return text.strip("[]").split(", ") if text != "[]" else []
    return []


def _shape_list(buf: bytes, a: int, b: int) -> list[Shape]:
    return [
        shape_of(buf, x, y)
        for n, w, c, d in wire.fields(buf, a, b)
        if n == 1 and w == wire.BYTES
        for m, v, x, y in wire.fields(buf, c, d)
        if m == 7 and v == wire.BYTES
    ]


def _own_shape(buf: bytes, span: tuple[int, int]) -> Shape:
    for number, how, x, y in wire.fields(buf, *span):
        if number == 7 and how == wire.BYTES:
            return shape_of(buf, x, y)
        if number == 8 and how == wire.BYTES:
            return next((shape_of(buf, c, d) for n, w, c, d in wire.fields(buf, x, y) if n == 2 and w == wire.BYTES), ())
    return None


def size_in_bytes(dtype: str, shape: Shape) -> int:
    """Bytes of a tensor; 0 when a dimension or the type is unknown."""
    if shape is None or None in shape:
        return 0
    total: Any = SIZES.get(dtype.removesuffix("_ref"), 0)
    for d in shape:
        total *= d
    return int(total)


def elements(shape: Shape) -> int | None:
    """How many elements, or None when that is unknown."""
    if shape is None or None in shape:
        return None
    total = 1
    for d in shape:
        total *= d or 0
    return total
