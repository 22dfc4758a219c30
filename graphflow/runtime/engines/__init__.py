"""Engines turn plans into programs (engine.py says what one is). `load(name)` gives one, `fallback` what one lacks."""
from __future__ import annotations

import importlib
import os
from typing import Any

from .engine import Engine

HOMES = {"numpy": "graphflow.runtime.engines.numpy_engine"}      # modules whose ENGINE is imported when first asked for


def choose(config: Any) -> str:
    """The engine that a ConfigProto names, else GRAPHFLOW_ENGINE, else numpy."""
    name = getattr(config, "engine", "") if config is not None else ""
    return name or os.environ.get("GRAPHFLOW_ENGINE", "") or "numpy"


def load(name: str) -> Engine:
    """An engine by name; NotImplementedError for one that this version does not have."""
    home = HOMES.get(name)
    if home is None:
        raise NotImplementedError(f"engine {name!r} is not available; this version has: {', '.join(HOMES)}. "
                                  "Choose one by tf.ConfigProto(engine=...) or GRAPHFLOW_ENGINE.")
    return importlib.import_module(home).ENGINE
