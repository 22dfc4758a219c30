"""Names that stand in several namespaces of tf.contrib."""
from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ..core.export import export

T = TypeVar("T")


def home(*spaces: str) -> Callable[..., Callable[[T], T]]:
    """A decorator `named("flatten", ...)` that exports each name in each of these namespaces of tf.contrib."""
    def named(*names: str) -> Callable[[T], T]:
        return export(*(f"contrib.{space}.{name}" for space in spaces for name in names))
    return named


layers_and_slim = home("layers", "slim")
framework_and_slim = home("framework", "slim")
