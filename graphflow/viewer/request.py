"""What a request asks for, checked: the parameters of an address as numbers and names, and answers that are no JSON."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from graphflow.viewer.errors import ViewerError

Query = dict[str, list[str]]


class NotFound(ViewerError):
    """Nothing is there under this id."""


@dataclass
class Raw:
    """An answer that is no JSON. data: bytes, or pieces that go out as they are made."""

    data: bytes | Iterable[bytes]
    type: str
    name: str = ""


def number(query: Query, name: str, default: int, low: int, high: int) -> int:
    """A whole number from the request, within bounds."""
    text = query.get(name, [""])[0]
    if not text:
        return default
    try:
        value = int(text)
    except ValueError:
        raise ViewerError(f"`{name}` must be a number, not {text[:40]!r}") from None
    if not low <= value <= high:
        raise ViewerError(f"`{name}` must lie between {low} and {high}")
    return value


def real(query: Query, name: str) -> float | None:
    """A finite number from the request, or None without one."""
    text = query.get(name, [""])[0]
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        raise ViewerError(f"`{name}` must be a number, not {text[:40]!r}") from None
    if not math.isfinite(value):
        raise ViewerError(f"`{name}` must be finite")
    return value


def one(query: Query, name: str) -> str:
    if name not in query:
        raise ViewerError(f"`{name}` is missing")
    return query[name][0]
