"""Late: names that are imported on first touch, for what a program's first run can do without.

    _late = Late(cut="graphflow.plan.segments:cut")  # at first use: saves 3 ms; ...
    _late.cut(...)

Each use says in its comment what that saves. It is for start-up only: modules that need each other are parted, not hidden from each other.
"""
from __future__ import annotations

from importlib import import_module
from typing import Any


class Late:
    """name="module" or name="module:member": the module, or the member of it, as an attribute."""

    def __init__(self, **homes: str):
        self._homes = homes

    def __getattr__(self, name: str) -> Any:
        home = self.__dict__["_homes"].get(name)
        if home is None:
            raise AttributeError(f"no late name {name!r}")
        module, _, member = home.partition(":")
        found = import_module(module)
        found = getattr(found, member) if member else found
        setattr(self, name, found)
        return found
