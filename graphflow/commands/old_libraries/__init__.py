"""Names that libraries had when a program was written and have no more: they answer for the program that runs, and for nothing else.

The program's own modules get an `__import__` of their own, by which `import numpy` gives a module that has numpy's names and the
old ones besides; other libraries import numpy itself. Where a whole module is gone, a module in its place is given.
"""
from __future__ import annotations

import builtins
import importlib
import sys
import types
from collections.abc import Callable, Mapping
from typing import Any

from graphflow.commands.old_libraries import modules, numpy_names, plain_names, scipy_names, sklearn_names

NAMES: dict[str, Callable[[], Mapping[str, Any]]] = {
    "numpy": numpy_names.names, "scipy": scipy_names.names, "scipy.misc": scipy_names.misc, "scipy.ndimage": scipy_names.ndimage,
    "scipy.signal": scipy_names.signal, "matplotlib.pyplot": plain_names.pyplot, "matplotlib.cm": plain_names.colormaps,
    "time": plain_names.time, "collections": plain_names.collections, "inspect": plain_names.inspect, "fractions": plain_names.fractions,
    "base64": plain_names.base64, "os": plain_names.os, "sklearn.datasets": sklearn_names.datasets,
    "sklearn.preprocessing": sklearn_names.preprocessing, "matplotlib": dict, "sklearn": dict,
}


class WithOldNames(types.ModuleType):
    """A library's module with its old names besides. What is set on it is set on the library."""

    def __init__(self, name: str, real: types.ModuleType | None) -> None:
        super().__init__(name, getattr(real, "__doc__", None))
        self.__dict__.update(_real=real, _old=None)

    def __getattr__(self, name: str) -> Any:
        if self._old is None:
            self.__dict__["_old"] = NAMES[self.__name__]()
        if name in self._old:
            return self._old[name]
        below = f"{self.__name__}.{name}"
        if below in NAMES and (below in sys.modules or self._real is None or not hasattr(self._real, name)):
            return with_old_names(below)
        if self._real is None:
            raise AttributeError(f"module '{self.__name__}' has no attribute '{name}'", name=name, obj=self)
        found = getattr(self._real, name)
        if below in NAMES and isinstance(found, types.ModuleType):
            return with_old_names(below)
        return found

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if self._real is not None and not name.startswith("__"):
            setattr(self._real, name, value)

    def __dir__(self) -> list[str]:
        return sorted({*dir(self._real), *self.__dict__})


_made: dict[str, WithOldNames] = {}


def with_old_names(name: str) -> WithOldNames:
    """The module of this name with its old names; ModuleNotFoundError if the library is not there at all."""
    if name not in _made:
        try:
            real: types.ModuleType | None = importlib.import_module(name)
        except ModuleNotFoundError:
            if name == name.partition(".")[0] or name != "scipy.misc":
                raise
            real = None      # a module that is gone from a library that is there
        _made[name] = WithOldNames(name, real)
    return _made[name]


def script_builtins() -> dict[str, Any]:
    """The builtins of a program's modules: Python's, with an `__import__` that knows old names."""
    return {**vars(builtins), "__import__": import_for_script}


def import_for_script(name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0) -> Any:
    """Python's __import__, whose modules have their old names."""
    if level:
        return builtins.__import__(name, globals, locals, fromlist, level)
    try:
        found = builtins.__import__(name, globals, locals, fromlist, 0)
    except ModuleNotFoundError as error:
        if not (error.name and name.startswith(error.name) and modules.put_in_place(name)):
            raise
        found = builtins.__import__(name, globals, locals, fromlist, 0)
    shown = name if fromlist else name.partition(".")[0]
    for part in fromlist or ():
        if part != "*" and not hasattr(found, part):
            modules.put_in_place(f"{name}.{part}")         # from sklearn.externals import joblib
    if shown in NAMES and isinstance(found, types.ModuleType) and "*" not in (fromlist or ()):
        return with_old_names(shown)
    return found
