"""graphflow: TensorFlow 1 programs on numpy. `import graphflow as tf`.

Public names are resolved on first touch from a generated table, so importing the package costs little more than numpy.
"""
import sys as _sys

from ._public import namespace as _namespace

__version__ = "0.1.0"
_WITH_FILES = frozenset(("contrib", "data", "datasets", "distributions", "estimator", "feature_column", "keras",
                         "layers", "losses", "profiler", "summary", "train", "viewer"))

_resolve, _names = _namespace.resolver("")
_namespace.install(_sys.modules[__name__], _WITH_FILES)


def __dir__() -> list[str]:
    return sorted({*_names(), "contrib"})     # whose names are read at its first touch


def __getattr__(name: str) -> object:
    if name in _WITH_FILES:
        import importlib  # at first use: `import graphflow` itself resolves nothing
        try:
            return importlib.import_module(f"{__name__}.{name}")
        except ModuleNotFoundError as error:
            if error.name != f"{__name__}.{name}":
                raise
    return _resolve(name)
