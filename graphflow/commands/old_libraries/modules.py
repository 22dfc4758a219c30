"""Modules that are gone, and what stands in their place."""
from __future__ import annotations

import importlib
import importlib.util
import sys
import types
from typing import Any

from graphflow.commands.old_libraries import six_moves

# gone module -> the one that has its names now
MOVED = {
    "sklearn.cross_validation": "sklearn.model_selection",
    "sklearn.grid_search": "sklearn.model_selection",
    "sklearn.learning_curve": "sklearn.model_selection",
    "sklearn.datasets.samples_generator": "sklearn.datasets",
    "sklearn.externals.joblib": "joblib",
    "sklearn.externals.six": "six",
    "sklearn.metrics.ranking": "sklearn.metrics",
    "sklearn.neighbors.unsupervised": "sklearn.neighbors",
    "xml.etree.cElementTree": "xml.etree.ElementTree",
    "numpy.core": "numpy._core",
    "keras": "tensorflow.keras",
    "imp": "graphflow.commands.old_libraries.imp",
    "distutils.version": "graphflow.commands.old_libraries.versions",
    "six": "graphflow.commands.old_libraries.six",
    "six.moves": "graphflow.commands.old_libraries.six_moves",
    **{f"six.moves.{name}": target for name, target in six_moves.MODULES.items()},
    "scipy.misc": "",
    "IPython": "graphflow.commands.old_libraries.ipython",
    "IPython.display": "graphflow.commands.old_libraries.ipython",
}
_EMPTY = {"sklearn.externals": "sklearn", "distutils": ""}      # packages that held modules only, and what must be there for them


def put_in_place(name: str) -> bool:
    """Makes a module that is gone importable, where something of its kind is there; whether that worked."""
    parts = name.split(".")
    done = False
    for length in range(1, len(parts) + 1):
        part = ".".join(parts[:length])
        if part in sys.modules:
            continue
        module = _module(part)
        if module is not None:
            sys.modules[part] = module
            if length > 1:
                setattr(sys.modules[".".join(parts[:length - 1])], parts[length - 1], module)
            done = True
        else:
            try:
                importlib.import_module(part)
            except ImportError:
                return False
    return done


def _module(name: str) -> types.ModuleType | None:
    if name in _EMPTY and (not _EMPTY[name] or importlib.util.find_spec(_EMPTY[name])) and not _there(name):
        package = types.ModuleType(name)
        package.__path__ = []
        return package
    target = MOVED.get(name)
    if name.startswith("keras.") and "keras" in sys.modules and sys.modules["keras"].__name__ == "tensorflow.keras":
        target = f"tensorflow.{name}"
    if target is None or _there(name):
        return None
    if not target:
        return types.ModuleType(name)
    try:
        return importlib.import_module(target)
    except ImportError:
        return None


def _there(name: str) -> Any:
    try:
        return importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return None
