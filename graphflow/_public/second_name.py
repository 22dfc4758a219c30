"""A second dotted name of the package: what is imported below it are the package's own modules, not copies of them."""

from __future__ import annotations

import importlib
import importlib.machinery
import sys
import types
from collections.abc import Sequence
from typing import Any


class SecondName:
    """A finder and loader for sys.meta_path, by which `import second.a.b` gives the module first.a.b."""

    def __init__(self, first: str, second: str) -> None:
        self.first, self.second = f"{first}.", f"{second}."

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if not fullname.startswith(self.second):
            return None
        own = self.first + fullname.removeprefix(self.second)
        try:
            found = importlib.import_module(own)
        except ModuleNotFoundError as error:
            if error.name != own:
                raise
            return None
        loader: Any = self    # one by what it does: importlib.abc would cost every import of graphflow 1 ms
        return importlib.machinery.ModuleSpec(fullname, loader, loader_state=(found, found.__spec__))

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        found: types.ModuleType = spec.loader_state[0]
        return found

    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing to run: the module is loaded. Its spec, which the import has replaced, stays its own."""
        assert module.__spec__ is not None
        module.__spec__ = module.__spec__.loader_state[1]


def give(package: types.ModuleType, second: str) -> None:
    """From now on `import second` gives `package`, `import second.a` its module a."""
    sys.modules[second] = package
    sys.meta_path.insert(0, SecondName(package.__name__, second))
