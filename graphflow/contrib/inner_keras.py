"""tf.contrib.keras: tf.keras by its first name, with the inner modules that programs reached into (`python.keras.layers`)."""
from __future__ import annotations

import importlib
import sys
import types
from typing import Any

_OUTER = ("python", "keras", "api")      # packages that hold tf.keras once more


class Keras(types.ModuleType):
    """A module that shows the names of tf.keras."""

    def __getattr__(self, name: str) -> Any:
        if name in _OUTER:
            return self
        return getattr(importlib.import_module("graphflow.keras"), name)

    def __dir__(self) -> list[str]:
        return dir(importlib.import_module("graphflow.keras"))


def module() -> types.ModuleType:
    """The one that stands for tf.contrib.keras."""
    made = sys.modules.setdefault("graphflow.contrib.keras", Keras("graphflow.contrib.keras", __doc__))
    made.__path__ = []
    return made
