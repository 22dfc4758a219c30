"""TensorFlow 2's names: `import graphflow.compat.v2 as tf`. Importing it switches eager execution on.

Names are resolved on first touch: those that mean the same in both from the table of TensorFlow 1's, others by the tables of
`names` and the functions of `changed`.
"""
from __future__ import annotations

import sys as _sys
import types as _types
from typing import Any as _Any

from graphflow.platform import behavior as _behavior

from . import resolving as _resolving

_behavior.enable_v2_behavior()

__version__ = _resolving.VERSION
__path__ = list(__path__)


def __getattr__(name: str) -> _Any:
    return _resolving.attribute("", name)


def __dir__() -> list[str]:
    return _resolving.names_in("")


def _namespaces() -> None:
    for dotted in sorted(_resolving.NAMESPACES):
        module = _types.ModuleType(f"{__name__}.{dotted}", f"TensorFlow 2's tf.{dotted}.")
        module.__dict__.update(__getattr__=_resolving.getter(dotted), __dir__=_resolving.lister(dotted), __path__=[])
        _sys.modules[module.__name__] = module
        parent, _, leaf = dotted.rpartition(".")
        setattr(_sys.modules[f"{__name__}.{parent}" if parent else __name__], leaf, module)


_namespaces()
