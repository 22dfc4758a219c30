"""Pieces of Python: expressions that know how tightly they bind, numbers, sizes, indices."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from .planned import Formless
from .sizes import Ratio, Size

ATOM, CALL, UNARY, TIMES, PLUS, AND, XOR, OR, COMPARE, LOOSE = range(10, 0, -1)


class Text(NamedTuple):
    """An expression. binds: how tightly its outermost operator binds."""
    text: str
    binds: int = ATOM

    def within(self, binds: int) -> str:
        """The text as an operand of an operator that binds so tightly."""
        return self.text if self.binds >= binds else f"({self.text})"


def infix(operator: str, binds: int, a: Text, b: Text) -> Text:
    """a operator b, both grouped from the left."""
    left = binds if binds != COMPARE else binds + 1
    return Text(f"{a.within(left)} {operator} {b.within(binds + 1)}", binds)


def call(function: str, *args: str | Text, **keywords: Any) -> Text:
    """function(args, keyword=value); keywords that are None are left out."""
    given = [a.text if isinstance(a, Text) else a for a in args]
    given += [f"{name}={value}" for name, value in keywords.items() if value is not None]
    return Text(f"{function}({', '.join(given)})", CALL)


def size_text(size: Any) -> Text:
    """A size as an expression."""
    text = str(size)
    return Text(text, PLUS if " + " in text or " - " in text else TIMES if " * " in text else UNARY if text.startswith("-") else ATOM)


def shape_text(shape: Sequence[Any]) -> str:
    """A shape as a tuple."""
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def dtype_text(dtype: np.dtype[Any]) -> str:
    """numpy's name of a dtype. Formless for one that is not numpy's own."""
    if dtype.kind == "b":
        return "bool"
    if dtype.kind == "O":
        return "object"
    if dtype.kind not in "iufc":
        raise Formless("numpy has no such type")
    return f"np.{dtype.name}"


def number_text(number: Any) -> Text:
    """A number of a plan as a Python number."""
    if isinstance(number, Size):
        return size_text(number)
    if isinstance(number, Ratio):
        factor, size = number_text(number.factor), size_text(number.size)
        if number.law == "unbiased":
            return infix("/", TIMES, size, infix("-", PLUS, size, factor))
        return infix("/" if number.law == "over" else "*", TIMES, factor, size)
    if isinstance(number, (bool, np.bool_)):
        return Text(str(bool(number)))
    if isinstance(number, (float, np.floating)):
        if number != number:
            return Text("np.nan")
        text = str(float(str(number)))
        return Text("np.inf" if text == "inf" else "-np.inf" if text == "-inf" else text, UNARY if text.startswith("-") else ATOM)
    if isinstance(number, (complex, np.complexfloating)):
        return Text(repr(complex(number)), PLUS)
    return Text(str(int(number)), UNARY if number < 0 else ATOM)


def typed_number(number: Any, dtype: np.dtype[Any]) -> Text:
    """A number of a plan as one of numpy's."""
    if dtype.kind == "b" and isinstance(number, (bool, np.bool_)):
        return call("np.bool_", str(bool(number)))
    return call(dtype_text(dtype) if dtype.kind != "b" else "np.bool_", number_text(number))


def index_text(index: Sequence[Any]) -> str:
    """What stands in the brackets of a slice."""
    return ", ".join(_one(part) for part in index) or "..."


def _one(part: Any) -> str:
    if part is Ellipsis:
        return "..."
    if isinstance(part, slice):
        start, stop, step = ("" if p is None else str(p) for p in (part.start, part.stop, part.step))
        return f"{start}:{stop}" + (f":{step}" if step else "")
    return str(part)


def comment_shape(shape: Any) -> str:
    """[n, 64], for comments."""
    return "[?]" if shape is None else f"[{', '.join(map(str, shape))}]"
