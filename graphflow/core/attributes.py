"""Values of attributes as Python gives them, and as an op class declares them."""
from __future__ import annotations

from typing import Any

_KINDS: dict[str, tuple[Any, str]] = {"bool": (bool, "bool"), "int": (int, "int"), "float": (float, "float"), "str": (str, "string")}


def declared(cls: Any, name: str, value: Any) -> Any:
    """A given attribute as its declaration says: None is the default, where there is one; TypeError for what is no such thing."""
    if value.__class__ is list:
        value = tuple(value)
    kind = cls.annotations.get(name, "")
    accepted, word = _KINDS.get(kind, (None, ""))
    if accepted is None or value.__class__ is accepted:
        return value
    if value is None and cls.defaults.get(name) is not None:
        return cls.defaults[name]
    try:
        if isinstance(value, str) != (kind == "str") and not (kind == "str" and isinstance(value, bytes)):
            raise TypeError
        if kind == "bool" and value not in (0, 1):
            raise TypeError
        return value if kind == "str" else accepted(value)
    except (TypeError, ValueError):
        raise TypeError(f"Expected {word} for argument '{name}' not {value!r}.") from None
