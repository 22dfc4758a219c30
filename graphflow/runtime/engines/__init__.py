"""Engines turn plans into callables. `load(name)` gives the compile function of one: (plan, binding) -> program."""
from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

_HOMES = {"numpy": ".numpy_engine"}


def choose(config: Any) -> str:
    """The engine that a ConfigProto names, else GRAPHFLOW_ENGINE, else numpy."""
    name = getattr(config, "engine", "") if config is not None else ""
    return name or os.environ.get("GRAPHFLOW_ENGINE", "") or "numpy"


def load(name: str) -> Callable[[Any, Any], Any]:
    """The compile function of an engine; NotImplementedError for one that this version does not have."""
    return _home(name).compile_plan  # type: ignore[no-any-return]


def _home(name: str) -> Any:
    import importlib

    home = _HOMES.get(name)
    if home is None:
        raise NotImplementedError(f"engine {name!r} is not available; this version has: {', '.join(_HOMES)}. "
                                  "Choose one by tf.ConfigProto(engine=...) or GRAPHFLOW_ENGINE.")
    return importlib.import_module(home, __name__)
