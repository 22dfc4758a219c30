"""tf.keras of TensorFlow 2: the namespaces of graphflow.keras, with other defaults where TensorFlow 2 has others."""
from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Callable
from typing import Any

from graphflow import keras
from graphflow._public.keras_api import TABLE
from graphflow._public.namespace import namespaces

from .keras_layers import OWN

_HOME = f"{__package__}.keras"
_made: dict[str, types.ModuleType] = {}


def space(dotted: str = "") -> types.ModuleType:
    """The module that stands for tf.keras, or for tf.keras.dotted."""
    name = f"{_HOME}.{dotted}" if dotted else _HOME
    found = _made.get(name)
    if found is None:
        behind: Any = importlib.import_module(f"graphflow.keras.{dotted}") if dotted else keras
        found = types.ModuleType(name, f"TensorFlow 2's tf.keras{dotted and '.'}{dotted}.")
        found.__dict__.update(__getattr__=_getter(found, behind, dotted), __dir__=lambda: dir(behind), __path__=[])
        sys.modules[name] = _made[name] = found
        if not dotted:
            for inner in sorted(namespaces(TABLE)):         # so that `from ...keras.layers import Dense` finds them
                if inner.startswith("keras."):
                    space(inner.removeprefix("keras."))
    return found


def _getter(module: types.ModuleType, behind: Any, dotted: str) -> Callable[[str], Any]:
    def __getattr__(name: str) -> Any:
        public = f"{dotted}.{name}" if dotted else name
        value: Any = OWN.get(public)
        if value is None:
            value = getattr(behind, name)
            if isinstance(value, types.ModuleType) and value.__name__ == f"graphflow.keras.{public}":
                value = space(public)
        setattr(module, name, value)
        return value
    return __getattr__
