"""What an op takes and gives, written in one line.

"a: T, b: T -> product: T" with
    T        a type attribute, or a dtype by name (int32, string)      &T   a reference input, written by the op
    T*       list of one dtype, its length in attribute N               T*k  the same, its length in attribute k
    [Ts]     list of any dtypes, attribute Ts holds them                @    resource handle; kernels receive the value
`&` inputs are updated and `@` inputs read unless the class says otherwise by `accesses` (see core.effects).
"""
from __future__ import annotations

from typing import NamedTuple

from . import dtypes
from .dtypes import DType


class Arg(NamedTuple):
    """One input or output of a signature. arity: 'one', 'list' (number attr) or 'mixed' (type list attr)."""
    name: str
    type: str
    is_ref: bool
    is_handle: bool
    arity: str
    number: str
    fixed: DType | None


class Signature(NamedTuple):
    """A parsed line; ref_inputs and handle_inputs are positions."""
    inputs: tuple[Arg, ...]
    outputs: tuple[Arg, ...]
    plain: bool                      # no list among the inputs
    ref_inputs: tuple[int, ...]
    handle_inputs: tuple[int, ...]


def parse_side(text: str, fields: tuple[str, ...], owner: str) -> tuple[Arg, ...]:
    """The arguments on one side of the arrow. fields: the op's attributes, which types may name; owner: for the message."""
    found = []
    for part in filter(None, (p.strip() for p in text.split(","))):
        name, _, type_text = (p.strip() for p in part.partition(":"))
        is_ref, arity, number = type_text.startswith("&"), "one", ""
        type_text = type_text.lstrip("&")
        is_handle = type_text.startswith("@")
        if is_handle:
            type_text = type_text.lstrip("@") or "resource"
        if type_text.startswith("["):
            arity, type_text = "mixed", type_text.strip("[]")
        elif "*" in type_text:
            arity, (type_text, number) = "list", (p.strip() for p in type_text.split("*"))
            number = number or "N"
        fixed = None
        if type_text not in fields:
            fixed = getattr(dtypes, "bool" if type_text == "bool" else type_text, None)
            if not isinstance(fixed, DType):
                raise TypeError(f"{owner}: {type_text!r} in the signature is neither an attribute nor a dtype")
        found.append(Arg(name, type_text, is_ref, is_handle, arity, number, fixed))
    return tuple(found)
