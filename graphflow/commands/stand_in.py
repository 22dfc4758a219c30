"""Makes `import tensorflow` give graphflow, in this process.

A finder at the front of sys.meta_path answers for `tensorflow` and everything below it. `tensorflow.a.b` is a module that looks its
names up in graphflow's namespaces: those that `inner_modules` lists for it, else `graphflow.a.b`. Nothing is copied, so a lazily
made name is made when it is first touched.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import re
import sys
import types
from collections.abc import Iterator, Sequence
from typing import Any

from graphflow.commands.inner_modules import ALIASES, FAMILIES, PACKAGES, RAW, keras_namespaces
from graphflow.ops.raw import raw_function
from graphflow.platform.behavior import VERSION

REFUSED: dict[str, str] = {}
_eager: list[bool] = []     # holds something where tensorflow is TensorFlow 2


class StandIn(types.ModuleType):
    """A module whose names are graphflow's."""

    _namespaces: tuple[str, ...]

    def __getattr__(self, name: str) -> Any:
        own = f"{self.__name__}.{name}"
        refuse(own, AttributeError)
        if own in ALIASES or own in PACKAGES:
            return importlib.import_module(own)
        if name in ("__version__", "VERSION"):
            return "2.0.0" if _eager else VERSION
        error = None
        for namespace in namespaces(() if name.startswith("__") else self._namespaces):
            try:
                value = getattr(namespace, name)
            except AttributeError as missing:  # says what to do instead, or which names are near
                error = error or missing
                continue
            setattr(self, name, value)
            return value
        if self.__name__ in RAW or self.__name__.rpartition(".")[2].startswith("gen_"):
            try:
                return raw_function(name)
            except AttributeError as missing:
                error = error or missing
        if error is not None and len(self._namespaces) == 1:
            raise type(error)(str(error).replace("module 'graphflow", "module 'tensorflow", 1))
        raise AttributeError(f"module '{self.__name__}' has no attribute '{name}' (graphflow stands in for tensorflow)")

    def __dir__(self) -> list[str]:
        return sorted({name for namespace in namespaces(self._namespaces) for name in dir(namespace)})


def module(name: str) -> StandIn:
    """What `import name` gives: a module of tensorflow."""
    made = StandIn(name, f"graphflow, standing in for {name}")
    made._namespaces = sources(name) or ()
    return made


def namespaces(paths: Sequence[str]) -> Iterator[Any]:
    """graphflow's namespaces of these dotted paths; those that do not exist are left out."""
    for path in paths:
        found = resolve(path)
        if found is not None:
            yield found


def resolve(path: str) -> Any:
    """graphflow.`path`: a submodule or an attribute, None if it is neither."""
    value: Any = importlib.import_module("graphflow")
    for part in path.split(".") if path else ():
        try:
            value = getattr(value, part)
        except (AttributeError, ModuleNotFoundError):
            name = f"{getattr(value, '__name__', '')}.{part}"
            if name in sys.modules:        # one that was made without a file
                value = sys.modules[name]
                continue
            if not name.startswith("graphflow.") or not hasattr(value, "__path__") or importlib.util.find_spec(name) is None:
                return None
            value = importlib.import_module(name)
    return value


def refuse(name: str, exception: type[Exception]) -> None:
    """Raises `exception` where `name` lies in a part of TensorFlow that graphflow leaves out."""
    for prefix, reason in REFUSED.items():
        if (name == prefix or name.startswith(prefix + ".")) and resolve(name.removeprefix("tensorflow.")) is None:
            raise exception(reason)


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Answers imports of tensorflow and the modules below it."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.split(".")[0] not in ("tensorflow", "keras") or fullname.split(".")[0] == "keras" and keras_is_installed():
            return None
        refuse(fullname, ModuleNotFoundError)
        if sources(fullname) is None:
            text = f"No module named '{fullname}' (graphflow stands in for tensorflow)"
            raise ModuleNotFoundError(". ".join(filter(None, (text, why_not(fullname)))), name=fullname)
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return module(spec.name)

    def exec_module(self, made: types.ModuleType) -> None:
        """Nothing to run: names are looked up when touched."""


def keras_is_installed() -> bool:
    """Whether `import keras` finds a package of that name; where it does not, it gives tf.keras."""
    return importlib.machinery.PathFinder.find_spec("keras") is not None


def why_not(fullname: str) -> str:
    """What graphflow says of tensorflow's public module or name: that it is not there yet, and what to do instead; '' if it is there."""
    path = fullname.removeprefix("tensorflow.").removeprefix("compat.v1.")
    if path.split(".")[0] in ("python", "core", "compiler", "examples"):
        return ""
    value: Any = importlib.import_module("graphflow")
    for part in path.split("."):
        try:
            value = getattr(value, part)
        except AttributeError as missing:
            return str(missing).replace("module 'graphflow", "module 'tensorflow", 1)
    return ""


def advice(error: BaseException) -> str:
    """What to do about a name that `from tensorflow import name` did not find; Python leaves out what the module said of it."""
    found = re.match(r"cannot import name '(\w+)' from '(tensorflow[\w.]*)'", str(error)) if isinstance(error, ImportError) else None
    return why_not(f"{found[2]}.{found[1]}") if found else ""


def sources(fullname: str) -> tuple[str, ...] | None:
    """The graphflow namespaces that module `fullname` of tensorflow shows; None if graphflow has nothing for it."""
    if fullname == "tensorflow" and _eager:
        return ("compat.v2",)
    if fullname in ALIASES:
        return ALIASES[fullname]
    if fullname in PACKAGES:
        return ()
    if fullname.startswith("tensorflow.core.") and fullname.endswith("_pb2"):
        return ("formats.proto",)
    path = fullname.removeprefix("tensorflow.compat.v1.").removeprefix("tensorflow.").removeprefix("python.")
    if path.split(".")[0] == "keras":
        shown = keras_namespaces(path)
        return tuple(f"compat.v2.{name}" for name in shown) if shown and _eager else shown
    if _eager and not fullname.startswith(("tensorflow.compat.", "tensorflow.python")):
        if resolve(f"compat.v2.{path}") is not None:
            return (f"compat.v2.{path}",)
    if resolve(path) is not None:
        return (path,)
    return next((shown for family, shown in FAMILIES.items() if fullname.startswith(family)), None)


def install(eager: bool = False) -> None:
    """From now on `import tensorflow` gives graphflow; a tensorflow imported before stays where it is in use.

    eager: TensorFlow 2's names, and eager execution.
    """
    if eager:
        importlib.import_module("graphflow.compat.v2")
        _eager.append(True)
    if not any(isinstance(finder, Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, Finder())
    for name in [name for name in sys.modules if name == "tensorflow" or name.startswith("tensorflow.")]:
        if not isinstance(sys.modules[name], StandIn):
            del sys.modules[name]


def uninstall() -> None:
    """Undoes install; eager execution stays."""
    _eager.clear()
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, Finder)]
    for name in [name for name, module in sys.modules.items() if isinstance(module, StandIn)]:
        del sys.modules[name]
