"""Public names, resolved on first touch from the generated table `graphflow._api`.

`tf.nn`, `tf.linalg`, ... are modules made here without files; packages with files of their own that double as public
namespaces (train, summary, ...) take their `__getattr__` from `resolver`.
"""
from __future__ import annotations

import importlib
import sys
import types
import warnings
from collections.abc import Callable
from typing import Any

from ._api import TABLE

_warned: set[str] = set()
_ROOT = __name__.rpartition(".")[0]


def lookup(public: str) -> Any:
    """The object behind a public name ('nn.relu'); KeyError when there is none. Old names warn once."""
    where, _, new = TABLE[public].partition("!")
    module, _, attribute = where.partition(":")
    found: Any = importlib.import_module(module)
    for part in attribute.split("."):
        found = getattr(found, part)
    if new and public not in _warned:
        _warned.add(public)
        warnings.warn(f"tf.{public} is TF1's old name of tf.{new}; please use tf.{new} instead.", DeprecationWarning, stacklevel=3)
    return found


def namespaces() -> set[str]:
    """Dotted names of all public namespaces."""
    found: set[str] = set()
    for name in TABLE:
        parts = name.split(".")[:-1]
        found.update(".".join(parts[:i + 1]) for i in range(len(parts)))
    return found


def resolver(namespace: str) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """`__getattr__` and `__dir__` of the module that stands for a public namespace ('' is the package itself)."""
    prefix = f"{namespace}." if namespace else ""
    home = f"{_ROOT}.{namespace}" if namespace else _ROOT

    def __getattr__(name: str) -> Any:
        public = prefix + name
        if public not in TABLE:
            raise AttributeError(_missing(public, home))
        value = lookup(public)
        if "!" not in TABLE[public]:
            setattr(sys.modules[home], name, value)
        return value

    def __dir__() -> list[str]:
        return sorted({n[len(prefix):].split(".")[0] for n in TABLE if n.startswith(prefix)})

    return __getattr__, __dir__


def _missing(public: str, home: str) -> str:
    import difflib
    near = difflib.get_close_matches(public, TABLE, n=3)
    hint = f" Near names: {', '.join('tf.' + n for n in near)}." if near else ""
    return f"module '{home}' has no attribute '{public.rpartition('.')[2]}' (tf.{public} is not part of graphflow).{hint}"


def install(package: types.ModuleType, with_files: frozenset[str]) -> None:
    """Makes a module for each public namespace that has no file, as attribute of its parent and in sys.modules."""
    for dotted in sorted(namespaces()):
        full = f"{_ROOT}.{dotted}"
        if dotted.split(".")[0] in with_files and "." not in dotted:
            continue
        module = types.ModuleType(full, f"Public namespace tf.{dotted}.")
        module.__getattr__, module.__dir__ = resolver(dotted)  # type: ignore[method-assign]
        module.__path__ = []
        sys.modules[full] = module
        parent, _, leaf = dotted.rpartition(".")
        if parent and parent.split(".")[0] in with_files and "." not in parent:
            continue  # the package's own __getattr__ finds it through sys.modules
        setattr(sys.modules[f"{_ROOT}.{parent}"] if parent else package, leaf, module)
